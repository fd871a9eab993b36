package verify_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"counterseal/internal/evidence"
	"counterseal/internal/evidence/release"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// handed is what a gate puts into a package by hand.
type handed struct {
	filtered release.Filtered
	grant    string
	export   grant.Export
	bodies   []string
}

// honest is one whose parts fit together.
func honest(t testing.TB) handed {
	h := handed{filtered: release.ByHand, bodies: []string{"first", "second", "third"}}
	h.export = grant.Export{Provider: "Nordlys Cloud A/S", Demand: "m2fd-10", Gate: "gate-mil-1", Collector: "bea", At: start, From: "the mail server", How: "its own export", Covers: marchScope(t, "acct-rossi", "acct-verdi")}
	for i, b := range h.bodies {
		account := []scope.AccountID{"acct-rossi", "acct-verdi", "acct-rossi"}[i]
		h.export.Files = append(h.export.Files, grant.ExportFile{SHA256: sha256.Sum256([]byte(b)), Size: int64(len(b)), Account: account, Service: scope.Mail, Category: scope.Content, Name: fmt.Sprintf("f%d/mail.eml", i)})
	}
	facts, err := h.export.Facts()
	must(t, err)
	h.grant = "counterseal-grant-v2\ngrant: g-1\ncollection: by-hand\nexport-sha256: " + facts.Manifest.String() + "\nnonce: 00\n"
	return h
}

// sealed makes the folder, as a gate that believes its parts.
func (w world) handFolder(t testing.TB, h handed) string {
	t.Helper()
	text, err := h.export.Bytes()
	must(t, err)
	if h.filtered == release.ByGate {
		text = nil
	}
	var out bytes.Buffer
	now := start
	pw, err := evidence.NewWriter(context.Background(), &out, w.officer.Recipient(), evidence.Header{Demand: "m2fd-10", Region: "mil", Gate: "gate-mil-1",
		Scope: marchScope(t, "acct-rossi", "acct-verdi"), Filtered: h.filtered, Grant: []byte(h.grant), Approvals: [][]byte{[]byte("approval")}, Export: text},
		evidence.Options{Now: func() time.Time { now = now.Add(time.Second); return now }, Rand: rand.Reader, SpoolDir: t.TempDir(), ByteCap: 1 << 20})
	must(t, err)
	defer pw.Abort()
	for i, b := range h.bodies {
		it := scope.Item{ID: "f0/mail.eml", Account: "acct-rossi", Service: scope.Mail, Category: scope.Content, Received: march(5), Sent: march(5)}
		if i < len(h.export.Files) {
			f := h.export.Files[i]
			it = scope.Item{ID: f.Name, Account: f.Account, Service: f.Service, Category: f.Category}
		}
		if h.filtered == release.ByGate {
			it.Received, it.Sent = march(5), march(5)
		}
		must(t, pw.Add(evidence.Item{Item: it, Filename: "mail.eml", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(b)), nil }}))
	}
	s, err := pw.Close(evidence.Order{Provider: "Nordlys Cloud A/S", Authority: "Tribunale di Milano", Instrument: "EPOC", Received: start, Language: "it", Compelled: []string{"mail, March 2026"}})
	must(t, err)
	return w.lay(t, out.Bytes(), s.Release)
}

func TestAPackageByHandIsHeldAgainstTheListThatWasApproved(t *testing.T) {
	w := newWorld(t)
	r, err := w.verify(w.handFolder(t, honest(t)))
	if err != nil || !r.Complete || r.Items != 3 || r.Release.Filtered != release.ByHand {
		t.Fatalf("%+v, %v", r, err)
	}
	if last := r.Steps[len(r.Steps)-1]; !strings.Contains(last.Words, "Not gate-filtered") || strings.Contains(last.Words, "lies within") {
		t.Errorf("%s", last.Words)
	}
	for name, change := range map[string]func(*handed){
		"only the last file differs":     func(h *handed) { h.bodies[2] = "thirD" },
		"a file is missing":              func(h *handed) { h.bodies = h.bodies[:2] },
		"a file more":                    func(h *handed) { h.bodies = append(h.bodies, "fourth") },
		"two files exchanged":            func(h *handed) { h.bodies[0], h.bodies[2] = h.bodies[2], h.bodies[0] },
		"the grant names another list":   func(h *handed) { h.grant = strings.Replace(h.grant, "export-sha256: ", "export-sha256: 0", 1) },
		"the grant is one of the gate's": func(h *handed) { h.grant = strings.Replace(h.grant, "by-hand", "gate", 1) },
	} {
		h := honest(t)
		change(&h)
		if _, err := w.verify(w.handFolder(t, h)); problem.Code(err) != "verify.order" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a gate signs as filtered, and approvers approved by hand, is a lie.
func TestAGateThatClaimsItsFilterForAnExportIsFound(t *testing.T) {
	w := newWorld(t)
	h := honest(t)
	h.filtered = release.ByGate
	if _, err := w.verify(w.handFolder(t, h)); problem.Code(err) != "verify.order" {
		t.Error(err)
	}
	h.grant = "counterseal-grant-v2\ngrant: g-1\ncollection: gate\nnonce: 00\n"
	if _, err := w.verify(w.handFolder(t, h)); err != nil {
		t.Error("the same items, filtered and approved as such:", err)
	}
}
