package command

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"time"

	"counterseal/internal/estate"
	"counterseal/internal/problem"
)

// MaxTime bounds a program where Source states no time.
const MaxTime = 10 * time.Minute

// Source implements estate.Source.
type Source struct {
	Argv []string // the program's path and its arguments; no shell reads them
	Env  []string // its whole environment
	Dir  string   // where it runs
	Time time.Duration
}

// Read implements estate.Source.
func (s Source) Read(ctx context.Context) (estate.Tables, error) {
	if len(s.Argv) == 0 {
		return estate.Tables{}, failed("there is none")
	}
	limit := s.Time
	if limit <= 0 {
		limit = MaxTime
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	c := exec.CommandContext(ctx, s.Argv[0], s.Argv[1:]...)
	c.Env, c.Dir, c.WaitDelay = append([]string{}, s.Env...), s.Dir, 2*time.Second
	complaint := &firstBytes{left: 4096}
	c.Stderr = complaint
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		return estate.Tables{}, failed("it cannot be started").Because(err)
	}
	// What the program started may hold its output open after it was killed.
	stop := context.AfterFunc(ctx, func() { out.Close() })
	t, read := Lines(out)
	stop()
	late := ctx.Err() != nil
	if read != nil {
		cancel() // it may still be writing
	}
	ended := c.Wait()
	switch {
	case late:
		return estate.Tables{}, failed("it took too long").Because(errors.Join(read, ended, complaint))
	case read != nil:
		return estate.Tables{}, problem.Of(read).Because(errors.Join(problem.Of(read).Unwrap(), ended, complaint))
	case ended != nil:
		return estate.Tables{}, failed("it ended with an error").Because(errors.Join(ended, complaint))
	}
	return t, nil
}

func failed(says string) *problem.Error {
	return problem.New(problem.Unavailable, "estate.command", "the program that prints the map failed: %s", says).
		Fix("run it by hand, as the same user")
}

// firstBytes keeps the beginning of what is written, for the log.
type firstBytes struct {
	kept []byte
	left int
}

// Write implements io.Writer.
func (f *firstBytes) Write(b []byte) (int, error) {
	n := min(len(b), f.left)
	f.kept, f.left = append(f.kept, b[:n]...), f.left-n
	return len(b), nil
}

// Error is what was kept.
func (f *firstBytes) Error() string { return "it wrote: " + string(f.kept) }

var _ io.Writer = (*firstBytes)(nil)
