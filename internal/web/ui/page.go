package ui

import (
	"bytes"
	"crypto/sha256"
	"embed"
	_ "embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/problem"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed style.css
var style []byte

//go:embed mark.svg
var mark []byte

// policy is what a page may load: its own stylesheet and nothing else.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// StylePath is where the stylesheet is; the path changes with its content.
func StylePath() string {
	sum := sha256.Sum256(style)
	return "/style-" + hex.EncodeToString(sum[:6]) + ".css"
}

// Style serves the stylesheet under StylePath.
func Style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Write(style)
}

// Mark serves the mark as an icon, under /mark.svg.
func Mark(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "public, max-age=86400")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Write(mark)
}

// Mux is what pages are added to: *http.ServeMux, and whatever notes what is added.
type Mux interface {
	Handle(pattern string, h http.Handler)
	HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request))
}

// Mount adds the stylesheet and the mark to a mux. They need no session.
func Mount(mux Mux) {
	mux.HandleFunc("GET "+StylePath(), Style)
	mux.HandleFunc("GET /mark.svg", Mark)
	mux.HandleFunc("GET "+SignInScriptPath(), SignInScript)
}

// Crumb is one step of the place; the last has no address.
type Crumb struct{ Name, Href string }

// Page is what the layout needs to know.
type Page struct {
	Title    string
	Provider string
	Place    []Crumb
	Nav      []Crumb
	Reader   string // the name of who is signed in; empty on public pages
	LeaveAt  string // where a POST ends the session; empty where there is none
}

// Trail reports whether there is a way back to show: a single step is the page's
// own title.
func (p Page) Trail() bool { return len(p.Place) > 1 }

// Frame renders pages of one face. It is safe for concurrent use.
type Frame struct {
	set   map[string]*template.Template
	words *Words
}

// view is what a template sees: .Page, .T (times), .W (words) and .Data.
type view struct {
	Page
	T     Clock
	W     *Words
	Style string
	Data  any
}

// NewFrame parses every file of dir in fsys as the body of a page of that name; a
// file whose name begins with _ holds pieces for all of them.
// A template that does not parse is a defect of ours, so NewFrame panics.
func NewFrame(fsys fs.FS, dir string, words *Words) *Frame {
	f := &Frame{set: map[string]*template.Template{}, words: words}
	base := template.Must(template.New("layout").Funcs(helpers(words)).ParseFS(templates, "templates/*.html"))
	f.add(base, templates, "templates/problem.html", "problem.html")
	for _, name := range []string{"enter.html", "signin.html", "passkey.html", "entered.html", "left.html"} {
		f.add(base, templates, "templates/"+name, name)
	}
	if fsys == nil {
		return f
	}
	files, err := fs.ReadDir(fsys, dir)
	if err != nil {
		panic("ui: no templates")
	}
	for _, file := range files {
		if strings.HasPrefix(file.Name(), "_") { // pieces that several pages are made of
			template.Must(base.ParseFS(fsys, dir+"/"+file.Name()))
		}
	}
	for _, file := range files {
		if strings.HasPrefix(file.Name(), "_") {
			continue
		}
		f.add(base, fsys, dir+"/"+file.Name(), file.Name())
	}
	return f
}

func (f *Frame) add(base *template.Template, fsys fs.FS, path, name string) {
	body, err := fs.ReadFile(fsys, path)
	if err != nil {
		panic("ui: no template " + name)
	}
	t := template.Must(base.Clone())
	template.Must(t.New("body").Parse(string(body)))
	f.set[name] = t
}

// several carries up to three values into a template that takes one.
type several struct{ A, B, C any }

func helpers(w *Words) template.FuncMap {
	return template.FuncMap{
		"say":      func(g Group, code string) string { return w.Of(g, code) },
		"pair":     func(a, b any) several { return several{A: a, B: b} },
		"mark":     func(a, b, c any) several { return several{A: a, B: b, C: c} },
		"after":    after,
		"obstacle": w.Obstacle,
		"style":    StylePath,
		"more":     func(n int, one, many string) string { return Count(n, one, many) },
		"group":    Group3,
		"few":      func(list any) bool { return reflect.ValueOf(list).Len() <= 5 },
		"many":     func(list any) bool { return reflect.ValueOf(list).Len() > 8 },
		"next":     func(n int) int { return n + 1 },
		"label":    w.Label,
		"choice":   w.Choice,
		"hint":     w.Hint,
		"own":      func(act string) bool { return act == "approve" || act == "release" },
	}
}

// after is how many there are beside the first.
func after(list any) int { return max(reflect.ValueOf(list).Len()-1, 0) }

// Count writes a number with its noun: "1 line", "2 lines", the number as Group3 does.
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Group3(uint64(n)) + " " + many
}

// Group3 writes a large number in groups of three: 1 209 600.
func Group3(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// Show renders a page whole and then sends it. It is never cached: what it says
// is true now.
func (f *Frame) Show(w http.ResponseWriter, status int, name string, p Page, c Clock, data any) {
	f.ShowUnder(w, status, policy, name, p, c, data)
}

// ShowUnder is Show under another content security policy.
func (f *Frame) ShowUnder(w http.ResponseWriter, status int, under, name string, p Page, c Clock, data any) {
	var b bytes.Buffer
	err := f.set[name].ExecuteTemplate(&b, "layout.html", view{Page: p, T: c, W: f.words, Style: StylePath(), Data: data})
	if err != nil {
		Headers(w)
		http.Error(w, "internal.page: this page could not be drawn; nothing was changed", http.StatusInternalServerError)
		return
	}
	Headers(w)
	w.Header().Set("Content-Security-Policy", under)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

// Headers sets what every answer of ours carries.
func Headers(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// Trouble is a problem in words: everything of it that a person may see.
type Trouble struct {
	Heading, Message, Field, Remedy, Kept, Code string

	Way, WayAt string // a link to where it can be put right; "": none
}

// TroubleOf puts a problem into words.
func TroubleOf(err error) Trouble {
	e := problem.Of(err)
	return Trouble{Heading: headings[e.Kind], Message: sentence(e.Message), Field: e.Field, Remedy: sentence(e.Remedy), Kept: kept(e.Kind), Code: e.Code}
}

// Problem answers with the page of a problem: what happened, what was kept, what
// to do. A status of 0 is that of the problem's kind.
func (f *Frame) Problem(w http.ResponseWriter, status int, p Page, err error) {
	if status == 0 {
		status = problem.Of(err).Kind.HTTPStatus()
	}
	t := TroubleOf(err)
	p.Title = t.Heading
	f.Show(w, status, "problem.html", p, Clock{Now: time.Time{}}, t)
}

// Absent answers for what does not exist and for what is not for this reader
// alike: same status, same bytes (invariant 16). It takes nothing from the
// request or the cause.
func (f *Frame) Absent(w http.ResponseWriter, p Page) {
	f.Problem(w, 0, p, problem.New(problem.Missing, "web.missing", "there is nothing here, or it is not for you").
		Fix("check the address, or begin again at the first page"))
}

var headings = map[problem.Kind]string{
	problem.Internal:    "Something failed on our side",
	problem.Invalid:     "This cannot be accepted as it is",
	problem.Missing:     "Nothing to show here",
	problem.Conflict:    "Something came first",
	problem.Refused:     "Not allowed now",
	problem.Unavailable: "A part that is needed does not answer",
	problem.Unverified:  "A proof does not hold",
}

func kept(k problem.Kind) string {
	if k == problem.Internal {
		return "What was recorded before is kept. If you were recording something, look at the history before you try again."
	}
	return "Nothing was changed. Everything that was recorded before is kept."
}

// sentence gives a calm message its capital and its stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	b := []byte(s)
	if 'a' <= b[0] && b[0] <= 'z' {
		b[0] -= 'a' - 'A'
	}
	if last := b[len(b)-1]; last != '.' && last != '!' && last != '?' {
		b = append(b, '.')
	}
	return string(b)
}
