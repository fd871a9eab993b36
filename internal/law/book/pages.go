package book

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"strings"

	"counterseal/internal/law"
)

// Pages are the pages of docs/law by file name: one for each jurisdiction, and the
// index. asOf is the day of the matrix.
func Pages(e *law.Engine, w *law.Wording, asOf string) (map[string]string, error) {
	out := map[string]string{}
	packs := e.Packs()
	var index strings.Builder
	index.WriteString("# The law, as the packs have it\n\nGenerated from the rule packs by `counterseal law docs docs/law`; nothing here is written by hand. A rule proposes; people decide. " +
		"How well each rule was checked stands beside it.\n\n| Jurisdiction | Rules | Deadlines | Reach | Read in the text | From a secondary source | From memory |\n|---|---|---|---|---|---|---|\n")
	for _, j := range law.Jurisdictions(packs) {
		m, err := e.Matrix(asOf, j)
		if err != nil {
			return nil, err
		}
		counts := map[string]int{}
		for _, x := range List(w, packs, "") {
			if x.Jurisdiction == j {
				counts[x.Is]++
				counts[string(x.Checked)]++
			}
		}
		fmt.Fprintf(&index, "| [%s](%s.md) | %d | %d | %d | %d | %d | %d |\n", Name(j, "en"), j, counts["rule"], counts["deadline"], counts["reach"], counts["text"], counts["secondary"], counts["unchecked"])
		out[j+".md"] = page(w, packs, m, j)
	}
	out["README.md"] = index.String()
	return out, nil
}

// Newest is the day of the last change of any pack: the day for which the pages are
// made, so that they change when the packs do and not with the clock.
func Newest(packs []*law.Pack) (day string) {
	for _, p := range packs {
		day = max(day, p.Version)
	}
	return day
}

func page(w *law.Wording, packs []*law.Pack, m law.Matrix, j string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\nGenerated from the packs; `counterseal law explain RULE` shows a rule with all its examples and its sentence in four languages.\n", Name(j, "en"))
	if len(m.Rows) > 0 {
		b.WriteString("\n## What each instrument reaches\n\n```\n")
		Matrix(&b, m)
		b.WriteString("```\n")
	}
	for _, p := range packs {
		if p.Jurisdiction() != j {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\nPack `%s` of %s, SHA-256 `%s`.\n", p.Title, p.Name, p.Version, hex.EncodeToString(p.Digest[:]))
		for _, x := range w.ExplainAll(p) {
			entry(&b, x)
		}
	}
	return b.String()
}

// entry writes one rule: what it says, one example that is caught and one that is not.
func entry(b *strings.Builder, x law.Explanation) {
	fmt.Fprintf(b, "\n### `%s`\n\n", x.Rule)
	if x.Quote != "" {
		fmt.Fprintf(b, "> “%s”\n\n", x.Quote)
	}
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(b, "- **%s** %s\n", name, text)
		}
	}
	line("Citation", x.Cite)
	for _, f := range fields(x) {
		line(strings.ToUpper(f.name[:1])+f.name[1:], f.text)
	}
	for _, s := range x.Sentences {
		line("Sentence", s.EN)
	}
	line("Then", list(x.FollowedBy))
	for _, good := range []bool{false, true} {
		for _, e := range x.Examples {
			if e.Good == good && e.Expect != string(law.Ask) {
				line("Example", fmt.Sprintf("%s: *%s* (`%s`)", e.Name, strings.TrimSuffix(e.Expect+"; "+list(e.Detail), "; "), cmp.Or(Facts(e.Facts), "nothing stated")))
				break
			}
		}
	}
	line("Checked", fmt.Sprintf("%s, %s: %s", levels[x.Checked.Level], law.DayWords(x.Checked.On), x.Checked.Source))
}
