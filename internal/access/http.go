package access

import (
	"context"
	"net/http"
	"strings"
	"time"

	"counterseal/internal/problem"
)

// Pages draws what a person sees at the door.
type Pages interface {
	Confirm(w http.ResponseWriter, action, token, person string, life time.Duration)
	Problem(w http.ResponseWriter, status int, err error)
}

// Cookie is the session cookie's name.
const Cookie = "counterseal_session"

const (
	enterAt = "/enter"
	leaveAt = "/leave"
)

// LeaveAt is where a POST ends the session.
const LeaveAt = leaveAt

// EnterURL is the link to print for a token; base is such as http://127.0.0.1:8080.
func EnterURL(base, token string) string {
	return EnterURLUnder(base, "", token)
}

// EnterURLUnder is the link to a door that lies under a path.
func EnterURLUnder(base, under, token string) string {
	return strings.TrimSuffix(base, "/") + under + enterAt + "?token=" + token
}

// LeaveAt is where a POST ends a session of this door.
func (d *Door) LeaveAt() string { return d.out.Under + leaveAt }

// cookieName tells this door's sessions from others'. On a page with TLS in front a
// browser takes it from that very host alone (RFC 6265bis, section 4.1.3.2).
func (d *Door) cookieName(at place) string {
	name := Cookie + strings.ReplaceAll(d.out.Under, "/", "_")
	if d.secure(at) {
		return "__Host-" + name
	}
	return name
}

func (d *Door) secure(at place) bool { return at.page && d.site.scheme == "https" }

// Mux is what a door's pages are added to: *http.ServeMux, and whatever notes what is
// added.
type Mux interface {
	Handle(pattern string, h http.Handler)
}

// Mount adds the door's own pages to a mux.
func (d *Door) Mount(mux Mux) {
	mux.Handle("GET "+d.out.Under+enterAt, d.Local(http.HandlerFunc(d.ask)))
	mux.Handle("POST "+d.out.Under+enterAt, d.Local(http.HandlerFunc(d.enter)))
	mux.Handle("POST "+d.out.Under+leaveAt, d.Local(http.HandlerFunc(d.leave)))
	d.mountSignIn(mux)
}

// Require lets a request through only with a session, from this machine or at the
// page to sign in on. Without one every address under it gives the same answer, so
// that it tells nothing about what exists. Codes: access.session, access.sessions,
// and those of Local.
func (d *Door) Require(next http.Handler) http.Handler {
	return d.Local(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, ok, err := d.session(r)
		if err == nil && !ok {
			err = problem.New(problem.Refused, "access.session", "nobody is signed in here").Fix("%s", d.wayIn())
		}
		if err != nil {
			d.refuse(w, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), personKey{}, s.Person)))
	}))
}

func (d *Door) wayIn() string {
	if d.site.origin != "" {
		return "sign in at " + d.site.origin + d.out.Under + enterAt
	}
	return "open the link that the program printed when it started, or that you were sent"
}

type personKey struct{}

// Person is who made a request that came through Require; "" for nobody.
func Person(r *http.Request) string {
	p, _ := r.Context().Value(personKey{}).(string)
	return p
}

// Local lets a request through only from this machine, under a loopback name and not
// forwarded, or at the page to sign in on, behind what ends TLS on this machine; and
// not as a cross-origin POST. Codes: access.peer, access.forwarded, access.host,
// access.cross_origin.
func (d *Door) Local(next http.Handler) http.Handler {
	foreign := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		d.refuse(w, problem.New(problem.Refused, "access.cross_origin", "this was sent from a page of another site"))
	})
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(foreign)
	guarded := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at, err := d.placeOf(r)
		if err != nil {
			d.refuse(w, err)
			return
		}
		// Where a browser does not state its relation (Sec-Fetch-Site), the standard library
		// compares hosts; a page has a scheme too. Where it does, Origin is "null" for our
		// own forms, which send no referrer.
		if o := r.Header.Get("Origin"); !at.local && o != "" && o != d.site.origin && r.Header.Get("Sec-Fetch-Site") == "" && r.Method != http.MethodGet && r.Method != http.MethodHead {
			foreign(w, r)
			return
		}
		guarded.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), placeKey{}, at)))
	})
}

type placeKey struct{}

// atOf is where a request came to that Local let through.
func atOf(r *http.Request) place {
	at, _ := r.Context().Value(placeKey{}).(place)
	return at
}

// ask shows whose session the link would start. It does not spend the token. Where
// people sign in, an address without a token is where they do.
func (d *Door) ask(w http.ResponseWriter, r *http.Request) {
	token := r.URL.Query().Get("token")
	if token == "" && atOf(r).page {
		err := d.askPasskey(w, r)
		if err != nil {
			d.refuse(w, err)
		}
		return
	}
	err := d.linked(r)
	if err != nil {
		d.refuse(w, err)
		return
	}
	person, err := d.look(token)
	if err != nil {
		d.refuse(w, err)
		return
	}
	d.out.Pages.Confirm(w, d.out.Under+enterAt, token, person, SessionLife)
}

// linked refuses a link that came another way than straight from this machine, and
// tries no token for it. Code: access.link.
func (d *Door) linked(r *http.Request) error {
	if atOf(r).local {
		return nil
	}
	return problem.New(problem.Refused, "access.link", "links work on the machine itself only").Fix("%s", d.wayIn())
}

func (d *Door) enter(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	err := d.linked(r)
	if err != nil {
		d.refuse(w, err)
		return
	}
	secret, err := d.exchange(r.PostFormValue("token"))
	if err == nil {
		err = d.endOld(r)
	}
	if err != nil {
		d.refuse(w, err)
		return
	}
	http.SetCookie(w, d.cookie(secret, int(SessionLife/time.Second), atOf(r)))
	redirect(w, d.out.Home)
}

// endOld ends the session that the same browser had before. Code: access.sessions.
func (d *Door) endOld(r *http.Request) error {
	c, err := r.Cookie(d.cookieName(atOf(r)))
	if err != nil {
		return nil
	}
	return d.end(c.Value)
}

func (d *Door) leave(w http.ResponseWriter, r *http.Request) {
	s, in, err := d.session(r)
	if err == nil {
		err = d.endOld(r)
	}
	if err != nil {
		d.refuse(w, err)
		return
	}
	http.SetCookie(w, d.cookie("", -1, atOf(r)))
	if in && d.leftIssuer(w, r, s) {
		return
	}
	redirect(w, "/")
}

func (d *Door) session(r *http.Request) (Session, bool, error) {
	c, err := r.Cookie(d.cookieName(atOf(r)))
	if err != nil {
		return Session{}, false, nil
	}
	return d.resume(c.Value, atOf(r))
}

// cookie has no Domain, so that it goes back to this very host alone.
func (d *Door) cookie(value string, age int, at place) *http.Cookie {
	path := d.out.Under
	if path == "" {
		path = "/"
	}
	return &http.Cookie{Name: d.cookieName(at), Value: value, Path: path, MaxAge: age, HttpOnly: true, Secure: d.secure(at), SameSite: http.SameSiteStrictMode}
}

func redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(http.StatusSeeOther)
}

func (d *Door) refuse(w http.ResponseWriter, err error) {
	switch problem.Code(err) {
	case "access.limited":
		w.Header().Set("Retry-After", "60")
		d.out.Pages.Problem(w, http.StatusTooManyRequests, err)
	case "access.host":
		d.out.Pages.Problem(w, http.StatusMisdirectedRequest, err)
	default:
		d.out.Pages.Problem(w, 0, err)
	}
}
