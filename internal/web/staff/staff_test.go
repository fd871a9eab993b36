package staff_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
)

var now = time.Date(2026, 10, 2, 10, 0, 0, 0, time.UTC)

type docket struct {
	queue  staff.Queue
	demand staff.Demand
	err    error
	asked  *staff.Ask
}

func (d docket) Queue(_ context.Context, _ string, ask staff.Ask) (staff.Queue, error) {
	if d.asked != nil {
		*d.asked = ask
	}
	return d.queue, d.err
}

func (d docket) Demand(_ context.Context, reader, id string) (staff.Demand, error) {
	return d.demand, d.err
}

func get(d staff.Docket, path string) *httptest.ResponseRecorder { return getAs(d, path, "n.holm") }

func getAs(d staff.Docket, path, reader string) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	p := staff.New(staff.Outside{Docket: d, Now: func() time.Time { return now }, Zone: time.UTC, Provider: "Nordwind Cloud", Reader: func(*http.Request) string { return reader }, LeaveAt: "/leave"})
	p.Mount(mux, func(h http.Handler) http.Handler { return h })
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

var tags = regexp.MustCompile(`(?s)<svg.*?</svg>|<[^>]*>`)

func said(w *httptest.ResponseRecorder) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(w.Body.String(), " ")), " ")
}

func says(t *testing.T, w *httptest.ResponseRecorder, want ...string) {
	t.Helper()
	text := said(w)
	for _, s := range want {
		if !strings.Contains(text, s) {
			t.Errorf("the page does not say %q in:\n%s", s, text)
		}
	}
}

func TestAbsentAndNotForYouGiveTheSameAnswerToTheByte(t *testing.T) {
	secret := staff.Demand{ID: "k7wq-93"}
	want := get(docket{err: problem.New(problem.Missing, "demand.missing", "there is no such demand")}, "/demand/zzzz-00")
	for name, got := range map[string]*httptest.ResponseRecorder{
		"not a member":           get(docket{demand: secret, err: problem.New(problem.Refused, "access.member", "k7wq-93 is under court seal").At("k7wq-93")}, "/demand/k7wq-93"),
		"absent, other words":    get(docket{err: problem.New(problem.Missing, "store.none", "no row").Because(errors.New("x"))}, "/demand/k7wq-93"),
		"an id that cannot be":   get(docket{demand: secret}, "/demand/K7WQ%20"),
		"an id that is too long": get(docket{demand: secret}, "/demand/"+strings.Repeat("a", 65)),
	} {
		if got.Code != 404 || got.Code != want.Code {
			t.Errorf("%s: %d and %d", name, got.Code, want.Code)
		}
		if d := cmp.Diff(want.Body.String(), got.Body.String()); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if d := cmp.Diff(want.Header(), got.Header()); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestNobodyIsAnsweredAsAbsent(t *testing.T) {
	d := docket{demand: staff.Demand{ID: "k7wq-93"}, queue: staff.Queue{Rows: []staff.Row{{ID: "k7wq-93"}}}}
	for _, path := range []string{"/queue", "/demand/k7wq-93"} {
		w := getAs(d, path, "")
		if w.Code != 404 || strings.Contains(w.Body.String(), "k7wq-93") {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestADocketThatFailsGivesAProblemAndNoHalfPage(t *testing.T) {
	d := docket{err: problem.New(problem.Unavailable, "store.busy", "the store does not answer").Because(errors.New("SQLITE_BUSY at /srv"))}
	for _, path := range []string{"/queue", "/demand/k7wq-93"} {
		w := get(d, path)
		if w.Code != 503 || strings.Contains(w.Body.String(), "SQLITE") {
			t.Errorf("%s: %d", path, w.Code)
		}
		says(t, w, "The store does not answer.", "Nothing was changed.", "store.busy")
	}
}

func TestEveryRowOfTheQueueShowsDueDemandAndWhatStandsInTheWay(t *testing.T) {
	var asked staff.Ask
	d := docket{asked: &asked, queue: staff.Queue{Views: []staff.View{{Count: 3}, {Show: "yours", Count: 1000, Least: true}, {Show: "unread", Unknown: true}}, Next: "c1", Rows: []staff.Row{
		{ID: "k7wq-93", Due: now.Add(38 * time.Minute), Duty: "answer", Agency: "Police", Title: "emergency request", Asks: "1 account", Status: "received", Yours: true,
			Way: []staff.Obstacle{{Code: "instrument.unverified", Seat: "reviewer"}, {Code: "target.unchecked", Seat: "reviewer"}}},
		{ID: "p9aa-41", Due: now.Add(-time.Hour), Agency: "S.D.N.Y.", Title: "warrant", Asks: "content", Sealed: true, Way: []staff.Obstacle{{Code: "release.stayed", Seat: "court", About: "order <1>", Until: now.Add(72 * time.Hour)}}},
		{ID: "b3xt-77", Agency: "S.D.N.Y.", Title: "warrant"},
		{ID: "w8bd-02", Title: "its title", Problem: "docket.tampered"},
	}}}
	w := get(d, "/queue?show=others&after=c0")
	if w.Code != 200 || asked != (staff.Ask{Show: "others", After: "c0"}) {
		t.Fatalf("%d %+v", w.Code, asked)
	}
	says(t, w, "in 38 min Fri 2 Oct, 10:38 UTC answer the authority k7wq-93 Police · emergency request", "needs you Nobody has checked yet that the instrument is genuine waits for a reviewer and 1 thing more",
		"60 min ago", "p9aa-41 under court seal", "A court has stayed this part (order &lt;1&gt;) waits for the court · until Mon 5 Oct, 10:00 UTC · in 3 days", "no day nothing falls due by itself b3xt-77", "Nothing. It can go on.",
		"all that is open 3", "needs me 1000+", "unread", "w8bd-02 This demand cannot be opened.", "Cannot be opened docket.tampered", "next page")
	if strings.Contains(said(w), "its title") {
		t.Error("what cannot be opened is shown all the same")
	}
	for _, link := range []string{`href="/demand/b3xt-77"`, `href="/queue?show=others&amp;after=c1"`} {
		if !strings.Contains(w.Body.String(), link) {
			t.Errorf("no %s", link)
		}
	}
}

func TestAnEmptyQueueExplainsItself(t *testing.T) {
	says(t, get(docket{}, "/queue"), "Nothing falls due, and nothing waits.")
	says(t, get(docket{}, "/queue?show=yours"), "No demand is in this part of the queue.")
	says(t, get(docket{}, "/queue?after=x"), "The queue ends here.")
}

func TestAPartOfTheQueueThatDoesNotExistIsAbsent(t *testing.T) {
	for _, path := range []string{"/queue?show=all", "/queue?after=" + strings.Repeat("a", 201)} {
		if w := get(docket{}, path); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func demand() staff.Demand {
	return staff.Demand{
		ID: "m2fd-10", Status: "waiting for us", Sealed: true,
		Instrument: staff.Instrument{Title: "Search warrant", Number: "26-mj-1", Agency: "S.D.N.Y.", Officer: "agent R. Vale", Received: now.Add(-48 * time.Hour), Original: strings.Repeat("ab", 32), Checked: "call-back", Genuine: true, CheckedAt: 2},
		Due:        now.Add(24 * time.Hour), Why: "Ten days from receipt.",
		Targets: []staff.Target{{No: 1, Kind: "address", Stated: "<a@nordwind.example>", Resolved: 3, By: "A", Accounts: []string{"acc-1", "acc-2"}, Checked: 4, Second: "B"}, {No: 2, Kind: "phone", Stated: "+1", Resolved: 3, By: "A"}, {No: 3, Kind: "ip", Stated: "192.0.2.1"}},
		Lines: []staff.Line{{No: 1, Target: 1, Service: "mail", Category: "content", From: now, Until: now.Add(time.Hour), Basis: "sent", Decision: "in_part", Decided: 4, Gives: []string{"half"}, Reason: "Too wide."},
			{No: 2, Target: 2, Service: "records", Category: "subscriber", Basis: "received"}},
		Findings: []staff.Finding{
			{Rule: "r.open", Outcome: "violated", Severity: "blocking", Cite: "18 USC 2703(a)", Quote: "a warrant", Says: "It needs a warrant.", Respond: []string{"reject"}, Checked: "text"},
			{Rule: "r.half", Outcome: "violated", Severity: "blocking", Cite: "c", AnsweredBy: "Counsel C", Checked: "text"},
			{Rule: "r.answered", Outcome: "violated", Severity: "blocking", Cite: "c", AnsweredBy: "Counsel C", SecondedBy: "Officer D", Checked: "text"},
			{Rule: "r.warn", Outcome: "violated", Severity: "warning", Cite: "c", Checked: "secondary"},
			{Rule: "r.ask", Outcome: "ask", Severity: "blocking", Cite: "c", Missing: []string{"fact.one", "fact.two"}, Checked: "unchecked"},
			{Rule: "r.new", Outcome: "puzzled", Severity: "blocking", Cite: "c"},
			{Rule: "r.left", Outcome: "holds", Severity: "blocking", Cite: "Act, s. 5", LeavesOut: []string{"whether the offence is listed", "urgency"}, Checked: "text"},
			{Rule: "r.holds", Outcome: "holds", Severity: "blocking", Cite: "c", Checked: "text"}},
		Others: &staff.Others{Asked: now.Add(-24 * time.Hour), Changes: []staff.Change{{Rule: "r.newer", Cite: "18 USC 2705(b)", Now: "violated", Severity: "blocking"},
			{Rule: "r.gone", Cite: "d", Was: "ask", Severity: "warning"}, {Rule: "r.day", Cite: "e", Deadline: true, Was: "Ten days.", Now: "Twelve days."}}},
		Next: staff.Next{Act: "answer", About: "r.open", Seat: "counsel", Command: "counterseal finding answer m2fd-10 r.open", Toward: "release",
			Way: []staff.Obstacle{{Code: "finding.open", Seat: "counsel", About: "r.open", Because: []uint64{2, 4}}, {Code: "some.new_code", Seat: "gate"}}},
		Tracks: []staff.Track{{Name: "secrecy", State: "no end", Spans: []staff.Span{{From: now.Add(-24 * time.Hour), Shape: "running", Says: "in force"}}}},
		Grants: []staff.Grant{{ID: "g-1", Digest: "dd", Region: "iad", Recipient: "age1xyz", Drafter: "A", Needed: 2, Approvals: []staff.Approval{{Person: "B"}}, Expires: now.Add(time.Hour)}},
		History: []staff.Event{{Seq: 1, At: now.Add(-48 * time.Hour), By: "the portal", Kind: "demand.received"}, {Seq: 2, At: now, By: "A", Kind: "instrument.authenticated", Says: "Genuine.", Reason: "They said so."},
			{Seq: 3, At: now, By: "A", Kind: "target.resolved"}, {Seq: 4, At: now, By: "B", Kind: "line.decided"}},
	}
}

func TestTheDemandPageShowsAllThatItWasGiven(t *testing.T) {
	w := get(docket{demand: demand()}, "/demand/m2fd-10")
	if w.Code != 200 {
		t.Fatal(w.Code)
	}
	says(t, w,
		"Demand m2fd-10 · waiting for us · under court seal", "Next, for counsel Answer the blocking finding: r.open", "counterseal finding answer m2fd-10 r.open",
		"Between here and “Release”, 2 things stand in the way:", "A blocking finding waits for an answer (r.open)", "Can be removed by counsel · rests on event 2 , event 4", "some.new_code", "Can be removed by the gate",
		"Sat 3 Oct, 10:00 UTC · in 24 h", "Ten days from receipt.", "Genuine: call-back", "Nobody has said yet whether the customer may be told.",
		"&lt;a@nordwind.example&gt;", "acc-2", "looked up by A , checked by B", "No account looked up by A , waits for a second person", "Not looked up yet",
		"give in part", "half", "Too wide.", "not decided",
		"Act, s. 5 · holds, but for what is left to a person Left to a person: whether the offence is listed; urgency r.left",
		"1 holds · 1 holds but for what is left to a person · ! 2 to decide · 1 answered · 1 remark · ? 1 asks for facts · 1 could not be judged", "It needs a warrant. “a warrant” Proposed: reject r.open · read in the source",
		"Counsel C went against it; a second person has to agree", "Counsel C went against it, and Officer D agreed", "To judge it, state: fact.one , fact.two", "r.new",
		"Other rules are in force now than when these findings were recorded,", "18 USC 2705(b) · said nothing → not met · blocks until answered", "asks → says nothing · ", "e · Ten days. → Twelve days.",
		"Secrecy", "no end", "1 of 2 approvals · ✓ B", "Drafted by A, who does not approve it", "4 events.", "Instrument checked by A Genuine. Reason: They said so.")
	if strings.Contains(said(w), "needs you") {
		t.Error("somebody whose seat is another is told that the demand needs them")
	}
	if !strings.Contains(w.Body.String(), "<title>Secrecy: in force, from Thu 1 Oct 2026</title>") || !strings.Contains(w.Body.String(), `x1="333.3" x2="666.7"`) {
		t.Error("the time line does not say or draw its span")
	}
}

func TestTheDemandPageSaysWhatIsKnownOfATimeStamp(t *testing.T) {
	d := demand()
	d.Grants[0].Unstamped, d.Grants[0].StampCode = true, "stamp.unreachable"
	says(t, get(docket{demand: d}, "/demand/m2fd-10"), "No time stamp yet; the last try failed ( stamp.unreachable ). It is asked for again; the package can be fetched without it.")
	d = demand()
	d.Grants[0].StampedAt, d.Grants[0].StampedBy = now, "CN=Fictional Stamp 1"
	w := get(docket{demand: d}, "/demand/m2fd-10")
	says(t, w, "Time-stamped", "by CN=Fictional Stamp 1")
	if strings.Contains(said(w), "No time stamp") {
		t.Error("a package that is stamped waits for a stamp")
	}
}

func TestTheDemandPageSaysHowFarAGateHasComeWhileItCollects(t *testing.T) {
	d := demand()
	if w := get(docket{demand: d}, "/demand/m2fd-10"); strings.Contains(said(w), "collects") {
		t.Error("nothing runs, and the page says that the gate collects")
	}
	d.Grants[0].Collecting = &staff.Collecting{Items: 1200, MiB: 34, Withheld: 2}
	says(t, get(docket{demand: d}, "/demand/m2fd-10"), "The gate collects : so far 1 200 items (34 MiB), 2 items withheld. Load the page again to see more.")
}

func TestTheDemandPageSaysThatAPassphraseWaitsAndWhomItWasToldTo(t *testing.T) {
	d := demand()
	g := &d.Grants[0]
	g.Recipient = "zip"
	g.Passphrase = &staff.Passphrase{State: "waits", Until: now}
	w := get(docket{demand: d}, "/demand/m2fd-10")
	says(t, w, "a ZIP under a passphrase that is read out on a call; whoever hears it opens the package", "Its passphrase waits to be told")
	g.Passphrase = &staff.Passphrase{State: "told", At: now, Person: "p-otto"}
	says(t, get(docket{demand: d}, "/demand/m2fd-10"), "to p-otto, who has yet to say whom they reached")
	g.Passphrase.Reached, g.Passphrase.ReadOut = "R. Sample", true
	says(t, get(docket{demand: d}, "/demand/m2fd-10"), "to p-otto, who reached R. Sample and read it out")
	g.Passphrase.ReadOut = false
	says(t, get(docket{demand: d}, "/demand/m2fd-10"), "who reached R. Sample and did not read it out")
	g.Passphrase = &staff.Passphrase{State: "ended"}
	says(t, get(docket{demand: d}, "/demand/m2fd-10"), "Nobody asked for its passphrase while the package could be fetched; it is destroyed")
}

func TestTheDemandPageSaysWhoseDataWentTooFarAndWhetherTheyKnow(t *testing.T) {
	d := demand()
	of := func(state string, at time.Time, event uint64) staff.Exceeded {
		day := time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)
		return staff.Exceeded{Event: 9, At: now, Outside: 3, Items: 12, Digest: "dd", Whose: []staff.Whose{{Account: "ac-june", State: state, At: at, Event: event,
			Kinds: []staff.Excess{{Service: "mail", Category: "content", Items: 2, From: day, Until: day.AddDate(0, 0, 1)}, {Service: "records", Category: "subscriber", Items: 1}}}}}
	}
	for name, c := range map[string]struct {
		x    staff.Exceeded
		want []string
	}{
		"told again":        {of(staff.Corrected, now, 12), []string{"2 items, mail, content, 3 March 2026 to 4 March 2026 (UTC); 1 item, records, subscriber data", "told of it", "event 12"}},
		"to be told":        {of(staff.ToTell, now, 4), []string{"told of the demand before", "a letter that says so is due"}},
		"under secrecy":     {of(staff.Silent, now.Add(time.Hour), 0), []string{"told of the demand before; hears of this when secrecy ends,"}},
		"without an end":    {of(staff.Silent, time.Time{}, 0), []string{"hears of this when secrecy ends"}},
		"not told yet":      {of(staff.NotTold, time.Time{}, 0), []string{"not told of the demand yet; the first letter says it"}},
		"in the first":      {of(staff.Heard, now, 10), []string{"told of it in the first letter", "event 10"}},
		"nobody knows who":  {staff.Exceeded{At: now, Outside: 3, Items: 12}, []string{"The gate did not say whose they are", "told by a person"}},
		"caught in the way": {staff.Exceeded{At: now, Outside: 3, Apart: true}, []string{"Caught before it left"}},
	} {
		d.Grants[0].Exceeded = []staff.Exceeded{c.x}
		w := get(docket{demand: d}, "/demand/m2fd-10")
		says(t, w, c.want...)
		if name == "caught in the way" && strings.Contains(said(w), "did not say whose") {
			t.Error("of what was caught nobody asks whose it is")
		}
	}
}

func TestRulesThatSayTheSameAreSaidToBeOthers(t *testing.T) {
	d := demand()
	d.Others.Changes = nil
	says(t, get(docket{demand: d}, "/demand/m2fd-10"), "Other rules are in force now", "Asked today, they say the same.", "What was recorded stands until somebody asks the rules again.")
	d.Others = nil
	if strings.Contains(said(get(docket{demand: d}, "/demand/m2fd-10")), "Other rules") {
		t.Error("the rules that were asked are said to be others")
	}
}

func TestEverySecrecyIsTold(t *testing.T) {
	for want, s := range map[string]staff.Secrecy{
		"None: the customer may be told":                                            {Stated: true, None: true, Event: 4},
		"it rests on a court&#39;s order ( event 4 ). No end is stated.":            {Stated: true, Source: "order", Event: 4},
		"it rests on a statute ( event 4 ). Until Sun 4 Oct, 10:00 UTC · in 2 days": {Stated: true, Source: "statute", Until: now.Add(48 * time.Hour), Event: 4},
	} {
		d := demand()
		d.Secrecy = s
		says(t, get(docket{demand: d}, "/demand/m2fd-10"), want)
	}
}

func TestAnInstrumentThatIsNotGenuineSaysSo(t *testing.T) {
	d := demand()
	d.Instrument.Genuine = false
	says(t, get(docket{demand: d}, "/demand/m2fd-10"), "Not genuine: call-back")
	d.Instrument.CheckedAt = 0
	says(t, get(docket{demand: d}, "/demand/m2fd-10"), "Not checked yet.")
}

func TestADemandWithNothingYetStillExplainsItself(t *testing.T) {
	w := get(docket{demand: staff.Demand{ID: "a", Next: staff.Next{Act: "none"}, Instrument: staff.Instrument{Received: now}}}, "/demand/a")
	says(t, w, "Nothing is left to do", "Nothing stands in the way.", "The paper names no day.", "The rules have not been asked yet.", "No track has begun.", "No grant has been drafted.")
}

func TestATimeLineStaysOnItsScaleWhateverItIsGiven(t *testing.T) {
	d := demand()
	d.Due = time.Time{}
	d.Instrument.Received = now // no width at all
	d.Tracks = []staff.Track{{Name: "release", Spans: []staff.Span{
		{From: now.AddDate(-5, 0, 0), Until: now.AddDate(9, 0, 0), Shape: "running"}, {From: now.AddDate(3, 0, 0), Until: now.AddDate(-3, 0, 0), Shape: "stopped"}, {Shape: "done"}, {From: now, Shape: "ahead"}}}}
	w := get(docket{demand: d}, "/demand/m2fd-10")
	onScale := regexp.MustCompile(`^(1000(\.0)?|\d{1,3}(\.\d)?)$`)
	for _, m := range regexp.MustCompile(`x[12]="([^"]*)"`).FindAllStringSubmatch(w.Body.String(), -1) {
		if !onScale.MatchString(m[1]) {
			t.Errorf("x = %s", m[1])
		}
	}
}
