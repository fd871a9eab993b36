package opendoor_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"counterseal/e2e/opendoor/walk"
)

// unpack does what READ-ME-FIRST.txt tells an officer, with age and tar.
func unpack(t *testing.T, pack, key string) (bag string) {
	t.Helper()
	dir := t.TempDir()
	if out, err := tool(t, dir, "", "age", "-d", "-i", key, "-o", "package.tar", filepath.Join(pack, "package.tar.age")); err != nil {
		t.Fatalf("age: %v %s", err, out)
	}
	if out, err := tool(t, dir, "", "tar", "-xf", "package.tar"); err != nil || out != "" {
		t.Fatalf("tar: %v %s", err, out)
	}
	return filepath.Join(dir, "package")
}

func demoBag(t *testing.T) (played, string) {
	t.Helper()
	p := theDemo(t)
	return p, unpack(t, p.kept("grant.package"), p.path("people", "us-harbor.agekey"))
}

var field = regexp.MustCompile(`(?m)^([a-z0-9-]+):? (.*)$`)

// fields reads lines "name value" or "name: value".
func fields(text string) map[string]string {
	out := map[string]string{}
	for _, m := range field.FindAllStringSubmatch(text, -1) {
		out[m[1]] = m[2]
	}
	return out
}

func TestThePackageOpensAndChecksWithAgeTarAndSha256sum(t *testing.T) {
	t.Parallel()
	p, bag := demoBag(t)
	for _, list := range []string{"manifest-sha256.txt", "tagmanifest-sha256.txt"} {
		want := strings.Count(read(t, bag, list), "\n")
		out, err := tool(t, bag, "", "sha256sum", "--strict", "-c", list)
		if err != nil || strings.Count(out, ": OK\n") != want || want < 10 {
			t.Fatalf("sha256sum -c %s, %d lines: %v\n%.2000s", list, want, err, out)
		}
	}
	out, err := tool(t, bag, "", "sha256sum", "tagmanifest-sha256.txt")
	must(t, err)
	released := fields(read(t, p.kept("grant.package"), "release.txt"))
	if got, _, _ := strings.Cut(out, " "); got != released["tag-manifest-sha256"] {
		t.Errorf("release.txt names the tag manifest %s, and it is %s", released["tag-manifest-sha256"], got)
	}
	all, err := filepath.Glob(filepath.Join(bag, "data", "*", "*", "*"))
	must(t, err)
	items, err := filepath.Glob(filepath.Join(bag, "data", "*", "mail", "*.eml"))
	must(t, err)
	if fmt.Sprint(len(all)) != p.kept("grant.items") || len(items) < 50 {
		t.Errorf("the bag has %d items, %d of them messages, and the demo told of %s", len(all), len(items), p.kept("grant.items"))
	}
	write(t, read(t, items[0])+"x", items[0])
	if out, err := tool(t, bag, "", "sha256sum", "-c", "manifest-sha256.txt"); err == nil || strings.Count(out, ": FAILED\n") != 1 {
		t.Errorf("sha256sum does not see a changed message: %.300s", out)
	}
}

func TestTheBagIsValidForAValidatorThatSharesNoCode(t *testing.T) {
	t.Parallel()
	_, bag := demoBag(t)
	check, err := filepath.Abs("../../internal/evidence/testdata/bagcheck.py")
	must(t, err)
	if out, err := tool(t, bag, "", "python3", "-I", "-B", check, bag); err != nil || strings.TrimSpace(out) != "valid" {
		t.Fatalf("bagcheck.py: %v %s", err, out)
	}
	must(t, os.Remove(filepath.Join(bag, "data-dictionary.txt")))
	if out, err := tool(t, bag, "", "python3", "-I", "-B", check, bag); err == nil {
		t.Errorf("bagcheck.py does not miss a file: %s", out)
	}
}

// signedBy asks ssh-keygen whether the key of a public line signed the text.
func signedBy(t *testing.T, line, namespace, text, sig string) error {
	t.Helper()
	dir := t.TempDir()
	write(t, "signer "+line+"\n", dir, "allowed")
	write(t, sig, dir, "sig")
	out, err := tool(t, dir, text, "ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", "signer", "-n", namespace, "-s", "sig")
	if err == nil && !strings.HasPrefix(out, "Good ") {
		t.Fatalf("ssh-keygen says neither good nor bad: %s", out)
	}
	return err
}

// expectSigned holds that exactly this text, in this namespace, is signed.
func expectSigned(t *testing.T, what, line, namespace, text, sig string) {
	t.Helper()
	if err := signedBy(t, line, namespace, text, sig); err != nil {
		t.Errorf("%s: ssh-keygen refuses the signature", what)
	}
	if signedBy(t, line, namespace, text+" ", sig) == nil || signedBy(t, line, "file", text, sig) == nil {
		t.Errorf("%s: ssh-keygen takes the signature for another text", what)
	}
}

func TestEverySignatureIsOneThatSshKeygenVerifies(t *testing.T) {
	t.Parallel()
	p, bag := demoBag(t)
	trust := read(t, p.path("trust.txt"))
	gate := strings.SplitN(regexp.MustCompile(`(?m)^gate (.*)$`).FindStringSubmatch(trust)[1], " ", 3)
	expectSigned(t, "release", gate[2], "counterseal-release-v1", read(t, p.kept("grant.package"), "release.txt"), read(t, p.kept("grant.package"), "release.txt.sig"))

	out, err := tool(t, p.Folder, "", "ssh-keygen", "-y", "-f", p.path("keys", "docket"))
	must(t, err)
	expectSigned(t, "receipt", strings.TrimSpace(out), "counterseal-receipt-v1", read(t, p.kept("warrant.receipt")), read(t, p.kept("warrant.receipt")+".sig"))

	people := map[string]string{}
	for _, id := range []string{"p-halvorsen", "p-okafor", "p-brandt"} {
		out, err := tool(t, p.Folder, "", "ssh-keygen", "-y", "-f", p.path("people", id))
		must(t, err)
		people[id] = strings.Join(strings.Fields(out)[:2], " ")
		statement := read(t, p.path("charter", "1.txt"))
		if !strings.Contains(statement, people[id]) {
			t.Errorf("the charter does not name the key of %s", id)
		}
		expectSigned(t, "charter by "+id, people[id], "counterseal-charter-v1", statement, read(t, p.path("charter", "1."+id+".sig")))
	}
	approvals(t, bag, people)
}

// approvals checks what order.json holds of them: the exact text that people
// signed, and two signatures by two of them.
func approvals(t *testing.T, bag string, people map[string]string) {
	t.Helper()
	var order struct {
		Grant     []byte   `json:"grant_base64"`
		Digest    string   `json:"grant_sha256"`
		Approvals [][]byte `json:"approvals_base64"`
	}
	must(t, json.Unmarshal([]byte(read(t, bag, "order.json")), &order))
	if sum := sha256.Sum256(order.Grant); hex.EncodeToString(sum[:]) != order.Digest {
		t.Error("order.json's grant has another digest than it says")
	}
	var who []string
	for _, sig := range order.Approvals {
		for id, line := range people {
			if signedBy(t, line, "counterseal-grant-v1", string(order.Grant), string(sig)) == nil {
				who = append(who, id)
				expectSigned(t, "approval by "+id, line, "counterseal-grant-v1", string(order.Grant), string(sig))
			}
		}
	}
	slices.Sort(who)
	if drafter := fields(string(order.Grant))["drafter"]; !slices.Equal(who, []string{"p-brandt", "p-okafor"}) || drafter != "p-halvorsen" {
		t.Errorf("%s drafted, and the approvals are by %v", drafter, who)
	}
}

// fsck builds Tessera's own checker from the module cache, once.
var fsck = sync.OnceValues(func() (string, error) {
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/transparency-dev/tessera").Output()
	if err != nil {
		return "", err
	}
	path := filepath.Join(scratch, "fsck")
	build := exec.Command("go", "build", "-o", path, "./cmd/fsck")
	build.Dir, build.Env = strings.TrimSpace(string(module)), append(os.Environ(), "GOFLAGS=-mod=readonly", "GOWORK=off")
	if os.Getenv("CI") != "true" {
		build.Env = append(build.Env, "GOPROXY=off")
	}
	return path, build.Run()
})

// whole asks Tessera's fsck about a log, over HTTP as strangers would. It ends
// with status 0 whatever it finds and can wait for ever, so only its one word of
// success counts.
func whole(t *testing.T, dir, policy string) bool {
	t.Helper()
	path, err := fsck()
	if err != nil {
		missing(t, "Tessera's fsck in the module cache")
	}
	key := filepath.Join(t.TempDir(), "log.pub")
	write(t, regexp.MustCompile(`(?m)^log (.*)$`).FindStringSubmatch(read(t, policy))[1], key)
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, path, "-storage_url", server.URL+"/", "-public_key", key, "-N", "4", "--ui=false")
	c.WaitDelay = time.Second
	out, _ := c.CombinedOutput()
	return strings.Contains(string(out), "Successfully fsck'd")
}

// tiles lists the files on which the log's present checkpoint rests: of each
// tile the longest partial one.
func tiles(t *testing.T, log string) []string {
	t.Helper()
	longest := map[string]string{}
	must(t, filepath.WalkDir(filepath.Join(log, "tile"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		of, _, _ := strings.Cut(path, ".p")
		if old := longest[of]; len(path) > len(old) || len(path) == len(old) && path > old {
			longest[of] = path
		}
		return nil
	}))
	var out []string
	for _, path := range longest {
		out = append(out, path)
	}
	slices.Sort(out)
	return out
}

// Of each log every tile is changed in turn, and the checkpoint.
func TestTheLogsPassTesserasFsckAndATamperedTileFailsThere(t *testing.T) {
	t.Parallel()
	p := theDemo(t)
	h := walk.Nordwind(t) // its register is published within a second
	h.Close()
	config := read(t, h.Folder.Config())
	write(t, strings.Replace(config, `batch = "24h0m0s"`, `batch = "1s"`, 1), h.Folder.Config())
	must(t, h.Open())
	h.TakeIn(walk.Ask{Number: "13-mj-0500", Targets: []string{"mercer@nordwind.example"}, From: "2013-04-01", Until: "2013-04-30", Basis: "received"})
	for end := time.Now().Add(20 * time.Second); len(read(t, h.Folder.Register(), "checkpoint")) == 0 || strings.Contains(read(t, h.Folder.Register(), "checkpoint"), "\n0\n"); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the register's first batch does not come")
		}
	}
	h.Close()
	for _, log := range []struct{ name, dir, policy string }{
		{"the demo's journal", p.path("ledger", "journal"), p.path("ledger", "journal.policy")},
		{"a register", h.Folder.Register(), h.Folder.Policy("register")},
	} {
		t.Run(log.name, func(t *testing.T) {
			if !whole(t, log.dir, log.policy) {
				t.Fatal("fsck does not find the log whole")
			}
			if s := command(t, "ledger", "check", "--log", log.dir, "--policy", log.policy); s.exit != 0 {
				t.Fatalf("ledger check: %s", s.err)
			}
			files := append(tiles(t, log.dir), filepath.Join(log.dir, "checkpoint"))
			if len(files) < 3 {
				t.Fatalf("only %v to change", files)
			}
			for _, file := range files {
				name, err := filepath.Rel(log.dir, file)
				must(t, err)
				copied := copyFolder(t, log.dir)
				b := []byte(read(t, copied, name))
				place := len(b) - 1
				if name == "checkpoint" {
					place = len(b) / 2 // its last byte is a line feed
				}
				b[place] ^= 1
				write(t, string(b), copied, name)
				if whole(t, copied, log.policy) {
					t.Errorf("%s: fsck does not see the change", name)
				}
				if s := command(t, "ledger", "check", "--log", copied, "--policy", log.policy); s.exit != 8 || s.code() == "" {
					t.Errorf("%s: ledger check ends with %d and %q", name, s.exit, s.code())
				}
			}
		})
	}
}
