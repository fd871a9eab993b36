package customer

import (
	"fmt"
	"io"
	"strings"

	"counterseal/internal/web/ui"
)

// Write prints what the first page shows, as text.
func Write(out io.Writer, v View, lang string) {
	w, s := ui.WordsFor(lang), sheet{View: v, Lang: lang, words: texts[lang]}
	p := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }
	if p("%s", s.T("headline")); v.Representative != "" {
		p("%s", s.With("representative", v.Name, v.Representative))
	} else {
		p("%s", s.With("for", v.Name))
	}
	p("\n%s", s.T("where"))
	for _, k := range v.Kept {
		place := s.T("where.unknown")
		if k.Country != "" {
			place = strings.TrimPrefix(k.City+", "+w.Country(k.Country), ", ")
		}
		p("  %s: %s (%s)", w.Of(ui.Services, k.Service), place, k.Region)
		if k.Ciphertext {
			p("    %s", s.T("keys.customer"))
		}
	}
	p("\n%s\n%s", s.T("law"), s.T("law.lead"))
	for _, role := range s.Roles() {
		p("\n  %s", s.T("law."+role))
		for _, l := range s.Heap(role) {
			may := ""
			if !l.Certain {
				may = " (" + s.T("law.may") + ")"
			}
			p("    %s%s: %s\n      %s", w.Country(l.Law), may, l.Says, l.Cite)
		}
	}
	p("\n%s\n%s", s.T("notices"), s.T("notices.lead"))
	for _, n := range v.Notices {
		p("  %s, %s", w.Date(n.At), n.Title)
	}
	if len(v.Notices) == 0 {
		p("  %s", s.T("notices.none"))
	}
	p("\n%s", s.T("refused"))
	for _, f := range v.Figures {
		p("  %s: %s", s.With("refused.period", w.Date(f.From), w.Date(f.To)), s.With("refused.says", f.Received, f.Refused, f.Given))
	}
	if len(v.Figures) == 0 {
		p("  %s", s.T("refused.none"))
	}
}
