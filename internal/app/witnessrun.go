package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"counterseal/internal/gate/gatehttp"
	"counterseal/internal/gate/pinned"
	"counterseal/internal/ledger/witness"
	"counterseal/internal/problem"
	"counterseal/internal/strict"
)

// WitnessFolder is the folder of somebody who witnesses another one's logs: a key, which
// logs, and what was cosigned. Nothing in it is a provider's.
type WitnessFolder string

// WitnessFile is witness.toml.
type WitnessFile struct {
	Listen    string   `toml:"listen"`     // 127.0.0.1:PORT or unix:PATH behind a server that ends TLS; tls://HOST:PORT for one office alone
	OfficePin string   `toml:"office_pin"` // of that office's key for TLS
	Logs      []string `toml:"logs"`       // verifier keys of the logs that it follows; a key's name is the log's origin
}

// WitnessFounding is what a new witness needs to know.
type WitnessFounding struct {
	Name string // of its key, such as witness.fjord.example
	WitnessFile
}

// FoundedWitness is what the log's operator writes down.
type FoundedWitness struct {
	Key string `json:"key"`
	Pin string `json:"pin,omitempty"`
}

func (f WitnessFolder) path(name string) string { return filepath.Join(string(f), name) }

// Line is the witness's key for TLS with one office.
func (f WitnessFolder) Line() (pinned.Identity, error) { return lineIn(f.path(line + ".key")) }

// FoundWitness makes the folder with a fresh key and an empty memory. Codes:
// app.folder_in_use, app.founding, app.config, app.folder, witness.log_key.
func FoundWitness(dir string, n WitnessFounding) (FoundedWitness, error) {
	f := WitnessFolder(dir)
	var out FoundedWitness
	if _, err := os.Stat(f.path("witness.toml")); err == nil {
		return out, problem.New(problem.Conflict, "app.folder_in_use", "there is a witness here already").At("%s", dir).Fix("choose another folder")
	}
	if !validOrigin(n.Name) {
		return out, badWitnessName(n.Name)
	}
	if err := n.check(); err != nil {
		return out, err
	}
	private, _, err := note.GenerateKey(rand.Reader, n.Name)
	if err != nil {
		return out, folderProblem(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return out, folderProblem(err)
	}
	w, err := witness.Open(witness.Config{Dir: f.path("state"), Key: private, Logs: n.Logs, Now: time.Now})
	if err != nil {
		return out, err
	}
	out.Key = w.VerifierKey()
	if err := w.Close(); err != nil {
		return out, folderProblem(err)
	}
	for name, text := range map[string]string{"witness.key": private + "\n", "witness.pub": out.Key + "\n", "witness.toml": n.text()} {
		if err := os.WriteFile(f.path(name), []byte(text), 0o600); err != nil {
			return out, folderProblem(err)
		}
	}
	if strings.HasPrefix(n.Listen, "tls:") {
		own, err := f.Line()
		if err != nil {
			return out, err
		}
		out.Pin = own.Pin().String()
	}
	return out, nil
}

func badWitnessName(name string) error {
	return problem.New(problem.Invalid, "app.founding", "a witness's key has a domain of its holder's as its name").At("name: %.80q", name).Fix("write, for example, witness.example.com")
}

func (c WitnessFile) text() string {
	pin := ""
	if c.OfficePin != "" {
		pin = fmt.Sprintf("office_pin = %q\n", c.OfficePin)
	}
	return fmt.Sprintf("listen = %q\n%s# The verifier keys of the logs that this witness follows.\nlogs = [%s]\n", c.Listen, pin, quoted(c.Logs))
}

func (c WitnessFile) check() error {
	bad := func(field, fix string) error {
		return problem.New(problem.Invalid, "app.config", "the configuration does not hold together").At("witness.toml: %s", field).Fix("%s", fix)
	}
	if len(c.Logs) == 0 {
		return bad("logs", "write the verifier key of each log, as its policy states it behind the word log")
	}
	if strings.HasPrefix(c.Listen, "tls:") {
		if _, ok := pinned.Address(c.Listen); !ok {
			return bad("listen", "write 127.0.0.1:PORT, unix:PATH or tls://HOST:PORT")
		}
		if _, err := pinned.ParsePin(c.OfficePin); err != nil {
			return bad("office_pin", "write what \"counterseal gate pin\" prints at the office")
		}
	}
	return nil
}

// RunWitness cosigns what continues what it has cosigned, until ctx ends. Codes:
// app.no_witness, app.config, keys.exposed, and those of witness.Open, gatehttp.Listen and
// pinned.Listen.
func RunWitness(ctx context.Context, dir string, clock *Clock, log *slog.Logger, ready func(address, key string)) error {
	f := WitnessFolder(dir)
	text, err := os.ReadFile(f.path("witness.toml"))
	if err != nil {
		return problem.New(problem.Missing, "app.no_witness", "there is no witness in this folder").At("%s", dir).Fix("make one with: counterseal witness init").Because(err)
	}
	var c WitnessFile
	if err := strict.TOML("witness.toml", text, 1<<20, "app.config", &c); err != nil {
		return err
	}
	if err := c.check(); err != nil {
		return err
	}
	private, err := readPrivate(f.path("witness.key"))
	if err != nil {
		return err
	}
	w, err := witness.Open(witness.Config{Dir: f.path("state"), Key: strings.TrimSpace(string(private)), Logs: c.Logs, Now: clock.Now, Begun: true})
	if err != nil {
		return err
	}
	defer w.Close()
	l, err := f.listen(ctx, c)
	if err != nil {
		return err
	}
	ready(l.Addr().String(), w.VerifierKey())
	return gatehttp.Serve(ctx, l, busy(witnessAtOnce, noted(log, w.Handler())))
}

func (f WitnessFolder) listen(ctx context.Context, c WitnessFile) (net.Listener, error) {
	hostPort, far := pinned.Address(c.Listen)
	if !far {
		return gatehttp.Listen(ctx, c.Listen)
	}
	own, err := f.Line()
	if err != nil {
		return nil, err
	}
	office, err := pinned.ParsePin(c.OfficePin)
	if err != nil {
		return nil, err
	}
	return own.Listen(ctx, hostPort, office)
}

// witnessAtOnce is how many questions a witness takes in at once; each costs it one
// signature to check and one write to its disk.
const witnessAtOnce = 16

// busy turns away what comes while so many are under way, and reads nobody's request for
// longer than a few seconds.
func busy(most int, next http.Handler) http.Handler {
	free := make(chan struct{}, most)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case free <- struct{}{}:
			defer func() { <-free }()
		default:
			http.Error(w, "too many at once", http.StatusTooManyRequests)
			return
		}
		soon := time.Now().Add(10 * time.Second)
		c := http.NewResponseController(w)
		_ = c.SetReadDeadline(soon) // without deadlines the server's own count
		_ = c.SetWriteDeadline(soon)
		next.ServeHTTP(w, r)
	})
}

// noted writes a line of each refusal: a log that forks is what a witness is there for.
func noted(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := &status{ResponseWriter: w, code: http.StatusOK}
		next.ServeHTTP(s, r)
		if s.code != http.StatusOK && s.code != http.StatusConflict {
			log.Warn("not cosigned", "status", s.code)
		}
		if s.code == http.StatusConflict && s.Header().Get("Content-Type") != "text/x.tlog.size" || s.code == http.StatusUnprocessableEntity {
			log.Error("the log shows another history", "status", s.code)
		}
	})
}

type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}
