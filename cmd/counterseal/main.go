// Command counterseal is what a provider runs between governments and its
// customers' data. See `counterseal --help`.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"counterseal/internal/cli"
	"counterseal/internal/confine"
)

// garbage is how much may be left behind, against what is in use, before the heap is
// swept: the program's own heap is small, and sweeping it less often saves a
// twentieth of its processor time.
const garbage = 150

func main() {
	private()
	if os.Getenv("GOGC") == "" { // whoever states it knows better
		debug.SetGCPercent(garbage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Main(ctx, os.Args[1:], world())
	stop()
	os.Exit(code)
}

// world is the system's, this program's own file, and the kernel's walls around it: a
// test that runs the same commands has no such file, and must neither start itself nor
// shut itself in.
func world() cli.World {
	w := cli.System()
	w.Confine = confine.Process
	if program, err := os.Executable(); err == nil {
		w.Program = program
	}
	return w
}
