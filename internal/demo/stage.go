package demo

import (
	"embed"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"counterseal/internal/app"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

//go:embed nordwind
var nordwind embed.FS

// Stage is a fresh folder with everything that a story needs.
type Stage struct {
	Folder   app.Folder
	People   map[string]Person // on the roster, by id
	Engineer Person
	Officers map[string]string // files with the age identities of agencies, by their ids
	Officer  string            // that of the Harbor District
	Order    string            // file with the warrant of the Harbor District
	Form     string            // file with it as the officer filled it in
	Mail     int               // messages in the store of the first region
}

// Begin is when the folder begins: the Friday in 2013 on which the first letter
// comes, two hours before the first warrant.
var Begin = time.Date(2013, 6, 7, 16, 0, 0, 0, time.UTC)

// The regions. The first has the gate that an office always has.
var regions = []string{"iad", "dub", "fra", "cph", "mil"}

// Messages in the generated mailbox of the first region.
const Messages = 2400

// NewStage founds the folder and writes Nordwind's files into it. The charter is
// drafted and signed by everybody on the roster in Sign.
func NewStage(dir string, random io.Reader) (*Stage, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, stageProblem(err)
	}
	f := app.Founding{
		Provider: "Nordwind Cloud", Origin: "nordwind.example", Tick: 500 * time.Millisecond, Batch: 24 * time.Hour,
		GateID: "gate-iad-1", Region: "iad", Contact: "privacy@nordwind.example", Zone: "Europe/Copenhagen", Clock: Begin,
		// Whoever has no key on the roster, or another group there than their work.
		Staff: []app.Member{{ID: Outside, Name: "Ruth Castellan", Seats: []string{"counsel"}}},
	}
	for _, r := range regions[1:] {
		f.Regions = append(f.Regions, app.Region{ID: r, Gate: "gate-" + r + "-1"})
	}
	folder, err := app.Found(dir, f)
	if err != nil {
		return nil, err
	}
	s := &Stage{Folder: folder, People: map[string]Person{}, Officers: map[string]string{}}
	var beside errgroup.Group
	beside.Go(s.fillStores) // which hangs on nobody's keys, and takes longest
	for _, step := range []func() error{
		func() error { return s.makePeople(random) }, s.writeConfig, s.writeAgencies, s.writeCharter, s.writeEstate, s.layInbox,
	} {
		if err := step(); err != nil {
			_ = beside.Wait() // the first error counts
			return nil, err
		}
	}
	if err := beside.Wait(); err != nil {
		return nil, err
	}
	s.Officer = s.Officers["us-harbor"]
	return s, nil
}

func (s *Stage) path(parts ...string) string {
	return filepath.Join(append([]string{string(s.Folder)}, parts...)...)
}

// text is one of the embedded files.
func text(parts ...string) string {
	b, err := nordwind.ReadFile("nordwind/" + strings.Join(parts, "/"))
	if err != nil {
		panic(err) // the program was built without it
	}
	return string(b)
}

// writeConfig connects every region's stores. A folder is founded with its gates
// alone; what they read is written in afterwards, as a provider does.
func (s *Stage) writeConfig() error {
	old, err := os.ReadFile(s.Folder.Config())
	if err != nil {
		return stageProblem(err)
	}
	dir := filepath.ToSlash(string(s.Folder))
	var gates strings.Builder
	for _, r := range regions[1:] {
		gates.WriteString(strings.NewReplacer("{{region}}", r, "{{dir}}", dir).Replace(text("region.toml")))
	}
	head, rest, _ := strings.Cut(string(old), "[[region]]")
	_, staff, _ := strings.Cut(rest, "[[staff]]")
	stores := strings.NewReplacer("{{regions}}", gates.String(), "{{dir}}", dir).Replace(text("stores.toml"))
	staff, clock, _ := strings.Cut(staff, "[demo]")
	return s.write(s.Folder.Config(), []byte(head+"[[staff]]"+staff+stores+"\n[demo]"+clock))
}

var keyName = regexp.MustCompile(`\{\{key ([a-z-]+)\}\}`)

func (s *Stage) writeAgencies() error {
	var failed error
	out := keyName.ReplaceAllStringFunc(text("agencies.toml"), func(m string) string {
		key, err := s.officerKey(keyName.FindStringSubmatch(m)[1])
		if err != nil {
			failed = err
		}
		return key
	})
	if failed != nil {
		return failed
	}
	return s.write(s.Folder.Agencies(), []byte(out))
}

func (s *Stage) writeCharter() error {
	out := keyName.ReplaceAllStringFunc(text("charter.toml"), func(m string) string {
		return signature.Line(s.People[keyName.FindStringSubmatch(m)[1]].Key.PublicKey())
	})
	return s.write(s.Folder.CharterDraft(), []byte(out))
}

// layInbox writes the warrant of the Harbor District where a person finds it who
// wants to send one by hand.
func (s *Stage) layInbox() error {
	s.Order, s.Form = s.path("inbox", "warrant.txt"), s.path("inbox", "warrant.toml")
	if err := s.write(s.Order, []byte(text("open-door", "warrant.txt"))); err != nil {
		return err
	}
	return s.write(s.Form, []byte(text("open-door", "warrant.toml")))
}

func stageProblem(err error) error {
	return problem.New(problem.Unavailable, "demo.folder", "the demo's folder cannot be written").Fix("choose another folder with --dir, and check that the disk has room").Because(err)
}

// Sign drafts the charter and lets everybody on the roster sign it.
func (s *Stage) Sign(at time.Time) error {
	draft, err := os.ReadFile(s.Folder.CharterDraft())
	if err != nil {
		return stageProblem(err)
	}
	gateKey, err := s.gateKey()
	if err != nil {
		return err
	}
	st, err := s.Folder.Draft(draft, gateKey, at)
	if err != nil {
		return err
	}
	text, err := st.Bytes()
	if err != nil {
		return err
	}
	path := s.Folder.Statement("1")
	if err := s.write(path, text); err != nil {
		return err
	}
	for id, p := range s.People {
		signed, err := signature.Sign(p.Key, signature.Charter, text)
		if err != nil {
			return err
		}
		if err := s.write(strings.TrimSuffix(path, ".txt")+"."+id+".sig", signed); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stage) gateKey() (string, error) {
	b, err := os.ReadFile(s.Folder.Secret("gate"))
	if err != nil {
		return "", stageProblem(err)
	}
	key, err := signature.ReadKey(b)
	if err != nil {
		return "", err
	}
	return signature.Line(key.PublicKey()), nil
}
