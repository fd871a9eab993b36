package gate_test

import (
	"testing"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
)

func TestAStatusSaysHowFarACollectionHasComeAndNothingOfWhatLiesOutside(t *testing.T) {
	for name, start := range map[string]func(s *scene) error{
		"a release": func(s *scene) error {
			_, err := s.released(s.Grant(1))
			return err
		},
		"a copy": func(s *scene) error {
			_, err := s.keep(s.KeepGrant(1))
			return err
		},
	} {
		s := newScene(t)
		var last gate.Progress
		looks := 0
		s.store.Before = func(i int) error {
			looks++
			st, err := s.gate.Status(ctx, "g-1")
			if err != nil || st.State != gate.Running || st.Progress == nil {
				t.Fatalf("%s, while it runs: %+v, %v", name, st, err)
			}
			last = *st.Progress
			if i <= 3 && last != (gate.Progress{Items: int64(i), Bytes: 3000 * int64(i)}) {
				t.Errorf("%s, after %d items: %+v", name, i, last)
			}
			return nil
		}
		if err := start(s); err != nil {
			t.Fatal(err)
		}
		// Four are given and two are withheld; 22 of other accounts and other times were
		// looked at, and are not told.
		if last != (gate.Progress{Items: 4, Bytes: 9100, Withheld: 2}) || looks != len(s.store.Held) {
			t.Errorf("%s: at the last of %d items: %+v", name, looks, last)
		}
		if st, err := s.gate.Status(ctx, "g-1"); err != nil || st.Progress != nil {
			t.Errorf("%s, after it: %+v, %v", name, st, err)
		}
	}
}

// The numbers of a preview are rounded, so it tells none while it counts.
func TestAPreviewTellsNothingWhileItCounts(t *testing.T) {
	s := newScene(t)
	looks := 0
	s.store.Before = func(int) error {
		looks++
		if st, err := s.gate.Status(ctx, "g-1"); err != nil || st.State != gate.Running || st.Progress != nil {
			t.Errorf("%+v, %v", st, err)
		}
		return nil
	}
	if _, err := s.preview(s.PreviewGrant(1)); err != nil {
		t.Fatal(err)
	}
	if looks == 0 {
		t.Error("nobody looked while it counted")
	}
}

// A store that fails in the middle is incomplete, never shorter; the grant is spent, and
// the next one collects everything from the beginning.
func TestACollectionThatIsCutOffIsRepeatedWholeByANewGrant(t *testing.T) {
	s := newScene(t)
	s.store.Before = func(i int) error {
		if i == 3 {
			return gatetest.Broken()
		}
		return nil
	}
	if _, err := s.released(s.Grant(1)); err == nil || len(s.out()) != 0 {
		t.Fatalf("%v, visible %v", err, s.out())
	}
	st, err := s.gate.Status(ctx, "g-1")
	if err != nil || st.State != gate.Refused || st.Code != "gate.incomplete" || st.Progress != nil {
		t.Fatalf("%+v, %v", st, err)
	}
	s.store.Before = nil
	if out, err := s.released(s.Grant(2)); err != nil || out.Items != 4 {
		t.Fatalf("%+v, %v", out, err)
	}
}
