package gate

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"time"

	"counterseal/internal/gate/record"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

// Incident is over-production: a package that held more than was compelled. It names no
// item; of one that left it says whose data they are of, so that these people are told.
type Incident struct {
	Incident string       `json:"incident"` // SHA-256 of the gate's statement, as the journal holds it; of a package kept apart, of its list
	Kind     IncidentKind `json:"kind"`
	ID       string       `json:"id"` // of the grant
	Grant    string       `json:"grant"`
	Demand   string       `json:"demand"`
	Release  string       `json:"release,omitempty"`
	Items    int64        `json:"items,omitempty"` // in the package that left
	Outside  int64        `json:"not_compelled"`
	Unlisted int64        `json:"unlisted,omitempty"` // of a package kept apart: items that its index did not know
	Bytes    int64        `json:"bytes,omitempty"`    // of what was not compelled
	Whose    []Excess     `json:"whose,omitempty"`    // it was, by account, service and category; none: an older record
	List     string       `json:"list"`               // SHA-256 of the list
	Person   string       `json:"person,omitempty"`   // who said so
	Reason   string       `json:"reason,omitempty"`
	At       time.Time    `json:"at"`
	Until    time.Time    `json:"until,omitzero"` // how long its list is kept
	Kept     bool         `json:"kept"`           // the list, or what was kept apart, is there
	Logged   bool         `json:"logged"`         // the journal's keeper has it
}

// IncidentKind says where the package was when it was found out.
type IncidentKind string

const (
	HadLeft   IncidentKind = "left"       // the officer could fetch it, or has
	KeptApart IncidentKind = "kept-apart" // nothing left; the package is in quarantine
)

// maxIncidents bounds those of one release. Each can narrow further; none changes
// another.
const maxIncidents = 32

// heldIncident is what the record knows of one.
type heldIncident struct {
	stepIncident
	at     time.Time
	logged bool
}

func (s *state) applyIncident(l record.Line) error {
	switch l.Kind {
	case kindIncidentLogged:
		var b stepIncidentLogged
		return with(l, &b, func() error {
			x := s.incident(b.Incident)
			if x == nil {
				return errOutOfTurn
			}
			x.logged = true
			return nil
		})
	case kindIncidentRead:
		var b stepIncidentRead
		return with(l, &b, func() error {
			if s.incident(b.Incident) == nil {
				return errOutOfTurn
			}
			s.reads[b.Statement] = true
			return nil
		})
	}
	var b stepIncident
	return with(l, &b, func() error {
		r := s.runs[b.ID]
		name := incidentList(b.Statement)
		if r == nil || r.last != kindVisible || hexSum(b.Text) != b.Incident || s.lists[name] != nil {
			return errOutOfTurn
		}
		s.incidents = append(s.incidents, &heldIncident{stepIncident: b, at: l.At})
		s.lists[name] = &heldList{cipher: b.File, until: b.Until}
		return nil
	})
}

func (s *state) incident(digest string) *heldIncident {
	i := slices.IndexFunc(s.incidents, func(x *heldIncident) bool { return x.Incident == digest })
	if i < 0 {
		return nil
	}
	return s.incidents[i]
}

// checkIncident: nobody fetches a package that is known to hold too much.
func checkIncident(a *attempt) error {
	for _, x := range a.g.incidents {
		if x.ID == a.id {
			return refuse("gate.incident", "this package held more than was compelled; nobody fetches it any more").At("incident %s", x.Incident).Fix("ask it back, and draft a grant for what is compelled")
		}
	}
	return nil
}

// ReportIncident takes a person's word that a release held more than was compelled: see
// Desk.
func (g *Gate) ReportIncident(ctx context.Context, s grant.Signed) (Incident, error) {
	ctx, leave, err := g.enter(ctx)
	if err != nil {
		return Incident{}, err
	}
	defer leave()
	digest, fresh, err := g.report(ctx, s)
	if err != nil {
		return Incident{}, g.refused("incident", hexSum(s.Text), err)
	}
	if fresh {
		soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), min(briefly, g.cfg.Patience))
		defer cancel()
		_ = g.tellIncident(soon, digest) // or at the next sweep
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.toldIncident(g.incident(digest)), nil
}

func (g *Gate) report(ctx context.Context, s grant.Signed) (digest string, fresh bool, err error) {
	g.finding.Lock()
	defer g.finding.Unlock()
	if x := g.reported(s); x != nil {
		return x.Incident, false, nil
	}
	i, r, err := g.about(s)
	if err != nil {
		return "", false, err
	}
	// Stops do not wait for the journal, and neither must this; but a folder that was
	// restored opens no list any more.
	if err := g.compare(ctx); err != nil {
		return "", false, problem.Of(err).Fix("meanwhile end the downloads: counterseal stop --grant %s", r.Grant)
	}
	found, err := g.findOutside(i, r, s)
	if err == nil {
		g.hook("list-written")
		digest, err = g.recordIncident(s, found)
	}
	if err != nil {
		_ = g.dropList(incidentList(s.Digest().String())) // or at the next start
		return "", false, err
	}
	g.cfg.Log.Error("incident", "gate", g.cfg.ID, "id", r.ID, "incident", digest, "not_compelled", found.word.Outside, "items", found.word.Items)
	return digest, true, nil
}

// reported finds an incident by the statement on which it rests: the same word again
// changes nothing.
func (g *Gate) reported(s grant.Signed) *heldIncident {
	g.mu.RLock()
	defer g.mu.RUnlock()
	statement := s.Digest().String()
	i := slices.IndexFunc(g.incidents, func(x *heldIncident) bool { return x.Statement == statement })
	if i < 0 {
		return nil
	}
	return g.incidents[i]
}

// about reads the statement, asks every check of it, and finds the release that it
// names.
func (g *Gate) about(s grant.Signed) (grant.Incident, *run, error) {
	i, err := grant.ParseIncident(s.Text)
	if err != nil {
		return i, nil, err
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	r := g.runs[i.Grant.String()]
	if r == nil {
		return i, nil, otherRelease()
	}
	return i, r, g.askWord(&word{g: g, said: s, i: i, r: r}, incidentChecks)
}

// finding is the list of what was not compelled, as it is made.
type finding struct {
	id    string // of the run
	word  grant.Overproduced
	file  grant.Digest // of the encrypted list
	plain int64        // its bytes in the clear
	whose beyond
}

// listHead is the first line of a list: on whose word it rests. The items that the
// statement names are part of the list, so it lies in it and not in the record.
type listHead struct {
	Statement string `json:"statement"`
	Signature string `json:"signature"`
}

// listRow is one item of a release that was not compelled.
type listRow struct {
	ID           string          `json:"id"`
	Account      scope.AccountID `json:"account"`
	Service      scope.Service   `json:"service"`
	Category     scope.Category  `json:"category"`
	Received     time.Time       `json:"received,omitzero"`
	Sent         time.Time       `json:"sent,omitzero"`
	Until        time.Time       `json:"until,omitzero"`         // of what lasts: when it ended
	Participants []string        `json:"participants,omitempty"` // whom the grant names
	Size         int64           `json:"size"`
	SHA256       string          `json:"sha256"` // as in the package
	Why          string          `json:"why"`    // outside, near, undated, or named
}

// findOutside writes the exact list: of what left, everything for which the corrected scope
// does not ask, and what was named. Codes: those of readIndex, gate.incident_people,
// gate.incident_no_item, gate.incident_nothing.
func (g *Gate) findOutside(i grant.Incident, r *run, s grant.Signed) (finding, error) {
	f := finding{id: r.ID, word: grant.Overproduced{Provider: i.Provider, Gate: i.Gate, Demand: i.Demand, Grant: i.Grant, Release: i.Release, Statement: s.Digest(),
		Person: i.Person, Reason: i.Reason, At: g.cfg.Now().UTC().Truncate(time.Second)}, whose: beyond{}}
	var err error
	f.file, err = g.writeList(incidentList(s.Digest().String()), func(to io.Writer) error { return g.listOutside(i, s, &f, to) })
	if err == nil && f.word.Outside == 0 {
		err = refuse("gate.incident_nothing", "everything that left is in what was compelled, so there is no incident")
	}
	return f, err
}

func (g *Gate) listOutside(i grant.Incident, s grant.Signed, f *finding, to io.Writer) error {
	sum := &summing{to: to, h: sha256.New()}
	lines := json.NewEncoder(sum)
	if err := lines.Encode(listHead{string(s.Text), string(s.Signature)}); err != nil {
		return unusable(err)
	}
	named := map[grant.ItemName]bool{}
	for _, n := range i.Named {
		named[n] = true
	}
	err := g.readIndex(f.id, func(x indexRow) error {
		f.word.Items++
		why := notCompelled(i, named, x)
		if why == "" {
			return nil
		}
		f.word.Outside++
		f.word.Payload += x.size
		f.whose.add(x.Item, f.word.At)
		if err := lines.Encode(rowOf(x, why)); err != nil {
			return unusable(err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := g.askWord(&word{g: g, missing: len(named)}, namedChecks); err != nil {
		return err
	}
	f.word.List, f.plain = grant.Digest(sum.h.Sum(nil)), sum.n
	return nil
}

// notCompelled says why an item should not have left; "" where it should. It takes what
// it finds named off the list of names.
func notCompelled(i grant.Incident, named map[grant.ItemName]bool, x indexRow) string {
	if n := (grant.ItemName{Account: x.Account, Service: x.Service, ID: x.ID}); named[n] {
		delete(named, n)
		return "named"
	}
	if i.AsGranted {
		return ""
	}
	v := i.Compelled.Judge(x.Item)
	if v == scope.Inside || v == scope.Split {
		return ""
	}
	return v.String()
}

func rowOf(x indexRow, why string) listRow {
	row := listRow{ID: x.ID, Account: x.Account, Service: x.Service, Category: x.Category, Received: stated(x.Received), Sent: stated(x.Sent),
		Participants: x.Participants, Size: x.size, SHA256: hex.EncodeToString(x.sum[:]), Why: why}
	if x.Lasting && !row.Received.IsZero() {
		row.Until = stated(x.Received.Add(x.ReceivedSpread))
	}
	return row
}

// stated leaves out what RFC 3339 cannot carry.
func stated(t time.Time) time.Time {
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		return time.Time{}
	}
	return t.UTC()
}

// recordIncident makes it stand: from this line on nobody fetches the package.
func (g *Gate) recordIncident(s grant.Signed, f finding) (string, error) {
	text, err := f.word.Bytes()
	if err != nil {
		return "", err
	}
	sig, err := signature.Sign(g.cfg.Key, signature.Overproduced, text)
	if err != nil {
		return "", err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	// Whoever was taken off the roster meanwhile says nothing any more.
	if err := g.askWord(&word{g: g, said: s}, signedChecks); err != nil {
		return "", err
	}
	b := stepIncident{ID: f.id, Incident: hexSum(text), Statement: s.Digest().String(), Text: text, Signature: sig, Items: f.word.Items, Outside: f.word.Outside, Bytes: f.word.Payload,
		List: f.word.List.String(), File: f.file.String(), Plain: f.plain, Person: f.word.Person, Reason: f.word.Reason, Until: f.word.At.Add(g.cfg.Lists), Whose: f.whose.rows()}
	if err := g.append(kindIncident, b); err != nil {
		return "", err
	}
	return b.Incident, nil
}

// tellIncident draws a counter for it, so that a restored folder does not forget it, and
// commits the gate's word to the journal.
func (g *Gate) tellIncident(ctx context.Context, digest string) error {
	d, err := grant.ParseDigest(digest)
	if err != nil {
		return err
	}
	if _, err := g.draw(ctx, "incident", d, func() error { return nil }); err != nil {
		return err
	}
	if err := g.commit(ctx, d); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.incident(digest).logged {
		return nil
	}
	return g.append(kindIncidentLogged, stepIncidentLogged{digest})
}

// tellIncidents tells the journal of those that it has not been told.
func (g *Gate) tellIncidents(ctx context.Context) (first error) {
	g.mu.RLock()
	var untold []string
	for _, x := range g.incidents {
		if !x.logged {
			untold = append(untold, x.Incident)
		}
	}
	g.mu.RUnlock()
	for _, digest := range untold {
		first = cmp.Or(first, g.tellIncident(ctx, digest))
	}
	return first
}

// Incidents lists what was over-produced: see Desk.
func (g *Gate) Incidents(context.Context) ([]Incident, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	out := []Incident{}
	for _, id := range g.order {
		if r := g.runs[id]; r.apart != nil {
			_, err := os.Lstat(g.path("quarantine", id))
			out = append(out, Incident{Incident: r.apart.List, Kind: KeptApart, ID: id, Grant: r.Grant, Demand: r.Demand, Outside: r.apart.Outside, Unlisted: r.apart.Unlisted,
				List: r.apart.List, At: r.at, Kept: err == nil, Logged: false})
		}
	}
	for _, x := range g.incidents {
		out = append(out, g.toldIncident(x))
	}
	return out, nil
}

// toldIncident is what may be known about one; mu is held.
func (g *Gate) toldIncident(x *heldIncident) Incident {
	r := g.runs[x.ID]
	return Incident{Incident: x.Incident, Kind: HadLeft, ID: x.ID, Grant: r.Grant, Demand: r.Demand, Release: r.sealed.Release, Items: x.Items, Outside: x.Outside, Bytes: x.Bytes, Whose: slices.Clone(x.Whose),
		List: x.List, Person: x.Person, Reason: x.Reason, At: x.at, Until: x.Until, Kept: !g.lists[incidentList(x.Statement)].over(g.latestTime()), Logged: x.logged}
}

// IncidentText gives what the gate states: see Desk.
func (g *Gate) IncidentText(_ context.Context, id string) ([]byte, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	x := g.incident(id)
	if x == nil {
		return nil, noIncident()
	}
	return slices.Clone(x.Text), nil
}

func noIncident() error {
	return problem.New(problem.Missing, "gate.incident_missing", "this gate knows no such incident").Fix("see: counterseal gate incident list")
}

// ReadIncident opens the list of an incident for a person: see Desk.
func (g *Gate) ReadIncident(ctx context.Context, s grant.Signed) (io.ReadCloser, int64, error) {
	ctx, leave, err := g.enter(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer leave()
	r, size, err := g.readIncident(ctx, s)
	if err != nil {
		return nil, 0, g.refused("incident-read", hexSum(s.Text), err)
	}
	return r, size, nil
}

func (g *Gate) readIncident(ctx context.Context, s grant.Signed) (io.ReadCloser, int64, error) {
	if err := g.compare(ctx); err != nil {
		return nil, 0, err
	}
	g.finding.Lock()
	defer g.finding.Unlock()
	x, err := g.mayRead(s)
	if err != nil {
		return nil, 0, err
	}
	name := incidentList(x.Statement)
	if err := g.wholeList(name, x); err != nil {
		return nil, 0, err
	}
	from, err := g.openList(name)
	if err != nil {
		return nil, 0, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	read, err := grant.ParseListRead(s.Text)
	if err == nil {
		err = g.askWord(&word{g: g, said: s}, readChecks)
	}
	if err == nil {
		err = g.append(kindIncidentRead, stepIncidentRead{Incident: x.Incident, Person: read.Person, Statement: s.Digest().String()})
	}
	if err != nil {
		from.Close()
		return nil, 0, err
	}
	g.cfg.Log.Info("incident read", "gate", g.cfg.ID, "incident", x.Incident)
	return from, x.Plain, nil
}

// mayRead finds the incident whose list a person wants to read.
func (g *Gate) mayRead(s grant.Signed) (*heldIncident, error) {
	r, err := grant.ParseListRead(s.Text)
	if err != nil {
		return nil, err
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	if err := g.askWord(&word{g: g, said: s}, readChecks); err != nil {
		return nil, err
	}
	x := g.incident(r.Incident.String())
	if x == nil {
		return nil, noIncident()
	}
	return x, nil
}

// wholeList holds a list to the digest that the gate has stated, before a byte of it is
// shown.
func (g *Gate) wholeList(name string, x *heldIncident) error {
	from, err := g.openList(name)
	if err != nil {
		return err
	}
	defer from.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, from)
	if err == nil && (n != x.Plain || hex.EncodeToString(sum.Sum(nil)) != x.List) {
		err = errors.New("not the list that was stated")
	}
	if err != nil {
		return listChanged(err)
	}
	return nil
}
