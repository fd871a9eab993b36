package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/maildir"
	"counterseal/internal/scope"
)

func main() {
	var o options
	flag.StringVar(&o.mail, "mail", "", "folder of the unpacked package with real messages")
	flag.StringVar(&o.dir, "dir", "/dev/shm", "folder for the store and the indexes")
	flag.IntVar(&o.count, "messages", 48368, "how many")
	flag.IntVar(&o.rounds, "rounds", 5, "how often each contestant runs; cold ones of the others once")
	flag.StringVar(&o.without, "without", "", "programs that are left out, separated by commas: mu and notmuch take minutes for their index")
	flag.StringVar(&o.ours, "ours", "", "internal: select in this folder")
	flag.StringVar(&o.people, "people", "", "internal: who must have taken part")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := o.run(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type options struct {
	mail, dir, ours, people, without string
	count, rounds                    int
}

func (o options) run(ctx context.Context) error {
	if o.ours != "" {
		return selected(ctx, o.ours, o.people)
	}
	dir, err := os.MkdirTemp(o.dir, "find-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	size, err := lay(filepath.Join(dir, account), o.mail, o.count)
	if err != nil {
		return err
	}
	fmt.Printf("%d messages, %d MiB, in %s; %d CPUs, %s; medians of %d rounds.\n", o.count, size>>20, o.dir, runtime.NumCPU(), runtime.Version(), o.rounds)
	people := []string{"person1@example.org", "person2@example.org"}
	if o.mail != "" {
		people = []string{"rssfeeds@spamassassin.taint.org", "tomwhore@slack.net"}
	}
	for i, q := range []question{{"a month", nil}, {"a month and two people", people}} {
		if err := o.ask(ctx, dir, q, i == 0); err != nil {
			return err
		}
	}
	return nil
}

type question struct {
	name   string
	people []string
}

// The month, as each contestant takes it.
var from, until = time.Date(2002, 8, 1, 0, 0, 0, 0, time.UTC), time.Date(2002, 8, 31, 23, 59, 59, 0, time.UTC)

// selected prints the names of the messages that a gate would give, as it judges them.
func selected(ctx context.Context, root, people string) error {
	sel := scope.Selector{Account: account, Service: scope.Mail, Category: scope.Content, Basis: scope.Received, From: from, Until: until}
	if people != "" {
		sel.Participants = strings.Split(people, ",")
	}
	asked, err := scope.New(sel)
	if err != nil {
		return err
	}
	src, err := maildir.New(maildir.Config{Root: root, Folder: source.Mark})
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	err = src.Items(ctx, source.Query{Account: account, From: from, Until: until}, func(it source.Item) error {
		if v := asked.Judge(it.Item); v == scope.Inside || v == scope.Split {
			fmt.Fprintln(out, it.ID)
		}
		return nil
	}, func(source.Gap) error { return nil })
	return errors.Join(err, out.Flush())
}

// A contestant answers a question; before is what has to be done first, and counts where
// the contestant is cold.
type contestant struct {
	name   string
	needs  string
	before []string
	args   []string
	cold   bool
	slow   bool // its index takes minutes, and is made once
	times  []time.Duration
	found  int
}

// ask puts a question to all. Where indexed is false, indexes that take minutes are there
// from the question before.
func (o options) ask(ctx context.Context, dir string, q question, indexed bool) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "script.py"), []byte(script), 0o644); err != nil {
		return err
	}
	conf, err := dovecot(dir)
	if err != nil {
		return err
	}
	var some []*contestant
	for _, c := range contestants(self, dir, conf, q.people) {
		if c.needs == "doveadm" && os.Getuid() != 0 {
			fmt.Println("doveadm is left out: only root can run it as the store's user.")
			continue
		}
		if _, err := exec.LookPath(c.needs); c.needs != "" && err != nil {
			fmt.Printf("%s is not installed and left out.\n", c.needs)
			continue
		}
		if strings.Contains(","+o.without+",", ","+c.needs+",") && c.needs != "" || c.slow && !indexed {
			continue
		}
		some = append(some, c)
	}
	for round := range o.rounds {
		for _, c := range some { // in turns, so that a busy machine hurts all
			if round > 0 && (c.cold || c.needs == "python3") {
				continue
			}
			if err := c.run(ctx); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	fmt.Printf("\n| %s | median | fastest–slowest | found | ours is faster |\n|---|---|---|---|---|\n", q.name)
	for _, c := range some {
		slices.Sort(c.times)
		fmt.Printf("| %s | %.3f s | %.3f–%.3f s | %d | %.1f × |\n", c.name, c.median().Seconds(), c.times[0].Seconds(), c.times[len(c.times)-1].Seconds(), c.found, float64(c.median())/float64(some[0].median()))
	}
	return nil
}

func (c *contestant) median() time.Duration { return c.times[len(c.times)/2] }

func (c *contestant) run(ctx context.Context) error {
	prepare := func() error {
		if len(c.before) == 0 {
			return nil
		}
		out, err := exec.CommandContext(ctx, c.before[0], c.before[1:]...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %.500s", err, out)
		}
		return nil
	}
	if !c.cold {
		if err := prepare(); err != nil {
			return err
		}
	}
	began := time.Now()
	if c.cold {
		if err := prepare(); err != nil {
			return err
		}
	}
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	var wrong bytes.Buffer
	cmd.Stderr = &wrong
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%w: %.500s", err, wrong.String())
	}
	c.times = append(c.times, time.Since(began))
	c.found = len(bytes.Split(bytes.TrimSpace(out), []byte("\n")))
	if len(bytes.TrimSpace(out)) == 0 {
		c.found = 0
	}
	return nil
}
