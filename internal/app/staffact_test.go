package app_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/demo"
	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
)

// nordwind is the demo's folder, opened, with its charter signed.
func nordwind(t *testing.T) (*demo.Stage, app.Staff) {
	t.Helper()
	stage, o := freshStage(t)
	if err := stage.Sign(o.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := o.InitGate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return stage, app.Staff{Office: o}
}

// submit takes in the demo's warrant under a number of its own.
func submit(t *testing.T, stage *demo.Stage, v app.Staff, n int) demand.ID {
	t.Helper()
	form, err := os.ReadFile(stage.Form)
	if err != nil {
		t.Fatal(err)
	}
	order, err := os.ReadFile(stage.Order)
	if err != nil {
		t.Fatal(err)
	}
	number := fmt.Sprintf("13-mj-%04d", n)
	r, err := v.TakeIn(t.Context(), app.Delivery{Channel: "portal", FormName: "demand.toml", Form: strings.NewReader(strings.ReplaceAll(string(form), "13-mj-0417", number)),
		OriginalName: "warrant.txt", Original: bytes.NewReader(bytes.ReplaceAll(order, []byte("13-mj-0417"), []byte(number)))})
	if err != nil {
		t.Fatal(err)
	}
	return r.Demand
}

func act(id demand.ID, seen uint64, d staff.Deed) staff.Act {
	a := staff.Act{Demand: string(id), Seen: seen, Deed: d}
	rand.Read(a.Command[:])
	return a
}

func TestOfManyWhoSawTheSameDemandOneActs(t *testing.T) {
	stage, v := nordwind(t)
	id := submit(t, stage, v, 1)
	var wg sync.WaitGroup
	codes := make([]string, 8)
	for i := range codes {
		wg.Go(func() {
			_, err := v.Do(context.Background(), "p-brandt", act(id, 1, staff.Authenticate{Genuine: i%2 == 0, How: fmt.Sprint("call ", i)}))
			codes[i] = problem.Code(err)
		})
	}
	wg.Wait()
	done := 0
	for _, c := range codes {
		if c == "" {
			done++
		} else if c != "staff.changed" {
			t.Error(c)
		}
	}
	h, err := v.Docket.History(t.Context(), id)
	if err != nil || done != 1 || len(h) != 2 {
		t.Errorf("%d acted, %d events, %v", done, len(h), err)
	}
}

func TestAnActOnADemandThatIsNotThereIsAbsentWhoeverAsks(t *testing.T) {
	_, v := nordwind(t)
	for _, reader := range []string{"p-brandt", app.Onlooker, ""} {
		for _, id := range []demand.ID{"2222-22", "", "../x"} {
			if _, err := v.Do(t.Context(), reader, act(id, 1, staff.Assess{})); problem.Code(err) != "docket.not_found" {
				t.Errorf("%q on %q: %v", reader, id, err)
			}
		}
	}
}

func TestEachDeedAsksForItsSeat(t *testing.T) {
	stage, v := nordwind(t)
	id := submit(t, stage, v, 1)
	for _, d := range []staff.Deed{staff.Authenticate{Genuine: true, How: "x"}, staff.Resolve{Target: 1}, staff.Check{Target: 1}, staff.Assess{}, staff.Decide{Line: 1, Decision: "reject"}, staff.StateNoSecrecy{}} {
		for _, reader := range []string{app.Onlooker, "", "p-nobody", "cli"} {
			if _, err := v.Do(t.Context(), reader, act(id, 1, d)); problem.Code(err) != "app.roster" {
				t.Errorf("%T by %q: %v", d, reader, err)
			}
		}
	}
	for _, d := range []staff.Deed{staff.Decide{Line: 1, Decision: "reject"}, staff.StateNoSecrecy{}} {
		if _, err := v.Do(t.Context(), "p-brandt", act(id, 1, d)); problem.Code(err) != "app.seat" {
			t.Errorf("%T by privacy: %v", d, err)
		}
	}
	if _, err := v.Do(t.Context(), "p-okafor", act(id, 1, staff.StateNoSecrecy{})); err != nil {
		t.Error(err)
	}
}

func TestWithoutACharterANamedPersonActsAndAnOnlookerDoesNot(t *testing.T) {
	stage, err := demo.NewStage(t.TempDir(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(stage.Folder.Config())
	if err != nil {
		t.Fatal(err)
	}
	nobody := regexp.MustCompile(`(?s)\[\[staff\]\].*?\n\n`).ReplaceAll(config, nil)
	if err := os.WriteFile(stage.Folder.Config(), nobody, 0o600); err != nil || bytes.Equal(nobody, config) {
		t.Fatal("the configuration names its staff still", err)
	}
	o, err := app.Open(t.Context(), stage.Folder, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	v := app.Staff{Office: o}
	id := submit(t, stage, v, 1)
	if _, err := v.Do(t.Context(), app.Onlooker, act(id, 1, staff.Assess{})); problem.Code(err) != "app.roster" {
		t.Error(err)
	}
	if _, err := v.Do(t.Context(), "ann", act(id, 1, staff.Assess{})); err != nil {
		t.Error(err)
	}
}

// walk reads every page of a part of the queue.
func walk(t *testing.T, v app.Staff, reader, show string) (ids []string, pages []staff.Queue) {
	t.Helper()
	ask := staff.Ask{Show: show}
	for {
		q, err := v.Queue(t.Context(), reader, ask)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, q)
		for _, r := range q.Rows {
			ids = append(ids, r.ID)
		}
		if q.Next == "" {
			return ids, pages
		}
		if len(pages) > 20 {
			t.Fatal("the queue does not end")
		}
		ask.After = q.Next
	}
}

func TestAQueueOfManyIsPagedWholeAndCountsItsViews(t *testing.T) {
	stage, v := nordwind(t)
	const all = 55
	all55 := map[string]bool{}
	for n := range all {
		id := submit(t, stage, v, n)
		all55[string(id)] = true
		c := demand.Command(demand.Authenticate{Genuine: true, How: "called back"})
		switch {
		case n < 50: // waits for a reviewer: authenticity
		case n < 54: // waits for counsel: the only line is to be decided
			for _, x := range []struct {
				who demand.Person
				c   demand.Command
			}{{"p-brandt", c}, {"p-brandt", demand.Resolve{Target: 1, Accounts: nil}}, {"p-okafor", demand.Check{Target: 1, Resolution: 3}}} {
				if _, err := v.Act(t.Context(), id, x.who, "", x.c); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := v.Assess(t.Context(), id, "p-brandt"); err != nil {
				t.Fatal(err)
			}
		default: // over
			s, err := v.Docket.State(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			var end []demand.Command
			for _, l := range s.State.Lines {
				end = append(end, demand.DecideLine{Line: l.No, Decision: demand.Reject})
			}
			for _, x := range append(end, demand.Close{}) {
				if _, err := v.Act(t.Context(), id, "p-okafor", "not ours", x); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, x := range []struct {
		reader, show string
		want         int
		yours        int
	}{
		{"p-brandt", "", 54, 54}, {app.Onlooker, "", 54, 0}, {"p-brandt", "yours", 54, 54}, {"p-brandt", "others", 0, 0}, {app.Onlooker, "others", 54, 0},
		{app.Onlooker, "yours", 0, 0}, {"p-brandt", "closed", 1, 0}, {"p-brandt", "sealed", 0, 0}, {"p-brandt", "unread", 0, 0}, {"p-brandt", "held", 0, 0}, {"p-brandt", "emergency", 0, 0},
	} {
		ids, pages := walk(t, v, x.reader, x.show)
		seen, yours := map[string]bool{}, 0
		for _, id := range ids {
			if seen[id] || !all55[id] {
				t.Errorf("%s %q: %s twice, or from nowhere", x.reader, x.show, id)
			}
			seen[id] = true
		}
		for i, q := range pages {
			for _, r := range q.Rows {
				if r.Yours {
					yours++
				}
			}
			if len(q.Rows) > 25 || i < len(pages)-1 && q.Next == "" {
				t.Errorf("%s %q, page %d: %d rows", x.reader, x.show, i, len(q.Rows))
			}
			for _, view := range q.Views {
				if view.Show == x.show && !view.Unknown && view.Count != x.want {
					t.Errorf("%s %q counts %d, want %d", x.reader, x.show, view.Count, x.want)
				}
			}
		}
		if len(ids) != x.want || yours != x.yours {
			t.Errorf("%s %q: %d demands, %d need the reader; want %d, %d", x.reader, x.show, len(ids), yours, x.want, x.yours)
		}
	}
	for _, bad := range []string{"x", "1", "1 ", "x 2222-22", "1 ../..", " 2222-22"} {
		if _, err := v.Queue(t.Context(), "p-brandt", staff.Ask{After: bad}); problem.Code(err) != "docket.not_found" {
			t.Errorf("after %q: %v", bad, err)
		}
	}
}

func TestAFullPageThatIsTheLastHasNoNextOne(t *testing.T) {
	stage, v := nordwind(t)
	for n := range 25 {
		submit(t, stage, v, n)
	}
	if _, pages := walk(t, v, "p-brandt", ""); len(pages) != 1 {
		t.Errorf("%d pages", len(pages))
	}
	submit(t, stage, v, 26)
	ids, pages := walk(t, v, "p-brandt", "")
	if len(pages) != 2 || len(ids) != 26 {
		t.Errorf("%d pages, %d demands", len(pages), len(ids))
	}
}

func TestWhoLookedAnAccountUpIsNotAskedToAgree(t *testing.T) {
	stage, v := nordwind(t)
	id := submit(t, stage, v, 1)
	for n, d := range []staff.Deed{staff.Authenticate{Genuine: true, How: "called back"}, staff.Resolve{Target: 1, Accounts: []string{"ac-hartwell"}}} {
		if _, err := v.Do(t.Context(), "p-halvorsen", act(id, uint64(n+1), d)); err != nil {
			t.Fatal(err)
		}
	}
	for reader, want := range map[string]bool{"p-halvorsen": false, "p-brandt": true, app.Onlooker: false} {
		d, err := v.Demand(t.Context(), reader, string(id))
		if err != nil {
			t.Fatal(err)
		}
		offered := false
		for _, o := range d.Offers {
			offered = offered || o.Act == "check"
		}
		if offered != want || d.Next.Yours != want || d.Next.Act != "check" || (reader == "p-halvorsen") != (d.Next.Seat == "second") {
			t.Errorf("%q: offered %v, next %+v", reader, offered, d.Next)
		}
	}
	if _, err := v.Do(t.Context(), "p-halvorsen", act(id, 3, staff.Check{Target: 1, Resolution: 3})); problem.Code(err) != "target.same_person" {
		t.Error(err)
	}
	if _, err := v.Do(t.Context(), "p-brandt", act(id, 3, staff.Resolve{Target: 1, Accounts: []string{"ac-hartwell", "ac-mercer"}})); problem.Code(err) != "app.proposal" {
		t.Error(err)
	}
}
