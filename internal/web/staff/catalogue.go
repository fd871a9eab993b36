package staff

import (
	"context"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"counterseal/internal/problem"
	"counterseal/internal/web/ui"
)

// Catalogue offers the acts of which each has a page of its own.
type Catalogue interface {
	// Form says what an act asks for on the page of a stream; page is "" for an act
	// that needs none. What is not for the reader to see is an error of kind
	// problem.Missing and is asked first; what is not for their seats to do is one of
	// kind problem.Refused. No such act on such a page is problem.Missing too.
	Form(ctx context.Context, reader, page, act string) (Form, error)
	// Give records the act in the reader's name: once, however often it is sent, and
	// only on the page as the reader saw it, or gives ErrChanged.
	Give(ctx context.Context, reader string, g Given) (Result, error)
}

// Form is what an act asks for.
type Form struct {
	Act     string
	Page    string // the stream on whose page it is offered
	Title   string // of that stream
	Seen    uint64 // its last event; 0 where the act depends on nothing there
	Zone    string // in which days and times are read
	Fields  []Field
	Facts   []Datum // what to look at before it is given
	Warns   string  // what cannot be taken back, in a sentence; may be empty
	Reason  bool    // the act is not taken without a reason
	History []Event // of the page, to tell what came in between
}

// Field is one thing that a person states. Its kinds are those of package act.
type Field struct {
	Name     string
	Part     string // a heading over this field and those after it; mostly empty
	Label    string // "" where ui.Fields has it
	Kind     string
	Required bool
	Many     bool     // several choices may be made
	Choices  []Option // none: free
	Values   []string // what is chosen or typed
	Time     string   // beside a day, the time of day that was typed
}

// Option is one choice.
type Option struct{ Value, Says, Quiet string }

// Chosen reports whether the value is among those of the field.
func (f Field) Chosen(value string) bool {
	for _, v := range f.Values {
		if v == value {
			return true
		}
	}
	return false
}

// Value is what is typed in a field of one value.
func (f Field) Value() string {
	if len(f.Values) == 0 {
		return ""
	}
	return f.Values[0]
}

// Given is one form as it was sent.
type Given struct {
	Act, Page string
	Seen      uint64
	Command   [16]byte
	Values    map[string][]string
	Documents map[string]Upload
	Reason    string
}

// Upload is a file that came with a form.
type Upload struct {
	Name      string // as the sender says; never opened
	MediaType string
	Bytes     []byte
}

// Result is where the act was recorded; First and Last are 0 where it was so
// already.
type Result struct {
	Stream      string
	First, Last uint64
}

// actName is the widest form that the name of an act may have.
var actName = regexp.MustCompile(`^[a-z_]{1,32}(\.[a-z_]{1,32})?$`)

// actPage is what the page of an act shows.
type actPage struct {
	Form
	Kind    string
	At      string // where the form is sent
	Back    string
	Command string
	Reason  string
	Must    bool
	Upload  bool
	Trouble *Told
}

// at is the place of an act's page, which does not know which stream was asked for.
func (p *Pages) at(r *http.Request, kind string) ui.Page {
	if kind == "" {
		return p.page(r, "Record", ui.Crumb{Name: "Queue", Href: "/queue"}, ui.Crumb{Name: "Record"})
	}
	return p.page(r, "Record", ui.Crumb{Name: "Queue", Href: "/queue"}, ui.Crumb{Name: title(kind)}, ui.Crumb{Name: "Record"})
}

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// offer draws the form of an act.
func (p *Pages) offer(kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f, ok := p.form(w, r, kind)
		if !ok {
			return
		}
		q := r.URL.Query()
		for i := range f.Fields {
			if v := q[f.Fields[i].Name]; len(v) > 0 && len(v) <= maxAccounts {
				f.Fields[i].Values = v
			}
		}
		p.showForm(w, r, kind, f, nil, "")
	}
}

// form finds the form for the reader, or answers why there is none. What cannot be
// seen is asked before the act is looked at.
func (p *Pages) form(w http.ResponseWriter, r *http.Request, kind string) (Form, bool) {
	here, id, name := p.at(r, kind), r.PathValue("id"), r.PathValue("act")
	if here.Reader == "" || kind != "" && !streamOf(kind, id) || !actName.MatchString(name) {
		p.frame.Absent(w, here)
		return Form{}, false
	}
	f, err := p.out.Acts.Form(r.Context(), here.Reader, id, name)
	if err != nil {
		if problem.Of(err).Kind == problem.Missing {
			p.frame.Absent(w, here)
			return Form{}, false
		}
		p.frame.Problem(w, 0, here, err)
		return Form{}, false
	}
	return f, true
}

func (p *Pages) showForm(w http.ResponseWriter, r *http.Request, kind string, f Form, t *trouble, reason string) {
	here := p.at(r, kind)
	page := actPage{Form: f, Kind: kind, At: "/act/" + f.Act, Back: "/queue", Reason: reason}
	if kind != "" {
		page.At = "/" + kind + "/" + f.Page + page.At
		page.Back = "/" + kind + "/" + f.Page
		here.Place[1] = ui.Crumb{Name: f.Page, Href: page.Back}
	}
	here.Title = p.words.Of(ui.Deeds, f.Act)
	here.Place[len(here.Place)-1].Name = here.Title
	for _, x := range f.Fields {
		page.Upload = page.Upload || x.Kind == "document"
		page.Must = page.Must || x.Required
	}
	id, err := newCommand(p.out.Random)
	if err != nil {
		p.frame.Problem(w, 0, here, err)
		return
	}
	page.Command = id
	status := http.StatusOK
	if t != nil {
		status, page.Trouble = t.on(Demand{History: f.History})
	}
	p.frame.Show(w, status, "act.html", here, p.clock(), page)
}

// give takes the form of an act.
func (p *Pages) give(kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f, ok := p.form(w, r, kind)
		if !ok {
			return
		}
		g, err := p.readGiven(w, r, &f)
		if err == nil {
			g.Act, g.Page = f.Act, f.Page
			var done Result
			done, err = p.out.Acts.Give(r.Context(), p.out.Reader(r), g)
			if err == nil {
				see(w, whereIs(kind, f.Page, done))
				return
			}
		}
		if problem.Of(err).Kind == problem.Missing && problem.Code(err) == "docket.not_found" && f.Page == "" {
			err = problem.New(problem.Missing, "staff.named", "one of those that you named is not there, or is not for you").Fix("check what you wrote")
		}
		p.showForm(w, r, kind, f, &trouble{err: err, seen: g.Seen}, g.Reason)
	}
}

// whereIs is the page that shows what was recorded.
func whereIs(kind, page string, done Result) string {
	recorded := "?recorded=" + strconv.FormatUint(done.Last, 10)
	if done.Stream == page && kind != "" {
		return "/" + kind + "/" + page + recorded
	}
	for _, k := range StreamKinds {
		if streamOf(k, done.Stream) {
			return "/" + k + "/" + done.Stream + recorded
		}
	}
	if kind == "" {
		return "/queue"
	}
	return "/" + kind + "/" + page
}

func see(w http.ResponseWriter, where string) {
	ui.Headers(w)
	w.Header().Set("Location", where)
	w.WriteHeader(http.StatusSeeOther)
}

// readGiven reads a form against what it asks for. What was typed is put back into
// the form. Codes: staff.form, staff.too_long, staff.upload, staff.busy.
func (p *Pages) readGiven(w http.ResponseWriter, r *http.Request, f *Form) (Given, error) {
	typed, files, err := p.readBody(w, r, *f)
	g := Given{Values: map[string][]string{}, Documents: files, Reason: strings.TrimSpace(typed.Get("reason"))}
	if err != nil {
		return g, err
	}
	for i := range f.Fields {
		x := &f.Fields[i]
		values := typed[fieldPrefix+x.Name]
		x.Values, x.Time = values, typed.Get(fieldPrefix+x.Name+timeSuffix)
		if len(values) > maxAccounts {
			return g, badForm(x.Name, again)
		}
		if v := joined(*x); len(v) > 0 {
			g.Values[x.Name] = v
		}
	}
	if g.Seen, err = whole(typed, "seen"); err != nil {
		return g, err
	}
	id, err := hex.DecodeString(typed.Get("command"))
	if err != nil || len(id) != len(g.Command) {
		return g, badForm("command", again)
	}
	copy(g.Command[:], id)
	if len(g.Reason) > maxText {
		return g, problem.New(problem.Invalid, "staff.too_long", "a text takes at most %d bytes", maxText).At("%d bytes", len(g.Reason)).Fix("say it shorter")
	}
	return g, nil
}

const (
	fieldPrefix = "f-"
	timeSuffix  = ".time"
)

// joined is a field's value as package act reads it: a day with its time of day,
// lists without what was left empty.
func joined(x Field) []string {
	var out []string
	for _, v := range x.Values {
		if v = strings.TrimSpace(v); v != "" {
			out = append(out, v)
		}
	}
	if x.Time != "" && len(out) == 1 {
		out[0] += " " + x.Time
	}
	return out
}

// known asks that a form has no field that this act has not, and none twice that
// comes once.
func known(f Form, typed url.Values) error {
	many := map[string]bool{"seen": false, "command": false, "reason": false}
	for _, x := range f.Fields {
		many[fieldPrefix+x.Name] = x.Many
		many[fieldPrefix+x.Name+timeSuffix] = false
	}
	for key, values := range typed {
		several, ok := many[key]
		if !ok || len(values) > 1 && !several {
			return badForm("a field that this form does not have", again)
		}
	}
	return nil
}
