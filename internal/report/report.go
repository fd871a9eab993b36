package report

import (
	"encoding/json"
	"fmt"
	"time"

	"counterseal/internal/problem"
)

// Outcome is how a demand ended.
type Outcome string

const (
	Full       Outcome = "full"       // given as asked
	Part       Outcome = "part"       // given in part
	NoRecords  Outcome = "no_records" // nothing of the kind was there
	Refused    Outcome = "refused"
	Redirected Outcome = "redirected" // pointed to another channel
	Withdrawn  Outcome = "withdrawn"  // by whoever asked, or the same demand again
	Otherwise  Outcome = "otherwise"  // went to counsel, or ended in another way
	Open       Outcome = "open"       // not answered when it was counted
)

// Outcomes lists them in the order of a table.
var Outcomes = []Outcome{Full, Part, NoRecords, Refused, Redirected, Withdrawn, Otherwise, Open}

// Entry is what of one demand counts.
type Entry struct {
	Country  string // of the authority, two capital letters; "" where it is not known
	Class    string // of the instrument, a word of Classes
	Outcome  Outcome
	Targets  int  // that the instrument states
	ByHand   bool // what was given was exported by a person
	Imported bool // entered from an earlier list
	BandOnly bool // may be counted in bands alone
	LeftOut  bool // of a class that the law lets no number be told of
}

// Classes of instruments.
var Classes = []string{"unstated", "subpoena", "court_order", "warrant", "epoc", "epoc_pr", "preservation", "emergency", "treaty", "domestic", "informal", "civil", "prospective",
	"assistance", "testimony", "about_us", "other"}

// Figure is a number as it is published: exact, or fewer than a bound, or withheld.
type Figure struct {
	N         int
	FewerThan int // with N 0
	Withheld  bool
}

// Exact is a figure that tells its number.
func Exact(n int) Figure { return Figure{N: n} }

// MarshalJSON writes 12, {"fewer_than": 10} or "withheld".
func (f Figure) MarshalJSON() ([]byte, error) {
	switch {
	case f.Withheld:
		return []byte(`"withheld"`), nil
	case f.FewerThan > 0:
		return fmt.Appendf(nil, `{"fewer_than":%d}`, f.FewerThan), nil
	}
	return fmt.Appendf(nil, "%d", f.N), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (f *Figure) UnmarshalJSON(b []byte) error {
	var n int
	if json.Unmarshal(b, &n) == nil && n >= 0 {
		*f = Exact(n)
		return nil
	}
	if string(b) == `"withheld"` {
		*f = Figure{Withheld: true}
		return nil
	}
	var bound struct {
		FewerThan int `json:"fewer_than"`
	}
	err := json.Unmarshal(b, &bound)
	if err != nil || bound.FewerThan < 1 {
		return unreadable(err)
	}
	*f = Figure{FewerThan: bound.FewerThan}
	return nil
}

// Row is one country and class, or the rest.
type Row struct {
	Country  string             `json:"country"` // "" where it is not known, and of the rest
	Class    string             `json:"instrument"`
	Rest     bool               `json:"rest,omitempty"` // all that is too small to be named
	Total    int                `json:"total"`
	Outcomes map[Outcome]Figure `json:"outcomes"`
}

// Band is a range in which a number lies; both ends are inside.
type Band struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// BandOf is the band of a width in which n lies.
func BandOf(n, width int) Band {
	from := n / width * width
	return Band{From: from, To: from + width - 1}
}

// Head is a log's signed head at the moment of counting.
type Head struct {
	Log    string `json:"log"`
	Origin string `json:"origin"`
	Size   uint64 `json:"size"`
	Root   string `json:"root"` // base64
}

// Report is one period's, as it is published. Columns that were put together are
// told under the first of them, and Together says which they are.
type Report struct {
	Version  int                `json:"version"`
	Provider string             `json:"provider"`
	Period   string             `json:"period"`
	From     string             `json:"from"` // YYYY-MM-DD, both days inside
	To       string             `json:"to"`
	Counted  time.Time          `json:"counted"` // what ended later is counted as open
	Minimum  int                `json:"minimum_cell"`
	Total    Figure             `json:"total"`
	Outcomes map[Outcome]Figure `json:"outcomes"`
	Together []Outcome          `json:"together"` // told as one number, under Otherwise
	Rows     []Row              `json:"rows"`
	ByHand   Figure             `json:"by_hand"`  // of what was given
	Imported Figure             `json:"imported"` // entered from earlier lists; in no other number

	// What may be told in bands alone, where the provider publishes bands.
	SecurityProcess   *Band    `json:"national_security_process,omitempty"`
	SecuritySelectors *Band    `json:"national_security_selectors,omitempty"`
	LeftOut           []string `json:"left_out"` // instruments of which no number is told
	Heads             []Head   `json:"heads"`
}

// Parse reads a published report strictly. Code: report.unreadable.
func Parse(b []byte) (Report, error) {
	var r Report
	err := json.Unmarshal(b, &r)
	if err != nil {
		return Report{}, unreadable(err)
	}
	_, err = ParsePeriod(r.Period)
	if err != nil || r.Version != 1 {
		return Report{}, unreadable(err)
	}
	return r, nil
}

func unreadable(err error) *problem.Error {
	return problem.New(problem.Unverified, "report.unreadable", "this is no report of ours").Fix("compare it with the copy that was published").Because(err)
}

// Bytes is the report as it is published.
func (r Report) Bytes() ([]byte, error) {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, unreadable(err)
	}
	return append(b, '\n'), nil
}
