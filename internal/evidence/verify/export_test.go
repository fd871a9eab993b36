package verify

import (
	"io"

	"counterseal/internal/evidence/release"
)

// ReadBag reads a decrypted bag, for the fuzz target.
func ReadBag(r io.Reader, rel release.Release) error {
	b := &bag{r: r, rel: rel, pairs: map[pair]*count{}, step: func(string, bool, string) {}}
	return b.read()
}
