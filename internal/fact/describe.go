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

| Fact | Type | Values | Meaning |
|---|---|---|---|
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
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", d.Name, d.Type, values, d.Meaning)
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
