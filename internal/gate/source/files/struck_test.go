package files_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/files"
	"counterseal/internal/gate/sourcetest"
)

func TestAFolderOfWhichACallFailsIsNeverShorter(t *testing.T) {
	over := func(dir string) (source.Source, source.Query, error) {
		s, err := files.New(files.Config{Root: dir, Folder: "home/{account}"})
		return s, source.Query{Account: "acc-alice-1", From: time.Unix(0, 0), Until: time.Now()}, err
	}
	sourcetest.Struck(t, over, func() string {
		dir := t.TempDir()
		for i := range 5 {
			lay(t, filepath.Join(dir, "home", "acc-alice-1", []string{"photos", "letters"}[i%2], fmt.Sprintf("%d.bin", i)), sourcetest.At(i), fmt.Appendf(nil, "bytes %d", i))
		}
		return dir
	})
}
