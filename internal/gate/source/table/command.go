package table

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"counterseal/internal/gate/source/rooted"
	"counterseal/internal/problem"
)

// maxErrors bounds what is kept of a program's standard error.
const maxErrors = 4 << 10

// question is the line that a program is given.
type question struct {
	Account string    `json:"account"`
	From    time.Time `json:"from"`
	Until   time.Time `json:"until"`
}

// command runs the program in a process group of its own, with an environment
// that holds a PATH alone, and ends the group when the time is over or ctx ends.
func (s *Store) command(ctx context.Context, a Ask, row func(*Row) error) error {
	err := ctx.Err()
	if err != nil {
		return err
	}
	asked, err := json.Marshal(question{a.Account, a.From.UTC(), a.Until.UTC()})
	if err != nil {
		return s.unreadable(err)
	}
	limited, cancel := context.WithTimeout(ctx, s.cfg.Patience)
	defer cancel()
	c := exec.CommandContext(limited, s.cfg.Argv[0], s.cfg.Argv[1:]...)
	c.Env, c.Dir = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8"}, "/"
	c.Stdin = bytes.NewReader(append(asked, '\n'))
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error {
		err := syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
		if errors.Is(err, syscall.ESRCH) {
			return os.ErrProcessDone
		}
		return err
	}
	c.WaitDelay = time.Second
	var amiss tail
	c.Stderr = &amiss
	out, err := c.StdoutPipe()
	if err != nil {
		return s.unreadable(err)
	}
	err = c.Start()
	if err != nil {
		return s.unreadable(err)
	}
	// A child that left the group is not ended with it, and may hold the other end.
	over := context.AfterFunc(limited, func() { out.Close() })
	defer over()
	whole := false
	err = LimitMemory(c.Process.Pid, s.cfg.Memory)
	if err == nil {
		whole, err = s.answers(limited, out, row)
	}
	if err != nil {
		cancel()
	}
	ended := c.Wait()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil && ended == nil && !whole:
		return malformed(s.name(), 0, `it ended without the line {"end":N}`)
	case err == nil && ended != nil:
		return s.unreadable(fmt.Errorf("%w: %s", ended, amiss.b))
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrPermission):
		return s.unreadable(err)
	}
	return err
}

// answers reads the program's rows; ended says that its last line came.
func (s *Store) answers(ctx context.Context, out io.Reader, row func(*Row) error) (ended bool, err error) {
	o := newObject(s.columns)
	rows := int64(0)
	err = Lines(ctx, failing{out, s.name()}, func(n int64, text []byte, long bool) error {
		if ended {
			return malformed(s.name(), n, "something follows the line that ends it")
		}
		total, last := lastLine(text)
		if last && !long {
			ended = true
			if total != rows {
				return malformed(s.name(), n, "it says that it gave another number of rows")
			}
			return nil
		}
		rows++
		r := Row{File: s.name(), Line: n}
		if long {
			r.Bad = badLong
		} else {
			r.Cells, r.Bad = o.read(text)
		}
		return row(&r)
	})
	return ended, err
}

// failing tells an error of the store from one of a callback.
type failing struct {
	r    io.Reader
	name string
}

func (f failing) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil && err != io.EOF {
		err = rooted.Unreadable(f.name, err)
	}
	return n, err
}

// lastLine recognises {"end":N}, in this form alone.
func lastLine(text []byte) (n int64, ok bool) {
	if !bytes.HasPrefix(text, []byte(`{"end":`)) {
		return 0, false
	}
	text = bytes.TrimSuffix(bytes.TrimSuffix(text[len(`{"end":`):], []byte("\r")), []byte("}"))
	if len(text) == 0 || len(text) > 15 || len(bytes.Trim(text, "0123456789")) > 0 {
		return 0, false
	}
	for _, c := range text {
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// tail keeps the first bytes of what a program complains about.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p[:min(len(p), maxErrors-len(t.b))]...)
	return len(p), nil
}

func (s *Store) probeCommand() error {
	info, err := os.Stat(s.cfg.Argv[0])
	if err != nil {
		return s.unreadable(err)
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o111 == 0 {
		return problem.New(problem.Invalid, "source.not_a_file", "this is not a program").At("%s", s.name())
	}
	return nil
}
