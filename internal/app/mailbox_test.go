package app_test

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"
	"time"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/demo"
	"counterseal/internal/problem"
)

const desk = "desk@thamesford-police.example"

func letterFrom(address, id string) []byte {
	return []byte("From: <" + address + ">\nTo: <legal@nordwind.example>\nSubject: " + id + "\nDate: Mon, 14 Sep 2026 09:31:04 +0100\nMessage-ID: <" + id + "@x.example>\n\nPlease answer.\n")
}

func held(t *testing.T, o *app.Office, id demand.ID) bool {
	t.Helper()
	c, err := o.Docket.State(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return c.State.HeldFor("flagged mailbox")
}

func takeMail(t *testing.T, o *app.Office, address, id string) demand.ID {
	t.Helper()
	r, err := o.TakeUnread(t.Context(), "mail", id+".eml", letterFrom(address, id), "door:mail")
	if err != nil {
		t.Fatal(err)
	}
	return r.Demand
}

func TestAFlaggedMailboxHoldsWhatCameFromItAndWhatComes(t *testing.T) {
	stage, o := openStage(t)
	before, other := takeMail(t, o, desk, "one"), takeMail(t, o, "front@thamesford-police.example", "two")
	sealed := takeMail(t, o, desk, "three")
	opened, err := o.Do(t.Context(), demo.Counsel, "case.open", "", "", map[string]string{"why": "staff are named in it", "members": demo.Counsel})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Do(t.Context(), demo.Counsel, "case.seal", sealed, "", map[string]string{"case": string(opened.ID)}); err != nil {
		t.Fatal(err)
	}

	now, err := o.FlagMailbox(t.Context(), demo.Reviewer, "gb-thamesford", desk, "not theirs")
	if err != nil {
		t.Fatal(err)
	}
	if len(now) != 1 || now[0] != before {
		t.Errorf("the reviewer is told of %v, want %s alone: the other is sealed", now, before)
	}
	after := takeMail(t, o, strings.ToUpper(desk[:1])+desk[1:], "four")
	for id, want := range map[demand.ID]bool{before: true, sealed: true, after: true, other: false} {
		if held(t, o, id) != want {
			t.Errorf("%s is held: %v", id, !want)
		}
	}
	text, err := os.ReadFile(stage.Folder.Agencies())
	if err != nil || !strings.Contains(string(text), desk) {
		t.Errorf("the flag is not in agencies.toml: %v", err)
	}
	if again, err := o.FlagMailbox(t.Context(), demo.Reviewer, "gb-thamesford", "@thamesford-police.example", "all of it"); err != nil || len(again) != 1 || again[0] != other {
		t.Errorf("the whole domain: %v, %v", again, err)
	}
}

func TestWhoIsNotOnTheRosterFlagsNoMailbox(t *testing.T) {
	_, o := openStage(t)
	for name, c := range map[string]struct{ who, agency, mailbox, code string }{
		"the engineer":    {demo.Engineer, "gb-thamesford", desk, "app.roster"},
		"nobody's agency": {demo.Reviewer, "gb-nowhere", desk, "authority.unknown"},
		"no mailbox":      {demo.Reviewer, "gb-thamesford", "the desk", "authority.flag"},
	} {
		if _, err := o.FlagMailbox(t.Context(), c.who, c.agency, c.mailbox, "why"); problem.Code(err) != c.code {
			t.Errorf("%s: got %v, want %s", name, err, c.code)
		}
	}
	if _, flagged := o.Agencies.Held(desk, o.Clock.Now().Add(time.Hour)); flagged {
		t.Error("a flag was set all the same")
	}
}

// A second process flags it; this one hears of it on its next round.
func TestAFlagOfAnotherProcessHoldsAtThisDoor(t *testing.T) {
	stage, o := openStage(t)
	beside, err := app.Open(t.Context(), stage.Folder, app.Options{Desk: o.Desk()})
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	if _, err := beside.FlagMailbox(t.Context(), demo.Reviewer, "gb-thamesford", desk, "not theirs"); err != nil {
		t.Fatal(err)
	}
	o.Clock.Advance(time.Second)
	if err := o.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !held(t, o, takeMail(t, o, desk, "five")) {
		t.Error("what came after the other process's flag is not held")
	}
	if err := os.WriteFile(stage.Folder.Agencies(), []byte("[[agency]]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := o.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, known := o.Agencies.Agency("gb-thamesford"); !known {
		t.Error("a file that is not right took the agencies away")
	}
}

func TestACallBackIsRecordedOnAContactOnFileAlone(t *testing.T) {
	_, o := openStage(t)
	id := takeMail(t, o, desk, "six")
	_, err := o.Do(t.Context(), demo.Reviewer, "demand.read", id, "", map[string]string{"kind": "data", "emergency": "yes", "instrument": "emergency_request", "title": "T", "agency": "gb-thamesford"})
	if err != nil {
		t.Fatal(err)
	}
	call := func(contact string) error {
		_, err := o.Do(t.Context(), demo.Reviewer, "callback.record", id, "", map[string]string{"contact": contact, "reached": "somebody", "at": "2013-06-07 12:00", "answer": "confirmed"})
		return err
	}
	if err := call("+44 20 7946 0199"); problem.Code(err) != "callback.not_on_file" {
		t.Errorf("the number in the letter: %v", err)
	}
	if err := call("+44-20-7946-0102"); err != nil {
		t.Errorf("the control room: %v", err)
	}
}

// freshStage is the demo's folder before there is a charter, opened.
func freshStage(t *testing.T) (*demo.Stage, *app.Office) {
	t.Helper()
	stage, err := demo.NewStage(t.TempDir(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	o, err := app.Open(t.Context(), stage.Folder, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return stage, o
}

// openStage is the demo's folder after its ceremony.
func openStage(t *testing.T) (*demo.Stage, *app.Office) {
	t.Helper()
	stage, o := freshStage(t)
	if err := demo.Ceremony(context.WithoutCancel(t.Context()), stage, o); err != nil {
		t.Fatal(err)
	}
	return stage, o
}
