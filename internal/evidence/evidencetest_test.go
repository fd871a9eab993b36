package evidence_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"counterseal/internal/evidence"
	"counterseal/internal/evidence/release"
	"counterseal/internal/scope"
)

var start = time.Date(2026, 9, 18, 15, 0, 0, 0, time.UTC)

func march(day int) time.Time { return time.Date(2026, 3, day, 12, 0, 0, 0, time.UTC) }

func marchScope(t testing.TB) scope.Scope {
	t.Helper()
	var rows []scope.Selector
	for _, account := range []scope.AccountID{"acct-rossi", "acct-verdi"} {
		rows = append(rows, scope.Selector{
			Account: account, Service: scope.Mail, Category: scope.Content, Basis: scope.Received,
			From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 3, 31, 23, 59, 59, 0, time.UTC),
		})
	}
	s, err := scope.New(rows...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newKey(t testing.TB) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func header(t testing.TB) evidence.Header {
	return evidence.Header{
		Demand: "m2fd-10", Region: "mil", Gate: "gate-mil-1", Scope: marchScope(t), Filtered: release.ByGate,
		Grant: []byte("counterseal-grant-v1\n\x00raw\n"), Approvals: [][]byte{[]byte("first approval"), []byte("second approval")},
	}
}

func options(t testing.TB) evidence.Options {
	now := start
	return evidence.Options{
		Now: func() time.Time { now = now.Add(time.Second); return now }, Rand: rand.Reader, SpoolDir: t.TempDir(), ByteCap: 64 << 20,
	}
}

func order(language string) evidence.Order {
	return evidence.Order{
		Provider: "Nordlys Cloud A/S", Authority: "Tribunale di Milano", Instrument: "EPOC", Reference: "RG 1234/26",
		Received: start.Add(-48 * time.Hour), Language: language, Compelled: []string{"mail of two accounts, 1 to 31 March 2026"},
		Custody: []evidence.Step{{At: start.Add(-time.Minute), By: "gate gate-mil-1", Act: "opened the mail store", Detail: "read-only"}},
	}
}

func item(account scope.AccountID, id string, received, sent time.Time, name string, body []byte) evidence.Item {
	return evidence.Item{
		Item:     scope.Item{ID: id, Account: account, Service: scope.Mail, Category: scope.Content, Received: received, Sent: sent},
		Filename: name,
		Open:     func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil },
	}
}

func begin(t testing.TB, to *age.X25519Recipient, h evidence.Header, o evidence.Options) (*evidence.Writer, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	w, err := evidence.NewWriter(context.Background(), &out, to, h, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Abort)
	return w, &out
}

// fill adds n small items, one of three MiB, one empty, one split.
func fill(t testing.TB, w *evidence.Writer, n int) {
	t.Helper()
	add := func(it evidence.Item) {
		t.Helper()
		err := w.Add(it)
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		account := []scope.AccountID{"acct-rossi", "acct-verdi"}[i%2]
		add(item(account, fmt.Sprintf("msg-%d", i), march(1+i%28), march(1+i%28), fmt.Sprintf("Message %d.eml", i), []byte(strings.Repeat("body ", i+1))))
	}
	add(item("acct-rossi", "large", march(5), march(5), "large.eml", bytes.Repeat([]byte("0123456789abcdef"), 3<<16)))
	add(item("acct-rossi", "empty", march(6), time.Time{}, "", nil))
	add(item("acct-verdi", "split", march(1), march(1).AddDate(0, -1, 0), "late.eml", []byte("sent in February")))
}
