package gatehttp

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// uploaded sends parts with pauses between them, and gives what came of them.
func uploaded(t *testing.T, parts, size int, pause time.Duration) (came int64, err error) {
	t.Helper()
	over := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(over)
		came, err = io.Copy(io.Discard, &unhurried{Reader: r.Body, control: http.NewResponseController(w), patience: 500 * time.Millisecond})
	}))
	defer srv.Close()
	body, in := io.Pipe()
	go func() {
		for range parts {
			if _, err := in.Write(make([]byte, size)); err != nil {
				return
			}
			time.Sleep(pause)
		}
		in.Close()
	}()
	r, rerr := http.NewRequestWithContext(t.Context(), "PUT", srv.URL, body)
	if rerr != nil {
		t.Fatal(rerr)
	}
	resp, rerr := http.DefaultClient.Do(r)
	if rerr == nil {
		resp.Body.Close()
	}
	<-over
	return came, err
}

func TestAnUploadThatTricklesIsGivenUpAndOneThatTakesLongIsNot(t *testing.T) {
	if came, err := uploaded(t, 30, 1, 50*time.Millisecond); err == nil {
		t.Errorf("%d bytes of a trickle were waited for", came)
	}
	if came, err := uploaded(t, 30, window, 50*time.Millisecond); err != nil || came != 30*window {
		t.Errorf("%d bytes came: %v", came, err)
	}
}
