package estate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"counterseal/internal/identifier"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Reason is a word for why a resolution is as it is; screens have a sentence for
// each in their own languages.
type Reason string

const (
	ReasonOne       Reason = "one"       // one account, throughout the interval
	ReasonPart      Reason = "part"      // one account, during a part of it
	ReasonSeveral   Reason = "several"   // more than one
	ReasonNoPort    Reason = "no_port"   // more than one, and a port could tell them apart
	ReasonUnknown   Reason = "unknown"   // nobody, ever
	ReasonElsewhen  Reason = "elsewhen"  // somebody, at another time
	ReasonName      Reason = "name"      // a name identifies nobody
	ReasonMalformed Reason = "malformed" // not of its kind
	ReasonAmbiguous Reason = "ambiguous" // reads in more than one way
)

// Resolution is what the map says of one identifier during an interval. It
// proposes: a person records accounts, and a second one checks them.
type Resolution struct {
	Kind, Stated string
	Normal       string    // as it was compared; empty where it could not be read
	At           time.Time // the instant that a network address was stated with
	Asked        Interval  // that it was looked up for
	Held         []Held    // by account
	Reason       Reason
	Why          string   // one sentence, with the times
	Notes        []string // what the person who records and the one who checks should know
}

// Held is one account or folder that the identifier stood for.
type Held struct {
	Account    scope.AccountID
	Intervals  []Interval        // in which it stood for it, whole, not cut to what was asked
	Throughout bool              // they hold all of the interval
	SharedBy   []scope.AccountID // of a folder: the accounts that shared it in the interval
}

// Accounts lists what it resolved to: none, one or several, sorted.
func (r Resolution) Accounts() []scope.AccountID {
	var out []scope.AccountID
	for _, h := range r.Held {
		out = append(out, h.Account)
	}
	return out
}

// Resolve says whom an identifier, as an instrument states it, stood for at any
// time between from and until, both inside. A network address counts at the
// instant that is stated with it, and at no other. It never fails: what cannot be
// read resolves to nobody, and Why says so.
func (e *Estate) Resolve(kind, stated string, from, until time.Time) Resolution {
	r := Resolution{Kind: kind, Stated: stated, Asked: Interval{from.UTC(), until.UTC()}}
	id, err := identifier.Parse(kind, stated)
	if err != nil {
		return r.unread(problem.Of(err))
	}
	r.Normal, r.Notes = id.Normal, id.Notes
	switch kind {
	case identifier.Name:
		r.Reason, r.Why = ReasonName, "A name identifies nobody by itself; several persons may bear it."
		return r
	case identifier.Account:
		return r.of(e, e.byID(scope.AccountID(id.Normal)))
	case identifier.IP:
		r.At, r.Asked = id.At, Interval{id.At, id.At}
		rows := e.byAlias(kind, id.Normal)
		for _, s := range e.sessionsAt(id.Addr, id.Port, id.At) {
			rows = append(rows, row{s.Account, Interval{s.From, s.Until}})
		}
		r = r.of(e, rows)
		if r.Reason == ReasonSeveral && id.Port == 0 {
			r.Reason = ReasonNoPort
		}
		return r
	}
	return r.of(e, e.byAlias(kind, id.Normal))
}

func (r Resolution) unread(p *problem.Error) Resolution {
	r.Reason, r.Why = ReasonMalformed, p.Message+"."
	if p.Code == "identifier.ambiguous" {
		r.Reason = ReasonAmbiguous
	}
	if p.Remedy != "" {
		r.Notes = []string{p.Remedy + "."}
	}
	return r
}

// row is one time in which an identifier stood for an account.
type row struct {
	account scope.AccountID
	held    Interval
}

func (e *Estate) byID(id scope.AccountID) (out []row) {
	if !e.Owns(id) {
		return nil
	}
	for _, i := range e.held(id, Interval{}) {
		out = append(out, row{id, i})
	}
	return out
}

func (e *Estate) byAlias(kind, normal string) (out []row) {
	i, ok := e.first[kind+" "+normal]
	for ; ok && i >= 0; i = e.next[i] {
		a := e.rows.Aliases[i]
		for _, h := range e.held(a.Account, Interval{a.From, a.Until}) {
			out = append(out, row{a.Account, h})
		}
	}
	return out
}

// of sorts the rows by account and says what they come to.
func (r Resolution) of(e *Estate, rows []row) Resolution {
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(string(a.account), string(b.account)) })
	var elsewhen []Held
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].account == rows[0].account {
			n++
		}
		h := Held{Account: rows[0].account}
		for _, w := range rows[:n] {
			h.Intervals = append(h.Intervals, w.held)
		}
		h.Intervals, rows = joined(h.Intervals), rows[n:]
		if len(cutAll(r.Asked, h.Intervals)) == 0 {
			elsewhen = append(elsewhen, h)
			continue
		}
		h.Throughout = covers(h.Intervals, r.Asked)
		if _, folder := e.folders[h.Account]; folder {
			h.SharedBy = e.sharers(h.Account, r.Asked)
		}
		r.Held = append(r.Held, h)
	}
	return r.said(elsewhen)
}

// said gives the reason and its sentence.
func (r Resolution) said(elsewhen []Held) Resolution {
	what := fmt.Sprintf("The %s %s", words[r.Kind], r.Normal)
	when := "in the interval asked"
	if !r.At.IsZero() {
		what, when = what+" at "+second(r.At), "then"
	}
	switch {
	case len(r.Held) == 0 && len(elsewhen) == 0:
		r.Reason, r.Why = ReasonUnknown, what+" is not in our map."
	case len(r.Held) == 0:
		r.Reason, r.Why = ReasonElsewhen, fmt.Sprintf("%s stood for nobody %s; at other times for %s.", what, when, list(elsewhen))
	case len(r.Held) > 1:
		r.Reason, r.Why = ReasonSeveral, fmt.Sprintf("%s stood for %d accounts %s: %s.", what, len(r.Held), when, list(r.Held))
	case r.Held[0].Throughout:
		r.Reason, r.Why = ReasonOne, fmt.Sprintf("%s stood for %s.", what, list(r.Held))
	default:
		r.Reason, r.Why = ReasonPart, fmt.Sprintf("%s stood for %s, a part of the interval asked.", what, list(r.Held))
	}
	return r
}

var words = map[string]string{identifier.Address: "address", identifier.Account: "account", identifier.Phone: "number", identifier.IP: "network address",
	identifier.IMEI: "equipment identity", identifier.Device: "device", identifier.Payment: "payment token", identifier.URL: "URL"}

// list names accounts with their times; of many, the first.
func list(held []Held) string {
	const most = 8
	var out []string
	for _, h := range held[:min(len(held), most)] {
		out = append(out, h.String())
	}
	if n := len(held) - most; n > 0 {
		out = append(out, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(out, "; ")
}

// String is the account and its times, as a sentence says them.
func (h Held) String() string {
	var times []string
	for _, i := range h.Intervals {
		times = append(times, i.String())
	}
	s := string(h.Account) + " " + strings.Join(times, " and ")
	if len(h.SharedBy) > 0 {
		s += fmt.Sprintf(" (a folder shared by %d accounts)", len(h.SharedBy))
	}
	return s
}

// String is the interval as a sentence says it.
func (i Interval) String() string {
	switch {
	case i.From.IsZero() && i.Until.IsZero():
		return "at all times"
	case i.From.IsZero():
		return "until " + second(i.Until)
	case i.Until.IsZero():
		return "since " + second(i.From)
	}
	return "from " + second(i.From) + " until " + second(i.Until)
}

func second(t time.Time) string { return t.UTC().Format(time.RFC3339) }
