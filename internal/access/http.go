package access

import (
	"context"
	"net"
	"net/http"
	"net/netip"
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

// cookieName tells this door's sessions from others'.
func (d *Door) cookieName() string {
	return Cookie + strings.ReplaceAll(d.out.Under, "/", "_")
}

// Mount adds the door's own pages to a mux.
func (d *Door) Mount(mux *http.ServeMux) {
	mux.Handle("GET "+d.out.Under+enterAt, d.Local(http.HandlerFunc(d.ask)))
	mux.Handle("POST "+d.out.Under+enterAt, d.Local(http.HandlerFunc(d.enter)))
	mux.Handle("POST "+d.out.Under+leaveAt, d.Local(http.HandlerFunc(d.leave)))
}

// Require lets a request through only with a session, from this machine. Without
// one every address under it gives the same answer, so that it tells nothing
// about what exists. Codes: access.session, and those of Local.
func (d *Door) Require(next http.Handler) http.Handler {
	return d.Local(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		person, ok := d.session(r)
		if !ok {
			d.refuse(w, problem.New(problem.Refused, "access.session", "nobody is signed in here").
				Fix("open the link that the program printed when it started, or that you were sent"))
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), personKey{}, person)))
	}))
}

type personKey struct{}

// Person is who made a request that came through Require; "" for nobody.
func Person(r *http.Request) string {
	p, _ := r.Context().Value(personKey{}).(string)
	return p
}

// Local lets a request through only from this machine, under a loopback name, not
// forwarded, and not as a cross-origin POST. Codes: access.peer,
// access.forwarded, access.host, access.cross_origin.
func (d *Door) Local(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		d.refuse(w, problem.New(problem.Refused, "access.cross_origin", "this was sent from a page of another site"))
	}))
	guarded := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := local(r); err != nil {
			d.refuse(w, err)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

func local(r *http.Request) error {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return problem.New(problem.Refused, "access.peer", "these pages are open on the machine itself only")
	}
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if r.Header.Get(h) != "" {
			return problem.New(problem.Refused, "access.forwarded", "these pages are not served through a proxy")
		}
	}
	if !loopbackName(r.Host) {
		return problem.New(problem.Refused, "access.host", "these pages answer to this machine's own name only").
			Fix("use the address that the program printed")
	}
	return nil
}

// loopbackName reports whether a Host header names this machine: localhost or a
// loopback address, with or without a port.
func loopbackName(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	} else {
		name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	}
	if strings.EqualFold(name, "localhost") && len(name) == len("localhost") {
		return true
	}
	a, err := netip.ParseAddr(name)
	return err == nil && a.Zone() == "" && a.Unmap().IsLoopback()
}

// ask shows whose session the link would start. It does not spend the token.
func (d *Door) ask(w http.ResponseWriter, r *http.Request) {
	token := r.URL.Query().Get("token")
	person, err := d.look(token)
	if err != nil {
		d.refuse(w, err)
		return
	}
	d.out.Pages.Confirm(w, d.out.Under+enterAt, token, person, SessionLife)
}

func (d *Door) enter(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	secret, err := d.exchange(r.PostFormValue("token"))
	if err != nil {
		d.refuse(w, err)
		return
	}
	if old, err := r.Cookie(d.cookieName()); err == nil {
		d.end(old.Value)
	}
	http.SetCookie(w, d.cookie(secret, int(SessionLife/time.Second), r.TLS != nil))
	redirect(w, d.out.Home)
}

func (d *Door) leave(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(d.cookieName()); err == nil {
		d.end(c.Value)
	}
	http.SetCookie(w, d.cookie("", -1, r.TLS != nil))
	redirect(w, "/")
}

func (d *Door) session(r *http.Request) (string, bool) {
	c, err := r.Cookie(d.cookieName())
	if err != nil {
		return "", false
	}
	return d.person(c.Value)
}

// cookie has no Domain, so that it goes back to this very host alone.
func (d *Door) cookie(value string, age int, secure bool) *http.Cookie {
	path := d.out.Under
	if path == "" {
		path = "/"
	}
	return &http.Cookie{Name: d.cookieName(), Value: value, Path: path, MaxAge: age, HttpOnly: true, Secure: secure, SameSite: http.SameSiteStrictMode}
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
