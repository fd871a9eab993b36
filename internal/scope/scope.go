package scope

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"counterseal/internal/problem"
)

// Bounds on what a scope may hold. A demand that needs more is not one demand.
const (
	MaxSelectors    = 1024
	MaxParticipants = 64   // for each selector
	MaxItems        = 4096 // for each selector
	MaxAddress      = 320  // bytes; RFC 5321 §4.5.3.1: 64 + 1 + 255
	MaxItemID       = 128  // bytes
)

// earliest and latest bound an interval: before the first no store has data,
// and a limit such as year 9999 is how people write "everything".
var (
	earliest = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

// AccountID is the provider's immutable id of an account: never an address,
// which may be re-pointed or recycled. 3 to 64 of a–z, 0–9 and inner hyphens.
type AccountID string

// Service is one of the provider's services that hold data.
type Service string

const (
	Records  Service = "records" // subscriber and log-in records
	Mail     Service = "mail"
	Files    Service = "files"
	Calls    Service = "calls" // with voicemail
	Messages Service = "messages"
)

// Services lists every service, in the order of display.
var Services = []Service{Records, Mail, Files, Calls, Messages}

// Category is a category of data as statutes divide it (18 USC 2703;
// Regulation (EU) 2023/1543 Art. 3(9)–(12)).
type Category string

const (
	Subscriber     Category = "subscriber"
	Identification Category = "identification" // for the sole purpose of identifying the user
	Traffic        Category = "traffic"
	Content        Category = "content"
)

// Categories lists every category, least intrusive first.
var Categories = []Category{Subscriber, Identification, Traffic, Content}

// Basis says which of an item's two times counts.
type Basis string

const (
	Received Basis = "received" // the store's time of receipt
	Sent     Basis = "sent"     // the time that the sender's program stated
)

// Selector is one row of a scope. From and Until are both inside, at whole
// seconds of UTC. Participants and Items narrow: empty means not narrowed; an
// item is selected if any of its participants is named, and its id is named.
type Selector struct {
	Account      AccountID
	Service      Service
	Category     Category
	From, Until  time.Time
	Basis        Basis
	Participants []string // lower-cased addresses
	Items        []string // the source's item ids
}

// Scope is an immutable, non-empty, canonical set of selectors. The zero Scope
// is empty and stands for "nothing was given"; no function returns it without
// saying so.
type Scope struct {
	selectors []Selector
	canonical []byte
}

// New checks the selectors, puts them into canonical order and returns the
// scope. Codes: scope.empty, scope.too_large, scope.account, scope.service,
// scope.category, scope.basis, scope.interval, scope.year, scope.participant,
// scope.item.
func New(selectors ...Selector) (Scope, error) {
	if len(selectors) == 0 {
		return Scope{}, problem.New(problem.Invalid, "scope.empty", "a scope names at least one account, service, category and interval").
			Fix("name what is asked for")
	}
	if len(selectors) > MaxSelectors {
		return Scope{}, problem.New(problem.Invalid, "scope.too_large", "a scope holds at most %d selectors, not %d", MaxSelectors, len(selectors)).
			Fix("divide the demand")
	}
	own := make([]Selector, 0, len(selectors))
	names := 0 // bytes, so that what is too large is refused before it is built
	for i, s := range selectors {
		c, err := s.canonical()
		if err != nil {
			return Scope{}, problem.Of(err).At("selector %d: %s", i+1, problem.Of(err).Field)
		}
		own = append(own, c)
		names += len(strings.Join(c.Participants, ",")) + len(strings.Join(c.Items, ","))
		if names > 2*MaxText { // twice, because what is named twice is written once
			return Scope{}, tooLong()
		}
	}
	out, ok := canonicalSet(own)
	if !ok {
		return Scope{}, tooLong()
	}
	return out, nil
}

func tooLong() error {
	return problem.New(problem.Invalid, "scope.too_large", "a scope's text is at most %d bytes", MaxText).Fix("divide the demand")
}

// canonicalSet puts canonical selectors in order, each once; false means that
// Parse would not read their text again.
func canonicalSet(selectors []Selector) (Scope, bool) {
	rows := make([]row, len(selectors))
	for i, s := range selectors {
		rows[i] = row{s, s.line()}
	}
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.line, b.line) })
	rows = slices.CompactFunc(rows, func(a, b row) bool { return a.line == b.line })
	out := Scope{canonical: []byte(header)}
	for _, r := range rows {
		out.selectors = append(out.selectors, r.selector)
		out.canonical = append(append(out.canonical, r.line...), '\n')
	}
	return out, len(rows) <= MaxSelectors && len(out.canonical) <= MaxText
}

// A row is a selector with its line of canonical text.
type row struct {
	selector Selector
	line     string
}

// Empty reports whether this is the zero Scope.
func (s Scope) Empty() bool { return len(s.selectors) == 0 }

// Selectors returns the rows in canonical order; the caller may change the copy.
func (s Scope) Selectors() []Selector {
	out := make([]Selector, len(s.selectors))
	for i, sel := range s.selectors {
		sel.Participants = slices.Clone(sel.Participants)
		sel.Items = slices.Clone(sel.Items)
		out[i] = sel
	}
	return out
}

// Accounts returns the distinct accounts named, sorted.
func (s Scope) Accounts() []AccountID {
	var out []AccountID
	for _, sel := range s.selectors {
		out = append(out, sel.Account)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Has reports whether any selector asks for this category.
func (s Scope) Has(c Category) bool {
	return slices.ContainsFunc(s.selectors, func(sel Selector) bool { return sel.Category == c })
}

// Equal reports whether both name exactly the same selectors.
func (s Scope) Equal(o Scope) bool { return string(s.canonical) == string(o.canonical) }

// Digest is the SHA-256 of the canonical bytes.
func (s Scope) Digest() Digest { return sha256.Sum256(s.canonical) }

// Digest identifies a scope. It prints as lower-case hex.
type Digest [sha256.Size]byte

func (d Digest) String() string { return hex.EncodeToString(d[:]) }

func (s Selector) canonical() (Selector, error) {
	if !ValidAccount(string(s.Account)) {
		return s, problem.New(problem.Invalid, "scope.account", "an account id is 3 to 64 of a–z, 0–9 and inner hyphens").
			At("account %.70q", string(s.Account)).Fix("resolve the identifier to an account first")
	}
	if !slices.Contains(Services, s.Service) {
		return s, problem.New(problem.Invalid, "scope.service", "no such service").At("service %.40q", string(s.Service)).Fix("use records, mail, files, calls or messages")
	}
	if !slices.Contains(Categories, s.Category) {
		return s, problem.New(problem.Invalid, "scope.category", "no such data category").At("category %.40q", string(s.Category)).
			Fix("use subscriber, identification, traffic or content")
	}
	if s.Basis != Received && s.Basis != Sent {
		return s, problem.New(problem.Invalid, "scope.basis", "the time basis is received or sent").At("basis %.40q", string(s.Basis))
	}
	if err := checkInterval(s.From, s.Until); err != nil {
		return s, err
	}
	s.From, s.Until = s.From.UTC(), s.Until.UTC()
	var err error
	s.Participants, err = canonicalList(s.Participants, MaxParticipants, "participant", NormalAddress)
	if err != nil {
		return s, err
	}
	s.Items, err = canonicalList(s.Items, MaxItems, "item", checkItem)
	return s, err
}

func checkInterval(from, until time.Time) error {
	for _, t := range []time.Time{from, until} {
		if t.Before(earliest) || !t.Before(latest) {
			return problem.New(problem.Invalid, "scope.year", "an interval lies between 1970 and 2099").At("%d", t.UTC().Year()).
				Fix("state the interval that the instrument states")
		}
		if t.Nanosecond() != 0 {
			return problem.New(problem.Invalid, "scope.interval", "an interval is stated in whole seconds").At("%s", t.UTC().Format(time.RFC3339Nano))
		}
	}
	if until.Before(from) {
		return problem.New(problem.Invalid, "scope.interval", "the interval ends before it begins").
			At("from %s until %s", from.UTC().Format(time.RFC3339), until.UTC().Format(time.RFC3339)).Fix("put the earlier time first")
	}
	return nil
}

func canonicalList(in []string, limit int, what string, normal func(string) (string, error)) ([]string, error) {
	if len(in) > limit {
		return nil, problem.New(problem.Invalid, "scope.too_large", "a selector names at most %d %ss, not %d", limit, what, len(in))
	}
	var out []string
	for i, v := range in {
		n, err := normal(v)
		if err != nil {
			return nil, problem.Of(err).At("%s %d", what, i+1)
		}
		out = append(out, n)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// ValidAccount reports whether id has the form of an AccountID.
func ValidAccount(id string) bool {
	if len(id) < 3 || len(id) > 64 || id[0] == '-' || id[len(id)-1] == '-' {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

// NormalAddress gives the form in which participants are compared: ASCII
// letters lower-cased, everything else untouched. Only ASCII is folded because
// Unicode folding equates letters that are not the same address (the Kelvin
// sign with k). Bytes that a line of text cannot carry are refused.
func NormalAddress(a string) (string, error) {
	if a == "" || len(a) > MaxAddress || !printable(a) {
		return "", problem.New(problem.Invalid, "scope.participant", "a participant is an address of 1 to %d printable bytes without spaces", MaxAddress)
	}
	return lowerASCII(a), nil
}

func checkItem(id string) (string, error) {
	if id == "" || len(id) > MaxItemID || !printable(id) {
		return "", problem.New(problem.Invalid, "scope.item", "an item id is 1 to %d printable bytes without spaces", MaxItemID)
	}
	return id, nil
}

// printable refuses controls, spaces and the comma that separates a list.
func printable(s string) bool {
	for _, r := range s {
		if r <= ' ' || r == ',' || r == 0x7f || r == '\uFFFD' || (r >= 0x80 && r <= 0xA0) || r == '\u2028' || r == '\u2029' {
			return false
		}
	}
	return true
}

func lowerASCII(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= 'A' && c <= 'Z' {
			b := []byte(s)
			for j := i; j < len(b); j++ {
				if b[j] >= 'A' && b[j] <= 'Z' {
					b[j] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}
