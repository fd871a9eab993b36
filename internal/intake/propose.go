package intake

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is proposed from one letter.
const (
	maxLetter    = 1 << 20  // bytes of text that are looked at
	maxProposals = 200      // of each sort
	maxAsking    = 64 << 10 // bytes in which the words are looked for that say what is asked
)

// Agencies is the register as far as proposing needs it.
type Agencies interface {
	// AgenciesAt gives the ids of agencies whose mail comes from exactly this
	// domain, written in lower-case ASCII.
	AgenciesAt(domain string) []string
}

// Reading is a letter or a paper as it was read.
type Reading struct {
	From []string // every address of every From field, none for a paper
	Text string   // inert text (package paper)
}

// Place says where something was found, so that a person can look. Offsets are
// bytes of the text, the end excluded; line and column count from 1, columns in
// characters.
type Place struct {
	Begin  int `json:"begin"`
	End    int `json:"end"`
	Line   int `json:"line"`
	Column int `json:"column"`
}

// Proposals are what a person may confirm. Nothing here has been decided, checked
// or proven, and a letter that states something plainly may still be a forgery.
// What is ambiguous is left out: 03/04/2026 is no date, a bare number no phone.
//
// The lists are all that was found. The single values are what the letter leaves no
// doubt about; where it contradicts itself they are nil, and a remark repeats the
// words.
type Proposals struct {
	Kind       *ProposedWord    `json:"kind"`       // of demand, as in the fact "kind"
	Instrument *ProposedWord    `json:"instrument"` // as in the fact "instrument"
	Number     *ProposedWord    `json:"number"`     // the court's or agency's own
	Signed     *ProposedWord    `json:"signed"`     // YYYY-MM-DD
	Due        *ProposedWord    `json:"due"`        // YYYY-MM-DD
	Period     *ProposedPeriod  `json:"period"`     // of which data are asked for
	Remarks    []ProposalRemark `json:"remarks"`

	Agencies    []string             `json:"agencies"`    // ids, by the exact domain of the one sender; several where agencies share it
	Instruments []ProposedInstrument `json:"instruments"` // more than one kind: the letter speaks of several, choose none for the reader
	Dates       []ProposedDate       `json:"dates"`
	Periods     []ProposedPeriod     `json:"periods"`
	Numbers     []ProposedWord       `json:"numbers"`
	Targets     []ProposedTarget     `json:"targets"`
}

// ProposedInstrument is a word or a citation that names a kind of instrument. Kind
// is a word of the fact "instrument".
type ProposedInstrument struct {
	Kind   string `json:"kind"`
	Stated string `json:"stated"`
	Place  Place  `json:"place"`
}

// ProposedDate is a day that is stated without doubt. Due says that the words
// before it set a term, Signed that they speak of signing or issuing.
type ProposedDate struct {
	Day    string `json:"day"` // YYYY-MM-DD
	Due    bool   `json:"due"`
	Signed bool   `json:"signed"`
	Stated string `json:"stated"`
	Place  Place  `json:"place"`
}

// ProposedTarget is an identifier: address, phone, ip or imei. Time is the moment
// beside an ip, as it is stated; without one an address of the network names
// nobody.
type ProposedTarget struct {
	Kind   string `json:"kind"`
	Stated string `json:"stated"`
	Port   string `json:"port,omitempty"`
	Time   string `json:"time,omitempty"`
	Place  Place  `json:"place"`
}

// Proposed looks for the facts that every demand needs in a letter in English,
// German, Danish or Italian: who asks, with what, by when, about whom. It is pure
// and deterministic, looks at the first MiB, and looks no account up. Agencies may
// be nil.
func Proposed(r Reading, agencies Agencies) Proposals {
	text := r.Text[:min(len(r.Text), maxLetter)]
	l := letter{text: text, low: lower(text)}
	p := Proposals{Instruments: l.instruments(), Numbers: l.head().numbers(), Targets: l.targets(r.From)}
	days := l.days()
	a := l.head().asked()
	p.choose(l, a)
	p.periods(l, days, a.asks() || len(p.Instruments) > 0)
	p.days(l, days)
	p.numbered()
	if len(text) > maxAsking { // what was not looked at may say the contrary
		p.Kind, p.Instrument, p.Number = nil, nil, nil
		p.remark("reading.long")
	}
	if len(r.From) == 1 && agencies != nil {
		if domain, ok := mailDomain(r.From[0]); ok {
			p.Agencies = slices.Clone(agencies.AgenciesAt(domain))
			slices.Sort(p.Agencies)
		}
	}
	return p
}

// letter is a text being looked at; low is the same in lower case, byte for byte in
// the same place.
type letter struct{ text, low string }

// head is the part of a long letter in which the words are looked for that say what
// is asked, which is slow.
func (l letter) head() letter {
	n := min(len(l.text), maxAsking)
	return letter{text: l.text[:n], low: l.low[:n]}
}

// mailDomain is the domain of an address that is written in plain ASCII.
func mailDomain(address string) (string, bool) {
	_, domain, ok := strings.Cut(address, "@")
	domain = lower(domain)
	plain := !strings.ContainsFunc(domain, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '-' })
	return domain, ok && plain && domain != ""
}

// lower puts ASCII letters and those from À to Þ into lower case. It keeps every
// byte in its place and folds nothing that only looks alike.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		switch {
		case c >= 'A' && c <= 'Z':
			b[i] = c + 'a' - 'A'
		case i > 0 && b[i-1] == 0xc3 && c >= 0x80 && c <= 0x9e && c != 0x97:
			b[i] = c + 0x20
		}
	}
	return string(b)
}

func (l letter) place(begin, end int) Place {
	start := strings.LastIndexByte(l.text[:begin], '\n') + 1
	return Place{Begin: begin, End: end, Line: 1 + strings.Count(l.text[:begin], "\n"), Column: 1 + utf8.RuneCountInString(l.text[start:begin])}
}

// around bounds how much of a line is looked at on each side of a place, in bytes.
const around = 300

// line is the line around a place, in lower case, and where it begins.
func (l letter) line(at int) (string, int) {
	start, end := max(0, at-around), min(len(l.low), at+around)
	if i := strings.LastIndexByte(l.low[start:at], '\n'); i >= 0 {
		start += i + 1
	}
	if i := strings.IndexByte(l.low[at:end], '\n'); i >= 0 {
		end = at + i
	}
	return l.low[start:end], start
}

// alone says that a match is not part of a longer word or number. A dash and an
// apostrophe of the printer's end a word.
func (l letter) alone(begin, end int) bool {
	before, _ := utf8.DecodeLastRuneInString(l.text[:begin])
	after, _ := utf8.DecodeRuneInString(l.text[end:])
	return (begin == 0 || !ofWord(before)) && (end == len(l.text) || !ofWord(after))
}

func ofWord(r rune) bool {
	return r == '_' || r == utf8.RuneError || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= 0x80 || c == '_'
}

// byPlace orders what was found as it stands in the text, and bounds it.
func byPlace[T any](found []T, at func(T) Place) []T {
	slices.SortStableFunc(found, func(a, b T) int { return cmp.Compare(at(a).Begin, at(b).Begin) })
	return found[:min(len(found), maxProposals)]
}
