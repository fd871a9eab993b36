package gate_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

// incidentAttacks fetch what is known to hold too much.
var incidentAttacks = []attack{{
	name: "fetch a package that held more than was compelled", code: "gate.incident", without: "incident", visible: 1,
	run: func(s *scene) error {
		daily(s.store, 3)
		g := s.Grant(1)
		if _, err := s.released(g); err != nil {
			return err
		}
		if _, err := s.gate.ReportIncident(ctx, s.signed(s.said(g, narrowed(january(2))))); err != nil {
			return err
		}
		r, _, err := s.gate.Fetch(ctx, "g-1", release.PackageFile, "the desk")
		if err != nil {
			return err
		}
		r.Close()
		_, err = s.released(s.Grant(2))
		return err
	},
}}

// wordAttack says something about a release, or about its incident, that must not
// count.
type wordAttack struct {
	name, code, without string
	run                 func(s *scene, g grant.Grant, in gate.Incident) error
}

// about changes a statement before its person signs it.
func reporting(change func(s *scene, i *grant.Incident)) func(*scene, grant.Grant, gate.Incident) error {
	return func(s *scene, g grant.Grant, _ gate.Incident) error {
		i := s.said(g, func(i *grant.Incident) { i.Compelled = january(1); change(s, i) })
		_, err := s.gate.ReportIncident(ctx, s.signed(i))
		return err
	}
}

// resigned is a statement with another signature.
func resigned(sign func(s *scene, text []byte) []byte) func(*scene, grant.Grant, gate.Incident) error {
	return func(s *scene, g grant.Grant, _ gate.Incident) error {
		w := s.signed(s.said(g, narrowed(january(1))))
		w.Signature = sign(s, w.Text)
		_, err := s.gate.ReportIncident(ctx, w)
		return err
	}
}

func (s *scene) wordToRead(in gate.Incident, person string, at time.Time, ns signature.Namespace) grant.Signed {
	d, err := grant.ParseDigest(in.Incident)
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := grant.ListRead{Gate: "gate-1", Incident: d, Person: person, At: at}.Bytes()
	if err != nil {
		s.t.Fatal(err)
	}
	return grant.Signed{Text: text, Signature: s.Sign("carla", ns, text)}
}

func reading(person string, ago time.Duration, ns signature.Namespace) func(*scene, grant.Grant, gate.Incident) error {
	return func(s *scene, _ grant.Grant, in gate.Incident) error {
		_, err := s.readOn(s.wordToRead(in, person, s.Clock.Now().Add(-ago), ns))
		return err
	}
}

var wordAttacks = []wordAttack{
	{"nobody's signature", "signature.form", "incident-signed", resigned(func(*scene, []byte) []byte { return nil })},
	{"a stranger's signature", "incident.not_on_roster", "incident-signed", resigned(func(s *scene, text []byte) []byte {
		key, _, err := signature.NewKey(bytes.NewReader(bytes.Repeat([]byte{7}, 64)), "")
		if err != nil {
			s.t.Fatal(err)
		}
		sig, err := signature.Sign(key, signature.Incident, text)
		if err != nil {
			s.t.Fatal(err)
		}
		return sig
	})},
	{"another person's signature", "incident.other_person", "incident-signed", resigned(func(s *scene, text []byte) []byte { return s.Sign("anna", signature.Incident, text) })},
	{"a signature over another kind of text", "signature.namespace", "incident-signed", resigned(func(s *scene, text []byte) []byte { return s.Sign("carla", signature.Stop, text) })},
	{"a person who was taken off the roster", "incident.not_on_roster", "incident-signed", func(s *scene, g grant.Grant, _ gate.Incident) error {
		i := s.said(g, func(i *grant.Incident) { i.Compelled, i.Person = january(1), "frida" })
		w := s.signed(i)
		if err := removed(s, "frida"); err != nil {
			return err
		}
		_, err := s.gate.ReportIncident(ctx, w)
		return err
	}},
	{"a word of last week", "incident.stale", "incident-signed", func(s *scene, g grant.Grant, _ gate.Incident) error {
		w := s.signed(s.said(g, narrowed(january(1))))
		s.Clock.Add(25 * time.Hour)
		_, err := s.gate.ReportIncident(ctx, w)
		return err
	}},
	{"a word of tomorrow", "incident.future", "incident-signed", reporting(func(s *scene, i *grant.Incident) { i.At = i.At.Add(time.Hour) })},
	{"another gate", "incident.other_gate", "incident-signed", reporting(func(_ *scene, i *grant.Incident) { i.Gate = "gate-2" })},
	{"another provider", "incident.other_gate", "incident-signed", reporting(func(_ *scene, i *grant.Incident) { i.Provider = "Kestrel Cloud" })},
	{"another release under this grant", "gate.incident_other", "incident-release", reporting(func(_ *scene, i *grant.Incident) { i.Release[0] ^= 1 })},
	{"this release under another demand", "gate.incident_other", "incident-release", reporting(func(_ *scene, i *grant.Incident) { i.Demand = "k7wq-94" })},
	{"a word from before the package left", "gate.incident_date", "incident-date", reporting(func(_ *scene, i *grant.Incident) { i.At = i.At.Add(-3 * time.Hour) })},
	{"a scope by people whom the index does not know", "gate.incident_people", "incident-people", reporting(func(_ *scene, i *grant.Incident) {
		m := gatetest.Mail("acct-a1")
		m.Participants = []string{"kim@elsewhere.example"}
		i.Compelled = scopeOf(m)
	})},
	{"an item that did not leave", "gate.incident_no_item", "incident-named", reporting(func(_ *scene, i *grant.Incident) {
		i.Named = []grant.ItemName{{Account: "acct-a1", Service: scope.Mail, ID: "day-99"}}
	})},
	{"more incidents than anybody has", "gate.incidents_full", "incidents-full", func(s *scene, g grant.Grant, _ gate.Incident) error {
		for range 32 {
			s.Clock.Add(time.Second)
			if _, err := s.gate.ReportIncident(ctx, s.signed(s.said(g, narrowed(january(1))))); err != nil {
				return err
			}
		}
		return nil
	}},
	{"a list read under another name", "incident.other_person", "read-signed", reading("anna", 0, signature.IncidentRead)},
	{"a list read on a word of an hour ago", "incident.stale", "read-signed", reading("carla", time.Hour, signature.IncidentRead)},
	{"a list read on a word of tomorrow", "incident.future", "read-signed", reading("carla", -24*time.Hour, signature.IncidentRead)},
	{"a list read on a signature over another kind of text", "signature.namespace", "read-signed", reading("carla", 0, signature.Incident)},
	{"a list read twice on one word", "gate.replayed", "read-once", func(s *scene, _ grant.Grant, in gate.Incident) error {
		w := s.wordToRead(in, "carla", s.Clock.Now(), signature.IncidentRead)
		if _, err := s.readOn(w); err != nil {
			s.t.Error(err)
		}
		_, err := s.readOn(w)
		return err
	}},
}

// worded is a scene with a release that left an hour ago and its first incident.
func worded(t *testing.T, without ...string) (*scene, grant.Grant, gate.Incident) {
	t.Helper()
	s := newScene(t)
	daily(s.store, 3)
	g := s.left(s.Grant(1))
	s.Clock.Add(time.Hour)
	in, err := s.gate.ReportIncident(ctx, s.signed(s.said(g, narrowed(january(2)))))
	if err != nil {
		t.Fatal(err)
	}
	s.Clock.Add(time.Hour)
	s.gate.Without(without...)
	return s, g, in
}

func TestAWordThatDoesNotCountMakesAndOpensNoIncident(t *testing.T) {
	shown := map[string]bool{}
	for _, a := range wordAttacks {
		shown[a.without] = true
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			s, g, in := worded(t)
			err := a.run(s, g, in)
			if problem.Code(err) != a.code {
				t.Fatalf("refused with %q, want %q: %v", problem.Code(err), a.code, err)
			}
			if got := s.log.refusals(); !slices.Equal(got, []string{a.code}) {
				t.Errorf("the log holds %v", got)
			}
		})
		t.Run(a.name+", unasked", func(t *testing.T) {
			t.Parallel()
			s, g, in := worded(t, a.without)
			if err := a.run(s, g, in); err != nil {
				t.Fatalf("without %q something else refuses: %v", a.without, err)
			}
		})
	}
	for _, name := range gate.WordCheckNames() {
		if !shown[name] {
			t.Errorf("no attack shows what %q is for", name)
		}
	}
}

// Whoever changes what the gate keeps is not believed.
func TestAListThatWasChangedTellsNothing(t *testing.T) {
	newest := func(s *scene, dir, prefix string) string {
		files, err := filepath.Glob(filepath.Join(s.dir, dir, prefix+"*"))
		if err != nil || len(files) != 1 {
			s.t.Fatal(files, err)
		}
		return files[0]
	}
	flip := func(path string) error {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		b[len(b)-1] ^= 1
		return os.WriteFile(path, b, 0o600)
	}
	// All of one release's files in the place of another's, keys too.
	for name, meddle := range map[string]func(s *scene, prefix string) error{
		"the list":         func(s *scene, p string) error { return flip(newest(s, "lists", p)) },
		"its key":          func(s *scene, p string) error { return flip(newest(s, "listkeys", p)) },
		"the list is gone": func(s *scene, p string) error { return os.Remove(newest(s, "lists", p)) },
		"its key is gone":  func(s *scene, p string) error { return os.Remove(newest(s, "listkeys", p)) },
		"the list is a link": func(s *scene, p string) error {
			f := newest(s, "lists", p)
			return errors.Join(os.Rename(f, f+"x"), os.Symlink(f+"x", f))
		},
		"the other one's file and key": func(s *scene, p string) error {
			other := map[string]string{"index-": "incident-", "incident-": "index-"}[p]
			var errs []error
			for _, dir := range []string{"lists", "listkeys"} {
				b, err := os.ReadFile(newest(s, dir, other))
				errs = append(errs, err, os.WriteFile(newest(s, dir, p), b, 0o600))
			}
			return errors.Join(errs...)
		},
	} {
		for _, prefix := range []string{"index-", "incident-"} {
			t.Run(name+", "+prefix, func(t *testing.T) {
				s, g, in := worded(t)
				if err := meddle(s, prefix); err != nil {
					t.Fatal(err)
				}
				var err error
				if prefix == "index-" {
					_, err = s.gate.ReportIncident(ctx, s.signed(s.said(g, narrowed(january(1)))))
				} else {
					_, err = s.read(in.Incident, "carla")
				}
				if problem.Code(err) != "gate.list_changed" {
					t.Fatal(err)
				}
				s.fetchable("gate.incident")
			})
		}
	}
}

func TestARestoredFolderOpensNoList(t *testing.T) {
	s, g, in := worded(t)
	old := s.saved()
	s.left(s.Grant(2))
	s.restored(old)
	if _, err := s.gate.ReportIncident(ctx, s.signed(s.said(g, narrowed(january(1))))); problem.Code(err) != "gate.restored" {
		t.Error(err)
	}
	if _, err := s.read(in.Incident, "carla"); problem.Code(err) != "gate.restored" {
		t.Error(err)
	}
}

// A folder from before an incident does not give the package out again.
func TestAFolderFromBeforeAnIncidentGivesNothingOut(t *testing.T) {
	s := newScene(t)
	daily(s.store, 3)
	g := s.left(s.Grant(1))
	old := s.saved()
	if _, err := s.gate.ReportIncident(ctx, s.signed(s.said(g, narrowed(january(2))))); err != nil {
		t.Fatal(err)
	}
	s.restored(old)
	s.fetchable("gate.restored")
}

func TestAKillWhileAnIncidentIsRecordedLeavesItWholeOrNotAtAll(t *testing.T) {
	for _, c := range []struct {
		at   string
		kept bool
	}{{"list-written", false}, {"incident", true}, {"counter", true}, {"counter-committed", true}, {"incident-logged", true}} {
		t.Run(c.at, func(t *testing.T) {
			t.Parallel()
			v := newVictim(t)
			g := v.left(v.Grant(1))
			word := v.signed(v.said(g, narrowed(january(1))))
			for name, b := range map[string][]byte{"stop": word.Text, "stop.sig": word.Signature} {
				if err := os.WriteFile(filepath.Join(v.base, name), b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			v.gate.Close()
			child := v.child(c.at, "COUNTERSEAL_CHILD_ACT=incident")
			child.Wait()
			if s, ok := child.ProcessState.Sys().(syscall.WaitStatus); !ok || s.Signal() != syscall.SIGKILL {
				t.Fatalf("the child was not killed: %v", child.ProcessState)
			}
			v.open()
			list, err := v.gate.Incidents(ctx)
			if err != nil || (len(list) == 1) != c.kept {
				t.Fatalf("%+v, %v", list, err)
			}
			if !c.kept {
				if lists, err := os.ReadDir(filepath.Join(v.dir, "listkeys")); err != nil || len(lists) != 1 {
					t.Errorf("beside the index is %v, %v", lists, err)
				}
				v.fetchable("")
			}
			in, err := v.gate.ReportIncident(ctx, word)
			if err != nil || !in.Logged || c.kept && in.Incident != list[0].Incident {
				t.Fatalf("the same word again: %+v, %v", in, err)
			}
			v.fetchable("gate.incident")
			if got := v.listed(in); len(got) == 0 || int64(len(got)) != in.Outside {
				t.Errorf("the list has %d of %d", len(got), in.Outside)
			}
		})
	}
}
