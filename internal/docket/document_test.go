package docket_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
)

func TestADocumentComesBackAsItWasAndIsKeptOnce(t *testing.T) {
	h := build(t)
	a := h.submit("one")
	before := h.blobs()
	var digest demand.Digest
	for range 2 {
		d, err := h.KeepDocument(t.Context(), a.ID, []byte("order of the court, amended"), "application/pdf")
		must(t, err)
		digest = d
	}
	if n := h.blobs() - before; n != 1 {
		t.Fatalf("%d files for one document", n)
	}
	h.reopen()
	b, media, err := h.Document(t.Context(), a.ID, digest)
	must(t, err)
	if string(b) != "order of the court, amended" || media != "application/pdf" {
		t.Fatalf("%q %q", b, media)
	}
	must(t, h.Audit(t.Context(), a.ID))
	_, _, err = h.Document(t.Context(), h.submit("two").ID, digest)
	wantCode(t, err, "docket.no_document")
	_, err = h.KeepDocument(t.Context(), a.ID, nil, "")
	wantCode(t, err, "docket.document")
	_, err = h.KeepDocument(t.Context(), "bbbb-22", []byte("x"), "")
	wantCode(t, err, "docket.not_found")
}

func TestAStreamKeepsABoundedNumberOfDocuments(t *testing.T) {
	h := build(t)
	a := h.submit("one")
	for i := range docket.MaxDocuments {
		_, err := h.KeepDocument(t.Context(), a.ID, fmt.Append(nil, i), "text/plain")
		must(t, err)
	}
	before := h.blobs()
	_, err := h.KeepDocument(t.Context(), a.ID, []byte("one too many"), "text/plain")
	wantCode(t, err, "docket.documents")
	if h.blobs() != before {
		t.Error("a refused document is kept")
	}
	_, err = h.KeepDocument(t.Context(), a.ID, []byte("0"), "text/plain")
	must(t, err)
}

func TestADocumentThatWasChangedOrTakenAwayIsFound(t *testing.T) {
	h := build(t)
	a, b := h.submit("one"), h.submit("two")
	digest, err := h.KeepDocument(t.Context(), a.ID, []byte("the answer"), "text/plain")
	must(t, err)
	_, err = h.KeepDocument(t.Context(), b.ID, []byte("the answer"), "text/plain")
	must(t, err)
	h.do(a.ID, "ann", demand.KeepMessage{Party: "agency", Channel: "mail", Subject: "answer", Document: digest})
	h.close()
	whole, err := os.ReadFile(filepath.Join(h.dir, "s.db"))
	must(t, err)
	for change, code := range map[string]string{
		`DELETE FROM documents WHERE demand = '` + string(a.ID) + `'`:                                                                              "docket.no_document",
		`UPDATE documents SET sealed = (SELECT sealed FROM documents WHERE demand = '` + string(b.ID) + `') WHERE demand = '` + string(a.ID) + `'`: "docket.tampered",
		`UPDATE documents SET token = zeroblob(32) WHERE demand = '` + string(a.ID) + `'`:                                                          "docket.tampered",
	} {
		h.restore(whole)
		h.raw(func(db *sql.DB) {
			_, err := db.Exec(change)
			must(t, err)
		})
		must(t, h.open())
		wantCode(t, h.Audit(t.Context(), a.ID), code)
	}
}

// bytesAlone is a delivery that nobody has read.
func bytesAlone(name, channel string) docket.Submission {
	s := submission(name)
	s.Channel, s.Form, s.Receive = channel, nil, demand.Receive{Unread: true}
	return s
}

func TestWhatCameAsBytesAloneIsTheSameCaseWhenSomebodySaysWhoDemands(t *testing.T) {
	h := build(t)
	first, err := h.Submit(t.Context(), bytesAlone("one", "mail"))
	must(t, err)
	if it := h.row(first.ID); !it.View.Unread || it.View.Duty != "read" {
		t.Fatalf("%+v", it)
	}
	for range 2 { // the same delivery again says the same
		again, err := h.Submit(t.Context(), submission("one"))
		must(t, err)
		if again.ID != first.ID || !again.Known || again.Stated == (demand.Digest{}) {
			t.Fatalf("%+v", again)
		}
		b, _, err := h.Document(t.Context(), first.ID, again.Stated)
		must(t, err)
		if string(b) != "form of one" {
			t.Fatalf("%q", b)
		}
	}
	without := submission("one")
	without.Channel, without.Form = "portal", nil
	third, err := h.Submit(t.Context(), without)
	must(t, err)
	if b, media, err := h.Document(t.Context(), first.ID, third.Stated); third.ID != first.ID || err != nil || media != "application/json" || len(b) < 100 {
		t.Fatalf("%+v %v", third, err)
	}
	must(t, h.Audit(t.Context(), first.ID))
}

func TestBytesThatAreKnownAreTheSameCaseWhoeverReadsThem(t *testing.T) {
	h := build(t)
	read := h.submit("one")
	again, err := h.Submit(t.Context(), bytesAlone("one", "mail"))
	must(t, err)
	if again.ID != read.ID || !again.Known || again.Stated != (demand.Digest{}) {
		t.Fatalf("%+v", again)
	}
	other := submission("one")
	other.Channel, other.Receive.Instrument.Agency = "files", "agency-south"
	south, err := h.Submit(t.Context(), other)
	must(t, err)
	if south.ID == read.ID {
		t.Fatal("another agency's demand became the same case")
	}
}

func TestAPastDemandIsReceivedConcludedAndClosedAtOnce(t *testing.T) {
	h := build(t)
	s := submission("one")
	s.Then = []docket.Step{{Command: demand.Conclude{How: "imported"}, Seats: []string{"counsel"}, Reason: "from the register of 2025"}, {Command: demand.Close{}, Reason: "over"}}
	for range 2 {
		a, err := h.Submit(t.Context(), s)
		must(t, err)
		c := h.state(a.ID)
		if c.State.Closed != 3 || c.State.Conclusion.How != "imported" || c.State.Last != 3 {
			t.Fatalf("%+v", c.State)
		}
		must(t, h.Audit(t.Context(), a.ID))
	}
	s.Then[0].Reason = "another"
	_, err := h.Submit(t.Context(), s)
	wantCode(t, err, "docket.conflict")
	bad := submission("two")
	bad.Then = []docket.Step{{Command: demand.Close{}, Reason: "over"}}
	_, err = h.Submit(t.Context(), bad)
	wantCode(t, err, "line.undecided")
	bad.Then = []docket.Step{{Command: demand.FileUnder{Matter: "m-bbbb-22"}}}
	_, err = h.Submit(t.Context(), bad)
	wantCode(t, err, "docket.submission")
	if h.count() != 1 {
		t.Fatal("a refused submission left something")
	}
}
