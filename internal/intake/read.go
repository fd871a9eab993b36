package intake

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"net/http"

	"counterseal/internal/canon"
	"counterseal/internal/demand"
	"counterseal/internal/problem"
)

// MaxOriginal bounds a document, in bytes.
const MaxOriginal = 64 << 20

// Submission is what one delivery brought.
type Submission struct {
	Form      []byte // as it came
	Original  []byte // as it came
	MediaType string // told from the first bytes; what the sender declared is ignored
	Receive   demand.Receive
	Facts     []byte // the compact form of package fact, as in Receive
	Key       [32]byte
}

// Read reads a form and the document it rests on, each from its own stream and
// within its bound, for a channel such as portal, mail or files. Names are for
// messages only. It stops when ctx ends, as far as the streams return. Codes:
// intake.channel, intake.original_empty, intake.original_too_large, intake.read,
// intake.interrupted, and those of Parse.
func Read(ctx context.Context, channel, formName string, form io.Reader, originalName string, original io.Reader) (Submission, error) {
	if channel == "" || len(channel) > 40 || canon.Text(channel) != channel {
		return Submission{}, problem.New(problem.Invalid, "intake.channel", "a demand comes through a channel").At("channel").Fix("name it: portal, mail, files")
	}
	var s Submission
	var err error
	s.Form, err = take(ctx, form, MaxForm, formName)
	if err != nil {
		return Submission{}, err
	}
	// The form first: what it lacks is said before a large document is read.
	s.Receive, _, err = Parse(s.Form, formName)
	if err != nil {
		return Submission{}, err
	}
	s.Original, err = take(ctx, original, MaxOriginal, originalName)
	if err != nil {
		return Submission{}, err
	}
	if len(s.Original) == 0 {
		return Submission{}, problem.New(problem.Invalid, "intake.original_empty", "the document is empty").At("%s", display(originalName)).Fix("add the document as it came")
	}
	if len(s.Original) > MaxOriginal {
		return Submission{}, problem.New(problem.Invalid, "intake.original_too_large", "a document has at most %d MiB", MaxOriginal>>20).
			At("%s", display(originalName)).Fix("hand in the instrument without its annexes")
	}
	s.MediaType = http.DetectContentType(s.Original)
	s.Receive.Channel, s.Receive.Original = channel, sha256.Sum256(s.Original)
	s.Facts = s.Receive.Facts
	s.Key = key(s.Receive)
	return s, nil
}

// take reads at most one byte more than limit, so that the caller can tell.
func take(ctx context.Context, from io.Reader, limit int, name string) ([]byte, error) {
	out, err := io.ReadAll(&stoppable{ctx, io.LimitReader(from, int64(limit)+1)})
	if ctx.Err() != nil {
		return nil, problem.New(problem.Unavailable, "intake.interrupted", "reading was interrupted; nothing was recorded").At("%s", display(name)).Fix("hand it in again").Because(ctx.Err())
	}
	if err != nil {
		return nil, problem.New(problem.Unavailable, "intake.read", "this could not be read to its end; nothing was recorded").At("%s", display(name)).Fix("hand it in again").Because(err)
	}
	return out, nil
}

type stoppable struct {
	ctx  context.Context
	from io.Reader
}

func (s *stoppable) Read(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.from.Read(b)
}

// key recognises a second delivery of the same demand (invariant 25). It is the
// SHA-256 of the domain "counterseal-intake-key-v1" and then, each preceded by
// its length as eight bytes, most significant first: where the instrument has a
// number the word "number", the channel, the agency and the number; otherwise the
// word "original" and the SHA-256 of the original. So other bytes under the same
// number have the same key, and the docket finds the conflict.
func key(r demand.Receive) [32]byte {
	parts := []string{"original", string(r.Original[:])}
	if r.Instrument.Number != "" {
		parts = []string{"number", r.Channel, r.Instrument.Agency, r.Instrument.Number}
	}
	b := []byte("counterseal-intake-key-v1")
	for _, p := range parts {
		b = binary.BigEndian.AppendUint64(b, uint64(len(p)))
		b = append(b, p...)
	}
	return sha256.Sum256(b)
}
