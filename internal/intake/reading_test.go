package intake_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/demand"
	"counterseal/internal/fact"
	"counterseal/internal/intake"
)

// cut parts a letter of testdata/readings from what is to be proposed of it.
const cut = "==== proposes\n"

// TestWhatALetterLeavesNoDoubtAboutIsProposed reads letters of four languages, some
// of which must propose nothing.
func TestWhatALetterLeavesNoDoubtAboutIsProposed(t *testing.T) {
	paths, err := filepath.Glob("testdata/readings/*.txt")
	if err != nil || len(paths) < 24 {
		t.Fatalf("%d letters, %v", len(paths), err)
	}
	silent := 0
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text, want, _ := strings.Cut(string(b), cut)
		p := intake.Proposed(intake.Reading{Text: text}, nil)
		got := summary(p)
		if strings.HasPrefix(got, "nothing\n") {
			silent++
		}
		if *update {
			if err := os.WriteFile(path, []byte(text+cut+got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", path, d)
		}
		places(t, text, p)
	}
	if silent < 8 {
		t.Errorf("%d letters propose nothing, want 8", silent)
	}
}

// summary writes what is proposed, and each remark, with the words it rests on.
func summary(p intake.Proposals) string {
	var b strings.Builder
	for _, w := range []struct {
		name string
		word *intake.ProposedWord
	}{{"kind", p.Kind}, {"instrument", p.Instrument}, {"number", p.Number}, {"signed", p.Signed}, {"due", p.Due}} {
		if w.word != nil {
			fmt.Fprintf(&b, "%s: %s (%s)\n", w.name, w.word.Value, w.word.Stated)
		}
	}
	if x := p.Period; x != nil {
		fmt.Fprintf(&b, "period: %s to %s (%s)\n", x.From, x.Until, x.Stated)
		if x.Today != nil {
			fmt.Fprintf(&b, "today: %s\n", x.Today.Stated)
		}
	}
	if b.Len() == 0 {
		b.WriteString("nothing\n")
	}
	for _, r := range p.Remarks {
		b.WriteString("remark: " + r.Code)
		for _, q := range r.Quotes {
			b.WriteString(" (" + q.Stated + ")")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// quoted are the words of the letter that the choices and remarks rest on.
func quoted(p intake.Proposals) (out []intake.Quote) {
	for _, w := range []*intake.ProposedWord{p.Kind, p.Instrument, p.Number, p.Signed, p.Due} {
		if w != nil {
			out = append(out, intake.Quote{Stated: w.Stated, Place: w.Place})
		}
	}
	for _, w := range p.Numbers {
		out = append(out, intake.Quote{Stated: w.Stated, Place: w.Place})
	}
	for _, x := range p.Periods {
		out = append(out, intake.Quote{Stated: x.Stated, Place: x.Place})
		if x.Today != nil {
			out = append(out, *x.Today)
		}
	}
	for _, r := range p.Remarks {
		out = append(out, r.Quotes...)
	}
	return out
}

func TestEveryChoiceIsAWordOfTheSchemaAndEveryRemarkIsSaid(t *testing.T) {
	for _, path := range letters(t) {
		p := intake.Proposed(readLetter(t, path), nil)
		checkWords(t, p)
	}
}

func checkWords(t *testing.T, p intake.Proposals) {
	t.Helper()
	if p.Instrument != nil {
		var f fact.Facts
		if err := f.Set("instrument", p.Instrument.Value); err != nil {
			t.Error(err)
		}
	}
	if p.Kind != nil {
		known := false
		for _, k := range demand.DemandKinds {
			known = known || string(k) == p.Kind.Value
		}
		if !known {
			t.Errorf("%q is no kind", p.Kind.Value)
		}
	}
	for _, r := range p.Remarks {
		if r.Says() == "" || len(r.Quotes) == 0 && r.Code != "reading.long" {
			t.Errorf("%+v says nothing", r)
		}
	}
}

func TestOfALongLetterNoKindIsProposed(t *testing.T) {
	p := intake.Proposed(intake.Reading{Text: "Please preserve the account data. " + strings.Repeat("More of it. ", 8000) + "Produce it."}, nil)
	if p.Kind != nil || p.Instrument != nil || len(p.Remarks) == 0 || p.Remarks[len(p.Remarks)-1].Code != "reading.long" {
		t.Errorf("%+v", p)
	}
}
