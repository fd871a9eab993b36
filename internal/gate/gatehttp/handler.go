package gatehttp

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// Bounds of a request's body, in bytes.
const (
	maxBody     = 1 << 20
	maxOffer    = 48 << 20 // a document of 32 MiB in base64
	maxCharter  = 96 << 20
	maxManifest = 12 << 20 // a manifest of 8 MiB in base64
)

type charterRequest struct {
	Text       []byte     `json:"text"`
	Signatures signatures `json:"signatures"`
}

type signedRequest struct {
	Text      []byte `json:"text"`
	Signature []byte `json:"signature"`
}

type approvalRequest struct {
	Signature []byte `json:"signature"`
}

type fetchRequest struct {
	By string `json:"by"`
}

type server struct {
	desk  gate.Desk
	log   *slog.Logger
	large chan struct{} // see largeAtOnce
	queue time.Duration // how long one waits for a place among them
}

// largeAtOnce is how many large bodies are read and taken at once. Each takes memory, and
// the gate's time; neither grows with how many are sent, and a stop is not among them.
const largeAtOnce = 8

// room is how many bytes of other bodies are held at once; stops have as much for
// themselves.
const room = 32 << 20

// queueing is shorter than a client's patience with an act.
const queueing = time.Minute

// Handler serves the desk.
func Handler(desk gate.Desk, log *slog.Logger) http.Handler {
	return handler(server{desk, log, make(chan struct{}, largeAtOnce), queueing}, room)
}

func handler(s server, room int64) http.Handler {
	desk := s.desk
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/charter", s.answer(func(r *http.Request) (any, error) { return desk.CharterHead(r.Context()) }))
	mux.HandleFunc("GET /v1/offers", s.answer(func(r *http.Request) (any, error) { return desk.List(r.Context()) }))
	mux.HandleFunc("GET /v1/offers/{id}", s.answer(func(r *http.Request) (any, error) { return desk.Status(r.Context(), r.PathValue("id")) }))
	mux.HandleFunc("GET /v1/offers/{id}/text", s.raw("text/plain; charset=utf-8", desk.Text))
	mux.HandleFunc("GET /v1/offers/{id}/document", s.raw("application/octet-stream", desk.Document))
	mux.HandleFunc("GET /v1/stops", s.answer(func(r *http.Request) (any, error) { return desk.Stops(r.Context()) }))
	mux.HandleFunc("GET /v1/interrupted", s.answer(func(r *http.Request) (any, error) { return desk.Interrupted(r.Context()) }))
	mux.HandleFunc("GET "+storesPath, s.answer(func(r *http.Request) (any, error) { return desk.Stores(r.Context()) }))
	mux.HandleFunc("GET /v1/walls", s.answer(func(r *http.Request) (any, error) { return desk.Walls(r.Context()) }))
	mux.HandleFunc("POST /v1/charter", take(s, maxCharter, func(r *http.Request, in charterRequest) (any, error) {
		return desk.ExtendCharter(r.Context(), in.Text, in.Signatures)
	}))
	mux.HandleFunc("POST /v1/offers", take(s, maxOffer, func(r *http.Request, in gate.Offer) (any, error) { return desk.Offer(r.Context(), in) }))
	mux.HandleFunc("POST /v1/offers/{id}/approvals", take(s, maxBody, func(r *http.Request, in approvalRequest) (any, error) {
		return desk.Approve(r.Context(), r.PathValue("id"), in.Signature)
	}))
	mux.HandleFunc("POST /v1/offers/{id}/release", take(s, maxBody, func(r *http.Request, _ struct{}) (any, error) {
		// What people approved goes on when whoever pressed the button goes away.
		return desk.Release(context.WithoutCancel(r.Context()), r.PathValue("id"))
	}))
	mux.HandleFunc("POST /v1/offers/{id}/keep", take(s, maxBody, func(r *http.Request, _ struct{}) (any, error) {
		return desk.Keep(context.WithoutCancel(r.Context()), r.PathValue("id"))
	}))
	mux.HandleFunc("POST /v1/offers/{id}/preview", take(s, maxBody, func(r *http.Request, _ struct{}) (any, error) {
		return desk.Preview(context.WithoutCancel(r.Context()), r.PathValue("id"))
	}))
	// A copy itself has no address: nothing serves it.
	mux.HandleFunc("GET /v1/copies", s.answer(func(r *http.Request) (any, error) { return desk.Copies(r.Context()) }))
	mux.HandleFunc("GET /v1/copies/{id}/text", s.raw("text/plain; charset=utf-8", desk.CopyText))
	mux.HandleFunc("GET /v1/incidents", s.answer(func(r *http.Request) (any, error) { return desk.Incidents(r.Context()) }))
	mux.HandleFunc("GET /v1/incidents/{id}/text", s.raw("text/plain; charset=utf-8", desk.IncidentText))
	mux.HandleFunc("POST /v1/incidents", take(s, maxManifest, func(r *http.Request, in signedRequest) (any, error) {
		return desk.ReportIncident(context.WithoutCancel(r.Context()), grant.Signed(in))
	}))
	mux.HandleFunc("POST /v1/incidents/list", s.readIncident)
	// A passphrase that was begun to be told is destroyed whoever hangs up meanwhile.
	mux.HandleFunc("POST /v1/passphrases", take(s, maxBody, func(r *http.Request, in signedRequest) (any, error) {
		return desk.TellPassphrase(context.WithoutCancel(r.Context()), grant.Signed(in))
	}))
	mux.HandleFunc("POST /v1/passphrases/reached", take(s, maxBody, func(r *http.Request, in signedRequest) (any, error) {
		return desk.PassphraseReached(context.WithoutCancel(r.Context()), grant.Signed(in))
	}))
	mux.HandleFunc("POST /v1/stops", take(s, maxBody, func(r *http.Request, in signedRequest) (any, error) {
		return desk.Stop(context.WithoutCancel(r.Context()), grant.Signed(in))
	}))
	mux.HandleFunc("POST /v1/in-force", take(s, maxBody, func(r *http.Request, in signedRequest) (any, error) {
		return desk.InForce(r.Context(), grant.Signed(in))
	}))
	mux.HandleFunc("POST /v1/offers/{id}/declaration", take(s, maxManifest, func(r *http.Request, in signedRequest) (any, error) {
		return desk.Declare(context.WithoutCancel(r.Context()), r.PathValue("id"), grant.Signed(in))
	}))
	mux.HandleFunc("POST /v1/offers/{id}/stamp", take(s, maxBody, func(r *http.Request, in approvalRequest) (any, error) {
		return desk.Stamp(context.WithoutCancel(r.Context()), r.PathValue("id"), in.Signature)
	}))
	mux.HandleFunc("POST /v1/offers/{id}/files/{file}", s.fetch)
	mux.HandleFunc("POST /v1/offers/{id}/link", take(s, maxBody, func(r *http.Request, in fetchRequest) (any, error) {
		return desk.Link(r.Context(), r.PathValue("id"), in.By)
	}))
	mux.HandleFunc("GET /v1/exports", s.answer(func(r *http.Request) (any, error) { return desk.Exports(r.Context()) }))
	mux.HandleFunc("GET /v1/exports/{id}/text", s.raw("text/plain; charset=utf-8", desk.ExportText))
	mux.HandleFunc("POST /v1/exports", take(s, maxManifest, func(r *http.Request, in signedRequest) (any, error) {
		return desk.AnnounceExport(r.Context(), grant.Signed(in))
	}))
	mux.HandleFunc("PUT /v1/exports/{id}/files", s.bring)
	mux.HandleFunc("POST /v1/calls", take(s, maxBody, func(r *http.Request, in signedRequest) (any, error) {
		return desk.Called(context.WithoutCancel(r.Context()), grant.Signed(in))
	}))
	mux.HandleFunc("GET /v1/calls", s.answer(func(r *http.Request) (any, error) { return desk.Calls(r.Context(), r.URL.Query().Get("demand")) }))
	mux.HandleFunc("GET /v1/calls/{id}/text", s.raw("text/plain; charset=utf-8", desk.CallText))
	return s.guarded(Bounded(room, "/v1/stops", mux))
}

// guarded keeps web pages out: another origin, or a name that was pointed at
// loopback.
func (s server) guarded(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.refuse(w, foreign()) }))
	inner := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'")
		if !local(r.Host) {
			s.refuse(w, foreign())
			return
		}
		inner.ServeHTTP(w, r)
	})
}

func foreign() error {
	return problem.New(problem.Refused, "gatehttp.foreign", "the gate answers on this machine only, and not to web pages")
}

// local reports whether a Host header names loopback. A Unix socket's client
// sends "gate".
func local(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	ip, err := netip.ParseAddr(name)
	return name == "gate" || name == "localhost" || (err == nil && ip.IsLoopback())
}

func (s server) answer(f func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		out, err := f(r)
		s.reply(w, out, err)
	}
}

func (s server) reply(w http.ResponseWriter, out any, err error) {
	if err != nil && !some(w, out, err) {
		s.refuse(w, err)
		return
	}
	Answer(w, out)
}

// without is the header that says, as a problem, which gate a list is without.
const without = "Counterseal-Without"

// some says of a list why it is not all of it: where one gate is down, what the others
// have said is not kept back.
func some(w http.ResponseWriter, out any, err error) bool {
	if list := reflect.ValueOf(out); problem.Code(err) != "gate.unreachable" || list.Kind() != reflect.Slice || list.Len() == 0 {
		return false
	}
	b, merr := json.Marshal(gate.FaultOf(err))
	if merr == nil {
		w.Header().Set(without, string(b))
	}
	return merr == nil
}

// Answer writes JSON.
func Answer(w http.ResponseWriter, out any) {
	b, err := json.Marshal(out)
	if err != nil {
		Refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(append(b, '\n'))
}

// refuse renders a problem. What the gate refuses stands in its own log; what never came
// to it, and what nobody classified, is written here, by its code alone.
func (s server) refuse(w http.ResponseWriter, err error) {
	Noted(s.log, "desk", err)
	if problem.Of(err).Kind == problem.Internal {
		s.log.Error("internal", "code", problem.Code(err))
	}
	Refuse(w, err)
}

// Noted writes one line about what was refused before it came to the gate.
func Noted(log *slog.Logger, act string, err error) {
	if code := problem.Code(err); strings.HasPrefix(code, "gatehttp.") {
		log.Warn("refused", "act", act, "code", code)
	}
}

// Refuse answers with a problem (gate.Fault).
func Refuse(w http.ResponseWriter, err error) {
	f := gate.FaultOf(err)
	b, merr := json.Marshal(f)
	if merr != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(f.Status)
	w.Write(append(b, '\n'))
}

func (s server) raw(kind string, f func(context.Context, string) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		b, err := f(r.Context(), r.PathValue("id"))
		if err != nil {
			s.refuse(w, err)
			return
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Disposition", "attachment")
		w.Write(b)
	}
}

// take reads one JSON value of type T and answers.
func take[T any](s server, limit int64, f func(*http.Request, T) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if limit > maxBody {
			if !s.place(r.Context()) {
				askLater(w)
				s.refuse(w, busy())
				return
			}
			defer func() { <-s.large }()
		}
		in, err := Decode[T](w, r, limit)
		if err != nil {
			s.refuse(w, err)
			return
		}
		out, err := f(r, in)
		s.reply(w, out, err)
	}
}

// place waits for one among the large bodies, for a while: who has one gives it back, or
// is cut off.
func (s server) place(ctx context.Context) bool {
	tired := time.NewTimer(s.queue)
	defer tired.Stop()
	select {
	case s.large <- struct{}{}:
		return true
	case <-tired.C:
	case <-ctx.Done():
	}
	return false
}

// Decode reads a body that is one JSON object of type T, and nothing else. Codes:
// gatehttp.request, gatehttp.too_large, gatehttp.busy.
func Decode[T any](w http.ResponseWriter, r *http.Request, limit int64) (in T, err error) {
	err = decode(w, r, limit, &in)
	return in, err
}

func decode(w http.ResponseWriter, r *http.Request, limit int64, into any) error {
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); kind != "application/json" {
		return malformed("the body is application/json")
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, limit))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return problem.New(problem.Invalid, "gatehttp.too_large", "the body is longer than %d bytes", limit)
	}
	if err == nil {
		_, err = d.Token()
		if err == io.EOF {
			return nil
		}
	}
	if problem.Code(err) == "gatehttp.busy" {
		return err
	}
	return malformed("the body is one JSON object without unknown keys, and nothing follows it").Because(err)
}

func malformed(what string) *problem.Error {
	return problem.New(problem.Invalid, "gatehttp.request", "this request cannot be read: %s", what)
}

func (s server) fetch(w http.ResponseWriter, r *http.Request) {
	in, err := Decode[fetchRequest](w, r, maxBody)
	if err != nil {
		s.refuse(w, err)
		return
	}
	body, size, err := s.desk.Fetch(r.Context(), r.PathValue("id"), r.PathValue("file"), in.By)
	s.send(w, body, size, err)
}

func (s server) readIncident(w http.ResponseWriter, r *http.Request) {
	in, err := Decode[signedRequest](w, r, maxBody)
	if err != nil {
		s.refuse(w, err)
		return
	}
	body, size, err := s.desk.ReadIncident(r.Context(), grant.Signed(in))
	s.send(w, body, size, err)
}

// send gives bytes of a known size, or the refusal.
func (s server) send(w http.ResponseWriter, body io.ReadCloser, size int64, err error) {
	if err != nil {
		s.refuse(w, err)
		return
	}
	Stream(w, body, size)
}

// Stream sends a file that the gate opened. Where it ends short, because a stop came or
// the gate ends, the connection is cut, so that nobody takes the part for the whole.
func Stream(w http.ResponseWriter, body io.ReadCloser, size int64) {
	defer body.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", "attachment")
	w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	if _, err := io.Copy(w, body); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// patiently gives whoever reads an answer some time for each part, and then its
// connection to others. How long the answer is waited for is nobody's limit here.
func patiently(next http.Handler, limit time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := patient{w, http.NewResponseController(w), limit}
		defer p.renew() // the last part is sent after this
		next.ServeHTTP(p, r)
	})
}

const (
	reading = 2 * time.Minute // for each part of an answer
	portion = 64 << 10
)

type patient struct {
	http.ResponseWriter
	conn  *http.ResponseController
	limit time.Duration
}

// renew goes by the machine's own time: it is about a connection. Not every writer has
// deadlines.
func (p patient) renew() { _ = p.conn.SetWriteDeadline(time.Now().Add(p.limit)) }

// Write implements io.Writer.
func (p patient) Write(b []byte) (n int, err error) {
	for len(b) > 0 && err == nil {
		p.renew()
		var m int
		m, err = p.ResponseWriter.Write(b[:min(len(b), portion)])
		n, b = n+m, b[m:]
	}
	return n, err
}

// Unwrap is for http.ResponseController.
func (p patient) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// Listen opens "unix:PATH", for this user and group, or "HOST:PORT" on loopback.
// A socket that nobody answers on is replaced. Codes: gatehttp.address,
// gatehttp.listen.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	path, unix := strings.CutPrefix(address, "unix:")
	if !unix {
		host, _, err := net.SplitHostPort(address)
		ip, perr := netip.ParseAddr(host)
		if err != nil || perr != nil || !ip.IsLoopback() {
			return nil, problem.New(problem.Invalid, "gatehttp.address", "a gate listens on unix:PATH or on a loopback address with a port").At("%.80q", address)
		}
		l, err := lc.Listen(ctx, "tcp", address)
		return l, listened(err)
	}
	if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
		c.Close()
		return nil, problem.New(problem.Conflict, "gatehttp.listen", "something answers on this socket already")
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSocket != 0 {
		if err := os.Remove(path); err != nil {
			return nil, listened(err)
		}
	}
	l, err := lc.Listen(ctx, "unix", path)
	if err != nil {
		return nil, listened(err)
	}
	if err := os.Chmod(path, 0o660); err != nil {
		l.Close()
		return nil, listened(err)
	}
	return l, nil
}

func listened(err error) error {
	if err == nil {
		return nil
	}
	return problem.New(problem.Unavailable, "gatehttp.listen", "the address cannot be listened on").Because(err)
}

// Serve serves until ctx ends, then waits up to ten seconds for answers under
// way.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	srv := &http.Server{Handler: patiently(h, reading), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute, IdleTimeout: time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	select {
	case err := <-done:
		return listened(err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := srv.Shutdown(end)
	if err != nil {
		srv.Close()
	}
	<-done
	return nil
}
