package public

import (
	"bytes"
	"context"
	"embed"
	"net/http"
	"strconv"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/web/ui"
)

//go:embed templates/*.html
var templates embed.FS

// Log names one of the two public logs.
type Log string

const (
	Journal  Log = "journal"
	Register Log = "register"
)

// Ledger is what the page reads of the logs.
type Ledger interface {
	// Head is the log's published checkpoint. An error of kind
	// problem.Unavailable or problem.Missing means that there is none yet.
	Head(ctx context.Context, log Log) (Head, error)
	// Checkpoint is the signed note as published.
	Checkpoint(ctx context.Context, log Log) ([]byte, error)
	// Policy is the text that says whose signatures make a checkpoint acceptable.
	Policy(ctx context.Context, log Log) ([]byte, error)
}

// Head is what a checkpoint says.
type Head struct {
	Origin    string
	Size      uint64
	Root      string // base64, as in the checkpoint
	Key       string // the log's verifier key, whole
	Witnesses []string
	Last      time.Time // the journal's last tick; zero where unknown

	Emergency     string // a newer checkpoint for which the emergency policy alone holds; "": there is none
	EmergencySize uint64
}

// Outside is the world that the page needs.
type Outside struct {
	Ledger   Ledger
	Reports  Reports      // nil: there is no page of reports
	Guide    Guide        // nil: there are no guidelines
	SetUp    func() SetUp // as it is when somebody looks; nil claims nothing
	Provider string
	Now      func() time.Time
	Zone     *time.Location
}

// Pages serves the page and the raw texts. It is safe for concurrent use.
type Pages struct {
	out    Outside
	frame  *ui.Frame
	frames map[string]*ui.Frame // of the report, by language
}

// New makes the pages.
func New(out Outside) *Pages {
	p := &Pages{out: out, frames: map[string]*ui.Frame{}}
	for _, lang := range languages {
		p.frames[lang] = ui.NewFrame(templates, "templates", ui.WordsFor(lang))
	}
	p.frame = p.frames["en"]
	return p
}

// Mount adds the pages to a mux. They need no session. Everything that no other
// page answers is absent.
func (p *Pages) Mount(mux ui.Mux) {
	mux.HandleFunc("GET /{$}", p.home)
	mux.HandleFunc("GET /ledger/{log}/checkpoint", p.raw(p.out.Ledger.Checkpoint))
	mux.HandleFunc("GET /ledger/{log}/policy", p.raw(p.out.Ledger.Policy))
	if p.out.Reports != nil {
		mux.HandleFunc("GET /report", p.report)
		mux.HandleFunc("GET /report/{file}", p.reportFile)
	}
	if p.out.Guide != nil {
		mux.HandleFunc("GET /guidelines", p.guidelines)
		mux.HandleFunc("GET /guidelines/{law}", p.guidelinesOf)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { p.frame.Absent(w, p.page("")) })
}

func (p *Pages) page(title string, place ...ui.Crumb) ui.Page {
	return ui.Page{Title: title, Provider: p.out.Provider, Place: place}
}

type shownPromise struct {
	No                         int
	Title, Means               string
	Check, DoesNotHold, Always []string
}

type shownHead struct {
	Head
	Log     Log
	Title   string
	Means   string
	Missing string // why there is none; "" where there is one
}

type home struct {
	Outside  bool // somebody outside the provider cosigns
	Report   bool // there is a page of reports
	Guide    bool // there are guidelines
	Promises []shownPromise
	Heads    []shownHead
}

func (p *Pages) home(w http.ResponseWriter, r *http.Request) {
	var setUp SetUp
	if p.out.SetUp != nil {
		setUp = p.out.SetUp()
	}
	h := home{Outside: setUp.OutsideWitness, Report: p.out.Reports != nil, Guide: p.out.Guide != nil}
	for i, pr := range promises {
		h.Promises = append(h.Promises, shownPromise{No: i + 1, Title: pr.Title, Means: pr.Means, Check: pr.Check, DoesNotHold: pr.in(setUp), Always: pr.Always})
	}
	for _, log := range []Log{Journal, Register} {
		s := shownHead{Log: log, Title: titles[log], Means: meanings[log]}
		head, err := p.out.Ledger.Head(r.Context(), log)
		switch e := problem.Of(err); {
		case err == nil:
			s.Head = head
		case e.Kind == problem.Unavailable || e.Kind == problem.Missing:
			s.Missing = "No checkpoint has been published yet."
		default: // a log that does not verify is not passed over
			s.Missing = "The checkpoint could not be shown: " + e.Message + " (" + e.Code + ")."
		}
		h.Heads = append(h.Heads, s)
	}
	here := p.page("Promises", ui.Crumb{Name: "Public page"})
	p.frame.Show(w, http.StatusOK, "home.html", here, ui.Clock{Now: p.out.Now(), Zone: p.out.Zone}, h)
}

var titles = map[Log]string{Journal: "The journal", Register: "The register"}

var meanings = map[Log]string{
	Journal:  "Takes one leaf at every tick of its clock, whether anything happened or not. Its size says how long it has run, and nothing about demands.",
	Register: "Grows in batches of a fixed size, filled up with dummies that nobody can tell apart. Its size says how many batches there were, and nothing about demands.",
}

// raw serves a text of a log as it is.
func (p *Pages) raw(read func(context.Context, Log) ([]byte, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		log := Log(r.PathValue("log"))
		if titles[log] == "" {
			p.frame.Absent(w, p.page(""))
			return
		}
		text, err := read(r.Context(), log)
		if err != nil {
			p.frame.Problem(w, 0, p.page(""), err)
			return
		}
		ui.Headers(w)
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin") // anybody may check
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		bytes.NewReader(text).WriteTo(w)
	}
}
