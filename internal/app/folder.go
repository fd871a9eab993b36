package app

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/mod/sumdb/note"

	"counterseal/internal/canon"
	"counterseal/internal/evidence/verify"
	"counterseal/internal/grant"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/ledger/witness"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
	"counterseal/internal/strict"
)

// Folder is where an office keeps its things.
type Folder string

func (f Folder) path(parts ...string) string {
	return filepath.Join(append([]string{string(f)}, parts...)...)
}

// The places in a folder. Keys lie apart from the database, so that a backup of
// the one does not hold the other.
func (f Folder) Config() string    { return f.path("counterseal.toml") }
func (f Folder) Estate() string    { return f.path("estate.toml") }
func (f Folder) Agencies() string  { return f.path("agencies.toml") }
func (f Folder) Database() string  { return f.path("docket", "docket.db") }
func (f Folder) Originals() string { return f.path("docket", "originals") }
func (f Folder) Keys() string      { return f.path("keys", "demands") }
func (f Folder) Secret(name string) string {
	return f.path("keys", name)
}
func (f Folder) Journal() string  { return f.path("ledger", "journal") }
func (f Folder) Register() string { return f.path("ledger", "register") }
func (f Folder) Witness() string  { return f.path("witness") }
func (f Folder) Gate() string     { return f.path("gate") }

// GateOf is where the further gate of a region keeps its things; its key lies
// under the name that gateSecret gives.
func (f Folder) GateOf(id string) string { return f.path("gates", id) }

func gateSecret(id string) string { return "gate-" + id }

func (f Folder) Spool() string { return f.path("spool", "notices") }
func (f Folder) Trust() string { return f.path("trust.txt") }
func (f Folder) Policy(log string) string {
	return f.path("ledger", log+".policy")
}

// Config is counterseal.toml.
type Config struct {
	Provider string `toml:"provider"` // as it stands in letters, receipts and the charter
	Ledger   struct {
		Tick  string      `toml:"tick"`  // time between leaves of the journal; 15s
		Batch string      `toml:"batch"` // time between batches of the register; 24h
		Stamp StampConfig `toml:"stamp"` // who stamps its checkpoints; left out: nobody
		WitnessesConfig
	} `toml:"ledger"`
	Notice struct {
		WaitingDays int    `toml:"waiting_days"` // between a notice and a release; 7
		Contact     string `toml:"contact"`      // how a customer reaches the provider
		Mail        Post   `toml:"mail"`         // how letters go by mail; left out: they are posted
	} `toml:"notice"`
	Gate struct {
		Elsewhere
		ID     string `toml:"id"`
		Region string `toml:"region"`
		Uplink string `toml:"uplink"` // unix:PATH or tls://HOST:PORT where a gate of its own reaches the office; a socket in the folder unless stated
		Page
	} `toml:"gate"`
	Regions []Region `toml:"region"` // further gates, one a region
	Stores
	Zone   string       `toml:"zone"` // IANA zone in which staff state days; UTC unless stated
	Staff  []Member     `toml:"staff"`
	Estate EstateConfig `toml:"estate"`
	Report ReportConfig `toml:"report"`
	SignIn SignInConfig `toml:"sign_in"`
	Demo   struct {
		Clock time.Time `toml:"clock"` // a demo's own time; zero: the machine's clock
		Since time.Time `toml:"since"` // what the machine's clock said then
	} `toml:"demo"`
}

// Region is a further gate: one that runs inside, with a folder, a key and stores of
// its own, or one on a host of its own in that region.
type Region struct {
	ID   string `toml:"id"`
	Gate string `toml:"gate"` // the gate's id in the charter
	Elsewhere
	Page
	Stores
}

// Member is somebody of the staff and what they do, beside the charter's roster:
// for a team that has no gate yet, and for those who sign nothing.
type Member struct {
	ID    string   `toml:"id"`
	Name  string   `toml:"name"`
	Seats []string `toml:"seats"` // reviewer, counsel, privacy
}

// ReadConfig reads and checks counterseal.toml. Codes: app.config,
// app.no_folder.
func (f Folder) ReadConfig() (Config, error) {
	var c Config
	text, err := os.ReadFile(f.Config())
	if errors.Is(err, fs.ErrNotExist) {
		return c, noFolder(f)
	}
	if err != nil {
		return c, problem.New(problem.Unavailable, "app.folder", "the folder's configuration cannot be read").At("%s", f.Config()).Fix("check whose file it is, and its rights").Because(err)
	}
	if err := strict.TOML("counterseal.toml", text, 1<<20, "app.config", &c); err != nil {
		return c, err
	}
	err = c.check()
	if err != nil {
		return c, err
	}
	return c, f.checkSignIn(c)
}

func (c Config) check() error {
	bad := func(field, fix string) error {
		return problem.New(problem.Invalid, "app.config", "the configuration does not hold together").At("counterseal.toml: %s", field).Fix("%s", fix)
	}
	if strings.TrimSpace(c.Provider) == "" {
		return bad("provider", "write the provider's name")
	}
	if d, err := time.ParseDuration(c.Ledger.Tick); err != nil || d < 125*time.Millisecond || d > time.Minute {
		return bad("ledger.tick", "write a time between 125ms and 1m, such as \"15s\"")
	}
	if d, err := time.ParseDuration(c.Ledger.Batch); err != nil || d < time.Second {
		return bad("ledger.batch", "write a time such as \"24h\"")
	}
	if key, fix := c.Ledger.Stamp.amiss(); key != "" {
		return bad("ledger.stamp."+key, fix)
	}
	if key, fix := c.Ledger.amiss(c); key != "" {
		return bad(key, fix)
	}
	if c.Notice.WaitingDays < 0 || c.Notice.WaitingDays > 60 {
		return bad("notice.waiting_days", "write 0 to 60")
	}
	if what, fix := c.Notice.Mail.amiss(); what != "" {
		return bad("notice.mail."+what, fix)
	}
	if _, err := time.LoadLocation(c.Zone); err != nil || c.Zone == "Local" {
		return bad("zone", "write an IANA zone such as \"Europe/Copenhagen\"")
	}
	if key, fix := c.Gate.Page.amiss(); key != "" {
		return bad("gate."+key, fix)
	}
	seen := map[string]bool{c.Gate.ID: true, c.Gate.Region: true}
	for i, r := range c.Regions {
		if key, fix := r.Page.amiss(); key != "" {
			return bad(fmt.Sprintf("region %d: %s", i+1, key), fix)
		}
		if !grant.Name(r.ID) || !grant.Name(r.Gate) || seen[r.ID] || seen[r.Gate] {
			return bad(fmt.Sprintf("region %d", i+1), "write an id and a gate of one word each, of their own")
		}
		if r.Key == "" && !r.inside() {
			return bad(fmt.Sprintf("region %d: key", i+1), "write the line of the gate's gate.pub")
		}
		seen[r.ID], seen[r.Gate] = true, true
	}
	for i, m := range c.Staff {
		if m.ID == "" || strings.ContainsAny(m.ID, " \t\n") || len(m.Seats) == 0 {
			return bad(fmt.Sprintf("staff %d", i+1), "write an id without spaces, a name, and seats such as [\"reviewer\", \"counsel\"]")
		}
	}
	if key, fix := c.SignIn.amiss(c); key != "" {
		return bad("sign_in."+key, fix)
	}
	if key, fix := c.elsewhere(); key != "" {
		return bad(key, fix)
	}
	err := c.Report.check(bad)
	if err != nil {
		return err
	}
	return c.Estate.check(bad)
}

// Founding is what a new folder needs to know.
type Founding struct {
	Provider string
	Origin   string // first part of the logs' names, such as nordwind.example
	Tick     time.Duration
	Batch    time.Duration
	GateID   string
	Region   string
	Contact  string
	Regions  []Region // further gates
	Mail     []MailStore
	Zone     string // in which staff state days
	Staff    []Member
	Clock    time.Time // of a demo
}

// Found makes a new folder with its keys, logs and one local witness. Everything
// secret is readable by its owner alone. It refuses a folder that is in use.
// Codes: app.founding, app.folder_in_use, app.folder.
func Found(dir string, n Founding) (Folder, error) {
	f := Folder(dir)
	if strings.TrimSpace(n.Provider) == "" || canon.Text(n.Provider) != n.Provider {
		return "", problem.New(problem.Invalid, "app.founding", "a provider has a name, without characters that cannot be seen").At("provider").Fix("write it as it stands in letters")
	}
	if !validOrigin(n.Origin) {
		return "", problem.New(problem.Invalid, "app.founding", "the logs' names begin with a domain of yours").At("origin: %.80q", n.Origin).Fix("write, for example, example.com")
	}
	if _, err := os.Stat(f.Config()); err == nil {
		return "", problem.New(problem.Conflict, "app.folder_in_use", "there is a Counterseal folder here already").At("%s", dir).Fix("choose another folder")
	}
	for _, d := range []string{dir, f.path("docket"), f.Originals(), f.path("keys"), f.Keys(), f.Journal(), f.Register(), f.Witness(), f.Gate(), f.Spool()} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return "", folderProblem(err).At("%s", dir)
		}
	}
	policies, err := f.foundKeys(n.Origin)
	if err != nil {
		return "", err
	}
	for _, r := range n.Regions {
		if err := f.sshKey(gateSecret(r.Gate)); err != nil {
			return "", err
		}
		if err := os.MkdirAll(f.GateOf(r.Gate), 0o700); err != nil {
			return "", folderProblem(err)
		}
	}
	for log, policy := range policies {
		if err := os.WriteFile(f.Policy(log), policy.Marshal(), 0o644); err != nil {
			return "", folderProblem(err)
		}
	}
	if err := os.WriteFile(f.Config(), []byte(n.config()), 0o644); err != nil {
		return "", folderProblem(err)
	}
	return f, f.beginTrust(policies)
}

// beginTrust writes what outsiders believe before there is a gate: with it they check
// receipts, and what letters say of the journal.
func (f Folder) beginTrust(logs map[string]proof.Policy) error {
	private, err := os.ReadFile(f.Secret("docket"))
	if err != nil {
		return folderProblem(err)
	}
	signer, err := ssh.ParsePrivateKey(private)
	if err != nil {
		return folderProblem(err)
	}
	return f.writeTrust(verify.Trust{Docket: signer.PublicKey(), Register: logs["register"].LogKey(), LogPolicy: logs["journal"].Marshal()})
}

// validOrigin asks for a domain name in lower case: a–z, 0–9, hyphens and at least
// one dot, at most 200 bytes. Logs and witness add a slash and a word to it.
func validOrigin(s string) bool {
	labels := strings.Split(s, ".")
	for _, l := range labels {
		if !grant.Name(l) {
			return false
		}
	}
	return len(labels) > 1 && len(s) <= 200
}

func folderProblem(err error) *problem.Error {
	return problem.New(problem.Unavailable, "app.folder", "the folder cannot be written").Fix("check that it exists, is yours, and that the disk has room").Because(err)
}

// foundKeys makes the note keys of both logs and of the witness, and the SSH
// keys of docket and gate.
func (f Folder) foundKeys(origin string) (map[string]proof.Policy, error) {
	witnessKey, err := f.noteKey("witness", origin+"/witness")
	if err != nil {
		return nil, err
	}
	policies, logs := map[string]proof.Policy{}, map[string]string{}
	for _, log := range []string{"journal", "register"} {
		private, public, err := note.GenerateKey(rand.Reader, origin+"/"+log)
		if err != nil {
			return nil, folderProblem(err)
		}
		if err := os.WriteFile(f.Secret(log), []byte(private+"\n"), 0o600); err != nil {
			return nil, folderProblem(err)
		}
		logs[log] = public
	}
	w, err := witness.Open(witness.Config{Dir: f.Witness(), Key: witnessKey, Logs: []string{logs["journal"], logs["register"]}, Now: time.Now})
	if err != nil {
		return nil, err
	}
	defer w.Close()
	for log, key := range logs {
		policies[log], err = proof.NewPolicy(key, []string{w.VerifierKey()}, 1)
		if err != nil {
			return nil, err
		}
	}
	token := make([]byte, 24)
	if _, err := rand.Read(token); err != nil {
		return nil, folderProblem(err)
	}
	if err := os.WriteFile(f.Secret("uplink"), []byte(hex.EncodeToString(token)+"\n"), 0o600); err != nil {
		return nil, folderProblem(err)
	}
	for _, name := range []string{"docket", "gate"} {
		if err := f.sshKey(name); err != nil {
			return nil, err
		}
	}
	return policies, nil
}

func (f Folder) sshKey(name string) error {
	_, private, err := signature.NewKey(rand.Reader, name)
	if err != nil {
		return err
	}
	if err := os.WriteFile(f.Secret(name), private, 0o600); err != nil {
		return folderProblem(err)
	}
	return nil
}

func (f Folder) noteKey(name, signer string) (string, error) {
	private, _, err := note.GenerateKey(rand.Reader, signer)
	if err != nil {
		return "", folderProblem(err)
	}
	if err := os.WriteFile(f.Secret(name), []byte(private+"\n"), 0o600); err != nil {
		return "", folderProblem(err)
	}
	return private, nil
}

// readSecret reads a key file and refuses one that others can read.
func (f Folder) readSecret(name string) ([]byte, error) { return readPrivate(f.Secret(name)) }

func readPrivate(path string) ([]byte, error) {
	name := filepath.Base(path)
	info, err := os.Stat(path)
	if err != nil {
		return nil, problem.New(problem.Unavailable, "app.key_missing", "a key of this folder is missing").At("%s", name).
			Fix("put it back from where you keep its copy; without it nothing can be signed").Because(err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, problem.New(problem.Refused, "keys.exposed", "others on this machine can read a key").At("%s", name).Fix("chmod 600 the file, and replace the key if somebody may have read it")
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, problem.New(problem.Unavailable, "app.key_missing", "a key of this folder cannot be read").At("%s", name).Fix("check whose file it is, and its rights").Because(err)
	}
	return b, nil
}
