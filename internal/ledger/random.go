package ledger

import (
	"encoding/binary"
	"io"

	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

// below draws a uniform number in [0, n) from r, 1 ≤ n ≤ 2³².
func below(r io.Reader, n uint64) (uint64, error) {
	const span = 1 << 32
	limit := span - span%n // what lies above would favour small numbers
	for {
		var b [4]byte
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return 0, problem.New(problem.Unavailable, "ledger.randomness", "the source of randomness failed").Because(err)
		}
		if v := uint64(binary.BigEndian.Uint32(b[:])); v < limit {
			return v % n, nil
		}
	}
}

// positions draws n distinct places of a private tree, n ≤ proof.Places.
func positions(r io.Reader, n int) ([]uint16, error) {
	all := make([]uint16, proof.Places)
	for i := range all {
		all[i] = uint16(i)
	}
	for i := range n {
		j, err := below(r, uint64(proof.Places-i))
		if err != nil {
			return nil, err
		}
		k := i + int(j)
		all[i], all[k] = all[k], all[i]
	}
	return all[:n], nil
}

// permutation draws a uniform order of 0 … n-1.
func permutation(r io.Reader, n int) ([]int, error) {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	for i := n - 1; i > 0; i-- {
		j, err := below(r, uint64(i+1))
		if err != nil {
			return nil, err
		}
		p[i], p[j] = p[j], p[i]
	}
	return p, nil
}
