package evidence_test

import (
	"testing"
)

func TestSmoke(t *testing.T) {
	id := newKey(t)
	w, out := begin(t, id.Recipient(), header(t), options(t))
	fill(t, w, 20)
	if err := w.Withhold("near", "msg-900", "received 2026-04-01"); err != nil {
		t.Fatal(err)
	}
	s, err := w.Close(order("de"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Size != int64(out.Len()) || s.Items != 23 {
		t.Fatalf("%+v", s)
	}
}
