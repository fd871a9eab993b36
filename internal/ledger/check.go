package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"

	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/tlog"
)

// Report is what Check found in a log that is whole.
type Report struct {
	proof.Checkpoint
	Log   Log       // which kind of leaves it holds; 0 when empty
	First time.Time // journal: ticks of the first and last leaf
	Last  time.Time
}

// Check verifies a log's directory offline: the checkpoint under the policy;
// every leaf's form (one kind of leaf, known versions, ticks that only go
// forward); the root over all leaves and every tile, computed here and then
// once more by Tessera's own fsck. It needs no lock and no database. Problems:
// those of Reader.Latest and ledger.unreadable, ledger.unknown_leaf,
// ledger.damaged (with the tile or bundle in Field).
func Check(ctx context.Context, dir string, policy proof.Policy) (Report, error) {
	head, err := NewReader(dir, 0, nil, policy).Latest(ctx)
	if problem.Code(err) == "proof.malformed" { // a log's own checkpoint has had the right form
		return Report{}, damaged("checkpoint").Because(err)
	}
	if err != nil {
		return Report{}, err
	}
	c := &checker{ctx: ctx, tiles: client.FileFetcher{Root: dir}, report: Report{Checkpoint: head.Checkpoint}}
	if err := c.leaves(); err != nil {
		return Report{}, err
	}
	if c.frontier.root() != head.Root {
		return Report{}, damaged("root")
	}
	if err := c.flush(); err != nil {
		return Report{}, err
	}
	// fsck last: on a damaged tile it can wait for ever, and here is none left.
	pinned := pinnedFetcher{c.tiles, head.Text}
	f := fsck.New(policy.Origin(), policy.LogVerifier(), pinned, bundleHashes, fsck.Opts{N: 4})
	if err := f.Check(ctx); err != nil {
		return Report{}, damaged("fsck").Because(err)
	}
	return c.report, nil
}

// pinnedFetcher keeps the checkpoint that was checked while the log grows.
type pinnedFetcher struct {
	client.FileFetcher
	checkpoint []byte
}

func (p pinnedFetcher) ReadCheckpoint(context.Context) ([]byte, error) { return p.checkpoint, nil }

type checker struct {
	ctx      context.Context
	tiles    client.FileFetcher
	report   Report
	frontier frontier
	levels   [][]proof.Hash // hashes of the tile being filled, per tile level
	done     []uint64       // tiles already compared, per tile level
}

func (c *checker) leaves() error {
	for c.frontier.size < c.report.Size {
		if err := c.ctx.Err(); err != nil {
			return unreadable(err)
		}
		index := c.frontier.size / bundle
		b, err := client.GetEntryBundle(c.ctx, c.tiles.ReadEntryBundle, index, c.report.Size)
		if err != nil && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrNotExist) {
			return damaged("entries bundle %d", index).Because(err)
		}
		if err != nil {
			return unreadable(err)
		}
		want := min(bundle, c.report.Size-c.frontier.size)
		if uint64(len(b.Entries)) < want {
			return damaged("entries bundle %d", index)
		}
		for _, leaf := range b.Entries[:want] {
			if err := c.leaf(leaf); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *checker) leaf(leaf []byte) error {
	unknown := problem.New(problem.Unverified, "ledger.unknown_leaf", "the log holds a leaf that does not belong there").At("leaf %d", c.frontier.size)
	kind := InRegister
	if len(leaf) == proof.JournalLeafSize {
		kind = InJournal
		j, err := proof.ParseJournalLeaf(leaf)
		if err != nil || c.frontier.size > 0 && !j.Tick().After(c.report.Last) {
			return unknown.Because(err)
		}
		c.report.Last = j.Tick()
		if c.frontier.size == 0 {
			c.report.First = j.Tick()
		}
	} else if _, err := proof.ParseRegisterLeaf(leaf); err != nil {
		return unknown.Because(err)
	}
	if c.frontier.size > 0 && kind != c.report.Log {
		return unknown
	}
	c.report.Log = kind
	h := tlog.RecordHash(leaf)
	c.frontier.append(h)
	return c.push(0, h)
}

// push fills the tile of a level; a full tile is compared and its root goes one
// level up (tlog-tiles: tiles of height 8).
func (c *checker) push(level int, h proof.Hash) error {
	if level == len(c.levels) {
		c.levels = append(c.levels, nil)
		c.done = append(c.done, 0)
	}
	c.levels[level] = append(c.levels[level], h)
	if len(c.levels[level]) < bundle {
		return nil
	}
	if err := c.compare(level); err != nil {
		return err
	}
	var f frontier
	for _, h := range c.levels[level] {
		f.append(h)
	}
	c.levels[level] = c.levels[level][:0]
	c.done[level]++
	return c.push(level+1, f.root())
}

// flush compares the partial tiles at the right edge.
func (c *checker) flush() error {
	for level := range c.levels {
		if len(c.levels[level]) == 0 {
			continue
		}
		if err := c.compare(level); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) compare(level int) error {
	var want []byte
	for _, h := range c.levels[level] {
		want = append(want, h[:]...)
	}
	partial := uint8(len(c.levels[level]) % bundle)
	got, err := c.tiles.ReadTile(c.ctx, uint64(level), c.done[level], partial)
	if err != nil {
		return unreadable(err)
	}
	// A full tile may stand in for a partial one.
	if len(got) < len(want) || partial == 0 && len(got) != len(want) || !bytes.Equal(got[:len(want)], want) {
		return damaged("tile %d of level %d", c.done[level], level)
	}
	return nil
}

func bundleHashes(raw []byte) ([][]byte, error) {
	var b api.EntryBundle
	if err := b.UnmarshalText(raw); err != nil {
		return nil, fmt.Errorf("entries bundle: %w", err)
	}
	var out [][]byte
	for _, e := range b.Entries {
		h := tlog.RecordHash(e)
		out = append(out, h[:])
	}
	return out, nil
}

func damaged(format string, args ...any) *problem.Error {
	return problem.New(problem.Unverified, "ledger.damaged", "the log's files do not fit its checkpoint").At(format, args...)
}
