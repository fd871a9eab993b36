package gate

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"counterseal/internal/evidence"
	"counterseal/internal/evidence/release"
	"counterseal/internal/gate/copyfile"
	"counterseal/internal/gate/source"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

// look is how many bytes may pass between two looks for stops.
const look = 1 << 20

// collection is the way of the items from the stores into the package.
type collection struct {
	a      *attempt
	w      *evidence.Writer
	copy   *copying // instead of w, where a copy is made
	tally  *tally   // instead of both, where items are only counted
	access *accessFile
	moving *moving
	mac    hash.Hash // under the record's key for this release
	named  []byte    // what was named last, for reuse
	keyed  bool      // what is read now lies there under a key of the customer's
	again  int       // how often a line to the store that is read now was taken up
	fatal  error     // the first error that a callback returned
}

// seal collects everything into the staging folder and signs the release.
func (a *attempt) seal() (stepSealed, error) {
	if err := os.Mkdir(a.staged(""), 0o700); err != nil {
		return stepSealed{}, unusable(err)
	}
	if err := syncDir(a.g.path("staging")); err != nil {
		return stepSealed{}, err
	}
	access, err := newAccess(a.g.path("access", a.id+".jsonl"))
	if err != nil {
		return stepSealed{}, err
	}
	if !a.grant.ByHand() { // nobody judged those files, and what leaves is what was approved
		a.index, err = a.newIndex()
		if err != nil {
			access.close()
			return stepSealed{}, err
		}
		defer a.index.close()
	}
	fill := a.pack
	if a.grant.Keeps() {
		fill = a.copyAll
	} else if a.grant.Previews() {
		fill = a.countAll
	}
	sealed, err := fill(access)
	digest, aerr := access.close()
	a.access = digest
	if err == nil {
		err = aerr
	}
	if err != nil {
		return stepSealed{}, err
	}
	a.items = sealed.Items
	sealed.ID, sealed.Release, sealed.Dropped, sealed.Access = a.id, hex.EncodeToString(a.release[:]), a.dropped, hex.EncodeToString(digest[:])
	return sealed, nil
}

// pack writes the package and signs what the gate says about it.
func (a *attempt) pack(access *accessFile) (stepSealed, error) {
	s, err := a.fill(access)
	if err != nil {
		return stepSealed{}, err
	}
	if err := a.judgeAgain(s.Items); err != nil {
		return stepSealed{}, err
	}
	out := stepSealed{Items: s.Items, Bytes: s.Bytes, Withheld: s.Release.Withheld, Passphrase: a.passphrase}
	if a.grant.ByZip() {
		out.Approvers = a.persons
	}
	if err := a.keepIndex(&out); err != nil {
		return stepSealed{}, err
	}
	return out, a.sign(s)
}

// fill writes the encrypted package, durably.
func (a *attempt) fill(access *accessFile) (evidence.Sealed, error) {
	recipient, err := a.sealFor()
	if err != nil {
		return evidence.Sealed{}, err
	}
	f, err := os.OpenFile(a.staged(release.PackageOf(a.grant.Recipient)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return evidence.Sealed{}, unusable(err)
	}
	defer f.Close()
	h, export, err := a.header()
	if err != nil {
		return evidence.Sealed{}, err
	}
	options := evidence.Options{Now: a.g.cfg.Now, Rand: a.g.cfg.Rand, SpoolDir: a.staged(""), ByteCap: a.grant.ByteCap}
	if a.index != nil {
		options.Packed = a.index.packed
	}
	w, err := evidence.NewWriter(a.ctx, f, recipient, h, options)
	if err != nil {
		return evidence.Sealed{}, err
	}
	defer w.Abort()
	c := a.collection(access)
	c.w = w
	switch {
	case a.grant.ByHand():
		err = c.hand(export)
	case a.grant.Purpose == grant.FromCopy:
		err = c.opened()
	default:
		err = c.all()
	}
	if err != nil {
		return evidence.Sealed{}, err
	}
	sealed, err := w.Close(a.story())
	if err != nil {
		return evidence.Sealed{}, a.packageFailed(err)
	}
	if err := f.Sync(); err != nil {
		return evidence.Sealed{}, unusable(err)
	}
	return sealed, nil
}

func (a *attempt) collection(access *accessFile) *collection {
	a.g.mu.RLock()
	defer a.g.mu.RUnlock()
	return &collection{a: a, access: access, moving: a.g.running[a.id], mac: hmac.New(sha256.New, a.g.runs[a.id].Key)}
}

// header is what stands fast before the first item; of a grant by hand, with the
// export's manifest.
func (a *attempt) header() (evidence.Header, kept, error) {
	h := evidence.Header{Demand: a.grant.Demand, Region: a.grant.Region, Gate: a.g.cfg.ID, Scope: a.g.packs(a.grant.Scope), Filtered: release.ByGate, Grant: a.text, Approvals: a.approvals}
	if !a.grant.ByHand() {
		return h, kept{}, nil
	}
	a.g.mu.RLock()
	defer a.g.mu.RUnlock()
	k, err := a.g.keptExport(a.grant.Export.Manifest)
	if err != nil {
		return h, k, err
	}
	h.Filtered = release.ByHand
	h.Export, err = k.manifest.Bytes()
	return h, k, err
}

// story is what the package says about the demand that it answers.
func (a *attempt) story() evidence.Order {
	authority := a.grant.Requester
	for _, ag := range a.charter.Agencies {
		if ag.ID == a.grant.Requester {
			authority = ag.Name + " (" + ag.Country + ")"
		}
	}
	o := evidence.Order{Provider: a.charter.Provider, Authority: authority, Instrument: a.grant.Order, Received: a.received, Language: a.grant.Language, Compelled: grant.InWords(a.grant.Compelled), Copied: a.grant.Copy.Made, Fields: a.fields(), Version: a.g.cfg.Version}
	o.Custody = append(o.Custody, a.before()...)
	o.Custody = append(o.Custody,
		evidence.Step{At: a.received, By: evidence.Journal, Act: "held the record of the demand"},
		evidence.Step{At: a.granted, By: evidence.Journal, Act: "held the grant", Detail: clip("approved by " + strings.Join(a.persons, ", ")), Of: evidence.OfGrant})
	if w, err := grant.ParseInForce(a.word.Text); err == nil {
		o.Custody = append(o.Custody, evidence.Step{At: w.At, By: w.Person, Act: "said that the order stands"})
	}
	o.Custody = append(o.Custody, a.collected()...)
	return o
}

// before is what people did before the grant and the package rests on.
func (a *attempt) before() (steps []evidence.Step) {
	if x := a.grant.Export; a.grant.ByHand() {
		steps = append(steps, evidence.Step{At: x.At, By: x.Collector, Act: "collected an export by hand, not gate-filtered", Of: evidence.OfPayload,
			Detail: clip(fmt.Sprintf("%d files, %d bytes, from %s, %s", x.Files, x.Bytes, x.From, x.How))})
	}
	if x := a.grant.Copy; a.grant.Purpose == grant.FromCopy {
		steps = append(steps, evidence.Step{At: x.Made, By: "gate " + a.g.cfg.ID, Act: "made the copy from which this package is taken",
			Detail: clip("copied on " + x.Made.UTC().Format("2 January 2006 15:04:05") + " UTC and kept for demand " + x.Demand + ", copy " + x.Statement.String())})
	}
	if c, err := grant.ParseCall(a.call.Text); err == nil {
		steps = append(steps, evidence.Step{At: c.At, By: c.Caller, Act: "called the authority back", Detail: clip("reached " + c.Reached)})
	}
	return steps
}

// clip keeps the beginning of a text that a package has less room for.
func clip(s string) string { return strings.TrimSpace(strings.ToValidUTF8(s[:min(len(s), 480)], "")) }

// sign writes the release, its signature and the note beside the package.
func (a *attempt) sign(s evidence.Sealed) error {
	s.Release.Witnesses = a.witnesses()
	text, err := s.Release.Bytes()
	if err != nil {
		return err
	}
	a.release = sha256.Sum256(text)
	sig, err := signature.Sign(a.g.cfg.Key, signature.Release, text)
	if err != nil {
		return err
	}
	note, err := release.ReadMe(a.grant.Language, s.Release)
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{release.ReleaseFile: text, release.SignatureFile: sig, release.ReadMeFile: note} {
		if err := writeNew(a.staged(name), content); err != nil {
			return err
		}
	}
	return nil
}

// all reads each account of each service once from each of its stores. An account
// that one store does not know may stand in another of the same service; where none that
// holds what is asked for knows it, it is not empty but unknown.
func (c *collection) all() error {
	type place struct {
		account scope.AccountID
		service scope.Service
	}
	done := map[place]bool{}
	for _, sel := range c.a.grant.Scope.Selectors() {
		p := place{sel.Account, sel.Service}
		if done[p] {
			continue
		}
		done[p] = true
		begun := c.a.g.cfg.Now()
		q := source.Query{Account: p.account}
		q.From, q.Until = c.a.span(p.account, p.service)
		c.again = 0
		var unknown error
		var known []source.Source
		for _, src := range c.a.g.sources(p.service) {
			err := c.read(src, q)
			if problem.Of(err) != nil && problem.Of(err).Field == "source.unknown_account" {
				unknown = err
				continue
			}
			if err != nil {
				return err
			}
			known = append(known, src)
		}
		for _, sel := range c.a.grant.Scope.Selectors() {
			in := place{sel.Account, sel.Service} == p
			if in && !slices.ContainsFunc(known, func(s source.Source) bool { return holds(s, sel.Category) }) {
				return unknown
			}
		}
		c.a.wasRead(reading{p.service, begun, c.a.g.cfg.Now(), 1, c.again})
	}
	return nil
}

// fields gives the data dictionary of the stores that were read, as far as the
// scope asks for their categories.
func (a *attempt) fields() (out []evidence.Field) {
	asked := map[scope.Service]map[scope.Category]bool{}
	for _, s := range a.grant.Scope.Selectors() {
		if asked[s.Service] == nil {
			asked[s.Service] = map[scope.Category]bool{}
		}
		asked[s.Service][s.Category] = true
	}
	for _, service := range scope.Services {
		for _, src := range a.g.sources(service) {
			d, ok := src.(source.Describer)
			if !ok || asked[service] == nil {
				continue
			}
			for _, f := range d.Fields() {
				if asked[service][f.Category] {
					out = append(out, evidence.Field{Service: service, Store: f.Store, Category: f.Category, Name: f.Name, Means: f.Means, Column: f.Column, Statute: f.Statute})
				}
			}
		}
	}
	return out
}

// span is the earliest and latest second that is asked of one account's service.
func (a *attempt) span(account scope.AccountID, service scope.Service) (from, until time.Time) {
	for _, s := range a.grant.Scope.Selectors() {
		if s.Account != account || s.Service != service {
			continue
		}
		if from.IsZero() || s.From.Before(from) {
			from = s.From
		}
		if s.Until.After(until) {
			until = s.Until
		}
	}
	return from, until
}

func (c *collection) read(src source.Source, q source.Query) error {
	c.keyed = c.a.g.cfg.CustomerKeys != nil && c.a.g.cfg.CustomerKeys(src.Service(), q.Account)
	q.TakenUp = func(why error) {
		c.again++
		c.a.g.cfg.Log.Warn("a line to a store broke and was taken up", "gate", c.a.g.cfg.ID, "id", c.a.id, "service", src.Service(), "times", c.again, "cause", why)
	}
	err := src.Items(c.a.ctx, q,
		func(it source.Item) error { return c.note(c.item(src.Service(), q, it)) },
		func(g source.Gap) error { return c.note(c.gap(q, src.Service(), g)) })
	if c.fatal != nil { // also where a source swallowed it
		return c.fatal
	}
	if c.a.ctx.Err() != nil {
		return canceled(c.a.ctx.Err())
	}
	if err != nil {
		return incomplete(err)
	}
	return nil
}

func (c *collection) note(err error) error {
	if c.fatal == nil {
		c.fatal = err
	}
	return err
}

func incomplete(err error) error {
	return problem.New(problem.Unavailable, "gate.incomplete", "a store could not be read to its end, so nothing is given").At("%s", problem.Code(err)).
		Fix("see to the store, then draft and approve a new grant").Because(err)
}

// item judges one item, whatever the source thinks of it.
func (c *collection) item(service scope.Service, q source.Query, it source.Item) error {
	if err := c.look(); err != nil {
		return err
	}
	verdict := c.a.g.judge(c.a.grant.Scope, it.Item)
	if it.Service != service || it.Account != q.Account {
		verdict = scope.Outside
	}
	switch verdict {
	case scope.Inside, scope.Split:
		return c.give(it, verdict)
	case scope.Near, scope.Undated:
		return c.withhold(verdict.String(), it.Account, it.Service, it.ID, plainWords(it.Undated))
	}
	c.a.dropped++
	return nil
}

func (c *collection) give(it source.Item, v scope.Verdict) error {
	if c.tally != nil {
		return c.count(it, v)
	}
	if c.copy != nil {
		return c.keep(it, v)
	}
	err := c.w.Add(evidence.Item{Item: it.Item, Filename: it.Filename, Name: it.Name, Key: it.Key || c.keyed && it.Category == scope.Content, Open: func() (io.ReadCloser, error) {
		r, err := it.Open()
		if err != nil {
			return nil, err
		}
		return &watched{ReadCloser: r, look: c.look}, nil
	}})
	if c.fatal != nil {
		return c.fatal
	}
	if problem.Code(err) == "evidence.item" {
		return c.withhold("unreadable", it.Account, it.Service, it.ID, "")
	}
	if err != nil {
		return c.a.packageFailed(err)
	}
	if err := c.indexed(it); err != nil {
		return err
	}
	c.moving.gave(it.Size)
	return c.access.line(accessLine{Ref: c.ref(it.Account, it.Service, it.ID), Account: it.Account, Service: it.Service, Verdict: v.String()})
}

func (c *collection) gap(q source.Query, service scope.Service, g source.Gap) error {
	if err := c.look(); err != nil {
		return err
	}
	return c.withhold("unreadable", q.Account, service, g.Place, plainWords(g.Reason))
}

func (c *collection) withhold(reason string, account scope.AccountID, service scope.Service, id, detail string) error {
	ref := c.ref(account, service, id)
	if c.tally != nil {
		c.tally.unplaced++
	} else if c.copy != nil {
		if err := c.copy.w.Withhold(copyfile.Withheld{Reason: reason, Ref: ref, Account: account, Service: service, Detail: detail}); err != nil {
			return unusable(err)
		}
	} else if err := c.w.Withhold(reason, ref, detail); err != nil {
		return c.a.packageFailed(err)
	}
	c.moving.withheld.Add(1)
	return c.access.line(accessLine{Ref: ref, Account: account, Service: service, Verdict: reason})
}

// ref names an item without saying which: only who has the record's key can tell.
func (c *collection) ref(account scope.AccountID, service scope.Service, id string) string {
	c.named = append(append(append(append(append(c.named[:0], account...), '\n'), service...), '\n'), id...)
	c.mac.Reset()
	c.mac.Write(c.named)
	return hex.EncodeToString(c.mac.Sum(c.named[:0])[:16])
}

// look is asked before each item and each MiB. It costs one comparison while no
// new stop has come.
func (c *collection) look() error {
	a := c.a
	if a.ctx.Err() != nil {
		return c.note(canceled(a.ctx.Err()))
	}
	heard := a.g.heard.Load()
	if heard == a.heard {
		return nil
	}
	a.g.mu.RLock()
	defer a.g.mu.RUnlock()
	if err := a.ask(atItem); err != nil {
		return c.note(err)
	}
	a.heard = heard
	return nil
}

// packageFailed says in the gate's terms why the writer lost the package.
func (a *attempt) packageFailed(err error) error {
	switch code := problem.Code(err); {
	case code == "evidence.cap":
		return refuse("gate.cap", "the items exceed the bytes that the grant allows").Fix("ask for a grant with a higher cap or a narrower scope").Because(err)
	case strings.HasPrefix(code, "source."):
		return incomplete(err)
	case code == "evidence.stopped":
		return canceled(err)
	}
	return err
}

// plainWords keeps the stable words of a source and nothing that could quote an
// item: lower-case letters, digits, and _ : . between spaces.
func plainWords(s string) string {
	if len(s) > 100 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_:. ") != "" {
		return ""
	}
	return s
}

// watched looks for stops before each MiB of an item or a download.
type watched struct {
	io.ReadCloser
	look func() error
	left int
}

func (w *watched) Read(p []byte) (int, error) {
	if w.left <= 0 {
		if err := w.look(); err != nil {
			return 0, err
		}
		w.left = look
	}
	n, err := w.ReadCloser.Read(p[:min(len(p), w.left)])
	w.left -= n
	return n, err
}
