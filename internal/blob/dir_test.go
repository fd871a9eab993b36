package blob

import (
	"os"
	"path/filepath"
	"testing"

	"counterseal/internal/blob/blobtest"
	"counterseal/internal/problem"
)

func TestADirectoryKeepsTheContract(t *testing.T) {
	blobtest.Run(t, Max, func(t *testing.T) (blobtest.Store, func() blobtest.Store) {
		root := t.TempDir()
		open := func() blobtest.Store {
			d, err := Open(root)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		return open(), open
	})
}

func TestAChangedCutOrLengthenedBlobIsFound(t *testing.T) {
	d, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	a, err := d.Put(t.Context(), []byte("an order of the court"))
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"an order of the Court", "an order of the cour", "an order of the court ", ""} {
		if err = os.WriteFile(d.path(a), []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err = d.Get(t.Context(), a); problem.Code(err) != "blob.corrupt" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestADirectoryThatIsGoneIsAProblemWithARemedy(t *testing.T) {
	root := t.TempDir()
	d, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	if err = os.RemoveAll(root); err != nil {
		t.Fatal(err)
	}
	_, err = d.Put(t.Context(), []byte("x"))
	if problem.Code(err) != "blob.unavailable" || problem.Of(err).Remedy == "" {
		t.Fatalf("got %v", err)
	}
	if _, err = Open(root); problem.Code(err) != "blob.unavailable" {
		t.Fatalf("got %v", err)
	}
}

func TestNoTemporaryFileStays(t *testing.T) {
	root := t.TempDir()
	d, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err = d.Put(t.Context(), []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	left, err := filepath.Glob(filepath.Join(root, "*", "*"))
	if err != nil || len(left) != 1 {
		t.Fatalf("%v %v", left, err)
	}
}
