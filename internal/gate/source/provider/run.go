package provider

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"counterseal/internal/gate/source/table"
	"counterseal/internal/problem"
)

const (
	maxLine   = 64 << 10
	window    = 64 << 10 // bytes for which there is patience
	maxErrors = 4 << 10  // of the program's standard error
)

// A talk is the program while it runs.
type talk struct {
	*Source
	ctx  context.Context
	in   *os.File // what it hears
	out  *patient
	r    *bufio.Reader
	done error // a callback's error: it comes back as it is
}

// A patient reader gives the other side a limited time.
type patient struct {
	f    *os.File
	all  time.Duration
	left time.Duration
	read int
}

func (p *patient) Read(b []byte) (int, error) {
	begin := time.Now()
	err := p.f.SetReadDeadline(begin.Add(p.left))
	if err != nil {
		return 0, err
	}
	n, err := p.f.Read(b)
	p.left -= time.Since(begin)
	p.read += n
	if p.read >= window {
		p.renew()
	}
	return n, err
}

func (p *patient) renew() { p.left, p.read = p.all, 0 }

// run starts the program, talks, and waits for its end.
func (s *Source) run(ctx context.Context, say func(*talk) error) error {
	err := ctx.Err()
	if err != nil {
		return err
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	c := exec.CommandContext(inner, s.cfg.Argv[0], s.cfg.Argv[1:]...)
	c.Env, c.Dir = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8"}, "/"
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
	t, err := s.start(ctx, c)
	if err != nil {
		return s.unreadable(err)
	}
	defer t.in.Close()
	defer t.out.f.Close()
	err = table.LimitMemory(c.Process.Pid, s.cfg.Memory)
	if err != nil {
		err = s.unreadable(err)
	} else {
		err = say(t)
	}
	if err == nil {
		err = t.over()
	}
	if err != nil {
		cancel()
	}
	// Who has said the end, and closed its output, has the same time to end.
	tired := time.AfterFunc(s.cfg.Patience, cancel)
	defer tired.Stop()
	ended := c.Wait()
	switch {
	case t.done != nil:
		return t.done
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil && ended != nil:
		return s.unreadable(fmt.Errorf("%w: %s", ended, amiss.b))
	case err != nil && len(amiss.b) > 0:
		return problem.Of(err).Because(fmt.Errorf("%w: %s", err, amiss.b))
	}
	return err
}

// start makes the pipes and the process.
func (s *Source) start(ctx context.Context, c *exec.Cmd) (*talk, error) {
	hears, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer hears.Close()
	out, says, err := os.Pipe()
	if err != nil {
		in.Close()
		return nil, err
	}
	defer says.Close()
	c.Stdin, c.Stdout = hears, says
	err = c.Start()
	if err != nil {
		in.Close()
		out.Close()
		return nil, err
	}
	p := &patient{f: out, all: s.cfg.Patience, left: s.cfg.Patience}
	return &talk{Source: s, ctx: ctx, in: in, out: p, r: bufio.NewReaderSize(p, maxLine)}, nil
}

// say writes one line. Where the program has stopped reading, what it said before it did
// tells why, or that it said nothing.
func (t *talk) say(line string) error {
	t.out.renew()
	err := t.in.SetWriteDeadline(time.Now().Add(t.cfg.Patience))
	if err == nil {
		_, err = io.WriteString(t.in, line+"\n")
	}
	if err != nil && !errors.Is(err, syscall.EPIPE) {
		return t.failed(err)
	}
	return nil
}

// hear reads one line, without its end. It is valid until the next.
func (t *talk) hear() ([]byte, error) {
	t.out.renew()
	b, err := t.r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, t.protocol("a line of over %d bytes", maxLine)
	case err == io.EOF:
		return nil, t.failed(io.ErrUnexpectedEOF)
	case err != nil:
		return nil, t.failed(err)
	}
	return b[:len(b)-1], nil
}

// over closes the program's input and holds that it says nothing more.
func (t *talk) over() error {
	err := t.in.Close()
	if err != nil {
		return t.failed(err)
	}
	t.out.renew()
	_, err = t.r.ReadByte()
	if err == nil {
		return t.protocol("something after the end")
	}
	if err != io.EOF {
		return t.failed(err)
	}
	return nil
}

func (t *talk) failed(err error) error {
	if t.ctx.Err() != nil {
		return t.ctx.Err()
	}
	return t.unreadable(err)
}

// tail keeps the first bytes of what a program complains about.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p[:min(len(p), maxErrors-len(t.b))]...)
	return len(p), nil
}
