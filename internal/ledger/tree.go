package ledger

import (
	"context"

	"counterseal/internal/ledger/proof"

	"github.com/transparency-dev/tessera/client"
	"golang.org/x/mod/sumdb/tlog"
)

// frontier is the right edge of a Merkle tree: enough to append leaf hashes and
// to know the root (RFC 6962 §2.1). The zero frontier is the empty tree.
type frontier struct {
	size  uint64
	peaks []proof.Hash // roots of the perfect subtrees, the largest first
}

func (f *frontier) append(leaf proof.Hash) {
	for s := f.size; s&1 == 1; s >>= 1 {
		last := len(f.peaks) - 1
		leaf = tlog.NodeHash(f.peaks[last], leaf)
		f.peaks = f.peaks[:last]
	}
	f.peaks = append(f.peaks, leaf)
	f.size++
}

func (f *frontier) root() proof.Hash {
	if f.size == 0 {
		return proof.EmptyRoot()
	}
	root := f.peaks[len(f.peaks)-1]
	for i := len(f.peaks) - 2; i >= 0; i-- {
		root = tlog.NodeHash(f.peaks[i], root)
	}
	return root
}

// tiledRoot computes the root of the first size leaves from the tiles on disk.
func tiledRoot(ctx context.Context, tiles client.FileFetcher, size uint64) (proof.Hash, error) {
	if size == 0 {
		return proof.EmptyRoot(), nil
	}
	nodes, err := client.FetchRangeNodes(ctx, size, tiles.ReadTile)
	if err != nil {
		return proof.Hash{}, err
	}
	f := frontier{size: size}
	for _, n := range nodes {
		if len(n) != tlog.HashSize {
			return proof.Hash{}, Mismatch("a tile of the log is damaged")
		}
		f.peaks = append(f.peaks, proof.Hash(n))
	}
	return f.root(), nil
}
