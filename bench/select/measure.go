package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"filippo.io/age"
)

// A contestant is a command; {out} is removed after each run.
type contestant struct {
	name  string
	args  []string
	once  bool // too slow to repeat
	times []time.Duration
	cpu   []time.Duration // user and system, of all its processes
	peak  int64           // KiB
	said  string
}

// A question is what is asked of the account's mail.
type question struct {
	name, from, until string
	people            []string
}

func measure(ctx context.Context, dir string, id *age.X25519Identity, people []string, o options) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	store, out, to := filepath.Join(dir, "all.mbox"), filepath.Join(dir, "out.age"), id.Recipient().String()
	questions := []question{
		{"everything", "1970-01-01", "2099-12-31", nil},
		{"one month", "2002-08-01", "2002-08-31", nil},
		{"month and two people", "2002-08-01", "2002-08-31", people},
	}
	all := []*contestant{{name: "`tar c \\| age`", args: []string{"sh", "-c", `tar c -C "$1" all.mbox | age -r "$2" > "$3"`, "sh", dir, to, out}}}
	for _, q := range questions {
		all = append(all, &contestant{name: "Counterseal, " + q.name, args: []string{self, "-collect", store, "-to", to, "-out", out, "-from", q.from, "-until", q.until, "-with", strings.Join(q.people, ",")}})
	}
	if o.script {
		for _, q := range questions {
			const run = `set -e; mkdir "$1/picked"; python3 "$1/script.py" "$1/all.mbox" "$1/picked" "$4" "$5" $6
				cd "$1/picked"; find . -type f -print0 | xargs -0 -r sha256sum > ../sums; mv ../sums manifest-sha256.txt
				tar c . | age -r "$2" > "$3"; cd ..; rm -r picked`
			all = append(all, &contestant{name: "the script, " + q.name, once: true, args: []string{"sh", "-c", run, "sh", dir, to, out, q.from, q.until, strings.Join(q.people, " ")}})
		}
	}
	for round := range o.pairs {
		for _, c := range all { // in turns, so that a busy machine hurts all
			if c.once && round > 0 {
				continue
			}
			err := c.run(ctx)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			err = os.Remove(out)
			if err != nil {
				return err
			}
		}
	}
	print(all)
	return nil
}

func (c *contestant) run(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	var said, wrong bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &wrong
	began := time.Now()
	err := cmd.Run()
	took := time.Since(began)
	if err != nil {
		return fmt.Errorf("%w: %.500s", err, wrong.String())
	}
	c.times = append(c.times, took)
	c.cpu = append(c.cpu, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if ok {
		c.peak = max(c.peak, int64(usage.Maxrss))
	}
	c.said = strings.TrimSpace(said.String())
	return nil
}

// ratio is the median, over the rounds, of the first contestant's time by c's.
func (c *contestant) ratio(base *contestant) float64 {
	var r []float64
	for i, t := range c.times {
		r = append(r, float64(base.times[i])/float64(t))
	}
	slices.Sort(r)
	return r[len(r)/2]
}

func print(all []*contestant) {
	fmt.Println("| | median | fastest–slowest | CPU time | speed of `tar \\| age` | peak memory of one process | given, withheld, bytes |")
	fmt.Println("|---|---|---|---|---|---|---|")
	for _, c := range all {
		t := slices.Clone(c.times)
		cpu := slices.Clone(c.cpu)
		slices.Sort(t)
		slices.Sort(cpu)
		times := fmt.Sprintf("%.2f–%.2f s", t[0].Seconds(), t[len(t)-1].Seconds())
		if c.once {
			times = "one run"
		}
		fmt.Printf("| %s | %.2f s | %s | %.2f s | %.2f × | %d MB | %s |\n", c.name, t[len(t)/2].Seconds(), times, cpu[len(cpu)/2].Seconds(), c.ratio(all[0]), c.peak>>10, c.said)
	}
}
