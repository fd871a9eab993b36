package ciphertext

import (
	"bufio"
	"bytes"
	"mime"
	"net/textproto"
	"slices"
	"strings"
)

// MaxHead is how much of an item is looked at, in bytes.
const MaxHead = 16 << 10

// Forms lists every form that Of can name.
var Forms = []string{"age", "openpgp", "smime", "cms", "luks"}

// Known reports whether a form is one of Forms.
func Known(form string) bool { return slices.Contains(Forms, form) }

var beginnings = []struct{ with, form string }{
	{"-----BEGIN AGE ENCRYPTED FILE-----", "age"},
	{"-----BEGIN PGP MESSAGE-----", "openpgp"},
	{"LUKS\xba\xbe", "luks"},
}

// The content types of CMS whose content is encrypted, as they stand in DER.
var enveloped = [][]byte{
	{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03},             // id-envelopedData
	{0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x17}, // id-ct-authEnvelopedData
	{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06},             // id-encryptedData
}

// Of names the form in which an item is encrypted, by its first MaxHead bytes; "" where
// the head does not say so surely.
func Of(head []byte) string {
	head = head[:min(len(head), MaxHead)]
	for _, b := range beginnings {
		if bytes.HasPrefix(head, []byte(b.with)) {
			return b.form
		}
	}
	switch {
	case isAge(head):
		return "age"
	case isOpenPGP(head):
		return "openpgp"
	case isCMS(head):
		return "cms"
	}
	return ofMail(head)
}

// isCMS: a DER or BER SEQUENCE that begins with such a content type.
func isCMS(head []byte) bool {
	if len(head) < 2 || head[0] != 0x30 {
		return false
	}
	body := head[2:]
	if n := int(head[1]); n > 0x80 { // the length's own length
		if n-0x80 > 4 || len(body) < n-0x80 {
			return false
		}
		body = body[n-0x80:]
	}
	return slices.ContainsFunc(enveloped, func(oid []byte) bool { return bytes.HasPrefix(body, oid) })
}

// ofMail looks at the content type of a mail as a whole.
func ofMail(head []byte) string {
	if end := bytes.Index(head, []byte("\r\n\r\n")); end >= 0 {
		head = head[:end+4]
	} else if end := bytes.Index(head, []byte("\n\n")); end >= 0 {
		head = head[:end+2]
	} else {
		return ""
	}
	if lower := bytes.ToLower(head); !bytes.Contains(lower, []byte("multipart/encrypted")) && !bytes.Contains(lower, []byte("pkcs7-mime")) {
		return "" // nearly every mail
	}
	h, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(head))).ReadMIMEHeader()
	if err != nil || len(h["Content-Type"]) != 1 {
		return ""
	}
	kind, with, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return ""
	}
	switch {
	case kind == "multipart/encrypted" && strings.EqualFold(with["protocol"], "application/pgp-encrypted"):
		return "openpgp"
	case kind == "application/pkcs7-mime" || kind == "application/x-pkcs7-mime":
		if s := strings.ToLower(with["smime-type"]); s == "enveloped-data" || s == "authenveloped-data" {
			return "smime"
		}
	}
	return ""
}
