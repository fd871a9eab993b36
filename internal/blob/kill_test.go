package blob

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"counterseal/internal/problem"
)

// TestChild is not a test: the tests below run it in processes of their own,
// which they kill. It puts documents and says which ones were acknowledged.
func TestChild(t *testing.T) {
	root, name := os.Getenv("COUNTERSEAL_CHILD_DIR"), os.Getenv("COUNTERSEAL_CHILD_NAME")
	if root == "" {
		t.Skip("only for the tests that kill it")
	}
	p := packedIn(t, root)
	p.most = 200
	var mu sync.Mutex
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 5000 {
				s := document(fmt.Sprintf("%s-%d-%d", name, g, i))
				a, err := p.Put(t.Context(), []byte(s))
				if err != nil {
					t.Error(err)
					return
				}
				word := "put"
				if i%7 == 3 {
					if err = p.Remove(t.Context(), a); err != nil {
						t.Error(err)
						return
					}
					word = "removed"
				}
				mu.Lock()
				fmt.Printf("%s %s-%d-%d\n", word, name, g, i)
				mu.Unlock()
			}
		})
	}
	if strings.HasPrefix(name, "compacting") {
		for range 1000 {
			if _, err := p.Compact(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
	all.Wait()
}

// document makes a text of up to 400 kB that a name determines.
func document(name string) string {
	n := len(name) * 13
	if strings.HasSuffix(name, "00") {
		n = 400_000
	}
	return name + strings.Repeat(name[:1], n)
}

// child runs until it is killed; said gets every whole line.
func child(t *testing.T, root, name string, length time.Duration, said func(word, doc string)) {
	c := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.count=1")
	c.Env = append(os.Environ(), "COUNTERSEAL_CHILD_DIR="+root, "COUNTERSEAL_CHILD_NAME="+name)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Error(err)
		return
	}
	if err = c.Start(); err != nil {
		t.Error(err)
		return
	}
	timer := time.AfterFunc(length, func() { c.Process.Kill() })
	defer timer.Stop()
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // the last line may be cut
		}
		word, doc, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if !ok || (word != "put" && word != "removed") {
			t.Errorf("the child says %q", line)
			break
		}
		said(word, doc)
	}
	c.Wait()
	if s, ok := c.ProcessState.Sys().(syscall.WaitStatus); !ok || s.Signal() != syscall.SIGKILL {
		t.Errorf("the child was not killed: %v", c.ProcessState)
	}
}

func TestAKillAtAnyMomentLosesNothingAcknowledged(t *testing.T) {
	rounds := 4
	if n, err := strconv.Atoi(os.Getenv("COUNTERSEAL_KILL_ROUNDS")); err == nil {
		rounds = n
	}
	root := t.TempDir()
	acknowledged := map[string]string{}
	for round := range rounds {
		var mu sync.Mutex
		var both sync.WaitGroup
		// Two offices have the folder open at once, and one of them compacts.
		for _, name := range []string{"plain", "compacting"} {
			both.Go(func() {
				length := 100*time.Millisecond + time.Duration(rand.Int64N(int64(400*time.Millisecond)))
				child(t, root, fmt.Sprint(name, round), length, func(word, doc string) {
					mu.Lock()
					defer mu.Unlock()
					acknowledged[doc] = word
				})
			})
		}
		both.Wait()
		p := packedIn(t, root)
		for doc, word := range acknowledged {
			b, err := p.Get(t.Context(), addressOf(document(doc)))
			if word == "put" && (err != nil || string(b) != document(doc)) {
				t.Fatalf("round %d: %s is lost: %v", round, doc, err)
			}
		}
		put(t, p, "after")
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
	p := packedIn(t, root)
	if _, err := p.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	for doc, word := range acknowledged {
		if _, err := p.Get(t.Context(), addressOf(document(doc))); (word == "put") != (err == nil) || (word == "removed" && problem.Code(err) != "blob.missing") {
			t.Fatalf("%s %s: %v", word, doc, err)
		}
	}
	t.Logf("%d rounds, %d documents, %d segments", rounds, len(acknowledged), len(files(t, root, "*.pack")))
}
