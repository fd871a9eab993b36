package app_test

import (
	"context"
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"counterseal/internal/app"
	"counterseal/internal/evidence/timestamp"
	"counterseal/internal/evidence/timestamp/timestamptest"
	"counterseal/internal/problem"
)

func TestTheOfficeBringsWhatAnAuthorityAnswersAndBoundsIt(t *testing.T) {
	a := timestamptest.NewOpenSSL(t, "ec")
	digest := sha256.Sum256([]byte("a checkpoint"))
	request := timestamp.Request(digest, 5)
	over := func(h http.HandlerFunc, patience string) (answer []byte, err error) {
		s := httptest.NewServer(h)
		defer s.Close()
		return app.AskAuthority(context.Background(), app.StampConfig{URL: s.URL, Patience: patience}, request)
	}
	answer, err := over(a.ServeHTTP, "")
	if err != nil {
		t.Fatal(err)
	}
	token, err := timestamp.Answer(answer)
	if err != nil || token.Answers(5) != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		code string
		h    http.HandlerFunc
	}{
		"down":    {"stamp.answer", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }},
		"a page":  {"stamp.answer", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>welcome</html>")) }},
		"sent on": {"stamp.answer", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }},
		"100 MB": {"stamp.answer", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", timestamp.ReplyType)
			w.Write(make([]byte, 100<<20))
		}},
		"hangs": {"stamp.unreachable", func(w http.ResponseWriter, r *http.Request) { hang(r) }},
		"hangs midway": {"stamp.unreachable", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", timestamp.ReplyType)
			w.Write([]byte{0x30})
			w.(http.Flusher).Flush()
			hang(r)
		}},
		"breaks off": {"stamp.unreachable", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
	} {
		begun := time.Now()
		patience := "1m" // whatever else this machine is doing
		if strings.HasPrefix(name, "hangs") {
			patience = "1s"
		}
		_, err := over(c.h, patience)
		if problem.Code(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
		if time.Since(begun) > 2*time.Minute {
			t.Errorf("%s: nobody lost patience", name)
		}
	}
}

// hang keeps a request until its client gives up, which a server notices once it has
// read the body.
func hang(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

func TestAfterAFailureTheAuthorityIsAskedLessAndLess(t *testing.T) {
	at := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	var waits []time.Duration
	for _, next := range app.StampTrials(at, 9) {
		waits = append(waits, next.Sub(at))
	}
	want := []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute, time.Hour, time.Hour, time.Hour}
	for i := range want {
		if waits[i] != want[i] {
			t.Fatalf("%v, want %v", waits, want)
		}
	}
}
