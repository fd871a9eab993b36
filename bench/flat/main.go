// Command flat measures how much memory a gate takes for one answer, by how much mail is
// collected: a release from the store, a preserved copy, and a release that opens it.
//
//	go run ./flat [-mib 100,1024,10240] [-kib 64] [-dir FOLDER]
//
// The gate is the real one, with its journal in this process. The store is a Maildir of
// generated messages of 64 KiB or as large as -kib says, laid as many names for few files, so that it takes no
// room; packages and copies take theirs, twice the size at once. Peak is the kernel's
// (VmHWM), set back before each act; each size is a process of its own.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/maildir"
	"counterseal/internal/grant"
	"counterseal/internal/signature"
)

func main() {
	sizes := flag.String("mib", "100,1024,10240", "how much mail, in MiB")
	dir := flag.String("dir", os.TempDir(), "folder on a disk with three times the room of the largest")
	kib := flag.Int("kib", 64, "how large each message is, in KiB: memory goes with their number, disk with all of it")
	one := flag.Int("one", 0, "internal: measure this size")
	flag.Parse()
	var err error
	if *one > 0 {
		err = measure(*dir, *one, *kib<<10)
	} else {
		err = all(*dir, strings.Split(*sizes, ","), *kib)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func all(dir string, sizes []string, kib int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	fmt.Println("| mail | messages | act | time | peak memory | before it |\n|---|---|---|---|---|---|")
	for _, s := range sizes {
		c := exec.Command(self, "-dir", dir, "-one", s, "-kib", strconv.Itoa(kib))
		c.Stdout, c.Stderr = os.Stdout, os.Stderr
		if err := c.Run(); err != nil {
			return err
		}
	}
	return nil
}

const distinct = 200 // messages; the other names are links to them

// lay makes the Maildir of n messages.
func lay(home string, n, message int) error {
	for _, d := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(home, d), 0o700); err != nil {
			return err
		}
	}
	for i := range n {
		path := filepath.Join(home, "cur", fmt.Sprintf("%d.M%dP1.host:2,S", 1_925_000_000+i, i))
		if i >= distinct {
			if err := os.Link(filepath.Join(home, "cur", fmt.Sprintf("%d.M%dP1.host:2,S", 1_925_000_000+i%distinct, i%distinct)), path); err != nil {
				return err
			}
			continue
		}
		at := gatetest.Mail("acct-a1").From.Add(time.Duration(i) * time.Hour)
		var b bytes.Buffer
		fmt.Fprintf(&b, "Received: from a.example by b.example; %[1]s\nDate: %[1]s\nFrom: Writer %[2]d <w%[2]d@sender.example>\nTo: ada@lindworm.example\nSubject: %[2]d\nMessage-ID: <%[2]d@sender.example>\n\n", at.Format(time.RFC1123Z), i)
		for b.Len() < message {
			b.WriteString("a line as long as most lines of the letters that people write are\n")
		}
		if err := errors.Join(os.WriteFile(path, b.Bytes()[:message], 0o600), os.Chtimes(path, at, at)); err != nil {
			return err
		}
	}
	return nil
}

type always struct{}

func (always) Permit(context.Context, string, string, [32]byte, int64) error { return nil }
func (always) PermitPreview(context.Context, string, string) error           { return nil }
func (always) PermitKeep(context.Context, string, string) error              { return nil }

// A bench is a gate in a world in which everything is permitted.
type bench struct {
	*gatetest.World
	gate *gate.Gate
	dir  string
	cap  int64
}

func measure(dir string, mib, message int) error {
	dir, err := os.MkdirTemp(dir, "flat-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return err
	}
	if free := disk.Bavail * uint64(disk.Bsize) >> 20; free < uint64(3*mib) {
		return fmt.Errorf("%s has %d MiB free, and three times %d MiB are needed", dir, free, mib)
	}
	n := mib << 20 / message
	if err := lay(filepath.Join(dir, "store", "acct-a1"), n, message); err != nil {
		return err
	}
	b, err := open(dir, int64(mib)<<21)
	if err != nil {
		return err
	}
	defer b.gate.Close()
	told := func(act string, f func() error) error {
		debug.FreeOSMemory()
		before := resident("VmRSS")
		if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
			return err
		}
		began := time.Now()
		if err := f(); err != nil {
			return fmt.Errorf("%s: %w", act, err)
		}
		_, err := fmt.Printf("| %d MiB | %d | %s | %.1f s | %d MB | %d MB |\n", mib, n, act, time.Since(began).Seconds(), resident("VmHWM")>>10, before>>10)
		return err
	}
	ctx := context.Background()
	if err := told("release from the store", func() error { return b.release(ctx, b.Grant(1), n) }); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(b.dir, "out", "k7wq-93_g-1")); err != nil { // room for what follows; this gate does not start again
		return err
	}
	var kept gate.Copy
	if err := told("copy", func() (err error) { kept, err = b.keep(ctx, b.KeepGrant(2)); return err }); err != nil {
		return err
	}
	text, err := b.gate.CopyText(ctx, kept.Copy)
	if err != nil {
		return err
	}
	k, err := grant.ParseKept(text)
	if err != nil {
		return err
	}
	return told("release from the copy", func() error { return b.release(ctx, b.CopyGrant(3, k), n) })
}

func open(dir string, most int64) (*bench, error) {
	b := &bench{World: gatetest.NewWorld(), dir: filepath.Join(dir, "gate"), cap: most}
	st := b.First
	policy := *st.Policy
	policy.ByteCap = most
	st.Policy = &policy
	b.Reword(st)
	src, err := maildir.New(maildir.Config{Root: filepath.Join(dir, "store"), Folder: source.Mark})
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(b.dir, 0o700); err != nil {
		return nil, err
	}
	b.gate, err = gate.Open(context.Background(), gate.Config{ID: "gate-1", Dir: b.dir, Key: b.GateKey, Sources: []source.Source{src}, Journal: b.Journal, Docket: always{},
		Now: b.Clock.Now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	_, err = b.gate.ExtendCharter(context.Background(), b.Text, b.Signed)
	return b, err
}

// approved brings a grant to the gate and has these persons approve it.
func (b *bench) approved(ctx context.Context, g grant.Grant, persons ...string) error {
	if err := b.Journal.Commit(ctx, g.Digest(), true); err != nil {
		return err
	}
	text := gatetest.Text(g)
	if _, err := b.gate.Offer(ctx, gate.Offer{Text: text, Document: b.Order}); err != nil {
		return err
	}
	for _, p := range persons {
		if _, err := b.gate.Approve(ctx, g.Digest().String(), b.Sign(p, signature.Grant, text)); err != nil {
			return err
		}
	}
	_, err := b.gate.InForce(ctx, b.InForce("carla", g))
	return err
}

func (b *bench) release(ctx context.Context, g grant.Grant, n int) error {
	g.ByteCap = b.cap
	if err := b.approved(ctx, g, "anna", "bo"); err != nil {
		return err
	}
	out, err := b.gate.Release(ctx, g.Digest().String())
	if err == nil && out.Items != int64(n) {
		err = fmt.Errorf("%d items of %d", out.Items, n)
	}
	return err
}

func (b *bench) keep(ctx context.Context, g grant.Grant) (gate.Copy, error) {
	g.ByteCap = b.cap
	if err := b.approved(ctx, g, "anna"); err != nil {
		return gate.Copy{}, err
	}
	return b.gate.Keep(ctx, g.Digest().String())
}

// resident reads a figure of this process in KiB.
func resident(name string) int {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(b), "\n") {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			n, err := strconv.Atoi(strings.Fields(rest)[0])
			if err == nil {
				return n
			}
		}
	}
	return 0
}
