package pickup

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"counterseal/internal/evidence/declaration"
	"counterseal/internal/evidence/release"
	"counterseal/internal/evidence/timestamp"
	"counterseal/internal/gate"
	"counterseal/internal/gate/gatehttp"
	"counterseal/internal/gate/gatepage"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed static/*.css static/*.js
var static embed.FS

// Gate is what the page asks of its gate; *gate.Gate offers it.
type Gate interface {
	Invite(ctx context.Context, token string) (gate.Invited, error)
	PickUp(ctx context.Context, token, moment, answer, file string) (io.ReadCloser, int64, error)
}

// Outside is the world that the page needs.
type Outside struct {
	Gate     Gate
	Provider string
	Origin   string // its own, and of nothing else
	Log      *slog.Logger
}

// Pages serves the page. It is safe for concurrent use.
type Pages struct {
	out   Outside
	host  string
	set   *template.Template
	words map[string]map[string]string // by language
}

// New makes the page. Code: pickup.origin.
func New(out Outside) (*Pages, error) {
	u, err := url.Parse(out.Origin)
	if err != nil || !signature.ValidPage(out.Origin) {
		return nil, problem.New(problem.Invalid, "pickup.origin", "the page for picking packages up has an origin").At("%.80q", out.Origin).Fix("write \"https://pickup.example\", or \"http://localhost:8704\" to try it")
	}
	p := &Pages{out, u.Host, template.Must(template.New("").Option("missingkey=error").ParseFS(templates, "templates/*.html")), map[string]map[string]string{}}
	for _, l := range languages {
		p.words[l.Code], err = readWords(l.Code)
		if err != nil {
			return nil, problem.New(problem.Internal, "pickup.template", "the pages have no words in a language").At("%s", l.Code).Because(err)
		}
	}
	return p, nil
}

// Handler serves the page on its own host alone.
func (p *Pages) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Accept-Language")
		// Browsers take what stands behind the "#" along.
		http.Redirect(w, r, "/"+preferred(r.Header.Get("Accept-Language")), http.StatusSeeOther)
	})
	for _, l := range languages {
		mux.HandleFunc("GET /"+l.Code, p.page(l.Code, "pickup.html", ""))
		mux.HandleFunc("GET /"+l.Code+"/zip", p.page(l.Code, "zip.html", "/zip"))
		mux.HandleFunc("GET /"+l.Code+"/key", p.page(l.Code, "key.html", "/key"))
	}
	mux.HandleFunc("GET /static/{file}", p.file)
	mux.HandleFunc("POST /ask", p.ask)
	mux.HandleFunc("POST /file/{file}", p.give)
	mux.HandleFunc("/", p.absent)
	return p.guarded(mux)
}

// strict lets nothing load but the page's own style and scripts; text from anywhere
// cannot become a page or a script.
const strict = "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

func (p *Pages) guarded(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	foreign := problem.New(problem.Refused, "pickup.foreign", "this page answers at its own address alone")
	refuse := func(w http.ResponseWriter) {
		p.out.Log.Warn("refused", "act", "pick-up page", "code", foreign.Code)
		gatehttp.Refuse(w, foreign)
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { refuse(w) }))
	inner := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", strict)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), clipboard-read=()")
		h.Set("Cache-Control", "no-store")
		if r.Host != p.host { // a name that somebody pointed here, or a way around the TLS in front
			refuse(w)
			return
		}
		inner.ServeHTTP(w, r)
	})
}

func (p *Pages) absent(w http.ResponseWriter, _ *http.Request) {
	gatehttp.Refuse(w, problem.New(problem.Missing, "pickup.absent", "there is no such page"))
}

func (p *Pages) file(w http.ResponseWriter, r *http.Request) {
	b, err := static.ReadFile("static/" + r.PathValue("file"))
	if r.PathValue("file") == "page.css" {
		b, err = gatepage.Style(), nil
	}
	if err != nil {
		p.absent(w, r)
		return
	}
	gatepage.Send(w, r.PathValue("file"), b)
}

// view is what a template sees. T are the words, Says those that the script shows.
type view struct {
	Lang, Provider, Host, Here string
	Declaration, Stamp, Late   string // names of the files that may lie beside a package
	Languages                  []language
	T                          map[string]string
	Says                       map[string]string
}

func (p *Pages) page(lang, name, here string) http.HandlerFunc {
	t := p.words[lang]
	return func(w http.ResponseWriter, _ *http.Request) {
		var b bytes.Buffer
		err := p.set.ExecuteTemplate(&b, name, view{lang, p.out.Provider, p.host, here, strings.Join(declaration.Files[:], " "), timestamp.File, release.LateProofFile, languages, t, said(t)})
		if err != nil {
			p.out.Log.Error("internal", "code", "pickup.template", "page", name)
			http.Error(w, "the page could not be made", http.StatusInternalServerError)
			return
		}
		if here != "/key" { // the pages of a link ask their own gate; the one that makes a key asks nobody
			w.Header().Set("Content-Security-Policy", strict+"; connect-src 'self'")
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Language", lang)
		_, _ = w.Write(b.Bytes())
	}
}

const maxBody = 4 << 10

type request struct {
	Link   string `json:"link"`
	Moment string `json:"moment,omitempty"`
	Answer string `json:"answer,omitempty"`
}

func (p *Pages) ask(w http.ResponseWriter, r *http.Request) {
	in, err := gatehttp.Decode[request](w, r, maxBody)
	if err != nil {
		gatehttp.Noted(p.out.Log, "pick-up page", err)
		gatehttp.Refuse(w, err)
		return
	}
	out, err := p.out.Gate.Invite(r.Context(), in.Link)
	if err != nil {
		p.refuse(w, err)
		return
	}
	gatehttp.Answer(w, out)
}

func (p *Pages) give(w http.ResponseWriter, r *http.Request) {
	in, err := gatehttp.Decode[request](w, r, maxBody)
	if err != nil {
		gatehttp.Noted(p.out.Log, "pick-up page", err)
		gatehttp.Refuse(w, err)
		return
	}
	body, size, err := p.out.Gate.PickUp(r.Context(), in.Link, in.Moment, in.Answer, r.PathValue("file"))
	if err != nil {
		p.refuse(w, err)
		return
	}
	gatehttp.Stream(w, body, size)
}

// refuse tells the code and its sentence. Which stop it was, and what staff can do about
// it, is no officer's.
func (p *Pages) refuse(w http.ResponseWriter, err error) {
	e := problem.Of(err)
	if e.Kind == problem.Internal {
		p.out.Log.Error("internal", "code", e.Code)
	}
	gatehttp.Refuse(w, problem.New(e.Kind, e.Code, "%s", e.Message))
}
