package provider_test

import (
	"bytes"
	"strings"
	"testing"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/sourcetest"
)

func TestAProgramOfWhichACallFailsIsNeverShorter(t *testing.T) {
	over := func(state string) (source.Source, source.Query, error) {
		path, dir, _ := strings.Cut(state, " ")
		return open(t, nil, path, dir), source.Query{Account: "acc-alice-1"}, nil
	}
	sourcetest.Struck(t, over, func() string {
		dir := t.TempDir()
		for i := range 5 {
			lay(t, dir, i, sourcetest.Message(i, "acc-alice-1", bytes.Repeat([]byte("a line of it\n"), 4000)))
		}
		return example(t) + " " + dir
	})
}
