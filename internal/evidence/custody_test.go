package evidence_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/evidence"
)

// custodyOf closes a package that tells of a person, of the journal and of the gate.
func custodyOf(t testing.TB) (text []byte, o evidence.OrderFile, files map[string][]byte) {
	t.Helper()
	id := newKey(t)
	w, out := begin(t, id.Recipient(), header(t), options(t))
	fill(t, w, 4)
	if err := w.Withhold("near", "msg-9", ""); err != nil {
		t.Fatal(err)
	}
	story := order("it")
	story.Version = "0.1.0"
	story.Custody = []evidence.Step{
		{At: start.Add(-3 * time.Hour), By: "p-halvorsen", Act: "called the authority back", Detail: `reached "R. Sample" <desk>`},
		{At: start.Add(-2 * time.Hour), By: evidence.Journal, Act: "held the grant", Of: evidence.OfGrant},
		{At: start, Until: start.Add(time.Second), By: "gate gate-mil-1", Act: "read the stores of mail, read-only", Of: evidence.OfPayload},
	}
	if _, err := w.Close(story); err != nil {
		t.Fatal(err)
	}
	_, files, _ = open(t, out.Bytes(), id)
	if err := json.Unmarshal(files[evidence.OrderName], &o); err != nil {
		t.Fatal(err)
	}
	return files[evidence.CustodyName], o, files
}

func sums(files map[string][]byte) (out []evidence.TagSum) {
	for _, name := range evidence.TagFiles {
		if name == evidence.CustodyName {
			break
		}
		out = append(out, evidence.TagSum{Name: name, Size: int64(len(files[name])), SHA256: sha256.Sum256(files[name])})
	}
	return out
}

func TestCustodyIsReadBackAsItWasWritten(t *testing.T) {
	text, o, files := custodyOf(t)
	c, ok := evidence.ParseCustody(text, o, sums(files))
	if !ok || c.Version != "0.1.0" || len(c.Steps) != 5 {
		t.Fatalf("%v %+v", ok, c.Steps)
	}
	want := []evidence.Step{
		{At: start.Add(-3 * time.Hour), By: "p-halvorsen", Act: "called the authority back", Detail: `reached "R. Sample" <desk>`},
		{At: start.Add(-2 * time.Hour), By: evidence.Journal, Act: "held the grant", Of: evidence.OfGrant},
		{At: start, Until: start.Add(time.Second), By: "gate gate-mil-1", Act: "read the stores of mail, read-only", Of: evidence.OfPayload},
	}
	if d := cmp.Diff(want, c.Steps[:3]); d != "" {
		t.Fatal(d)
	}
	if !bytes.Equal(c.Text(), text) {
		t.Fatal("writing it again gives other bytes")
	}
}

func TestACustodyThatSaysAnythingElseIsRefused(t *testing.T) {
	text, o, files := custodyOf(t)
	for _, c := range [][2]string{
		{"Tribunale di Milano", "Tribunale di Torino"}, {"/case/investigation/", "/case/investigations/"}, {"SHA256", "SHA512"}, {`"p-halvorsen"`, `"gate gate-mil-1"`},
		{"urn:uuid:", "urn:UUID:"}, {"answered", "open"}, {`"@graph": [`, `"@graph": [ `}, {`"@context"`, `"x": 1, "@context"`}, {"read the stores of mail, read-only", "read the stores of mail,\\nread-only"},
	} {
		bad := strings.Replace(string(text), c[0], c[1], 1)
		if bad == string(text) {
			t.Fatalf("%q is not in it", c[0])
		}
		if _, ok := evidence.ParseCustody([]byte(bad), o, sums(files)); ok {
			t.Fatalf("%q in the place of %q was accepted", c[1], c[0])
		}
	}
	other := sums(files)
	other[0].SHA256[0] ^= 1
	if _, ok := evidence.ParseCustody(text, o, other); ok {
		t.Fatal("another payload manifest was accepted")
	}
}

func FuzzParseCustody(f *testing.F) {
	text, o, files := custodyOf(f)
	f.Add(text)
	f.Add([]byte(`{"@context":{},"@graph":[{"@id":"x","@type":"case-investigation:InvestigativeAction","uco-action:result":["x"]}]}`))
	list := sums(files)
	f.Fuzz(func(t *testing.T, b []byte) {
		c, ok := evidence.ParseCustody(b, o, list)
		if ok && !bytes.Equal(c.Text(), b) {
			t.Fatal("accepted in a second form")
		}
	})
}

// Shapes and engine are by others: docs/formats.md says where they come from. The
// shapes are not part of this repository, so the test is skipped where nobody put
// them.
func TestCustodyHoldsToTheShapesOfCASEAndUCO(t *testing.T) {
	shapes, modules := os.Getenv("COUNTERSEAL_CASE_UCO"), os.Getenv("COUNTERSEAL_SHACL")
	if shapes == "" || modules == "" {
		t.Skip("SKIPPED: COUNTERSEAL_CASE_UCO names no folder with the ontologies of CASE and UCO 1.4.0, or COUNTERSEAL_SHACL none with shacl-engine")
	}
	text, _, _ := custodyOf(t)
	check := func(text []byte) (string, error) {
		t.Helper()
		file := filepath.Join(t.TempDir(), evidence.CustodyName)
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("node", filepath.Join("testdata", "shacl.mjs"), modules, shapes, file).CombinedOutput()
		return string(out), err
	}
	if out, err := check(text); err != nil || !strings.Contains(out, "violations 0, nodes ") {
		t.Fatalf("%v\n%s", err, out)
	}
	// The checker can fail.
	bad := strings.Replace(string(text), `"uco-types:hashMethod": "SHA256",`, "", 1)
	if out, err := check([]byte(bad)); err == nil || !strings.Contains(out, "hashMethod") {
		t.Fatalf("a hash without its method passed: %v\n%s", err, out)
	}
}
