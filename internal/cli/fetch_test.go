package cli

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"counterseal/internal/problem"
)

func TestAPackageThatIsCutOffIsNotLeftUnderItsName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "package.age")
	stopped := problem.New(problem.Unavailable, "gate.cut", "the gate ended this download before its end")
	err := saveWhole(io.MultiReader(strings.NewReader("the beginning"), iotest.ErrReader(stopped)), path)
	if _, there := os.Stat(path); problem.Code(err) != "gate.cut" || !os.IsNotExist(there) {
		t.Errorf("%v, %v", err, there)
	}
	if err := saveWhole(strings.NewReader("all of it"), path); err != nil {
		t.Error(err)
	}
	if err := saveWhole(strings.NewReader("another"), path); problem.Code(err) != "cli.output" {
		t.Errorf("a file that was there: %v", err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "all of it" {
		t.Errorf("%q, %v", b, err)
	}
}
