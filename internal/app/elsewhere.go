package app

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatehttp"
	"counterseal/internal/gate/pinned"
	"counterseal/internal/gate/uplink"
	"counterseal/internal/problem"
)

// Elsewhere is where a gate runs that is not inside the office.
type Elsewhere struct {
	Address string `toml:"address"` // "inside" (or nothing, of a region); unix:PATH; tls://HOST:PORT of a gate on a host of its own
	Pin     string `toml:"pin"`     // of that gate's key for TLS, as gate found and gate pin print it
	Key     string `toml:"key"`     // the gate's public key, the line of its gate.pub, for the charter
}

func (e Elsewhere) inside() bool { return e.Address == "inside" || e.Address == "" }

// amiss says which key does not hold.
func (e Elsewhere) amiss() (key, fix string) {
	if e.inside() || strings.HasPrefix(e.Address, "unix:") {
		return "", ""
	}
	if _, ok := pinned.Address(e.Address); !ok {
		return "address", "write \"inside\", \"unix:PATH\" or \"tls://HOST:PORT\""
	}
	if _, err := pinned.ParsePin(e.Pin); err != nil {
		return "pin", "write what \"counterseal gate pin --dir\" prints on the gate's host"
	}
	return "", ""
}

// elsewhere holds what the configuration says of gates that run by themselves
// together.
func (c Config) elsewhere() (key, fix string) {
	if c.Gate.Address == "" {
		return "gate.address", "write \"inside\", \"unix:PATH\" or \"tls://HOST:PORT\""
	}
	pins, sockets, far := map[string]bool{}, 0, false
	for i, r := range c.gates() {
		at := "gate."
		if i > 0 {
			at = "region " + strconv.Itoa(i) + ": "
		}
		if key, fix := r.Elsewhere.amiss(); key != "" {
			return at + key, fix
		}
		if strings.HasPrefix(r.Address, "unix:") {
			sockets++
		}
		if strings.HasPrefix(r.Address, "tls:") {
			far = true
			if pins[r.Pin] {
				return at + "pin", "two gates have two keys"
			}
			pins[r.Pin] = true
		}
	}
	_, tls := pinned.Address(c.Gate.Uplink)
	switch {
	case sockets > 1:
		return "region", "one gate at most runs by itself on this machine; give the others a host of their own"
	case far && !tls:
		return "gate.uplink", "write \"tls://HOST:PORT\", where the gates on other hosts reach this office"
	case far && sockets > 0:
		return "gate.uplink", "gates that run by themselves are all on this machine or all on hosts of their own"
	case !far && c.Gate.Uplink != "" && !strings.HasPrefix(c.Gate.Uplink, "unix:"):
		return "gate.uplink", "write \"unix:PATH\", or leave it out"
	}
	return "", ""
}

// gates are all of them, the first one first.
func (c Config) gates() []Region {
	return append([]Region{{ID: c.Gate.Region, Gate: c.Gate.ID, Elsewhere: c.Gate.Elsewhere, Page: c.Gate.Page, Stores: c.Stores}}, c.Regions...)
}

// anyInside says that a gate runs in the office's own process.
func (c Config) anyInside() bool {
	return slices.ContainsFunc(c.gates(), func(r Region) bool { return r.inside() })
}

// anyElsewhere says that a gate runs by itself.
func (c Config) anyElsewhere() bool {
	return slices.ContainsFunc(c.gates(), func(r Region) bool { return !r.inside() })
}

// allFar says that every gate runs on a host of its own.
func (c Config) allFar() bool {
	return !slices.ContainsFunc(c.gates(), func(r Region) bool { return !strings.HasPrefix(r.Address, "tls:") })
}

// line is the name of the key with which one end of a line between hosts proves
// itself.
const line = "line"

// Line is the office's key for gates on other hosts. It is made when it is first
// asked for. Codes: app.folder, pinned.key.
func (f Folder) Line() (pinned.Identity, error) { return lineIn(f.Secret(line)) }

// Line is a gate's key for its office.
func (f GateFolder) Line() (pinned.Identity, error) { return lineIn(f.path(line + ".key")) }

func lineIn(path string) (pinned.Identity, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = newLine(path)
	}
	if err != nil {
		return pinned.Identity{}, folderProblem(err)
	}
	return pinned.Read(text)
}

// newLine makes a key; whoever else was quicker has made the one that counts.
func newLine(path string) ([]byte, error) {
	made, err := pinned.New(rand.Reader)
	if err != nil {
		return nil, err
	}
	err = keepOnce(path, 0o600, made)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// reach is the desk of a gate that runs by itself.
func (o *Office) reach(r Region) (gate.Desk, error) {
	hostPort, far := pinned.Address(r.Address)
	if !far {
		return gatehttp.Unix(r.Address), nil
	}
	own, err := o.Folder.Line()
	if err != nil {
		return nil, err
	}
	pin, err := pinned.ParsePin(r.Pin)
	if err != nil {
		return nil, err
	}
	return gatehttp.Over(own.Dialer(hostPort, pin)), nil
}

// lines opens the uplink for gates on other hosts: each is known by its key, and
// commits counters in its own name alone.
func (h *House) lines(ctx context.Context) (func() error, error) {
	hostPort, far := pinned.Address(h.Config.Gate.Uplink)
	if !far {
		return nil, nil
	}
	own, err := h.Folder.Line()
	if err != nil {
		return nil, err
	}
	handlers, pins := map[pinned.Pin]http.Handler{}, []pinned.Pin{}
	for _, r := range h.Config.gates() {
		if r.Pin == "" {
			continue
		}
		pin, err := pinned.ParsePin(r.Pin)
		if err != nil {
			return nil, err
		}
		handlers[pin] = gatehttp.Bounded(pagesRoom, "", uplink.Proven(h.journal, h.Office, r.Gate, h.Office.log)) // to each its own
		pins = append(pins, pin)
	}
	l, err := own.Listen(ctx, hostPort, pins...)
	if err != nil {
		return nil, err
	}
	return func() error {
		return gatehttp.Serve(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			pin, _ := pinned.Peer(*r.TLS) // the handshake was held to the pins
			handlers[pin].ServeHTTP(w, r)
		}))
	}, nil
}

// openTo is where a gate that runs by itself listens: on a socket or on loopback, or
// for its office alone on a host of its own.
func (f GateFolder) openTo(ctx context.Context, c GateConfig) (net.Listener, error) {
	hostPort, far := pinned.Address(c.Listen)
	if !far {
		return gatehttp.Listen(ctx, c.Listen)
	}
	own, office, err := f.ends(c)
	if err != nil {
		return nil, err
	}
	return own.Listen(ctx, hostPort, office)
}

// up is the gate's way to its office.
func (f GateFolder) up(c GateConfig, token string) (*uplink.Client, error) {
	hostPort, far := pinned.Address(c.Uplink)
	if !far {
		return uplink.Dial(c.Uplink, token), nil
	}
	own, office, err := f.ends(c)
	if err != nil {
		return nil, err
	}
	return uplink.Over(own.Dialer(hostPort, office), ""), nil
}

// ends are the gate's own key and its office's.
func (f GateFolder) ends(c GateConfig) (pinned.Identity, pinned.Pin, error) {
	own, err := f.Line()
	if err != nil {
		return own, pinned.Pin{}, err
	}
	office, err := pinned.ParsePin(c.OfficePin)
	if err != nil {
		return own, office, problem.New(problem.Invalid, "app.config", "the configuration does not hold together").At("gate.toml: office_pin").Fix("write what \"counterseal gate pin\" prints on the office's host")
	}
	return own, office, nil
}
