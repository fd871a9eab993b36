// Command intake measures durable intake: demands that are taken in through
// docket.Submit by several at once, each acknowledged only when document, form,
// key, events, duties, log entries and receipt are on disk; against appends of
// the same bytes to one plain file, each synced, on the same disk in the same run.
//
//	go run ./intake [-dir FOLDER] [-at-once 64] [-size 16384] [-rounds 5] [-each 4s] [-cpuprofile FILE]
//
// The folder should be on the disk that is to be measured: by default a new one
// in the working directory, removed afterwards. The sides take turns, so that a
// busy machine hurts both; figures are medians of the rounds.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"counterseal/bench/house"
)

type options struct {
	dir    string
	atOnce int
	size   int
	rounds int
	each   time.Duration
	cpu    string
}

func main() {
	var o options
	flag.StringVar(&o.dir, "dir", "", "folder on the disk to measure; default: a new one here")
	flag.IntVar(&o.atOnce, "at-once", 64, "submitters at the same time")
	flag.IntVar(&o.size, "size", 16<<10, "bytes of a document")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds in which each side runs once")
	flag.DurationVar(&o.each, "each", 4*time.Second, "time of one round of one side")
	flag.StringVar(&o.cpu, "cpuprofile", "", "write a profile of the whole run to this file")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := o.run(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// round is what one side did in one round.
type round struct {
	rate  float64       // a second
	cpu   time.Duration // of all processors, for one
	slow  time.Duration // the 99th percentile of one
	count int
}

func (o options) run(ctx context.Context) (err error) {
	where := o.dir
	if where == "" {
		where = "."
	}
	dir, err := os.MkdirTemp(where, "intake-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	waits := new(waits)
	h, err := house.Open(ctx, filepath.Join(dir, "office"), waits.around())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	fmt.Printf("%d at once, documents of %d bytes; %d CPUs, %s; medians of %d rounds of %v.\n\n", o.atOnce, o.size, runtime.NumCPU(), runtime.Version(), o.rounds, o.each)
	stop, err := o.profile()
	if err != nil {
		return err
	}
	defer stop()
	var intake, raw []round
	var next atomic.Int64
	for range o.rounds {
		r, err := o.appends(filepath.Join(dir, "raw"))
		if err != nil {
			return err
		}
		raw = append(raw, r)
		r, err = o.submits(ctx, h, &next)
		if err != nil {
			return err
		}
		intake = append(intake, r)
	}
	report(intake, raw, waits)
	return nil
}

func (o options) profile() (stop func(), err error) {
	if o.cpu == "" {
		return func() {}, nil
	}
	f, err := os.Create(o.cpu)
	if err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); f.Close() }, pprof.StartCPUProfile(f)
}

// appends writes what a demand brings to one file, again and again, and syncs
// each time: what a plain durable log costs on this disk.
func (o options) appends(path string) (round, error) {
	f, err := os.Create(path)
	if err != nil {
		return round{}, err
	}
	defer os.Remove(path)
	defer f.Close()
	b := make([]byte, o.size)
	return measure(o.each, 1, func(int) error {
		_, err := f.Write(b)
		if err != nil {
			return err
		}
		return f.Sync()
	})
}

func (o options) submits(ctx context.Context, h *house.House, next *atomic.Int64) (round, error) {
	return measure(o.each, o.atOnce, func(int) error {
		_, err := h.Submit(ctx, house.Demand("intake", int(next.Add(1)), o.size))
		return err
	})
}

// measure lets n do something again and again for a time.
func measure(length time.Duration, n int, do func(who int) error) (round, error) {
	var all sync.WaitGroup
	took, errs := make([][]time.Duration, n), make([]error, n)
	cpu, began := processor(), time.Now()
	for who := range n {
		all.Go(func() {
			for time.Since(began) < length {
				t := time.Now()
				err := do(who)
				if err != nil {
					errs[who] = err
					return
				}
				took[who] = append(took[who], time.Since(t))
			}
		})
	}
	all.Wait()
	lasted := time.Since(began)
	times := slices.Concat(took...)
	err := errors.Join(errs...)
	if err != nil || len(times) == 0 {
		return round{}, errors.Join(err, errors.New("nothing was measured"))
	}
	slices.Sort(times)
	return round{rate: float64(len(times)) / lasted.Seconds(), cpu: (processor() - cpu) / time.Duration(len(times)),
		slow: times[len(times)*99/100], count: len(times)}, nil
}

// processor is the time that this process has had of all processors.
func processor() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func median[T float64 | time.Duration](rounds []round, of func(round) T) T {
	var all []T
	for _, r := range rounds {
		all = append(all, of(r))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func report(intake, raw []round, w *waits) {
	var ratios []round
	demands := 0
	for i, r := range intake {
		ratios = append(ratios, round{rate: r.rate / raw[i].rate})
		demands += r.count
	}
	rate := func(r round) float64 { return r.rate }
	fmt.Println("| | a second | slowest–fastest round | p99 of one | CPU time of one |")
	fmt.Println("|---|---|---|---|---|")
	for _, side := range []struct {
		name   string
		rounds []round
	}{{"durable intake", intake}, {"append and sync, one after another", raw}} {
		sorted := slices.Clone(side.rounds)
		slices.SortFunc(sorted, func(a, b round) int { return int(a.rate - b.rate) })
		fmt.Printf("| %s | %.0f | %.0f–%.0f | %v | %v |\n", side.name, median(side.rounds, rate), sorted[0].rate, sorted[len(sorted)-1].rate,
			median(side.rounds, func(r round) time.Duration { return r.slow }).Round(100*time.Microsecond),
			median(side.rounds, func(r round) time.Duration { return r.cpu }).Round(10*time.Microsecond))
	}
	fmt.Printf("\nRatio, median of the rounds: %.2f ×.\n\nOf the time that a submitter waits for its answer:\n\n", median(ratios, rate))
	w.report(demands)
}
