package witness_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"counterseal/internal/ledger/proof"
	"counterseal/internal/ledger/witness"
	"counterseal/internal/problem"

	flog "github.com/transparency-dev/formats/log"
	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const origin = "journal.example"

// logOf is a log in memory that can show any of its sizes, and a fork.
type logOf struct {
	t      testing.TB
	signer note.Signer
	vkey   string
	size   int64
	hashes []tlog.Hash
}

func newLog(t testing.TB) *logOf {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, origin)
	must(t, err)
	signer, err := note.NewSigner(skey)
	must(t, err)
	return &logOf{t: t, signer: signer, vkey: vkey}
}

func (l *logOf) fork() *logOf { return &logOf{t: l.t, signer: l.signer, vkey: l.vkey} }

func (l *logOf) ReadHashes(at []int64) (out []tlog.Hash, err error) {
	for _, i := range at {
		out = append(out, l.hashes[i])
	}
	return out, nil
}

func (l *logOf) grow(leaves ...string) {
	l.t.Helper()
	for _, leaf := range leaves {
		more, err := tlog.StoredHashes(l.size, []byte(leaf), l)
		must(l.t, err)
		l.hashes = append(l.hashes, more...)
		l.size++
	}
}

func (l *logOf) checkpoint(size int64) []byte {
	l.t.Helper()
	root := proof.EmptyRoot()
	if size > 0 {
		var err error
		root, err = tlog.TreeHash(size, l)
		must(l.t, err)
	}
	text, err := note.Sign(&note.Note{Text: string(flog.Checkpoint{Origin: origin, Size: uint64(size), Hash: root[:]}.Marshal())}, l.signer)
	must(l.t, err)
	return text
}

func (l *logOf) consistency(from, to int64) []proof.Hash {
	l.t.Helper()
	if from == 0 || from == to {
		return nil
	}
	p, err := tlog.ProveTree(to, from, l)
	must(l.t, err)
	return p
}

func config(t testing.TB, l *logOf) witness.Config {
	t.Helper()
	skey, _, err := note.GenerateKey(rand.Reader, "witness.example")
	must(t, err)
	return witness.Config{Dir: t.TempDir(), Key: skey, Logs: []string{l.vkey}, Now: func() time.Time { return time.Unix(1_950_000_000, 5) }}
}

func open(t testing.TB, c witness.Config) *witness.Witness {
	t.Helper()
	w, err := witness.Open(c)
	must(t, err)
	t.Cleanup(func() { w.Close() })
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	if problem.Code(err) != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestACosignatureIsTheStandardOne(t *testing.T) {
	l := newLog(t)
	l.grow("a", "b", "c")
	w := open(t, config(t, l))
	cp := l.checkpoint(3)
	line, err := w.AddCheckpoint(t.Context(), 0, nil, cp)
	must(t, err)
	v, err := fnote.NewVerifierForCosignatureV1(w.VerifierKey())
	must(t, err)
	n, err := note.Open(append(bytes.Clone(cp), line...), note.VerifierList(v))
	must(t, err)
	at, err := fnote.CoSigV1Timestamp(n.Sigs[0])
	must(t, err)
	if at.Unix() != 1_950_000_000 || n.Sigs[0].Name != "witness.example" {
		t.Fatalf("got %v by %s", at, n.Sigs[0].Name)
	}
}

func TestALogThatGrowsIsCosignedAgainAndAgain(t *testing.T) {
	l := newLog(t)
	w := open(t, config(t, l))
	last := int64(0)
	for _, size := range []int64{0, 0, 1, 1, 4, 9} {
		for l.size < size {
			l.grow("leaf")
		}
		_, err := w.AddCheckpoint(t.Context(), uint64(last), l.consistency(last, size), l.checkpoint(size))
		must(t, err)
		last = size
		cp, err := w.Last(origin)
		must(t, err)
		if cp.Size != uint64(size) {
			t.Fatalf("remembers %d, not %d", cp.Size, size)
		}
	}
}

func TestARefusalHasItsCodeAndChangesNothing(t *testing.T) {
	l := newLog(t)
	l.grow("a", "b", "c", "d", "e", "f")
	other := newLog(t) // same origin, another key
	other.grow("a", "b", "c", "d", "e", "f")
	fork := l.fork()
	fork.grow("a", "b", "X", "d", "e", "f")
	w := open(t, config(t, l))
	_, err := w.AddCheckpoint(t.Context(), 0, nil, l.checkpoint(4))
	must(t, err)
	wrongHash := l.consistency(4, 6)
	wrongHash[len(wrongHash)-1][0] ^= 1
	stranger := bytes.Replace(l.checkpoint(6), []byte(origin+"\n"), []byte("other.example\n"), 1)
	for name, c := range map[string]struct {
		old        uint64
		hashes     []proof.Hash
		checkpoint []byte
		code       string
		status     int
	}{
		"smaller":              {4, nil, l.checkpoint(3), "witness.rolled_back", 400},
		"smaller, unaware":     {3, nil, l.checkpoint(3), "witness.rolled_back", 409},
		"smaller, from zero":   {0, nil, l.checkpoint(3), "witness.rolled_back", 409},
		"old beyond the size":  {7, nil, l.checkpoint(6), "witness.malformed", 400},
		"stale":                {3, l.consistency(3, 6), l.checkpoint(6), "witness.stale", 409},
		"from zero":            {0, nil, l.checkpoint(6), "witness.stale", 409},
		"forked, same size":    {4, nil, fork.checkpoint(4), "witness.forked", 409},
		"forked, larger":       {4, fork.consistency(4, 6), fork.checkpoint(6), "witness.inconsistent", 422},
		"no hashes":            {4, nil, l.checkpoint(6), "witness.inconsistent", 422},
		"last hash wrong":      {4, wrongHash, l.checkpoint(6), "witness.inconsistent", 422},
		"hashes for no change": {4, l.consistency(4, 6), l.checkpoint(4), "witness.inconsistent", 422},
		"another key":          {4, other.consistency(4, 6), other.checkpoint(6), "witness.bad_signature", 403},
		"unknown log":          {4, nil, stranger, "witness.unknown_log", 404},
		"no checkpoint":        {4, nil, []byte("hello\n"), "witness.malformed", 400},
	} {
		t.Run(name, func(t *testing.T) {
			line, err := w.AddCheckpoint(t.Context(), c.old, c.hashes, c.checkpoint)
			wantCode(t, err, c.code)
			if line != nil {
				t.Error("a refusal must not carry a signature")
			}
			rec := post(w.Handler(), witness.Request{Old: c.old, Hashes: c.hashes, Checkpoint: c.checkpoint}.Marshal())
			if rec.Code != c.status {
				t.Errorf("status %d, want %d", rec.Code, c.status)
			}
			sized := rec.Header().Get("Content-Type") == "text/x.tlog.size"
			if wantSize := c.status == 409 && c.code != "witness.forked"; sized != wantSize || sized && rec.Body.String() != "4\n" {
				t.Errorf("answered %q: %q", rec.Header().Get("Content-Type"), rec.Body)
			}
			if !sized && c.code != "witness.rolled_back" && !strings.HasPrefix(rec.Body.String(), c.code) {
				t.Errorf("answered %q", rec.Body)
			}
			last, err := w.Last(origin)
			must(t, err)
			root, err := tlog.TreeHash(4, l)
			must(t, err)
			if last.Size != 4 || last.Root != root {
				t.Errorf("the memory changed: %+v", last)
			}
		})
	}
}

func post(h http.Handler, body []byte) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("POST", "/add-checkpoint", bytes.NewReader(body)))
	return rec
}

func TestAWitnessRemembersAcrossRestarts(t *testing.T) {
	l := newLog(t)
	l.grow("a", "b", "c", "d")
	fork := l.fork()
	fork.grow("a", "b", "c", "X")
	c := config(t, l)
	w := open(t, c)
	_, err := w.AddCheckpoint(t.Context(), 0, nil, l.checkpoint(4))
	must(t, err)
	_, err = witness.Open(c)
	wantCode(t, err, "witness.busy")
	must(t, w.Close())
	again := open(t, c)
	_, err = again.AddCheckpoint(t.Context(), 4, nil, fork.checkpoint(4))
	wantCode(t, err, "witness.forked")
	_, err = again.AddCheckpoint(t.Context(), 0, nil, l.checkpoint(2))
	wantCode(t, err, "witness.rolled_back")
	_, err = again.AddCheckpoint(t.Context(), 4, nil, l.checkpoint(4))
	must(t, err)
}

func TestADamagedMemoryStopsTheWitness(t *testing.T) {
	l := newLog(t)
	l.grow("a", "b")
	c := config(t, l)
	w := open(t, c)
	_, err := w.AddCheckpoint(t.Context(), 0, nil, l.checkpoint(2))
	must(t, err)
	files, err := filepath.Glob(filepath.Join(c.Dir, "[0-9a-f]*[0-9a-f]"))
	must(t, err)
	var state string
	for _, f := range files {
		if filepath.Base(f) != "lock" {
			state = f
		}
	}
	good, err := os.ReadFile(state)
	must(t, err)
	for name, bad := range map[string][]byte{"empty": nil, "torn": good[:len(good)-3], "padded": append(bytes.Clone(good), '\n'),
		"another log": bytes.Replace(good, []byte(origin), []byte("other.example"), 1), "loose": bytes.Replace(good, []byte("\n2\n"), []byte("\n02\n"), 1)} {
		must(t, os.WriteFile(state, bad, 0o600))
		_, err = w.AddCheckpoint(t.Context(), 0, nil, l.checkpoint(2))
		if problem.Code(err) != "witness.state" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	must(t, os.WriteFile(state, good, 0o600))
	_, err = w.AddCheckpoint(t.Context(), 2, nil, l.checkpoint(2))
	must(t, err)
}

func TestNothingIsSignedThatCouldNotBeKept(t *testing.T) {
	l := newLog(t)
	l.grow("a")
	c := config(t, l)
	w := open(t, c)
	must(t, os.RemoveAll(c.Dir))
	line, err := w.AddCheckpoint(t.Context(), 0, nil, l.checkpoint(1))
	wantCode(t, err, "witness.state")
	if line != nil {
		t.Fatal("signed")
	}
}

func TestAWitnessThatLostItsMemoryDoesNotBeginAgain(t *testing.T) {
	l := newLog(t)
	l.grow("a")
	c := config(t, l)
	_, err := open(t, c).AddCheckpoint(t.Context(), 0, nil, l.checkpoint(1))
	must(t, err)
	c.Begun, c.Dir = true, filepath.Join(t.TempDir(), "state")
	_, err = witness.Open(c)
	wantCode(t, err, "witness.lost")
	must(t, os.Mkdir(c.Dir, 0o700)) // an empty folder is no memory either
	_, err = witness.Open(c)
	wantCode(t, err, "witness.lost")
}

func TestNothingIsCosignedAgainstWhatElseMustHold(t *testing.T) {
	l := newLog(t)
	l.grow("a", "b")
	c := config(t, l)
	against := problem.New(problem.Refused, "witness.against", "no")
	var asked []uint64
	c.Before = func(_ context.Context, last, next proof.Checkpoint) error {
		asked = append(asked, last.Size, next.Size)
		return against
	}
	w := open(t, c)
	line, err := w.AddCheckpoint(t.Context(), 0, nil, l.checkpoint(2))
	wantCode(t, err, "witness.against")
	last, lerr := w.Last(origin)
	must(t, lerr)
	if line != nil || last.Size != 0 || len(asked) != 2 || asked[1] != 2 {
		t.Fatalf("%q, last %d, asked %v", line, last.Size, asked)
	}
	if rec := post(w.Handler(), witness.Request{Checkpoint: l.checkpoint(2)}.Marshal()); rec.Code != http.StatusConflict || rec.Header().Get("Content-Type") == "text/x.tlog.size" {
		t.Fatalf("status %d", rec.Code)
	}
	against = nil
	c.Before = nil
	must(t, w.Close())
	_, err = open(t, c).AddCheckpoint(t.Context(), 0, nil, l.checkpoint(2))
	must(t, err)
}

func TestOfTwoForksAtOnceOneIsCosigned(t *testing.T) {
	l := newLog(t)
	l.grow("a")
	fork := l.fork()
	fork.grow("b")
	w := open(t, config(t, l))
	var mu sync.Mutex
	var wg sync.WaitGroup
	signed := map[*logOf]int{}
	for i := range 20 {
		side := []*logOf{l, fork}[i%2]
		cp := side.checkpoint(1)
		wg.Go(func() {
			if _, err := w.AddCheckpoint(t.Context(), 0, nil, cp); err == nil {
				mu.Lock()
				signed[side]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(signed) != 1 {
		t.Fatalf("%d histories cosigned", len(signed))
	}
}

func TestHandlerSpeaksOverLoopbackAndInProcess(t *testing.T) {
	l := newLog(t)
	l.grow("a", "b")
	w := open(t, config(t, l))
	server := httptest.NewServer(w.Handler())
	defer server.Close()
	body := witness.Request{Checkpoint: l.checkpoint(2)}.Marshal()
	inProcess := &http.Client{Transport: witness.Transport{InProcess: map[string]http.Handler{"w": w.Handler()}, Next: http.DefaultTransport}}
	var lines []string
	for _, url := range []string{server.URL, server.URL, "http://w"} {
		resp, err := inProcess.Post(url+"/add-checkpoint", "text/plain", bytes.NewReader(body))
		must(t, err)
		b, err := io.ReadAll(resp.Body)
		must(t, err)
		resp.Body.Close()
		if resp.StatusCode != 200 {
			t.Fatalf("%s: %d %q", url, resp.StatusCode, b)
		}
		lines = append(lines, string(b))
		body = witness.Request{Old: 2, Checkpoint: l.checkpoint(2)}.Marshal()
	}
	if lines[0] == "" || lines[0] != lines[2] {
		t.Fatalf("got %q", lines)
	}
	_, err := (&http.Client{Transport: witness.Transport{}}).Get("http://elsewhere/")
	if err == nil {
		t.Fatal("a transport without Next reaches nobody")
	}
	if rec := post(w.Handler(), make([]byte, 70<<10)); rec.Code != 400 {
		t.Fatalf("a long body: %d", rec.Code)
	}
}

func TestKeysThatDoNotFitAreRefused(t *testing.T) {
	l := newLog(t)
	good := config(t, l)
	for _, key := range []string{"", "PRIVATE+KEY+a+00000000+AAAA", good.Key + "A", strings.Replace(good.Key, "witness", "witless", 1)} {
		c := good
		c.Key = key
		_, err := witness.Open(c)
		wantCode(t, err, "witness.key")
	}
	for _, logs := range [][]string{{"x"}, {l.vkey, l.vkey}} {
		c := good
		c.Logs = logs
		_, err := witness.Open(c)
		wantCode(t, err, "witness.log_key")
	}
}

func FuzzParseRequest(f *testing.F) {
	l := newLog(f)
	l.grow("a", "b", "c")
	f.Add(witness.Request{Old: 2, Hashes: l.consistency(2, 3), Checkpoint: l.checkpoint(3)}.Marshal())
	f.Add([]byte("old 0\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := witness.ParseRequest(b)
		if err == nil && !bytes.Equal(r.Marshal(), b) {
			t.Fatalf("accepted %q", b)
		}
	})
}
