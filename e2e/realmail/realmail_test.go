package realmail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"counterseal/e2e/realmail/corpus"
	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/mbox"
	"counterseal/internal/scope"
)

// A question is what both programs are asked.
type question struct {
	Root         string                   `json:"root"`
	Files        []string                 `json:"files"`
	Flavour      mbox.Flavour             `json:"flavour"`
	SeparatorUTC bool                     `json:"separator_utc"`
	Header       string                   `json:"header"` // "" for a file of the account's own
	Addresses    map[string][]corpus.Hold `json:"addresses"`
	Account      scope.AccountID          `json:"account"`
	From         int64                    `json:"from"`
	Until        int64                    `json:"until"`
	Basis        scope.Basis              `json:"basis"`
	Participants []string                 `json:"participants"`
}

// An answer about one item that is not outside.
type answer struct {
	ID           string   `json:"id"`
	Verdict      string   `json:"verdict"`
	Undated      string   `json:"undated"`
	Received     []int64  `json:"received"`
	Sent         []int64  `json:"sent"`
	Participants []string `json:"participants"`
	Size         int64    `json:"size"`
	SHA256       string   `json:"sha256"`
	bytes        []byte
}

type gapAnswer struct {
	Place  string `json:"place"`
	Reason string `json:"reason"`
}

var (
	monthStart = time.Date(2002, 8, 1, 0, 0, 0, 0, time.UTC)
	monthEnd   = time.Date(2002, 8, 31, 23, 59, 59, 0, time.UTC)
)

const decoys = 1000

func TestTwoProgramsSelectTheSameGeneratedMessages(t *testing.T) {
	compare(t, corpus.Generate(1200, 7), "acc-3", []string{"person1@example.org", "person2@example.org"})
}

func TestTwoProgramsSelectTheSameRealMessages(t *testing.T) {
	messages := corpus.Real(t)
	if len(messages) != 6046 {
		t.Errorf("%d messages, want the 6,046 of version 0.2.3", len(messages))
	}
	account, people := busiest(messages)
	compare(t, messages, account, people)
}

var august = regexp.MustCompile(`(?m)^Date:.* Aug 2002 `)
var writer = regexp.MustCompile(`(?mi)^From:[^\n]*?([a-z0-9._+-]+@[a-z0-9.-]+)`)

// busiest gives the account that has most messages from its two most frequent
// writers of August, so that the question has an answer worth comparing.
func busiest(messages []corpus.Message) (scope.AccountID, []string) {
	count := map[scope.AccountID]map[string]int{}
	for _, m := range messages {
		w := writer.FindSubmatch(m.Bytes)
		if w == nil || !august.Match(m.Bytes) {
			continue
		}
		a := corpus.Owner(m)
		if count[a] == nil {
			count[a] = map[string]int{}
		}
		count[a][strings.ToLower(string(w[1]))]++
	}
	best, account, people := 0, scope.AccountID(""), []string{}
	for _, a := range corpus.Accounts() {
		var names []string
		for n := range count[a] {
			names = append(names, n)
		}
		slices.SortFunc(names, func(x, y string) int {
			if d := count[a][y] - count[a][x]; d != 0 {
				return d
			}
			return strings.Compare(x, y)
		})
		if len(names) >= 2 && count[a][names[0]]+count[a][names[1]] > best {
			best, account, people = count[a][names[0]]+count[a][names[1]], a, names[:2]
		}
	}
	return account, people
}

func compare(t *testing.T, messages []corpus.Message, account scope.AccountID, people []string) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not here, so there is no second program to compare with")
	}
	slices.Sort(people)
	var copied []corpus.Message
	for _, m := range messages {
		if corpus.Owner(m) == account && bytes.Contains(m.Bytes, []byte(people[0])) {
			copied = append(copied, m)
		}
	}
	placed := corpus.Decoys(corpus.Place(messages), decoys, account, monthStart, monthEnd, people, copied)
	if n := countDecoys(placed); n != decoys {
		t.Fatalf("%d decoys were planted", n)
	}
	own, all := t.TempDir(), t.TempDir()
	files, err := corpus.WriteAccounts(own, placed)
	if err != nil {
		t.Fatal(err)
	}
	shared, err := corpus.WriteShared(all, placed)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]int{}
	q := question{Account: account, From: monthStart.Unix(), Until: monthEnd.Unix(), Addresses: corpus.Addresses()}
	for _, basis := range []scope.Basis{scope.Received, scope.Sent} {
		for _, participants := range [][]string{people, {}} {
			q.Basis, q.Participants = basis, participants
			name := string(basis) + ", two people"
			if len(participants) == 0 {
				name = string(basis) + ", everybody"
			}
			q.Root, q.Files, q.Flavour, q.Header, q.SeparatorUTC = own, files[account], mbox.MboxO, "", basis == scope.Sent
			t.Run(name+", a file for each account", func(t *testing.T) { ask(t, python, q, files, said) })
			q.Root, q.Files, q.Flavour, q.Header, q.SeparatorUTC = all, []string{shared}, mbox.MboxRD, "Delivered-To", basis == scope.Received
			t.Run(name+", one file for all", func(t *testing.T) { ask(t, python, q, nil, said) })
		}
	}
	for _, word := range []string{"inside", "split", "near", "undated", "gap"} {
		if said[word] == 0 {
			t.Errorf("no answer was %q: the questions are too small to show anything", word)
		}
	}
}

func countDecoys(all []corpus.Placed) int {
	n := 0
	for _, p := range all {
		if p.Decoy {
			n++
		}
	}
	return n
}

// ask puts the question to both programs and compares all they say.
func ask(t *testing.T, python string, q question, files map[scope.AccountID][]string, said map[string]int) {
	ours, ourGaps := inGo(t, q, files)
	theirs, theirGaps := inPython(t, python, q)
	if d := cmp.Diff(theirs, ours, cmpopts.EquateEmpty(), cmp.AllowUnexported(answer{}), cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".bytes" }, cmp.Ignore())); d != "" {
		t.Errorf("- select.py, + the gate:\n%.4000s", d)
	}
	if d := cmp.Diff(theirGaps, ourGaps, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("gaps: - select.py, + the gate:\n%.2000s", d)
	}
	words := map[string]int{"gap": len(ourGaps)}
	for i, a := range ours {
		words[a.Verdict]++
		if given(a.Verdict) && i < len(theirs) && !bytes.Equal(a.bytes, theirs[i].bytes) {
			t.Errorf("%s: the bytes differ", a.ID)
		}
		if given(a.Verdict) && bytes.Contains(a.bytes, []byte(corpus.DecoyMark+": ")) {
			t.Errorf("a decoy is given: %.300s", a.bytes)
		}
	}
	t.Log(words)
	for w, n := range words {
		said[w] += n
	}
}

func given(verdict string) bool { return verdict == "inside" || verdict == "split" }

func inGo(t *testing.T, q question, files map[scope.AccountID][]string) (out []answer, gaps []gapAnswer) {
	t.Helper()
	cfg := mbox.Config{Root: q.Root, Flavour: q.Flavour, SeparatorUTC: q.SeparatorUTC, Accounts: files}
	if q.Header != "" {
		cfg.Shared = &mbox.Shared{Files: q.Files, Header: q.Header, Resolve: corpus.Resolve()}
	}
	s, err := mbox.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	from, until := time.Unix(q.From, 0).UTC(), time.Unix(q.Until, 0).UTC()
	asked, err := scope.New(scope.Selector{Account: q.Account, Service: scope.Mail, Category: scope.Content, From: from, Until: until, Basis: q.Basis, Participants: q.Participants})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Items(t.Context(), source.Query{Account: q.Account, From: from, Until: until}, func(it source.Item) error {
		v := asked.Judge(it.Item)
		if v == scope.Outside {
			return nil
		}
		r, err := it.Open()
		if err != nil {
			return err
		}
		b, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		out = append(out, answerOf(it, v, b))
		return r.Close()
	}, func(g source.Gap) error {
		gaps = append(gaps, gapAnswer{g.Place, g.Reason})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, gaps
}

func answerOf(it source.Item, v scope.Verdict, b []byte) answer {
	sum := sha256.Sum256(b)
	people := slices.Clone(it.Participants)
	slices.Sort(people)
	return answer{it.ID, v.String(), it.Undated, stretch(it.Received, it.ReceivedSpread), stretch(it.Sent, it.SentSpread),
		slices.Compact(people), int64(len(b)), hex.EncodeToString(sum[:]), b}
}

func stretch(at time.Time, spread time.Duration) []int64 {
	if at.IsZero() {
		return nil
	}
	return []int64{at.Unix(), at.Add(spread).Unix()}
}

func inPython(t *testing.T, python string, q question) (out []answer, gaps []gapAnswer) {
	t.Helper()
	dir := t.TempDir()
	b, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "question.json")
	err = os.WriteFile(path, b, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	said, err := exec.CommandContext(t.Context(), python, "-I", "-B", "select.py", path, dir).CombinedOutput()
	if err != nil {
		t.Fatalf("select.py: %v\n%s", err, said)
	}
	load(t, filepath.Join(dir, "items.json"), &out)
	load(t, filepath.Join(dir, "gaps.json"), &gaps)
	for i, a := range out {
		if !given(a.Verdict) {
			continue
		}
		out[i].bytes, err = os.ReadFile(filepath.Join(dir, a.ID))
		if err != nil {
			t.Fatal(err)
		}
	}
	return out, gaps
}

func load(t *testing.T, path string, into any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	err = json.Unmarshal(b, into)
	if err != nil {
		t.Fatal(err)
	}
}
