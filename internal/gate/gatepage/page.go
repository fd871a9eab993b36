package gatepage

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
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed static/page.css static/page.js
var static embed.FS

// Style is the style of a gate's pages.
func Style() []byte {
	b, err := static.ReadFile("static/page.css")
	if err != nil {
		panic(err) // it is embedded above
	}
	return b
}

// Gate is what the page asks of its gate; *gate.Gate offers it.
type Gate interface {
	Charter() *grant.Charter
	List(ctx context.Context) ([]gate.Status, error)
	Status(ctx context.Context, id string) (gate.Status, error)
	Text(ctx context.Context, id string) ([]byte, error)
	Document(ctx context.Context, id string) ([]byte, error)
	Stops(ctx context.Context) ([]gate.HeldStop, error)
	ExportText(ctx context.Context, export string) ([]byte, error)
	CallText(ctx context.Context, call string) ([]byte, error)
	Approve(ctx context.Context, id string, approval []byte) (gate.Status, error)
	InForce(ctx context.Context, s grant.Signed) (gate.Status, error)
	Stop(ctx context.Context, s grant.Signed) (gate.HeldStop, error)
	TellPassphrase(ctx context.Context, s grant.Signed) (gate.Told, error)
	PassphraseReached(ctx context.Context, s grant.Signed) (gate.Status, error)
}

// Outside is the world that the page needs.
type Outside struct {
	Gate     Gate // nil: there is no charter yet
	ID       string
	Region   string
	Provider string
	Origin   string // as it stands in the charter
	Now      func() time.Time
	Random   io.Reader // cryptographic
	Log      *slog.Logger
}

// Pages serves the page. It is safe for concurrent use.
type Pages struct {
	out   Outside
	host  string // of the origin, with its port
	name  string // of the host alone: what passkeys are bound to
	set   *template.Template
	looks *looks
}

// New makes the page. Code: gatepage.origin.
func New(out Outside) (*Pages, error) {
	u, err := url.Parse(out.Origin)
	if err != nil || !signature.ValidPage(out.Origin) {
		return nil, problem.New(problem.Invalid, "gatepage.origin", "a gate's page has an origin").At("%.80q", out.Origin).Fix("write \"https://gate.example\", or \"http://localhost:8702\" to try it")
	}
	set := template.Must(template.New("").Funcs(template.FuncMap{"time": func(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 MST") }, "way": inTheWay, "lines": strings.Lines, "zip": func() string { return grant.ZipInWords }}).ParseFS(templates, "templates/*.html"))
	looks, err := newLooks(out.Now, out.Random)
	return &Pages{out, u.Host, u.Hostname(), set, looks}, err
}

// Handler serves the page on its own host alone.
func (p *Pages) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /static/{file}", p.file)
	mux.HandleFunc("GET /passkey", p.page("passkey.html", func(*http.Request, *view) error { return nil }))
	mux.HandleFunc("POST /passkey", answer(p, p.makeKey))
	mux.HandleFunc("GET /statement", p.page("statement.html", func(*http.Request, *view) error { return nil }))
	mux.HandleFunc("POST /statement", answer(p, p.statement))
	mux.HandleFunc("GET /{$}", p.home)
	if p.out.Gate != nil {
		mux.HandleFunc("POST /look", answer(p, p.look))
		mux.HandleFunc("GET /grant/{id}", p.seen("grant.html", p.grant))
		mux.HandleFunc("GET /grant/{id}/order", p.order)
		mux.HandleFunc("GET /batch", p.seen("batch.html", p.batch))
		mux.HandleFunc("POST /approve", answer(p, p.approve))
		mux.HandleFunc("POST /in-force", answer(p, p.inForce))
		mux.HandleFunc("GET /stop", p.seen("stop.html", p.stopText))
		mux.HandleFunc("POST /stop", answer(p, p.stop))
		mux.HandleFunc("GET /passphrase/{id}", p.seen("passphrase.html", p.passphrase))
		mux.HandleFunc("POST /passphrase", answer(p, p.tell))
		mux.HandleFunc("POST /reached", answer(p, p.reached))
		mux.HandleFunc("POST /leave", p.leave)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		p.trouble(w, r, problem.New(problem.Missing, "gatepage.absent", "there is no such page"))
	})
	return p.guarded(mux)
}

// inTheWay says in words what stands in the way of a release, where that is commonly
// so; other codes are in docs/codes.md.
func inTheWay(code string) string {
	if words, ok := ways[code]; ok {
		return words
	}
	return code
}

var ways = map[string]string{
	"grant.approvals_missing": "persons have yet to approve", "grant.groups_missing": "somebody of another group has yet to approve", "grant.expired": "its time is over",
	"grant.charter": "the charter has changed since it was drafted", "grant.recipient_new": "the recipient’s key has not been known for long enough", "gate.stopped": "a stop holds",
	"inforce.missing": "nobody has said that the order stands", "inforce.stale": "it is too long ago that somebody said that the order stands", "gate.bulk": "too many accounts in one day",
}

// policy lets nothing load but the page's own style and script, lets no other page
// frame it, and keeps forms at home.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (p *Pages) guarded(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	foreign := problem.New(problem.Refused, "gatepage.foreign", "this page answers at its own address alone").At("%.80q", p.out.Origin)
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.trouble(w, r, foreign) }))
	inner := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=()")
		h.Set("Cache-Control", "no-store")
		if r.Host != p.host { // a name that somebody pointed here, or a way around the TLS in front
			p.trouble(w, r, foreign)
			return
		}
		inner.ServeHTTP(w, r)
	})
}

func (p *Pages) file(w http.ResponseWriter, r *http.Request) {
	b, err := static.ReadFile("static/" + r.PathValue("file"))
	if err != nil {
		p.trouble(w, r, problem.New(problem.Missing, "gatepage.absent", "there is no such page"))
		return
	}
	Send(w, r.PathValue("file"), b)
}

// Send answers with a style sheet or a script of a page, by the end of its name.
func Send(w http.ResponseWriter, name string, b []byte) {
	kind := "text/css; charset=utf-8"
	if strings.HasSuffix(name, ".js") {
		kind = "text/javascript; charset=utf-8"
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(b)
}

// view is what a template sees.
type view struct {
	Title    string
	Provider string
	Gate     string
	Region   string
	Host     string
	Person   *grant.Person // who looks; nil: nobody
	Data     any
}

func (p *Pages) view(r *http.Request) view {
	v := view{Provider: p.out.Provider, Gate: p.out.ID, Region: p.out.Region, Host: p.name}
	if who, ok := p.looker(r); ok {
		v.Person = &who
	}
	return v
}

// page shows a template to anybody.
func (p *Pages) page(name string, fill func(*http.Request, *view) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := p.view(r)
		err := fill(r, &v)
		if err != nil {
			p.trouble(w, r, err)
			return
		}
		p.show(w, http.StatusOK, name, v)
	}
}

// seen shows a template to who looks; others are sent to the way in.
func (p *Pages) seen(name string, fill func(*http.Request, *view) error) http.HandlerFunc {
	inner := p.page(name, fill)
	return func(w http.ResponseWriter, r *http.Request) {
		if _, ok := p.looker(r); !ok {
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
		inner(w, r)
	}
}

func (p *Pages) show(w http.ResponseWriter, status int, name string, v view) {
	var b bytes.Buffer
	err := p.set.ExecuteTemplate(&b, name, v)
	if err != nil {
		p.out.Log.Error("internal", "code", "gatepage.template", "page", name)
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// trouble tells a problem, as a page or, to the script, as JSON. What the gate refuses
// stands in its own log; what never came to it is written here, by its code alone. That a
// page is not there is asked by every browser.
func (p *Pages) trouble(w http.ResponseWriter, r *http.Request, err error) {
	f := gate.FaultOf(err)
	if strings.HasPrefix(f.Code, "gatepage.") && f.Code != "gatepage.absent" {
		p.out.Log.Warn("refused", "gate", p.out.ID, "act", "page", "code", f.Code)
	}
	if problem.Of(err).Kind == problem.Internal {
		p.out.Log.Error("internal", "gate", p.out.ID, "code", problem.Code(err))
	}
	if r.Method == http.MethodPost {
		reply(w, f.Status, f)
		return
	}
	v := p.view(r)
	v.Title, v.Data = "This did not work", f
	p.show(w, f.Status, "trouble.html", v)
}
