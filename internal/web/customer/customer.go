package customer

import (
	"crypto/rand"
	"embed"
	"encoding/hex"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"counterseal/internal/problem"
	"counterseal/internal/web/ui"
)

//go:embed templates/*.html
var templates embed.FS

// Outside is the world that the pages need.
type Outside struct {
	Desk     Desk
	Provider string
	Reader   func(*http.Request) string // the id of the customer who is let in
	LeaveAt  string
	Now      func() time.Time
}

// At is where the pages lie.
const At = "/customer"

// Pages serves them. It is safe for concurrent use.
type Pages struct {
	out    Outside
	frames map[string]*ui.Frame
}

// New makes the pages.
func New(out Outside) *Pages { return &Pages{out: out, frames: frames()} }

func frames() map[string]*ui.Frame {
	out := map[string]*ui.Frame{}
	for _, lang := range Languages {
		out[lang] = ui.NewFrame(templates, "templates", ui.WordsFor(lang))
	}
	return out
}

// Mount adds the pages to a mux, under a guard that lets customers in.
func (p *Pages) Mount(mux ui.Mux, guard func(http.Handler) http.Handler) {
	for pattern, h := range map[string]http.HandlerFunc{
		"GET " + At: p.home, "GET " + At + "/notice/{id}": p.notice, "GET " + At + "/notice/{id}/proof": p.proof, "POST " + At + "/object": p.object,
	} {
		mux.Handle(pattern, guard(h))
	}
}

// sheet is what every template of these pages sees.
type sheet struct {
	View
	Notice   Notice
	Recorded bool // an objection was just put into the file
	Form     string
	Text     string // what was typed and not taken
	Trouble  *ui.Trouble
	Lang     string
	words    map[string]string
	path     string
	chosen   string // the language in the address, where one is
}

// T is a text of the page.
func (s sheet) T(key string) string { return s.words[key] }

// With is a text with something in it.
func (s sheet) With(key string, what ...string) string {
	text := s.words[key]
	for _, w := range what {
		text = strings.Replace(text, "%", w, 1)
	}
	return text
}

// Link keeps the chosen language along the way.
func (s sheet) Link(path string) string {
	if s.chosen == "" {
		return path
	}
	return path + "?lang=" + s.chosen
}

// Tongue is one language of the switch.
type Tongue struct {
	Lang, Name, Href string
	Here             bool
}

// Tongues is the switch.
func (s sheet) Tongues() []Tongue {
	var out []Tongue
	for _, l := range Languages {
		out = append(out, Tongue{Lang: l, Name: names[l], Href: s.path + "?lang=" + l, Here: l == s.Lang})
	}
	return out
}

// Heap is the laws of one role.
func (s sheet) Heap(role string) (out []Law) {
	for _, l := range s.Laws {
		if l.Role == role {
			out = append(out, l)
		}
	}
	return out
}

// language is the one that was chosen, else the customer's.
func language(r *http.Request, own string) (lang, chosen string) {
	asked := r.URL.Query().Get("lang")
	if _, ok := texts[asked]; ok {
		return asked, asked
	}
	if _, ok := texts[own]; ok {
		return own, ""
	}
	return "en", ""
}

// begin finds who reads and in which language. Where it answers itself, ok is false.
func (p *Pages) begin(w http.ResponseWriter, r *http.Request, path string) (s sheet, ok bool) {
	id := p.out.Reader(r)
	first, err := p.out.Desk.Customer(r.Context(), id, "en")
	if err != nil {
		closed(p.frames["en"], w, 0, p.out.Provider, err)
		return s, false
	}
	s = sheet{View: first, path: path}
	s.Lang, s.chosen = language(r, first.Language)
	s.words = texts[s.Lang]
	if s.Lang == "en" {
		return s, true
	}
	s.View, err = p.out.Desk.Customer(r.Context(), id, s.Lang)
	if err != nil {
		closed(p.frames["en"], w, 0, p.out.Provider, err)
		return s, false
	}
	return s, true
}

func (p *Pages) show(w http.ResponseWriter, status int, name string, s sheet) {
	here := ui.Page{Title: s.words["title"], Provider: p.out.Provider, Reader: s.Name, LeaveAt: p.out.LeaveAt}
	if name == "notice.html" {
		here.Title = s.words["notice"]
		here.Place = []ui.Crumb{{Name: s.words["home"], Href: s.Link(At)}, {Name: s.words["notice"]}}
	}
	p.frames[s.Lang].Show(w, status, name, here, ui.Clock{Now: p.out.Now()}, s)
}

func (p *Pages) home(w http.ResponseWriter, r *http.Request) {
	s, ok := p.begin(w, r, At)
	if !ok {
		return
	}
	p.show(w, http.StatusOK, "home.html", s)
}

// noticeID is the form of a notice's id.
var noticeID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// find reads the notice that a page is about. Where it answers itself, ok is false.
func (p *Pages) find(w http.ResponseWriter, r *http.Request, s *sheet, id string) (ok bool) {
	err := error(problem.New(problem.Missing, "customer.no_notice", "there is no such notice"))
	if noticeID.MatchString(id) {
		s.Notice, err = p.out.Desk.Notice(r.Context(), p.out.Reader(r), id, s.Lang)
	}
	if err == nil {
		return true
	}
	p.sorry(w, *s, err)
	return false
}

// sorry answers with what went wrong. What is absent and what belongs to another
// customer are the same to the byte.
func (p *Pages) sorry(w http.ResponseWriter, s sheet, err error) {
	e := problem.Of(err)
	s.Trouble = &ui.Trouble{Heading: s.words["sorry.failed"], Code: e.Code}
	if e.Kind == problem.Missing {
		s.Trouble = &ui.Trouble{Heading: s.words["sorry.missing"], Code: "customer.no_notice"}
	}
	s.path = At // an address that was only guessed is not repeated
	p.show(w, e.Kind.HTTPStatus(), "sorry.html", s)
}

func (p *Pages) notice(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	s, ok := p.begin(w, r, At+"/notice/"+id)
	if !ok || !p.find(w, r, &s, id) {
		return
	}
	s.Recorded = r.URL.Query().Get("kept") == "1"
	s.Form = newForm()
	p.show(w, http.StatusOK, "notice.html", s)
}

// newForm is the id of a form that is drawn.
func newForm() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func (p *Pages) proof(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	s, ok := p.begin(w, r, At)
	if !ok || !p.find(w, r, &s, id) {
		return
	}
	text, err := p.out.Desk.Proof(r.Context(), p.out.Reader(r), id)
	if err != nil {
		p.sorry(w, s, err)
		return
	}
	ui.Headers(w)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="proof.tlog"`)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write(text)
}

// object takes an objection and answers with the page of its notice: by a
// redirection where it was kept, and with what was typed where it was not.
func (p *Pages) object(w http.ResponseWriter, r *http.Request) {
	o, err := readObjection(w, r)
	s, ok := p.begin(w, r, At+"/notice/"+o.Notice)
	if !ok || !p.find(w, r, &s, o.Notice) {
		return
	}
	if err == nil {
		err = p.out.Desk.Object(r.Context(), p.out.Reader(r), o)
	}
	if err == nil {
		ui.Headers(w)
		to := At + "/notice/" + o.Notice + "?kept=1"
		if s.chosen != "" {
			to += "&lang=" + s.chosen
		}
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	e := problem.Of(err)
	says := s.words["objection."+e.Code]
	if says == "" {
		says = s.words["objection.failed"]
	}
	s.Trouble, s.Text = &ui.Trouble{Message: says, Code: e.Code}, o.Text
	s.Form = hex.EncodeToString(o.Form[:]) // the same form again is the same objection
	if o.Form == ([16]byte{}) {
		s.Form = newForm()
	}
	p.show(w, e.Kind.HTTPStatus(), "notice.html", s)
}

// readObjection reads the form. Codes: customer.form, customer.objection, and those of
// what it comes through.
func readObjection(w http.ResponseWriter, r *http.Request) (o Objection, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, 8*MaxObjection)
	err = r.ParseForm()
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return o, tooLong()
	}
	if said := (*problem.Error)(nil); errors.As(err, &said) { // what the form came through
		return o, said
	}
	if err != nil {
		return o, badForm(err)
	}
	o.Notice, o.Text = r.PostForm.Get("notice"), strings.TrimSpace(strings.ReplaceAll(r.PostForm.Get("text"), "\r\n", "\n"))
	id, err := hex.DecodeString(r.PostForm.Get("form"))
	if err != nil || len(id) != len(o.Form) {
		return o, badForm(err)
	}
	o.Form = [16]byte(id)
	if o.Text == "" || len(o.Text) > MaxObjection || !utf8.ValidString(o.Text) {
		return o, tooLong()
	}
	return o, nil
}

func tooLong() error {
	return problem.New(problem.Invalid, "customer.objection", "an objection is text of 1 to %d bytes", MaxObjection)
}

func badForm(err error) error {
	return problem.New(problem.Invalid, "customer.form", "this form cannot be read").Fix("open the notice again").Because(err)
}

// Roles are the heaps of laws, in the order in which a customer asks.
func (s sheet) Roles() []string { return []string{"compels", "forbids", "route", "permits"} }

// List joins names.
func (s sheet) List(names []string) string { return strings.Join(names, ", ") }

// Number puts a number into a text.
func (s sheet) Number(key string, n int) string { return s.With(key, ui.Group3(uint64(n))) }

// States names states, and says of many how many there are.
func (s sheet) States(w *ui.Words, codes []string) string {
	var out []string
	for _, c := range codes {
		out = append(out, w.Country(c))
	}
	if len(out) > 3 {
		return s.Number("law.states", len(out)) + " (" + strings.Join(out, ", ") + ")"
	}
	return strings.Join(out, ", ")
}

// Words names codes of a group.
func (s sheet) Words(w *ui.Words, g ui.Group, codes []string) string {
	var out []string
	for _, c := range codes {
		out = append(out, w.Of(g, c))
	}
	return strings.Join(out, ", ")
}
