package gate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/mbox"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

func statementRemoving(person string) grant.Statement {
	return grant.Statement{Removed: []string{person}}
}

func statementOf(p grant.Policy) grant.Statement { return grant.Statement{Policy: &p} }

// bigItem is one message of a size, which counts what was read of it.
type bigItem struct {
	r    io.Reader
	read int
	at   func(read int)
}

func (b *bigItem) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.read += n
	if b.at != nil {
		b.at(b.read)
	}
	return n, err
}

func (b *bigItem) Close() error { return nil }

func TestAStopWithinALargeItemEndsItWithinAMiB(t *testing.T) {
	s := newScene(t)
	const stopAt = 3 << 20
	jan := gatetest.Mail("acct-a1").From
	once := sync.OnceFunc(func() {
		if err := stopBy("dan", "demand k7wq-93")(s); err != nil {
			t.Error(err)
		}
	})
	body := &bigItem{r: gatetest.Body("big", 20<<20), at: func(n int) {
		if n >= stopAt {
			once()
		}
	}}
	it := gatetest.Message("acct-a1", "big", jan, jan, 20<<20)
	it.Open = func() (io.ReadCloser, error) { return body, nil }
	s.store.Held = []source.Item{it}
	if _, err := s.released(s.Grant(1)); problem.Code(err) != "gate.stopped" {
		t.Fatal(err)
	}
	if body.read > stopAt+2<<20 {
		t.Errorf("%d bytes were read, the stop came at %d", body.read, stopAt)
	}
	if len(s.out()) != 0 || s.docket.asked != 0 {
		t.Error("it went on")
	}
}

func TestAStopBetweenTwoItemsEndsTheReadingThere(t *testing.T) {
	s := newScene(t)
	s.store.Before = func(i int) error {
		if i == 2 {
			return stopBy("dan", "demand k7wq-93")(s)
		}
		return nil
	}
	if _, err := s.released(s.Grant(1)); problem.Code(err) != "gate.stopped" || s.store.Opened() != 2 {
		t.Fatalf("%v, %d items were read", err, s.store.Opened())
	}
}

func TestAStopDuringADownloadCutsIt(t *testing.T) {
	s := newScene(t)
	jan := gatetest.Mail("acct-a1").From
	s.store.Held = []source.Item{gatetest.Message("acct-a1", "big", jan, jan, 5<<20)}
	if _, err := s.released(s.Grant(1)); err != nil {
		t.Fatal(err)
	}
	r, size, err := s.gate.Fetch(ctx, "g-1", release.PackageFile, "the desk")
	if err != nil || size < 5<<20 {
		t.Fatal(size, err)
	}
	defer r.Close()
	if n, err := io.CopyN(io.Discard, r, 100); n != 100 || err != nil {
		t.Fatal(n, err)
	}
	if err := stopBy("dan", "grant g-1")(s); err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, r)
	if problem.Code(err) != "gate.stopped" || n > 1<<20 {
		t.Fatalf("%d more bytes, %v", n, err)
	}
	if _, _, err := s.gate.Fetch(ctx, "g-1", release.PackageFile, "the desk"); problem.Code(err) != "gate.stopped" {
		t.Fatal(err)
	}
}

// A stop that cannot be written down ends a download all the same.
func TestADownloadEndsWhereTheRecordTakesNoStop(t *testing.T) {
	s := newScene(t)
	jan := gatetest.Mail("acct-a1").From
	s.store.Held = []source.Item{gatetest.Message("acct-a1", "big", jan, jan, 5<<20)}
	if _, err := s.released(s.Grant(1)); err != nil {
		t.Fatal(err)
	}
	r, _, err := s.gate.Fetch(ctx, "g-1", release.PackageFile, "the desk")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.CopyN(io.Discard, r, 100); err != nil {
		t.Fatal(err)
	}
	s.gate.BreakRecord()
	if err := stopBy("dan", "grant g-1")(s); err == nil {
		t.Fatal("a stop was taken that is nowhere")
	}
	n, err := io.Copy(io.Discard, r)
	if problem.Code(err) != "gate.damaged" || n > 1<<20 {
		t.Errorf("%d more bytes, %v", n, err)
	}
}

func TestPickUpIsLimitedAndEndsAlsoAcrossRestarts(t *testing.T) {
	s := newScene(t)
	s.cfg = func(c *gate.Config) { c.Downloads, c.PickUp = 2, 24*time.Hour }
	s.reopen()
	if _, err := s.released(s.Grant(1)); err != nil {
		t.Fatal(err)
	}
	fetch := func(file string) error {
		r, _, err := s.gate.Fetch(ctx, "g-1", file, "the desk")
		if err == nil {
			r.Close()
		}
		return err
	}
	for range 2 {
		if err := fetch(release.PackageFile); err != nil {
			t.Fatal(err)
		}
		s.reopen()
	}
	if err := fetch(release.PackageFile); problem.Code(err) != "gate.pickup_limit" {
		t.Fatal(err)
	}
	if err := fetch(release.ReleaseFile); err != nil {
		t.Fatal(err)
	}
	s.Clock.Add(25 * time.Hour)
	if err := fetch(release.ReleaseFile); problem.Code(err) != "gate.pickup_over" {
		t.Fatal(err)
	}
}

func TestNothingIsFetchedThatIsNotReleased(t *testing.T) {
	s := newScene(t)
	s.mustReady(s.Grant(1))
	if _, _, err := s.gate.Fetch(ctx, "g-1", release.PackageFile, "x"); problem.Code(err) != "gate.not_released" {
		t.Fatal(err)
	}
	if _, _, err := s.gate.Fetch(ctx, "g-2", release.PackageFile, "x"); problem.Code(err) != "gate.unknown" {
		t.Fatal(err)
	}
}

func TestAGrantThatNamesTheStopGoesOn(t *testing.T) {
	s := newScene(t)
	stop := s.Stop("dan", "demand k7wq-93")
	if _, err := s.gate.Stop(ctx, stop); err != nil {
		t.Fatal(err)
	}
	g := s.Grant(1)
	g.Stops = []grant.Digest{stop.Digest()}
	if _, err := s.released(g); err != nil {
		t.Fatal(err)
	}
	if held, err := s.gate.Stops(ctx); err != nil || len(held) != 1 || held[0].Digest != stop.Digest().String() {
		t.Fatal(held, err)
	}
}

func TestTheAccessFileListsWhatWasReadAndNoMore(t *testing.T) {
	s := newScene(t)
	g := s.Grant(1)
	if _, err := s.released(g); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(s.dir, "access", g.Digest().String()+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		var l struct{ Ref, Account, Service, Verdict string }
		if err := json.Unmarshal([]byte(line), &l); err != nil || len(l.Ref) != 32 || l.Account != "acct-a1" {
			t.Fatalf("%s: %v", line, err)
		}
		got[l.Verdict]++
	}
	want := map[string]int{"inside": 3, "split": 1, "near": 1, "undated": 1, "unreadable": 1}
	for k, n := range want {
		if got[k] != n {
			t.Errorf("%s: %d, want %d", k, got[k], n)
		}
	}
	if bytes.Contains(b, []byte("in-acct")) {
		t.Error("the access file holds ids of items")
	}
	record, err := os.ReadFile(filepath.Join(s.dir, "record"))
	if err != nil {
		t.Fatal(err)
	}
	// Of acct-a1 one lies outside; 21 items are other accounts'.
	if !bytes.Contains(record, []byte(`"dropped":22`)) {
		t.Error("over-delivered items are not counted in the record")
	}
}

func TestAnItemThatCannotBeReadIsListedAndTheRestIsGiven(t *testing.T) {
	s := newScene(t)
	jan := gatetest.Mail("acct-a1").From
	last := gatetest.Message("acct-a1", "last", jan, jan, 10)
	last.Open = func() (io.ReadCloser, error) { return nil, errors.New("no such file") }
	s.store.Held = append(s.store.Held, last)
	out, err := s.released(s.Grant(1))
	if err != nil || out.Items != 4 || out.Withheld != 4 {
		t.Fatalf("%+v, %v", out, err)
	}
}

func TestASourceThatSwallowsARefusalIsNotBelieved(t *testing.T) {
	s := newScene(t)
	s.sources = []source.Source{swallowing{s.store}}
	s.reopen()
	g := s.Grant(1)
	g.ByteCap = 4000
	g.Targets = append(g.Targets, grant.Target{Kind: "address", Stated: "bea@lindworm.example", Account: "acct-b2"})
	g.Compelled = scopeOf(gatetest.Mail("acct-a1"), gatetest.Mail("acct-b2"))
	g.Scope = g.Compelled
	_, err := s.released(g)
	if problem.Code(err) != "gate.cap" || len(s.out()) != 0 {
		t.Fatal(err)
	}
	if n := s.store.Asked(); n != 1 {
		t.Errorf("after the refusal the store was asked again, %d times", n)
	}
}

type swallowing struct{ *gatetest.Store }

func (s swallowing) Items(c context.Context, q source.Query, item func(source.Item) error, gap func(source.Gap) error) error {
	_ = s.Store.Items(c, q, item, gap)
	return nil
}

// Two stores of a service, and two accounts: all are read, only the last one fails.
func TestTheLastOfSeveralStoresCounts(t *testing.T) {
	s := newScene(t)
	second := gatetest.Mailbox()
	second.Held, second.Gaps = nil, nil
	s.sources = []source.Source{s.store, second}
	s.reopen()
	g := s.Grant(1)
	g.Targets = append(g.Targets, grant.Target{Kind: "address", Stated: "bea@lindworm.example", Account: "acct-b2"})
	g.Compelled = scopeOf(gatetest.Mail("acct-a1"), gatetest.Mail("acct-b2"))
	g.Scope = g.Compelled
	out, err := s.released(g)
	if err != nil || out.Items != 8 || s.store.Asked() != 2 || second.Asked() != 2 {
		t.Fatalf("%+v, %v; asked %d and %d times", out, err, s.store.Asked(), second.Asked())
	}
	second.Fail = gatetest.Broken()
	g = s.Grant(2)
	if _, err := s.released(g); problem.Code(err) != "gate.incomplete" || len(s.out()) != 1 {
		t.Fatalf("%v, %v", err, s.out())
	}
}

func TestASourceThatNamesAnotherServiceIsNotBelieved(t *testing.T) {
	s := newScene(t)
	jan := gatetest.Mail("acct-a1").From
	alien := gatetest.Message("acct-a1", "alien", jan, jan, 10)
	alien.Service, alien.Category = scope.Records, scope.Subscriber
	s.store.Held = append(s.store.Held, alien)
	g := s.Grant(1)
	records := gatetest.Mail("acct-a1")
	records.Service, records.Category = scope.Records, scope.Subscriber
	g.Compelled = scopeOf(gatetest.Mail("acct-a1"), records)
	g.Scope = g.Compelled
	s.sources = []source.Source{s.store, &gatetest.Store{Of: scope.Records}}
	s.reopen()
	out, err := s.released(g)
	if err != nil || out.Items != 4 {
		t.Fatalf("%+v, %v", out, err)
	}
}

func TestManyItemsDoNotGrowTheMemory(t *testing.T) {
	s := newScene(t)
	jan := gatetest.Mail("acct-a1").From
	for range 40_000 {
		s.store.Held = append(s.store.Held, gatetest.Message("acct-a1", "same", jan, jan, 400))
	}
	var before, peak runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s.store.Before = func(i int) error {
		if i%10_000 == 9_999 {
			var now runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&now)
			if now.HeapAlloc > peak.HeapAlloc {
				peak = now
			}
		}
		return nil
	}
	if _, err := s.released(s.Grant(1)); err != nil {
		t.Fatal(err)
	}
	if grew := int64(peak.HeapAlloc) - int64(before.HeapAlloc); grew > 40<<20 {
		t.Errorf("the heap grew by %d bytes", grew)
	}
}

func TestTwoAtOnceReleaseOnce(t *testing.T) {
	s := newScene(t)
	s.mustReady(s.Grant(1))
	s.mustReady(s.Grant(2))
	var wg sync.WaitGroup
	codes := make([]string, 6)
	for i := range codes {
		wg.Go(func() {
			_, err := s.gate.Release(ctx, []string{"g-1", "g-2"}[i%2])
			codes[i] = problem.Code(err)
		})
	}
	wg.Wait()
	for _, c := range codes {
		if c != "" && c != "gate.running" {
			t.Errorf("codes %v", codes)
		}
	}
	if len(s.out()) != 2 || s.docket.asked != 2 || s.store.Asked() != 2 {
		t.Errorf("out %v, docket asked %d, store %d", s.out(), s.docket.asked, s.store.Asked())
	}
}

// Only the last of three may pass the limit, whatever the order of the locks.
func TestTheDaysLimitHoldsForReleasesAtOnce(t *testing.T) {
	s := newScene(t)
	var ids []string
	for i, a := range []struct{ stated, account string }{{"ada", "acct-a1"}, {"bea", "acct-b2"}, {"cy", "acct-c3"}} {
		g := s.Grant(byte(i + 1))
		g.Targets = []grant.Target{{Kind: "address", Stated: a.stated + "@lindworm.example", Account: scope.AccountID(a.account)}}
		g.Compelled = scopeOf(gatetest.Mail(scope.AccountID(a.account)))
		g.Scope = g.Compelled
		s.mustReady(g)
		ids = append(ids, g.ID)
	}
	var wg sync.WaitGroup
	codes := make([]string, 3)
	for i := range ids {
		wg.Go(func() {
			_, err := s.gate.Release(ctx, ids[i])
			codes[i] = problem.Code(err)
		})
	}
	wg.Wait()
	refused := 0
	for _, c := range codes {
		if c == "gate.bulk" {
			refused++
		}
	}
	if refused != 1 || len(s.out()) != 2 {
		t.Errorf("codes %v, out %v", codes, s.out())
	}
}

func TestAReleaseFromARealMailStore(t *testing.T) {
	s := newScene(t)
	root := t.TempDir()
	text := "From ada@lindworm.example Fri Jan 10 08:00:00 2031\nReceived: by mx.lindworm.example; Fri, 10 Jan 2031 08:00:00 +0000\nDate: Fri, 10 Jan 2031 07:59:00 +0000\nFrom: bea@lindworm.example\nTo: ada@lindworm.example\nSubject: tea\n\nAt four?\n\n" +
		"From ada@lindworm.example Mon Feb 10 08:00:00 2031\nReceived: by mx.lindworm.example; Mon, 10 Feb 2031 08:00:00 +0000\nDate: Mon, 10 Feb 2031 07:59:00 +0000\nFrom: bea@lindworm.example\nTo: ada@lindworm.example\nSubject: later\n\nNo.\n\n"
	if err := os.WriteFile(filepath.Join(root, "ada.mbox"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := mbox.New(mbox.Config{Root: root, Flavour: mbox.MboxRD, Accounts: map[scope.AccountID][]string{"acct-a1": {"ada.mbox"}}})
	if err != nil {
		t.Fatal(err)
	}
	s.sources = []source.Source{store}
	s.reopen()
	out, err := s.released(s.Grant(1))
	if err != nil || out.Items != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	if r := s.verified("k7wq-93_g-1", s.Agency); !r.Complete || r.Items != 1 {
		t.Fatalf("%+v", r)
	}
}

func TestAClosedGateAnswersNothingAndEndsWhatRuns(t *testing.T) {
	s := newScene(t)
	s.mustReady(s.Grant(1))
	began := make(chan struct{})
	s.store.Before = func(i int) error {
		if i == 1 {
			close(began)
			time.Sleep(200 * time.Millisecond)
		}
		return nil
	}
	done := make(chan error, 1)
	go func() {
		_, err := s.gate.Release(ctx, "g-1")
		done <- err
	}()
	<-began
	s.gate.Close()
	if err := <-done; problem.Code(err) != "gate.canceled" {
		t.Fatal(err)
	}
	if _, err := s.gate.Release(ctx, "g-1"); problem.Code(err) != "gate.closed" {
		t.Fatal(err)
	}
	s.open()
	if st, err := s.gate.Status(ctx, "g-1"); err != nil || st.State != gate.Refused || st.Code != "gate.canceled" {
		t.Fatalf("%+v, %v", st, err)
	}
}

func TestOffersAreBounded(t *testing.T) {
	s := newScene(t)
	g := s.Grant(1)
	for _, o := range []gate.Offer{{}, {Text: gatetest.Text(g)}, {Text: gatetest.Text(g), Document: make([]byte, gate.MaxDocument+1)}, {Text: make([]byte, grant.MaxText+1), Document: s.Order}} {
		if _, err := s.gate.Offer(ctx, o); err == nil {
			t.Error("an impossible offer was taken")
		}
	}
	for i := range gate.MaxOffers {
		g := s.Grant(1)
		g.ByteCap = int64(i + 1)
		if err := s.offered(g); err != nil {
			t.Fatal(err)
		}
	}
	full := s.Grant(1)
	full.ByteCap = 9999
	if err := s.offered(full); problem.Code(err) != "gate.offers_full" {
		t.Fatal(err)
	}
	if _, err := s.gate.Text(ctx, "g-1"); problem.Code(err) != "gate.ambiguous" {
		t.Fatal(err)
	}
	s.Clock.Add(49 * time.Hour)
	fresh := s.Grant(2)
	if err := s.offered(fresh); err != nil {
		t.Fatal(err)
	}
	if list, err := s.gate.List(ctx); err != nil || len(list) != 1 {
		t.Fatalf("%d offers, %v", len(list), err)
	}
}

func TestTextAndDocumentAreWhatPeopleSign(t *testing.T) {
	s := newScene(t)
	g := s.Grant(1)
	if err := s.offered(g); err != nil {
		t.Fatal(err)
	}
	text, err := s.gate.Text(ctx, "g-1")
	if err != nil || !bytes.Equal(text, gatetest.Text(g)) {
		t.Fatal(err)
	}
	document, err := s.gate.Document(ctx, "g-1")
	if err != nil || !bytes.Equal(document, s.Order) {
		t.Fatal(err)
	}
	s.planted(g, "order", []byte("another"))
	if _, err := s.gate.Document(ctx, "g-1"); problem.Code(err) != "gate.order_document" {
		t.Fatal(err)
	}
	s.planted(g, "grant.txt", bytes.Replace(text, []byte("acct-a1"), []byte("acct-b2"), 1))
	if _, err := s.gate.Approve(ctx, "g-1", signWith(s.Keys["anna"], text)); problem.Code(err) != "gate.offer_damaged" {
		t.Fatal(err)
	}
}

// A list of grants is asked for at each tick and grows for years: of a grant that is
// over, the offer's folder is read once under each charter, and then no more.
func TestWhoSpokeForAGrantThatIsOverIsReadOnceUnderEachCharter(t *testing.T) {
	s := newScene(t)
	g := s.Grant(1)
	if _, err := s.released(g); err != nil {
		t.Fatal(err)
	}
	spoke := func(approvals ...string) gate.Status {
		t.Helper()
		list, err := s.gate.List(ctx)
		if err != nil || len(list) != 1 || list[0].State != gate.Released || !slices.Equal(list[0].Approvals, approvals) {
			t.Fatalf("%+v, %v", list, err)
		}
		return list[0]
	}
	first := spoke("anna", "bo")
	// A word that comes later is heard.
	s.Clock.Add(time.Minute)
	if _, err := s.gate.InForce(ctx, s.InForce("carla", g)); err != nil {
		t.Fatal(err)
	}
	if last := spoke("anna", "bo"); !last.InForce.After(first.InForce) || last.InForceBy != "carla" {
		t.Fatalf("%s, and before it %s", last.InForce, first.InForce)
	}
	// What lies in the folder is not read again …
	folder := filepath.Join(s.dir, "offers", g.Digest().String())
	if err := os.Rename(folder, folder+".away"); err != nil {
		t.Fatal(err)
	}
	spoke("anna", "bo")
	if err := os.Rename(folder+".away", folder); err != nil {
		t.Fatal(err)
	}
	// … until a person leaves the charter, whose signature counts no more.
	if _, err := s.statement(grant.Statement{Removed: []string{"bo"}}, "carla"); err != nil {
		t.Fatal(err)
	}
	spoke("anna")
}
