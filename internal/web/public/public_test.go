package public_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/web/public"
)

type ledger struct {
	err       map[public.Log]error
	emergency string
}

func (l ledger) Head(_ context.Context, log public.Log) (public.Head, error) {
	return public.Head{Origin: "nordwind.example/" + string(log), Size: 1209600, Root: "cm9vdA==", Key: "nordwind.example+aa+key", Witnesses: []string{"w.example+01"}, Emergency: l.emergency, EmergencySize: 1209602}, l.err[log]
}

func TestACheckpointOfAnEmergencyIsShownWholeAsWhatItIs(t *testing.T) {
	text := "nordwind.example/journal\n1209602\ncm9vdA==\n\n— sig\n"
	body := get(ledger{emergency: text}, public.SetUp{}, "/").Body.String()
	if !strings.Contains(body, "Too few witnesses answer just now") || !strings.Contains(body, "1209602\ncm9vdA==\n\n— sig\n") {
		t.Error(body)
	}
	if strings.Contains(get(ledger{}, public.SetUp{}, "/").Body.String(), "Too few witnesses") {
		t.Error("it is said without need")
	}
}

func (l ledger) Checkpoint(_ context.Context, log public.Log) ([]byte, error) {
	return []byte("nordwind.example/" + string(log) + "\n7\n<root>\n"), l.err[log]
}

func (l ledger) Policy(_ context.Context, log public.Log) ([]byte, error) {
	return []byte("policy of " + string(log) + "\n"), l.err[log]
}

func get(l public.Ledger, s public.SetUp, path string) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	public.New(public.Outside{Ledger: l, SetUp: func() public.SetUp { return s }, Provider: "Nordwind Cloud", Now: func() time.Time { return time.Date(2026, 10, 2, 10, 0, 0, 0, time.UTC) }, Zone: time.UTC}).Mount(mux)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func limits(s public.SetUp) int {
	body := get(ledger{}, s, "/").Body.String()
	n := 0
	for _, part := range strings.Split(body, "What does not hold here")[1:] {
		n += strings.Count(part[:strings.Index(part, "</ul>")], "<li>")
	}
	return n
}

func TestASetUpThatStatesNothingShowsEveryLimit(t *testing.T) {
	none := limits(public.SetUp{})
	for name, s := range map[string]public.SetUp{
		"store": {StoreConnected: true}, "persons": {TwoPersons: true}, "witness": {OutsideWitness: true}, "notice": {NoticeOnTime: true}, "report": {ReportProven: true},
	} {
		if got := limits(s); got != none-1 {
			t.Errorf("%s: %d limits, want %d", name, got, none-1)
		}
	}
	if got := limits(public.SetUp{SeparateGate: true}); got != none-2 {
		t.Errorf("gate: %d limits, want %d", got, none-2)
	}
	all := public.SetUp{SeparateGate: true, StoreConnected: true, TwoPersons: true, OutsideWitness: true, NoticeOnTime: true, ReportProven: true}
	if got := limits(all); got != 0 {
		t.Errorf("a set-up that has everything shows %d limits", got)
	}
	body := get(ledger{}, all, "/").Body.String()
	if strings.Count(body, "Holds on this set-up") != 5 || strings.Count(body, "What no set-up can promise") != 4 || strings.Contains(body, "our own witness") {
		t.Error("a set-up that has everything does not say so, or leaves out what no set-up can promise")
	}
	if body := get(ledger{}, public.SetUp{}, "/").Body.String(); strings.Count(body, "Holds in part on this set-up") != 5 || strings.Contains(body, "Holds on this set-up") || !strings.Contains(body, "our own witness") {
		t.Error("a set-up that states nothing says that a promise holds")
	}
}

func TestThePageShowsFivePromisesAndBothHeadsWithTheirKeys(t *testing.T) {
	w := get(ledger{}, public.SetUp{}, "/")
	body := w.Body.String()
	if w.Code != 200 || strings.Count(body, `class="promise"`) != 5 || strings.Count(body, "How to check it") != 5 {
		t.Fatalf("%d, %d promises", w.Code, strings.Count(body, `class="promise"`))
	}
	for _, s := range []string{"nordwind.example/journal", "nordwind.example/register", "1\u202f209\u202f600 leaves", "cm9vdA==", "nordwind.example&#43;aa&#43;key", "w.example&#43;01", "counterseal ledger check",
		`href="/ledger/journal/checkpoint"`, `href="/ledger/register/policy"`} {
		if !strings.Contains(body, s) {
			t.Errorf("the page lacks %q", s)
		}
	}
}

// A number of demands, exact or such that it can be computed, is forbidden to be
// published (50 USC 1874); the page has sizes of logs and nothing beside them.
func TestThePageHoldsNoNumbersButTheLogsOwn(t *testing.T) {
	body := get(ledger{}, public.SetUp{}, "/").Body.String()
	body = strings.ReplaceAll(body[strings.Index(body, "<main"):strings.Index(body, "</main>")], "1\u202f209\u202f600", "")
	text := regexp.MustCompile(`(?s)<span class="no".*?</span>|<dd>.*?</dd>|<[^>]*>`).ReplaceAllString(body, " ")
	if found := regexp.MustCompile(`[0-9]+`).FindAllString(strings.ReplaceAll(text, "&#39;", ""), -1); len(found) > 0 {
		t.Errorf("numbers: %v", found)
	}
}

func TestALogWithoutACheckpointSaysSoAndOneThatFailsIsNotPassedOver(t *testing.T) {
	body := get(ledger{err: map[public.Log]error{
		public.Journal:  problem.New(problem.Unavailable, "ledger.pending", "none yet"),
		public.Register: problem.New(problem.Unverified, "proof.bad_signature", "the signature does not hold"),
	}}, public.SetUp{}, "/").Body.String()
	for _, s := range []string{"No checkpoint has been published yet.", "The checkpoint could not be shown: the signature does not hold (proof.bad_signature)."} {
		if !strings.Contains(body, s) {
			t.Errorf("the page lacks %q", s)
		}
	}
	if strings.Contains(body, "cm9vdA==") {
		t.Error("a head that failed is shown")
	}
}

func TestRawTextsAreServedAsTheyAre(t *testing.T) {
	for path, want := range map[string]string{
		"/ledger/journal/checkpoint":  "nordwind.example/journal\n7\n<root>\n",
		"/ledger/register/checkpoint": "nordwind.example/register\n7\n<root>\n",
		"/ledger/register/policy":     "policy of register\n",
	} {
		w := get(ledger{}, public.SetUp{}, path)
		if w.Code != 200 || w.Body.String() != want || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %q %v", path, w.Code, w.Body, w.Header())
		}
	}
	w := get(ledger{err: map[public.Log]error{public.Journal: problem.New(problem.Unavailable, "ledger.pending", "none yet")}}, public.SetUp{}, "/ledger/journal/checkpoint")
	if w.Code != 503 {
		t.Error(w.Code)
	}
}

func TestWhatIsNotThereIsAbsentAlike(t *testing.T) {
	want := get(ledger{}, public.SetUp{}, "/nowhere")
	for _, path := range []string{"/ledger/secret/checkpoint", "/ledger/", "/ledger/journal/entries", "/queue"} {
		got := get(ledger{}, public.SetUp{}, path)
		if got.Code != 404 || got.Body.String() != want.Body.String() {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}
