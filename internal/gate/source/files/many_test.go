package files_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/files"
	"counterseal/internal/gate/sourcetest"
	"counterseal/internal/problem"
)

// A folder of more names than are taken is an error, wherever it lies, and nothing of it
// is given as if that were all. In the program the limit is 2^20.
func TestAFolderOfTooManyNamesIsAnError(t *testing.T) {
	const most = 100
	for name, c := range map[string]struct {
		folder string
		names  int
		code   string
		given  int
	}{
		"as many as are taken": {"", most, "", most + 1},
		"one more":             {"", most + 1, "source.too_large", 0},
		"one more, deeper":     {"a/b", most + 1, "source.too_large", 1},
		"many more":            {"", 40 * most, "source.too_large", 0},
	} {
		dir := t.TempDir()
		home := filepath.Join(dir, "home", "acc-1")
		for i := range c.names - 1 {
			lay(t, filepath.Join(home, c.folder, fmt.Sprint(i)), sourcetest.At(1), []byte("body"))
		}
		lay(t, filepath.Join(home, c.folder, "z/more"), sourcetest.At(1), []byte("body"))
		lay(t, filepath.Join(home, c.folder, "z/most"), sourcetest.At(1), []byte("body"))
		if c.folder != "" {
			lay(t, filepath.Join(home, "first"), sourcetest.At(1), []byte("body"))
		}
		s := open(t, dir)
		files.Limit(s, most)
		got, _, err := collect(t, s, source.Query{Account: "acc-1"})
		if problem.Code(err) != c.code || len(got) != c.given {
			t.Errorf("%s: %d given, %v", name, len(got), err)
		}
	}
}
