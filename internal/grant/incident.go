package grant

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

const (
	incidentHeader     = "counterseal-incident-v1"
	overproducedHeader = "counterseal-over-produced-v1"
	listReadHeader     = "counterseal-incident-read-v1"
)

// Bounds of a statement of an incident.
const (
	IncidentLife = 24 * time.Hour // from its signature to the gate
	MaxNamed     = 4096           // items named one by one
)

// What an incident says was compelled beside the lines of a scope.
const (
	compelledNothing   = "nothing"
	compelledAsGranted = "as-granted"
)

// ItemName is one item of a release, as its store calls it.
type ItemName struct {
	Account scope.AccountID
	Service scope.Service
	ID      string
}

// Line is the item in one line. The id is quoted: stores give ids that no line holds.
func (n ItemName) Line() string {
	return string(n.Account) + " " + string(n.Service) + " " + strconv.QuoteToASCII(n.ID)
}

// ParseItemName reads what Line writes. Code: incident.item.
func ParseItemName(s string) (ItemName, error) {
	account, rest, _ := strings.Cut(s, " ")
	service, quoted, _ := strings.Cut(rest, " ")
	id, err := strconv.Unquote(quoted)
	n := ItemName{scope.AccountID(account), scope.Service(service), id}
	if err != nil || id == "" || n.Line() != s || !scope.ValidAccount(account) || !slices.Contains(scope.Services, n.Service) {
		return ItemName{}, problem.New(problem.Invalid, "incident.item", "an item is named by account, service and quoted id").At("%.80q", s).Fix(`write: acct-1 mail "INBOX/17"`)
	}
	return n, nil
}

// Incident is one person's word that a release held more than was compelled, and what
// was compelled. It is found out after the package has left.
type Incident struct {
	Provider string
	Gate     string
	Demand   string
	Grant    Digest
	Release  Digest // of the gate's release statement

	// AsGranted says that the grant stands and only Named should not have left.
	// Otherwise Compelled is what was compelled; empty: nothing was.
	AsGranted bool
	Compelled scope.Scope
	Named     []ItemName

	Person string
	At     time.Time
	Reason string
}

// Bytes is the canonical text that the person signs. Codes: grant.text, incident.item,
// canon.value.
func (i Incident) Bytes() ([]byte, error) {
	if !Name(i.Demand) || !Name(i.Gate) || !word(i.Person) || i.Reason == "" || len(i.Named) > MaxNamed || i.AsGranted && (!i.Compelled.Empty() || len(i.Named) == 0) {
		return nil, badText("incident")
	}
	f := []canon.Field{{Key: "provider", Value: i.Provider}, {Key: "gate", Value: i.Gate}, {Key: "demand", Value: i.Demand},
		{Key: "grant-sha256", Value: i.Grant.String()}, {Key: "release-sha256", Value: i.Release.String()}}
	for _, l := range i.compelled() {
		f = append(f, canon.Field{Key: "compelled", Value: l})
	}
	last := ""
	for _, n := range i.Named {
		l := n.Line()
		if _, err := ParseItemName(l); err != nil {
			return nil, err
		}
		if l <= last {
			return nil, badText("not-compelled")
		}
		last = l
		f = append(f, canon.Field{Key: "not-compelled", Value: l})
	}
	f = append(f, canon.Field{Key: "person", Value: i.Person}, canon.Field{Key: "at", Value: canon.Time(i.At)}, canon.Field{Key: "reason", Value: i.Reason})
	return canon.Encode(incidentHeader, f)
}

func (i Incident) compelled() []string {
	switch {
	case i.AsGranted:
		return []string{compelledAsGranted}
	case i.Compelled.Empty():
		return []string{compelledNothing}
	}
	return i.Compelled.Lines()
}

// NamedOnce puts items into the order of a statement, each once.
func NamedOnce(items []ItemName) []ItemName {
	lines := map[string]ItemName{}
	for _, n := range items {
		lines[n.Line()] = n
	}
	var out []ItemName
	for _, l := range slices.Sorted(maps.Keys(lines)) {
		out = append(out, lines[l])
	}
	return out
}

// ParseIncident reads what Bytes writes and nothing else. Codes: grant.text,
// grant.digest, incident.item, canon.text, and those of scope.
func ParseIncident(text []byte) (Incident, error) {
	fields, err := canon.Decode(incidentHeader, text)
	if err != nil {
		return Incident{}, err
	}
	var i Incident
	var compelled []string
	for _, f := range fields {
		if f.Key == "compelled" {
			compelled = append(compelled, f.Value)
			continue
		}
		if err := i.set(f); err != nil {
			return Incident{}, err
		}
	}
	switch strings.Join(compelled, "\n") {
	case compelledAsGranted:
		i.AsGranted = true
	case compelledNothing:
	default:
		i.Compelled, err = scope.ParseLines(compelled)
	}
	if err != nil {
		return Incident{}, err
	}
	return canon.Exact(i, text)
}

func (i *Incident) set(f canon.Field) (err error) {
	switch f.Key {
	case "provider":
		i.Provider = f.Value
	case "gate":
		i.Gate = f.Value
	case "demand":
		i.Demand = f.Value
	case "grant-sha256":
		i.Grant, err = ParseDigest(f.Value)
	case "release-sha256":
		i.Release, err = ParseDigest(f.Value)
	case "not-compelled":
		var n ItemName
		n, err = ParseItemName(f.Value)
		i.Named = append(i.Named, n)
	case "person":
		i.Person = f.Value
	case "at":
		i.At, err = canon.ParseTime(f.Value)
	case "reason":
		i.Reason = f.Value
	default:
		return badText(f.Key)
	}
	return err
}

// CheckIncident verifies that a person on the roster, in the last day and in their own
// name, said this about this provider's gate. What it says of the release, the gate
// holds against its record. Codes: incident.not_on_roster, incident.other_person,
// incident.other_gate, incident.stale, incident.future, and those of ParseIncident and
// signature.
func CheckIncident(c *Charter, s Signed, gate string, now time.Time) (Incident, error) {
	i, err := ParseIncident(s.Text)
	if err != nil {
		return Incident{}, err
	}
	if err := c.signedBy(s, signature.Incident, i.Person, "incident"); err != nil {
		return Incident{}, err
	}
	switch {
	case i.Provider != c.Provider || i.Gate != gate:
		return Incident{}, problem.New(problem.Refused, "incident.other_gate", "this was said to another provider's gate, or another gate")
	case i.At.After(now.Add(c.Policy.Skew)):
		return Incident{}, problem.New(problem.Refused, "incident.future", "this was said in the future").Fix("set the clock right")
	case now.Sub(i.At) > IncidentLife:
		return Incident{}, problem.New(problem.Refused, "incident.stale", "this was signed more than a day ago").Fix("say it again")
	}
	return i, nil
}

// Overproduced is what a gate says, signed, of a release that held more than was
// compelled. It names no item.
type Overproduced struct {
	Provider  string
	Gate      string
	Demand    string
	Grant     Digest
	Release   Digest
	Statement Digest // of the person's word
	Items     int64  // in the package
	Outside   int64  // of them not compelled
	Payload   int64  // bytes of those
	List      Digest // of their list
	Person    string // who said so
	Reason    string
	At        time.Time
}

// Bytes is the canonical text that the gate signs and the journal holds. Codes:
// grant.text, canon.value.
func (o Overproduced) Bytes() ([]byte, error) {
	if !Name(o.Demand) || !Name(o.Gate) || o.Outside < 1 || o.Items < o.Outside || o.Payload < 0 || !word(o.Person) {
		return nil, badText("over-produced")
	}
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	return canon.Encode(overproducedHeader, []canon.Field{{Key: "provider", Value: o.Provider}, {Key: "gate", Value: o.Gate}, {Key: "demand", Value: o.Demand},
		{Key: "grant-sha256", Value: o.Grant.String()}, {Key: "release-sha256", Value: o.Release.String()}, {Key: "statement-sha256", Value: o.Statement.String()},
		{Key: "items", Value: n(o.Items)}, {Key: "not-compelled", Value: n(o.Outside)}, {Key: "bytes", Value: n(o.Payload)},
		{Key: "list-sha256", Value: o.List.String()}, {Key: "person", Value: o.Person}, {Key: "reason", Value: o.Reason}, {Key: "at", Value: canon.Time(o.At)}})
}

// ListRead is one person's word that they read the list of an incident.
type ListRead struct {
	Gate     string
	Incident Digest
	Person   string
	At       time.Time
}

// Bytes is the canonical text that the person signs.
func (r ListRead) Bytes() ([]byte, error) {
	if !Name(r.Gate) || !word(r.Person) {
		return nil, badText("incident read")
	}
	return canon.Encode(listReadHeader, []canon.Field{{Key: "gate", Value: r.Gate}, {Key: "read-incident-sha256", Value: r.Incident.String()}, {Key: "person", Value: r.Person}, {Key: "at", Value: canon.Time(r.At)}})
}

// ParseListRead reads what Bytes writes. Codes: grant.text, grant.digest, canon.text.
func ParseListRead(text []byte) (ListRead, error) {
	f, err := canon.Decode(listReadHeader, text)
	if err != nil {
		return ListRead{}, err
	}
	if len(f) != 4 {
		return ListRead{}, badText("incident read")
	}
	r := ListRead{Gate: f[0].Value, Person: f[2].Value}
	r.Incident, err = ParseDigest(f[1].Value)
	if err != nil {
		return ListRead{}, err
	}
	r.At, err = canon.ParseTime(f[3].Value)
	if err != nil {
		return ListRead{}, err
	}
	return canon.Exact(r, text)
}

// CheckListRead verifies that a person on the roster said minutes ago that they read
// the list. Codes: incident.not_on_roster, incident.other_person, incident.other_gate,
// incident.stale, incident.future, and those of ParseListRead and signature.
func CheckListRead(c *Charter, s Signed, gate string, now time.Time) (ListRead, error) {
	r, err := ParseListRead(s.Text)
	if err != nil {
		return ListRead{}, err
	}
	if err := c.signedBy(s, signature.IncidentRead, r.Person, "incident"); err != nil {
		return ListRead{}, err
	}
	switch {
	case r.Gate != gate:
		return ListRead{}, problem.New(problem.Refused, "incident.other_gate", "this was said to another provider's gate, or another gate")
	case r.At.After(now.Add(c.Policy.Skew)):
		return ListRead{}, problem.New(problem.Refused, "incident.future", "this was said in the future").Fix("set the clock right")
	case now.Sub(r.At) > c.Policy.Fresh:
		return ListRead{}, problem.New(problem.Refused, "incident.stale", "this was signed more than %d minutes ago", int(c.Policy.Fresh.Minutes())).Fix("say it again")
	}
	return r, nil
}
