package pdf

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"time"

	"counterseal/internal/confine"
	"counterseal/internal/intake/paper"
	"counterseal/internal/problem"
)

// Bounds of one child.
const (
	MaxTime   = 20 * time.Second
	maxMemory = 2 << 30 // of address space; the Go runtime reserves more than it uses
	maxHeap   = 512 << 20
	maxAnswer = 4 << 20
)

// Child gives an Opener that starts program with args for each PDF; that process
// must call Serve and nothing else. Several may run at once. Codes: pdf.child,
// pdf.answer.
func Child(program string, args ...string) paper.Opener {
	return func(ctx context.Context, b []byte) (paper.Opened, error) {
		ctx, cancel := context.WithTimeout(ctx, MaxTime)
		defer cancel()
		var out answer
		c := exec.CommandContext(ctx, program, args...)
		c.Stdin, c.Stdout, c.Env, c.Dir = bytes.NewReader(b), &out, []string{}, "/"
		c.WaitDelay = time.Second
		if err := c.Run(); err != nil {
			return paper.Opened{}, problem.New(problem.Unavailable, "pdf.child", "the PDF could not be read within its bounds").Because(errors.Join(err, ctx.Err()))
		}
		var found paper.Opened
		d := json.NewDecoder(&out.buffer)
		d.DisallowUnknownFields()
		if err := d.Decode(&found); err != nil || found.Pages < 0 {
			return paper.Opened{}, problem.New(problem.Unavailable, "pdf.answer", "what read the PDF did not answer as it must").Because(err)
		}
		return found, nil
	}
}

// answer holds what a child writes, up to the bound. The buffer is not embedded: it
// would be filled through its ReadFrom, which knows no bound.
type answer struct{ buffer bytes.Buffer }

func (a *answer) Write(b []byte) (int, error) {
	if a.buffer.Len()+len(b) > maxAnswer {
		return 0, io.ErrShortWrite
	}
	return a.buffer.Write(b)
}

// Serve is what the child does: it bounds itself, gives up every call but those that
// reading takes, reads one PDF and writes one answer. Codes: pdf.child.
func Serve(in io.Reader, out io.Writer) error {
	if err := limit(); err != nil {
		return problem.New(problem.Unavailable, "pdf.child", "the PDF could not be read within its bounds").Because(err)
	}
	// Where the kernel cannot shut this process in, its bounds alone hold it, as before.
	_ = confine.Reader()
	b, err := io.ReadAll(io.LimitReader(in, paper.MaxPaper+1))
	if err != nil || len(b) > paper.MaxPaper {
		return problem.New(problem.Unavailable, "pdf.child", "the PDF could not be read within its bounds").Because(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), MaxTime)
	defer cancel()
	return json.NewEncoder(out).Encode(Open(ctx, b))
}
