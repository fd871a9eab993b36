package law_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/fact"
	"counterseal/internal/law"
	"counterseal/internal/problem"
)

func matrixOf(t *testing.T, asOf, jurisdiction string) law.Matrix {
	t.Helper()
	m, err := engine(t, embedded(t)...).Matrix(asOf, jurisdiction)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// cells writes one row: the answers by category.
func cells(m law.Matrix, instrument string) string {
	for _, r := range m.Rows {
		if r.Instrument != instrument {
			continue
		}
		var out []string
		for _, c := range r.Cells {
			out = append(out, string(c.Answer))
		}
		return strings.Join(out, " ")
	}
	return "no row"
}

func TestTheMatrixSaysWhatThePacksAnswer(t *testing.T) {
	now := matrixOf(t, "2026-11-27", "")
	for instrument, want := range map[string]string{
		"sca_warrant":       "if if if if",
		"sca_d_order":       "if if if no",
		"admin_subpoena":    "if if if no",
		"civil_subpoena":    "- - - no", // that nothing stands against it does not make it reach
		"fisa_directive":    "no no yes yes",
		"copo":              "no no no if",
		"ipa_authorisation": "if if if no",
		"epoc":              "if if if if",
		"ie_order":          "yes yes if no", // an address is user data, s. 1(c)(v), unless we allocated it: that only warns
	} {
		if got := cells(now, instrument); got != want {
			t.Errorf("%s: %s, want %s", instrument, got, want)
		}
	}
	// Before 2010 no rule of the packs held content back from an order under 2703(d).
	if got := cells(matrixOf(t, "2009-01-01", "us"), "sca_d_order"); strings.HasSuffix(got, "no") {
		t.Errorf("in 2009: %s", got)
	}
}

func TestTheMatrixSaysWhoMaySign(t *testing.T) {
	m := matrixOf(t, "2026-11-27", "eu")
	i := slices.IndexFunc(m.Rows, func(r law.Instrument) bool { return r.Instrument == "epoc" })
	got := map[string]string{}
	for _, c := range m.Rows[i].Cells {
		got[c.Category] = fmt.Sprint(c.Signers, c.Validators)
	}
	any := "[judge investigating_judge prosecutor] [judge court investigating_judge prosecutor]"
	judges := "[judge investigating_judge] [judge court investigating_judge]" // Art. 4(2): no prosecutor
	if d := cmp.Diff(map[string]string{"subscriber": any, "identification": any, "traffic": judges, "content": judges}, got); d != "" {
		t.Fatal(d)
	}
}

// The matrix is generated: what it says of a cell is what the engine finds.
func TestEveryCellIsBorneOutByAnAssessment(t *testing.T) {
	e := engine(t, embedded(t)...)
	m := matrixOf(t, "2026-11-27", "")
	ids := map[string]bool{}
	for _, p := range embedded(t) {
		for _, r := range p.Rules {
			ids[r.ID] = true
		}
		for _, r := range p.Reach {
			ids[r.ID] = true
		}
	}
	for _, r := range m.Rows {
		if len(r.Cells) != 4 {
			t.Fatalf("%s has %d cells", r.Instrument, len(r.Cells))
		}
		for _, c := range r.Cells {
			for _, id := range c.Rules {
				if !ids[id] {
					t.Errorf("%s is no rule", id)
				}
			}
			if (c.Answer == law.Never) != (len(c.Rules) > 0) || (c.Answer == law.Partly) != (len(c.Conditions) > 0) {
				t.Errorf("%s %s: %+v", r.Instrument, c.Category, c)
			}
		}
		for _, c := range r.Conditions {
			if c.Requires == "" && c.Where == "" || len(c.Facts) == 0 {
				t.Errorf("%s: a condition without words: %+v", r.Instrument, c)
			}
		}
	}
	// A subpoena for content: the cell and the assessment name the same rule.
	var f fact.Facts
	for k, v := range map[string]any{"kind": "data", "requester": "government", "issuing_country": "US", "instrument": "trial_subpoena", "asks_content": true, "as_of": "2026-11-27"} {
		if err := f.Set(k, v); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := outcomeOf(e, "us.sca.subpoena_content", f); got != law.Violated {
		t.Fatal(got)
	}
	i := slices.IndexFunc(m.Rows, func(r law.Instrument) bool { return r.Instrument == "trial_subpoena" })
	if !slices.Contains(m.Rows[i].Cells[3].Rules, "us.sca.subpoena_content") {
		t.Fatalf("%+v", m.Rows[i].Cells[3])
	}
}

func TestAMatrixOfNothingIsRefused(t *testing.T) {
	e := engine(t, embedded(t)...)
	if _, err := e.Matrix("2026-11-27", "fr"); problem.Code(err) != "law.no_jurisdiction" {
		t.Error(err)
	}
	if _, err := e.Matrix("yesterday", ""); problem.Code(err) != "fact.date" {
		t.Error(err)
	}
}
