package mbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"counterseal/internal/gate/source/letter"
)

// A record is a message as the reference cuts it: in memory, by lines.
type record struct {
	At, Start, End int64
	Separator      string
	Preamble       bool
}

func reference(file []byte) []record {
	var out []record
	var cur *record
	emptyBefore, at := true, int64(0)
	finish := func(end int64) {
		if cur == nil {
			return
		}
		content := file[cur.Start:end]
		if s := string(content); s == "\n" || s == "\r\n" || strings.HasSuffix(s, "\n\n") {
			end--
			if strings.HasSuffix(s, "\r\n") {
				end--
			}
		} else if strings.HasSuffix(s, "\n\r\n") {
			end -= 2
		}
		cur.End = end
		if !cur.Preamble || len(bytes.Trim(content, " \t\r\n")) > 0 {
			out = append(out, *cur)
		}
	}
	for _, line := range bytes.SplitAfter(file, []byte("\n")) {
		full, bare := len(line), bytes.TrimSuffix(line, []byte("\n"))
		if emptyBefore && bytes.HasPrefix(bare, []byte("From ")) && full <= maxSeparator {
			if _, _, ok := letter.SeparatorDate(bare[5:], false); ok {
				finish(at)
				cur = &record{At: at, Start: at + int64(full), Separator: string(bare)}
				if full > len(bare) {
					cur.Separator = strings.TrimSuffix(cur.Separator, "\r")
				}
			}
		}
		if cur == nil {
			cur = &record{Preamble: true}
		}
		emptyBefore = full > len(bare) && len(bytes.TrimSuffix(bare, []byte("\r"))) == 0
		at += int64(full)
	}
	finish(int64(len(file)))
	return out
}

// scanned cuts with a buffer of the given size and checks what was kept.
func scanned(file []byte, size int, r io.Reader) ([]record, error) {
	s := scanner{buf: make([]byte, size)}
	s.reset(r)
	var out []record
	for {
		m, err := s.next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		want := file[m.start:m.end]
		if m.content != nil && !bytes.Equal(m.content, want) {
			return out, fmt.Errorf("content of %d is not what is stored", m.at)
		}
		head := m.head[:min(len(m.head), len(want))]
		if !bytes.HasPrefix(want, head) || len(head) < min(len(want), size/2, letter.MaxHead+1) {
			return out, fmt.Errorf("head of %d: %d bytes", m.at, len(m.head))
		}
		out = append(out, record{m.at, m.start, m.end, string(m.separator), m.separator == nil})
	}
}

// pieces make files in which everything happens near everything else.
var pieces = []string{
	"From a b Thu Aug 22 12:00:00 2002\n", "From x@y Thu Aug 22 12:00:00 2002 +0100\r\n", "From afar\n", "From ", "From a Thu Aug 22 12:00:00 2002",
	">From a b Thu Aug 22 12:00:00 2002\n", "\n", "\r\n", "\r", "\n\n", " \n", "Subject: x\n", "text\n", "F", "\x00", "From a " + strings.Repeat("x", 970) + " Thu Aug 22 12:00:00 2002\n",
	"From a " + strings.Repeat("x", 1100) + " Thu Aug 22 12:00:00 2002\n", strings.Repeat("long ", 500),
}

func TestTheScannerCutsAsTheRuleSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file := []byte(strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 40).Draw(t, "pieces"), ""))
		size := rapid.IntRange(2*maxSeparator+64, 6000).Draw(t, "buffer")
		var r io.Reader = bytes.NewReader(file)
		if rapid.Bool().Draw(t, "one byte at a time") {
			r = iotest.OneByteReader(r)
		}
		got, err := scanned(file, size, r)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(reference(file), got); d != "" {
			t.Fatalf("%q with a buffer of %d: %s", file, size, d)
		}
	})
}

func TestASeparatorAtEveryPlaceInTheBuffer(t *testing.T) {
	const size = 2*maxSeparator + 100
	for pad := range size + 200 {
		file := []byte("From a Thu Aug 22 12:00:00 2002\n\n" + strings.Repeat("x", pad) + "\n\nFrom b Thu Aug 22 12:00:00 2002\n\nend\n")
		got, err := scanned(file, size, bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(reference(file), got); d != "" || len(got) != 2 {
			t.Fatalf("after %d bytes: %s", pad, d)
		}
	}
}

func TestAReadErrorIsNotTheEnd(t *testing.T) {
	broken := errors.New("the disk is gone")
	for _, n := range []int{0, 10, 40, 5000} {
		file := []byte("From a Thu Aug 22 12:00:00 2002\n\n" + strings.Repeat("x", 9000))
		_, err := scanned(file, 2*maxSeparator+100, io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

func FuzzScanner(f *testing.F) {
	f.Add([]byte(strings.Join(pieces, "")))
	f.Add([]byte("\nFrom a Thu Aug 22 12:00:00 2002\r\n\r\nFrom b Thu Aug 22 12:00:00 2002"))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := scanned(file, 2*maxSeparator+64, bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(reference(file), got); d != "" {
			t.Fatal(d)
		}
	})
}

var quoted = regexp.MustCompile(`(?m)^>(>*From )`)

func TestOneQuoteIsTakenFromQuotedSeparators(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{">", ">>", "From ", "Fro", "m ", "F", "\n", "\r\n", " ", "x", strings.Repeat(">", 40_000)})).Draw(t, "pieces"), "")
		var r io.Reader = strings.NewReader(in)
		if rapid.Bool().Draw(t, "one byte at a time") && len(in) < 1000 {
			r = iotest.OneByteReader(r)
		}
		got, err := io.ReadAll(newUnquoter(r))
		if err != nil {
			t.Fatal(err)
		}
		if want := quoted.ReplaceAllString(in, "$1"); string(got) != want {
			t.Fatalf("%.200q gives %.200q, want %.200q", in, got, want)
		}
	})
}

func TestUnquotingPassesAnErrorOn(t *testing.T) {
	broken := errors.New("the disk is gone")
	got, err := io.ReadAll(newUnquoter(io.MultiReader(strings.NewReader("a\n>>Fro"), iotest.ErrReader(broken))))
	if !errors.Is(err, broken) || string(got) != "a\n>>Fro" {
		t.Errorf("%q %v", got, err)
	}
}
