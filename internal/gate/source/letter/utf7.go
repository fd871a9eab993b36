package letter

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

var base64IMAP = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,").WithPadding(base64.NoPadding).Strict()

// DecodeFolder reads a mail folder's name in modified UTF-7 (RFC 3501 §5.1.3);
// false where it is none. Only the one right form of a name is accepted.
func DecodeFolder(name string) (string, bool) {
	var out []byte
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c < ' ' || c > '~' {
			return "", false
		}
		if c != '&' {
			out = append(out, c)
			continue
		}
		end := i + 1
		for end < len(name) && name[end] != '-' {
			end++
		}
		if end == len(name) {
			return "", false
		}
		if end == i+1 {
			out = append(out, '&')
		} else {
			var ok bool
			out, ok = shifted(out, name[i+1:end])
			if !ok || end+1 < len(name) && name[end+1] == '&' && end+2 < len(name) && name[end+2] != '-' {
				return "", false // two shifted parts in a row are one
			}
		}
		i = end
	}
	return string(out), true
}

// shifted reads UTF-16 in base64.
func shifted(out []byte, text string) ([]byte, bool) {
	b, err := base64IMAP.DecodeString(text)
	if err != nil || len(b)%2 != 0 || strings.ContainsAny(text, "\r\n") { // encoding/base64 passes over line ends
		return nil, false
	}
	for i := 0; i < len(b); i += 2 {
		r := rune(b[i])<<8 | rune(b[i+1])
		if utf16.IsSurrogate(r) {
			if i+3 >= len(b) {
				return nil, false
			}
			r = utf16.DecodeRune(r, rune(b[i+2])<<8|rune(b[i+3]))
			i += 2
			if r == utf8.RuneError {
				return nil, false
			}
		}
		if r >= ' ' && r <= '~' {
			return nil, false // it stands for itself
		}
		out = utf8.AppendRune(out, r)
	}
	return out, true
}
