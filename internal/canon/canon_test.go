package canon_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"counterseal/internal/canon"
	"counterseal/internal/problem"
)

const header = "counterseal-test-v1"

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if problem.Code(err) != code {
		t.Fatalf("got %v, want code %q", err, code)
	}
}

func TestATextIsItsHeaderAndOneLineForEachField(t *testing.T) {
	b, err := canon.Encode(header, []canon.Field{{Key: "order", Value: "a: b"}, {Key: "order", Value: "æ"}})
	if err != nil {
		t.Fatal(err)
	}
	if want := header + "\norder: a: b\norder: æ\n"; string(b) != want {
		t.Fatalf("got %q", b)
	}
}

func TestAValueThatAPersonCouldMisreadIsRefused(t *testing.T) {
	for name, bad := range map[string]string{
		"empty": "", "a line feed": "a\nb", "a carriage return": "a\rb", "a tab": "a\tb", "nul": "a\x00b", "delete": "a\x7fb", "C1": "a\u0085b",
		"a leading space": " a", "a trailing space": "a ", "a trailing no-break space": "a\u00a0", "an inner no-break space": "a\u00a0b",
		"right-to-left override": "a\u202eb", "isolate": "a\u2066b", "zero width space": "a\u200bb", "zero width joiner": "a\u200db", "byte order mark": "a\ufeffb",
		"line separator": "a\u2028b", "paragraph separator": "a\u2029b", "Hangul filler": "a\u3164b", "halfwidth filler": "a\uffa0b", "Braille blank": "a\u2800b",
		"grapheme joiner": "a\u034fb", "variation selector": "a\ufe0fb", "Khitan filler": "a\U00016fe4b", "null notehead": "a\U0001d159b",
		"a mark upon nothing": "\u0336a", "marks piled upon a letter": "a\u0301\u0302\u0303\u0304\u0305", "enclosing marks": "a\u20dd\u20dd\u20dd\u20dd\u20dd", "tag": "a\U000e0041b", "private": "a\ue000b", "unassigned": "a\u0378b",
		"not UTF-8": "a\xffb", "a surrogate": "a\xed\xa0\x80b", "too long": strings.Repeat("x", canon.MaxValue+1),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := canon.Encode(header, []canon.Field{{Key: "k", Value: "good"}, {Key: "k", Value: bad}}) // only the last is bad
			wantCode(t, err, "canon.value")
			_, err = canon.Decode(header, []byte(header+"\nk: good\nk: "+bad+"\n"))
			if err == nil {
				t.Fatal("it was read")
			}
		})
	}
}

func TestAKeyIsPlain(t *testing.T) {
	for _, bad := range []string{"", "K", "a b", "a:", "-a", "a-", "a_b", "æ", "a\u202e"} {
		_, err := canon.Encode(header, []canon.Field{{Key: "k", Value: "v"}, {Key: bad, Value: "v"}})
		wantCode(t, err, "canon.text")
		_, err = canon.Decode(header, []byte(header+"\nk: v\n"+bad+": v\n"))
		wantCode(t, err, "canon.text")
	}
}

func TestATextIsReadInItsOneFormOnly(t *testing.T) {
	good := header + "\na: b\n"
	if _, err := canon.Decode(header, []byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"nothing": "", "header alone": header + "\n", "another header": "counterseal-test-v2\na: b\n", "longer header": header + "x\na: b\n", "no last end": header + "\na: b",
		"a mark before": "\ufeff" + good, "an empty line": header + "\na: b\n\n", "an empty line first": header + "\n\na: b\n", "no colon": header + "\nab\n",
		"no space": header + "\na:b\n", "CR LF": header + "\r\na: b\r\n", "trailing": good + "x",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := canon.Decode(header, []byte(bad)); problem.Code(err) != "canon.text" && problem.Code(err) != "canon.value" {
				t.Fatalf("got %v", err)
			}
		})
	}
	// Both are well-formed but for their length.
	line := "k: " + strings.Repeat("v", canon.MaxValue) + "\n"
	_, err := canon.Decode(header, []byte(header+"\n"+strings.Repeat(line, canon.MaxText/len(line)+1)))
	wantCode(t, err, "canon.text")
	_, err = canon.Decode(header, []byte(header+"\n"+strings.Repeat("k: v\n", canon.MaxFields+1)))
	wantCode(t, err, "canon.text")
	_, err = canon.Encode(header, nil)
	wantCode(t, err, "canon.text")
	_, err = canon.Encode(header, slices.Repeat([]canon.Field{{Key: "k", Value: strings.Repeat("x", canon.MaxValue)}}, 65))
	wantCode(t, err, "canon.text")
}

// written is a text that is read as itself.
type written string

func (w written) Bytes() ([]byte, error) {
	if w == "" {
		return nil, errors.New("nothing to write")
	}
	return []byte(w), nil
}

func TestWhatWasReadIsGivenOnlyWhereTheTextIsItsOwnToTheByte(t *testing.T) {
	if got, err := canon.Exact(written("a"), []byte("a")); err != nil || got != "a" {
		t.Fatal(got, err)
	}
	got, err := canon.Exact(written("a"), []byte("a "))
	wantCode(t, err, "canon.text")
	if got != "" {
		t.Fatal("a text that is not exact was given")
	}
	if _, err := canon.Exact(written(""), nil); err == nil {
		t.Fatal("what cannot be written was given")
	}
}

func TestATimeHasOneForm(t *testing.T) {
	at := time.Date(2026, 3, 2, 10, 0, 0, 999, time.FixedZone("", 3600))
	if got := canon.Time(at); got != "2026-03-02T09:00:00Z" {
		t.Fatal(got)
	}
	got, err := canon.ParseTime("2026-03-02T09:00:00Z")
	if err != nil || !got.Equal(at.Truncate(time.Second)) {
		t.Fatal(got, err)
	}
	for _, bad := range []string{"", "2026-03-02", "2026-03-02T09:00:00.5Z", "2026-03-02T09:00:00,5Z", "2026-03-02T09:00:00+00:00", "2026-03-02t09:00:00z",
		"2026-02-30T09:00:00Z", "2026-03-02T24:00:00Z", " 2026-03-02T09:00:00Z", "2026-03-02T9:00:00Z"} {
		_, err := canon.ParseTime(bad)
		wantCode(t, err, "canon.text")
	}
}

func TestWordsOfOutsidersBecomeALine(t *testing.T) {
	for in, want := range map[string]string{
		"  a \t b\r\nc ": "a b c", "pay\u202eme": "pay me", "a\xffb": "a b", "\u200b\u3164": "", "Østerbro 7": "Østerbro 7",
		"\u0336 \u0336a": "a", "a" + strings.Repeat("\u0301", 400) + "b": "a\u0301\u0301\u0301\u0301b", "e\u0323\u0302 \u05d1\u05bc\u05b0": "e\u0323\u0302 \u05d1\u05bc\u05b0",
		strings.Repeat("x", 999) + " y": strings.Repeat("x", 999), strings.Repeat("x", 999) + "æ": strings.Repeat("x", 999),
	} {
		if got := canon.Text(in); got != want {
			t.Errorf("%.20q became %.20q", in, got)
		}
	}
}

func TestWhatIsEncodedIsReadBackTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var in []canon.Field
		for range rapid.IntRange(1, 8).Draw(t, "n") {
			in = append(in, canon.Field{Key: rapid.StringMatching(`[a-z0-9](-?[a-z0-9])*`).Draw(t, "key"), Value: canon.Text(rapid.String().Draw(t, "value"))})
		}
		empty := slices.ContainsFunc(in, func(f canon.Field) bool { return f.Value == "" })
		b, err := canon.Encode(header, in)
		if (err != nil) != empty {
			t.Fatalf("%q: %v", in, err)
		}
		if err != nil {
			return
		}
		out, err := canon.Decode(header, b)
		if err != nil || !slices.Equal(in, out) {
			t.Fatalf("%q became %q: %v", in, out, err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(header + "\na: b\nc-d: e f\n"))
	f.Add([]byte(header + "\na: \u202e\n"))
	f.Add([]byte(header + "\na: b\u0301\u0301\u0301\u0301\u0301\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		fields, err := canon.Decode(header, b)
		if err != nil {
			return
		}
		again, err := canon.Encode(header, fields)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("read, but written otherwise: %q, %q, %v", b, again, err)
		}
	})
}

func FuzzText(f *testing.F) {
	f.Add("a\u202eb")
	f.Add("\u0336 \u0336a\u0301\u0301\u0301\u0301\u0301 \u0301")
	f.Fuzz(func(t *testing.T, s string) {
		got := canon.Text(s)
		if !utf8.ValidString(got) || canon.Text(got) != got {
			t.Fatalf("%q became %q", s, got)
		}
		if _, err := canon.Encode(header, []canon.Field{{Key: "k", Value: got}}); got != "" && err != nil {
			t.Fatal(err)
		}
	})
}
