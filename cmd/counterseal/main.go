// Command counterseal is what a provider runs between governments and its
// customers' data. See `counterseal --help`.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"counterseal/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Main(ctx, os.Args[1:], cli.System())
	stop()
	os.Exit(code)
}
