package gatepage_test

import (
	"bytes"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"counterseal/internal/gate/gatepage"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/signature"
	"counterseal/internal/signature/signaturetest"
)

// What the page refuses, and the gate is never asked, leaves one line, with its code and
// nothing of what was sent.
func TestWhatThePageRefusesLeavesOneLineInTheLog(t *testing.T) {
	h := newHouse(t)
	g := h.Grant(1)
	id := h.offer(g)
	text := string(gatetest.Text(g))
	approve := func(p signaturetest.Passkey, change func(*signaturetest.Ceremony)) *httptest.ResponseRecorder {
		c := signaturetest.Ordinary(signature.Grant, text, origin)
		change(&c)
		return h.ask("POST", "/approve", map[string]any{"grants": []string{id}, "answer": answer(t, p, c)}, nil)
	}
	as := func(*signaturetest.Ceremony) {}
	for name, c := range map[string]struct {
		code string
		try  func() *httptest.ResponseRecorder
	}{
		"a stranger's passkey": {"gatepage.nobody", func() *httptest.ResponseRecorder { return approve(signaturetest.NewPasskey(host), as) }},
		"another page": {"signature.page", func() *httptest.ResponseRecorder {
			return approve(h.anna, func(c *signaturetest.Ceremony) { c.Origin = "https://evil.example" })
		}},
		"nobody was verified": {"signature.not_verified", func() *httptest.ResponseRecorder {
			return approve(h.anna, func(c *signaturetest.Ceremony) { c.Flags = 0x01 })
		}},
		"another host": {"gatepage.foreign", func() *httptest.ResponseRecorder {
			return h.ask("GET", "/", nil, func(r *http.Request) { r.Host = "evil.example" })
		}},
		"a nonce of nobody's": {"gatepage.late", func() *httptest.ResponseRecorder { return h.look(h.anna, strings.Repeat("0", 112), nil) }},
		"no form":             {"gatepage.request", func() *httptest.ResponseRecorder { return h.ask("POST", "/approve", "evil.example", nil) }},
	} {
		var log bytes.Buffer
		p, err := gatepage.New(gatepage.Outside{Gate: h.gate, ID: "gate-1", Region: "ie", Provider: "Lindworm Mail", Origin: origin, Now: h.Clock.Now, Random: rand.Reader, Log: slog.New(slog.NewJSONHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		h.handler = p.Handler()
		w := c.try()
		got := log.String()
		if w.Code < 400 || strings.Count(got, "\n") != 1 || !strings.Contains(got, `"msg":"refused"`) || !strings.Contains(got, `"code":"`+c.code+`"`) || strings.Contains(got, "evil") {
			t.Errorf("%s: %d, %s", name, w.Code, got)
		}
	}
}
