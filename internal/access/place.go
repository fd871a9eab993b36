package access

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"counterseal/internal/problem"
)

// place is where a request came to. On http://localhost, to try it out, it is both.
type place struct {
	local bool // a loopback name, straight from this machine
	page  bool // the page to sign in on
}

// site is the page to sign in on, taken apart; zero: there is none.
type site struct {
	origin string
	scheme string
	host   string // with its port, as the Host header has it
	name   string // of the host alone: what passkeys are bound to
}

func siteOf(origin string) site {
	u, err := url.Parse(origin)
	if err != nil {
		return site{}
	}
	return site{origin, u.Scheme, u.Host, u.Hostname()}
}

// forwarded are the headers of a proxy.
var forwarded = []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Server", "X-Real-Ip", "Via"}

// placeOf says where a request came to, or why it is refused. Its peer is on this
// machine in any case: TLS ends in front. Codes: access.peer, access.forwarded,
// access.host.
func (d *Door) placeOf(r *http.Request) (place, error) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return place{}, problem.New(problem.Refused, "access.peer", "these pages are open on the machine itself only")
	}
	through := false
	for _, h := range forwarded {
		through = through || r.Header.Get(h) != ""
	}
	at := place{local: !through && loopbackName(r.Host), page: d.site.host != "" && r.Host == d.site.host}
	if at.page && !d.site.stated(r) {
		at.page = false
	}
	switch {
	case at.local || at.page:
		return at, nil
	case through && d.site.host == "":
		return at, problem.New(problem.Refused, "access.forwarded", "these pages are not served through a proxy")
	case through:
		return at, problem.New(problem.Refused, "access.forwarded", "what stands in front forwards this from another address than that of the page to sign in on").
			Fix("let it pass the Host header on as it came, and state no other host or scheme")
	}
	return at, problem.New(problem.Refused, "access.host", "these pages answer to this machine's own name only").Fix("use the address that the program printed")
}

// stated reports whether everything that the proxy says of the page's address is the
// page's address. Whom it forwards for is not believed for anything but slowing down.
func (s site) stated(r *http.Request) bool {
	for header, is := range map[string]string{"X-Forwarded-Host": s.host, "X-Forwarded-Proto": s.scheme} {
		for _, line := range r.Header.Values(header) {
			for _, v := range strings.Split(line, ",") {
				if strings.TrimSpace(v) != is {
					return false
				}
			}
		}
	}
	return true
}

// caller is who is slowed down when guesses fail: whom the proxy says that it forwards
// for, and else this machine.
func caller(r *http.Request) string {
	list := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	a, err := netip.ParseAddr(strings.TrimSpace(list[len(list)-1])) // the last: earlier ones the caller may have written
	if err != nil {
		return ""
	}
	a = a.Unmap().WithZone("")
	if a.Is6() { // a subscriber has a whole network of these
		p, _ := a.Prefix(64)
		return p.String()
	}
	return a.String()
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
