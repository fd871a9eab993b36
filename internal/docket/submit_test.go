package docket_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/scope"
)

func TestAReceiptOpensItsLeavesAndNothingLiesReadableOnDisk(t *testing.T) {
	h := build(t)
	a := h.submit("one")
	if !docket.ValidID(a.ID) || a.OriginalDigest != sha256.Sum256([]byte("order of the court one")) || a.At != start || a.Known {
		t.Fatalf("%+v", a)
	}
	leaf, err := proof.ParseRegisterLeaf(a.RegisterLeaf)
	must(t, err)
	opening, err := proof.ParseRegisterOpening(a.RegisterOpening)
	must(t, err)
	must(t, opening.Verify(leaf))
	if opening.Fields.Band != proof.BandFew || opening.Salt == a.Journal.Salt {
		t.Fatal("the opening is not of this demand, or shares the journal's salt")
	}
	h.reopen()
	p, err := h.db.Ledger().Find(t.Context(), a.JournalEntry)
	must(t, err)
	if p.Entry.Event != a.Journal {
		t.Fatal("the receipt opens another entry")
	}
	p, err = h.db.Ledger().Find(t.Context(), a.RegisterEntry)
	must(t, err)
	if p.Entry.Log != ledger.InRegister || !bytes.Equal(p.Entry.Leaf, a.RegisterLeaf) {
		t.Fatal("the register got another leaf")
	}
	b, media, err := h.Original(t.Context(), a.ID)
	must(t, err)
	if string(b) != "order of the court one" || media != "application/pdf" {
		t.Fatalf("%q %q", b, media)
	}
	must(t, h.Audit(t.Context(), a.ID))
	filepath.WalkDir(h.dir, func(path string, e fs.DirEntry, _ error) error {
		if b, _ := os.ReadFile(path); holdsSecret(string(b)) {
			t.Errorf("%s holds facts of a demand", filepath.Base(path))
		}
		return nil
	})
}

func TestTheSameDeliveryIsTheSameReceiptAndChangedContentIsAConflict(t *testing.T) {
	h := build(t)
	first := h.submit("one")
	h.reopen()
	again, err := h.Submit(t.Context(), submission("one"))
	must(t, err)
	if !again.Known {
		t.Error("the second receipt does not say that it is one")
	}
	again.Known = false
	if diff := cmp.Diff(first, again); diff != "" {
		t.Fatal(diff)
	}
	sealed := h.openCase("mia")
	changes := map[string]func(*docket.Submission){
		"original":    func(s *docket.Submission) { s.Original = append(s.Original, '.') },
		"media type":  func(s *docket.Submission) { s.MediaType = "text/plain" },
		"form":        func(s *docket.Submission) { s.Form = nil },
		"compartment": func(s *docket.Submission) { s.Compartment = string(sealed) },
		"agency":      func(s *docket.Submission) { s.Receive.Instrument.Agency = "agency-south" },
		"last line":   func(s *docket.Submission) { s.Receive.Lines[2].Category = scope.Traffic },
	}
	for name, change := range changes {
		s := submission("one")
		change(&s)
		_, err := h.Submit(t.Context(), s)
		if wantCode(t, err, "docket.conflict"); t.Failed() {
			t.Fatal(name)
		}
	}
	if n := h.count(); n != 1 {
		t.Fatalf("%d demands", n)
	}
}

func TestTheSameOriginalOverAnotherChannelIsTheSameCase(t *testing.T) {
	h := build(t)
	first := h.submit("one")
	mail := submission("one")
	mail.Channel, mail.Key, mail.Form = "mail", docket.Digest{9}, nil
	for range 2 {
		a, err := h.Submit(t.Context(), mail)
		must(t, err)
		if a.ID != first.ID || !a.Known {
			t.Fatalf("%+v", a)
		}
	}
	mail.MediaType = "text/plain"
	_, err := h.Submit(t.Context(), mail)
	wantCode(t, err, "docket.conflict")
	must(t, h.Audit(t.Context(), first.ID))

	other := submission("one")
	other.Key, other.Receive.Instrument.Agency = docket.Digest{8}, "agency-south"
	a, err := h.Submit(t.Context(), other)
	must(t, err)
	if a.ID == first.ID {
		t.Fatal("another agency's demand became the same case")
	}
}

func TestDeliveriesAtOnceBecomeOneCase(t *testing.T) {
	h := build(t)
	var all sync.WaitGroup
	var mu sync.Mutex
	ids := make(map[demand.ID]int)
	for i := range 12 {
		all.Go(func() {
			s := submission("one")
			s.Channel = []string{"api", "mail", "portal"}[i%3]
			a, err := h.Submit(context.Background(), s)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			ids[a.ID]++
			mu.Unlock()
		})
	}
	all.Wait()
	if len(ids) != 1 || h.count() != 1 {
		t.Fatalf("%v", ids)
	}
	for id := range ids {
		must(t, h.Audit(t.Context(), id))
	}
	if n := h.blobs(); n != 2 {
		t.Fatalf("%d documents are kept, want original and form", n)
	}
}

func TestARefusedSubmissionLeavesNothing(t *testing.T) {
	h := build(t)
	bad := map[string]func(*docket.Submission){
		"docket.submission": func(s *docket.Submission) { s.Original = nil },
		"demand.lines":      func(s *docket.Submission) { s.Receive.Lines[2].Target = 4 },
		"demand.instrument": func(s *docket.Submission) { s.Receive.Instrument.Title = "" },
		"demand.targets":    func(s *docket.Submission) { s.Receive.Targets[2].Stated = "" },
	}
	for code, spoil := range bad {
		s := submission("one")
		spoil(&s)
		_, err := h.Submit(t.Context(), s)
		wantCode(t, err, code)
	}
	for _, spoil := range []func(*docket.Submission){
		func(s *docket.Submission) { s.Channel = "" },
		func(s *docket.Submission) { s.Channel = strings.Repeat("x", 65) },
		func(s *docket.Submission) { s.Key = docket.Digest{} },
		func(s *docket.Submission) { s.By = "" },
		func(s *docket.Submission) { s.Form = make([]byte, docket.MaxForm+1) },
		func(s *docket.Submission) { s.Receive.Original = demand.Digest{1} },
		func(s *docket.Submission) { s.Receive.Channel = "mail" },
	} {
		s := submission("one")
		spoil(&s)
		_, err := h.Submit(t.Context(), s)
		wantCode(t, err, "docket.submission")
	}
	if n, b := h.count(), h.blobs(); n != 0 || b != 0 {
		t.Fatalf("%d demands and %d documents remain", n, b)
	}
	if lines := strings.Count(h.log.String(), "\n"); lines != 11 || holdsSecret(h.log.String()) {
		t.Fatalf("%d log entries for 11 refusals:\n%s", lines, h.log.String())
	}
}

func TestDocumentsThatCannotBeStoredMeanNoReceipt(t *testing.T) {
	h := build(t)
	must(t, os.RemoveAll(filepath.Join(h.dir, "blobs")))
	_, err := h.Submit(t.Context(), submission("one"))
	wantCode(t, err, "blob.unavailable")
	if h.count() != 0 {
		t.Fatal("a demand without its document")
	}
}

// count is the number of demands in the queue.
func (h *house) count() int {
	h.t.Helper()
	items, err := h.Queue(context.Background(), docket.QueryArgs{Limit: docket.MaxPage})
	must(h.t, err)
	return len(items)
}

func (h *house) blobs() int {
	h.t.Helper()
	all, err := filepath.Glob(filepath.Join(h.dir, "blobs", "*", "*"))
	must(h.t, err)
	return len(all)
}
