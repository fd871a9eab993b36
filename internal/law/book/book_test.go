package book_test

import (
	"bytes"
	"strings"
	"testing"

	"counterseal/internal/law"
	"counterseal/internal/law/book"
	"counterseal/internal/problem"
)

func loaded(t *testing.T) (*law.Engine, *law.Wording) {
	t.Helper()
	packs, err := law.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	e, err := law.NewEngine(packs...)
	if err != nil {
		t.Fatal(err)
	}
	w, err := law.NewWording()
	if err != nil {
		t.Fatal(err)
	}
	return e, w
}

func TestEveryRuleExplainsItself(t *testing.T) {
	e, w := loaded(t)
	for _, l := range book.List(w, e.Packs(), "") {
		x, err := w.Explain(e.Packs(), l.Rule)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		book.Explain(&b, x)
		text := b.String()
		parts := []string{l.Rule, x.Cite, x.Quote, x.Checked.Source, "Examples", law.DayWords(x.Checked.On)}
		for _, s := range x.Sentences {
			parts = append(parts, s.EN, s.DE, s.DA, s.IT)
		}
		for _, p := range parts {
			if !strings.Contains(text, p) {
				t.Errorf("%s does not say %q", l.Rule, p)
			}
		}
		for _, internal := range []string{"what is written here", "%!", "<nil>", "==", "&&"} {
			words, _, _ := strings.Cut(text, "As written in")
			if strings.Contains(words, internal) {
				t.Errorf("%s says %q:\n%s", l.Rule, internal, words)
			}
		}
	}
	if _, err := w.Explain(e.Packs(), "subpoena_fields"); problem.Code(err) != "law.no_rule" || !strings.Contains(problem.Of(err).Remedy, "us.sca.subpoena_fields") {
		t.Fatal(err)
	}
}

func papers(word string) string { return "«" + word + "»" }

// Guidelines are in one language throughout, and every jurisdiction has them.
func TestGuidelinesSpeakFourLanguages(t *testing.T) {
	e, _ := loaded(t)
	for _, j := range law.Jurisdictions(e.Packs()) {
		m, err := e.Matrix("2026-11-27", j)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, lang := range law.Languages {
			text := book.Markdown(book.Guidelines(e.Packs(), m, j, lang, papers))
			if seen[text] || strings.Count(text, "\n## ") != 6 || strings.Contains(text, "%!") {
				t.Errorf("%s in %s:\n%s", j, lang, text)
			}
			seen[text] = true
			if again := book.Markdown(book.Guidelines(e.Packs(), m, j, lang, papers)); again != text {
				t.Errorf("%s in %s is another text the second time", j, lang)
			}
			for _, english := range []string{"What we hold", "signed by", "from receipt", "read in the text", "on conditions"} {
				if lang != "en" && strings.Contains(text, english) {
					t.Errorf("%s in %s says %q", j, lang, english)
				}
			}
		}
	}
	m, err := e.Matrix("2026-11-27", "de")
	if err != nil {
		t.Fatal(err)
	}
	text := book.Markdown(book.Guidelines(e.Packs(), m, "de", "de", papers))
	for _, part := range []string{"# Hinweise für Behörden: Deutschland", "unterschrieben von: Richter", "3 Werktage, ab der Anordnung", "StPO §§ 100(2), 100e(1), 98b(1)"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
}

func TestThePagesHoldEveryRule(t *testing.T) {
	e, w := loaded(t)
	pages, err := book.Pages(e, w, book.Newest(e.Packs()))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range book.List(w, e.Packs(), "") {
		page := pages[l.Jurisdiction+".md"]
		_, entry, ok := strings.Cut(page, "### `"+l.Rule+"`")
		entry, _, _ = strings.Cut(entry, "\n### ")
		if !ok || !strings.Contains(entry, l.Cite) || strings.Count(entry, "- **Example** ") != 2 || !strings.Contains(entry, "- **Checked** ") {
			t.Errorf("%s: %s", l.Rule, entry)
		}
	}
}
