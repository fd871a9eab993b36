package law

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"counterseal/internal/fact"
)

// Finding is what one rule says about a demand: advice to counsel.
type Finding struct {
	Rule       string     `json:"rule"`
	Pack       string     `json:"pack"`
	PackDigest string     `json:"pack_digest"` // lower-case hex of SHA-256
	Outcome    Outcome    `json:"outcome"`
	Severity   Severity   `json:"severity"`
	Respond    []Response `json:"respond"`
	Cite       string     `json:"cite"`
	Quote      string     `json:"quote,omitempty"`
	Facts      []string   `json:"facts"`             // known facts that were read, in schema order
	Missing    []string   `json:"missing,omitempty"` // for ask: the facts to state
	LeavesOut  []string   `json:"leaves_out,omitempty"`
	Checked    Checked    `json:"checked"`
	Letter     Sentences  `json:"letter"`
}

// Blocks says whether the finding stands in the way: only a violated rule of
// severity blocking does.
func (f Finding) Blocks() bool { return f.Outcome == Violated && f.Severity == Blocking }

// Assess gives the findings of all rules that apply or may apply: by severity,
// then by rule id. It never fails: what cannot be decided is asked.
func (e *Engine) Assess(f fact.Facts) []Finding {
	results := e.Evaluate(&f, nil)
	out := make([]Finding, len(results))
	for i, r := range results {
		c := &e.rules[r.Rule]
		out[i] = Finding{
			Rule: c.ID, Pack: c.pack.Name, PackDigest: hex.EncodeToString(c.pack.Digest[:]),
			Outcome: r.Outcome, Severity: c.Severity, Respond: c.Respond, Cite: c.Cite, Quote: c.Quote,
			Facts: r.Used.Names(), Missing: r.Missing.Names(), LeavesOut: c.leaves(r.Outcome), Checked: c.Checked, Letter: c.Letter,
		}
	}
	return out
}

// Question is one missing fact and the rules that wait for it.
type Question struct {
	Fact  string   `json:"fact"`
	Rules []string `json:"rules"`
}

// Questions groups what findings and deadlines ask by missing fact, in schema
// order.
func Questions(findings []Finding, deadlines ...Deadline) []Question {
	rules := make(map[string][]string)
	for _, f := range findings {
		for _, m := range f.Missing {
			rules[m] = append(rules[m], f.Rule)
		}
	}
	for _, d := range deadlines {
		for _, m := range d.Missing {
			rules[m] = append(rules[m], d.Rule)
		}
	}
	out := []Question{}
	for _, d := range fact.Schema() {
		if list := rules[d.Name]; list != nil {
			out = append(out, Question{d.Name, list})
		}
	}
	return out
}

// Report is what `law assess` prints.
type Report struct {
	Findings  []Line     `json:"findings"` // violated rules
	Questions []Question `json:"questions"`
	Holds     []string   `json:"holds"`      // rules that were checked and hold
	Undecided []string   `json:"undecided"`  // rules that could not be decided though no fact is missing
	Deadlines []Deadline `json:"deadlines"`  // counted first, by moment; then those that could not be counted
	LeavesOut []Left     `json:"leaves_out"` // of the rules and deadlines above, what a person has to look at
}

// Left is what one rule or deadline leaves out: the law hangs on it, and no fact says it.
type Left struct {
	Rule string   `json:"rule"`
	What []string `json:"what"`
}

// Line is one violated rule in a Report.
type Line struct {
	Rule     string     `json:"rule"`
	Severity Severity   `json:"severity"`
	Respond  []Response `json:"respond"`
	Cite     string     `json:"cite"`
	Quote    string     `json:"quote,omitempty"`
	Facts    []string   `json:"facts"`
	Checked  Checked    `json:"checked"`
	Letter   string     `json:"letter"` // English
}

// NewReport sorts findings and deadlines for a reader. A deadline that waits for
// facts stands among the questions alone.
func NewReport(findings []Finding, deadlines []Deadline) Report {
	r := Report{Findings: []Line{}, Questions: Questions(findings, deadlines...), Holds: []string{}, Undecided: []string{}, Deadlines: []Deadline{}, LeavesOut: []Left{}}
	left := func(rule string, what []string) {
		if len(what) > 0 {
			r.LeavesOut = append(r.LeavesOut, Left{rule, what})
		}
	}
	for _, d := range deadlines {
		if d.Outcome != AskFirst {
			r.Deadlines = append(r.Deadlines, d)
			left(d.Rule, d.LeavesOut)
		}
	}
	slices.SortStableFunc(r.Deadlines, func(a, b Deadline) int { return a.moment().Compare(b.moment()) })
	for _, f := range findings {
		switch {
		case f.Outcome == Violated:
			r.Findings = append(r.Findings, Line{f.Rule, f.Severity, f.Respond, f.Cite, f.Quote, f.Facts, f.Checked, f.Letter.EN})
		case f.Outcome == Holds:
			r.Holds = append(r.Holds, f.Rule)
		case len(f.Missing) == 0:
			r.Undecided = append(r.Undecided, f.Rule)
		}
		if f.Outcome != Ask { // what is asked is not judged yet
			left(f.Rule, f.LeavesOut)
		}
	}
	return r
}

// leaves says whether a rule leaves something out.
func (r Report) leaves(rule string) bool {
	return slices.ContainsFunc(r.LeavesOut, func(l Left) bool { return l.Rule == rule })
}

// JSON writes the report as one indented object and a newline.
func (r Report) JSON(w io.Writer) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// manyQuestions are more than a screen shows beside what was found.
const manyQuestions = 8

// Text writes the report for a person.
func (r Report) Text(w io.Writer) error {
	var b strings.Builder
	if len(r.Findings) == 0 {
		b.WriteString("No finding on the facts stated.\n")
	}
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s  %s\n  proposed: %s\n  %s\n", f.Severity, f.Rule, strings.Join(texts(f.Respond), ", "), f.Cite)
		if f.Quote != "" {
			fmt.Fprintf(&b, "  “%s”\n", f.Quote)
		}
		fmt.Fprintf(&b, "  %s\n  facts: %s\n  checked: %s, %s, %s\n\n", f.Letter, strings.Join(f.Facts, ", "), f.Checked.Level, f.Checked.On, f.Checked.Source)
	}
	if len(r.Deadlines) > 0 {
		b.WriteString("Dates\n\n")
	}
	for _, d := range r.Deadlines {
		b.WriteString(d.Text() + "\n")
	}
	if len(r.Questions) > 0 {
		b.WriteString("To know more, state:\n")
		for _, q := range r.Questions {
			fmt.Fprintf(&b, "  %s  (%s)\n", q.Fact, strings.Join(q.Rules, ", "))
		}
	}
	for _, u := range r.Undecided {
		fmt.Fprintf(&b, "Could not be decided, ask counsel: %s\n", u)
	}
	whole := slices.DeleteFunc(slices.Clone(r.Holds), r.leaves)
	if len(whole) > 0 {
		fmt.Fprintf(&b, "Checked and in order: %s\n", strings.Join(whole, ", "))
	}
	if part := slices.DeleteFunc(slices.Clone(r.Holds), func(id string) bool { return !r.leaves(id) }); len(part) > 0 {
		fmt.Fprintf(&b, "In order, but for what is left to a person: %s\n", strings.Join(part, ", "))
	}
	if len(r.LeavesOut) > 0 {
		b.WriteString("Left to a person, as no fact says it:\n")
	}
	for _, l := range r.LeavesOut {
		fmt.Fprintf(&b, "  %s  (%s)\n", strings.Join(l.What, "; "), l.Rule)
	}
	if len(r.Questions) > manyQuestions && len(r.Findings) > 0 { // they have scrolled away
		b.WriteString("Found, above:")
		for i, f := range r.Findings {
			fmt.Fprintf(&b, "%s %s %s", map[bool]string{true: "", false: ","}[i == 0], f.Severity, f.Rule)
		}
		b.WriteString("\n")
	}
	b.WriteString("Findings are advice to counsel; people decide.\n")
	_, err := io.WriteString(w, b.String())
	return err
}
