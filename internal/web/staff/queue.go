package staff

import (
	"net/http"
	"slices"
	"time"

	"counterseal/internal/web/ui"
)

// Ask is which part of the queue is wanted.
type Ask struct {
	Show  string // one of Shows
	After string // Queue.Next of the page before; "" for the first
}

// Shows are the saved views of the queue, in the order in which they are offered;
// "" is all that is open.
var Shows = []string{"", "yours", "others", "emergency", "unread", "authority", "held", "sealed", "closed"}

// Queue is one page of it.
type Queue struct {
	Rows  []Row
	Views []View
	Read  int    // demands that were read to make this page
	Next  string // "" on the last page
}

// View is a saved view with the number of demands in it.
type View struct {
	Show    string
	Count   int
	Least   bool // there are at least so many
	Unknown bool // nobody counts this one
}

// Row is one demand in the queue with the duty that falls due first. It is told
// from what is stored beside the demand; the demand itself was not opened.
type Row struct {
	ID        string
	Due       time.Time // zero: nothing falls due by a day
	Duty      string    // kind of the duty
	About     string    // what the duty is about
	Seat      string    // who does it
	Agency    string    // in short, as staff call it
	Title     string    // of the instrument, in short
	Stated    string    // of what nobody has read: sender and subject, in its own words
	Asks      string    // "1 account · content"
	Status    string
	Sealed    bool
	Emergency bool
	Unread    bool
	Yours     bool       // the reader holds the seat that does the duty
	Way       []Obstacle // in the order in which they would be removed
	Problem   string     // code of why it cannot be opened; "" where it can
}

func (p *Pages) queue(w http.ResponseWriter, r *http.Request) {
	here := p.page(r, "Queue", ui.Crumb{Name: "Queue"})
	here.Nav[0].Href = ""
	ask := Ask{Show: r.URL.Query().Get("show"), After: r.URL.Query().Get("after")}
	if !slices.Contains(Shows, ask.Show) || len(ask.After) > 200 || here.Reader == "" {
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
		Takes       bool
	}{q, ask.Show, ask.After, p.out.Door != nil})
}
