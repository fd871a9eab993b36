package law

import (
	"slices"
	"strings"

	"counterseal/internal/fact"
	"counterseal/internal/problem"
)

// Said is an expression and its words.
type Said struct {
	Written string `json:"written"`
	Words   string `json:"words"`
}

// Explanation is all that a pack says of one rule, deadline or rule of reach.
type Explanation struct {
	Rule         string      `json:"rule"`
	Is           string      `json:"is"` // rule, deadline or reach
	Jurisdiction string      `json:"jurisdiction"`
	Pack         string      `json:"pack"`
	Title        string      `json:"title"`
	File         string      `json:"file"`
	Line         int         `json:"line"`
	Cite         string      `json:"cite"`
	Quote        string      `json:"quote"`
	From         string      `json:"from"` // first day in force, YYYY-MM-DD; "": no bound
	To           string      `json:"to"`   // last day in force
	Follows      []string    `json:"follows"`
	FollowedBy   []string    `json:"followed_by"`
	Instruments  []string    `json:"instruments"` // empty: every instrument
	Inside       []string    `json:"inside"`
	Outside      []string    `json:"outside"`
	Applies      Said        `json:"applies"`
	Facts        []string    `json:"facts"` // that it reads
	LeavesOut    []string    `json:"leaves_out"`
	Checked      Checked     `json:"checked"`
	Examples     []Worked    `json:"examples"`
	Demands      *Demanded   `json:"demands,omitempty"`  // of a rule
	Deadline     *Falls      `json:"deadline,omitempty"` // of a deadline
	Reach        *Reaching   `json:"reach,omitempty"`    // of a rule of reach
	Sentences    []Sentences `json:"sentences"`          // to people outside; none for a deadline
}

// Demanded is what a rule wants.
type Demanded struct {
	Requires Said       `json:"requires"`
	Severity Severity   `json:"severity"`
	Respond  []Response `json:"respond"`
}

// Falls is when a deadline does.
type Falls struct {
	Kind      DeadlineKind `json:"kind"`
	Length    string       `json:"length"` // "": the last day is on the paper's face
	Start     string       `json:"start"`  // the fact that it runs from, or that holds the last day
	Event     string       `json:"event"`
	Method    string       `json:"method"`
	Place     string       `json:"place"`
	NotBefore bool         `json:"not_before"`
	Latest    bool         `json:"latest"`
	Suspended Said         `json:"suspended"`
	Says      string       `json:"says"`
}

// Reaching is what a law does where it reaches data.
type Reaching struct {
	Role       Role     `json:"role"`
	Law        string   `json:"law"`
	By         []string `json:"by"`
	NotBy      []string `json:"not_by"`
	Paper      string   `json:"paper"`
	Categories []string `json:"categories"`
	Channel    Channel  `json:"channel"`
}

// Worked is one example as a person reads it.
type Worked struct {
	Name   string     `json:"name"`
	Facts  fact.Facts `json:"facts"`
	Expect string     `json:"expect"`
	Detail []string   `json:"detail"` // missing facts, moments or countries
	Good   bool       `json:"good"`   // nothing is amiss in it
}

// Jurisdiction is the first word of a pack's name: us of us.sca.
func (p *Pack) Jurisdiction() string {
	j, _, _ := strings.Cut(p.Name, ".")
	return j
}

// Jurisdictions lists those of packs, in their order.
func Jurisdictions(packs []*Pack) (out []string) {
	for _, p := range packs {
		if j := p.Jurisdiction(); !slices.Contains(out, j) {
			out = append(out, j)
		}
	}
	return out
}

// ExplainAll explains everything that stands in a pack, in its order. The error is
// law.language.
func (w *Wording) ExplainAll(p *Pack) (out []Explanation) {
	for i := range p.Rules {
		r := &p.Rules[i]
		x := w.explain(p, &r.Entry, "rule")
		x.FollowedBy = slices.Concat(x.FollowedBy, r.ReplacedBy)
		for _, o := range p.Rules {
			if slices.Contains(o.ReplacedBy, r.ID) {
				x.Follows = append(x.Follows, o.ID)
			}
		}
		x.Demands = &Demanded{w.said(r.Requires), r.Severity, r.Respond}
		x.Facts = w.reads(r.Applies, r.Requires)
		x.Sentences = append(x.Sentences, r.Letter)
		for _, ex := range r.Examples {
			x.Examples = append(x.Examples, Worked{ex.Name, ex.Facts, string(ex.Expect), slices.Concat([]string{}, ex.Missing), ex.Expect == None || ex.Expect == Holds})
		}
		out = append(out, x)
	}
	for i := range p.Deadlines {
		out = append(out, w.explainDeadline(p, &p.Deadlines[i]))
	}
	for i := range p.Reach {
		r := &p.Reach[i]
		x := w.explain(p, &r.Entry, "reach")
		x.Reach = &Reaching{r.Role, r.Law, slices.Concat([]string{}, r.By), slices.Concat([]string{}, r.NotBy), r.Paper, r.Categories, r.Channel}
		x.Sentences = append(x.Sentences, r.Says)
		for _, ex := range r.Examples {
			x.Examples = append(x.Examples, Worked{ex.Name, ex.Facts, string(ex.Expect), slices.Concat([]string{}, ex.By), ex.Expect == NoReach})
		}
		out = append(out, x)
	}
	return out
}

func (w *Wording) explainDeadline(p *Pack, d *DeadlineRule) Explanation {
	x := w.explain(p, &d.Entry, "deadline")
	f := &Falls{Kind: d.Kind, Start: d.Start, Event: d.Event, Method: string(d.Method), Place: d.Place, NotBefore: d.NotBefore, Latest: d.Latest, Says: d.Says}
	if !d.Until {
		f.Length = Length(d)
	}
	if d.Suspended != "" {
		f.Suspended = w.said(d.Suspended)
	}
	x.Deadline, x.Facts = f, w.reads(d.Applies, d.Suspended, d.Start)
	for _, ex := range d.Examples {
		detail := slices.Concat([]string{}, ex.Missing)
		for _, s := range []string{stated("not before ", ex.NotBefore), stated("latest ", ex.Latest)} {
			if s != "" {
				detail = append(detail, s)
			}
		}
		if ex.Suspended == Rests {
			detail = append(detail, "suspended")
		}
		x.Examples = append(x.Examples, Worked{ex.Name, ex.Facts, string(ex.Expect), detail, ex.Expect == NoDeadline})
	}
	return x
}

// Length is how long a deadline runs: "10 days".
func Length(d *DeadlineRule) string {
	return count(int64(d.N), strings.TrimSuffix(strings.ReplaceAll(string(d.Unit), "_", " "), "s"))
}

func (w *Wording) explain(p *Pack, e *Entry, is string) Explanation {
	return Explanation{Rule: e.ID, Is: is, Jurisdiction: p.Jurisdiction(), Pack: p.Name, Title: p.Title, File: p.File, Line: e.Line, Cite: e.Cite, Quote: e.Quote, From: e.From, To: e.To,
		Follows: []string{}, FollowedBy: []string{}, Instruments: slices.Concat([]string{}, e.Instruments), Inside: slices.Concat([]string{}, e.Inside), Outside: slices.Concat([]string{}, e.Outside),
		Applies: w.said(e.Applies), Facts: w.reads(e.Applies), LeavesOut: slices.Concat([]string{}, e.LeavesOut), Checked: e.Checked, Examples: []Worked{}, Sentences: []Sentences{}}
}

func (w *Wording) said(src string) Said { return Said{plainText(src), w.Say(src)} }

// reads lists the facts that expressions read, in schema order.
func (w *Wording) reads(sources ...string) []string {
	var found fact.Bits
	for _, src := range sources {
		tree, issues := w.env.Parse(src)
		if src == "" || issues.Err() != nil {
			continue
		}
		note := written{words: map[string]bool{}}
		note.read(tree.NativeRep().Expr())
		found = found.Union(note.facts)
	}
	return found.Names()
}

// Reads names the facts that an expression looks at.
func (w *Wording) Reads(src string) []string { return w.reads(src) }

// Explain finds one of them by its id. The error is law.no_rule.
func (w *Wording) Explain(packs []*Pack, id string) (Explanation, error) {
	near := ""
	for _, p := range packs {
		for _, e := range p.entries() {
			if near == "" && strings.Contains(e.ID, id) {
				near = e.ID
			}
			if e.ID != id {
				continue
			}
			all := w.ExplainAll(p)
			return all[slices.IndexFunc(all, func(x Explanation) bool { return x.Rule == id })], nil
		}
	}
	p := problem.New(problem.Missing, "law.no_rule", "no rule of the packs has this id").At("%.80q", id)
	if near != "" {
		return Explanation{}, p.Fix("perhaps %s; counterseal law explain lists all", near)
	}
	return Explanation{}, p.Fix("counterseal law explain lists all")
}

// Written gives the lines of the entry that begins on a line of a pack's file, as they
// stand there: up to the next line that is indented no more than its dash.
func Written(data []byte, line int) string {
	lines := strings.SplitAfter(string(data), "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	indent := func(s string) int { return len(s) - len(strings.TrimLeft(s, " ")) }
	from := line - 1
	for from > 0 && !strings.HasPrefix(strings.TrimLeft(lines[from], " "), "-") {
		from--
	}
	to := from + 1
	for to < len(lines) && (strings.TrimSpace(lines[to]) == "" || indent(lines[to]) > indent(lines[from])) {
		to++
	}
	return strings.TrimRight(strings.Join(lines[from:to], ""), "\n ") + "\n"
}

// Holds says whether the id, the citation or the words of a rule hold a text, in
// capital letters or small ones.
func (x Explanation) Holds(text string) bool {
	all := []string{x.Rule, x.Cite, x.Quote, x.Applies.Written, x.Applies.Words, x.Checked.Source}
	if x.Demands != nil {
		all = append(all, x.Demands.Requires.Written, x.Demands.Requires.Words)
	}
	if x.Deadline != nil {
		all = append(all, x.Deadline.Says)
	}
	for _, s := range x.Sentences {
		all = append(all, s.EN, s.DE, s.DA, s.IT)
	}
	return strings.Contains(strings.ToLower(strings.Join(all, "\n")), strings.ToLower(text))
}
