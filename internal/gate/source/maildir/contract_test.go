package maildir_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/maildir"
	"counterseal/internal/gate/sourcetest"
	"counterseal/internal/scope"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, root string) *maildir.Source {
	t.Helper()
	s, err := maildir.New(maildir.Config{Root: root, Folder: "home/{account}/Maildir"})
	must(t, err)
	return s
}

func home(dir string, a scope.AccountID) string {
	return filepath.Join(dir, "home", string(a), "Maildir")
}

// lay puts a message in place as a delivery does: into tmp, then renamed.
func lay(t testing.TB, home, folder, name string, at time.Time, b []byte) {
	t.Helper()
	in := filepath.Join(home, folder)
	for _, d := range []string{"cur", "new", "tmp"} {
		must(t, os.MkdirAll(filepath.Join(in, d), 0o700))
	}
	tmp := filepath.Join(in, "tmp", filepath.Base(name))
	must(t, os.WriteFile(tmp, b, 0o600))
	must(t, os.Chtimes(tmp, at, at))
	must(t, os.Rename(tmp, filepath.Join(in, name)))
}

func TestAMaildirForEachAccountKeepsTheContract(t *testing.T) {
	laid := 0
	place := func(dir string, a scope.AccountID) string { return filepath.Join(dir, "home", string(a)) }
	sourcetest.Run(t, sourcetest.Fixture{
		Lay: func(t testing.TB, dir string, messages []sourcetest.Planted) source.Source {
			must(t, os.MkdirAll(filepath.Join(dir, "home"), 0o700))
			for i, m := range messages {
				laid++
				name := fmt.Sprintf("new/%d.M%09dP7.host", 1_772_000_000+i, laid)
				if i%2 == 0 {
					name = fmt.Sprintf("cur/%d.M%09dP7.host,S=%d:2,%s", 1_772_000_000+i, laid, len(m.Bytes), []string{"", "S", "RS"}[i%3])
				}
				lay(t, home(dir, m.Account), "", name, m.Received, m.Bytes)
			}
			return open(t, dir)
		},
		Damage: func(t testing.TB, dir string, a scope.AccountID) {
			must(t, os.RemoveAll(filepath.Join(home(dir, a), "cur")))
			must(t, os.WriteFile(filepath.Join(home(dir, a), "cur"), []byte("no folder"), 0o600))
		},
		Link: func(t testing.TB, dir, outside string, a scope.AccountID) {
			must(t, os.Rename(place(dir, a), filepath.Join(outside, "moved")))
			must(t, os.Symlink(filepath.Join(outside, "moved"), place(dir, a)))
		},
		Touch: func(t testing.TB, dir string, m sourcetest.Planted) {
			lay(t, home(dir, m.Account), "", "new/9999999999.M1P1.host", m.Received, m.Bytes)
		},
	})
}
