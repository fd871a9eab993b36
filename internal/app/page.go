package app

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"slices"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatehttp"
	"counterseal/internal/gate/gatepage"
	"counterseal/internal/gate/pickup"
	"counterseal/internal/grant"
	"counterseal/internal/signature"
)

// Page is where a gate's own page is, on which people approve with passkeys. It is not
// the office's: whoever owns the office shows nothing there.
type Page struct {
	Origin string `toml:"page"`        // as it stands in the charter: "https://gate.example", or "http://localhost:8702"
	Listen string `toml:"page_listen"` // 127.0.0.1:PORT; TLS ends on the gate's own machine

	PickUp       string `toml:"pickup"`        // origin of the page on which officers pick packages up, of a host of its own
	PickUpListen string `toml:"pickup_listen"` // 127.0.0.1:PORT
}

// amiss names the key that does not hold together; "" for none.
func (p Page) amiss() (key, fix string) {
	key, fix = amissAt("page", p.Origin, p.Listen)
	if key == "" {
		key, fix = amissAt("pickup", p.PickUp, p.PickUpListen)
	}
	if key == "" && p.PickUp != "" && hostOf(p.PickUp) == hostOf(p.Origin) && hostOf(p.PickUp) != "localhost" {
		// Passkeys know a host and no port.
		return "pickup", "give officers a host that is not the gate's own page's"
	}
	return key, fix
}

func amissAt(name, origin, listen string) (key, fix string) {
	switch {
	case origin == "" && listen == "":
		return "", ""
	case !signature.ValidPage(origin):
		return name, "write an origin, such as \"https://gate.example\" or \"http://localhost:8702\""
	}
	host, _, err := net.SplitHostPort(listen)
	ip, perr := netip.ParseAddr(host)
	if err != nil || perr != nil || !ip.IsLoopback() {
		return name + "_listen", "write a loopback address with a port, such as \"127.0.0.1:8702\""
	}
	return "", ""
}

func hostOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// openPickUp listens and gives what serves officers until its context ends; where there
// is no such page it only waits. Codes: those of gatehttp.Listen and pickup.New.
func (p Page) openPickUp(ctx context.Context, out pickup.Outside) (func(context.Context) error, error) {
	if p.PickUp == "" {
		return func(ctx context.Context) error { <-ctx.Done(); return nil }, nil
	}
	out.Origin = p.PickUp
	pages, err := pickup.New(out)
	if err != nil {
		return nil, err
	}
	l, err := gatehttp.Listen(ctx, p.PickUpListen)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		return gatehttp.Serve(ctx, l, gatehttp.Bounded(pagesRoom, "", pages.Handler()))
	}, nil
}

// pagesRoom is how many bytes of forms one of the pages' servers holds at once.
const pagesRoom = 32 << 20

// open listens and gives what serves the page until its context ends; where there is
// no page it only waits. Codes: those of gatehttp.Listen and gatepage.New.
func (p Page) open(ctx context.Context, out gatepage.Outside) (func(context.Context) error, error) {
	if p.Origin == "" {
		return func(ctx context.Context) error { <-ctx.Done(); return nil }, nil
	}
	out.Origin = p.Origin
	pages, err := gatepage.New(out)
	if err != nil {
		return nil, err
	}
	l, err := gatehttp.Listen(ctx, p.Listen)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		return gatehttp.Serve(ctx, l, gatehttp.Bounded(pagesRoom, "/stop", pages.Handler()))
	}, nil
}

// gatePages opens the pages of the gates that run inside. Before the first ceremony
// they make passkeys and sign the first statement. With an error it gives what it has
// opened.
func (o *Office) gatePages(ctx context.Context, c Config) (serve []func() error, err error) {
	for _, r := range c.gates() {
		if !r.inside() {
			continue // it has its page itself
		}
		out := gatepage.Outside{ID: r.Gate, Region: r.ID, Provider: o.Config.Provider, Now: o.Clock.Now, Random: o.random, Log: o.log}
		if g := o.insideOf(r.Gate); g != nil {
			out.Gate = g
		}
		one, err := r.Page.open(ctx, out)
		if err != nil {
			return serve, err
		}
		serve = append(serve, func() error { return one(ctx) })
		if g := o.insideOf(r.Gate); g != nil {
			officers, err := r.openPickUp(ctx, pickup.Outside{Gate: g, Provider: o.Config.Provider, Log: o.log})
			if err != nil {
				return serve, err
			}
			serve = append(serve, func() error { return officers(ctx) })
		}
	}
	return serve, nil
}

// opened says that the gates which run inside do so in this process.
func (o *Office) opened() bool {
	return slices.ContainsFunc(o.Config.gates(), func(r Region) bool { return o.insideOf(r.Gate) != nil })
}

// insideOf is the gate of an id that runs in this process; nil where none does.
func (o *Office) insideOf(id string) *gate.Gate {
	if g, ok := o.Desk().(*gate.Gate); ok && o.Config.Gate.ID == id {
		return g
	}
	if all, ok := o.Desk().(desks); ok {
		i := slices.IndexFunc(all, func(d regionDesk) bool { return d.ID == id })
		if i >= 0 {
			g, _ := all[i].Desk.(*gate.Gate)
			return g
		}
	}
	return nil
}

func regionOf(c *grant.Charter, id string) string {
	g, _ := c.GateByID(id)
	return g.Region
}
