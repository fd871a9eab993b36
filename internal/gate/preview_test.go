package gate_test

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

// preview goes the whole way with one approver.
func (s *scene) preview(g grant.Grant) (gate.Preview, error) {
	if err := errorsOf(s.offered(g), s.approved(g, "anna")); err != nil {
		return gate.Preview{}, err
	}
	if _, err := s.gate.InForce(ctx, s.InForce("carla", g)); err != nil {
		return gate.Preview{}, err
	}
	return s.gate.Preview(ctx, g.Digest().String())
}

func (s *scene) previewFile(name string) string {
	return filepath.Join(s.dir, "previews", s.PreviewGrant(1).Digest().String(), name)
}

func TestAPreviewTellsRoundedNumbersAndNothingElse(t *testing.T) {
	s := newScene(t)
	for i := range s.store.Held {
		s.store.Held[i].Open = func() (io.ReadCloser, error) { t.Error("an item was opened"); return nil, errUnread }
	}
	at := time.Date(2031, 1, 12, 8, 0, 0, 0, time.UTC)
	for range 9 {
		s.store.Held = append(s.store.Held, gatetest.Message("acct-a1", "more", at, at, 10))
	}
	out, err := s.preview(s.PreviewGrant(1))
	if err != nil {
		t.Fatalf("%v\n%s", err, s.log.all())
	}
	want := []gate.PreviewRow{{Service: scope.Mail, Month: "2031-01", Band: grant.Band{Least: 11, Most: 20}}} // thirteen
	if len(out.Rows) != 1 || out.Rows[0] != want[0] || out.Unplaced != (grant.Band{Most: 10}) || out.Demand != "k7wq-93" {
		t.Fatalf("%+v", out)
	}
	if s.docket.counts != 1 || s.docket.keeps+s.docket.asked != 0 || len(s.out()) != 0 || s.staging() != 0 {
		t.Errorf("the docket was asked %d, %d, %d times; visible %v", s.docket.counts, s.docket.keeps, s.docket.asked, s.out())
	}
	told := string(must(json.Marshal(out))) + string(must(os.ReadFile(s.previewFile("preview.txt"))))
	for _, word := range []string{"more", "sender", "lindworm.example", "in-acct"} {
		if strings.Contains(told, word) {
			t.Errorf("the table tells %q:\n%s", word, told)
		}
	}
	st, err := s.gate.Status(ctx, "g-1")
	if err != nil || st.State != gate.Previewed || st.Purpose != "preview" || st.Outcome != nil || st.Copy != "" {
		t.Errorf("%+v, %v", st, err)
	}
	s.reopen()
	again, err := s.gate.Preview(ctx, "g-1")
	if err != nil || again.Preview != out.Preview || again.Rows[0] != out.Rows[0] || s.store.Asked() != 1 {
		t.Errorf("again: %+v, %v; the store was asked %d times", again, err, s.store.Asked())
	}
	if _, err := signature.Verify(must(os.ReadFile(s.previewFile("preview.sig"))), signature.Preview, must(os.ReadFile(s.previewFile("preview.txt")))); err != nil {
		t.Error(err)
	}
}

// Nothing is in the stores, and ten items are: nobody can tell.
func TestAPreviewDoesNotTellNothingFromALittle(t *testing.T) {
	tables := map[string]bool{}
	for _, n := range []int{0, 1, 10} {
		s := newScene(t)
		s.store.Held, s.store.Gaps = s.store.Held[:0], nil
		at := time.Date(2031, 1, 12, 8, 0, 0, 0, time.UTC)
		for range n {
			s.store.Held = append(s.store.Held, gatetest.Message("acct-a1", "one", at, at, 10))
		}
		out, err := s.preview(s.PreviewGrant(1))
		if err != nil {
			t.Fatal(err)
		}
		tables[string(must(json.Marshal(out.Rows)))] = true
	}
	if len(tables) != 1 {
		t.Errorf("%v", tables)
	}
}

func TestPreviewsOfADemandAreLimitedAlsoAcrossARestart(t *testing.T) {
	s := newScene(t)
	for n := range byte(gate.PreviewsPerDay) {
		if n == 1 { // one that was refused after it began counts as well
			s.docket.refuse = problem.New(problem.Refused, "demand.closed", "it is closed")
		}
		_, err := s.preview(s.PreviewGrant(n + 1))
		if s.docket.refuse == nil && err != nil || s.docket.refuse != nil && problem.Code(err) != "gate.not_permitted" {
			t.Fatal(err)
		}
		s.docket.refuse = nil
		s.reopen()
	}
	if _, err := s.preview(s.PreviewGrant(9)); problem.Code(err) != "gate.previews" {
		t.Fatal(err)
	}
	if asked := s.store.Asked(); asked != gate.PreviewsPerDay {
		t.Errorf("the store was read %d times", asked)
	}
	s.Clock.Add(24*time.Hour + time.Second)
	if _, err := s.preview(s.PreviewGrant(10)); err != nil {
		t.Error(err)
	}
}

func TestATableThatWasChangedIsNotShown(t *testing.T) {
	s := newScene(t)
	if _, err := s.preview(s.PreviewGrant(1)); err != nil {
		t.Fatal(err)
	}
	text := must(os.ReadFile(s.previewFile("preview.txt")))
	if err := os.WriteFile(s.previewFile("preview.txt"), []byte(strings.Replace(string(text), " 0-10\n", " 11-20\n", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.gate.Preview(ctx, "g-1"); problem.Code(err) != "gate.preview_changed" {
		t.Error(err)
	}
}

// A crash after the docket's word leaves nothing to settle by hand: nothing could have
// left.
func TestAKillWhileAPreviewCountsLeavesTheTableOrNothing(t *testing.T) {
	for at, want := range map[string]gate.State{"begun": gate.Interrupted, "sealed": gate.Interrupted, "permitted": gate.Interrupted, "publishing": gate.Interrupted, "renamed": gate.Previewed} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			v := newVictim(t)
			g := v.PreviewGrant(1)
			if err := errorsOf(v.offered(g), v.approved(g, "anna")); err != nil {
				t.Fatal(err)
			}
			if _, err := v.gate.InForce(ctx, v.InForce("carla", g)); err != nil {
				t.Fatal(err)
			}
			v.gate.Close()
			killed(t, v.child(at, "COUNTERSEAL_CHILD_ACT=preview"))
			v.open()
			st, err := v.gate.Status(ctx, "g-1")
			if err != nil || st.State != want || v.staging() != 0 {
				t.Fatalf("%+v, %v; staging %d", st, err, v.staging())
			}
			if list, err := v.gate.Interrupted(ctx); err != nil || len(list) != 0 {
				t.Errorf("nothing could have left, and %+v is for a person to look at: %v", list, err)
			}
			if _, err := v.gate.Preview(ctx, "g-1"); (err == nil) != (want == gate.Previewed) {
				t.Error(err)
			}
		})
	}
}

// previewing counts by a grant that was changed.
func previewing(change func(s *scene, g *grant.Grant)) func(*scene) error {
	return func(s *scene) error {
		g := s.PreviewGrant(1)
		change(s, &g)
		_, err := s.preview(g)
		return seen(s, err)
	}
}

func asIs(*scene, *grant.Grant) {}

// tried has a grant to preview approved, and then does something else with it.
func tried(then func(s *scene, id string) error) func(*scene) error {
	return func(s *scene) error {
		g := s.PreviewGrant(1)
		if err := errorsOf(s.offered(g), s.approved(g, "anna", "bo")); err != nil {
			return err
		}
		if _, err := s.gate.InForce(ctx, s.InForce("carla", g)); err != nil {
			return err
		}
		return then(s, g.Digest().String())
	}
}

var previewAttacks = []attack{
	{name: "a grant to preview is released", code: "gate.previews_only", run: tried(func(s *scene, id string) error { _, err := s.gate.Release(ctx, id); return err })},
	{name: "a grant to preview keeps a copy", code: "gate.previews_only", run: tried(func(s *scene, id string) error { _, err := s.gate.Keep(ctx, id); return err })},
	{name: "a grant to release previews, by one approver", code: "gate.not_to_preview", run: func(s *scene) error { _, err := s.preview(s.Grant(1)); return err }},
	{name: "a grant to keep previews", code: "gate.not_to_preview", run: func(s *scene) error { _, err := s.preview(s.KeepGrant(1)); return err }},
	{name: "a preview is fetched as if it were a package", code: "gate.not_released", run: tried(func(s *scene, id string) error {
		if _, err := s.gate.Preview(ctx, id); err != nil {
			return err
		}
		_, _, err := s.gate.Fetch(ctx, id, "package.tar.age", "the desk")
		return err
	})},
	{name: "nobody approves a preview", code: "grant.approvals_missing", without: "grant: approvals", run: func(s *scene) error {
		g := s.PreviewGrant(1)
		if err := s.offered(g); err != nil {
			return err
		}
		if _, err := s.gate.InForce(ctx, s.InForce("carla", g)); err != nil {
			return err
		}
		_, err := s.gate.Preview(ctx, "g-1")
		return seen(s, err)
	}},
	{name: "the drafter approves a preview", code: "approval.drafter", run: func(s *scene) error {
		g := s.PreviewGrant(1)
		return errorsOf(s.offered(g), s.approved(g, "emil"))
	}},
	{name: "a preview of more than the order asks for", code: "grant.enlarged", without: "grant: contained", run: previewing(func(_ *scene, g *grant.Grant) {
		wide := gatetest.Mail("acct-a1")
		wide.Until = wide.Until.AddDate(0, 1, 0)
		g.Scope = scopeOf(wide)
	})},
	{name: "a preview by participant", code: "grant.preview_narrow", without: "grant: preview", run: previewing(func(_ *scene, g *grant.Grant) {
		narrow := gatetest.Mail("acct-a1")
		narrow.Participants = []string{"sender@post.example"}
		g.Scope = scopeOf(narrow)
	})},
	{name: "a preview of one item", code: "grant.preview_narrow", without: "grant: preview", run: previewing(func(_ *scene, g *grant.Grant) {
		narrow := gatetest.Mail("acct-a1")
		narrow.Items = []string{"in-acct-a1-0"}
		g.Scope = scopeOf(narrow)
	})},
	{name: "a preview that is a stop's", code: "gate.stopped", without: "stops", run: previewing(func(s *scene, _ *grant.Grant) {
		if err := stopBy("dan", "demand k7wq-93")(s); err != nil {
			s.t.Fatal(err)
		}
	})},
	{name: "a stop while a preview counts", code: "gate.stopped", without: "stops", run: func(s *scene) error {
		s.store.Before = func(i int) error {
			if i == 3 {
				return stopBy("dan", "demand k7wq-93")(s)
			}
			return nil
		}
		return previewing(asIs)(s)
	}},
	{name: "nobody says that the demand to be previewed stands", code: "inforce.missing", without: "in-force", run: func(s *scene) error {
		g := s.PreviewGrant(1)
		if err := errorsOf(s.offered(g), s.approved(g, "anna")); err != nil {
			return err
		}
		_, err := s.gate.Preview(ctx, "g-1")
		return seen(s, err)
	}},
	{name: "a preview by a grant that was used", code: "gate.replayed", without: "single-use", run: func(s *scene) error {
		if _, err := s.preview(s.PreviewGrant(1)); err != nil {
			return err
		}
		g := s.PreviewGrant(2)
		g.Nonce = s.PreviewGrant(1).Nonce
		_, err := s.preview(g)
		return seen(s, err)
	}},
	{name: "the fourth preview of a demand in a day", code: "gate.previews", without: "previews", run: func(s *scene) error {
		for n := range byte(gate.PreviewsPerDay) {
			if _, err := s.preview(s.PreviewGrant(n + 1)); err != nil {
				return err
			}
			s.Clock.Add(time.Hour)
		}
		s.reopen()
		_, err := s.preview(s.PreviewGrant(9))
		return seen(s, err)
	}},
	{name: "the fourth preview of an account in a day, under another demand each time", code: "gate.previews", without: "previews", run: func(s *scene) error {
		for n := range byte(gate.PreviewsPerDay) {
			g := s.PreviewGrant(n + 1)
			g.Demand = fmt.Sprintf("k7wq-9%d", n)
			if _, err := s.preview(g); err != nil {
				return err
			}
		}
		s.reopen()
		g := s.PreviewGrant(9)
		g.Demand = "k7wq-99"
		_, err := s.preview(g)
		return seen(s, err)
	}},
	{name: "the third account of a day is only counted", code: "gate.bulk", without: "per-day", run: func(s *scene) error {
		for i, name := range []string{"ada", "bea", "cy"} {
			account := scope.AccountID("acct-" + string(name[0]) + string(rune('1'+i)))
			g := s.PreviewGrant(byte(i + 1))
			g.Targets = []grant.Target{{Kind: "address", Stated: name + "@lindworm.example", Account: account}}
			g.Compelled = scopeOf(gatetest.Mail(account))
			g.Scope = g.Compelled
			if _, err := s.preview(g); err != nil {
				return err
			}
		}
		return seen(s, nil)
	}},
	{name: "the journal has not got the grant to preview", code: "gate.unlogged", without: "grant-logged", run: func(s *scene) error {
		g := s.PreviewGrant(1)
		if _, err := s.gate.Offer(ctx, gate.Offer{Text: gatetest.Text(g), Document: s.Order}); err != nil {
			return err
		}
		if err := s.approved(g, "anna"); err != nil {
			return err
		}
		if _, err := s.gate.InForce(ctx, s.InForce("carla", g)); err != nil {
			return err
		}
		_, err := s.gate.Preview(ctx, "g-1")
		return seen(s, err)
	}},
	{name: "the docket does not want a preview any more", code: "gate.not_permitted", without: "permitted", run: previewing(func(s *scene, _ *grant.Grant) {
		s.docket.refuse = problem.New(problem.Refused, "demand.closed", "it is closed")
	})},
	{name: "a store fails while a preview counts", code: "gate.incomplete", run: func(s *scene) error {
		s.store.Fail = gatetest.Broken()
		_, err := s.preview(s.PreviewGrant(1))
		return err
	}},
	{name: "a preview counts what a source over-delivers", code: "", without: "judge", then: "gate.preview_outside", run: func(s *scene) error {
		_, err := s.preview(s.PreviewGrant(1))
		return err
	}},
}
