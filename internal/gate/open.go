package gate

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"counterseal/internal/evidence/release"
	"counterseal/internal/gate/record"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// counted reports whether the fetches of a file are limited: those of the package.
func counted(file string) bool { return slices.Contains(release.Packages[:], file) }

const (
	defaultPatience  = time.Minute
	defaultPickUp    = 30 * 24 * time.Hour
	defaultDownloads = 10
	briefly          = 2 * time.Second
)

// Gate implements Desk.
type Gate struct {
	cfg     Config
	checks  []check
	rules   []grant.Rule
	judge   func(scope.Scope, scope.Item) scope.Verdict
	packs   func(scope.Scope) scope.Scope // what the package's writer is told to take; tests break it
	notes   func(scope.Item) bool         // whether the index takes a given item: always; tests break it
	unasked map[string]bool               // checks of a word that are left out: none; tests leave some out
	hook    func(kind string)             // called after each line is on the disk; tests crash there

	lock      *os.File
	record    *record.Record
	life      context.Context // ends with the gate
	end       context.CancelFunc
	work      sync.WaitGroup
	asking    [32]byte      // key of what those with a link are asked; of this run of the gate alone
	turn      chan struct{} // held while a counter is drawn
	finding   sync.Mutex    // held while an incident is looked for, or its list is opened
	manifests sync.Map      // kept exports by digest, as far as they were read
	stated    sync.Map      // statements about copies by digest, as far as they were read
	spoken    sync.Map      // who spoke for a grant with which the gate is through, by its id
	mu        sync.RWMutex  // guards what follows
	closed    bool
	*state
	charter  *grant.Charter
	since    map[string]int // statement since which a recipient's key has been in the charter without a break
	offers   map[string]*offer
	running  map[string]*moving
	awaited  map[string]grant.Signed // announced manifests, by digest
	bringing map[string]bool         // exports that are being taken in
	asked    bool                    // the journal was asked whether copies have ended that the record holds as kept
	joined   joined
	compared bool           // own counter and the journal's were found to agree
	blocked  *problem.Error // why nothing may leave any more
}

var _ Desk = (*Gate)(nil)

// Open reads the folder and is ready to be asked. A release that the gate did
// not bring to an end is ended now, and its staging wiped. The journal need not
// answer yet: until it has confirmed the counter, nothing leaves. Codes:
// gate.config, gate.busy (another process has the folder), gate.record_damaged,
// gate.damaged.
func Open(ctx context.Context, c Config) (*Gate, error) {
	if !grant.Name(c.ID) || c.Dir == "" || c.Key == nil || c.Journal == nil || c.Docket == nil || c.Now == nil || c.Rand == nil || c.Log == nil {
		return nil, problem.New(problem.Invalid, "gate.config", "a gate has an id, a folder, a key, a journal, a docket, a clock, randomness and a log")
	}
	if c.Patience == 0 {
		c.Patience = defaultPatience
	}
	if c.PickUp == 0 {
		c.PickUp = defaultPickUp
	}
	if c.Downloads == 0 {
		c.Downloads = defaultDownloads
	}
	if c.Lists == 0 {
		c.Lists = defaultLists
	}
	if c.Readings == nil {
		c.Readings = &grant.Readings{}
	}
	g := &Gate{cfg: c, checks: checks(), rules: slices.Clone(grant.Rules), judge: scope.Scope.Judge, packs: func(s scope.Scope) scope.Scope { return s }, notes: func(scope.Item) bool { return true }, hook: func(string) {}, state: newState(c.ID), turn: make(chan struct{}, 1),
		charter: &grant.Charter{}, since: map[string]int{}, offers: map[string]*offer{}, running: map[string]*moving{},
		awaited: map[string]grant.Signed{}, bringing: map[string]bool{}}
	_, err := io.ReadFull(c.Rand, g.asking[:])
	if err != nil {
		return nil, noRandomness(err)
	}
	g.life, g.end = context.WithCancel(context.Background())
	err = g.open()
	if err != nil {
		g.release() // the first error counts
		return nil, err
	}
	// A journal that does not answer now will be asked again before anything
	// leaves; stops must not wait for it.
	soon, cancel := context.WithTimeout(ctx, min(briefly, c.Patience))
	defer cancel()
	_ = g.compare(soon)
	_ = g.sweep(soon)
	g.work.Add(1)
	go g.tend()
	return g, nil
}

func (g *Gate) open() error {
	for _, d := range []string{"", "charter", "offers", "staging", "out", "access", "exports", "calls", "copies", "copykeys", "previews", "quarantine", "lists", "listkeys", "passphrases"} {
		if err := os.MkdirAll(g.path(d), 0o700); err != nil {
			return unusable(err)
		}
	}
	var err error
	g.lock, err = os.OpenFile(g.path("lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return unusable(err)
	}
	err = syscall.Flock(int(g.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil {
		return problem.New(problem.Conflict, "gate.busy", "another process runs this gate").Because(err)
	}
	line := 0
	r, fresh, err := record.Open(g.path("record"), g.cfg.ID, func(l record.Line) error {
		line++
		if err := g.apply(l); err != nil {
			return recordDamaged().At("line %d", line).Because(err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	g.record = r
	if fresh && g.used() {
		return recordDamaged().At("the record is missing")
	}
	if g.contradicted {
		g.blocked = contradicted()
	}
	if err := g.loadCharter(); err != nil {
		return err
	}
	if err := g.recover(); err != nil {
		return err
	}
	if err := g.loadExports(); err != nil {
		return err
	}
	if err := g.loadCopies(); err != nil {
		return err
	}
	if err := g.loadLists(); err != nil {
		return err
	}
	if err := g.loadPassphrases(); err != nil {
		return err
	}
	return g.loadOffers()
}

// used reports whether the folder holds what only a gate with a record leaves.
func (g *Gate) used() bool {
	for _, d := range []string{"charter", "out", "access", "copies", "copykeys", "previews", "quarantine", "lists", "listkeys", "passphrases"} {
		entries, err := os.ReadDir(g.path(d))
		if err != nil || len(entries) > 0 {
			return true
		}
	}
	return false
}

// Close waits for releases under way to stop and gives the folder back.
func (g *Gate) Close() error {
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		return nil
	}
	g.closed = true
	g.mu.Unlock()
	g.end()
	g.work.Wait()
	return g.release()
}

func (g *Gate) release() error {
	g.end()
	var err error
	if g.record != nil {
		err = g.record.Close()
	}
	if g.lock != nil {
		// Closing alone would leave the lock with a process that is being forked.
		_ = syscall.Flock(int(g.lock.Fd()), syscall.LOCK_UN)
		g.lock.Close()
	}
	return err
}

// place is where the folder of a run appears: a package's, a copy's, or a table's.
func (g *Gate) place(r *run) string {
	switch {
	case r.keeps():
		return g.path("copies", r.ID)
	case r.stays():
		return g.path("previews", r.ID)
	}
	return g.path("out", packageName(r.Demand, r.Grant))
}

// recover ends what an earlier process left in the middle. A package whose
// folder appeared is whole: the folder is renamed only when everything in it is
// on the disk, and "publishing" stands before that.
func (g *Gate) recover() error {
	for _, id := range g.order {
		r := g.runs[id]
		if r.over() {
			continue
		}
		if r.last == kindOverproduced {
			if err := g.quarantine(id); err != nil {
				return err
			}
			if err := g.append(kindEnded, caught(r)); err != nil {
				return err
			}
			continue
		}
		_, err := os.Lstat(g.place(r))
		switch {
		case err == nil && r.last == kindPublishing:
			err = g.append(kindVisible, stepID{id})
		case err == nil || errors.Is(err, fs.ErrNotExist):
			err = g.append(kindEnded, interruption(r))
		default:
			err = unusable(err)
		}
		if err != nil {
			return err
		}
	}
	if err := wipe(g.path("staging")); err != nil {
		return err
	}
	g.foreign()
	return nil
}

// caught is the end of a run whose package is in quarantine.
func caught(r *run) stepEnded {
	p := overproduced()
	return stepEnded{ID: r.ID, State: Refused, Kind: p.Kind, Code: p.Code, Message: p.Message, Field: p.Field, Remedy: p.Remedy}
}

func interruption(r *run) stepEnded {
	e := stepEnded{ID: r.ID, State: Interrupted, Kind: problem.Refused, Code: "gate.interrupted",
		Message: "the gate ended in the middle of this release; nothing left, and the grant is spent", Remedy: "draft and approve a new grant"}
	if r.stays() {
		e.Message = "the gate ended in the middle of this; nothing is kept by it, and the grant is spent"
		return e
	}
	if r.last == kindPermitted || r.last == kindPublishing {
		e.State, e.Code = Unknown, "gate.outcome_unknown"
		e.Message = "the gate ended after the docket's permission; no package is visible here, and a person records the outcome"
	}
	return e
}

// foreign blocks the gate when out/ holds a package that the record does not know: one of
// them was exchanged. One that is gone blocks nothing: whoever runs the gate may put old
// ones elsewhere, and who fetches it is told (gate.package_gone).
func (g *Gate) foreign() {
	want := map[string]bool{}
	for _, r := range g.runs {
		if r.last == kindVisible && !r.stays() {
			want[packageName(r.Demand, r.Grant)] = true
		}
	}
	entries, err := os.ReadDir(g.path("out"))
	for _, e := range entries {
		if !want[e.Name()] {
			err = errors.New("a package that is not in the record")
		}
	}
	if err != nil {
		g.blocked = recordDamaged().At("out").Because(err)
	}
}

// append writes a line and applies it. The caller holds mu, or is alone.
func (g *Gate) append(kind string, body any) error {
	l, err := g.record.Append(g.cfg.Now(), kind, body)
	if err != nil {
		return err
	}
	if err := g.apply(l); err != nil {
		return problem.New(problem.Internal, "gate.damaged", "the gate's record and its steps do not agree").Because(err)
	}
	g.hook(kind)
	return nil
}

func (g *Gate) path(parts ...string) string {
	return filepath.Join(append([]string{g.cfg.Dir}, parts...)...)
}

// enter registers a piece of work that Close waits for, and gives it a context
// that ends with the gate.
func (g *Gate) enter(ctx context.Context) (context.Context, func(), error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return nil, nil, problem.New(problem.Unavailable, "gate.closed", "the gate is closed")
	}
	g.work.Add(1)
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(g.life, cancel)
	return ctx, func() { stop(); cancel(); g.work.Done() }, nil
}

// refused writes the one log line of a refusal: ids and codes, nothing else.
func (g *Gate) refused(act, id string, err error) error {
	p := problem.Of(err)
	g.cfg.Log.Warn("refused", "gate", g.cfg.ID, "act", act, "id", id, "code", p.Code, "because", causes(p))
	return p
}

// causes lists the codes behind a problem. Texts of foreign errors are left out:
// they may hold paths or data.
func causes(p *problem.Error) []string {
	var out []string
	for err := p.Unwrap(); err != nil && len(out) < 4; {
		var c *problem.Error
		if !errors.As(err, &c) {
			break
		}
		out = append(out, c.Code)
		err = c.Unwrap()
	}
	return out
}

func keyID(k interface{ Marshal() []byte }) string { return hexSum(k.Marshal())[:32] }

func unusable(err error) *problem.Error {
	return problem.New(problem.Unavailable, "gate.damaged", "the gate's folder cannot be read or written").
		Fix("see that its disk is there, has room and can be written; then draft and approve a new grant").Because(err)
}

func recordDamaged() *problem.Error {
	return problem.New(problem.Unverified, "gate.record_damaged", "the gate's record is not as the gate wrote it").
		Fix("do not repair it: keep the folder for the inquiry and enrol a gate under a new id in the charter")
}
