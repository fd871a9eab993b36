package mail

import (
	"bufio"
	"bytes"
	"io"
	"mime"
	netmail "net/mail"
	"strings"

	"github.com/emersion/go-message/charset"
	"github.com/emersion/go-message/textproto"

	"counterseal/internal/canon"
	"counterseal/internal/intake/paper"
)

// header reads the header block. Lines that are no fields are passed over with
// what continues them, so that the reader of fields, which stops at the first one,
// sees all the others. A block without one ordinary field is not a mail's.
func (l *Letter) header(original []byte) (textproto.Header, bool) {
	block := original[:min(len(original), maxHeader)]
	var clean bytes.Buffer
	ended, keep := false, false
	for n := 0; len(block) > 0; n++ {
		line := block
		if i := bytes.IndexByte(block, '\n'); i >= 0 {
			line = block[:i+1]
		}
		block = block[len(line):]
		bare := bytes.TrimRight(line, "\r\n")
		if len(bare) == 0 {
			ended = true
			break
		}
		if bare[0] != ' ' && bare[0] != '\t' {
			keep = isField(bare)
			if !keep && (n > 0 || !bytes.HasPrefix(bare, []byte("From "))) {
				l.remark("mail.field_broken", "")
			}
		}
		if keep {
			clean.Write(bytes.ReplaceAll(bare, []byte("\r"), []byte(" "))) // a lone CR ends no line (RFC 5322, 2.2)
			clean.WriteString("\r\n")
		}
	}
	if !ended && len(original) > maxHeader {
		l.remark("mail.header_cut", "")
	}
	clean.WriteString("\r\n")
	h, err := textproto.ReadHeader(bufio.NewReader(&clean))
	return h, err == nil && ordinary(h)
}

func isField(line []byte) bool {
	name, _, ok := bytes.Cut(line, []byte(":"))
	name = bytes.TrimRight(name, " \t")
	for _, c := range name {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return ok && len(name) > 0
}

func ordinary(h textproto.Header) bool {
	for _, name := range []string{"From", "To", "Date", "Subject", "Received", "Message-Id", "Return-Path", "Sender", "Reply-To"} {
		if h.Has(name) {
			return true
		}
	}
	return false
}

// fields takes those that a person reads.
func (l *Letter) fields(h textproto.Header) {
	for _, name := range []string{"From", "Sender", "Reply-To", "Date", "Subject", "Message-Id", "To", "Cc", "Content-Type"} {
		if len(h.Values(name)) > 1 {
			l.remark("mail.duplicate", name)
		}
	}
	var subjects []string
	for _, v := range h.Values("Subject") {
		subjects = append(subjects, l.words("Subject", v))
	}
	l.Subject = strings.Join(subjects, " | ")
	if trace := h.Values("Received"); len(trace) > 0 {
		l.Received = shown(trace[0]) // each server puts its own above those it was given (RFC 5321, 4.4)
	}
	l.MessageID = shown(strings.Join(h.Values("Message-Id"), " | "))
	dates := h.Values("Date")
	l.Stated = shown(strings.Join(dates, " | "))
	if len(dates) != 1 {
		return
	}
	t, err := netmail.ParseDate(dates[0])
	if err != nil || t.Year() < 1970 || t.Year() > 2199 {
		l.remark("mail.date", "")
		return
	}
	l.Date = t.UTC()
}

// decoder turns encoded words (RFC 2047) into UTF-8.
var decoder = mime.WordDecoder{CharsetReader: func(name string, in io.Reader) (io.Reader, error) { return charset.Reader(name, in) }}

// words decodes a value's encoded words, once, and makes the result one inert line.
func (l *Letter) words(field, value string) string {
	value = bounded(value)
	text, err := decoder.DecodeHeader(value)
	if err != nil {
		text = value
	}
	if text != value && strings.ContainsFunc(text, unseen) {
		l.remark("mail.hidden_line", field)
	}
	if !strings.Contains(value, "=?") {
		text = readable(text)
		if strings.ContainsFunc(text, unseen) {
			l.remark("paper.invisible", field)
		}
	}
	return canon.Text(text)
}

// unseen tells what a line of a header must not hold once decoded; a tab and the
// space that does not break are harmless.
func unseen(r rune) bool {
	return r != ' ' && r != '\t' && r != '\u00a0' && canon.Text(string(r)) == ""
}

// readable takes eight-bit values that are not UTF-8 as Windows-1252, as they were
// written before RFC 6532.
func readable(s string) string {
	if strings.ToValidUTF8(s, "") == s {
		return s
	}
	return paper.Western([]byte(s))
}

func bounded(s string) string { return s[:min(len(s), maxHeader)] }

// shown is a value as one inert line of at most maxValue bytes.
func shown(s string) string {
	if len(s) > maxValue {
		s = s[:maxValue]
	}
	return canon.Text(readable(s))
}
