package app

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sync/errgroup"

	"counterseal/internal/authority"
	"counterseal/internal/blob"
	"counterseal/internal/clerk"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/estate"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/intake/paper"
	"counterseal/internal/keys"
	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/ledger/witness"
	"counterseal/internal/policy"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
	"counterseal/internal/store/sqlite"
)

// Office is an opened folder. It is safe for concurrent use; Close ends it.
type Office struct {
	Folder   Folder
	Config   Config
	Clock    *Clock
	Docket   *docket.Docket
	Estate   *estate.Live
	Agencies *authority.Live
	Clerk    *clerk.Clerk

	mailboxes mailboxes
	post      post
	held      []gate.Wall  // what the kernel holds this process back from
	openPDF   paper.Opener // in a process of its own; nil: PDFs are kept and not opened

	log       *slog.Logger
	random    io.Reader
	db        *sqlite.DB
	journal   journal
	policies  map[string]*ledger.Under
	signer    ssh.Signer
	logs      atomic.Pointer[writers] // nil: another process writes the logs
	closing   sync.Mutex              // guards closers
	closers   []func() error
	round     sync.Mutex // one round at a time
	read      charterRead
	staff     staffNow
	policy    *policy.Policy
	readings  grant.Readings // of charter statements, the gates' and ours
	rules     rules
	guides    guidelines
	trees     ledger.Trees // of the journal's last ticks
	published ledger.Bell  // rings at each of the journal's checkpoints
	news      news
	stamping  stamping

	witnessing sync.Mutex // guards takenUp
	takenUp    takenUp

	desk      atomic.Pointer[gate.Desk] // see Desk
	awaits    bool                      // was opened before there was a charter, and a gate is to run inside
	connected atomic.Bool               // a store is, or a gate runs by itself

	ticking, batching beside // a demo's

	sending      sync.Mutex // one letter to an authority at a time
	going        going
	agenciesFile sync.Mutex
	agenciesAt   time.Time // of the file that is in force
}

// Options of opening.
type Options struct {
	Log    *slog.Logger
	Clock  *Clock    // nil: as the configuration says
	Random io.Reader // nil: the system's
	Desk   gate.Desk // nil: as the configuration says

	// PDF opens PDFs, which takes a process of its own: see paper/pdf. nil: they are
	// kept as they came, and their text is not shown.
	PDF paper.Opener

	// Confine has the kernel hold this process to what an office needs, for good. nil:
	// it is not asked, as for a command that ends soon.
	Confine Confiner
}

// Open opens a folder. One process at a time writes the logs; a second one works
// beside it and leaves them to the first, and Run takes them over when that ends. Codes: app.config, app.no_folder,
// app.key_missing, keys.exposed, and those of the rooms.
func Open(ctx context.Context, f Folder, o Options) (*Office, error) {
	config, err := f.ReadConfig()
	if err != nil {
		return nil, err
	}
	office := &Office{Folder: f, Config: config, log: o.Log, random: o.Random, Clock: o.Clock, policies: map[string]*ledger.Under{}, openPDF: o.PDF}
	office.setDesk(o.Desk)
	office.connected.Store(config.Stores.any() || config.anyElsewhere())
	office.held = o.Confine.hold(officeNeeds)
	if office.log == nil {
		office.log = slog.New(slog.DiscardHandler)
	}
	if office.random == nil {
		office.random = rand.Reader
	}
	if office.Clock == nil {
		office.Clock = config.NewClock()
	}
	office.policy, err = policy.Office()
	if err != nil {
		return nil, err
	}
	for _, step := range []func(context.Context) error{office.openFiles, office.openLogs, office.openDocket, office.openClerk, office.openGate} {
		if err := step(ctx); err != nil {
			office.Close()
			return nil, err
		}
	}
	return office, nil
}

// Close ends everything that Open began, last first.
func (o *Office) Close() error {
	o.closing.Lock()
	defer o.closing.Unlock()
	var errs []error
	for i := len(o.closers) - 1; i >= 0; i-- {
		errs = append(errs, o.closers[i]())
	}
	o.closers = nil
	return errors.Join(errs...)
}

func (o *Office) closeWith(f ...func() error) {
	o.closing.Lock()
	defer o.closing.Unlock()
	o.closers = append(o.closers, f...)
}

func (o *Office) openFiles(ctx context.Context) (err error) {
	live, end, err := o.Folder.openEstate(ctx, o.Config.Estate)
	o.closeWith(end)
	if err != nil {
		return err
	}
	o.Estate = live
	agencies, err := o.Folder.readAgencies()
	if err != nil {
		return err
	}
	o.Agencies = authority.NewLive(agencies)
	secret, err := o.Folder.readSecret("docket")
	if err != nil {
		return err
	}
	o.signer, err = signature.ReadKey(secret)
	return err
}

func (o *Office) openLogs(ctx context.Context) error {
	db, err := sqlite.Open(ctx, o.Folder.Database())
	if err != nil {
		return err
	}
	o.db = db
	o.closeWith(db.Close)
	if err := o.catchUpClock(ctx); err != nil {
		return err
	}
	for _, name := range []string{"journal", "register"} {
		o.policies[name] = ledger.NewUnder(proof.Policy{}, proof.Policy{})
	}
	if err := o.takeUp(); err != nil {
		return err
	}
	o.journal = journal{rows: db.Ledger(), random: o.random,
		reader: ledger.NewReaderUnder(o.Folder.Journal(), ledger.InJournal, db.Ledger(), o.policies["journal"]).Sharing(&o.trees, &o.published)}
	if o.isDemo() {
		o.journal.hurry = o.Settle
	}
	_, err = o.takeLogs(ctx)
	return err
}

// takeLogs opens the logs for writing; another is told where another process has them.
func (o *Office) takeLogs(ctx context.Context) (another bool, err error) {
	w, err := o.openWriters(ctx)
	if err != nil {
		for i := len(w.closers) - 1; i >= 0; i-- {
			_ = w.closers[i]() // nothing was written
		}
		if another = problem.Code(err) == "ledger.busy" || problem.Code(err) == "witness.busy"; another {
			err = nil
		}
		return another, err
	}
	o.closeWith(append(w.closers, o.Written)...)
	o.logs.Store(w)
	return false, nil
}

// writeLogs writes the logs until ctx ends; where another process has them, from when that
// has ended: a command that ends soon had them while this office was started.
func (o *Office) writeLogs(ctx context.Context) error {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for said := ""; o.logs.Load() == nil; {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		another, err := o.takeLogs(ctx)
		switch code := problem.Code(err); {
		case code != "" && code != said:
			said = code
			o.log.Error("logs not taken over", "code", code)
		case code == "" && !another:
			o.log.Info("logs taken over")
			o.forgetWitnesses() // the next round has them ask whom the folder names by then
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return ignoreEnd(o.logs.Load().journal.Run(ctx)) })
	g.Go(func() error { return ignoreEnd(o.logs.Load().register.Run(ctx)) })
	return g.Wait()
}

// catchUpClock lets a demo's clock go on from the highest time that any process
// has seen in this folder: each starts at the configured moment, and none may be
// behind the others.
func (o *Office) catchUpClock(ctx context.Context) error {
	if !o.isDemo() {
		return nil
	}
	mark, found, err := o.db.Docket().Clock(ctx)
	if err != nil || !found {
		return err
	}
	if behind := mark.Highest.Sub(o.Clock.Now()); behind > 0 {
		o.Clock.Advance(behind)
	}
	return nil
}

// writers are the journal's, the register's and the local witness's.
type writers struct {
	journal  *ledger.Journal
	register *ledger.Register
	own      ledger.WitnessAt
	closers  []func() error
}

// witnessHost is where the local witness answers, in this process.
const witnessHost = "witness.invalid"

func (o *Office) openWriters(ctx context.Context) (out *writers, err error) {
	out = &writers{}
	secrets := map[string]string{}
	for _, name := range []string{"journal", "register", "witness"} {
		b, err := o.Folder.readSecret(name)
		if err != nil {
			return out, err
		}
		secrets[name] = strings.TrimSpace(string(b))
	}
	w, err := witness.Open(witness.Config{Dir: o.Folder.Witness(), Key: secrets["witness"], Now: o.Clock.Now,
		Logs: []string{o.policies["journal"].Policy().LogKey(), o.policies["register"].Policy().LogKey()}})
	if err != nil {
		return out, err
	}
	out.closers = append(out.closers, w.Close)
	others, err := o.witnessesAt(o.asked())
	if err != nil {
		return out, err
	}
	out.own = ledger.WitnessAt{Key: w.VerifierKey(), URL: "http://" + witnessHost + "/"}
	config := func(name, dir, period string) ledger.Config {
		d, _ := time.ParseDuration(period) // checked with the configuration
		return ledger.Config{Dir: dir, Key: secrets[name], Policy: o.policies[name].Policy(), Emergency: o.policies[name].Emergency(), Outbox: o.db.Ledger(), Random: o.random, Now: o.Clock.Now, Period: d,
			Witnesses: append([]ledger.WitnessAt{out.own}, others...),
			HTTP:      &http.Client{Transport: witness.Transport{InProcess: map[string]http.Handler{witnessHost: w.Handler()}}},
			Failed:    func(err error) { o.log.Error("log not written", "log", name, "code", problem.Code(err)) }}
	}
	journal := config("journal", o.Folder.Journal(), o.Config.Ledger.Tick)
	journal.Trees, journal.Bell = &o.trees, &o.published
	out.journal, err = ledger.OpenJournal(ctx, journal)
	if err != nil {
		return out, err
	}
	out.closers = append(out.closers, out.journal.Close)
	out.register, err = ledger.OpenRegister(ctx, config("register", o.Folder.Register(), o.Config.Ledger.Batch))
	if err != nil {
		return out, err
	}
	out.closers = append(out.closers, out.register.Close)
	return out, nil
}

func (o *Office) openDocket(ctx context.Context) error {
	vault, err := keys.Open(o.Folder.Keys(), o.random, o.Clock.Now)
	if err != nil {
		return err
	}
	o.closeWith(vault.Close)
	originals, err := blob.OpenPacked(o.Folder.Originals(), o.random)
	if err != nil {
		return err
	}
	o.closeWith(originals.Close)
	config := docket.Config{Store: seenStore{o.db.Docket()}, Keys: vault, Originals: originals, Journal: published{o.db.Ledger(), o.journal.reader},
		Clock: o.Clock.Now, Rand: o.random, Fields: o.registerFields, Log: o.log, MayRead: o.mayRead,
		Policy: demand.Policy{Waiting: time.Duration(o.Config.Notice.WaitingDays) * 24 * time.Hour, Approvals: 2}}
	if o.isDemo() {
		// A demo moves its clock, by years; the steady clock moves with it.
		config.Bounds.Ahead = demoAhead
		begin := o.Clock.Now()
		config.Steady = func() time.Duration { return o.Clock.Now().Sub(begin) }
	}
	o.Docket, err = docket.New(ctx, config)
	return err
}

// published tells the docket what is in the journal.
type published struct {
	sqlite.Ledger
	reader *ledger.Reader
}

// Published implements docket.Journal.
func (p published) Published(ctx context.Context) (ordinary, emergency uint64, err error) {
	return p.reader.Published(ctx)
}

func noAgency(id string) error {
	return problem.New(problem.Invalid, "intake.agency", "no agency of this id is registered").At("instrument: agency %.80q", id).
		Fix("register the agency, with a contact found independently, in agencies.toml")
}

// registerFields says how a demand counts, as far as it is known at receipt.
func (o *Office) registerFields(r demand.Receive) (proof.Fields, error) {
	if r.Unread { // nobody has read yet who demands with what
		return proof.Fields{Class: proof.ClassOrdinary}, nil
	}
	a, ok := o.Agencies.Agency(r.Instrument.Agency)
	if !ok {
		return proof.Fields{}, noAgency(r.Instrument.Agency)
	}
	country, err := proof.CountryOf(a.Country)
	if err != nil {
		return proof.Fields{}, err
	}
	instrument, class := instrumentClass(r.Instrument.Kind)
	return proof.Fields{Country: country, Instrument: instrument, Band: proof.BandOf(len(r.Targets)), Class: class}, nil
}

func (o *Office) openClerk(ctx context.Context) (err error) {
	o.post, err = o.Folder.openPost(o.Config.Notice.Mail, o.Clock.Now)
	if err != nil {
		return err
	}
	l := letters{o}
	o.Clerk, err = clerk.New(clerk.Config{Docket: o.Docket, Composer: l, Notifier: l, Inquiries: l, Channels: o,
		Rand: o.random, Log: o.log})
	return err
}

// Run does the office's standing work until ctx ends: the logs' ticks, the
// clerk's rounds, the gate's news.
func (o *Office) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return o.writeLogs(ctx) })
	g.Go(func() error { return o.rounds(ctx) })
	g.Go(func() error { return o.reloads(ctx) })
	g.Go(func() error { return o.releases(ctx) })
	g.Go(func() error { return o.stamps(ctx) })
	return g.Wait()
}

func ignoreEnd(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// rounds lets the clerk do what is due and takes the gate's news, every few
// seconds. What fails is tried again on the next round.
func (o *Office) rounds(ctx context.Context) error {
	t := time.NewTicker(2 * time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		if err := o.Round(ctx); err != nil && ctx.Err() == nil {
			o.log.Error("round", "code", problem.Code(err))
		}
	}
}

// Round is one round: clock, clerk, gate. What the clerk cannot do, and what people
// are late with, goes into the log; doctor says the same.
func (o *Office) Round(ctx context.Context) error {
	o.round.Lock()
	defer o.round.Unlock()
	o.rereadAgencies()
	o.rereadWitnesses()
	_, err := o.Docket.Beat(ctx)
	if err != nil {
		return err
	}
	report, err := o.Clerk.Pass(ctx, o.Clock.Now())
	for _, a := range report.Alarms {
		if a.Problem != nil || a.Late > 0 {
			o.log.Warn("alarm", "demand", a.ID, "duty", a.Kind, "seat", a.Seat, "late", a.Late.Round(time.Second), "code", problem.Code(orNil(a.Problem)))
		}
	}
	for _, e := range report.Escalations {
		o.log.Warn("escalated", "demand", e.ID, "duty", e.Kind, "seat", e.Seat, "to", e.To, "step", e.Step)
	}
	if err != nil {
		return err
	}
	return o.TakeNews(ctx)
}

// orNil keeps a nil problem from becoming an error that is not nil.
func orNil(p *problem.Error) error {
	if p == nil {
		return nil
	}
	return p
}
