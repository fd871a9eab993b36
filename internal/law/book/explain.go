package book

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"counterseal/internal/fact"
	"counterseal/internal/law"
)

// plain writes a word of the packs as a person reads it.
func plain(word string) string { return strings.ReplaceAll(word, "_", " ") }

func list(words []string) string { return strings.Join(words, ", ") }

// Explain writes one rule for a person.
func Explain(w io.Writer, x law.Explanation) {
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(w, "  %-11s %s\n", name, text)
		}
	}
	fmt.Fprintf(w, "%s\n  %s\n", x.Rule, x.Cite)
	if x.Quote != "" {
		fmt.Fprintf(w, "  “%s”\n", x.Quote)
	}
	fmt.Fprintln(w)
	line("follows", list(x.Follows))
	line("then", list(x.FollowedBy))
	for _, f := range fields(x) {
		line(f.name, f.text)
	}
	for _, s := range x.Sentences {
		fmt.Fprintln(w)
		for _, l := range law.Languages {
			text := s.In(l)
			if l != "en" && text == s.EN {
				text = "(not translated yet)"
			}
			line(l, text)
		}
	}
	fmt.Fprintf(w, "\n  Examples\n")
	for _, e := range x.Examples {
		fmt.Fprintf(w, "    %-9s %s\n              %s\n", e.Expect, strings.TrimSuffix(e.Name+": "+list(e.Detail), ": "), Facts(e.Facts))
	}
	fmt.Fprintf(w, "\n  Checked     %s, %s\n              %s\n", levels[x.Checked.Level], law.DayWords(x.Checked.On), x.Checked.Source)
	fmt.Fprintf(w, "\n  As written in %s, line %d (facts: %s)\n    applies:  %s\n", x.File, x.Line, cmp.Or(list(x.Facts), "none"), x.Applies.Written)
	if x.Demands != nil {
		fmt.Fprintf(w, "    requires: %s\n", x.Demands.Requires.Written)
	}
	fmt.Fprintln(w, "\nA rule proposes; people decide.")
}

// field is one thing that a rule says of itself.
type field struct{ name, text string }

// fields is what a rule, deadline or rule of reach says, in the order in which it is
// asked.
func fields(x law.Explanation) []field {
	out := []field{{"in force", force(x.From, x.To)}, {"papers", cmp.Or(plainList(x.Instruments), "every paper")}, {"courts", courts(x.Inside, x.Outside)}, {"applies", when(x.Applies.Words)}}
	switch {
	case x.Demands != nil:
		out = append(out, field{"requires", that(x.Demands.Requires.Words)}, field{"otherwise", fmt.Sprintf("%s; proposed: %s", x.Demands.Severity, responses(x.Demands.Respond))})
	case x.Deadline != nil:
		out = append(out, field{"falls due", x.Deadline.Says}, field{"counted", counted(x.Deadline)})
		if x.Deadline.Suspended.Words != "" {
			out = append(out, field{"rests", when(x.Deadline.Suspended.Words)})
		}
	case x.Reach != nil:
		out = append(out, field{"law", x.Reach.Law + ", " + reaching(x.Reach)})
	}
	if len(x.LeavesOut) > 0 {
		out = append(out, field{"leaves out", strings.Join(x.LeavesOut, "; ")})
	}
	return out
}

var levels = map[law.Level]string{law.Text: "read in the text itself", law.Secondary: "from a secondary source", law.Unchecked: "from memory, not read in a source"}

func responses(list []law.Response) string {
	words := make([]string, len(list))
	for i, r := range list {
		words[i] = plain(string(r))
	}
	return strings.Join(words, ", ")
}

func force(from, to string) string {
	switch {
	case from == "" && to == "":
		return "always"
	case to == "":
		return "from " + law.DayWords(from)
	case from == "":
		return "until " + law.DayWords(to)
	}
	return law.DayWords(from) + " to " + law.DayWords(to)
}

func courts(inside, outside []string) string {
	switch {
	case len(inside) > 0:
		return "in " + list(inside)
	case len(outside) > 0:
		return "everywhere but " + list(outside)
	}
	return "" // every court
}

func when(words string) string {
	if words == "always" || words == "never" {
		return words
	}
	return "where " + words
}

func that(words string) string {
	switch words {
	case "always":
		return "nothing"
	case "never":
		return "what cannot be: where it applies, it is not in order"
	}
	return "that " + words
}

func counted(d *law.Falls) string {
	if d.Length == "" {
		return "until " + d.Event
	}
	sets := "at the latest"
	switch {
	case d.NotBefore && d.Latest:
		sets = "then, neither earlier nor later"
	case d.NotBefore:
		sets = "not before"
	}
	return fmt.Sprintf("%s from %s (%s, %s), %s", d.Length, d.Event, plain(d.Method), d.Place, sets)
}

func reaching(r *law.Reaching) string {
	whom := ""
	switch {
	case len(r.By) > 0:
		whom = "; for authorities of " + states(r.By)
	case len(r.NotBy) > 0:
		whom = "; for authorities of all but " + states(r.NotBy)
	}
	paper := ""
	if r.Paper != "" {
		paper = ", by " + plain(r.Paper)
	}
	return fmt.Sprintf("%s%s: %s; channel: %s%s", r.Role, paper, list(r.Categories), r.Channel, whom)
}

// states lists a few, and counts many.
func states(list []string) string {
	if len(list) > 6 {
		return fmt.Sprintf("%d states", len(list))
	}
	return strings.Join(list, ", ")
}

// Facts writes facts on one line.
func Facts(f fact.Facts) string {
	var out []string
	for _, name := range f.Known().Names() {
		v, _, err := f.Get(name)
		if err != nil {
			continue // the name is the schema's
		}
		text := fmt.Sprint(v)
		if words, ok := v.([]string); ok {
			text = "[" + list(words) + "]"
		}
		out = append(out, name+": "+text)
	}
	return strings.Join(out, ", ")
}

// Listed is a rule in a list.
type Listed struct {
	Rule         string       `json:"rule"`
	Is           string       `json:"is"`
	Jurisdiction string       `json:"jurisdiction"`
	Severity     law.Severity `json:"severity,omitempty"`
	Cite         string       `json:"cite"`
	Checked      law.Level    `json:"checked"`
}

// List gives everything in the packs that holds a text, by jurisdiction: all where it
// is empty.
func List(w *law.Wording, packs []*law.Pack, text string) []Listed {
	out := []Listed{}
	for _, j := range law.Jurisdictions(packs) {
		for _, p := range packs {
			if p.Jurisdiction() != j {
				continue
			}
			for _, x := range w.ExplainAll(p) {
				if !x.Holds(text) {
					continue
				}
				l := Listed{Rule: x.Rule, Is: x.Is, Jurisdiction: j, Cite: x.Cite, Checked: x.Checked.Level}
				if x.Demands != nil {
					l.Severity = x.Demands.Severity
				}
				out = append(out, l)
			}
		}
	}
	return out
}

// WriteList writes a list for a person.
func WriteList(w io.Writer, rules []Listed) {
	if len(rules) == 0 {
		fmt.Fprintln(w, "No rule of the packs holds this text.")
	}
	last := ""
	for _, r := range rules {
		if r.Jurisdiction != last {
			last = r.Jurisdiction
			fmt.Fprintf(w, "%s\n", Name(last, "en"))
		}
		fmt.Fprintf(w, "  %-36s %-11s %s\n", r.Rule, cmp.Or(string(r.Severity), r.Is), r.Cite)
	}
}

// WritePacks writes the packs alone, a line each.
func WritePacks(w io.Writer, packs []*law.Pack) {
	for _, p := range packs {
		fmt.Fprintf(w, "%-18s %3d  %s\n", p.Name, len(p.IDs()), p.Title)
	}
}

// digest shortens a digest for a reader.
func digest(p law.PackRef) string { return p.Digest[:min(12, len(p.Digest))] }
