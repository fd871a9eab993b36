package gate

import (
	"context"
	"encoding/hex"
	"slices"
	"time"

	"counterseal/internal/evidence/release"
	"counterseal/internal/gate/source"
	"counterseal/internal/grant"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// attempt is one grant with everything that the checks look at.
type attempt struct {
	ctx       context.Context
	g         *Gate
	id        string
	digest    grant.Digest
	grant     grant.Grant
	text      []byte
	document  [32]byte // digest of the order's document as it lies here
	charter   *grant.Charter
	policy    proof.Policy
	spare     *spare // to go by while too few witnesses answer; nil: nothing
	approvals [][]byte
	persons   []string
	word      grant.Signed // the last "still in force"
	call      grant.Signed // the caller's statement that the grant names
	export    error        // what was found when the whole export was read before a release
	copied    error        // the same of a copy
	now       time.Time

	waited    bool         // the journal was waited for in vain
	took      bool         // something was taken under the emergency policy
	seen      []checkpoint // that proofs rested on and that are not yet held against the kept one
	received  time.Time    // tick of the demand's record
	granted   time.Time    // tick of the grant
	counter   counter
	drawn     time.Time      // when the counter was drawn
	begins    proof.Verified // of the counter
	release   [32]byte       // digest of release.txt
	items     int64
	proofText []byte
	heard     int64    // stops seen at the last look
	dropped   int64    // over-delivered items
	index     *index   // of what was given; of an export by hand nil
	access    [32]byte // digest of the access file
	readings  []reading

	copyReading *reading // of a preserved copy

	passphrase string // of a ZIP: SHA-256 of the file in which its passphrase is kept
}

// phase is when a check is asked.
type phase uint16

const (
	atOffer   phase = 1 << iota
	atStart         // before anything begins, without the journal; again when the counter is drawn
	atProofs        // before anything begins, with the journal
	atCounter       // after the counter was committed, before the first item
	atItem          // before each item and each MiB of it
	atSealed        // after sealing, before the docket is asked; and again before the package is visible
	atPermit        // the docket
	atLogged        // after the release's digest was committed
	atFetch         // before each MiB of a download
)

// check is one of the gate's own checks, by name, so that a test takes the list
// apart. What cannot be taken out is in the way itself: the counter must follow
// the journal's (compare, draw), every item goes through judge, a store's failure
// and the byte cap end the package. Each check is asked in its phases, in this order; the first that fails
// decides. Between them grant.Rules are asked at offer (approvals aside), start
// and sealed.
type check struct {
	name string
	when phase
	ask  func(*attempt) error
}

// checks is the list. mu is held (for reading at least) at offer, start, item, sealed and
// fetch; not where the journal or docket is asked.
func checks() []check {
	return []check{
		{"clock", atStart | atSealed | atFetch, checkClock},
		{"key", atStart, checkKey},
		{"document", atOffer | atStart, checkDocument},
		{"packable", atOffer | atStart, checkPackable},
		{"sources", atOffer | atStart, checkSources},
		{"export", atOffer | atStart, checkExport},
		{"export-whole", atStart, checkExportWhole},
		{"copy", atOffer | atStart | atSealed, checkCopy},
		{"copy-whole", atStart, checkCopyWhole},
		{"incident", atFetch, checkIncident},
		{"stops-heard", atOffer | atStart, checkStopsHeard},
		{"stops", atStart | atItem | atSealed | atFetch, checkStops},
		{"in-force", atStart | atSealed, checkInForce},
		{"single-use", atStart, checkSingleUse},
		{"per-day", atStart, checkPerDay},
		{"previews", atStart, checkPreviews},
		{"copies", atStart, checkCopies},
		{"demand-logged", atProofs, checkDemandLogged},
		{"grant-logged", atProofs, checkGrantLogged},
		{"charter-logged", atProofs, checkCharterLogged},
		{"recipient-age", atProofs, checkRecipientAge},
		{"copy-end", atProofs, checkCopyEnd},
		{"counter-logged", atCounter, checkCounterLogged},
		{"witness-clock", atCounter, checkWitnessClock},
		{"permitted", atPermit, checkPermitted},
		{"release-logged", atLogged, checkReleaseLogged},
		{"continuity", atProofs | atCounter | atLogged, checkContinuity},
	}
}

func (a *attempt) ask(p phase) error {
	for _, c := range a.g.checks {
		if c.when&p == 0 {
			continue
		}
		if err := c.ask(a); err != nil {
			return err
		}
	}
	return nil
}

func (a *attempt) askRules(which func(name string) bool) error {
	for _, r := range a.g.rules {
		if !which(r.Name) {
			continue
		}
		if err := r.Check(a.ruleCase()); err != nil {
			return err
		}
	}
	return nil
}

func (a *attempt) ruleCase() grant.Case {
	return grant.Case{Grant: a.grant, Text: a.text, Charter: a.charter, Approvals: a.approvals, Call: a.call, Gate: a.g.cfg.ID, Now: a.now}
}

func all(string) bool { return true }

// refresh takes the charter, the approvals, the last word and the time as they
// are now; mu is held.
func (a *attempt) refresh() error {
	a.charter, a.now = a.g.charter, a.g.cfg.Now().UTC()
	policy, err := logPolicy(a.charter)
	if err != nil {
		return err
	}
	a.policy, a.spare = policy, a.lane()
	o := &offer{a.id, a.digest, a.grant}
	a.approvals, a.persons, err = a.g.approvals(a.charter, o, a.text)
	if err != nil {
		return err
	}
	a.word, _ = a.g.readInForce(o)
	if a.grant.Caller != "" {
		a.call = a.g.readCall(a.grant.Call)
	}
	return nil
}

// attemptLocked reads an offer for checking; mu is held.
func (g *Gate) attemptLocked(o *offer) (*attempt, error) {
	text, err := g.readText(o.id)
	if err != nil {
		return nil, err
	}
	// Whether the document still fits is read once, before a release, not for each status.
	a := &attempt{ctx: context.Background(), g: g, id: o.id, digest: o.digest, grant: o.grant, text: text, document: o.grant.OrderDigest, heard: -1}
	if err := a.refresh(); err != nil {
		return nil, err
	}
	return a, nil
}

// obstacles lists the codes of everything that stands in the way now, as far as
// that is known without the journal.
func (a *attempt) obstacles() []string {
	var out []string
	add := func(err error) {
		if code := problem.Code(err); err != nil && !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	for _, r := range a.g.rules {
		add(r.Check(a.ruleCase()))
	}
	for _, c := range a.g.checks {
		if c.when&atStart != 0 {
			add(c.ask(a))
		}
	}
	if a.g.blocked != nil {
		add(a.g.blocked)
	}
	return out
}

func refuse(code, format string, args ...any) *problem.Error {
	return problem.New(problem.Refused, code, format, args...)
}

// checkClock: time does not go back, whatever was restored or set.
func checkClock(a *attempt) error {
	if a.now.Before(a.g.high.Add(-a.charter.Policy.Skew)) {
		return badClock()
	}
	return nil
}

// checkKey: what this gate signs is what the charter's readers will check.
func checkKey(a *attempt) error { return a.g.named(a.charter) }

// checkDocument: people approved with this very order before them.
func checkDocument(a *attempt) error {
	if a.document != a.grant.OrderDigest {
		return wrongDocument()
	}
	return nil
}

// maxOrder is how many bytes of words there are for an order: what is longer hides what
// comes after it, and a package has no room for it.
const maxOrder = 500

// checkPackable: nothing in the grant would spoil the package at its end, where there is
// to be one.
func checkPackable(a *attempt) error {
	if a.grant.Stays() && len(a.grant.Order) <= maxOrder {
		return nil
	}
	_, err := a.recipient()
	if code := problem.Code(err); code == "openpgp.unusable" || code == "gate.copy_key" {
		return err
	}
	if err != nil || !slices.Contains(release.Languages[:], a.grant.Language) || len(a.grant.Order) > maxOrder || len(a.charter.Provider) > 500 {
		return problem.New(problem.Invalid, "gate.unpackable", "nothing could be packed: recipient, language or order is out of form").Because(err)
	}
	return nil
}

// checkSources: every service that is asked for is connected, and some store of it
// holds the category, so that "nothing found" never means "nowhere looked". An
// export by hand and a copy need none.
func checkSources(a *attempt) error {
	if a.grant.ByHand() || a.grant.Copy != (grant.CopyFacts{}) {
		return nil
	}
	for _, sel := range a.grant.Scope.Selectors() {
		if !slices.ContainsFunc(a.g.sources(sel.Service), func(s source.Source) bool { return holds(s, sel.Category) }) {
			return refuse("gate.no_source", "no store is connected for this service and category").At("%s, %s", sel.Service, sel.Category)
		}
	}
	return nil
}

func holds(s source.Source, c scope.Category) bool {
	d, divided := s.(source.Divided)
	return !divided || slices.Contains(d.Categories(), c)
}

// checkStops: every stop that reaches the grant is named in it, so its approvers
// have seen it.
func checkStops(a *attempt) error {
	if h, ok := a.g.stopFor(a.grant); ok {
		return stopped(h)
	}
	return nil
}

// checkStopsHeard: whoever approves can read each stop that the grant names. What a stop
// will say can be guessed, so one that has not come cannot be named beforehand.
func checkStopsHeard(a *attempt) error {
	heard, named := map[grant.Digest]bool{}, map[grant.Digest]bool{}
	for _, h := range a.g.stops {
		heard[h.digest] = true
	}
	for _, d := range a.grant.Stops {
		if !heard[d] || named[d] {
			return refuse("gate.stop_unheard", "the grant names a stop that has not reached this gate, or one twice").At("stop %s", d).Fix("draft the grant again: it names the stops that have reached its gate")
		}
		named[d] = true
	}
	return nil
}

func stopped(h heldStop) error {
	return refuse("gate.stopped", "a stop has reached this gate").At("stop %s", h.digest).Fix("a grant that names the stop, approved again, can go on where the reason has gone")
}

// checkInForce: a person said minutes ago that the order stands.
func checkInForce(a *attempt) error {
	if len(a.word.Text) == 0 {
		return refuse("inforce.missing", "nobody has said in the last minutes that the order stands").Fix("a person on the roster signs that the order stands")
	}
	_, err := grant.CheckInForce(a.charter, a.word, a.grant, a.now)
	return err
}

// checkSingleUse: neither this text, nor its nonce, nor its name was used.
func checkSingleUse(a *attempt) error {
	switch {
	case a.g.runs[a.id] != nil, a.g.nonces[hex.EncodeToString(a.grant.Nonce[:])]:
		return refuse("gate.replayed", "this grant was used before").Fix("draft and approve a new one")
	case a.g.names[packageName(a.grant.Demand, a.grant.ID)]:
		return refuse("gate.replayed", "a grant of this id was used before").Fix("draft and approve a new one")
	}
	return nil
}

// checkPerDay: many small grants are not bulk by another name.
func checkPerDay(a *attempt) error {
	if a.grant.Purpose == grant.ToKeepLonger {
		return nil
	}
	accounts := a.g.accountsSince(a.now.Add(-24 * time.Hour))
	for _, id := range a.grant.Scope.Accounts() {
		accounts[string(id)] = true
	}
	if len(accounts) > a.charter.Policy.PerDay {
		return refuse("gate.bulk", "the grants of the last 24 hours would reach more than %d accounts", a.charter.Policy.PerDay).Fix("wait, or divide the demand")
	}
	return nil
}

// logged proves a digest and remembers the checkpoint.
func (a *attempt) logged(digest [32]byte) ([]byte, time.Time, error) {
	text, v, err := a.proven(digest)
	return text, v.Tick, err
}

// proven is logged with all that the proof has shown.
func (a *attempt) proven(digest [32]byte) ([]byte, proof.Verified, error) {
	text, v, cp, err := a.ordinary(digest)
	if a.spare != nil && silent(err) {
		return a.provenSpare(digest)
	}
	if err != nil {
		return nil, proof.Verified{}, err
	}
	a.seen = append(a.seen, cp)
	return text, v, nil
}

func checkDemandLogged(a *attempt) (err error) {
	_, a.received, err = a.logged(a.grant.Received)
	return err
}

func checkGrantLogged(a *attempt) (err error) {
	_, a.granted, err = a.logged(a.digest)
	return err
}

// checkCharterLogged: every statement in force is public, so no quorum acts
// unseen. What was proven once is remembered.
func checkCharterLogged(a *attempt) error {
	a.g.mu.RLock()
	floor, n := slices.Clone(a.g.floor), len(a.g.ticks)
	a.g.mu.RUnlock()
	for ; n < len(floor); n++ {
		if err := a.g.commit(a.ctx, floor[n]); err != nil {
			return err
		}
		tick, err := a.statementLogged(n+1, floor[n])
		if err != nil {
			return err
		}
		if err := a.g.noteTick(n+1, tick); err != nil {
			return err
		}
	}
	return nil
}

func (g *Gate) noteTick(number int, tick time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, ok := g.ticks[number]; ok {
		return nil
	}
	return g.append(kindCharterProven, stepCharterProven{number, tick})
}

// checkRecipientAge: a key that came after the ceremony counts from the time at
// which the journal, not the statement, says that it came.
func checkRecipientAge(a *attempt) error {
	a.g.mu.RLock()
	number := a.g.since[a.grant.Requester+" "+a.known().Name()]
	tick, ok := a.g.ticks[number]
	a.g.mu.RUnlock()
	if grant.ReadBack(a.ruleCase()) {
		return nil
	}
	if number > 1 && (!ok || a.now.Sub(tick) <= a.charter.Policy.KeyAge) {
		return refuse("gate.recipient_new", "the journal has not known this recipient's key for long enough").Fix("wait, or read the key back on a call under the emergency lane")
	}
	return nil
}

// checkCounterLogged: the journal knows that this release begins. Its leaf is of
// this very minute, so its time shows whether the gate's clock was set.
func checkCounterLogged(a *attempt) error {
	var err error
	_, a.begins, err = a.proven(a.counter.digest)
	if err != nil {
		return err
	}
	return journalClock(a.begins.Tick, a.drawn, a.g.cfg.Now())
}

// checkPermitted: the docket can refuse, for what it knows and the gate does not.
func checkPermitted(a *attempt) error {
	ctx, cancel := a.g.patient(a.ctx)
	defer cancel()
	err := a.permit(ctx)
	if err == nil {
		return nil
	}
	p := problem.Of(err)
	if p.Kind == problem.Unavailable || p.Kind == problem.Internal {
		return problem.New(problem.Unavailable, "gate.docket_unavailable", "the docket does not answer; nothing leaves without its word").Because(err)
	}
	return refuse("gate.not_permitted", "the docket does not permit this release").At("%s", p.Code).Because(err)
}

func (a *attempt) permit(ctx context.Context) error {
	switch {
	case a.grant.Keeps():
		return a.g.cfg.Docket.PermitKeep(ctx, a.grant.Demand, a.grant.ID)
	case a.grant.Previews():
		return a.g.cfg.Docket.PermitPreview(ctx, a.grant.Demand, a.grant.ID)
	}
	return a.g.cfg.Docket.Permit(ctx, a.grant.Demand, a.grant.ID, a.release, a.items)
}

func checkReleaseLogged(a *attempt) (err error) {
	a.proofText, _, err = a.logged(a.release)
	return err
}

// checkContinuity: the journal that proofs come from is the one that this gate
// has always seen, and its newest head is not behind that.
func checkContinuity(a *attempt) error {
	if err := a.forward(); err != nil {
		return err
	}
	for _, c := range a.seen {
		if err := a.g.continues(a.ctx, c); err != nil {
			return err
		}
	}
	a.seen = nil
	return nil
}

// sources gives the stores of a service.
func (g *Gate) sources(s scope.Service) (out []source.Source) {
	for _, src := range g.cfg.Sources {
		if src.Service() == s {
			out = append(out, src)
		}
	}
	return out
}
