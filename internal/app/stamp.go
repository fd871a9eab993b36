package app

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"counterseal/internal/evidence/timestamp"
	"counterseal/internal/evidence/verify"
	"counterseal/internal/gate"
	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
)

// StampConfig is [ledger.stamp]: whom the office asks for a time stamp on the journal's
// checkpoint that carries a release. Left out, nobody is asked.
type StampConfig struct {
	URL          string `toml:"url"`          // of the authority's service (RFC 3161 over HTTP)
	Certificates string `toml:"certificates"` // file of its certificate, or its root's, in PEM; for gates inside, and for the trust file
	Patience     string `toml:"patience"`     // with one answer; 30s unless stated
}

const (
	stampPatience = 30 * time.Second
	stampEvery    = 5 * time.Second // how often the office looks whether a package waits
	stampAgain    = time.Minute     // after a first failure, then twice as long each time …
	stampAtMost   = time.Hour       // … up to this
	stampLate     = 15 * time.Minute
)

func (c StampConfig) asks() bool { return c != StampConfig{} }

func (c StampConfig) patience() time.Duration {
	if d, err := time.ParseDuration(c.Patience); err == nil {
		return d
	}
	return stampPatience
}

// amiss says what does not hold together, and what to do.
func (c StampConfig) amiss() (key, fix string) {
	if !c.asks() {
		return "", ""
	}
	if u, err := url.Parse(c.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return "url", "write the address of the time-stamping authority's service, such as \"http://tsa.example/tsr\""
	}
	if c.Certificates == "" {
		return "certificates", "name a file with the authority's certificate, or its root's, in PEM"
	}
	if d, err := time.ParseDuration(c.Patience); c.Patience != "" && (err != nil || d < time.Second || d > 10*time.Minute) {
		return "patience", "write a time between 1s and 10m, such as \"30s\""
	}
	return "", ""
}

// readStamps reads certificates; a relative name begins at the folder.
func readStamps(folder, name string) (timestamp.Anchors, error) {
	if name == "" {
		return nil, nil
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(folder, name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, problem.New(problem.Invalid, "timestamp.anchors", "the file of a time-stamping authority's certificates cannot be read").At("%s", name).
			Fix("put it there, in PEM, or take its name out of the configuration").Because(err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, timestamp.MaxAnchors+1))
	if err != nil {
		return nil, folderProblem(err)
	}
	return timestamp.ReadAnchors(text)
}

func (f Folder) stamps(c StampConfig) (timestamp.Anchors, error) {
	return readStamps(string(f), c.Certificates)
}

// stamping remembers what was tried in vain, by the digest of the grant, and what the
// gates said of time stamps, by the grant.
type stamping struct {
	round sync.Mutex // one at a time
	mu    sync.Mutex
	tried map[string]trial
	heard map[string]gate.Status
}

// trial is how often an authority was asked for one package, in vain.
type trial struct {
	times int
	again time.Time
	code  string
}

// StampTry is a package that waited for a time stamp, and what came of asking.
type StampTry struct {
	Demand string    `json:"demand"`
	Grant  string    `json:"grant"`
	Since  time.Time `json:"since"`
	At     time.Time `json:"stamped_at,omitzero"`  // as the authority states it; left out: it still waits
	By     string    `json:"stamped_by,omitempty"` // that authority
	Code   string    `json:"code,omitempty"`       // why the last try failed
}

// stamps asks for time stamps until ctx ends. It is nobody's reason to wait: no release
// looks at it.
func (o *Office) stamps(ctx context.Context) error {
	for o.Config.Ledger.Stamp.asks() {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(stampEvery):
		}
		if _, err := o.StampWaiting(ctx, false); err != nil && ctx.Err() == nil {
			o.log.Error("stamps", "code", problem.Code(err))
		}
	}
	return nil
}

// unstamped lists the packages that wait, of the gates that answer.
func (o *Office) unstamped(ctx context.Context) ([]gate.Status, error) {
	list, err := o.Desk().List(ctx)
	return slices.DeleteFunc(list, func(st gate.Status) bool { return st.StampRequest == nil }), err
}

// StampWaiting asks the authority for each package that waits for a time stamp and
// gives its answers to the gate, which checks them itself. What failed before waits
// its turn, unless now says otherwise. What fails is in the answer and tried again
// later. Codes: app.no_stamps where the configuration names no authority.
func (o *Office) StampWaiting(ctx context.Context, now bool) ([]StampTry, error) {
	if !o.Config.Ledger.Stamp.asks() || o.Desk() == nil {
		return nil, problem.New(problem.Refused, "app.no_stamps", "no time-stamping authority is named").Fix("see [ledger.stamp] in docs/operations.md")
	}
	o.stamping.round.Lock()
	defer o.stamping.round.Unlock()
	list, err := o.unstamped(ctx) // of a gate that is down, once it is back
	out := []StampTry{}
	for _, st := range list {
		try := StampTry{Demand: st.Demand, Grant: st.Grant, Since: st.Outcome.At}
		if o.stamping.turn(st.ID, now, o.Clock.Now()) {
			done, err := o.stampOne(ctx, st)
			if err != nil {
				o.stamping.failed(st.ID, problem.Code(err), o.Clock.Now())
				o.log.Warn("no time stamp", "demand", st.Demand, "grant", st.Grant, "code", problem.Code(err))
			} else {
				o.stamping.take(done)
				try.At, try.By = done.Outcome.StampedAt, done.Outcome.StampedBy
			}
			try.Code = problem.Code(err)
		}
		out = append(out, try)
	}
	return out, err
}

func (o *Office) stampOne(ctx context.Context, st gate.Status) (gate.Status, error) {
	answer, err := askAuthority(ctx, o.Config.Ledger.Stamp, st.StampRequest)
	if err != nil {
		return st, err
	}
	return o.Desk().Stamp(ctx, st.ID, answer)
}

// askAuthority is RFC 3161 §3.4. What an authority answers is not believed here: the
// gate does that. Codes: stamp.unreachable, stamp.answer.
func askAuthority(ctx context.Context, c StampConfig, request []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.patience())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(request))
	if err != nil {
		return nil, unstamping(err)
	}
	r.Header.Set("Content-Type", timestamp.QueryType)
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10}
	client := http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err != nil {
		return nil, unstamping(err)
	}
	defer resp.Body.Close()
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	if resp.StatusCode != http.StatusOK || kind != timestamp.ReplyType {
		return nil, problem.New(problem.Unavailable, "stamp.answer", "the time-stamping authority does not answer as one does").At("HTTP %d, %.60q", resp.StatusCode, kind).Fix("see url under [ledger.stamp]")
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, timestamp.MaxAnswer+1))
	if err != nil {
		return nil, unstamping(err)
	}
	if len(answer) > timestamp.MaxAnswer {
		return nil, problem.New(problem.Unavailable, "stamp.answer", "the time-stamping authority does not answer as one does").At("more than %d bytes", timestamp.MaxAnswer).Fix("see url under [ledger.stamp]")
	}
	return answer, nil
}

func unstamping(err error) *problem.Error {
	return problem.New(problem.Unavailable, "stamp.unreachable", "the time-stamping authority does not answer").Fix("see whether this machine reaches it; it is asked again").Because(err)
}

func (s *stamping) turn(id string, anyhow bool, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return anyhow || !now.Before(s.tried[id].again)
}

func (s *stamping) failed(id, code string, now time.Time) trial {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tried == nil {
		s.tried = map[string]trial{}
	}
	t := s.tried[id]
	s.tried[id] = trial{t.times + 1, now.Add(min(stampAgain<<min(t.times, 10), stampAtMost)), code}
	return s.tried[id]
}

// take takes what a gate says of a release.
func (s *stamping) take(st gate.Status) {
	if st.Outcome == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.heard == nil {
		s.heard = map[string]gate.Status{}
	}
	s.heard[st.Grant] = st
}

// show puts on a page what is known of a grant's time stamp, and of its passphrase.
func (s *stamping) show(g *staff.Grant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.heard[g.ID]; st.Outcome != nil {
		g.StampedAt, g.StampedBy = st.Outcome.StampedAt, st.Outcome.StampedBy
		g.Unstamped, g.StampCode = st.StampRequest != nil, s.tried[st.ID].code
		showPassphrase(g, st.Passphrase)
	}
}

// examineStamps says which packages wait for their time stamp for too long, and whether
// the trust file names the authority.
func (o *Office) examineStamps(ctx context.Context, h *Health) {
	if !o.Config.Ledger.Stamp.asks() {
		return
	}
	list, err := o.unstamped(ctx)
	late := 0
	for _, st := range list {
		if o.Clock.Now().Sub(st.Outcome.At) > stampLate {
			late++
		}
	}
	if err == nil {
		err = o.stampsTold()
	}
	if err == nil && late > 0 {
		err = problem.New(problem.Unavailable, "stamp.late", "%s for a time stamp longer than %s", waiting(late), stampLate).
			Fix("counterseal gate stamp asks for it now and says what is in the way; nothing else waits for it")
	}
	h.check("time stamps", waiting(len(list))+" for one from "+o.Config.Ledger.Stamp.URL, err)
}

func waiting(n int) string {
	if n == 1 {
		return "1 package waits"
	}
	return plural(n, "package") + " wait"
}

// stampsTold reports whether outsiders can check what the authority signs.
func (o *Office) stampsTold() error {
	anchors, err := o.Folder.stamps(o.Config.Ledger.Stamp)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(o.Folder.Trust())
	if err != nil {
		return folderProblem(err)
	}
	trust, err := verify.ParseTrust(text)
	if err != nil {
		return err
	}
	for _, a := range anchors {
		if !slices.ContainsFunc(trust.Stamps, a.Equal) {
			return problem.New(problem.Refused, "stamp.untold", "trust.txt does not name the time-stamping authority").Fix("run counterseal gate init --finish, and give the new trust.txt to those who verify packages")
		}
	}
	return nil
}
