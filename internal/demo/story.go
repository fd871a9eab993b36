package demo

import (
	"context"
	"slices"
	"time"

	"counterseal/internal/problem"
)

// Story is one turn of events, told in rows.
type Story struct {
	Name  string // as on the command line
	Title string
	Rows  []Row // in the order of time
}

// Row is what happens at one time, and what the program then shows.
type Row struct {
	Name  string    // within the story
	At    time.Time // by the play's clock
	When  string    // as one would say it
	What  string
	Do    func(context.Context, *Play) error
	Shows func(*Play) []Show // nil: nothing that an outsider would look at
}

// Show is a page, a letter or a command, and what stands there.
type Show struct {
	As      string   // who reads a page; "" is the public
	Page    string   // a path of the pages …
	File    string   // … or a letter …
	Command []string // … or the arguments of the program; the folder is added
	Says    []string // all of these
	Not     []string // none of these
	Absent  bool     // the page answers as one that is not there
	Exit    int      // of the command
}

// Only is the story with the rows of these names alone. Rows that build on one that
// is left out do not go as written.
func (s Story) Only(names ...string) Story {
	s.Rows = slices.DeleteFunc(slices.Clone(s.Rows), func(r Row) bool { return !slices.Contains(names, r.Name) })
	return s
}

// Stories are all there are, in the order in which they begin.
func Stories() []Story {
	return []Story{OpenDoor(), Dublin(), Brooklyn(), London(), Brussels()}
}

// Find gives a story by its name. Code: demo.unknown.
func Find(name string) (Story, error) {
	all := Stories()
	i := slices.IndexFunc(all, func(s Story) bool { return s.Name == name })
	if i >= 0 {
		return all[i], nil
	}
	names := ""
	for _, s := range all {
		names += ", " + s.Name
	}
	return Story{}, problem.New(problem.Missing, "demo.unknown", "there is no such story").At("%.40q", name).Fix("one of %s", names[2:])
}

// at is a moment in a zone, written as in a story; it panics on one that cannot be
// read, which a test of every story sees.
func at(zone, moment string) time.Time {
	z, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", moment, z)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}
