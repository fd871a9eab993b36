package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/evidence/release"
	"counterseal/internal/gate/record"
	"counterseal/internal/grant"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

// state is what the record adds up to. It changes through apply alone, when the
// gate opens and after each append.
type state struct {
	gate    string
	high    time.Time         // highest time in the record
	floor   []grant.Digest    // of the statements in force, first to last
	ticks   map[int]time.Time // of statements that the journal was seen to hold
	stops   []heldStop
	heard   atomic.Int64                // number of stops, for readers without the lock
	kept    map[string]proof.Checkpoint // by origin
	counter counter
	runs    map[string]*run // by grant digest
	order   []string        // digests in the order of their beginning
	nonces  map[string]bool
	names   map[string]bool        // of packages
	exports map[string]*heldExport // that are kept, by the digest of the manifest
	sent    map[string]bool        // exports that have left: they never leave again
	devices map[string]stepDevice  // by key: how far each passkey and security key has counted
	links   map[string]*stepLink   // that open something, by the digest of the secret; one a grant
	copies  map[string]*heldCopy   // that were made, those that ended too, by the digest of the statement
	lists   map[string]*heldList   // that were kept, those that ended too, by their names

	incidents    []*heldIncident   // in the order in which they were found
	duty         *duty             // what the witnesses owe after an emergency; nil: nothing
	taken        map[string]*taken // by grant digest: what was taken under the emergency policy
	contradicted bool              // they have cosigned another journal

	reads map[string]bool // words on which a list was read

	tellings map[string]bool            // nonces on which a passphrase was told
	said     map[string]*saidPassphrase // texts about passphrases, by digest
}

type heldExport struct {
	stepExport
	at time.Time // when it came
}

type heldStop struct {
	grant.Stop
	digest grant.Digest
}

// counter is the gate's own view of its counter.
type counter struct {
	n         uint64
	digest    [32]byte
	before    [32]byte // digest of n-1
	committed bool     // the journal's keeper has answered for n
}

// run is one spent grant.
type run struct {
	stepBegun
	begun     time.Time
	last      string // kind of its last line
	sealed    stepSealed
	ended     stepEnded
	apart     *stepOverproduced // what was found before it left
	at        time.Time         // of its last line, fetches aside
	stamp     stepStamped       // beside the package, if there is one
	downloads int
	link      string // the one that opens something: the digest of its secret; "" for none

	passphrase heldPassphrase // of a ZIP
}

func newState(gate string) *state {
	return &state{gate: gate, ticks: map[int]time.Time{}, kept: map[string]proof.Checkpoint{}, runs: map[string]*run{}, nonces: map[string]bool{}, names: map[string]bool{},
		exports: map[string]*heldExport{}, sent: map[string]bool{}, devices: map[string]stepDevice{}, copies: map[string]*heldCopy{}, links: map[string]*stepLink{}, lists: map[string]*heldList{}, reads: map[string]bool{},
		tellings: map[string]bool{}, said: map[string]*saidPassphrase{}, taken: map[string]*taken{}}
}

// apply adds a line. An error means that the record is not one of this program's.
func (s *state) apply(l record.Line) error {
	if l.At.After(s.high) {
		s.high = l.At
	}
	switch l.Kind {
	case kindCharter:
		var b stepCharter
		return with(l, &b, func() error {
			d, err := grant.ParseDigest(b.Digest)
			if err != nil || b.Number != len(s.floor)+1 {
				return errors.New("a statement out of turn")
			}
			s.floor = append(s.floor, d)
			return nil
		})
	case kindCharterProven:
		var b stepCharterProven
		return with(l, &b, func() error { s.ticks[b.Number] = b.Tick; return nil })
	case kindStop:
		var b stepStop
		return with(l, &b, func() error { return s.addStop(b) })
	case kindCheckpoint:
		var b stepCheckpoint
		return with(l, &b, func() error {
			c, err := proof.ParseCheckpoint(b.Text)
			if err == nil {
				s.kept[c.Origin] = c
			}
			return err
		})
	case kindCounter, kindCounterCommitted:
		return s.applyCounter(l)
	case kindDevice:
		var b stepDevice
		return with(l, &b, func() error { s.devices[b.Key] = b; return nil })
	case kindExport:
		var b stepExport
		return with(l, &b, func() error { s.exports[b.Export] = &heldExport{b, l.At}; return nil })
	case kindCopyExtended, kindCopyEnded, kindCopyEndLogged:
		return s.applyCopy(l)
	case kindListEnded:
		return s.applyListEnded(l)
	case kindIncident, kindIncidentLogged, kindIncidentRead:
		return s.applyIncident(l)
	case kindTold, kindReached, kindPassphraseLogged, kindPassphraseEnded:
		return s.applyPassphrase(l)
	case kindUnderEmergency, kindWitnessed, kindContradicted, kindLateProof:
		return s.applyEmergency(l)
	case kindExportExpired:
		var b stepExportExpired
		return with(l, &b, func() error { delete(s.exports, b.Export); return nil })
	}
	return s.applyRun(l)
}

func with(l record.Line, body any, then func() error) error {
	if err := record.Strict(l.Body, body); err != nil {
		return err
	}
	return then()
}

func (s *state) addStop(b stepStop) error {
	stop, err := grant.ParseStop(b.Text)
	if err != nil {
		return err
	}
	s.stops = append(s.stops, heldStop{stop, sha256.Sum256(b.Text)})
	s.heard.Add(1)
	return nil
}

func (s *state) applyCounter(l record.Line) error {
	if l.Kind == kindCounterCommitted {
		var b stepCounterCommitted
		return with(l, &b, func() error {
			if b.N != s.counter.n {
				return errors.New("a counter out of turn")
			}
			s.counter.committed = true
			return nil
		})
	}
	var b stepCounter
	return with(l, &b, func() error {
		digest, err := counterDigest(s.gate, b, l.Before)
		if err != nil || hex.EncodeToString(digest[:]) != b.Digest || b.N != s.counter.n+1 {
			return errors.New("a counter out of turn")
		}
		s.counter = counter{n: b.N, digest: digest, before: s.counter.digest}
		return nil
	})
}

// counterDigest is the digest that the journal holds for a counter: of a text
// that binds it to everything in the record before it.
func counterDigest(gate string, b stepCounter, before record.Head) ([32]byte, error) {
	text, err := canon.Encode("counterseal-counter-v1", []canon.Field{
		{Key: "gate", Value: gate}, {Key: "counter", Value: strconv.FormatUint(b.N, 10)}, {Key: "why", Value: b.Why},
		{Key: "subject-sha256", Value: b.Subject}, {Key: "record-sha256", Value: before.String()}})
	return sha256.Sum256(text), err
}

func (s *state) applyRun(l record.Line) error {
	switch l.Kind {
	case kindBegun:
		var b stepBegun
		return with(l, &b, func() error {
			if s.runs[b.ID] != nil {
				return errors.New("a grant begun twice")
			}
			s.runs[b.ID] = &run{stepBegun: b, begun: l.At, at: l.At, last: l.Kind}
			s.order = append(s.order, b.ID)
			s.nonces[b.Nonce], s.names[packageName(b.Demand, b.Grant)] = true, true
			return nil
		})
	case kindCollecting, kindPermitAsked, kindPermitted, kindPublishing, kindVisible:
		var b stepID
		return with(l, &b, func() error { return s.advance(l, b.ID, s.away) })
	case kindSealed:
		var b stepSealed
		return with(l, &b, func() error { return s.advance(l, b.ID, func(r *run) { r.sealed = b }) })
	case kindOverproduced:
		var b stepOverproduced
		return with(l, &b, func() error { return s.advance(l, b.ID, func(r *run) { r.apart = &b }) })
	case kindEnded:
		var b stepEnded
		return with(l, &b, func() error { return s.advance(l, b.ID, func(r *run) { r.ended = b }) })
	case kindDeclared:
		var b stepDeclared
		return with(l, &b, func() error {
			if r := s.runs[b.ID]; r == nil || r.last != kindVisible {
				return errors.New("a declaration out of turn")
			}
			return nil
		})
	case kindLink:
		var b stepLink
		return with(l, &b, func() error { return s.addLink(b) })
	case kindStamped:
		var b stepStamped
		return with(l, &b, func() error {
			r := s.runs[b.ID]
			if r == nil || r.last != kindVisible || r.stays() {
				return errors.New("a time stamp out of turn")
			}
			r.stamp = b
			return nil
		})
	case kindFetch:
		var b stepFetch
		return with(l, &b, func() error {
			r := s.runs[b.ID]
			if r == nil || r.last != kindVisible {
				return errors.New("a fetch out of turn")
			}
			if counted(b.File) {
				r.downloads++
			}
			return nil
		})
	}
	return errors.New("a kind that this version does not know")
}

var errOutOfTurn = errors.New("a step out of turn")

// successors says which line of a run may follow which.
var successors = map[string][]string{
	kindBegun:        {kindCollecting, kindCopyExtended, kindEnded},
	kindCollecting:   {kindSealed, kindOverproduced, kindEnded},
	kindOverproduced: {kindEnded},
	kindSealed:       {kindPermitAsked, kindEnded},
	kindPermitAsked:  {kindPermitted, kindEnded},
	kindPermitted:    {kindPublishing, kindEnded},
	kindPublishing:   {kindVisible, kindEnded},
}

func (s *state) advance(l record.Line, id string, then func(*run)) error {
	r := s.runs[id]
	if r == nil || !slices.Contains(successors[r.last], l.Kind) {
		return errOutOfTurn
	}
	r.last, r.at = l.Kind, l.At
	then(r)
	return nil
}

// away notes that an export has left with its package, or that a copy is kept.
func (s *state) away(r *run) {
	s.keep(r)
	s.listed(r)
	if r.last == kindVisible && r.Export != "" {
		delete(s.exports, r.Export)
		s.sent[r.Export] = true
	}
}

// over reports whether the run has an end.
func (r *run) over() bool { return r.done() || r.last == kindEnded }

// done reports whether the run did what its grant is for.
func (r *run) done() bool { return r.last == kindVisible || r.last == kindCopyExtended }

// keeps reports whether the run makes a copy or keeps one longer.
func (r *run) keeps() bool { return r.Purpose == grant.ToKeep || r.Purpose == grant.ToKeepLonger }

// stays reports whether no item leaves by the run's grant.
func (r *run) stays() bool { return r.keeps() || r.Purpose == grant.ToPreview }

func (r *run) state() State {
	switch {
	case r.done() && r.keeps():
		return Kept
	case r.done() && r.stays():
		return Previewed
	case r.done():
		return Released
	case r.last == kindEnded:
		return r.ended.State
	}
	return Running
}

// refusal is the recorded end as it was first told.
func (r *run) refusal() error {
	p := problem.New(r.ended.Kind, r.ended.Code, "%s", r.ended.Message)
	p.Field, p.Remedy = r.ended.Field, r.ended.Remedy
	return p
}

func (r *run) outcome() Outcome {
	return Outcome{ID: r.ID, Grant: r.Grant, Collection: collectionWord(r.Export != ""), Demand: r.Demand, Release: r.sealed.Release, Items: r.sealed.Items, Bytes: r.sealed.Bytes, Withheld: r.sealed.Withheld, At: r.at, StampedAt: r.stamp.At, StampedBy: r.stamp.By}
}

// collectionWord says who chose the items: the gate, or a person who brought an export.
func collectionWord(byHand bool) string {
	if byHand {
		return string(release.ByHand)
	}
	return string(release.ByGate)
}

// packageName is the folder's name in out/. Neither part holds an underscore.
func packageName(demand, grantID string) string { return demand + "_" + grantID }

// accountsSince lists the distinct accounts of the releases begun after t.
func (s *state) accountsSince(t time.Time) map[string]bool {
	out := map[string]bool{}
	for _, r := range s.runs {
		if r.begun.After(t) {
			for _, a := range r.Accounts {
				out[a] = true
			}
		}
	}
	return out
}

// stopFor gives a stop that reaches the grant and that the grant does not name.
func (s *state) stopFor(g grant.Grant) (heldStop, bool) {
	for _, h := range s.stops {
		if h.Reach.Meets(g) && !slices.Contains(g.Stops, h.digest) {
			return h, true
		}
	}
	return heldStop{}, false
}
