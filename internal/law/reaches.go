package law

import (
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"counterseal/internal/fact"
	"counterseal/internal/problem"
)

// Limits of a setting.
const (
	MaxEntities = 64
	MaxPlaces   = 64
)

// Entity is a company of the provider, as far as law looks at it.
type Entity struct {
	ID             string
	Country        string   // in which it is established
	Controls       []string // countries in whose storage it can open the data
	Role           string   // controller or processor; "" is unknown
	Representative bool     // designated for certificates under Regulation (EU) 2023/1543
}

// Setting is where data lie and who of the provider can open them: what the
// estate knows and the facts of a demand do not.
type Setting struct {
	Entities []Entity
	Storage  []string // countries
}

// Reach is one law that reaches the data, or stands in the way, or is the channel.
type Reach struct {
	Rule       string       `json:"rule"`
	Pack       string       `json:"pack"`
	PackDigest string       `json:"pack_digest"` // lower-case hex of SHA-256
	Role       Role         `json:"role"`
	Outcome    ReachOutcome `json:"outcome"` // reaches or ask
	Law        string       `json:"law"`
	By         []string     `json:"by"`      // whose authorities; empty: any
	NotBy      []string     `json:"not_by"`  // any but these
	Through    []string     `json:"through"` // entities by which it reaches; empty where none was given
	Storage    []string     `json:"storage"` // countries in which it reaches; empty where none was given
	Paper      string       `json:"paper,omitempty"`
	Categories []string     `json:"categories"`
	Channel    Channel      `json:"channel"`
	Cite       string       `json:"cite"`
	Quote      string       `json:"quote,omitempty"`
	Missing    []string     `json:"missing"` // for ask: the facts to state
	LeavesOut  []string     `json:"leaves_out,omitempty"`
	Checked    Checked      `json:"checked"`
	Says       Sentences    `json:"says"`
}

// Reach says which laws reach the data and by what paper, which stand against
// it, and which channel is right. Where issuing_country is stated it is about
// that authority's demand, otherwise about everyone's: the customer's question.
// For each entity and each storage place of the setting, the facts
// entity_served, entity_country, control, storage_country and, where the role
// is given, provider_role are those of the setting; each representative's country
// is once the enforcing_country, unless stated. An empty setting asks of the facts
// alone. Results stand by role, then by rule; a rule that reaches through
// several entities or places stands once. The error is law.setting.
func (e *Engine) Reach(f fact.Facts, s Setting) ([]Reach, error) {
	worlds, err := s.worlds(f)
	if err != nil {
		return nil, err
	}
	out := []Reach{}
	ev := e.evaluator()
	defer e.put(ev)
	for i := range e.reaches {
		c := &e.reaches[i]
		r := Reach{Rule: c.ID, Pack: c.pack.Name, PackDigest: hex.EncodeToString(c.pack.Digest[:]), Role: c.Role, Outcome: NoReach, Law: c.Law,
			By: []string{}, NotBy: slices.Concat([]string{}, c.NotBy), Through: []string{}, Storage: []string{}, Paper: c.Paper, Categories: c.Categories, Channel: c.Channel,
			Cite: c.Cite, Quote: c.Quote, Missing: []string{}, LeavesOut: c.LeavesOut, Checked: c.Checked, Says: c.Says}
		for _, w := range worlds {
			r.add(ev, c, w)
		}
		if r.Outcome != NoReach {
			out = append(out, r)
		}
	}
	return out, nil
}

// world is one entity, one place and one representative, with the facts that they make.
type world struct {
	facts           fact.Facts
	entity, storage string
}

func (s Setting) worlds(f fact.Facts) ([]world, error) {
	if len(s.Entities) > MaxEntities || len(s.Storage) > MaxPlaces {
		return nil, problem.New(problem.Invalid, "law.setting", "a setting has at most %d entities and %d places", MaxEntities, MaxPlaces)
	}
	enforcing, err := s.enforcing(f)
	if err != nil {
		return nil, err
	}
	entities, places := s.Entities, s.Storage
	if len(entities) == 0 {
		entities = []Entity{{}}
	}
	if len(places) == 0 {
		places = []string{""}
	}
	var out []world
	for _, under := range enforcing {
		for _, e := range entities {
			for _, p := range places {
				w := world{under, e.ID, p}
				err = w.state(e, p)
				if err != nil {
					return nil, badSetting(err)
				}
				out = append(out, w)
			}
		}
	}
	return out, nil
}

// enforcing is the facts once for each state of a representative: a certificate
// goes to any of them, and must come from another state than that one.
func (s Setting) enforcing(f fact.Facts) ([]fact.Facts, error) {
	_, stated, err := f.Get(fact.EnforcingCountry.String())
	if err != nil {
		return nil, err
	}
	var out []fact.Facts
	var seen []string
	for _, e := range s.Entities {
		if stated || !e.Representative || slices.Contains(seen, e.Country) {
			continue
		}
		seen = append(seen, e.Country)
		under := f
		err = under.Set(fact.EnforcingCountry.String(), e.Country)
		if err != nil {
			return nil, badSetting(err)
		}
		out = append(out, under)
	}
	if len(out) == 0 {
		out = []fact.Facts{f}
	}
	return out, nil
}

func (w *world) state(e Entity, place string) error {
	set := map[fact.Key]any{}
	if e.ID != "" {
		set[fact.EntityServed], set[fact.EntityCountry] = e.ID, e.Country
		if place != "" {
			set[fact.Control] = slices.Contains(e.Controls, place)
		}
		if e.Role != "" {
			set[fact.ProviderRole] = e.Role
		}
	}
	if place != "" {
		set[fact.StorageCountry] = place
	}
	for k, v := range set {
		err := w.facts.Set(k.String(), v)
		if err != nil {
			return err
		}
	}
	return w.facts.Validate()
}

func badSetting(err error) error {
	p := problem.Of(err)
	return problem.New(problem.Invalid, "law.setting", "the setting cannot be: %s", p.Message).At("%s", p.Field)
}

// add takes one world into a result.
func (r *Reach) add(ev *evaluator, c *compiledReach, w world) {
	outcome, by, missing := ev.reach(c, w.facts)
	switch outcome {
	case NoReach:
		return
	case Reaches:
		if r.Outcome == MayReach { // what is certain replaces what was asked
			r.By, r.Through, r.Storage, r.Missing = []string{}, []string{}, []string{}, []string{}
		}
		r.Outcome = Reaches
	case MayReach:
		if r.Outcome == Reaches {
			return
		}
		r.Outcome = MayReach
	}
	addTo(&r.By, by...)
	if w.entity != "" {
		addTo(&r.Through, w.entity)
	}
	if w.storage != "" {
		addTo(&r.Storage, w.storage)
	}
	addTo(&r.Missing, missing...)
}

func addTo(list *[]string, words ...string) {
	for _, w := range words {
		if !slices.Contains(*list, w) {
			*list = append(*list, w)
		}
	}
	slices.Sort(*list)
}

// reach evaluates one rule on one set of facts. Where the asker is not stated
// and the rule names whom it serves, each of them is tried.
func (ev *evaluator) reach(c *compiledReach, f fact.Facts) (ReachOutcome, []string, []string) {
	country, stated, err := f.Get(fact.IssuingCountry.String())
	if err != nil {
		return NoReach, nil, nil
	}
	if stated {
		asker, _ := country.(string)
		if !c.serves(asker) {
			return NoReach, nil, nil
		}
		truth, missing := ev.reachOnce(c, &f)
		return reachOutcomes[truthIndex(truth)], []string{asker}, missing.Names()
	}
	if c.By == nil {
		truth, missing := ev.reachOnce(c, &f)
		return reachOutcomes[truthIndex(truth)], nil, missing.Names()
	}
	best, by, need := NoReach, []string{}, fact.Bits{}
	for _, asker := range c.By {
		err = f.Set(fact.IssuingCountry.String(), asker)
		if err != nil {
			continue
		}
		truth, missing := ev.reachOnce(c, &f)
		switch {
		case truth == no || truth == perhaps && best == Reaches:
			continue
		case truth == yes && best != Reaches:
			best, by, need = Reaches, nil, fact.Bits{}
		case best == NoReach:
			best = MayReach
		}
		by, need = append(by, asker), need.Union(missing)
	}
	return best, by, need.Names()
}

func truthIndex(t truth) int {
	return map[truth]int{yes: 0, no: 1, perhaps: 2}[t]
}

func (ev *evaluator) reachOnce(c *compiledReach, f *fact.Facts) (truth, fact.Bits) {
	if c.Instruments != nil {
		if word, known := f.Raw(fact.Instrument); known && !has(c.Instruments, fact.Instrument.Def().Values[word]) {
			return no, fact.Bits{}
		}
	}
	if whenAndWhere(f).outside(&c.entry) {
		return no, fact.Bits{}
	}
	ev.begin(f)
	return ev.applies(&c.entry)
}

// ParseSettingYAML reads a facts file that may also hold a setting, under two
// keys of its own:
//
//	entities:
//	  - {id: cloud.dk, country: DK, controls: [DK, IE], role: controller}
//	  - {id: cloud.ie, country: IE, representative: true}
//	storage: [DK, IE]
//
// Errors are those of ParseFactsYAML, and law.setting.
func ParseSettingYAML(name string, data []byte) (fact.Facts, Setting, error) {
	r := &reader{file: name}
	root, err := r.document(data, MaxFacts)
	if err != nil {
		return fact.Facts{}, Setting{}, err
	}
	ps, err := r.pairs(root)
	if err != nil {
		return fact.Facts{}, Setting{}, err
	}
	var s Setting
	facts := *root
	facts.Content = nil
	for i, p := range ps {
		switch p.key {
		case "entities":
			err = r.entities(p.value, &s)
		case "storage":
			s.Storage, err = r.countries(p.value)
		default:
			facts.Content = append(facts.Content, root.Content[2*i], root.Content[2*i+1])
		}
		if err != nil {
			return fact.Facts{}, Setting{}, err
		}
	}
	f, err := r.facts(&facts)
	if err != nil {
		return fact.Facts{}, Setting{}, err
	}
	_, err = s.worlds(f)
	if err != nil {
		return fact.Facts{}, Setting{}, problem.Of(err).At("%s", name)
	}
	return f, s, nil
}

func (r *reader) entities(n *yaml.Node, s *Setting) error {
	nodes, err := r.list(n)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, n := range nodes {
		m, err := r.fields(n, "id!", "country!", "controls", "role", "representative")
		if err != nil {
			return err
		}
		var e Entity
		for _, f := range []struct {
			to  *string
			key string
		}{{&e.ID, "id"}, {&e.Country, "country"}, {&e.Role, "role"}} {
			*f.to, err = r.text(m[f.key])
			if err != nil {
				return err
			}
		}
		e.Controls, err = r.countries(m["controls"])
		if err != nil {
			return err
		}
		if v := m["representative"]; v != nil {
			if v.Value != "true" && v.Value != "false" {
				return r.fail("law.type", v.Line, "representative is true or false")
			}
			e.Representative = v.Value == "true"
		}
		if seen[e.ID] || !isCountry(e.Country) {
			return r.fail("law.setting", n.Line, "an entity has an id of its own and a country of two capital letters")
		}
		seen[e.ID] = true
		s.Entities = append(s.Entities, e)
	}
	return nil
}

// Unread lists the states of the facts and the setting whose own authorities no
// rule of reach serves: what their law compels is in no answer of Reach.
func (e *Engine) Unread(f fact.Facts, s Setting) ([]string, error) {
	out := slices.Clone(s.Storage)
	for _, n := range s.Entities {
		out = append(out, n.Country)
	}
	for _, k := range []fact.Key{fact.IssuingCountry, fact.EntityCountry, fact.StorageCountry, fact.CustomerCountry} {
		value, known, err := f.Get(k.String())
		if err != nil {
			return nil, err
		}
		if c, ok := value.(string); known && ok {
			out = append(out, c)
		}
	}
	slices.Sort(out)
	out = slices.DeleteFunc(slices.Compact(out), func(c string) bool {
		return slices.ContainsFunc(e.reaches, func(r compiledReach) bool { return r.Role == Compels && r.Law == c })
	})
	return append([]string{}, out...), nil
}

// WriteReach writes results for a person, and the states whose law is unread. lang
// is en, de, da or it and is the language of the sentences.
func WriteReach(w io.Writer, results []Reach, unread []string, lang string) error {
	titles := map[Role]string{Compels: "Who may demand the data", Forbids: "What stands against a demand", Permits: "What allows an answer", Route: "The channel for others"}
	var b strings.Builder
	if len(results) == 0 {
		b.WriteString("No law of the packs reaches the data on the facts stated.\n")
	}
	var role Role
	for _, r := range results {
		if r.Role != role {
			role = r.Role
			fmt.Fprintf(&b, "%s\n\n", titles[role])
		}
		fmt.Fprintf(&b, "  %s  %s", r.Law, r.Says.In(lang))
		if r.Outcome == MayReach {
			fmt.Fprintf(&b, " (Not certain; state: %s.)", strings.Join(r.Missing, ", "))
		}
		fmt.Fprintf(&b, "\n      %s\n", r.Cite)
		for _, l := range []struct {
			name string
			list []string
		}{{"by", r.By}, {"not by", r.NotBy}, {"through", r.Through}, {"stored in", r.Storage}, {"reaches", r.Categories}, {"left to a person", r.LeavesOut}} {
			if len(l.list) > 0 {
				fmt.Fprintf(&b, "      %s: %s\n", l.name, strings.Join(l.list, ", "))
			}
		}
		fmt.Fprintf(&b, "      channel: %s; checked: %s, %s, %s\n\n", r.Channel, r.Checked.Level, r.Checked.On, r.Checked.Source)
	}
	if len(unread) > 0 {
		fmt.Fprintf(&b, "No pack says what the law of these states lets their own authorities demand: %s.\n", strings.Join(unread, ", "))
	}
	b.WriteString("Advice to counsel; people decide. A law that is not in the packs is not in this answer.\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// In is the sentence in a language; English for one that there is none in.
func (s Sentences) In(lang string) string {
	switch lang {
	case "de":
		return s.DE
	case "da":
		return s.DA
	case "it":
		return s.IT
	}
	return s.EN
}
