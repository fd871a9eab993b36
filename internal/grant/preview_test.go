package grant_test

import (
	"testing"

	"pgregory.net/rapid"

	"counterseal/internal/grant"
)

// One item more or less is told nowhere but at the edge of a band, and no band is
// narrower than ten: decision 0024.
func TestNoRoundedNumberIsFinerThanTen(t *testing.T) {
	for n, want := range map[int64]string{0: "0-10", 1: "0-10", 10: "0-10", 11: "11-20", 20: "11-20", 91: "91-100", 100: "91-100", 101: "101-110", 995: "991-1000", 1000: "991-1000", 1001: "1001-1100", 123456: "120001-130000"} {
		if got := grant.Banded(n).String(); got != want {
			t.Errorf("%d is told as %s, not %s", n, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 1<<52).Draw(t, "n")
		b := grant.Banded(n)
		if n < b.Least || n > b.Most || b.Most-b.Least < 9 || b.Least < 0 {
			t.Fatalf("%d is told as %v", n, b)
		}
		// Bands lie side by side, and each number of one is told by the same.
		if grant.Banded(b.Least) != b || grant.Banded(b.Most) != b || grant.Banded(b.Most+1).Least != b.Most+1 {
			t.Fatalf("%v is not one band", b)
		}
	})
}

func TestEveryMonthThatIsAskedForHasARowAlsoWhereNothingIs(t *testing.T) {
	s := selector("acct-a1")
	s.From, s.Until = noon.AddDate(0, -13, 0), noon
	rows := grant.Months(scopeOf(s, selector("acct-b2")))
	if len(rows) != 14 || rows[0].Month != s.From.Format("2006-01") || rows[13].Month != noon.Format("2006-01") || rows[3].Items != (grant.Band{Most: 10}) {
		t.Fatalf("%v", rows)
	}
	p := samplePreview()
	p.Rows = p.Rows[1:]
	if _, err := p.Bytes(); err == nil {
		t.Error("a month was left out")
	}
	p = samplePreview()
	p.Rows[0].Items = grant.Band{Least: 3, Most: 3}
	if _, err := p.Bytes(); err == nil {
		t.Error("an exact number was stated")
	}
}

func FuzzParsePreview(f *testing.F) {
	seed(f, "preview")
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := grant.ParsePreview(text)
		again(t, text, err, p.Bytes)
	})
}
