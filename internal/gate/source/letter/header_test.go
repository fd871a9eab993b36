package letter

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHeaderFields(t *testing.T) {
	const text = "Return-Path: <x>\nRECEIVED : one;\n\tfolded\nnot a field\n  continued\nreceived: two\nDate: first\r\n date\r\n" +
		"X-Date: no\nDate-X: no\nda te: no\ndate\x00: no\n: no\ndate: second\nfrom: f\nSender: s\nto: t1\nTO: t2\nCc:c\nbcc: b\nDelivered-To: d1\nDelivered-To: d2\n\r\nDate: body\n"
	var h Head
	n, ok := h.Parse([]byte(text), "delivered-to")
	if !ok || n != strings.Index(text, "\r\nDate: body")+2 {
		t.Fatalf("%d %v", n, ok)
	}
	var people []string
	for _, v := range h.recipients {
		people = append(people, strings.TrimSpace(string(v)))
	}
	if d := cmp.Diff([]string{"f", "s", "t1", "t2", "c", "b"}, people); d != "" {
		t.Error(d)
	}
	if got := string(h.received); got != " one;\n\tfolded\n" {
		t.Errorf("received %q", got)
	}
	if got := string(h.delivered); got != " d1\n" || !h.wasHanded {
		t.Errorf("delivered %q", got)
	}
	if h.dates != 2 {
		t.Errorf("%d dates", h.dates)
	}
}

func TestAHeaderBlockIsBounded(t *testing.T) {
	var h Head
	for _, line := range []string{"X: y\n", " folded\n", strings.Repeat("x", 1000), "Received: x\n y\n"} {
		for _, short := range []int{0, 1, 2, 3} {
			b := []byte(strings.Repeat(line, MaxHead/len(line)+2))
			b = b[:MaxHead-short]
			n, ok := h.Parse(b, "")
			if !ok || n != len(b) {
				t.Errorf("%q: %d bytes without an end: %d %v", line, len(b), n, ok)
			}
		}
		b := []byte(strings.Repeat(line, MaxHead/len(line)+2))[:MaxHead+1]
		if _, ok := h.Parse(b, ""); ok {
			t.Errorf("%q: over the limit", line)
		}
	}
}

func FuzzHeader(f *testing.F) {
	f.Add([]byte("Date: x\n y\nReceived: a;b\n\nbody"))
	f.Add([]byte("\r\n"))
	f.Add([]byte("D\r\n\r"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var h Head
		n, ok := h.Parse(b, "delivered-to")
		if !ok || n > len(b) {
			t.Fatalf("%d of %d, %v", n, len(b), ok)
		}
		// An independent way to the same end.
		end := len(b)
		for at := 0; at < len(b); {
			nl := bytes.IndexByte(b[at:], '\n')
			if nl < 0 {
				break
			}
			line := bytes.TrimSuffix(b[at:at+nl], []byte("\r"))
			at += nl + 1
			if len(line) == 0 {
				end = at
				break
			}
		}
		if n != end {
			t.Fatalf("header of %d bytes, want %d", n, end)
		}
	})
}
