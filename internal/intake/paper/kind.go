package paper

import (
	"bytes"
	"net/http"
	"strings"
	"unicode/utf8"
)

// Kind is what a paper is by its bytes.
type Kind string

const (
	Empty   Kind = "empty"
	PDF     Kind = "pdf"
	Text    Kind = "text"
	Web     Kind = "html"
	Mail    Kind = "mail"
	Image   Kind = "image"
	Office  Kind = "office"
	Archive Kind = "archive"
	Signed  Kind = "signed" // a CMS envelope (.p7m, .p7s)
	Program Kind = "program"
	Unknown Kind = "unknown"
)

// magic are the beginnings that say what a file is.
var magic = []struct {
	begin, media string
	kind         Kind
}{
	{"%PDF-", "application/pdf", PDF},
	{"\x89PNG\r\n\x1a\n", "image/png", Image},
	{"\xff\xd8\xff", "image/jpeg", Image},
	{"GIF87a", "image/gif", Image},
	{"GIF89a", "image/gif", Image},
	{"II*\x00", "image/tiff", Image},
	{"MM\x00*", "image/tiff", Image},
	{"BM", "image/bmp", Image},
	{"{\\rtf", "application/rtf", Office},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage", Office},
	{"PK\x03\x04", "application/zip", Archive},
	{"PK\x05\x06", "application/zip", Archive},
	{"\x1f\x8b", "application/gzip", Archive},
	{"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", Archive},
	{"Rar!\x1a\x07", "application/vnd.rar", Archive},
	{"BZh", "application/x-bzip2", Archive},
	{"\xfd7zXZ\x00", "application/x-xz", Archive},
	{"MZ", "application/vnd.microsoft.portable-executable", Program},
	{"\x7fELF", "application/x-elf", Program},
	{"\xcf\xfa\xed\xfe", "application/x-mach-binary", Program},
	{"#!", "text/x-script", Program},
}

// signedData is the object identifier 1.2.840.113549.1.7.2 (RFC 5652) in DER.
var signedData = []byte("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02")

// Sniff says what the bytes are, and the media type of that. What a sender stated
// plays no part.
func Sniff(b []byte) (Kind, string) {
	if len(b) == 0 {
		return Empty, ""
	}
	for _, m := range magic {
		if !bytes.HasPrefix(b, []byte(m.begin)) {
			continue
		}
		if len(m.begin) == 2 && m.kind != Archive && wordy(b) { // two letters: "BMW wrote …", "MZ"
			continue
		}
		if m.media == "application/zip" {
			return zipKind(b)
		}
		return m.kind, m.media
	}
	head := b[:min(len(b), 1024)]
	switch {
	case bytes.HasPrefix(b, []byte("RIFF")) && len(b) > 12 && string(b[8:12]) == "WEBP":
		return Image, "image/webp"
	case len(b) > 12 && string(b[4:8]) == "ftyp" && (string(b[8:10]) == "he" || string(b[8:10]) == "mi" || string(b[8:10]) == "av"):
		return Image, "image/heic"
	case bytes.Contains(head, []byte("%PDF-")):
		return PDF, "application/pdf" // readers accept the header within the first kilobyte
	case b[0] == 0x30 && bytes.Contains(b[:min(len(b), 32)], signedData), bytes.HasPrefix(b, []byte("-----BEGIN PKCS7")):
		return Signed, "application/pkcs7-mime"
	case looksLikeMail(head):
		return Mail, "message/rfc822"
	}
	if t := http.DetectContentType(b); strings.HasPrefix(t, "text/html") {
		return Web, "text/html"
	}
	if wordy(b) {
		return Text, "text/plain"
	}
	return Unknown, "application/octet-stream"
}

// wordy tells text from other bytes: a byte order mark, or no control characters
// but those of text in the first 64 KiB.
func wordy(b []byte) bool {
	if bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) {
		return true
	}
	for _, c := range b[:min(len(b), 64<<10)] {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b {
			return false
		}
	}
	return true
}

// looksLikeMail asks for two fields that mail begins with.
func looksLikeMail(head []byte) bool {
	fields := 0
	for i, line := range bytes.Split(head, []byte("\n")) {
		if i == 0 && bytes.HasPrefix(line, []byte("From ")) || len(line) > 0 && (line[0] == ' ' || line[0] == '\t') {
			continue
		}
		name, _, ok := bytes.Cut(line, []byte(":"))
		if !ok || !utf8.Valid(name) {
			break
		}
		switch strings.ToLower(string(bytes.TrimRight(name, " \t"))) {
		case "from", "to", "received", "return-path", "delivered-to", "date", "subject", "message-id", "mime-version", "x-original-to":
			fields++
		}
	}
	return fields >= 2
}

// claimed says what kind of file a name's end or a stated media type claims.
func claimed(stated, name string) (Kind, bool) {
	media, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(stated)), ";")
	switch media = strings.TrimSpace(media); {
	case media == "application/pdf" || media == "application/x-pdf":
		return PDF, true
	case media == "text/html" || media == "application/xhtml+xml":
		return Web, true
	case media == "text/plain" || media == "text/csv":
		return Text, true
	case media == "message/rfc822":
		return Mail, true
	case strings.HasPrefix(media, "image/") && media != "image/svg+xml":
		return Image, true
	case strings.HasPrefix(media, "application/vnd.openxmlformats"), strings.HasPrefix(media, "application/vnd.oasis"), media == "application/msword", strings.HasPrefix(media, "application/vnd.ms-"), media == "application/rtf":
		return Office, true
	case media == "application/pkcs7-mime" || media == "application/pkcs7-signature" || media == "application/x-pkcs7-mime" || media == "application/x-pkcs7-signature":
		return Signed, true
	}
	k, ok := endings[Ending(name)]
	return k, ok
}

var endings = map[string]Kind{"pdf": PDF, "html": Web, "htm": Web, "txt": Text, "csv": Text, "eml": Mail, "png": Image, "jpg": Image, "jpeg": Image, "gif": Image, "tif": Image,
	"tiff": Image, "bmp": Image, "webp": Image, "heic": Image, "doc": Office, "docx": Office, "docm": Office, "xls": Office, "xlsx": Office, "xlsm": Office, "ppt": Office, "pptx": Office,
	"odt": Office, "ods": Office, "rtf": Office, "zip": Archive, "p7m": Signed, "p7s": Signed}
