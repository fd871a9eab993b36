package app

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"counterseal/internal/demand"
	"counterseal/internal/web/ui"
)

// AnswerField is something that a person adds to the record for a letter, by the
// name of its flag on the command line.
type AnswerField struct {
	Name     string
	Required bool
}

// What a letter takes beside the record. Every letter takes a language.
var (
	inLanguage = AnswerField{Name: "language"}
	maySay     = AnswerField{Name: "say"}
	mustSay    = AnswerField{Name: "say", Required: true}
	toChannel  = AnswerField{Name: "channel", Required: true}
	atContact  = AnswerField{Name: "contact", Required: true}
	byGround   = AnswerField{Name: "ground"}
	ifKept     = AnswerField{Name: "kept"}
)

// answerKind is a letter to an authority: what it takes, and what in the record
// points to it, in a clause; "" for nothing.
type answerKind struct {
	name  string
	takes []AnswerField
	fits  func(*demand.State) string
}

// answerKinds has the letters in the order in which they are offered.
var answerKinds = []answerKind{
	{"acknowledgement", []AnswerField{inLanguage}, fitsNothingSent},
	{"clarification-request", []AnswerField{inLanguage, mustSay, ifKept}, fitsMissingFacts},
	{"no-records", []AnswerField{inLanguage}, fitsNoAccount},
	{"answer-in-part", []AnswerField{inLanguage, maySay}, fitsInPart},
	{"rejection", []AnswerField{inLanguage, maySay, ifKept}, fitsRejection},
	{"redirect", []AnswerField{inLanguage, toChannel, atContact, maySay, ifKept}, fitsRedirect},
	{"duplicate", []AnswerField{inLanguage}, fitsDuplicate},
	{"no-instrument", []AnswerField{inLanguage, maySay}, fitsInformal},
	{"call-back-failed", []AnswerField{inLanguage}, fitsDenied},
	{"preserved", []AnswerField{inLanguage}, fitsKept},
	{"recall", []AnswerField{inLanguage}, fitsRecall},
	{"annex-three", []AnswerField{inLanguage, byGround, maySay, ifKept}, fitsCertificate},
	{"objection-recognition", []AnswerField{inLanguage, atContact, byGround, maySay, ifKept}, fitsRecognition},
	{"objection-law", []AnswerField{inLanguage, atContact, mustSay}, fitsLaw},
	{"motion-cover", []AnswerField{inLanguage, atContact, maySay}, fitsMotion},
}

// AnswerKinds are the letters to authorities that a person can draft, in the order
// in which they are offered.
var AnswerKinds = func() (out []string) {
	for _, k := range answerKinds {
		out = append(out, k.name)
	}
	return out
}()

// AnswerTakes is what a person may add to the record for a letter of the kind.
func AnswerTakes(kind string) []AnswerField {
	for _, k := range answerKinds {
		if k.name == kind {
			return slices.Clone(k.takes)
		}
	}
	return nil
}

func fitsNothingSent(s *demand.State) string {
	if slices.ContainsFunc(s.Thread, func(m demand.Message) bool { return m.Out }) {
		return ""
	}
	return "nothing has gone to them yet"
}

func fitsMissingFacts(s *demand.State) string {
	var missing []string
	for _, f := range s.Findings.All {
		if f.Outcome == "ask" {
			missing = append(missing, f.Missing...)
		}
	}
	slices.Sort(missing)
	missing = slices.Compact(missing)
	if len(missing) == 0 {
		return ""
	}
	return "the rules ask for what nobody has stated: " + plural(len(missing), "fact")
}

func fitsNoAccount(s *demand.State) string {
	unknown := unknownOf(s)
	if len(unknown) == 0 {
		return ""
	}
	return "no account of ours: " + strings.Join(unknown, ", ")
}

func fitsInPart(s *demand.State) string {
	given, held := 0, 0
	for _, l := range s.Lines {
		switch l.Decision {
		case demand.Undecided, demand.Superseded:
		case demand.Comply:
			given++
		case demand.InPart:
			given++
			held++
		default:
			held++
		}
	}
	if given == 0 || held == 0 {
		return ""
	}
	return "something of it is given, and something not"
}

func fitsRejection(s *demand.State) string {
	return cmp.Or(decidedAs(s, demand.Reject), proposedBy(s, "reject"))
}

func fitsRedirect(s *demand.State) string {
	return cmp.Or(decidedAs(s, demand.Redirect), proposedBy(s, "redirect_treaty"), proposedBy(s, "redirect_enterprise"))
}

func fitsDuplicate(s *demand.State) string {
	first, linked := repeats(s)
	if !linked {
		return ""
	}
	return "it is linked as the duplicate of " + string(first)
}

func fitsInformal(s *demand.State) string {
	if s.Kind != demand.Informal {
		return ""
	}
	return "it came without an instrument"
}

func fitsDenied(s *demand.State) string {
	if n := len(s.Callbacks); n == 0 || s.Callbacks[n-1].Confirmed {
		return ""
	}
	return "whoever was called back did not confirm it"
}

func fitsKept(s *demand.State) string {
	k, some := kept(s)
	if !some {
		return ""
	}
	return "a copy is kept: " + k.ID
}

func fitsRecall(s *demand.State) string {
	x, some := exceeded(s)
	if !some {
		return ""
	}
	return "a package held more than was compelled: " + x.Grant
}

// exceeded is the last package that left with more than was compelled.
func exceeded(s *demand.State) (last demand.Incident, some bool) {
	for _, x := range s.Incidents {
		if x.Kind == demand.HadLeft {
			last, some = x, true
		}
	}
	return last, some
}

func fitsCertificate(s *demand.State) string {
	if s.Instrument.Kind != "epoc" && s.Instrument.Kind != "epoc_pr" {
		return ""
	}
	return "it came as a European certificate"
}

// decidedAs says which lines were decided so.
func decidedAs(s *demand.State, d demand.Decision) string {
	var lines []int
	for _, l := range s.Lines {
		if l.Decision == d {
			lines = append(lines, l.No)
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return fmt.Sprintf("decided so: line %s", numbers(lines))
}

// proposedBy says which findings propose it that nobody has gone against.
func proposedBy(s *demand.State, response string) string {
	var cites []string
	for _, f := range findingsView(s, nil) {
		if f.Outcome == "violated" && f.SecondedBy == "" && slices.Contains(f.Respond, response) {
			cites = append(cites, f.Cite)
		}
	}
	if len(cites) == 0 {
		return ""
	}
	return words.Of(ui.Responses, response) + " is proposed: " + strings.Join(slices.Compact(cites), "; ")
}
