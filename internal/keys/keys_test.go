package keys

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"counterseal/internal/keys/keystest"
	"counterseal/internal/problem"
)

func at() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) }

func private(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func open(t *testing.T, dir string) *Folder {
	t.Helper()
	f, err := Open(dir, rand.Reader, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestTheFolderKeepsTheContract(t *testing.T) {
	keystest.Run(t, func(t *testing.T) (keystest.Keys, func() keystest.Keys) {
		dir := private(t)
		f := open(t, dir)
		return f, func() keystest.Keys {
			f.Close()
			f = open(t, dir)
			return f
		}
	})
}

func TestAFolderThatOthersCanReadIsRefused(t *testing.T) {
	spoil := map[string]func(t *testing.T, dir string){
		"the folder":   func(t *testing.T, dir string) { chmod(t, dir, 0o750) },
		"the epoch":    func(t *testing.T, dir string) { chmod(t, one(t, dir, "epoch-*"), 0o640) },
		"the wrapped":  func(t *testing.T, dir string) { chmod(t, one(t, dir, "wrapped-*"), 0o604) },
		"a link":       func(t *testing.T, dir string) { relink(t, one(t, dir, "epoch-*")) },
		"another file": func(t *testing.T, dir string) { os.WriteFile(filepath.Join(dir, "z"), nil, 0o644) },
	}
	for name, f := range spoil {
		t.Run(name, func(t *testing.T) {
			dir := private(t)
			open(t, dir).Close()
			f(t, dir)
			_, err := Open(dir, rand.Reader, at)
			if problem.Code(err) != "keys.exposed" || problem.Of(err).Remedy == "" {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestTwoProcessesShareTheFolderAndSeeEachOthersKeys(t *testing.T) {
	dir := private(t)
	a := open(t, dir)
	must(t, a.Create(t.Context(), "before"))
	b := open(t, dir)
	for i := range 40 {
		maker, reader := a, b
		if i%2 == 1 {
			maker, reader = b, a
		}
		id := fmt.Sprintf("key-%d", i)
		must(t, maker.Create(t.Context(), id))
		want, err := maker.Key(t.Context(), id)
		must(t, err)
		got, err := reader.Key(t.Context(), id)
		must(t, err)
		if got != want {
			t.Fatalf("%s differs between the two", id)
		}
		if err := reader.Create(t.Context(), id); problem.Code(err) != "keys.exists" {
			t.Fatalf("the same id made twice: %v", err)
		}
	}
	b.Close()
	a.Close()
	c := open(t, dir)
	for i := range 40 {
		if _, err := c.Key(t.Context(), fmt.Sprintf("key-%d", i)); err != nil {
			t.Fatalf("key-%d is lost: %v", i, err)
		}
	}
}

func TestManyProcessesAppendWithoutLosingAKey(t *testing.T) {
	dir := private(t)
	open(t, dir)
	var wait sync.WaitGroup
	for p := range 4 {
		f := open(t, dir)
		wait.Go(func() {
			for i := range 50 {
				if err := f.Create(context.Background(), fmt.Sprintf("%d-%d", p, i)); err != nil {
					t.Errorf("%d-%d: %v", p, i, err)
				}
			}
		})
	}
	wait.Wait()
	last := open(t, dir)
	for p := range 4 {
		for i := range 50 {
			if _, err := last.Key(t.Context(), fmt.Sprintf("%d-%d", p, i)); err != nil {
				t.Fatalf("%d-%d: %v", p, i, err)
			}
		}
	}
}

func TestKeysAreDestroyedOnlyWhileNoOtherProcessHasThem(t *testing.T) {
	dir := private(t)
	a, b := open(t, dir), open(t, dir)
	must(t, a.Create(t.Context(), "x"))
	if err := a.Destroy(t.Context(), "x"); problem.Code(err) != "keys.busy" {
		t.Fatalf("got %v", err)
	}
	if _, err := b.Key(t.Context(), "x"); err != nil {
		t.Fatalf("a refused Destroy changes nothing: %v", err)
	}
	b.Close()
	must(t, a.Destroy(t.Context(), "x"))
	if _, err := a.Key(t.Context(), "x"); problem.Code(err) != "keys.missing" {
		t.Fatalf("got %v", err)
	}
	c := open(t, dir)
	must(t, c.Create(t.Context(), "y"))
	if _, err := a.Key(t.Context(), "y"); err != nil {
		t.Fatalf("after Destroy the folder is shared again: %v", err)
	}
}

func TestWrappedKeysWithoutTheirEpochAreMissingAndNothingIsReplaced(t *testing.T) {
	dir := private(t)
	f := open(t, dir)
	must(t, f.Create(t.Context(), "a"))
	f.Close()
	epoch := one(t, dir, "epoch-*")
	kept, err := os.ReadFile(epoch)
	must(t, err)
	must(t, os.Remove(epoch))
	if _, err = Open(dir, rand.Reader, at); problem.Code(err) != "keys.missing" {
		t.Fatalf("got %v", err)
	}
	must(t, os.WriteFile(epoch, kept, 0o600))
	if _, err = open(t, dir).Key(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
}

func TestAnyFlippedByteIsFoundAndNeverGivesAKey(t *testing.T) {
	dir := private(t)
	f := open(t, dir)
	must(t, f.Create(t.Context(), "first"))
	must(t, f.Create(t.Context(), "last"))
	want, err := f.Key(t.Context(), "last")
	must(t, err)
	f.Close()
	for _, pattern := range []string{"epoch-*", "wrapped-*"} {
		path := one(t, dir, pattern)
		whole, err := os.ReadFile(path)
		must(t, err)
		for i := range whole {
			bad := bytes.Clone(whole)
			bad[i] ^= 1
			must(t, os.WriteFile(path, bad, 0o600))
			f, err := Open(dir, rand.Reader, at)
			var got [32]byte
			if err == nil {
				got, err = f.Key(t.Context(), "last")
				f.Close()
			}
			inFirst := pattern == "wrapped-*" && i >= len(wrappedMagic) && i < len(wrappedMagic)+recordSize
			code := problem.Code(err)
			if inFirst != (err == nil && got == want) || (!inFirst && code != "keys.corrupt" && code != "keys.missing") {
				t.Fatalf("%s byte %d: %v", pattern, i, err)
			}
		}
		must(t, os.WriteFile(path, whole, 0o600))
	}
}

func TestSwappedRecordsAreFound(t *testing.T) {
	dir := private(t)
	f := open(t, dir)
	must(t, f.Create(t.Context(), "a"))
	must(t, f.Create(t.Context(), "b"))
	f.Close()
	path := one(t, dir, "wrapped-*")
	b, err := os.ReadFile(path)
	must(t, err)
	// The sealed keys change places, the ids stay.
	x, y := b[len(wrappedMagic)+32:len(wrappedMagic)+recordSize], b[len(wrappedMagic)+recordSize+32:]
	kept := bytes.Clone(x)
	copy(x, y)
	copy(y, kept)
	must(t, os.WriteFile(path, b, 0o600))
	f = open(t, dir)
	for _, id := range []string{"a", "b"} {
		if _, err = f.Key(t.Context(), id); problem.Code(err) != "keys.corrupt" {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestARecordCutShortIsDroppedAndTheNextIsWhole(t *testing.T) {
	dir := private(t)
	f := open(t, dir)
	must(t, f.Create(t.Context(), "a"))
	f.Close()
	path := one(t, dir, "wrapped-*")
	b, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, append(b, b[len(wrappedMagic):len(b)-7]...), 0o600))
	f = open(t, dir)
	must(t, f.Create(t.Context(), "b"))
	f.Close()
	f = open(t, dir)
	for _, id := range []string{"a", "b"} {
		if _, err = f.Key(t.Context(), id); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestDestroyStoppedAtAnyStepIsUndoneOrFinished(t *testing.T) {
	for step, finished := range map[string]bool{"epoch": false, "wrapped": true, "shredded": true} {
		t.Run(step, func(t *testing.T) {
			dir := private(t)
			f := open(t, dir)
			want := make(map[string][32]byte)
			for _, id := range []string{"a", "b", "gone"} {
				must(t, f.Create(t.Context(), id))
				want[id], _ = f.Key(t.Context(), id)
			}
			f.fault = func(s string) error {
				if s == step {
					return errors.New("power cut")
				}
				return nil
			}
			if err := f.Destroy(t.Context(), "gone"); err == nil {
				t.Fatal("the fault did not strike")
			}
			f.Close()
			f = open(t, dir)
			for _, id := range []string{"a", "b"} {
				if got, err := f.Key(t.Context(), id); err != nil || got != want[id] {
					t.Errorf("%s: %v", id, err)
				}
			}
			_, err := f.Key(t.Context(), "gone")
			if finished != (problem.Code(err) == "keys.missing") {
				t.Errorf("gone: %v", err)
			}
			must(t, f.Destroy(t.Context(), "gone"))
			if _, err = f.Key(t.Context(), "gone"); problem.Code(err) != "keys.missing" {
				t.Errorf("gone: %v", err)
			}
			one(t, dir, "epoch-*")
			one(t, dir, "wrapped-*")
		})
	}
}

func TestAnOldCopyOfTheWrappedFileIsNoiseAfterDestroy(t *testing.T) {
	dir := private(t)
	f := open(t, dir)
	must(t, f.Create(t.Context(), "gone"))
	must(t, f.Create(t.Context(), "kept"))
	backup, err := os.ReadFile(one(t, dir, "wrapped-*"))
	must(t, err)
	must(t, f.Destroy(t.Context(), "gone"))
	f.Close()
	must(t, os.WriteFile(one(t, dir, "wrapped-*"), backup, 0o600))
	f = open(t, dir)
	for _, id := range []string{"gone", "kept"} {
		if _, err = f.Key(t.Context(), id); problem.Code(err) != "keys.corrupt" {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestABadSurvivorStopsDestroyBeforeAnythingHasChanged(t *testing.T) {
	dir := private(t)
	f := open(t, dir)
	for _, id := range []string{"gone", "b", "last"} {
		must(t, f.Create(t.Context(), id))
	}
	f.Close()
	path := one(t, dir, "wrapped-*")
	b, err := os.ReadFile(path)
	must(t, err)
	b[len(b)-1] ^= 1
	must(t, os.WriteFile(path, b, 0o600))
	f = open(t, dir)
	if err = f.Destroy(t.Context(), "gone"); problem.Code(err) != "keys.corrupt" {
		t.Fatalf("got %v", err)
	}
	if _, err = f.Key(t.Context(), "gone"); err != nil {
		t.Fatalf("a Destroy that failed destroyed: %v", err)
	}
	one(t, dir, "epoch-*")
}

func TestAFailedWriteIsAProblemAndStopsFurtherWrites(t *testing.T) {
	f := open(t, private(t))
	must(t, f.Create(t.Context(), "a"))
	f.file.Close() // every write fails from here on
	for _, id := range []string{"b", "c"} {
		err := f.Create(t.Context(), id)
		if problem.Code(err) != "keys.unavailable" || problem.Of(err).Remedy == "" {
			t.Fatalf("%s: %v", id, err)
		}
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	must(t, os.Chmod(path, mode))
}

func relink(t *testing.T, path string) {
	t.Helper()
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	must(t, os.Rename(path, elsewhere))
	must(t, os.Symlink(elsewhere, path))
}

func one(t *testing.T, dir, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v %v", pattern, found, err)
	}
	return found[0]
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
