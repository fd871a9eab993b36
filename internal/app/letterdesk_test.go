package app_test

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
	"counterseal/internal/web/ui"
)

// unfound is a demand whose only target is no account of ours.
func unfound(t *testing.T) (app.Staff, demand.ID) {
	t.Helper()
	stage, v := nordwind(t)
	id := submit(t, stage, v, 1)
	for _, x := range []struct {
		who demand.Person
		c   demand.Command
	}{{"p-brandt", demand.Resolve{Target: 1}}, {"p-okafor", demand.Check{Target: 1, Resolution: 2}}} {
		if _, err := v.Act(t.Context(), id, x.who, "", x.c); err != nil {
			t.Fatal(err)
		}
	}
	return v, id
}

// formOf is the form that sends a letter as the page would render it.
func formOf(t *testing.T, v app.Staff, reader string, id demand.ID, kind string, stated map[string][]string) staff.LetterSending {
	t.Helper()
	asked := staff.LetterAsked{Demand: string(id), Kind: kind, Stated: stated}
	l, err := v.Letter(t.Context(), reader, asked)
	if err != nil || l.Lacks != nil {
		t.Fatal(err, l.Lacks)
	}
	asked.Wording, asked.Written = l.Wording, l.Written
	return staff.LetterSending{LetterAsked: asked, Seen: l.Seen, Command: act(id, 0, nil).Command}
}

// gone is what a demand has of letters: messages, events, and files in the spool.
func gone(t *testing.T, v app.Staff, id demand.ID) (messages, events, spooled int) {
	t.Helper()
	c, err := v.Docket.State(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(v.Folder.Spool())
	if err != nil {
		t.Fatal(err)
	}
	return len(c.State.Thread), int(c.State.Last), len(files)
}

func TestEveryLetterHasWordsAndTakesWhatItsFieldsSay(t *testing.T) {
	w := ui.WordsFor("en")
	v, id := unfound(t)
	for _, kind := range app.AnswerKinds {
		if !w.Has(ui.Letters, kind) || w.Hint("letter", kind) == "" {
			t.Errorf("the letter %s has no words", kind)
		}
		l, err := v.Letter(t.Context(), "p-okafor", staff.LetterAsked{Demand: string(id), Kind: kind})
		if err != nil {
			t.Fatal(kind, err)
		}
		var names []string
		for _, f := range l.Fields {
			names = append(names, f.Name)
			if w.Label("letter."+kind, f.Name) == f.Name {
				t.Errorf("field %s of %s has no words", f.Name, kind)
			}
		}
		var want []string
		for _, f := range app.AnswerTakes(kind) {
			want = append(want, f.Name)
		}
		if d := cmp.Diff(want, names); d != "" {
			t.Error(kind, d)
		}
		if (l.Lacks == nil) == (l.Wording == "") || l.Lacks != nil && (problem.Of(l.Lacks).Remedy == "" || problem.Of(l.Lacks).Message == "") {
			t.Errorf("%s: lacks %v, and is %q", kind, l.Lacks, l.Wording)
		}
	}
	if _, err := v.Letter(t.Context(), "p-okafor", staff.LetterAsked{Demand: string(id), Kind: "billet"}); problem.Of(err).Kind != problem.Missing {
		t.Error(err)
	}
}

func TestTheLettersThatTheRecordPointsToComeFirst(t *testing.T) {
	v, id := unfound(t)
	fit := func() []string {
		k, err := v.LetterKinds(t.Context(), "p-okafor", string(id))
		if err != nil || len(k.Fit)+len(k.Other) != len(app.AnswerKinds) {
			t.Fatal(err, k)
		}
		var out []string
		for _, x := range k.Fit {
			out = append(out, x.Kind)
		}
		return out
	}
	if got := fit(); !slices.Equal(got, []string{"acknowledgement", "no-records"}) {
		t.Error(got)
	}
	if _, err := v.Act(t.Context(), id, "p-okafor", "elsewhere", demand.DecideLine{Line: 1, Decision: demand.Redirect}); err != nil {
		t.Fatal(err)
	}
	if got := fit(); !slices.Contains(got, "redirect") || slices.Contains(got, "rejection") {
		t.Error(got)
	}
}

func TestALetterIsSentOnceHoweverManySendTheForm(t *testing.T) {
	v, id := unfound(t)
	s := formOf(t, v, "p-okafor", id, "no-records", nil)
	_, before, _ := gone(t, v, id)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			n, err := v.SendLetter(t.Context(), "p-okafor", s)
			if n != 1 || err != nil {
				t.Errorf("message %d, %v", n, err)
			}
		})
	}
	wg.Wait()
	if m, e, f := gone(t, v, id); m != 1 || e != before+1 || f != 1 {
		t.Errorf("%d messages, %d events, %d letters", m, e-before, f)
	}
	// It is not proposed again, its page says that it has gone, and so does a command.
	k, err := v.LetterKinds(t.Context(), "p-okafor", string(id))
	i := slices.IndexFunc(k.Other, func(x staff.LetterKind) bool { return x.Kind == "no-records" })
	if err != nil || i < 0 || k.Other[i].Message != 1 || k.Other[i].Sent.IsZero() {
		t.Errorf("%+v, %v", k, err)
	}
	l, err := v.Letter(t.Context(), "p-okafor", staff.LetterAsked{Demand: string(id), Kind: "no-records"})
	if err != nil || l.Message != 1 {
		t.Errorf("%+v, %v", l, err)
	}
	if err := v.NotSentBefore(t.Context(), "p-okafor", id, "no-records"); problem.Code(err) != "letter.sent_before" {
		t.Error(err)
	}
	if err := v.NotSentBefore(t.Context(), "p-okafor", id, "redirect"); err != nil {
		t.Error(err)
	}
	// Nobody has changed a word, so nothing is noted of a change, whenever it goes.
	n, err := v.Docket.State(t.Context(), demand.NotesOf(id))
	if err == nil && len(n.State.Notes) > 0 {
		t.Error("a letter that nobody edited is noted as edited", n.State.Notes)
	}
	// The record has moved on: the same form is still that letter, another is none.
	if _, err := v.Act(t.Context(), id, "p-okafor", "", demand.NoteCost{What: "search", Minor: 1, Currency: "EUR", State: "noted"}); err != nil {
		t.Fatal(err)
	}
	if n, err := v.SendLetter(t.Context(), "p-okafor", s); n != 1 || err != nil {
		t.Errorf("message %d, %v", n, err)
	}
	other := s
	other.Wording += "\nIn other words.\n"
	for reader, x := range map[string]staff.LetterSending{"p-okafor": other, "p-brandt": s} {
		if _, err := v.SendLetter(t.Context(), reader, x); problem.Code(err) != "staff.changed" {
			t.Errorf("by %s from an older page: %v", reader, err)
		}
	}
	if m, _, f := gone(t, v, id); m != 1 || f != 1 {
		t.Errorf("%d messages, %d letters", m, f)
	}
}

func TestOfTwoLettersFromTheSamePageOneGoes(t *testing.T) {
	v, id := unfound(t)
	forms := []staff.LetterSending{formOf(t, v, "p-okafor", id, "no-records", nil), formOf(t, v, "p-okafor", id, "acknowledgement", nil)}
	codes := make([]string, len(forms))
	var wg sync.WaitGroup
	for i, s := range forms {
		wg.Go(func() {
			_, err := v.SendLetter(t.Context(), "p-okafor", s)
			codes[i] = problem.Code(err)
		})
	}
	wg.Wait()
	slices.Sort(codes)
	if m, _, f := gone(t, v, id); m != 1 || f != 1 || !slices.Equal(codes, []string{"", "staff.changed"}) {
		t.Errorf("%d messages, %d letters, %q", m, f, codes)
	}
}

func TestALetterIsSentByWhoHoldsASeatOnTheDayOnWhichItWasWritten(t *testing.T) {
	v, id := unfound(t)
	s := formOf(t, v, "p-okafor", id, "no-records", nil)
	for _, reader := range []string{app.Onlooker, "", "p-nobody"} {
		l, err := v.Letter(t.Context(), reader, s.LetterAsked)
		if err != nil || l.MaySend || l.Wording == "" {
			t.Errorf("%q reads %v, may send %v", reader, err, l.MaySend)
		}
		if _, err := v.SendLetter(t.Context(), reader, s); problem.Code(err) != "app.roster" {
			t.Errorf("by %q: %v", reader, err)
		}
	}
	for _, at := range []time.Time{s.Written.Add(-48 * time.Hour), s.Written.Add(time.Hour)} {
		old := s
		old.Written = at
		if _, err := v.SendLetter(t.Context(), "p-okafor", old); problem.Code(err) != "letter.stale" {
			t.Errorf("written at %v: %v", at, err)
		}
	}
	if m, _, f := gone(t, v, id); m != 0 || f != 0 {
		t.Errorf("%d messages, %d letters", m, f)
	}
}

func TestWhatCounselChangedIsNotedAndWhatTheLetterRestsOnStays(t *testing.T) {
	v, id := unfound(t)
	stated := map[string][]string{"say": {" A ground of ours. \r\n\r\nAnother."}, "language": {"de"}}
	s := formOf(t, v, "p-okafor", id, "rejection", stated)
	s.Wording = strings.Replace(s.Wording, "Another.", "A third.", 1)
	l, err := v.Letter(t.Context(), "p-okafor", s.LetterAsked)
	if err != nil || len(l.Grounds) != 2 || l.Grounds[0].Rule != "" || l.Grounds[0].Href != "/demand/"+string(id)+"#document" || l.Language != "de" {
		t.Errorf("%v %+v", err, l.Grounds)
	}
	if _, err := v.SendLetter(t.Context(), "p-okafor", s); err != nil {
		t.Fatal(err)
	}
	n, err := v.Docket.State(t.Context(), demand.NotesOf(id))
	if err != nil || len(n.State.Notes) != 1 || !strings.Contains(n.State.Notes[0].Text, "A third.") {
		t.Error(err)
	}
	d, err := v.Demand(t.Context(), "p-okafor", string(id))
	if err != nil || !cmp.Equal(d.Letters, []staff.SentLetter{{Message: 1, Kind: "rejection", To: d.Instrument.Agency, By: "post"}}) {
		t.Errorf("%v %+v", err, d.Letters)
	}
	bad := s.LetterAsked
	bad.Wording = "no title"
	l, err = v.Letter(t.Context(), "p-okafor", bad)
	if err != nil || problem.Code(l.Wrong) != "notice.edit" || l.Wording != bad.Wording {
		t.Error(err, l.Wrong)
	}
}
