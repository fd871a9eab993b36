package gatehttp_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"counterseal/internal/gate/gatehttp"
)

// What is refused before the gate is asked leaves one line, with its code and nothing of
// what was sent.
func TestWhatNeverComesToTheDeskLeavesOneLineInTheLog(t *testing.T) {
	for code, change := range map[string]func(*http.Request){
		"gatehttp.foreign":   func(r *http.Request) { r.Host = "gate.attacker.example" },
		"gatehttp.request":   func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") },
		"gatehttp.too_large": func(r *http.Request) { r.ContentLength = -1 },
	} {
		var log bytes.Buffer
		h := gatehttp.Handler(nobody{t: t}, slog.New(slog.NewJSONHandler(&log, nil)))
		r := httptest.NewRequest("POST", "http://localhost/v1/stops", strings.NewReader(`{"text":"`+strings.Repeat("A", 2<<20)+`"}`))
		r.Header.Set("Content-Type", "application/json")
		change(r)
		h.ServeHTTP(httptest.NewRecorder(), r)
		if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `"msg":"refused"`) || !strings.Contains(got, `"code":"`+code+`"`) || strings.Contains(got, "attacker") || strings.Contains(got, "AAAA") {
			t.Errorf("%s: %.300s", code, got)
		}
	}
}
