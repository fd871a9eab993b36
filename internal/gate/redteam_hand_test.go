package gate_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// brought takes an export to the gate.
func (s *scene) brought(person string, e grant.Export, files []byte) error {
	m := s.Manifest(person, e)
	if _, err := s.gate.AnnounceExport(ctx, m); err != nil {
		return err
	}
	_, err := s.gate.BringExport(ctx, m.Digest().String(), bytes.NewReader(files))
	return err
}

// byHand goes the whole way with an export that was changed before it came, and
// after it was approved.
func byHand(change func(s *scene, e *grant.Export, g *grant.Grant), after func(s *scene, files string)) func(*scene) error {
	return func(s *scene) error {
		e, files := s.Collected()
		var g grant.Grant
		change(s, &e, &g)
		if err := s.brought(e.Collector, e, files); err != nil {
			return err
		}
		g = s.HandGrant(1, e)
		change(s, &grant.Export{}, &g)
		if err := s.ready(g); err != nil {
			return err
		}
		after(s, filepath.Join(s.dir, "exports", g.Export.Manifest.String(), "files"))
		_, err := s.gate.Release(ctx, g.Digest().String())
		return err
	}
}

func asItIs(*scene, *grant.Export, *grant.Grant) {}
func untouched(*scene, string)                   {}

// meddled changes the kept files once they are approved.
func meddled(with func(files string) error) func(*scene) error {
	return byHand(asItIs, func(s *scene, files string) {
		if err := with(files); err != nil {
			s.t.Fatal(err)
		}
	})
}

// named is an export whose last file has another name.
func named(name string) func(*scene) error {
	return func(s *scene) error {
		e, _ := s.Collected()
		text, err := e.Bytes()
		if err != nil {
			s.t.Fatal(err)
		}
		text = bytes.Replace(text, []byte("sent.mbox"), []byte(name), 1)
		_, err = s.gate.AnnounceExport(ctx, grant.Signed{Text: text, Signature: s.Sign("emil", signature.Export, text)})
		return err
	}
}

var handAttacks = []attack{
	// What was approved is what leaves.
	{name: "a file of an export is swapped after approval", code: "gate.export_changed", without: "export-whole", then: "gate.export_changed", run: meddled(func(files string) error {
		return os.WriteFile(filepath.Join(files, "3"), bytes.Repeat([]byte("x"), 3000), 0o600)
	})},
	{name: "two files of an export are exchanged", code: "gate.export_changed", without: "export-whole", then: "gate.export_changed", run: meddled(func(files string) error {
		return errorsOf(os.Rename(filepath.Join(files, "1"), filepath.Join(files, "9")), os.Rename(filepath.Join(files, "3"), filepath.Join(files, "1")), os.Rename(filepath.Join(files, "9"), filepath.Join(files, "3")))
	})},
	{name: "a file is added to an export", code: "gate.export_changed", without: "export-whole", run: meddled(func(files string) error {
		return os.WriteFile(filepath.Join(files, "4"), []byte("more"), 0o600)
	})},
	{name: "a file grows by a byte", code: "gate.export_changed", without: "export-whole", then: "gate.export_changed", run: meddled(func(files string) error {
		f, err := os.OpenFile(filepath.Join(files, "3"), os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return err
		}
		_, err = f.WriteString("x")
		return errorsOf(err, f.Close())
	})},
	{name: "the last file of an export is removed", code: "gate.export_changed", without: "export-whole", then: "gate.export_changed", run: meddled(func(files string) error { return os.Remove(filepath.Join(files, "3")) })},
	{name: "a file of an export is renamed", code: "gate.export_changed", without: "export-whole", then: "gate.export_changed", run: meddled(func(files string) error {
		return os.Rename(filepath.Join(files, "3"), filepath.Join(files, "03"))
	})},
	{name: "a link lies in the place of a file, with the same content behind it", code: "gate.export_changed", without: "export-whole", then: "gate.export_changed", run: meddled(func(files string) error {
		return errorsOf(os.Rename(filepath.Join(files, "3"), filepath.Join(files, "..", "moved")), os.Symlink("../moved", filepath.Join(files, "3")))
	})},
	{name: "the manifest is exchanged in the folder, before a restart", code: "gate.export_changed", without: "export", then: "gate.export_changed", run: func(s *scene) error {
		return byHand(asItIs, func(s *scene, files string) {
			other, _ := s.Collected()
			other.How = "another way"
			if err := os.WriteFile(filepath.Join(files, "..", "manifest.txt"), s.Manifest("emil", other).Text, 0o600); err != nil {
				s.t.Fatal(err)
			}
			s.reopen()
		})(s)
	}},
	{name: "a file is swapped between the checks and the package", code: "gate.export_changed", run: func(s *scene) error {
		s.gate.SetHook(func(kind string) {
			if kind == "collecting" {
				files, err := filepath.Glob(filepath.Join(s.dir, "exports", "*", "files", "3"))
				if err != nil || len(files) != 1 || os.WriteFile(files[0], bytes.Repeat([]byte("x"), 3000), 0o600) != nil {
					s.t.Error("nothing was swapped", err)
				}
			}
		})
		return byHand(asItIs, untouched)(s)
	}},

	// What the grant says of it.
	{name: "an export of another demand", code: "gate.export_other_demand", without: "export", run: byHand(func(_ *scene, e *grant.Export, g *grant.Grant) { e.Demand = "m2fd-10" }, untouched)},
	{name: "a grant that makes an export look smaller", code: "gate.export_differs", without: "export", run: byHand(func(_ *scene, _ *grant.Export, g *grant.Grant) { g.Export.Files = 1 }, untouched)},
	{name: "a grant that names another collector", code: "gate.export_differs", without: "export", run: byHand(func(_ *scene, _ *grant.Export, g *grant.Grant) { g.Export.Collector = "dan" }, untouched)},
	{name: "an export that covers more than the grant collects", code: "gate.export_scope", without: "export", run: byHand(func(_ *scene, _ *grant.Export, g *grant.Grant) {
		if g.ID != "" {
			week := gatetest.Mail("acct-a1")
			week.Until = week.From.AddDate(0, 0, 7)
			g.Scope = scopeOf(week)
		}
	}, untouched)},
	{name: "a grant by hand without an export", code: "gate.export_missing", without: "export", then: "gate.export_missing", run: func(s *scene) error {
		e, _ := s.Collected()
		_, err := s.released(s.HandGrant(1, e))
		return err
	}},
	{name: "an export that is planted in the folder", code: "gate.export_missing", run: func(s *scene) error {
		e, files := s.Collected()
		m := s.Manifest("emil", e)
		dir := filepath.Join(s.dir, "exports", m.Digest().String())
		err := errorsOf(os.MkdirAll(filepath.Join(dir, "files"), 0o700), os.WriteFile(filepath.Join(dir, "manifest.txt"), m.Text, 0o600), os.WriteFile(filepath.Join(dir, "manifest.sig"), m.Signature, 0o600))
		for i := range 3 {
			err = errorsOf(err, os.WriteFile(filepath.Join(dir, "files", string(rune('1'+i))), files[3000*i:3000*(i+1)], 0o600))
		}
		if err != nil {
			s.t.Fatal(err)
		}
		s.reopen()
		_, err = s.released(s.HandGrant(1, e))
		return err
	}},
	{name: "a grant that claims the gate's filter for an export", code: "canon.text", run: func(s *scene) error {
		e, files := s.Collected()
		if err := s.brought("emil", e, files); err != nil {
			return err
		}
		text := bytes.Replace(gatetest.Text(s.HandGrant(1, e)), []byte("collection: by-hand"), []byte("collection: gate"), 1)
		_, err := s.gate.Offer(ctx, gate.Offer{Text: text, Document: s.Order})
		return err
	}},
	{name: "an export that has left", code: "gate.export_used", without: "export", then: "gate.export_used", visible: 1, run: func(s *scene) error {
		if err := byHand(asItIs, untouched)(s); err != nil {
			s.t.Fatal(err)
		}
		e, _ := s.Collected()
		_, err := s.released(s.HandGrant(2, e))
		return err
	}},
	{name: "an export that has left is brought again", code: "gate.export_used", visible: 1, run: func(s *scene) error {
		if err := byHand(asItIs, untouched)(s); err != nil {
			s.t.Fatal(err)
		}
		s.reopen()
		e, files := s.Collected()
		return s.brought("emil", e, files)
	}},

	// Who brings it, and where.
	{name: "an upload by nobody", code: "export.not_on_roster", run: func(s *scene) error {
		e, files := s.Collected()
		return s.brought("outsider", e, files)
	}},
	{name: "an upload in another's name", code: "export.other_person", run: func(s *scene) error {
		e, files := s.Collected()
		return s.brought("dan", e, files)
	}},
	{name: "an upload that nobody announced", code: "gate.export_unannounced", run: func(s *scene) error {
		_, err := s.gate.BringExport(ctx, strings.Repeat("ab", 32), strings.NewReader("x"))
		return err
	}},
	{name: "files that the manifest does not name", code: "export.content", run: func(s *scene) error {
		e, files := s.Collected()
		return s.brought("emil", e, append(files, 'x'))
	}},
	{name: "an upload that is cut short", code: "export.content", run: func(s *scene) error {
		e, files := s.Collected()
		return s.brought("emil", e, files[:len(files)-1])
	}},
	{name: "the last byte of an upload is another", code: "export.content", run: func(s *scene) error {
		e, files := s.Collected()
		files[len(files)-1] ^= 1
		return s.brought("emil", e, files)
	}},
	{name: "an export for another gate", code: "export.other_gate", run: byHand(func(_ *scene, e *grant.Export, _ *grant.Grant) { e.Gate = "gate-2" }, untouched)},
	{name: "an export of an account that another region keeps", code: "grant.account_region", run: func(s *scene) error {
		e, files := s.Collected()
		e.Covers = scopeOf(gatetest.Mail("acct-us"))
		for i := range e.Files {
			e.Files[i].Account = "acct-us"
		}
		return s.brought("emil", e, files)
	}},
	{name: "more bytes than the policy allows", code: "export.cap", run: func(s *scene) error {
		e, files := s.Collected()
		e.Files[2].Size = 65 << 20
		return s.brought("emil", e, files)
	}},
	{name: "more bytes than the grant by hand allows", code: "grant.export_cap", without: "grant: by-hand", then: "gate.cap", run: byHand(func(_ *scene, _ *grant.Export, g *grant.Grant) { g.ByteCap = 8999 }, untouched)},
	{name: "the policy bars exports by hand since the upload", code: "grant.by_hand_barred", without: "grant: by-hand", run: barring("mail")},
	{name: "the policy bars exports by hand in this region", code: "grant.by_hand_barred", without: "grant: by-hand", run: barring("ie/mail,us/calls")},
	{name: "an export where the policy bars everything by hand", code: "grant.by_hand_barred", run: func(s *scene) error {
		p := *s.First.Policy
		p.NotByHand = "everything"
		if _, err := s.statement(grant.Statement{Policy: &p}, "anna", "bo", "carla"); err != nil {
			s.t.Fatal(err)
		}
		e, files := s.Collected()
		return s.brought("emil", e, files)
	}},
	{name: "the collector is removed after the upload", code: "grant.collector", without: "grant: by-hand", run: func(s *scene) error {
		e, files := s.Collected()
		e.Collector = "dan"
		if err := s.brought("dan", e, files); err != nil {
			return err
		}
		if _, err := s.statement(grant.Statement{Removed: []string{"dan"}}, "anna"); err != nil {
			return err
		}
		g := s.HandGrant(1, e)
		g.Charter = s.gate.Charter().Head
		_, err := s.released(g)
		return err
	}},
	{name: "the collector approves", code: "approval.collector", run: func(s *scene) error {
		e, files := s.Collected()
		e.Collector = "bo"
		if err := s.brought("bo", e, files); err != nil {
			return err
		}
		_, err := s.released(s.HandGrant(1, e))
		return err
	}},
	{name: "one approver of an export", code: "grant.approvals_missing", without: "grant: approvals", run: func(s *scene) error {
		e, files := s.Collected()
		if err := s.brought("emil", e, files); err != nil {
			return err
		}
		g := s.HandGrant(1, e)
		if err := errorsOf(s.offered(g), s.approved(g, "anna")); err != nil {
			return err
		}
		if _, err := s.gate.InForce(ctx, s.InForce("carla", g)); err != nil {
			return err
		}
		_, err := s.gate.Release(ctx, g.Digest().String())
		return err
	}},
	{name: "a stop while an export is put into the package", code: "gate.stopped", without: "stops", run: func(s *scene) error {
		stopped := false
		s.gate.SetHook(func(kind string) {
			if kind == "collecting" && !stopped {
				stopped = true
				go func() {
					if err := stopBy("dan", "demand k7wq-93")(s); err != nil {
						s.t.Error(err)
					}
				}()
			}
		})
		s.docket.before = func() { // at the latest
			for range 1000 {
				if stops, err := s.gate.Stops(ctx); err != nil || len(stops) == 1 {
					return
				}
				time.Sleep(time.Millisecond)
			}
		}
		return byHand(asItIs, untouched)(s)
	}},

	// Names.
	{name: "a name that leaves its folder", code: "export.name", run: named("../../record")},
	{name: "a name from the root", code: "export.name", run: named("/etc/passwd")},
	{name: "a name with a backslash", code: "export.name", run: named(`..\record`)},
	{name: "a name with a zero byte", code: "canon.value", run: named("sent\x00.mbox")},
	{name: "a name of four kilobytes", code: "export.name", run: named(strings.Repeat("s", 4096))},
	{name: "a name that is not UTF-8", code: "canon.value", run: named("sent\xff.mbox")},
	{name: "a name that turns the direction of text", code: "canon.value", run: named("sent\u202exobm.eml")},
	{name: "two names that differ by case", code: "export.name_twice", run: twoNames("a/STRASSE.eml", "a/straße.eml")},
	{name: "two names that differ by composition", code: "export.name_twice", run: twoNames("a/cafe\u0301.eml", "a/caf\u00e9.eml")},
	{name: "one name twice", code: "export.name_twice", run: twoNames("a/x.eml", "a/x.eml")},
}

// twoNames is an export whose first two files have these names.
func twoNames(a, b string) func(*scene) error {
	return func(s *scene) error {
		e, _ := s.Collected()
		e.Files[0].Name, e.Files[1].Name = "a/0001", "a/0002"
		text, err := e.Bytes()
		if err != nil {
			s.t.Fatal(err)
		}
		text = bytes.Replace(bytes.Replace(text, []byte("a/0001"), []byte(a), 1), []byte("a/0002"), []byte(b), 1)
		_, err = s.gate.AnnounceExport(ctx, grant.Signed{Text: text, Signature: s.Sign("emil", signature.Export, text)})
		return err
	}
}

// barring changes the policy between an upload and its release.
func barring(bars string) func(*scene) error {
	return func(s *scene) error {
		e, files := s.Collected()
		if err := s.brought("emil", e, files); err != nil {
			return err
		}
		p := *s.First.Policy
		p.NotByHand = bars
		if _, err := s.statement(grant.Statement{Policy: &p}, "anna", "bo", "carla"); err != nil {
			s.t.Fatal(err)
		}
		g := s.HandGrant(1, e)
		g.Charter = s.gate.Charter().Head
		_, err := s.released(g)
		return err
	}
}

func errorsOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestAnExportByHandLeavesAsItWasApprovedAndSaysThatNobodyFilteredIt(t *testing.T) {
	s := newScene(t)
	e, files := s.Collected()
	if err := s.brought("emil", e, files); err != nil {
		t.Fatal(err)
	}
	if list, err := s.gate.Exports(ctx); err != nil || len(list) != 1 || !list[0].Kept || list[0].Files != 3 || list[0].Bytes != 9000 {
		t.Fatalf("%+v, %v", list, err)
	}
	g := s.HandGrant(1, e)
	if !strings.Contains(string(gatetest.Text(g)), "\nnot-gate-filtered: 3 files with 9000 bytes, collected by hand by emil on ") {
		t.Errorf("the approvers are not told:\n%s", gatetest.Text(g))
	}
	s.mustReady(g)
	s.reopen() // between upload and release
	st, err := s.gate.Status(ctx, "g-1")
	if err != nil || st.Collection != "by-hand" || st.Production != "first" || len(st.Obstacles) != 0 || st.Export != g.Export.Manifest.String() {
		t.Fatalf("%+v, %v", st, err)
	}
	out, err := s.gate.Release(ctx, "g-1")
	if err != nil || out.Items != 3 || out.Bytes != 9000 || out.Withheld != 0 || out.Collection != "by-hand" {
		t.Fatalf("%+v, %v", out, err)
	}
	r := s.verified("k7wq-93_g-1", s.Agency)
	if !r.Complete || r.Release.Filtered != release.ByHand || s.store.Asked() != 0 {
		t.Fatalf("%+v; the store was asked %d times", r, s.store.Asked())
	}
	if !slices.ContainsFunc(r.Steps, func(st verifyStep) bool { return strings.Contains(st.Words, "Not gate-filtered") }) {
		t.Errorf("the check does not say it: %+v", r.Steps)
	}
	// The plain export is gone, and the same release again gives the same answer.
	if left, err := filepath.Glob(filepath.Join(s.dir, "exports", "*")); err != nil || len(left) != 0 {
		t.Errorf("left of the export: %v", left)
	}
	s.reopen()
	if again, err := s.gate.Release(ctx, "g-1"); err != nil || again != out {
		t.Errorf("again: %+v, %v", again, err)
	}
	if strings.Contains(s.log.all(), "eml") || strings.Contains(s.log.all(), "acct-") {
		t.Errorf("the log holds names:\n%s", s.log.all())
	}
}

func TestBringingAnExportTwiceChangesNothing(t *testing.T) {
	s := newScene(t)
	e, files := s.Collected()
	if err := s.brought("emil", e, files); err != nil {
		t.Fatal(err)
	}
	m := s.Manifest("emil", e)
	out, err := s.gate.AnnounceExport(ctx, m)
	if err != nil || !out.Kept {
		t.Fatalf("%+v, %v", out, err)
	}
	if _, err := s.gate.BringExport(ctx, m.Digest().String(), unreadable{t}); err != nil {
		t.Fatal(err)
	}
	if list, err := s.gate.Exports(ctx); err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
}

type unreadable struct{ t *testing.T }

func (u unreadable) Read([]byte) (int, error) {
	u.t.Error("the files are read although they are here")
	return 0, io.EOF
}

func TestAnExportThatNobodyReleasesIsRemoved(t *testing.T) {
	s := newScene(t)
	e, files := s.Collected()
	if err := s.brought("emil", e, files); err != nil {
		t.Fatal(err)
	}
	s.Clock.Add(gate.KeepExports + time.Hour)
	other := e
	other.How, other.At = "another way", s.Clock.Now()
	if err := s.brought("emil", other, files); err != nil {
		t.Fatal(err)
	}
	list, err := s.gate.Exports(ctx)
	if err != nil || len(list) != 1 || list[0].How != "another way" {
		t.Fatalf("%+v, %v", list, err)
	}
	if left, err := filepath.Glob(filepath.Join(s.dir, "exports", "*")); err != nil || len(left) != 1 {
		t.Errorf("%v", left)
	}
}

func TestAHandGrantThatWasRefusedLeavesItsExportForTheNext(t *testing.T) {
	s := newScene(t)
	e, files := s.Collected()
	if err := s.brought("emil", e, files); err != nil {
		t.Fatal(err)
	}
	s.docket.refuse = problem.New(problem.Refused, "release.stayed", "a stay stands")
	if _, err := s.released(s.HandGrant(1, e)); problem.Code(err) != "gate.not_permitted" {
		t.Fatal(err)
	}
	s.docket.refuse = nil
	if _, err := s.released(s.HandGrant(2, e)); err != nil {
		t.Fatal(err)
	}
}

// Many bytes pass without being held in memory or lost: an export of an odd size,
// in reads of odd sizes.
func TestALargeExportPassesWholeInAnyReads(t *testing.T) {
	s := newScene(t)
	e, _ := s.Collected()
	body := make([]byte, 5<<20+7)
	if _, err := rand.Read(body); err != nil {
		t.Fatal(err)
	}
	e.Files = []grant.ExportFile{{SHA256: sum(body), Size: int64(len(body)), Account: "acct-a1", Service: scope.Mail, Category: scope.Content, Name: "all.zip"}}
	m := s.Manifest("emil", e)
	if _, err := s.gate.AnnounceExport(ctx, m); err != nil {
		t.Fatal(err)
	}
	if _, err := s.gate.BringExport(ctx, hex.EncodeToString(sumOf(m)), iotestOdd(body)); err != nil {
		t.Fatal(err)
	}
	out, err := s.released(s.HandGrant(1, e))
	if err != nil || out.Bytes != int64(len(body)) {
		t.Fatal(out, err)
	}
	if r := s.verified("k7wq-93_g-1", s.Agency); !r.Complete {
		t.Fatalf("%+v", r)
	}
}
