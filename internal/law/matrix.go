package law

import (
	"cmp"
	"encoding/hex"
	"slices"
	"strings"

	"counterseal/internal/fact"
	"counterseal/internal/problem"
)

// Reached says how far an instrument reaches a category of data.
type Reached string

const (
	Full   Reached = "yes" // no blocking rule of the jurisdiction's packs stands against it
	Partly Reached = "if"  // such rules ask for facts: the conditions
	Never  Reached = "no"  // such a rule stands against it, or no law reaches so far
	Open   Reached = "-"   // no rule of reach names the paper, and no other stands against it
)

// Matrix says which instrument reaches which category of data. It is what the packs
// answer to an ordinary demand of a government, made with that instrument for that
// category alone, and to nothing else: rules of other laws and the provider's own
// policy come on top.
type Matrix struct {
	AsOf  string       `json:"as_of"`
	Packs []PackRef    `json:"packs"`
	Rows  []Instrument `json:"rows"`
}

// PackRef names a pack as it was.
type PackRef struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Digest  string `json:"digest"`
}

// Instrument is one paper in one jurisdiction, as one rule of reach knows it.
type Instrument struct {
	Jurisdiction string      `json:"jurisdiction"`
	Instrument   string      `json:"instrument"`
	Role         Role        `json:"role"`    // compels, permits or route; "": no rule of reach names the paper
	Channel      Channel     `json:"channel"` // likewise
	By           []string    `json:"by"`      // issuing countries; empty: not stated, or any
	NotBy        []string    `json:"not_by"`
	Rule         string      `json:"rule"`  // of reach
	Cite         string      `json:"cite"`  // its citation
	Where        string      `json:"where"` // when it reaches, in words
	Says         Sentences   `json:"says"`
	Checked      Checked     `json:"checked"`
	Cells        []Cell      `json:"cells"` // in the order of Categories
	Conditions   []Condition `json:"conditions"`
}

// Cell is one category.
type Cell struct {
	Category   string   `json:"category"`
	Answer     Reached  `json:"answer"`
	Rules      []string `json:"rules"`      // for no: that stand against it
	Conditions []int    `json:"conditions"` // for if: numbers of the instrument's conditions, from 1
	Signers    []string `json:"signers"`    // who may sign; empty: no rule looks at it
	Validators []string `json:"validators"` // who may validate what another signed
}

// Condition is what a rule asks of an instrument.
type Condition struct {
	Rule     string    `json:"rule"`
	Cite     string    `json:"cite"`
	Where    string    `json:"where"`    // in which case; "": always
	Requires string    `json:"requires"` // "": it is not possible there
	Courts   []string  `json:"courts"`   // forums in which it is in force; empty: all
	Not      []string  `json:"not"`      // forums in which it is not
	Facts    []string  `json:"facts"`    // to state
	Letter   Sentences `json:"letter"`
	Checked  Checked   `json:"checked"`
}

// Categories are those of data, in their order.
func Categories() []string { return slices.Clone(categories) }

// Matrix evaluates the packs for a day, YYYY-MM-DD, and one jurisdiction, or all
// where it is "". The provider's own packs give no rows. Codes: law.language,
// law.no_jurisdiction, fact.date.
func (e *Engine) Matrix(asOf, jurisdiction string) (Matrix, error) {
	w, err := NewWording()
	if err != nil {
		return Matrix{}, err
	}
	var day fact.Facts
	err = day.Set(fact.AsOf.String(), asOf)
	if err != nil {
		return Matrix{}, err
	}
	all := Jurisdictions(e.packs)
	if jurisdiction != "" && !slices.Contains(all, jurisdiction) {
		return Matrix{}, problem.New(problem.Missing, "law.no_jurisdiction", "no pack is of this jurisdiction").At("%.20q", jurisdiction).Fix("one of %s", strings.Join(all, ", "))
	}
	m := Matrix{AsOf: asOf, Packs: []PackRef{}, Rows: []Instrument{}}
	for _, j := range all {
		if jurisdiction != "" && j != jurisdiction {
			continue
		}
		g := &grid{e, w, e.evaluator(), j, day}
		m.Packs = append(m.Packs, g.packRefs()...)
		if j != "provider" {
			m.Rows = append(m.Rows, g.rows()...)
		}
		e.put(g.ev)
	}
	return m, nil
}

// grid works on one jurisdiction.
type grid struct {
	*Engine
	words *Wording
	ev    *evaluator
	of    string
	day   fact.Facts
}

func (g *grid) mine(p *Pack) bool { return p.Jurisdiction() == g.of }

func (g *grid) packRefs() (out []PackRef) {
	for _, p := range g.packs {
		if g.mine(p) {
			out = append(out, PackRef{p.Name, p.Version, hex.EncodeToString(p.Digest[:])})
		}
	}
	return out
}

// rows are the instruments that rules of reach name, then those that only other
// rules do, in the order of the schema.
func (g *grid) rows() (out []Instrument) {
	named := map[string]bool{}
	for i := range g.reaches {
		r := &g.reaches[i]
		if !g.mine(r.pack) || r.Paper == "" || r.Role == Forbids || whenAndWhere(&g.day).outside(&r.entry) {
			continue
		}
		named[r.Paper] = true
		out = append(out, g.row(r.Paper, r))
	}
	for _, word := range fact.Instrument.Def().Values {
		if !named[word] && word != "none" && word != "other" && g.speaksOf(word) {
			out = append(out, g.row(word, nil))
		}
	}
	order := fact.Instrument.Def().Values
	slices.SortStableFunc(out, func(a, b Instrument) int {
		return cmp.Compare(slices.Index(order, a.Instrument), slices.Index(order, b.Instrument))
	})
	return out
}

func (g *grid) speaksOf(word string) bool {
	return slices.ContainsFunc(g.rules, func(c compiled) bool { return g.mine(c.pack) && slices.Contains(c.Instruments, word) })
}

func (g *grid) row(word string, r *compiledReach) Instrument {
	row := Instrument{Jurisdiction: g.of, Instrument: word, By: []string{}, NotBy: []string{}, Conditions: []Condition{}}
	if r != nil {
		row.Role, row.Channel, row.Rule, row.Cite, row.Says, row.Checked = r.Role, r.Channel, r.ID, r.Cite, r.Says, r.Checked
		row.By, row.NotBy = append(row.By, r.By...), append(row.NotBy, r.NotBy...)
		row.Where = g.words.Say(r.Applies)
	}
	for _, category := range categories {
		cell := Cell{Category: category, Answer: Never, Rules: []string{}, Conditions: []int{}, Signers: []string{}, Validators: []string{}}
		if r != nil && !slices.Contains(r.Categories, category) {
			cell.Rules = append(cell.Rules, r.ID)
		} else {
			g.fill(&cell, &row)
		}
		row.Cells = append(row.Cells, cell)
	}
	if r == nil {
		row.leaveOpen()
	}
	return row
}

// leaveOpen takes back what nobody says: where no rule of reach names the paper, that
// no rule stands against a category does not make the paper reach it.
func (row *Instrument) leaveOpen() {
	for i := range row.Cells {
		if row.Cells[i].Answer == Full {
			row.Cells[i].Answer = Open
		}
	}
}

// ordinary are the facts of a demand that is nothing but the instrument.
func (g *grid) ordinary(row *Instrument, category string) fact.Facts {
	f := g.day
	set := map[fact.Key]any{fact.Kind: "data", fact.Requester: "government", fact.Instrument: row.Instrument, fact.Prospective: false, fact.Bulk: false, fact.DirectAccess: false,
		fact.Geofence: false, fact.BackupCopy: false, fact.Emergency: "none", fact.AsksSubscriber: category == "subscriber", fact.AsksIdentification: category == "identification",
		fact.AsksTraffic: category == "traffic", fact.AsksContent: category == "content"}
	switch row.Instrument {
	case "epoc_pr", "preservation_letter", "budapest_request":
		set[fact.Kind] = "preservation"
	case "civil_subpoena":
		set[fact.Requester], set[fact.IssuingCountry] = "private_litigant", "US" // a paper of its courts alone
	case "emergency_request":
		delete(set, fact.Emergency)
		set[fact.Binding] = false
	case "pen_trap_order", "wiretap_order":
		set[fact.Kind] = "prospective"
		delete(set, fact.Prospective)
	}
	if row.Role != Route && row.Instrument != "emergency_request" {
		set[fact.Binding] = true
	}
	if len(row.By) == 1 {
		set[fact.IssuingCountry] = row.By[0]
	}
	for k, v := range set {
		// Each value stands in the schema; a test fills every row.
		_ = f.Set(k.String(), v)
	}
	return f
}

// fill answers for one category.
func (g *grid) fill(cell *Cell, row *Instrument) {
	f := g.ordinary(row, cell.Category)
	cell.Answer = Full
	for i := range g.rules {
		c := &g.rules[i]
		if !g.mine(c.pack) || c.Severity != Blocking {
			continue
		}
		switch outcome, missing := g.anyIssuer(c, row, f); outcome {
		case Violated:
			cell.Rules = append(cell.Rules, c.ID)
		case Ask:
			cell.Conditions = append(cell.Conditions, row.condition(g.condition(c, f, missing)))
		}
	}
	switch {
	case len(cell.Rules) > 0:
		cell.Answer, cell.Conditions = Never, []int{}
	case len(cell.Conditions) > 0:
		cell.Answer = Partly
	}
	if cell.Answer != Never {
		g.signers(cell, f)
	}
}

// anyIssuer is the outcome for an issuing country that is not known, unless it is the
// same for each of those that the law serves.
func (g *grid) anyIssuer(c *compiled, row *Instrument, f fact.Facts) (Outcome, []string) {
	outcome, missing := g.one(c, f)
	if outcome != Ask || len(row.By) < 2 || row.Role == Route {
		return outcome, missing
	}
	first := Outcome("")
	for _, by := range row.By {
		t := f
		if t.Set(fact.IssuingCountry.String(), by) != nil {
			return outcome, missing
		}
		one, _ := g.one(c, t)
		if one == Ask || first != "" && one != first {
			return outcome, missing
		}
		first = one
	}
	return first, nil
}

// condition is the number of a condition, which is added where it is new.
func (row *Instrument) condition(c Condition) int {
	i := slices.IndexFunc(row.Conditions, func(o Condition) bool { return o.Rule == c.Rule && o.Where == c.Where && o.Requires == c.Requires })
	if i < 0 {
		row.Conditions = append(row.Conditions, c)
		i = len(row.Conditions) - 1
	}
	return i + 1
}

func (g *grid) condition(c *compiled, f fact.Facts, missing []string) Condition {
	out := Condition{Rule: c.ID, Cite: c.Cite, Courts: slices.Concat([]string{}, c.Inside), Not: slices.Concat([]string{}, c.Outside), Facts: missing, Letter: c.Letter, Checked: c.Checked}
	out.Where, _ = g.words.residue(g.ev, &f, c.Applies)
	out.Requires, _ = g.words.residue(g.ev, &f, c.Requires)
	return out
}

// signers tries everybody who could sign, and who could validate what a police
// officer signed.
func (g *grid) signers(cell *Cell, f fact.Facts) {
	try := func(signer, validator string) bool {
		t := f
		if t.Set(fact.Signer.String(), signer) != nil || t.Set(fact.Validator.String(), validator) != nil {
			return false
		}
		return !slices.ContainsFunc(g.rules, func(c compiled) bool {
			if !g.mine(c.pack) || c.Severity != Blocking {
				return false
			}
			outcome, _ := g.one(&c, t)
			return outcome == Violated
		})
	}
	all := fact.Signer.Def().Values
	for _, s := range all {
		if try(s, "none") {
			cell.Signers = append(cell.Signers, s)
		}
	}
	if len(cell.Signers) == len(all) {
		cell.Signers = []string{}
		return
	}
	for _, v := range fact.Validator.Def().Values {
		if v != "none" && !try("police_officer", "none") && try("police_officer", v) {
			cell.Validators = append(cell.Validators, v)
		}
	}
}
