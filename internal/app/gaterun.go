package app

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatehttp"
	"counterseal/internal/gate/gatepage"
	"counterseal/internal/gate/pickup"
	"counterseal/internal/gate/uplink"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
	"counterseal/internal/strict"
)

// GateFolder is the folder of a gate that runs by itself, under its own user. It
// holds everything that the gate needs and nothing of the docket's.
type GateFolder string

// GateConfig is gate.toml.
type GateConfig struct {
	ID        string `toml:"id"`
	Listen    string `toml:"listen"`     // unix:PATH or 127.0.0.1:PORT, for persons and the docket; tls://HOST:PORT for the office on another host
	Uplink    string `toml:"uplink"`     // the office's uplink, the same forms
	OfficePin string `toml:"office_pin"` // of the office's key for TLS, as gate pin prints it there
	Stamps    string `toml:"stamps"`     // file of the certificate of a time-stamping authority, or of its root, in PEM; left out: no time stamps
	Witness   struct {
		Logs []string `toml:"logs"` // verifier keys of the logs that this gate cosigns; none: it is no witness
	} `toml:"witness"`
	Page
	Stores
}

func (f GateFolder) path(name string) string { return filepath.Join(string(f), name) }

// FoundGate makes the folder with a fresh key. The token is what the office's
// uplink asks for on this machine: keys/uplink of its folder; a gate on a host of its
// own needs none. It returns the public key's line.
// Codes: app.folder_in_use, app.folder.
func FoundGate(dir string, config string, token []byte, random io.Reader) (string, error) {
	f := GateFolder(dir)
	if _, err := os.Stat(f.path("gate.toml")); err == nil {
		return "", problem.New(problem.Conflict, "app.folder_in_use", "there is a gate here already").At("%s", dir).Fix("choose another folder")
	}
	key, private, err := signature.NewKey(random, "gate")
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(f.path("state"), 0o700); err != nil {
		return "", folderProblem(err)
	}
	line := signature.Line(key.PublicKey())
	files := map[string]string{"gate.key": string(private), "gate.pub": line + "\n", "uplink.token": strings.TrimSpace(string(token)) + "\n", "gate.toml": config}
	for name, text := range files {
		if err := os.WriteFile(f.path(name), []byte(text), 0o600); err != nil {
			return "", folderProblem(err)
		}
	}
	return line, nil
}

// RunGate opens the gate and answers persons and the docket until ctx ends. Before it
// reads a key it has the kernel hold this process to what the folder's configuration
// needs; ready is told how far that went.
func RunGate(ctx context.Context, dir string, clock *Clock, random io.Reader, log *slog.Logger, confined Confiner, ready func(address string, walls []gate.Wall)) error {
	f := GateFolder(dir)
	text, err := os.ReadFile(f.path("gate.toml"))
	if err != nil {
		return noGate(dir, err)
	}
	var c GateConfig
	if err := strict.TOML("gate.toml", text, 1<<20, "app.config", &c); err != nil {
		return err
	}
	if key, fix := c.Page.amiss(); key != "" {
		return problem.New(problem.Invalid, "app.config", "the configuration does not hold together").At("gate.toml: %s", key).Fix("%s", fix)
	}
	w, err := f.witness(c, clock, log)
	if err != nil {
		return err
	}
	defer w.close()
	walls := confined.hold(c.needs(f))
	g, link, err := f.open(ctx, c, clock, random, log, walls, w)
	if err != nil {
		return err
	}
	defer link.Close()
	defer g.Close()
	l, err := f.openTo(ctx, c)
	if err != nil {
		return err
	}
	serve, err := c.Page.open(ctx, gatepage.Outside{Gate: g, ID: c.ID, Provider: g.Charter().Provider, Region: regionOf(g.Charter(), c.ID), Now: clock.Now, Random: random, Log: log})
	if err != nil {
		l.Close()
		return err
	}
	officers, err := c.Page.openPickUp(ctx, pickup.Outside{Gate: g, Provider: g.Charter().Provider, Log: log})
	if err != nil {
		l.Close()
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return gatehttp.Serve(ctx, l, w.beside(gatehttp.Handler(g, log), log)) })
	group.Go(func() error { return serve(ctx) })
	group.Go(func() error { return officers(ctx) })
	ready(c.Listen, walls)
	return group.Wait()
}

func noGate(dir string, err error) error {
	return problem.New(problem.Missing, "app.no_gate", "there is no gate in this folder").At("%s", dir).Fix("make one with: counterseal gate found").Because(err)
}

func (f GateFolder) open(ctx context.Context, c GateConfig, clock *Clock, random io.Reader, log *slog.Logger, walls []gate.Wall, w *gateWitness) (*gate.Gate, *uplink.Client, error) {
	private, err := os.ReadFile(f.path("gate.key"))
	if err != nil {
		return nil, nil, folderProblem(err)
	}
	key, err := signature.ReadKey(private)
	if err != nil {
		return nil, nil, err
	}
	token, err := os.ReadFile(f.path("uplink.token"))
	if err != nil {
		return nil, nil, folderProblem(err)
	}
	var self atomic.Pointer[gate.Gate]
	lists, err := c.Stores.lists()
	if err != nil {
		return nil, nil, err
	}
	keys, err := c.Stores.customerKeys()
	if err != nil {
		return nil, nil, err
	}
	sources, err := c.Stores.open(&self)
	if err != nil {
		return nil, nil, err
	}
	link, err := f.up(c, strings.TrimSpace(string(token)))
	if err != nil {
		return nil, nil, err
	}
	stamps, err := readStamps(string(f), c.Stamps)
	if err != nil {
		link.Close()
		return nil, nil, err
	}
	g, err := gate.Open(ctx, gate.Config{ID: c.ID, Dir: f.path("state"), Key: key, Sources: sources, Journal: link, Docket: link, Stamps: stamps, Now: clock.Now, Rand: random, Log: log, Version: Version, Lists: lists, CustomerKeys: keys, Walls: walls, PickUpPage: c.PickUp,
		Cosigned: w.cosigned(), OwnWitness: w.name()})
	if err != nil {
		link.Close()
		return nil, nil, err
	}
	self.Store(g)
	w.of(g)
	return g, link, nil
}
