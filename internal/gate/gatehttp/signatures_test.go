package gatehttp

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"counterseal/internal/gate"
)

// counting is a desk that takes any statement of the charter.
type counting struct {
	gate.Desk
	signatures int
}

func (c *counting) ExtendCharter(_ context.Context, _ []byte, signatures [][]byte) (gate.CharterHead, error) {
	c.signatures = len(signatures)
	return gate.CharterHead{}, nil
}

func TestAStatementHasAHundredSignaturesAndManyMoreTakeNoMemory(t *testing.T) {
	send := func(list string) (status, signatures int, taken uint64) {
		desk := &counting{}
		h := Handler(desk, slog.New(slog.DiscardHandler))
		r := httptest.NewRequest("POST", "http://gate/v1/charter", strings.NewReader(`{"text":"QQ==","signatures":`+list+`}`))
		r.Host = "gate"
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		h.ServeHTTP(w, r)
		runtime.ReadMemStats(&after)
		return w.Code, desk.signatures, after.TotalAlloc - before.TotalAlloc
	}
	for list, want := range map[string]int{"null": 0, "[]": 0, `["QQ=="]`: 1, "[" + strings.Repeat(`"QQ==",`, 99) + `"QQ=="]`: 100} {
		if status, got, _ := send(list); status != 200 || got != want {
			t.Errorf("%.40s: %d, %d signatures", list, status, got)
		}
	}
	for _, list := range []string{"[" + strings.Repeat(`"QQ==",`, 100) + `"QQ=="]`, `"QQ=="`, "{}", `[1]`, `["!"]`} {
		if status, got, _ := send(list); status != 422 || got != 0 {
			t.Errorf("%.40s: %d, %d signatures", list, status, got)
		}
	}
	const n = 4 << 20
	status, _, taken := send("[" + strings.Repeat(`"",`, n) + `""]`)
	if status != 422 || taken > 8*3*n {
		t.Errorf("%d; a body of %d MB took %d MB", status, 3*n>>20, taken>>20)
	}
}
