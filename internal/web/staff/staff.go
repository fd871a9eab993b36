package staff

import (
	"embed"
	"net/http"
	"regexp"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/web/ui"
)

//go:embed templates/*.html
var templates embed.FS

// Outside is the world that the pages need.
type Outside struct {
	Docket   Docket
	Now      func() time.Time
	Zone     *time.Location             // the zone in which staff work
	Provider string                     // the provider's name
	Reader   func(*http.Request) string // the signed-in person's id; "" for nobody
	LeaveAt  string                     // where a POST ends the session
}

// Pages serves them. It is safe for concurrent use.
type Pages struct {
	out   Outside
	frame *ui.Frame
}

// New makes the pages.
func New(out Outside) *Pages {
	return &Pages{out: out, frame: ui.NewFrame(templates, "templates", ui.WordsFor("en"))}
}

// Mount adds the pages to a mux. Whoever mounts them guards them: a request whose
// reader is nobody is answered as absent.
func (p *Pages) Mount(mux *http.ServeMux, guard func(http.Handler) http.Handler) {
	mux.Handle("GET /queue", guard(http.HandlerFunc(p.queue)))
	mux.Handle("GET /demand/{id}", guard(http.HandlerFunc(p.demand)))
}

func (p *Pages) clock() ui.Clock { return ui.Clock{Now: p.out.Now(), Zone: p.out.Zone} }

func (p *Pages) page(r *http.Request, title string, place ...ui.Crumb) ui.Page {
	return ui.Page{Title: title, Provider: p.out.Provider, Place: place, Reader: p.out.Reader(r), LeaveAt: p.out.LeaveAt,
		Nav: []ui.Crumb{{Name: "Queue", Href: "/queue"}, {Name: "Public page", Href: "/"}}}
}

func (p *Pages) queue(w http.ResponseWriter, r *http.Request) {
	here := p.page(r, "Queue", ui.Crumb{Name: "Queue"})
	here.Nav[0].Href = ""
	ask := Ask{Show: r.URL.Query().Get("show"), After: r.URL.Query().Get("after")}
	if !shows[ask.Show] || len(ask.After) > 200 || here.Reader == "" {
		p.frame.Absent(w, here)
		return
	}
	q, err := p.out.Docket.Queue(r.Context(), here.Reader, ask)
	if err != nil {
		p.frame.Problem(w, 0, here, err)
		return
	}
	p.frame.Show(w, http.StatusOK, "queue.html", here, p.clock(), struct {
		Queue
		Show, After string
	}{q, ask.Show, ask.After})
}

var shows = map[string]bool{"": true, "yours": true, "others": true, "sealed": true}

// caseNumber is the widest form that an id may have; what does not fit is absent.
var caseNumber = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

func (p *Pages) demand(w http.ResponseWriter, r *http.Request) {
	// The page of absence does not know which demand was asked for.
	here := p.page(r, "Demand", ui.Crumb{Name: "Queue", Href: "/queue"}, ui.Crumb{Name: "Demand"})
	id := r.PathValue("id")
	if here.Reader == "" || !caseNumber.MatchString(id) {
		p.frame.Absent(w, here)
		return
	}
	d, err := p.out.Docket.Demand(r.Context(), here.Reader, id)
	if e := problem.Of(err); e != nil {
		if e.Kind == problem.Missing || e.Kind == problem.Refused {
			p.frame.Absent(w, here)
			return
		}
		p.frame.Problem(w, 0, here, err)
		return
	}
	here.Title, here.Place[1].Name = "Demand "+d.ID, d.ID
	c := p.clock()
	p.frame.Show(w, http.StatusOK, "demand.html", here, c, sheet{Demand: d, Heaps: sortFindings(d.Findings), Line: draw(d, c.Now)})
}

// sheet is what the page of a demand shows.
type sheet struct {
	Demand
	Heaps heaps
	Line  timeline
}

// heaps are the findings by what they ask of a reader.
type heaps struct {
	Open      []Finding // to decide
	Answered  []Finding
	Remarks   []Finding // not met, and not blocking
	Asks      []Finding
	Undecided []Finding // could not be judged, and no fact is missing
	Holds     []Finding
}

func sortFindings(all []Finding) heaps {
	var h heaps
	for _, f := range all {
		switch {
		case f.open():
			h.Open = append(h.Open, f)
		case f.Outcome == "violated" && f.Severity == "blocking":
			h.Answered = append(h.Answered, f)
		case f.Outcome == "violated":
			h.Remarks = append(h.Remarks, f)
		case f.Outcome == "ask" && len(f.Missing) > 0:
			h.Asks = append(h.Asks, f)
		case f.Outcome == "holds":
			h.Holds = append(h.Holds, f)
		default: // an outcome that this page does not know is shown, not dropped
			h.Undecided = append(h.Undecided, f)
		}
	}
	return h
}
