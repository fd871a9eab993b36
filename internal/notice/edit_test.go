package notice_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"counterseal/internal/notice"
	"counterseal/internal/problem"
)

func TestCounselsWordingIsKeptBesideTheDraftAndIsWhatIsSent(t *testing.T) {
	d := write(t, sample(t, "en")["rejection"])
	wording := strings.Replace(d.Wording, "We waive no objection.", "We reserve every right.\u202e", 1)
	e, err := notice.NewEdit(d, wording, "P. Brandt", utc(2026, 10, 1, 9, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Render()
	if err != nil {
		t.Fatal(err)
	}
	if text := words(string(r.Text)); !strings.Contains(text, "We reserve every right.") || strings.Contains(text, "We waive") || strings.ContainsAny(text, string(bidi)) {
		t.Errorf("%s", r.Text)
	}
	var changed []notice.Change
	for _, c := range e.Diff() {
		if c.Op != notice.Same {
			changed = append(changed, c)
		}
	}
	cure := "If you think that we are mistaken, or can cure the defect, write to us. "
	want := []notice.Change{{Op: notice.Removed, Text: cure + "We waive no objection."}, {Op: notice.Added, Text: cure + "We reserve every right."}}
	if diff := cmp.Diff(want, changed); diff != "" {
		t.Error(diff)
	}
	if cmp.Diff(d, e.Draft) != "" {
		t.Error("the draft has changed")
	}
}

func TestAnUntouchedDraftHasNoDifference(t *testing.T) {
	each(t, func(t *testing.T, _, _ string, l notice.Letter) {
		d := write(t, l)
		e, err := notice.NewEdit(d, d.Wording, "P. Brandt", utc(2026, 10, 1, 9, 0, 0))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range e.Diff() {
			if c.Op != notice.Same {
				t.Errorf("%+v", c)
			}
		}
	})
}

func TestTheDifferenceLeadsFromDraftToEditAndBack(t *testing.T) {
	lines := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d e"}), 1, 12)
	rapid.Check(t, func(t *rapid.T) {
		wording := func(label string) string {
			return "# t\n\n" + strings.Join(lines.Draw(t, label), "\n\n") + "\n"
		}
		d := notice.Draft{Language: "en", Wording: wording("draft")}
		e, err := notice.NewEdit(d, wording("edit"), "P. Brandt", utc(2026, 10, 1, 9, 0, 0))
		if err != nil {
			t.Fatal(err)
		}
		var before, after []string
		for _, c := range e.Diff() {
			if c.Op != notice.Added {
				before = append(before, c.Text)
			}
			if c.Op != notice.Removed {
				after = append(after, c.Text)
			}
		}
		if strings.Join(before, "\n") != d.Wording || strings.Join(after, "\n") != e.Wording {
			t.Fatalf("%v", e.Diff())
		}
	})
}

func TestAnEditWithoutTitleSentenceOrPersonIsRefused(t *testing.T) {
	d := write(t, sample(t, "en")["rejection"])
	at := utc(2026, 10, 1, 9, 0, 0)
	for wording, by := range map[string]string{
		"": "P", "no title": "P", "# title alone": "P", "# one\n\n# two\n\ntext": "P", "text\n\n# title": "P", "# t\n\n- only\n- a list": "P", d.Wording: " \u202e",
		"# t\n\n" + strings.Repeat("x", notice.MaxWording): "P", "# t\n\n" + strings.Repeat("x\n", notice.MaxWordingLines): "P",
	} {
		if _, err := notice.NewEdit(d, wording, by, at); problem.Code(err) != "notice.edit" {
			t.Errorf("%.20q: got %v", wording, err)
		}
	}
	if _, err := notice.NewEdit(d, d.Wording, "P", utc(1, 1, 1, 0, 0, 0)); problem.Code(err) != "notice.edit" {
		t.Errorf("got %v", err)
	}
}

func FuzzEdit(f *testing.F) {
	for _, s := range append(hostileNames, "# t\n\ntext", "# t\n\n- a\n\n## h\n\ntext\n\n\n\n", "# 0\n\n#\n0", "# 0\n\n##\n\n00", "# t\n\ntext\n\n-\nb\n\n##\nc\nd") {
		f.Add(s)
	}
	d := notice.Draft{Language: "de", Wording: "# t\n\ntext\n"}
	f.Fuzz(func(t *testing.T, wording string) {
		e, err := notice.NewEdit(d, wording, "P", utc(2026, 10, 1, 9, 0, 0))
		if err != nil {
			return
		}
		if strings.ContainsAny(e.Wording, string(bidi)) || strings.ContainsAny(e.Wording, "\x00\r\u2028\u2029") {
			t.Fatalf("%q", e.Wording)
		}
		again, err := notice.NewEdit(d, e.Wording, "P", utc(2026, 10, 1, 9, 0, 0))
		if err != nil || again.Wording != e.Wording {
			t.Fatalf("%q became %q, %v", e.Wording, again.Wording, err)
		}
	})
}
