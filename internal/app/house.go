package app

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"counterseal/internal/access"
	"counterseal/internal/gate/gatehttp"
	"counterseal/internal/gate/uplink"
	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
	"counterseal/internal/web/customer"
	"counterseal/internal/web/public"
	"counterseal/internal/web/staff"
	"counterseal/internal/web/ui"
)

// House is the office with its doors open: pages on loopback, the gate's desk and
// the gate's uplink on sockets in the folder.
type House struct {
	*Office
	Door      *access.Door // for staff
	Customers *access.Door
	pages     ui.Door
}

// NewHouse puts the pages before an office.
func NewHouse(o *Office) *House {
	pages := ui.NewDoor(ui.WordsFor("en"), o.Config.Provider)
	door := access.Outside{Now: time.Now, Random: o.random, Pages: pages, Home: "/queue", Sessions: access.Folder(o.Folder.Sessions()), Idle: access.IdleLife, Counts: o.sessionCounts,
		Began: func(s access.Session) { o.log.Info("sign-in", "person", s.Person, "by", s.By, "session", s.ID) }}
	if page := o.Config.SignIn.Page; page != "" {
		door.Pages = pages.At(page)
		door.SignIn = &access.SignIn{Page: page, People: o.signers, OpenID: o.openID(), Pages: pages}
	}
	return &House{Office: o, Door: access.New(door), pages: pages,
		Customers: access.New(access.Outside{Now: o.Clock.Now, Random: o.random, Pages: customer.NewDoor(o.Config.Provider), Home: customer.At, Under: customer.At, Links: folderLinks{o}})}
}

// Handler is every page.
func (h *House) Handler() http.Handler {
	mux := http.NewServeMux()
	h.mount(mux)
	return gatehttp.Bounded(pagesRoom, "", mux)
}

func (h *House) mount(mux ui.Mux) {
	ui.Mount(mux)
	h.Door.Mount(mux)
	zone := h.Zone()
	public.New(public.Outside{Ledger: heads{h.Office}, Reports: h.Office, Guide: h.Office, SetUp: h.SetUp, Provider: h.Config.Provider, Now: h.Clock.Now, Zone: zone}).Mount(mux)
	v := Staff{h.Office}
	desk := staff.Outside{Docket: v, Hand: v, Acts: v, Streams: v, Register: v, Files: v, Letters: v, PickUps: v, Search: v, Door: v, Sheets: v, Random: h.random, Now: h.Clock.Now, Zone: zone, Provider: h.Config.Provider,
		Reader: access.Person, LeaveAt: access.LeaveAt}
	staff.New(desk).Mount(mux, h.guard)
	staff.NewLawPage(desk, h.Office).Mount(mux, h.guard)
	h.Customers.Mount(mux)
	customer.New(customer.Outside{Desk: Customers{h.Office}, Provider: h.Config.Provider, Reader: access.Person, LeaveAt: h.Customers.LeaveAt(), Now: h.Clock.Now}).Mount(mux, h.Customers.Require)
}

// guard lets a request through to the staff's pages for which there is a session, and
// a rule of the policy that opens this very route to whoever has it.
func (h *House) guard(next http.Handler) http.Handler {
	return h.Door.Require(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := h.MayOpen(access.Person(r), r.Pattern)
		if err != nil {
			h.pages.Problem(w, 0, err)
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// SetUp says which promises this set-up can keep. A gate that is reached by a socket of
// this machine's is on no host of its own, whatever user it runs under.
func (o *Office) SetUp() public.SetUp {
	c, err := o.charter()
	return public.SetUp{
		SeparateGate:   o.Config.allFar(),
		StoreConnected: o.connected.Load(),
		TwoPersons:     err == nil && c.Policy.Approvals >= 2,
		NoticeOnTime:   o.post.mail != nil,
	}
}

// Serve answers until ctx ends: pages at address, which must be loopback, and
// the sockets. Code: app.address.
func (h *House) Serve(ctx context.Context, address string, ready func(base string)) error {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return problem.New(problem.Invalid, "app.address", "pages are served on loopback only").At("%s", address).Fix("use 127.0.0.1:PORT; for other machines let a server here end TLS in front of it, and name its address under [sign_in]")
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return problem.New(problem.Unavailable, "app.address", "the address cannot be listened on").At("%s", address).Fix("another program may have it; choose another port").Because(err)
	}
	g, ctx := errgroup.WithContext(ctx)
	sockets, err := h.sockets(ctx)
	if err != nil {
		l.Close()
		return err
	}
	for _, serve := range sockets {
		g.Go(serve)
	}
	first, endPages := context.WithCancel(ctx) // the pages of gates that have no charter yet
	defer endPages()
	pages, err := h.gatePages(first, h.Config)
	if err != nil {
		l.Close()
		return err
	}
	var shown sync.WaitGroup
	for _, serve := range pages {
		shown.Add(1)
		g.Go(func() error { defer shown.Done(); return serve() })
	}
	if h.awaits {
		g.Go(func() error { return h.takeGates(ctx, g, func() { endPages(); shown.Wait() }) })
	}
	g.Go(func() error { return h.Run(ctx) })
	g.Go(func() error { return servePages(ctx, l, h.Handler()) })
	ready("http://" + l.Addr().String())
	return g.Wait()
}

func socket(ctx context.Context, path string, handler http.Handler) (func() error, error) {
	l, err := gatehttp.Listen(ctx, "unix:"+path)
	return func() error { return gatehttp.Serve(ctx, l, handler) }, err
}

// deskSocket is where other processes of this machine reach the gates that run in this
// one; nothing where none does.
func (h *House) deskSocket(ctx context.Context) ([]func() error, error) {
	if !h.opened() {
		return nil, nil
	}
	serve, err := socket(ctx, h.Folder.GateSocket(), gatehttp.Handler(h.Desk(), h.log))
	if err != nil {
		return nil, err
	}
	return []func() error{serve}, nil
}

// sockets are what others reach beside the pages: the desk, where a gate runs inside
// and there is a charter; the uplink, for gates that run by themselves.
func (h *House) sockets(ctx context.Context) ([]func() error, error) {
	serve, err := h.deskSocket(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range h.Config.gates() {
		if !strings.HasPrefix(r.Address, "unix:") {
			continue
		}
		token, err := h.Folder.readSecret("uplink")
		if err != nil {
			return nil, err
		}
		one, err := socket(ctx, h.uplinkSocket(), gatehttp.Bounded(pagesRoom, "", uplink.Handler(h.journal, h.Office, r.Gate, strings.TrimSpace(string(token)), h.Office.log)))
		if err != nil {
			return nil, err
		}
		serve = append(serve, one)
	}
	lines, err := h.lines(ctx)
	if lines != nil {
		serve = append(serve, lines)
	}
	return serve, err
}

func servePages(ctx context.Context, l net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: time.Minute, IdleTimeout: time.Minute, MaxHeaderBytes: 64 << 10}
	stop := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(grace)
	})
	defer stop()
	err := server.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return problem.New(problem.Unavailable, "app.serve", "the pages can no longer be served").Because(err)
}

// heads shows the public page the logs. It implements public.Ledger.
type heads struct{ *Office }

func (h heads) reader(log public.Log) (*ledger.Reader, error) {
	switch log {
	case public.Journal:
		return h.journal.reader, nil
	case public.Register:
		return ledger.NewReaderUnder(h.Folder.Register(), ledger.InRegister, h.db.Ledger(), h.policies["register"]), nil
	}
	return nil, problem.New(problem.Missing, "ledger.unknown", "there is no such log")
}

// Head implements public.Ledger.
func (h heads) Head(ctx context.Context, log public.Log) (public.Head, error) {
	r, err := h.reader(log)
	if err != nil {
		return public.Head{}, err
	}
	head, err := r.Latest(ctx)
	if err != nil {
		return public.Head{}, err
	}
	policy := h.policies[string(log)].Policy()
	out := public.Head{Origin: head.Origin, Size: head.Size, Root: base64.StdEncoding.EncodeToString(head.Root[:]), Key: policy.LogKey(),
		Witnesses: policy.Witnesses(), Last: h.lastTick(ctx, log, head.Size)}
	if log != public.Journal {
		return out, nil
	}
	// If this one cannot be had, there is none.
	if spare, err := r.InEmergency().Latest(ctx); err == nil && spare.Emergency {
		out.Emergency, out.EmergencySize = string(spare.Text), spare.Size
	}
	return out, nil
}

// lastTick is the time in the journal's last leaf; zero where it is not known.
func (h heads) lastTick(ctx context.Context, log public.Log, size uint64) time.Time {
	if log != public.Journal || size == 0 {
		return time.Time{}
	}
	in, err := h.db.Ledger().Interval(ctx, size-1)
	if err != nil {
		return time.Time{}
	}
	leaf, err := proof.ParseJournalLeaf(in.Leaf)
	if err != nil {
		return time.Time{}
	}
	return leaf.Tick()
}

// Checkpoint implements public.Ledger.
func (h heads) Checkpoint(ctx context.Context, log public.Log) ([]byte, error) {
	r, err := h.reader(log)
	if err != nil {
		return nil, err
	}
	head, err := r.Latest(ctx)
	return head.Text, err
}

// Policy implements public.Ledger.
func (h heads) Policy(_ context.Context, log public.Log) ([]byte, error) {
	p, ok := h.policies[string(log)]
	if !ok {
		return nil, problem.New(problem.Missing, "ledger.unknown", "there is no such log")
	}
	return p.Policy().Marshal(), nil
}
