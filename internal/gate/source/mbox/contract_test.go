package mbox_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/mbox"
	"counterseal/internal/gate/sourcetest"
	"counterseal/internal/scope"
)

// write lays messages into mbox files, one for each name that file gives.
func write(t testing.TB, dir string, messages []sourcetest.Planted, file func(sourcetest.Planted) string) {
	t.Helper()
	open := map[string]*os.File{}
	for _, m := range messages {
		name := file(m)
		if open[name] == nil {
			f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
			if err != nil {
				t.Fatal(err)
			}
			open[name] = f
		}
		_, err := open[name].Write(stored(m))
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range open {
		err := f.Close()
		if err != nil {
			t.Fatal(err)
		}
	}
}

func stored(m sourcetest.Planted) []byte {
	var b bytes.Buffer
	b.WriteString("From some body@x " + m.Received.Format(time.ANSIC) + "\n")
	b.Write(m.Bytes)
	b.WriteByte('\n')
	return b.Bytes()
}

func ownFile(m sourcetest.Planted) string { return string(m.Account) + ".mbox" }
func oneFile(sourcetest.Planted) string   { return "all.mbox" }

func fixture(file func(sourcetest.Planted) string, open func(t testing.TB, dir string) *mbox.Source) sourcetest.Fixture {
	of := func(a scope.AccountID) string { return file(sourcetest.Planted{Account: a}) }
	return sourcetest.Fixture{
		Lay: func(t testing.TB, dir string, messages []sourcetest.Planted) source.Source {
			write(t, dir, messages, file)
			return open(t, dir)
		},
		Damage: func(t testing.TB, dir string, a scope.AccountID) {
			path := filepath.Join(dir, of(a))
			must(t, os.Remove(path))
			must(t, os.Mkdir(path, 0o700))
		},
		Link: func(t testing.TB, dir, outside string, a scope.AccountID) {
			path, moved := filepath.Join(dir, of(a)), filepath.Join(outside, "moved")
			must(t, os.Rename(path, moved))
			must(t, os.Symlink(moved, path))
		},
		Touch: func(t testing.TB, dir string, m sourcetest.Planted) {
			write(t, dir, []sourcetest.Planted{m}, file)
		},
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func perAccount(t testing.TB, dir string) *mbox.Source {
	s, err := mbox.New(mbox.Config{Root: dir, Flavour: mbox.MboxO, Accounts: map[scope.AccountID][]string{
		sourcetest.Alice: {"acc-alice-1.mbox"}, sourcetest.Bob: {"acc-bob-2.mbox"}}})
	must(t, err)
	return s
}

func shared(t testing.TB, dir string) *mbox.Source {
	s, err := mbox.New(mbox.Config{Root: dir, Flavour: mbox.MboxRD, Shared: &mbox.Shared{
		Files: []string{"all.mbox"}, Header: "Delivered-To", Resolve: resolve}})
	must(t, err)
	return s
}

func resolve(address string, _ time.Time) (scope.AccountID, bool) {
	for _, a := range []scope.AccountID{sourcetest.Alice, sourcetest.Bob, sourcetest.Carol} {
		if sourcetest.Address(a) == address {
			return a, true
		}
	}
	return "", false
}

func TestAFileForEachAccountKeepsTheContract(t *testing.T) {
	sourcetest.Run(t, fixture(ownFile, perAccount))
}

func TestOneFileForAllAccountsKeepsTheContract(t *testing.T) {
	sourcetest.Run(t, fixture(oneFile, shared))
}
