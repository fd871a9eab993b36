package ledger

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"counterseal/internal/ledger/proof"
)

// signing stands for key and witnesses, which a test holds up: which size they were
// asked to sign comes out of asked, and what they answer goes into answer.
type signing struct {
	asked  chan uint64
	answer chan error
}

// cosign implements signs.
func (s *signing) cosign(ctx context.Context, size uint64, root []byte) ([]byte, error) {
	select {
	case s.asked <- size:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	err := <-s.answer
	if err != nil {
		return nil, err
	}
	return root, nil
}

func (s *signing) run(context.Context) func() { return func() {} }
func (s *signing) later() <-chan struct{}     { return nil }
func (s *signing) again() []byte              { return nil }

func newSigning(t *testing.T, at edge) (*publisher, *signing) {
	t.Helper()
	s := &signing{asked: make(chan uint64), answer: make(chan error)}
	w := &writer{Config: Config{Dir: t.TempDir(), Period: MinPeriod, Bell: &Bell{}}}
	w.edge.size = at.size
	for range at.size {
		w.edge.peaks = []proof.Hash{at.root}
	}
	ctx, cancel := context.WithCancel(t.Context())
	p := w.newPublisher(ctx, s, proof.Checkpoint{})
	t.Cleanup(func() { cancel(); <-p.done })
	return p, s
}

func TestWhatGrowsWhileACheckpointIsCosignedIsPublishedNextWithoutAPause(t *testing.T) {
	p, s := newSigning(t, edge{1, proof.Hash{1}})
	if size := <-s.asked; size != 1 {
		t.Fatalf("asked for %d", size)
	}
	for n := byte(2); n <= 5; n++ { // all while the first is on its way
		p.grow(edge{uint64(n), proof.Hash{n}})
	}
	rung := p.bell.Rung()
	s.answer <- nil
	if size := <-s.asked; size != 5 {
		t.Fatalf("then asked for %d", size)
	}
	<-rung // of the first
	if got, err := os.ReadFile(filepath.Join(p.dir, checkpointFile)); err != nil || got[0] != 1 {
		t.Fatalf("published %x, %v", got, err)
	}
	s.answer <- nil
	p.drain(10 * time.Second)
	if got, err := os.ReadFile(filepath.Join(p.dir, checkpointFile)); err != nil || got[0] != 5 {
		t.Fatalf("published %x, %v", got, err)
	}
	files, err := os.ReadDir(p.dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("%v %v", files, err)
	}
}

func TestACheckpointThatNobodyCosignedIsTriedAgainAndNotPublished(t *testing.T) {
	p, s := newSigning(t, edge{1, proof.Hash{1}})
	for range 2 {
		<-s.asked
		s.answer <- errors.New("no witness answered")
	}
	p.drain(time.Millisecond) // gives up
	if _, err := os.Stat(filepath.Join(p.dir, checkpointFile)); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("published: %v", err)
	}
	<-s.asked
	s.answer <- nil
	p.drain(10 * time.Second)
	if *p.shown.Load() != (edge{1, proof.Hash{1}}) {
		t.Fatalf("shown: %+v", *p.shown.Load())
	}
}

func TestABellRingsForAllWhoWaitAndForNobodyTwice(t *testing.T) {
	var b Bell
	first, also := b.Rung(), b.Rung()
	b.ring()
	<-first
	<-also
	select {
	case <-b.Rung():
		t.Error("it rang before it was rung again")
	default:
	}
	var none *Bell
	none.ring()
	if err := Wait(t.Context(), none.Rung(), time.Millisecond); err != nil {
		t.Error(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Wait(ended, none.Rung(), time.Hour); err == nil {
		t.Error("it waits on after its context")
	}
}
