package uplink_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/gate/uplink"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

var (
	ctx    = context.Background()
	silent = slog.New(slog.DiscardHandler)
)

type docket func(ctx context.Context, demand, grantID string, release [32]byte, items int64) error

func (d docket) Permit(ctx context.Context, demand, grantID string, release [32]byte, items int64) error {
	return d(ctx, demand, grantID, release, items)
}

// PermitPreview and PermitKeep ask the same function, each with a number of items that no
// release has.
func (d docket) PermitPreview(ctx context.Context, demand, grantID string) error {
	return d(ctx, demand, grantID, [32]byte{}, -2)
}

func (d docket) PermitKeep(ctx context.Context, demand, grantID string) error {
	return d(ctx, demand, grantID, [32]byte{}, -1)
}

func linked(t *testing.T, j gate.Journal, d gate.Docket) *uplink.Client {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "u"))
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: uplink.Handler(j, d, "gate-1", "secret", silent)}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	c := uplink.Dial("unix:"+l.Addr().String(), "secret")
	t.Cleanup(func() { c.Close() })
	return c
}

func TestTheLinkGivesWhatTheOtherEndGives(t *testing.T) {
	j := gatetest.NewJournal(func() time.Time { return gatetest.Start })
	var asked []any
	c := linked(t, j, docket(func(_ context.Context, demand, grantID string, release [32]byte, items int64) error {
		asked = append(asked, demand, grantID, release, items)
		return nil
	}))
	for i := range byte(5) {
		if err := c.Commit(ctx, [32]byte{1, i}, true); err != nil {
			t.Fatal(err)
		}
	}
	text, err := c.Proof(ctx, [32]byte{1, 3})
	if err != nil {
		t.Fatal(err)
	}
	p, err := proof.ParseProof(text)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := proof.Verify(p, [32]byte{1, 3}, j.Policy()); err != nil {
		t.Fatal(err)
	}
	cp, err := c.Checkpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if head, err := j.Policy().OpenCheckpoint(cp); err != nil || head.Size != 5 {
		t.Fatal(head, err)
	}
	far, err := c.Consistency(ctx, 2, 5)
	near, _ := j.Consistency(ctx, 2, 5)
	if err != nil || len(far) == 0 || len(far) != len(near) || far[len(far)-1] != near[len(near)-1] {
		t.Fatal(far, err)
	}
	if n, _, err := c.Counter(ctx, "gate-1"); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	for n := range uint64(3) {
		if err := c.CommitCounter(ctx, "gate-1", n+1, [32]byte{2, byte(n)}); err != nil {
			t.Fatal(err)
		}
	}
	if n, d, err := c.Counter(ctx, "gate-1"); n != 3 || d != [32]byte{2, 2} || err != nil {
		t.Fatal(n, d, err)
	}
	if err := c.Permit(ctx, "k7wq-93", "g-1", [32]byte{9}, 1<<40); err != nil || len(asked) != 4 || asked[2] != [32]byte{9} || asked[3] != int64(1<<40) {
		t.Fatal(asked, err)
	}
	if err := c.PermitPreview(ctx, "k7wq-93", "v-1"); err != nil || len(asked) != 8 || asked[5] != "v-1" || asked[7] != int64(-2) {
		t.Fatal(asked, err)
	}
	asked = asked[:4]
	if err := c.PermitKeep(ctx, "k7wq-93", "c-1"); err != nil || len(asked) != 8 || asked[5] != "c-1" || asked[7] != int64(-1) {
		t.Fatal(asked, err)
	}
}

func TestProblemsKeepTheirCodesKindsAndWords(t *testing.T) {
	j := gatetest.NewJournal(time.Now)
	refusal := problem.New(problem.Refused, "release.stayed", "a stay stands").At("line 2").Fix("wait for the court").Because(io.EOF)
	c := linked(t, j, docket(func(context.Context, string, string, [32]byte, int64) error { return refusal }))
	err := c.Permit(ctx, "k7wq-93", "g-1", [32]byte{}, 0)
	if err == nil || err.Error() != refusal.Error() || problem.Of(err).Kind != problem.Refused {
		t.Fatal(err)
	}
	if _, err := c.Proof(ctx, [32]byte{7}); problem.Code(err) != "ledger.unknown" {
		t.Fatal(err)
	}
	if err := c.CommitCounter(ctx, "gate-1", 7, [32]byte{}); problem.Code(err) != "ledger.counter" {
		t.Fatal(err)
	}
	if err := c.CommitCounter(ctx, "gate-2", 1, [32]byte{}); problem.Code(err) != "uplink.gate" {
		t.Fatal(err)
	}
	if _, _, err := c.Counter(ctx, "gate-2"); problem.Code(err) != "uplink.gate" {
		t.Fatal(err)
	}
}

func TestWithoutTheTokenNothingIsAnswered(t *testing.T) {
	j := gatetest.NewJournal(time.Now)
	for _, c := range []struct{ gate, served, sent string }{
		{"gate-1", "secret", ""}, {"gate-1", "secret", "secre"}, {"gate-1", "secret", "secret2"}, {"gate-1", "", ""}, {"", "secret", "secret"},
	} {
		var log bytes.Buffer
		h := uplink.Handler(j, nil, c.gate, c.served, slog.New(slog.NewTextHandler(&log, nil)))
		r := httptest.NewRequest("POST", "/v1/uplink/checkpoint", strings.NewReader("{}"))
		r.Header.Set("Authorization", "Bearer "+c.sent)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if p, ok := gate.ParseFault(w.Body.Bytes()); !ok || p.Code != "uplink.token" || w.Code != 403 {
			t.Errorf("%+v: %d %s", c, w.Code, w.Body)
		}
		if line := log.String(); strings.Count(line, "\n") != 1 || !strings.Contains(line, "msg=refused act=uplink code=uplink.token\n") || c.sent != "" && strings.Contains(line, c.sent) {
			t.Errorf("%+v leaves %q in the log", c, line)
		}
	}
	if len(j.Calls) != 0 {
		t.Errorf("the journal was asked: %v", j.Calls)
	}
}

func TestBadRequestsAreRefusedWithoutACall(t *testing.T) {
	j := gatetest.NewJournal(time.Now)
	h := uplink.Handler(j, nil, "gate-1", "secret", silent)
	for _, body := range []string{"", "{", "[]", `{"digest":"00"}`, `{"digest":5}`, `{"digest":"` + strings.Repeat("0", 64) + `","more":1}`, `{} {}`, `{"digest":"` + strings.Repeat("0", 70_000) + `"}`} {
		r := httptest.NewRequest("POST", "/v1/uplink/commit", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer secret")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if p, ok := gate.ParseFault(w.Body.Bytes()); !ok || p.Code != "uplink.request" {
			t.Errorf("%.40q: %d %s", body, w.Code, w.Body)
		}
	}
	if len(j.Calls) != 0 {
		t.Errorf("the journal was asked: %v", j.Calls)
	}
}

func TestACallEndsWithItsContextAtBothEnds(t *testing.T) {
	ended := make(chan struct{})
	c := linked(t, gatetest.NewJournal(time.Now), docket(func(ctx context.Context, _, _ string, _ [32]byte, _ int64) error {
		<-ctx.Done()
		close(ended)
		return ctx.Err()
	}))
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if err := c.Permit(short, "k7wq-93", "g-1", [32]byte{}, 0); problem.Code(err) != "uplink.down" {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Fatal("the other end goes on")
	}
}

func TestNoAnswerIsDown(t *testing.T) {
	c := uplink.Dial("unix:"+filepath.Join(t.TempDir(), "nobody"), "secret")
	if err := c.Commit(ctx, [32]byte{}, true); problem.Code(err) != "uplink.down" || problem.Of(err).Kind != problem.Unavailable {
		t.Fatal(err)
	}
	// Something else answers, and too much of it.
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(bytes.Repeat([]byte("x"), 2<<20)) }))
	defer srv.Close()
	c = uplink.Dial(strings.TrimPrefix(srv.URL, "http://"), "secret")
	if _, err := c.Checkpoint(ctx); problem.Code(err) != "uplink.down" {
		t.Fatal(err)
	}
}

func FuzzHandler(f *testing.F) {
	j := gatetest.NewJournal(time.Now)
	h := uplink.Handler(j, docket(func(context.Context, string, string, [32]byte, int64) error { return nil }), "gate-1", "secret", silent)
	f.Add("commit", `{"digest":"`+strings.Repeat("0", 64)+`","urgent":true}`)
	f.Add("consistency", `{"from":0,"to":18446744073709551615}`)
	f.Add("commit-counter", `{"gate":"gate-1","n":1,"digest":"`+strings.Repeat("a", 64)+`"}`)
	f.Fuzz(func(t *testing.T, call, body string) {
		r := httptest.NewRequest("POST", "/v1/uplink/x", strings.NewReader(body))
		r.URL.Path = "/v1/uplink/" + call
		r.Header.Set("Authorization", "Bearer secret")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code == 500 {
			t.Fatalf("%q %q: %s", call, body, w.Body)
		}
	})
}

// Package pinned knows which gate speaks; nothing else opens what needs no token.
func TestAProvenLineServesOneGateAndNobodyUnnamed(t *testing.T) {
	j := gatetest.NewJournal(func() time.Time { return gatetest.Start })
	for gateID, code := range map[string]string{"gate-1": "", "gate-2": "uplink.gate", "": "uplink.gate"} {
		srv := httptest.NewServer(uplink.Proven(j, docket(func(context.Context, string, string, [32]byte, int64) error { return nil }), gateID, silent))
		c := uplink.Over(func(ctx context.Context) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "tcp", srv.Listener.Addr().String())
		}, "")
		_, _, err := c.Counter(ctx, "gate-1")
		if problem.Code(err) != code {
			t.Errorf("%q: %v", gateID, err)
		}
		c.Close()
		srv.Close()
	}
}
