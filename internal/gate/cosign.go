package gate

import (
	"context"
	"sync"

	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

// A gate may be a witness of the journal as well. The witness has a key and a memory of
// its own and is not this room's; the two hold each other to one journal: what is
// cosigned continues what releases rested on, and what a release rests on continues what
// was cosigned. So nobody can show a gate one journal to release by and another to sign.

// joined is the kept checkpoint that the witness's line was last held against.
type joined struct {
	mu   sync.Mutex
	kept proof.Checkpoint
}

// Agrees holds a checkpoint that the gate's witness is asked to cosign, and that
// continues last, against what this gate has seen. Codes: witness.against (it does not
// continue it), gate.ledger_unavailable.
func (g *Gate) Agrees(ctx context.Context, last, next proof.Checkpoint) error {
	g.mu.RLock()
	kept, ok := g.kept[next.Origin]
	g.mu.RUnlock()
	if !ok {
		return nil
	}
	g.joined.mu.Lock()
	defer g.joined.mu.Unlock()
	with := next
	if last.Size >= kept.Size { // what continues the line that was held against it needs no more
		with = last
		if g.joined.kept.Size == kept.Size && g.joined.kept.Root == kept.Root {
			return nil
		}
	}
	err := g.consistent(ctx, kept, with)
	if problem.Code(err) == "gate.log_forked" {
		return problem.New(problem.Unverified, "witness.against", "the log does not continue what this gate's releases rested on").Because(err)
	}
	if err == nil && with.Size == last.Size && with.Root == last.Root {
		g.joined.kept = kept
	}
	return err
}

// cosigned holds a checkpoint against what this gate's witness has cosigned of its log.
func (g *Gate) cosigned(ctx context.Context, c proof.Checkpoint) error {
	if g.cfg.Cosigned == nil {
		return nil
	}
	last, err := g.cfg.Cosigned(c.Origin)
	if problem.Code(err) == "witness.unknown_log" {
		return nil
	}
	if err != nil {
		return unanswered(err)
	}
	if last.Size == 0 {
		return nil
	}
	return g.consistent(ctx, last, c)
}
