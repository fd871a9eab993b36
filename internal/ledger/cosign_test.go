package ledger_test

import (
	"bytes"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"counterseal/internal/ledger"
	"counterseal/internal/ledger/ledgertest"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/ledger/witness"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// outside is another witness of the world's log on a server of its own; through changes
// what it serves.
func (w *world) outside(name string, through func(http.Handler) http.Handler) ledger.WitnessAt {
	w.t.Helper()
	skey, _, err := note.GenerateKey(rand.Reader, name)
	must(w.t, err)
	other, err := witness.Open(witness.Config{Dir: w.t.TempDir(), Key: skey, Logs: []string{w.policy.LogKey()}, Now: time.Now})
	must(w.t, err)
	w.t.Cleanup(func() { other.Close() })
	server := httptest.NewServer(through(other.Handler()))
	w.t.Cleanup(server.Close)
	return ledger.WitnessAt{Key: other.VerifierKey(), URL: server.URL, HTTP: server.Client()}
}

func honest(h http.Handler) http.Handler { return h }

// hangs answers nobody until it is told to go.
func hangs(t *testing.T) func(http.Handler) http.Handler {
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // so that the server sees it when the asker goes
			select {
			case <-stop:
			case <-r.Context().Done():
			}
		})
	}
}

// says answers with what f makes of the true answer.
func says(f func(status int, body string) (int, string)) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, r)
			status, body := f(rec.Code, rec.Body.String())
			rw.WriteHeader(status)
			io.WriteString(rw, body)
		})
	}
}

// asking opens the journal with the world's own witness and others, k of which must cosign.
func (w *world) asking(k int, others ...ledger.WitnessAt) *ledger.Journal {
	w.t.Helper()
	c := w.config()
	c.Witnesses = append(c.Witnesses, others...)
	var keys []string
	for _, at := range c.Witnesses {
		keys = append(keys, at.Key)
	}
	var err error
	w.policy, err = proof.NewPolicy(w.policy.LogKey(), keys, k)
	must(w.t, err)
	c.Policy, c.WitnessTimeout = w.policy, 2*time.Second
	j, err := ledger.OpenJournal(w.t.Context(), c)
	must(w.t, err)
	w.t.Cleanup(func() { j.Close() })
	return j
}

func TestAWitnessThatHangsOrLiesIsPassedOver(t *testing.T) {
	for name, bad := range map[string]func(*testing.T) func(http.Handler) http.Handler{
		"hangs": hangs,
		"refuses": func(*testing.T) func(http.Handler) http.Handler {
			return says(func(int, string) (int, string) { return 403, "" })
		},
		"signs something else": func(*testing.T) func(http.Handler) http.Handler {
			return says(func(code int, body string) (int, string) { return code, strings.Replace(body, "A", "B", 3) })
		},
		"says a size each time": func(*testing.T) func(http.Handler) http.Handler {
			var n atomic.Int64
			return func(http.Handler) http.Handler {
				return http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
					rw.Header().Set("Content-Type", "text/x.tlog.size")
					rw.WriteHeader(http.StatusConflict)
					io.WriteString(rw, string(rune('0'+n.Add(1)%2))+"\n")
				})
			}
		},
		"never ends": func(*testing.T) func(http.Handler) http.Handler {
			return func(http.Handler) http.Handler {
				return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					for r.Context().Err() == nil {
						if _, err := rw.Write(make([]byte, 1<<16)); err != nil {
							return
						}
					}
				})
			}
		},
		"cuts its line short": func(*testing.T) func(http.Handler) http.Handler {
			return says(func(code int, body string) (int, string) { return code, strings.TrimSuffix(body, "\n") })
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "journal.example")
			j := w.asking(2, w.outside("bad.example", bad(t)), w.outside("good.example", honest))
			for size := range uint64(4) {
				w.tick(j)
				if head := w.published(ledger.InJournal, size+1); !slices.Contains(head.Witnesses, "good.example") || len(head.Witnesses) != 2 {
					t.Fatalf("cosigned by %v", head.Witnesses)
				}
			}
		})
	}
}

func TestWithOneHangingAndOneRefusingOfThreeNothingIsPublishedUntilOneIsWell(t *testing.T) {
	w := newWorld(t, "journal.example")
	var well atomic.Bool
	moody := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !well.Load() {
				http.Error(rw, "not now", http.StatusServiceUnavailable)
				return
			}
			h.ServeHTTP(rw, r)
		})
	}
	j := w.asking(2, w.outside("hangs.example", hangs(t)), w.outside("moody.example", moody))
	e := ledgertest.Event(true)
	w.insert(e)
	w.tick(j)
	time.Sleep(300 * time.Millisecond)
	_, err := w.reader().Prove(t.Context(), ledger.ByID(e.ID))
	wantCode(t, err, "ledger.pending")
	well.Store(true)
	_, err = w.reader().Await(t.Context(), ledger.ByID(e.ID))
	must(t, err)
}

func TestAWitnessThatIsTooLateFollowsAllTheSameAndItsCosignatureJoins(t *testing.T) {
	w := newWorld(t, "journal.example")
	slow := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			time.Sleep(50 * time.Millisecond)
			h.ServeHTTP(rw, r)
		})
	}
	far := w.outside("far.example", slow)
	j := w.asking(1, far)
	for range 3 {
		w.tick(j)
	}
	head := w.published(ledger.InJournal, 3)
	for end := time.Now().Add(10 * time.Second); len(head.Witnesses) < 2; head = w.published(ledger.InJournal, 3) {
		if time.Now().After(end) {
			t.Fatalf("cosigned by %v", head.Witnesses)
		}
		time.Sleep(5 * time.Millisecond)
	}
	size, err := ledger.Probe(t.Context(), far.HTTP, far, head)
	must(t, err)
	if size != 3 {
		t.Errorf("the late one has cosigned %d leaves", size)
	}
}

func TestAWitnessIsAskedBeforeThePolicyNamesItAndDoesNotCount(t *testing.T) {
	w := newWorld(t, "journal.example")
	c := w.config()
	coming := w.outside("coming.example", honest)
	c.Witnesses = append(c.Witnesses, coming)
	j, err := ledger.OpenJournal(t.Context(), c)
	must(t, err)
	w.tick(j)
	head := w.published(ledger.InJournal, 1)
	for end := time.Now().Add(10 * time.Second); !bytes.Contains(head.Text, []byte("coming.example")); head = w.published(ledger.InJournal, 1) {
		if time.Now().After(end) {
			t.Fatal("it was not asked")
		}
		time.Sleep(5 * time.Millisecond)
	}
	if len(head.Witnesses) != 1 {
		t.Fatalf("it counts: %v", head.Witnesses)
	}
	must(t, j.Close())

	// Under the policy that names it, the same log is published anew without growing.
	w.asking(2, coming)
	if head = w.published(ledger.InJournal, 1); len(head.Witnesses) != 2 {
		t.Fatalf("cosigned by %v", head.Witnesses)
	}
	// What C2SP's own library reads, under each witness's key alone.
	for _, key := range w.policy.Witnesses() {
		v, err := fnote.NewVerifierForCosignatureV1(key)
		must(t, err)
		n, err := note.Open(head.Text, note.VerifierList(v))
		must(t, err)
		if len(n.Sigs) != 1 || n.Sigs[0].Name != v.Name() {
			t.Errorf("%s: %v", v.Name(), n.Sigs)
		}
	}
}
