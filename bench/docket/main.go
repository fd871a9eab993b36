// Command docket fills a docket with demands and duties of secrecy, through the
// same sealing and the same transactions as any other, and measures it at that
// size: a page of the queue and a demand's page with several people at once, and
// a pass of the clerk.
//
//	go run ./docket -dir FOLDER [-demands 1000000] [-secrecy 100000] [-users 20] [-each 20s] [-think 0s]
//
// The folder stays, and a later run with the same or larger numbers goes on where
// the last one ended; so filling it may be interrupted. Only filling uses many
// submitters at once, for speed; what is measured is what `serve` does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"time"

	"counterseal/bench/house"
)

type options struct {
	dir     string
	demands int
	secrecy int
	letters int
	atOnce  int
	size    int
	users   int
	each    time.Duration
	page    int
	think   time.Duration
	cpu     string
}

func main() {
	var o options
	flag.StringVar(&o.dir, "dir", "", "folder of the docket, which stays")
	flag.IntVar(&o.demands, "demands", 1_000_000, "demands")
	flag.IntVar(&o.secrecy, "secrecy", 100_000, "how many of them are compelled and under a duty of secrecy")
	flag.IntVar(&o.letters, "letters", 1_000, "how many of them are compelled and not secret: the clerk has letters to send")
	flag.IntVar(&o.atOnce, "at-once", 128, "submitters at once while filling")
	flag.IntVar(&o.size, "size", 512, "bytes of a document")
	flag.IntVar(&o.users, "users", 20, "people at once")
	flag.DurationVar(&o.each, "each", 20*time.Second, "time of each measurement")
	flag.IntVar(&o.page, "page", 50, "lines of a page of the queue")
	flag.DurationVar(&o.think, "think", 0, "time that a person looks at a page before asking for the next; 0: asks at once")
	flag.StringVar(&o.cpu, "cpuprofile", "", "write a profile of the measurements to this file")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := o.run(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (o options) run(ctx context.Context) (err error) {
	if o.dir == "" || o.secrecy+o.letters > o.demands {
		return errors.New("name a folder with -dir; the secret ones and those with letters are among the demands")
	}
	began := time.Now()
	h, err := house.Open(ctx, o.dir, house.Around{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	opened := time.Since(began)
	ids, err := o.fill(ctx, h)
	if err != nil {
		return err
	}
	if o.cpu != "" {
		f, err := os.Create(o.cpu)
		if err != nil {
			return err
		}
		defer f.Close()
		if err = pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	fmt.Printf("%d demands, %d of them under secrecy; %d people at once, each looking at a page for %v; %d CPUs, %s. Opening the folder took %v.\n\n",
		len(ids), o.secrecy, o.users, o.think, runtime.NumCPU(), runtime.Version(), opened.Round(time.Millisecond))
	return o.measure(ctx, h, ids)
}
