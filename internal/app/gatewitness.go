package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"

	"counterseal/internal/gate"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/ledger/witness"
	"counterseal/internal/problem"
)

// gateWitness is the witness that a gate of its own process is as well. Nil: it is none.
type gateWitness struct {
	*witness.Witness
	gate atomic.Pointer[gate.Gate]
}

// witnessFolder is where that witness remembers; it lies in the gate's own folder, which
// is never restored.
func (f GateFolder) witnessFolder() string { return f.path("state/witness") }

// AddWitness makes a gate a witness of these logs: a key, an empty memory, and a section
// in gate.toml. Codes: app.no_gate, app.folder_in_use, app.founding, app.folder,
// witness.log_key.
func (f GateFolder) AddWitness(name string, logs []string) (string, error) {
	text, err := os.ReadFile(f.path("gate.toml"))
	if err != nil {
		return "", noGate(string(f), err)
	}
	if _, err := os.Stat(f.path("witness.key")); err == nil || bytes.Contains(text, []byte("[witness]")) {
		return "", problem.New(problem.Conflict, "app.folder_in_use", "this gate is a witness already").At("%s", f).Fix("its key is in witness.pub; one that has lost its memory ends, and this gate is no witness any more")
	}
	if !validOrigin(name) {
		return "", badWitnessName(name)
	}
	private, _, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return "", folderProblem(err)
	}
	w, err := witness.Open(witness.Config{Dir: f.witnessFolder(), Key: private, Logs: logs, Now: time.Now})
	if err != nil {
		return "", err
	}
	key := w.VerifierKey()
	if err := w.Close(); err != nil {
		return "", folderProblem(err)
	}
	section := fmt.Sprintf("\n[witness]\nlogs = [%s]\n", quoted(logs))
	for _, file := range []struct{ name, text string }{{"witness.key", private + "\n"}, {"witness.pub", key + "\n"}, {"gate.toml", string(text) + section}} {
		if err := os.WriteFile(f.path(file.name), []byte(file.text), 0o600); err != nil {
			return "", folderProblem(err)
		}
	}
	return key, nil
}

// witness opens the gate's witness. One that has lost its memory has ended: the gate goes
// on without it, and says so.
func (f GateFolder) witness(c GateConfig, clock *Clock, log *slog.Logger) (*gateWitness, error) {
	if len(c.Witness.Logs) == 0 {
		return nil, nil
	}
	private, err := readPrivate(f.path("witness.key"))
	if err != nil {
		return nil, err
	}
	w := &gateWitness{}
	w.Witness, err = witness.Open(witness.Config{Dir: f.witnessFolder(), Key: strings.TrimSpace(string(private)), Logs: c.Witness.Logs, Now: clock.Now, Begun: true, Before: w.before})
	if problem.Code(err) == "witness.lost" {
		log.Error("the gate's witness has ended", "code", "witness.lost")
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return w, nil
}

// before asks the gate. Until it is open nothing is cosigned.
func (w *gateWitness) before(ctx context.Context, last, next proof.Checkpoint) error {
	g := w.gate.Load()
	if g == nil {
		return problem.New(problem.Unavailable, "gate.closed", "the gate is closed")
	}
	return g.Agrees(ctx, last, next)
}

func (w *gateWitness) of(g *gate.Gate) {
	if w != nil {
		w.gate.Store(g)
	}
}

// cosigned is what the gate asks of its witness.
func (w *gateWitness) cosigned() func(string) (proof.Checkpoint, error) {
	if w == nil {
		return nil
	}
	return w.Last
}

func (w *gateWitness) name() string {
	if w == nil {
		return ""
	}
	return w.Name()
}

func (w *gateWitness) close() {
	if w != nil {
		w.Close()
	}
}

// beside serves the witness under the desk's own address.
func (w *gateWitness) beside(desk http.Handler, log *slog.Logger) http.Handler {
	if w == nil {
		return desk
	}
	mux := http.NewServeMux()
	mux.Handle("/", desk)
	mux.Handle("POST /v1/witness/add-checkpoint", busy(witnessAtOnce, noted(log, http.StripPrefix("/v1/witness", w.Handler()))))
	return mux
}
