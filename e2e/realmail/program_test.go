package realmail

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/e2e/opendoor/walk"
	"counterseal/e2e/realmail/corpus"
	"counterseal/internal/app"
	"counterseal/internal/gate"
	"counterseal/internal/gate/source/mbox"
	"counterseal/internal/scope"
)

func TestTheWholeProgramGivesWhatAnIndependentScriptSelectsOfGeneratedMessages(t *testing.T) {
	throughTheProgram(t, corpus.Generate(900, 11), "acc-3", []string{"person1@example.org", "person2@example.org"})
}

func TestTheWholeProgramGivesWhatAnIndependentScriptSelectsOfRealMessages(t *testing.T) {
	messages := corpus.Real(t)
	account, people := busiest(messages)
	throughTheProgram(t, messages, account, people)
}

// throughTheProgram takes demands for one account and one month, of two
// correspondents and of everybody, from the door to the officer's disk, and
// compares what lies there with what select.py finds in the same store.
func throughTheProgram(t *testing.T, messages []corpus.Message, account scope.AccountID, people []string) {
	python, age := needed(t, "python3"), needed(t, "age")
	slices.Sort(people)
	store := t.TempDir()
	file, err := corpus.WriteShared(store, corpus.Decoys(corpus.Place(messages), decoys, account, monthStart, monthEnd, people, mailOf(messages, account, people[0])))
	if err != nil {
		t.Fatal(err)
	}
	h := walk.Found(t, walk.Set{Estate: estateOf(), Mail: app.MailStore{Root: store, File: file, Header: "Delivered-To", Quote: "mboxrd"}, Batch: 24 * time.Hour})
	questions := []question{{Basis: scope.Received, Participants: people}, {Basis: scope.Received, Participants: []string{}}, {Basis: scope.Sent, Participants: []string{}}}
	var asks []walk.Ask
	for i, q := range questions {
		asks = append(asks, walk.Ask{Number: fmt.Sprintf("13-mj-09%02d", i), Targets: []string{corpus.Address(account)}, From: "2002-08-01", Until: "2002-08-31",
			Basis: string(q.Basis), Participants: q.Participants})
	}
	said := map[string]int{}
	for i, id := range h.Decided(asks...) {
		q := questions[i]
		q.Root, q.Files, q.Flavour, q.Header, q.Addresses = store, []string{file}, mbox.MboxRD, "Delivered-To", corpus.Addresses()
		q.Account, q.From, q.Until = account, monthStart.Unix(), monthEnd.Unix()
		st := h.Approved(id)
		out, err := h.Release(st)
		if err != nil {
			t.Fatal(err)
		}
		items, gaps := inPython(t, python, q)
		bag := decrypt(t, age, h.Fetch(st), h.Officer, filepath.Join(store, file))
		comparePackage(t, bag, account, items)
		compareWithheld(t, bag, refKey(t, h.Folder.Gate(), st), account, items, gaps)
		if int64(len(items)+len(gaps)) != out.Items+out.Withheld || out.Items < 2 {
			t.Errorf("the gate told of %d items and %d withheld, the script of %d items and %d gaps", out.Items, out.Withheld, len(items), len(gaps))
		}
		said["gap"] += len(gaps)
		for _, a := range items {
			said[a.Verdict]++
		}
	}
	t.Log(said)
	for _, word := range []string{"inside", "split", "near", "undated", "gap"} {
		if said[word] == 0 {
			t.Errorf("no answer was %q: the demands are too small to show anything", word)
		}
	}
}

// needed finds a program; without it the test is skipped, and fails where CI is "true".
func needed(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("the tool %s is missing", name)
	}
	t.Skipf("SKIPPED: the tool %s is missing", name)
	return ""
}

func mailOf(messages []corpus.Message, account scope.AccountID, writer string) (out []corpus.Message) {
	for _, m := range messages {
		if corpus.Owner(m) == account && bytes.Contains(m.Bytes, []byte(writer)) {
			out = append(out, m)
		}
	}
	return out
}

// estateOf writes corpus.Addresses as an estate: an address that always was the
// account's has been so since before any date that the rules accept.
func estateOf() string {
	var b strings.Builder
	for _, a := range corpus.Accounts() {
		fmt.Fprintf(&b, "[[customer]]\nid = \"c-%s\"\nname = \"Holder of %s\"\nkind = \"person\"\ncountry = \"US\"\nlanguage = \"en\"\nzone = \"America/New_York\"\n\n", a, a)
		fmt.Fprintf(&b, "[[account]]\nid = %q\ncustomer = \"c-%s\"\nregion = \"dub\"\nservices = [\"mail\"]\n\n", a, a)
	}
	for address, holds := range corpus.Addresses() {
		for _, hold := range holds {
			from := int64(0)
			if hold.From != nil {
				from = *hold.From
			}
			fmt.Fprintf(&b, "[[alias]]\naccount = %q\nkind = \"address\"\nvalue = %q\nfrom = %s\n", hold.Account, address, time.Unix(from, 0).UTC().Format(time.RFC3339))
			if hold.Until != nil {
				fmt.Fprintf(&b, "until = %s\n", time.Unix(*hold.Until, 0).UTC().Format(time.RFC3339))
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

// decrypt opens the package with age and tar. None of the planted messages is in
// the plain bytes, all of which are searched; each of them is in the store.
func decrypt(t *testing.T, age, pack, key, store string) (bag string) {
	t.Helper()
	dir := t.TempDir()
	tarred := filepath.Join(dir, "package.tar")
	said, err := exec.CommandContext(t.Context(), age, "-d", "-i", key, "-o", tarred, filepath.Join(pack, "package.tar.age")).CombinedOutput()
	if err != nil {
		t.Fatalf("age: %v %s", err, said)
	}
	plain, kept := contents(t, tarred), contents(t, store)
	if bytes.Contains(plain, []byte(corpus.DecoyMark)) {
		t.Error("a planted message is in the package")
	}
	for k := range decoys {
		canary := fmt.Appendf(nil, "%s: %d\n", corpus.DecoyMark, k)
		if n := bytes.Count(kept, canary); n != 1 {
			t.Fatalf("canary %d is in the store %d times", k, n)
		}
		if bytes.Contains(plain, canary) {
			t.Errorf("canary %d left", k)
		}
	}
	said, err = exec.CommandContext(t.Context(), "tar", "-C", dir, "-xf", tarred).CombinedOutput()
	if err != nil {
		t.Fatalf("tar: %v %s", err, said)
	}
	return filepath.Join(dir, "package")
}

func contents(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// row is a line of items.jsonl.
type row struct {
	Path, ID, Verdict string
	Size              int64
}

// comparePackage holds the items of the package against those that the script
// gives: the same, in the same order, byte for byte, and nothing else.
func comparePackage(t *testing.T, bag string, account scope.AccountID, items []answer) {
	t.Helper()
	var want, got []row
	for _, a := range items {
		if given(a.Verdict) {
			n := len(want) + 1
			path := fmt.Sprintf("data/%s/mail/%08d-%s.eml", account, n, a.ID)
			want = append(want, row{path, a.ID, a.Verdict, a.Size})
			b, err := os.ReadFile(filepath.Join(bag, path))
			if err != nil || !bytes.Equal(b, a.bytes) {
				t.Errorf("%s: %v, or other bytes than the script's", path, err)
			}
		}
	}
	lines(t, filepath.Join(bag, "items.jsonl"), func(b []byte) {
		var r row
		if err := json.Unmarshal(b, &r); err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	})
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("- select.py, + items.jsonl:\n%.3000s", d)
	}
	files, err := filepath.Glob(filepath.Join(bag, "data", "*", "*", "*"))
	if err != nil || len(files) != len(want) {
		t.Errorf("the payload has %d files, want %d", len(files), len(want))
	}
}

// refusal is a line of withheld.jsonl.
type refusal struct{ Reason, Ref, Detail string }

// compareWithheld holds withheld.jsonl against what the script withholds and
// what it could not read. The officer cannot tell from a ref which item it is;
// the provider can, with the key in the gate's record.
func compareWithheld(t *testing.T, bag string, key []byte, account scope.AccountID, items []answer, gaps []gapAnswer) {
	t.Helper()
	ref := func(id string) string {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(string(account) + "\nmail\n" + id))
		return hex.EncodeToString(m.Sum(nil)[:16])
	}
	var want, got []refusal
	for _, a := range items {
		if !given(a.Verdict) {
			want = append(want, refusal{a.Verdict, ref(a.ID), a.Undated})
			if a.Verdict == "undated" && a.Undated == "" {
				t.Errorf("the script says of %s that it is undated, and not why", a.ID)
			}
		}
	}
	for _, g := range gaps {
		want = append(want, refusal{"unreadable", ref(g.Place), g.Reason})
	}
	lines(t, filepath.Join(bag, "withheld.jsonl"), func(b []byte) {
		var r refusal
		if err := json.Unmarshal(b, &r); err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	})
	byRef := func(x, y refusal) int { return strings.Compare(x.Ref, y.Ref) }
	slices.SortFunc(want, byRef)
	slices.SortFunc(got, byRef)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("- select.py, + withheld.jsonl:\n%.3000s", d)
	}
}

// refKey is the key under which the gate wrote the refs of a release.
func refKey(t *testing.T, dir string, st gate.Status) []byte {
	t.Helper()
	var key []byte
	lines(t, filepath.Join(dir, "record"), func(b []byte) {
		_, line, _ := bytes.Cut(b, []byte(" "))
		var l struct {
			Kind string
			Body struct {
				ID  string
				Key []byte
			}
		}
		if json.Unmarshal(line, &l) == nil && l.Kind == "begun" && l.Body.ID == st.ID {
			key = l.Body.Key
		}
	})
	if len(key) != 32 {
		t.Fatal("the gate's record has no key of this release")
	}
	return key
}

func lines(t *testing.T, path string, each func([]byte)) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		each(s.Bytes())
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
}
