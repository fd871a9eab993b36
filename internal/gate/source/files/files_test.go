package files_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/files"
	"counterseal/internal/gate/sourcetest"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, root string) *files.Source {
	t.Helper()
	s, err := files.New(files.Config{Root: root, Folder: "home/{account}"})
	must(t, err)
	return s
}

// lay writes a file with its time.
func lay(t testing.TB, path string, at time.Time, body []byte) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, body, 0o600))
	must(t, os.Chtimes(path, time.Time{}, at))
}

func TestAFolderForEachAccountKeepsTheContract(t *testing.T) {
	place := func(dir string, a scope.AccountID) string { return filepath.Join(dir, "home", string(a)) }
	sourcetest.Run(t, sourcetest.Fixture{
		Lay: func(t testing.TB, dir string, messages []sourcetest.Planted) source.Source {
			must(t, os.MkdirAll(filepath.Join(dir, "home"), 0o700))
			for i, m := range messages {
				lay(t, filepath.Join(place(dir, m.Account), "photos", fmt.Sprintf("%05d.jpg", i)), m.Received, m.Body)
			}
			return open(t, dir)
		},
		Plant: func(n int, account scope.AccountID, body []byte) sourcetest.Planted {
			return sourcetest.Planted{Account: account, Received: sourcetest.At(n), Bytes: body, Body: body}
		},
		Damage: func(t testing.TB, dir string, a scope.AccountID) {
			must(t, os.RemoveAll(place(dir, a)))
			must(t, os.WriteFile(place(dir, a), []byte("no folder"), 0o600))
		},
		Link: func(t testing.TB, dir, outside string, a scope.AccountID) {
			must(t, os.Rename(place(dir, a), filepath.Join(outside, "moved")))
			must(t, os.Symlink(filepath.Join(outside, "moved"), place(dir, a)))
		},
		Touch: func(t testing.TB, dir string, m sourcetest.Planted) {
			lay(t, filepath.Join(place(dir, m.Account), "photos", "late.jpg"), m.Received, m.Body)
		},
	})
}

type given struct{ name, text string }

func collect(t testing.TB, s source.Source, q source.Query) (out []given, gaps []string, err error) {
	t.Helper()
	err = s.Items(t.Context(), q, func(it source.Item) error {
		r, err := it.Open()
		if err != nil {
			return err
		}
		b, err := io.ReadAll(r)
		out = append(out, given{it.Name, string(b)})
		return errors.Join(err, r.Close())
	}, func(g source.Gap) error {
		gaps = append(gaps, g.Reason+" at "+g.Place)
		return nil
	})
	return out, gaps, err
}

func TestNothingIsFollowedAndEveryNameComesBack(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	home := filepath.Join(dir, "home", "acc-1")
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	lay(t, filepath.Join(outside, "secret"), at, []byte("outside"))
	lay(t, filepath.Join(dir, "home", "acc-2", "theirs"), at, []byte("another's"))
	long := strings.Repeat("ü", 127)
	hostile := map[string]string{
		"..hidden":              "..hidden",
		"-rf":                   "-rf",
		"a\nb":                  "a%0Ab",
		"bad\xff\xfename":       "bad%FF%FEname",
		"%2e%2e":                "%252e%252e",
		"Photo.JPG":             "Photo.JPG",
		"photo.jpg":             "photo.jpg",
		"e\u0301.txt":           "e\u0301.txt",
		"\u00e9.txt":            "\u00e9.txt",
		"cod\u202egpj.exe":      "cod%E2%80%AEgpj.exe",
		long:                    long,
		`back\slash:colon "q"`:  `back\slash:colon "q"`,
		"CON":                   "CON",
		" ":                     " ",
		"deep/er/and/deeper.md": "deep/er/and/deeper.md",
	}
	var want []given
	for name, shown := range hostile {
		lay(t, filepath.Join(home, name), at, []byte("body of "+shown))
		want = append(want, given{shown, "body of " + shown})
	}
	for name, target := range map[string]string{"link": filepath.Join(outside, "secret"), "up": "../acc-2", "inside": "CON", "gone": "nowhere", "self": "self"} {
		must(t, os.Symlink(target, filepath.Join(home, name)))
	}
	must(t, syscall.Mkfifo(filepath.Join(home, "pipe"), 0o600))
	got, gaps, err := collect(t, open(t, dir), source.Query{Account: "acc-1"})
	must(t, err)
	byName := func(a, b given) int { return strings.Compare(a.name, b.name) }
	slices.SortFunc(want, byName)
	slices.SortFunc(got, byName)
	if d := cmp.Diff(want, got, cmp.AllowUnexported(given{})); d != "" {
		t.Error(d)
	}
	wantGaps := []string{"source.link at gone", "source.link at inside", "source.link at link", "source.not_a_file at pipe", "source.link at self", "source.link at up"}
	if d := cmp.Diff(wantGaps, gaps); d != "" {
		t.Error(d)
	}
}

// Deeper than a path may be long, and deeper than is read.
func TestWhatLiesTooDeepIsAGap(t *testing.T) {
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "home", "acc-1"), 0o700))
	r, err := os.OpenRoot(filepath.Join(dir, "home", "acc-1"))
	must(t, err)
	for range 210 {
		name := strings.Repeat("d", 100)
		must(t, r.Mkdir(name, 0o700))
		must(t, r.WriteFile("f", []byte("x"), 0o600))
		next, err := r.OpenRoot(name)
		must(t, err)
		r.Close()
		r = next
	}
	r.Close()
	got, gaps, err := collect(t, open(t, dir), source.Query{Account: "acc-1"})
	if err != nil || len(got) != 201 || len(gaps) != 1 || !strings.HasPrefix(gaps[0], "source.too_deep at …") {
		t.Errorf("%d files, %.100q, %v", len(got), gaps, err)
	}
	for _, g := range got {
		if len(g.name) > 4096 || !strings.HasSuffix(g.name, "f") {
			t.Errorf("a name of %d bytes", len(g.name))
		}
	}
}

func TestAFileThatChangesOrCannotBeOpenedIsSeen(t *testing.T) {
	for name, c := range map[string]struct {
		change func(path string) error
		code   string
	}{
		"grows":              {func(p string) error { return os.WriteFile(p, []byte("longer than it was"), 0o600) }, "source.changed"},
		"is replaced":        {func(p string) error { return errors.Join(os.Remove(p), os.WriteFile(p, []byte("body"), 0o600)) }, "source.changed"},
		"is gone":            {os.Remove, "source.unreadable"},
		"becomes a link":     {func(p string) error { return errors.Join(os.Remove(p), os.Symlink("/etc/hostname", p)) }, "source.outside"},
		"becomes a folder":   {func(p string) error { return errors.Join(os.Remove(p), os.Mkdir(p, 0o700)) }, "source.not_a_file"},
		"becomes a pipe":     {func(p string) error { return errors.Join(os.Remove(p), syscall.Mkfifo(p, 0o600)) }, "source.not_a_file"},
		"stays, another not": {func(p string) error { return os.WriteFile(p+"-more", nil, 0o600) }, "source.changed"},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "home", "acc-1", "f")
		lay(t, path, time.Unix(1_800_000_000, 0), []byte("body"))
		err := open(t, dir).Items(t.Context(), source.Query{Account: "acc-1"}, func(it source.Item) error {
			must(t, c.change(path))
			r, err := it.Open()
			if err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, r)
			return err
		}, func(source.Gap) error { return nil })
		if problem.Code(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A folder that is something else when its turn comes is not gone into, nor waited for.
func TestAFolderThatBecomesSomethingElseIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		put  func(path string) error
		code string
	}{
		"a link inside":  {func(p string) error { return os.Symlink("b", p) }, "source.changed"},
		"a link outside": {func(p string) error { return os.Symlink("/etc", p) }, "source.changed"},
		"a pipe":         {func(p string) error { return syscall.Mkfifo(p, 0o600) }, "source.not_a_file"},
		"a file":         {func(p string) error { return os.WriteFile(p, []byte("body"), 0o600) }, "source.not_a_file"},
		"nothing":        {func(string) error { return nil }, "source.unreadable"},
	} {
		dir := t.TempDir()
		home := filepath.Join(dir, "home", "acc-1")
		for _, path := range []string{"a", "b/in", "c/in"} {
			lay(t, filepath.Join(home, path), sourcetest.At(1), []byte("body"))
		}
		err := open(t, dir).Items(t.Context(), source.Query{Account: "acc-1"}, func(it source.Item) error {
			if it.Name == "b/in" { // the list says by now that c is a folder
				must(t, errors.Join(os.Rename(filepath.Join(home, "c"), filepath.Join(dir, "was")), c.put(filepath.Join(home, "c"))))
			}
			return nil
		}, func(source.Gap) error { return nil })
		if problem.Code(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The files of proc say that they are empty, as often as they are asked, and are not.
func TestAFileThatIsLongerThanItSaysIsAnError(t *testing.T) {
	s, err := files.New(files.Config{Root: "/proc", Folder: "{account}/kernel/random"})
	must(t, err)
	if err := s.Probe(t.Context()); err != nil {
		t.Skipf("SKIPPED: %v", err)
	}
	got, _, err := collect(t, s, source.Query{Account: "sys"})
	if problem.Code(err) != "source.size" || len(got) != 1 || len(got[0].text) == 0 {
		t.Errorf("%q %v", got, err)
	}
}

// A file that is another when its last byte has been read is not given as it was begun.
func TestAFileThatChangesWhileItIsReadIsSeen(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"grows":        func(p string) error { return os.Truncate(p, 3<<20) },
		"shrinks":      func(p string) error { return os.Truncate(p, 1<<20) },
		"is rewritten": func(p string) error { return os.WriteFile(p, make([]byte, 2<<20), 0o600) },
		"is replaced": func(p string) error {
			return errors.Join(os.WriteFile(p+"-new", make([]byte, 2<<20), 0o600), os.Rename(p+"-new", p))
		},
		"is removed": os.Remove,
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "home", "acc-1", "a")
		lay(t, path, sourcetest.At(1), make([]byte, 2<<20))
		err := open(t, dir).Items(t.Context(), source.Query{Account: "acc-1"}, func(it source.Item) error {
			r, err := it.Open()
			if err != nil {
				return err
			}
			_, err = io.CopyN(io.Discard, r, 100)
			must(t, errors.Join(err, change(path)))
			_, err = io.Copy(io.Discard, r)
			return err
		}, func(source.Gap) error { return nil })
		if problem.Code(err) != "source.changed" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A date that nobody can have meant says nothing, so such a file is not left out by it.
func TestAFileOfAnImpossibleDateIsUndatedAndOneAtTheEndsIsNot(t *testing.T) {
	dir := t.TempDir()
	from, until := time.Unix(1_800_000_000, 0).UTC(), time.Unix(1_800_000_600, 0).UTC()
	for name, at := range map[string]time.Time{
		"long ago": time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC), "to come": time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
		"first": from, "last": until.Add(999 * time.Millisecond), "before": from.Add(-time.Millisecond), "after": until.Add(time.Second),
	} {
		lay(t, filepath.Join(dir, "home", "acc-1", name), at, []byte("body"))
	}
	got := map[string]string{}
	err := open(t, dir).Items(t.Context(), source.Query{Account: "acc-1", From: from, Until: until}, func(it source.Item) error {
		got[it.Name] = it.Undated
		return nil
	}, func(source.Gap) error { return nil })
	want := map[string]string{"long ago": "received:date_range sent:date_range", "to come": "received:date_range sent:date_range", "first": "", "last": ""}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestAnAccountWithoutAFolderIsUnknownAndNotEmpty(t *testing.T) {
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "home", "acc-1"), 0o700))
	if got, _, err := collect(t, open(t, dir), source.Query{Account: "acc-1"}); err != nil || len(got) > 0 {
		t.Errorf("an empty folder: %v, %v", got, err)
	}
	for _, a := range []scope.AccountID{"acc-2", "../home/acc-1", "..", "", "acc-1/", "ACC-1"} {
		if _, _, err := collect(t, open(t, dir), source.Query{Account: a}); problem.Code(err) != "source.unknown_account" {
			t.Errorf("%q: %v", a, err)
		}
	}
	must(t, open(t, dir).Probe(t.Context()))
	must(t, os.RemoveAll(filepath.Join(dir, "home")))
	if err := open(t, dir).Probe(t.Context()); problem.Code(err) != "source.unreadable" {
		t.Error(err)
	}
}

func TestAFolderIsNamedInsideTheStore(t *testing.T) {
	for _, folder := range []string{"", "home", "{account}/{account}", "../{account}", "/home/{account}", "home//{account}", "home/{account}/", "./{account}"} {
		if _, err := files.New(files.Config{Root: "/srv", Folder: folder}); problem.Code(err) != "source.config" {
			t.Errorf("%q: %v", folder, err)
		}
	}
	if _, err := files.New(files.Config{Folder: "{account}"}); problem.Code(err) != "source.config" {
		t.Error(err)
	}
}

// What is selected is what find(1) would: walk, compare the time of change.
func TestAnotherWalkSelectsTheSameFiles(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp("", "files-")
		must(t, err)
		defer os.RemoveAll(dir)
		home := filepath.Join(dir, "home", "acc-1")
		must(t, os.MkdirAll(home, 0o700))
		for range rapid.IntRange(0, 12).Draw(rt, "files") {
			parts := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "A", "é"}), 1, 3).Draw(rt, "path")
			path := filepath.Join(home, filepath.Join(parts...)+".f")
			lay(t, path, time.Unix(rapid.Int64Range(1000, 1020).Draw(rt, "at"), rapid.Int64Range(0, 999_999_999).Draw(rt, "ns")), []byte(path))
		}
		from := time.Unix(rapid.Int64Range(1000, 1020).Draw(rt, "from"), 0)
		until := from.Add(time.Duration(rapid.IntRange(0, 10).Draw(rt, "for")) * time.Second)
		var want []string
		must(t, filepath.Walk(home, func(path string, info os.FileInfo, err error) error {
			if err == nil && !info.IsDir() && info.ModTime().Unix() >= from.Unix() && info.ModTime().Unix() <= until.Unix() {
				want = append(want, path)
			}
			return err
		}))
		got, gaps, err := collect(t, open(t, dir), source.Query{Account: "acc-1", From: from, Until: until})
		must(t, err)
		var have []string
		for _, g := range got {
			have = append(have, g.text)
		}
		slices.Sort(want)
		slices.Sort(have)
		if !slices.Equal(want, have) || len(gaps) > 0 {
			rt.Fatalf("want %q, have %q, gaps %v", want, have, gaps)
		}
	})
}
