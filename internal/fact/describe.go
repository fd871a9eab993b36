package fact

import (
	"fmt"
	"strings"
)

// Doc is the text of docs/facts.md, generated from the schema.
func Doc() string {
	var b strings.Builder
	b.WriteString(`# The facts of a demand

Generated from the schema. A fact that nobody stated is unknown, which is neither false nor zero; write ` + "`unknown`" + ` or leave it out.

The last column has other words by which counterseal law write finds a fact.

| Fact | Type | Values | Meaning | Found by |
|---|---|---|---|---|
`)
	for k := range schema {
		d := &schema[k]
		values := ""
		switch {
		case Key(k) == Forum:
			values = "see below"
		case d.Values != nil:
			values = strings.Join(d.Values, ", ")
		case d.Type == Int:
			values = fmt.Sprintf("%d to %d", d.Min, d.Max)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", d.Name, d.Type, values, d.Meaning, strings.Join(apart(called[k]), ", "))
	}
	b.WriteString("\n## Papers\n\nThe words of the fact `instrument`.\n\n| Word | Meaning | Found by |\n|---|---|---|\n")
	for _, w := range Words(Instrument) {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", w.Name, w.Meaning, strings.Join(w.Also, ", "))
	}
	b.WriteString("\n## Words\n\nWhat the words of the other facts mean.\n\n| Fact | Word | Meaning |\n|---|---|---|\n")
	for k := range schema {
		if meanings[Key(k)] == "" {
			continue
		}
		for _, w := range Words(Key(k)) {
			fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", schema[k].Name, w.Name, w.Meaning)
		}
	}
	b.WriteString("\n## Forums\n\nA rule for a court of appeals covers the district courts of its circuit.\n\n")
	for _, c := range circuits {
		f := strings.Fields(c)
		if len(f) > 1 {
			fmt.Fprintf(&b, "- `%s`: %s\n", f[0], strings.Join(f[1:], ", "))
		} else {
			fmt.Fprintf(&b, "- `%s`\n", f[0])
		}
	}
	fmt.Fprintf(&b, "- others: %s\n", strings.Join(strings.Fields(otherForums), ", "))
	return b.String()
}
