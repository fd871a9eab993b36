package ui

import (
	"maps"
	"slices"
)

// Group is a family of codes that share a table of words.
type Group string

const (
	Seats      Group = "seat"
	Decisions  Group = "decision"
	Statuses   Group = "status"
	Duties     Group = "duty"
	Events     Group = "event"
	Releases   Group = "release"  // how a permitted release ended
	Verdicts   Group = "verdict"  // what a rule said
	Severities Group = "severity" //
	Responses  Group = "response" // what a rule proposes
	Checks     Group = "check"    // how well a rule was checked
	Services   Group = "service"
	Categories Group = "category"
	Bases      Group = "basis"
	Acts       Group = "act" // the next lawful act
	Tracks     Group = "track"
	Secrecies  Group = "secrecy" // what a duty of secrecy rests on
	Kinds      Group = "kind"    // of demand, and of what stands beside demands
	Links      Group = "link"    // how a demand stands to another, and back: "back.follows"
	Parts      Group = "part"    // of a page
	Deeds      Group = "deed"    // acts of the catalogue, as verbs
	Fields     Group = "field"   // of acts; "act.field" where the act has a word of its own
	Hints      Group = "hint"
	Choices    Group = "choice" // "field.value"
	Queues     Group = "queue"  // saved views of the queue
	Registers  Group = "register"
	Filters    Group = "filter" // views of registers
	Documents  Group = "document"
	Rulings    Group = "ruling"
	Deadlines  Group = "deadline" // what a deadline is for
	Channels   Group = "channel"  // the way by which a law works
	Letters    Group = "letter"   // to whoever demands; what each is for is a hint, "letter.KIND"
	Languages  Group = "language" // of a letter
	Papers     Group = "paper"    // by which a law works, a word of the fact instrument
)

// Hindrance is an obstacle in words: what stands in the way, and what removes it.
type Hindrance struct {
	Says   string
	Remove string
}

// Words is the table of one language. It is read-only and safe for concurrent use.
type Words struct {
	Lang      string // BCP 47
	obstacles map[string]Hindrance
	groups    map[Group]map[string]string
}

// WordsFor gives the words of a language, and English where there is no table of
// that language yet.
func WordsFor(lang string) *Words {
	for _, w := range tables {
		if w.Lang == lang {
			return w
		}
	}
	return english
}

// tables lists every language there is. Staff read English; the others have the
// words that customers and officers read.
var tables = []*Words{english, german, danish, italian}

// Of is the word for a code, or the code itself where there is none.
func (w *Words) Of(g Group, code string) string {
	if s, ok := w.groups[g][code]; ok {
		return s
	}
	return code
}

// Paper is an instrument, a word of the fact, as it is called.
func (w *Words) Paper(code string) string { return w.Of(Papers, code) }

// Has reports whether there is a word for the code.
func (w *Words) Has(g Group, code string) bool {
	_, ok := w.groups[g][code]
	return ok
}

// Codes lists the codes of a group that have words, in order.
func (w *Words) Codes(g Group) []string { return slices.Sorted(maps.Keys(w.groups[g])) }

// Obstacle is the obstacle in words. A code without words says itself.
func (w *Words) Obstacle(code string) Hindrance {
	if h, ok := w.obstacles[code]; ok {
		return h
	}
	return Hindrance{Says: code}
}

// HasObstacle reports whether there are words for the obstacle.
func (w *Words) HasObstacle(code string) bool {
	h, ok := w.obstacles[code]
	return ok && h.Says != "" && h.Remove != ""
}

// Label is the name of a field of an act.
func (w *Words) Label(act, field string) string {
	if s, ok := w.groups[Fields][act+"."+field]; ok {
		return s
	}
	return w.Of(Fields, field)
}

// Hint says how to fill a field; mostly nothing.
func (w *Words) Hint(act, field string) string {
	if s, ok := w.groups[Hints][act+"."+field]; ok {
		return s
	}
	return w.groups[Hints][field]
}

// Choice is the word for a value of a field.
func (w *Words) Choice(field, value string) string {
	if s, ok := w.groups[Choices][field+"."+value]; ok {
		return s
	}
	return value
}

// with adds the groups of another part of the table.
func (w *Words) with(more map[Group]map[string]string) *Words {
	for g, words := range more {
		w.groups[g] = words
	}
	return w
}
