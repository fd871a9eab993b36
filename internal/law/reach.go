package law

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"counterseal/internal/fact"
)

// Role is what a law does where it reaches data.
type Role string

const (
	Compels Role = "compels" // an authority may demand the data by it
	Forbids Role = "forbids" // it stands against a demand
	Permits Role = "permits" // it lets us, or the customer, give them
	Route   Role = "route"   // the channel by which others must come
)

var roles = []Role{Compels, Forbids, Permits, Route}

// Channel is the way a demand takes.
type Channel string

const (
	Direct         Channel = "direct"         // to the company that holds or controls the data
	Representative Channel = "representative" // to the establishment or representative designated for it
	Agreement      Channel = "agreement"      // under an agreement between two states, through its designated authorities
	Treaty         Channel = "treaty"         // mutual assistance between the states
	Preservation   Channel = "preservation"   // a request between states to keep the data
	Consent        Channel = "consent"        // through the person who may give them
)

var channels = []Channel{Direct, Representative, Agreement, Treaty, Preservation, Consent}

// categories are the data categories of the words of the program.
var categories = []string{"subscriber", "identification", "traffic", "content"}

// ReachRule says when a law reaches data, as the pack states it.
type ReachRule struct {
	Entry
	Role       Role
	Law        string   // whose law: two capital letters, EU and CE (Council of Europe) included
	By         []string // whose authorities it serves or stands against; empty: everyone
	NotBy      []string // everyone but these
	Paper      string   // the word of the fact instrument; empty where there is none
	Categories []string // what it reaches
	Channel    Channel
	Says       Sentences // to the customer
	Examples   []ReachExample
}

// ReachExample is a worked example that the tests execute.
type ReachExample struct {
	Name   string
	Line   int
	Facts  factsOf
	Expect ReachOutcome
	By     []string // where issuing_country is not stated and the rule has by: those whom it serves
}

// ReachOutcome is what one rule of reach says about one set of facts.
type ReachOutcome string

const (
	Reaches  ReachOutcome = "reaches"
	NoReach  ReachOutcome = "none"
	MayReach ReachOutcome = "ask" // facts are missing
)

var reachOutcomes = []ReachOutcome{Reaches, NoReach, MayReach}

type compiledReach struct {
	*ReachRule
	entry
}

func (r *reader) readReachRule(pack string, n *yaml.Node) (x ReachRule, err error) {
	m, err := r.readEntry(pack, n, &x.Entry, "role!", "law!", "by", "not_by", "paper", "categories!", "channel!", "says!")
	if err != nil {
		return x, err
	}
	role, err := r.word(m["role"], texts(roles))
	if err != nil {
		return x, err
	}
	channel, err := r.word(m["channel"], texts(channels))
	if err != nil {
		return x, err
	}
	x.Role, x.Channel = Role(role), Channel(channel)
	for _, f := range []struct {
		to  *[]string
		key string
	}{{&x.By, "by"}, {&x.NotBy, "not_by"}} {
		*f.to, err = r.countries(m[f.key])
		if err != nil {
			return x, err
		}
	}
	if x.By != nil && x.NotBy != nil {
		return x, r.fail("law.reach", n.Line, "by and not_by exclude each other")
	}
	if x.Law, err = r.text(m["law"]); err != nil {
		return x, err
	}
	if !isCountry(x.Law) {
		return x, r.fail("law.reach", m["law"].Line, "a law is named by two capital letters")
	}
	if m["paper"] != nil {
		if x.Paper, err = r.word(m["paper"], fact.Instrument.Def().Values); err != nil {
			return x, err
		}
	}
	if x.Categories, err = r.words(m["categories"], categories); err != nil {
		return x, err
	}
	if x.Says, err = r.readSentences(m["says"]); err != nil {
		return x, err
	}
	return x, r.readReachExamples(m["examples"], &x)
}

func isCountry(s string) bool {
	return len(s) == 2 && 'A' <= s[0] && s[0] <= 'Z' && 'A' <= s[1] && s[1] <= 'Z'
}

func (r *reader) countries(n *yaml.Node) ([]string, error) {
	list, err := r.texts(n)
	if err != nil {
		return nil, err
	}
	for i, c := range list {
		if !isCountry(c) {
			return nil, r.fail("law.reach", n.Content[i].Line, "a country is two capital letters")
		}
	}
	return list, nil
}

func (r *reader) readReachExamples(n *yaml.Node, x *ReachRule) error {
	nodes, err := r.list(n)
	if err != nil {
		return err
	}
	var reaches, quiet bool
	for _, n := range nodes {
		e, err := r.fields(n, "name!", "facts!", "expect!", "by")
		if err != nil {
			return err
		}
		ex := ReachExample{Line: n.Line}
		if ex.Name, err = r.text(e["name"]); err != nil {
			return err
		}
		if ex.Facts, err = r.facts(e["facts"]); err != nil {
			return err
		}
		expect, err := r.word(e["expect"], texts(reachOutcomes))
		if err != nil {
			return err
		}
		ex.Expect = ReachOutcome(expect)
		if ex.By, err = r.countries(e["by"]); err != nil {
			return err
		}
		reaches = reaches || ex.Expect == Reaches
		quiet = quiet || ex.Expect == NoReach
		x.Examples = append(x.Examples, ex)
	}
	if !reaches || !quiet {
		return r.fail("law.example", n.Line, "a rule of reach has an example in which it reaches and one in which it does not")
	}
	return nil
}

// serves says whether the rule is about this asker; an unknown one is not
// excluded.
func (x *ReachRule) serves(country string) bool {
	return country == "" || (x.By == nil || slices.Contains(x.By, country)) && !slices.Contains(x.NotBy, country)
}
