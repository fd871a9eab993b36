package staff

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/web/ui"
)

// Streams shows what stands beside the demands.
type Streams interface {
	// Stream is a contest, a duty of secrecy, a matter or a sealed case as the reader
	// may see it; what they may not is an error of kind problem.Missing.
	Stream(ctx context.Context, reader, id string) (Stream, error)
}

// StreamKinds are the kinds that have a page, in the words of their addresses.
var StreamKinds = []string{"contest", "secrecy", "matter", "case"}

// prefixes are how the ids of a kind begin.
var prefixes = map[string]string{"contest": "c-", "secrecy": "s-", "matter": "m-", "case": "x-"}

// streamOf reports whether an id can be one of the kind. A demand's has no prefix.
func streamOf(kind, id string) bool {
	if !caseNumber.MatchString(id) {
		return false
	}
	if kind != "demand" {
		return strings.HasPrefix(id, prefixes[kind])
	}
	for _, p := range prefixes {
		if strings.HasPrefix(id, p) {
			return false
		}
	}
	return true
}

// Stream is one contest, duty of secrecy, matter or sealed case on one page.
type Stream struct {
	ID       string
	Kind     string // of StreamKinds
	Title    string
	State    string
	Sealed   bool
	OnRoster bool
	Begun    time.Time
	Facts    []Datum
	Notes    []string // what a reader should know before acting
	Sections []Section
	Acts     []Link
	Tracks   []Track
	History  []Event
}

func (p *Pages) streamPlace(r *http.Request, kind string) ui.Page {
	name := p.words.Of(ui.Kinds, kind)
	place := []ui.Crumb{{Name: "Queue", Href: "/queue"}, {Name: name}}
	if p.out.Register != nil {
		place = []ui.Crumb{{Name: "Registers", Href: "/registers"}, {Name: name}}
	}
	return p.page(r, name, place...)
}

func (p *Pages) stream(kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		here, id := p.streamPlace(r, kind), r.PathValue("id")
		if here.Reader == "" || !streamOf(kind, id) {
			p.frame.Absent(w, here)
			return
		}
		s, err := p.out.Streams.Stream(r.Context(), here.Reader, id)
		if err != nil {
			if k := problem.Of(err).Kind; k == problem.Missing || k == problem.Refused {
				p.frame.Absent(w, here)
				return
			}
			p.frame.Problem(w, 0, here, err)
			return
		}
		here.Title, here.Place[1].Name = p.words.Of(ui.Kinds, kind)+" "+s.ID, s.ID
		c := p.clock()
		p.frame.Show(w, http.StatusOK, "stream.html", here, c, struct {
			Stream
			Line     timeline
			Recorded *Event
		}{s, draw(s.Tracks, s.Begun, time.Time{}, c.Now), recordedIn(r, s.History)})
	}
}

// recordedIn is the event of a history that the address says was just recorded by
// the reader, or nil.
func recordedIn(r *http.Request, history []Event) *Event {
	n, err := strconv.ParseUint(r.URL.Query().Get("recorded"), 10, 31)
	if err != nil || r.Method != http.MethodGet {
		return nil
	}
	if n == 0 {
		return &Event{}
	}
	for i := range history {
		if history[i].Seq == n {
			return &history[i]
		}
	}
	return nil
}
