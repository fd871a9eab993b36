package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"filippo.io/age"

	"counterseal/e2e/realmail/corpus"
)

// script is what ours is measured against as well; it runs from a file.
//
//go:embed script.py
var script string

type options struct {
	mail, dir, people string
	size              int
	pairs             int
	script            bool
	make              bool
	count             int
}

func main() {
	var o options
	var collects collection
	flag.StringVar(&o.mail, "mail", "", "folder of the unpacked package with real messages")
	flag.StringVar(&o.dir, "dir", memoryBacked(), "folder for the store and what is made of it")
	flag.StringVar(&o.people, "people", "", "the two correspondents, separated by a comma")
	flag.IntVar(&o.size, "size", 1024, "size of the store in MiB")
	flag.IntVar(&o.pairs, "pairs", 7, "rounds in which each contestant runs once")
	flag.BoolVar(&o.script, "script", true, "run the script too, once for each question")
	flag.BoolVar(&o.make, "make", false, "internal: only make the store in -dir")
	flag.IntVar(&o.count, "messages", 0, "compare an mbox and a Maildir of this many messages, each whole, with tar and age, and nothing else")
	collects.flags()
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	switch {
	case collects.store != "":
		err = collects.run(ctx)
	case o.count > 0:
		err = o.whole(ctx)
	case o.make:
		err = o.store()
	default:
		err = o.run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func memoryBacked() string {
	info, err := os.Stat("/dev/shm")
	if err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return os.TempDir()
}

func (o options) run(ctx context.Context) error {
	dir, err := os.MkdirTemp(o.dir, "select-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	self, err := os.Executable()
	if err != nil {
		return err
	}
	// In a process of its own: the kernel counts the memory of the process that
	// starts a contestant, before it becomes the contestant, to the contestant.
	what, err := exec.CommandContext(ctx, self, "-make", "-mail", o.mail, "-dir", dir, "-size", strconv.Itoa(o.size)).Output()
	if err != nil {
		return fmt.Errorf("making the store: %w", err)
	}
	err = os.WriteFile(filepath.Join(dir, "script.py"), []byte(script), 0o600)
	if err != nil {
		return err
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	fmt.Printf("%s, in %s; %d CPUs, %s; medians of %d rounds.\n\n", what, o.dir, runtime.NumCPU(), runtime.Version(), o.pairs)
	return measure(ctx, dir, id, o.correspondents(), o)
}

func (o options) correspondents() []string {
	switch {
	case o.people != "":
		return strings.Split(o.people, ",")
	case o.mail != "":
		return []string{"rssfeeds@spamassassin.taint.org", "tomwhore@slack.net"}
	}
	return []string{"person1@example.org", "person2@example.org"}
}

// store makes the mbox file and says what it holds.
func (o options) store() error {
	messages, what, err := o.messages()
	if err != nil {
		return err
	}
	bytes, count, err := writeStore(filepath.Join(o.dir, "all.mbox"), messages, int64(o.size)<<20)
	if err != nil {
		return err
	}
	_, err = fmt.Printf("%d %s messages, %.2f GiB of mbox", count, what, float64(bytes)/(1<<30))
	return err
}

func (o options) messages() ([]corpus.Message, string, error) {
	if o.mail == "" {
		return corpus.Generate(6000, 1), "generated", nil
	}
	messages, err := corpus.Load(o.mail)
	return messages, "real", err
}

// writeStore lays all messages into one file of one account, again and again.
func writeStore(path string, messages []corpus.Message, size int64) (bytes int64, count int, err error) {
	var placed []corpus.Placed
	for _, m := range messages {
		placed = append(placed, corpus.Placed{Message: m})
	}
	once, err := laid(placed)
	if err != nil {
		return 0, 0, err
	}
	f, err := os.Create(path)
	if err != nil {
		return 0, 0, err
	}
	for bytes == 0 || bytes+int64(len(once)) <= size {
		n, err := f.Write(once)
		if err != nil {
			return 0, 0, errors.Join(err, f.Close())
		}
		bytes += int64(n)
		count += len(messages)
	}
	return bytes, count, f.Close()
}

// laid gives the bytes of an mbox file that holds the messages once.
func laid(all []corpus.Placed) ([]byte, error) {
	dir, err := os.MkdirTemp("", "once-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	name, err := corpus.WriteShared(dir, all)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, name))
}
