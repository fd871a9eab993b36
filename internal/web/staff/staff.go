package staff

import (
	"embed"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/web/ui"
)

//go:embed templates/*.html
var templates embed.FS

// Outside is the world that the pages need.
type Outside struct {
	Docket   Docket
	Hand     Hand      // nil: the pages can only be read
	Acts     Catalogue // nil: no act has a page of its own
	Streams  Streams   // nil: no pages of contests, duties, matters and cases
	Register Registers // nil: no registers
	Files    Documents // nil: documents are not shown
	Letters  Letters   // nil: letters are written on the command line alone
	PickUps  PickUps   // nil: links for officers are made on the command line alone
	Search   Finder    // nil: no search
	Door     Door      // nil: nothing can be dropped on the queue
	Sheets   Sheets    // nil: no tables of past demands are taken
	Random   io.Reader // a cryptographic source, for the ids of forms
	Now      func() time.Time
	Zone     *time.Location             // the zone in which staff work
	Provider string                     // the provider's name
	Reader   func(*http.Request) string // the signed-in person's id; "" for nobody
	LeaveAt  string                     // where a POST ends the session
}

// Pages serves them. It is safe for concurrent use.
type Pages struct {
	out     Outside
	words   *ui.Words
	frame   *ui.Frame
	uploads chan struct{} // those who are sending a document
}

// New makes the pages.
func New(out Outside) *Pages {
	words := ui.WordsFor("en")
	return &Pages{out: out, words: words, frame: ui.NewFrame(templates, "templates", words), uploads: make(chan struct{}, maxUploads)}
}

// Mount adds the pages to a mux. Whoever mounts them guards them: a request whose
// reader is nobody is answered as absent. A form that was sent from a page of
// another origin is answered so too.
func (p *Pages) Mount(mux ui.Mux, guard func(http.Handler) http.Handler) {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.frame.Absent(w, p.here(r)) }))
	get := func(path string, h http.HandlerFunc) { mux.Handle("GET "+path, guard(h)) }
	post := func(path string, h http.HandlerFunc) { mux.Handle("POST "+path, guard(cross.Handler(h))) }
	get("/queue", p.queue)
	get("/demand/{id}", p.demand)
	post("/demand/{id}", p.act)
	if p.out.Acts != nil {
		for _, kind := range append([]string{"demand"}, StreamKinds...) {
			get("/"+kind+"/{id}/act/{act}", p.offer(kind))
			post("/"+kind+"/{id}/act/{act}", p.give(kind))
		}
		get("/act/{act}", p.offer(""))
		post("/act/{act}", p.give(""))
	}
	if p.out.Streams != nil {
		for _, kind := range StreamKinds {
			get("/"+kind+"/{id}", p.stream(kind))
		}
	}
	if p.out.Register != nil {
		get("/registers", p.registers)
		get("/register/{name}", p.register)
	}
	if p.out.Files != nil {
		get("/demand/{id}/document/{digest}", p.document)
		get("/demand/{id}/file/{digest}", p.file)
	}
	if p.out.Letters != nil {
		get("/demand/{id}/letter", p.letters)
		get("/demand/{id}/letter/{kind}", p.letter)
		post("/demand/{id}/letter/{kind}", p.write)
	}
	if p.out.PickUps != nil {
		get("/demand/{id}/link", p.link)
		post("/demand/{id}/link", p.makeLink)
	}
	if p.out.Search != nil {
		get("/find", p.find)
	}
	if p.out.Door != nil {
		post("/queue/drop", p.drop)
	}
	if p.out.Sheets != nil {
		get("/import", p.sheet)
		post("/import", p.takeSheet)
	}
}

func (p *Pages) clock() ui.Clock { return ui.Clock{Now: p.out.Now(), Zone: p.out.Zone} }

func (p *Pages) page(r *http.Request, title string, place ...ui.Crumb) ui.Page {
	return p.out.page(r, title, place...)
}

// page is the frame that every page of the staff has.
func (o Outside) page(r *http.Request, title string, place ...ui.Crumb) ui.Page {
	nav := []ui.Crumb{{Name: "Queue", Href: "/queue"}}
	if o.Register != nil {
		nav = append(nav, ui.Crumb{Name: "Registers", Href: "/registers"})
	}
	if o.Search != nil {
		nav = append(nav, ui.Crumb{Name: "Find", Href: "/find"})
	}
	return ui.Page{Title: title, Provider: o.Provider, Place: place, Reader: o.Reader(r), LeaveAt: o.LeaveAt, Nav: append(nav, ui.Crumb{Name: "Public page", Href: "/"})}
}

// caseNumber is the widest form that an id may have; what does not fit is absent.
var caseNumber = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

// here is the place of a demand's page. It does not know which demand was asked
// for, so the page of absence does not either.
func (p *Pages) here(r *http.Request) ui.Page {
	return p.page(r, "Demand", ui.Crumb{Name: "Queue", Href: "/queue"}, ui.Crumb{Name: "Demand"})
}

func (p *Pages) demand(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, nil, draft{})
}

// act takes a form and answers with the page as it is then: by a redirection
// where something was recorded, and with the reason where nothing was.
func (p *Pages) act(w http.ResponseWriter, r *http.Request) {
	id, reader := r.PathValue("id"), p.out.Reader(r)
	if p.out.Hand == nil || reader == "" || !caseNumber.MatchString(id) {
		p.frame.Absent(w, p.here(r))
		return
	}
	a, typed, err := readForm(w, r)
	if err != nil {
		p.show(w, r, &trouble{err: err}, typed)
		return
	}
	a.Demand = id
	done, err := p.out.Hand.Do(r.Context(), reader, a)
	if err != nil {
		p.show(w, r, &trouble{err: err, seen: a.Seen}, typed)
		return
	}
	ui.Headers(w)
	w.Header().Set("Location", "/demand/"+id+"?recorded="+strconv.FormatUint(done.Last, 10))
	w.WriteHeader(http.StatusSeeOther)
}

// show draws the page of a demand, with what kept an act from being recorded.
// Whether the reader may see the demand is asked before anything else is told.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, t *trouble, typed draft) {
	here, id := p.here(r), r.PathValue("id")
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
	s := sheet{Demand: d, Heaps: sortFindings(d.Findings), Line: draw(d.Tracks, d.Instrument.Received, d.Due, c.Now), Recorded: recordedIn(r, d.History), Sent: sentIn(r, d), Shows: p.out.Files != nil, Index: p.index(d)}
	if p.out.Hand != nil {
		s.forms, err = makeForms(d, typed, p.out.Random)
		if err != nil {
			p.frame.Problem(w, 0, here, err)
			return
		}
	}
	status := http.StatusOK
	if t != nil {
		status, s.Trouble = t.on(d)
	}
	p.frame.Show(w, status, "demand.html", here, c, s)
}

// trouble is why nothing was recorded.
type trouble struct {
	err  error
	seen uint64
}

// Told is a trouble as the page tells it.
type Told struct {
	ui.Trouble
	Not   string  // what was not done; "": not recorded
	Since []Event // what happened since the reader saw the demand
}

func (t *trouble) on(d Demand) (int, *Told) {
	e := problem.Of(t.err)
	told := &Told{Trouble: ui.TroubleOf(t.err)}
	if e.Code == "store.unavailable" { // the disk may have failed after it was written
		told.Kept = "It may have been recorded, or not: the history below says which. To send the same form again does no harm."
	}
	if errors.Is(t.err, ErrChanged) {
		for _, h := range d.History {
			if h.Seq > t.seen {
				told.Since = append(told.Since, h)
			}
		}
	}
	return e.Kind.HTTPStatus(), told
}

// sheet is what the page of a demand shows.
type sheet struct {
	Demand
	Heaps    heaps
	Line     timeline
	Recorded *Event // what the reader has just recorded; no number: it was so already
	Sent     *SentLetter
	Trouble  *Told
	Shows    bool // documents can be shown
	Index    []ui.Crumb
	forms    []form
}

// index is the way through a long page.
func (p *Pages) index(d Demand) []ui.Crumb {
	out := []ui.Crumb{{Name: "Document", Href: "document"}}
	add := func(there bool, name, id string) {
		if there {
			out = append(out, ui.Crumb{Name: name, Href: id})
		}
	}
	add(len(d.Stated) > 0 || d.States, "Facts", "stated")
	add(len(d.Targets) > 0, "Whom it names", "targets")
	add(true, "What it asks", "lines")
	add(true, "Findings", "findings")
	for _, s := range d.Sections {
		add(true, p.words.Of(ui.Parts, s.Part), s.Part)
	}
	add(true, "Tracks", "tracks")
	add(true, "Grants", "grants")
	add(len(d.Record) > 0, "Record", "record")
	add(true, "History", "history")
	return out
}

// form is an offer as it is drawn once.
type form struct {
	Offer
	Demand  string
	Seen    uint64
	Command string
	Text    string // what was typed before
}

// Key is the form's own name on the page.
func (f form) Key() string {
	key := f.Act + "-" + strconv.Itoa(f.No)
	if f.Rule != "" {
		key += "-" + strings.ReplaceAll(f.Rule, ".", "-")
	}
	return key
}

func makeForms(d Demand, typed draft, random io.Reader) ([]form, error) {
	var out []form
	for _, o := range d.Offers {
		id, err := newCommand(random)
		if err != nil {
			return nil, err
		}
		f := form{Offer: o, Demand: d.ID, Seen: d.Last, Command: id}
		if typed.Act == o.Act && typed.No == o.No && typed.Rule == o.Rule {
			f.Text = typed.Text
		}
		out = append(out, f)
	}
	return out, nil
}

// First is the form of the next act, nil where the reader has none.
func (s sheet) First() *form {
	for i, f := range s.forms {
		if s.isNext(f) {
			return &s.forms[i]
		}
	}
	return nil
}

func (s sheet) isNext(f form) bool {
	return f.Act == s.Next.Act && f.No == s.Next.No && (f.Rule == "" || f.Rule == s.Next.About)
}

// Answers are the forms that answer a finding, without the one above all others.
func (s sheet) Answers(rule string) []form {
	var out []form
	for _, f := range s.Forms("answer", 0) {
		if f.Rule == rule {
			out = append(out, f)
		}
	}
	return out
}

// Forms are those of an act on one target or line, without the one that stands
// above all others.
func (s sheet) Forms(act string, no int) []form {
	var out []form
	for _, f := range s.forms {
		if f.Act == act && f.No == no && !s.isNext(f) {
			out = append(out, f)
		}
	}
	return out
}

// heaps are the findings by what they ask of a reader.
type heaps struct {
	Open      []Finding // to decide
	Answered  []Finding
	Remarks   []Finding // not met, and not blocking
	Asks      []Finding
	Undecided []Finding // could not be judged, and no fact is missing
	Left      []Finding // hold, but for what is left to a person
	Holds     []Finding
}

func sortFindings(all []Finding) heaps {
	var h heaps
	for _, f := range all {
		switch {
		case f.Open():
			h.Open = append(h.Open, f)
		case f.Outcome == "violated" && f.Severity == "blocking":
			h.Answered = append(h.Answered, f)
		case f.Outcome == "violated":
			h.Remarks = append(h.Remarks, f)
		case f.Outcome == "ask" && len(f.Missing) > 0:
			h.Asks = append(h.Asks, f)
		case f.Outcome == "holds" && len(f.LeavesOut) > 0:
			h.Left = append(h.Left, f)
		case f.Outcome == "holds":
			h.Holds = append(h.Holds, f)
		default: // an outcome that this page does not know is shown, not dropped
			h.Undecided = append(h.Undecided, f)
		}
	}
	return h
}
