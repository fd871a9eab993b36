package staff

import "time"

// Section is a part of a page: what there is of one kind, and what can be
// recorded about it.
type Section struct {
	Part    string // ui.Parts
	Entries []Entry
	Acts    []Link
}

// Entry is one thing of a section.
type Entry struct {
	ID     string // anchor on the page; may be empty
	Title  string
	Href   string // its own page; may be empty
	State  string // in words
	Now    bool   // a person is needed
	Texts  []string
	Facts  []Datum
	Events []uint64
	Acts   []Link
}

// Datum is one thing that is known, with its name.
type Datum struct {
	Name string
	Text string
	At   time.Time // zero: it is no time
	Due  bool      // At is a deadline that somebody has to keep
	End  bool      // At ends something: midnight is 24:00 of the day before
	Day  bool      // At is a day without an hour
	Mono bool      // Text is a code or a digest
	Href string
}

// Link is an act that the reader can give, on a page of its own.
type Link struct {
	Act   string // ui.Deeds
	Href  string
	About string // what of several it is about; may be empty
}

// Unnamed is the datum where its name stands beside it.
func (d Datum) Unnamed() Datum {
	d.Name = ""
	return d
}
