package docket

import (
	"crypto/rand"
	"testing"

	"counterseal/internal/demand"
	"counterseal/internal/problem"
)

// A row of the first version bound no kind of stream, seat or emergency.
func TestARowOfTheFirstVersionOpensAsADemandsAndAsNothingElse(t *testing.T) {
	v, err := newVault([32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	id := demand.ID("k7wq-93")
	old := Row{Stream: "demand", Compartment: General, Status: "received", Due: Never}
	old.Sealed, err = v.seal(rand.Reader, place("row", []byte(id), []byte(old.Compartment), []byte(old.Status), number(uint64(old.Due.UnixMilli()))), []byte(`{"title":"Warrant"}`))
	if err != nil {
		t.Fatal(err)
	}
	if view, err := v.openRow(id, old); err != nil || view.Title != "Warrant" {
		t.Fatalf("%+v %v", view, err)
	}
	for name, change := range map[string]func(*Row){
		"stream":      func(r *Row) { r.Stream = "contest" },
		"seat":        func(r *Row) { r.Seat = "counsel" },
		"emergency":   func(r *Row) { r.Emergency = true },
		"compartment": func(r *Row) { r.Compartment = "x-bbbb-22" },
		"status":      func(r *Row) { r.Status = "closed" },
	} {
		r := old
		change(&r)
		if _, err := v.openRow(id, r); problem.Code(err) != "docket.tampered" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
