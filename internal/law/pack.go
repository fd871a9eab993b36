package law

import (
	"embed"
	"slices"
	"strings"
)

// Severity says how much a violated rule weighs.
type Severity string

const (
	Blocking    Severity = "blocking"    // going against it needs a reason and a second person
	Warning     Severity = "warning"     // counsel should look
	Information Severity = "information" // good to know
)

var severities = []Severity{Blocking, Warning, Information}

// Response is what a rule proposes to do.
type Response string

const (
	Comply             Response = "comply"
	Clarify            Response = "clarify"
	Narrow             Response = "narrow"
	Reject             Response = "reject"
	RedirectTreaty     Response = "redirect_treaty"
	RedirectEnterprise Response = "redirect_enterprise"
	Challenge          Response = "challenge"
	Preserve           Response = "preserve"
)

var responses = []Response{Comply, Clarify, Narrow, Reject, RedirectTreaty, RedirectEnterprise, Challenge, Preserve}

// Outcome is what one rule says about one set of facts.
type Outcome string

const (
	None     Outcome = "none"     // the rule does not apply
	Holds    Outcome = "holds"    // what it requires is so
	Violated Outcome = "violated" // it applies and what it requires is not so
	Ask      Outcome = "ask"      // facts are missing
)

var outcomes = []Outcome{None, Holds, Violated, Ask}

// Level says how well a rule was checked.
type Level string

const (
	Text      Level = "text"      // read in the statute's or regulation's own text
	Secondary Level = "secondary" // from a secondary source or an excerpt
	Unchecked Level = "unchecked" // from memory, not read
)

var levels = []Level{Text, Secondary, Unchecked}

// Checked says how well a rule was checked, against what and when.
type Checked struct {
	Level  Level  `json:"level"`
	Source string `json:"source"`
	On     string `json:"on"` // YYYY-MM-DD
}

// Sentences is the sentence for a letter in each language.
type Sentences struct {
	EN string `json:"en"`
	DE string `json:"de"`
	DA string `json:"da"`
	IT string `json:"it"`
}

// Languages are those that every sentence to people outside is in.
var Languages = []string{"en", "de", "da", "it"}

// Pack is one file of rules. It is read-only once parsed.
type Pack struct {
	Name    string
	Title   string
	Version string // YYYY-MM-DD, the day of its last change
	File    string
	Digest  [32]byte // SHA-256 of the file

	Rules     []Rule
	Deadlines []DeadlineRule
	Reach     []ReachRule
}

// Entry is what everything in a pack says of itself: where it stands, when and
// where it is in force, when it applies and how well it was checked.
type Entry struct {
	ID          string
	Line        int // in the pack's file
	Cite        string
	Quote       string   // a few words of the source itself; empty where it has no text of its own
	From, To    string   // first and last day in force, YYYY-MM-DD; empty is open
	Instruments []string // empty: every instrument
	Inside      []string // forums; a court of appeals covers its districts; empty: every forum
	Outside     []string // forums in which it is not in force
	Applies     string
	// LeavesOut is what the law hangs on and no fact says, a line each: a person looks at it.
	// What begins with unless is an exception, and matters only where the rule is violated.
	LeavesOut []string
	Checked   Checked
}

// leaves is what a rule with an outcome leaves to a person.
func (e *Entry) leaves(o Outcome) []string {
	if o == Violated {
		return e.LeavesOut
	}
	return slices.DeleteFunc(slices.Clone(e.LeavesOut), func(s string) bool { return strings.HasPrefix(s, "unless ") })
}

// Rule is one rule as the pack states it.
type Rule struct {
	Entry
	ReplacedBy []string // ids of the rules that follow it in time, in the same pack
	Requires   string
	Severity   Severity
	Respond    []Response
	Letter     Sentences
	Examples   []Example
}

// Example is a worked example that the tests execute.
type Example struct {
	Name    string
	Line    int
	Facts   factsOf
	Expect  Outcome
	Missing []string // for Ask: exactly the missing facts, in schema order
}

//go:embed packs/*/*.yaml
var embedded embed.FS

// IDs lists everything in the pack that has one, in its order.
func (p *Pack) IDs() (out []string) {
	for _, e := range p.entries() {
		out = append(out, e.ID)
	}
	return out
}
