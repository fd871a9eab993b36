package gatehttp

import (
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A peer that asks and does not read would else hold the answer, and a place, for ever.
func TestAnAnswerThatNobodyReadsIsGivenUp(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	srv := &http.Server{Handler: patiently(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		defer close(over)
		w.Write([]byte(strings.Repeat("x", 32<<20))) // the order's document
	}), 200*time.Millisecond)}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	c, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = io.WriteString(c, "GET / HTTP/1.1\r\nHost: gate\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-over:
	case <-time.After(10 * time.Second):
		t.Error("the answer is waited for without limit")
	}
}

// Who reads slowly, and reads, gets all of it.
func TestAnAnswerThatIsReadSlowlyComesWhole(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	const size = 4 << 20
	srv := &http.Server{Handler: patiently(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte(strings.Repeat("x", size)))
	}), time.Second)}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	c := Unix(l.Addr().String())
	t.Cleanup(func() { c.Close() })
	resp, err := c.do(t.Context(), "GET", "/", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, begun := int64(0), time.Now()
	for err == nil {
		var n int64
		n, err = io.CopyN(io.Discard, resp.Body, size/20)
		got += n
		time.Sleep(75 * time.Millisecond)
	}
	if got != size || time.Since(begun) < 1200*time.Millisecond {
		t.Errorf("%d of %d bytes in %s: %v", got, size, time.Since(begun), err)
	}
}
