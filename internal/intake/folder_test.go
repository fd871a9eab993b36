package intake_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/intake"
	"counterseal/internal/problem"
)

// scene is a folder, a clock, and what was taken from it.
type scene struct {
	t     *testing.T
	dir   string
	now   time.Time
	f     *intake.Folder
	taken []string
	fail  map[string]error // by what the file holds
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{t: t, dir: t.TempDir(), now: utc("2026-09-14T12:00:00Z"), fail: map[string]error{}}
	s.open()
	return s
}

func (s *scene) open() {
	f, err := intake.OpenFolder(s.dir, 2*time.Second, func() time.Time { return s.now })
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { f.Close() })
	s.f = f
}

var written = utc("2026-09-14T10:00:00Z")

// put writes a file, each with a time of change one second after the last.
func (s *scene) put(name, text string) {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
	written = written.Add(time.Second)
	if err := os.Chtimes(path, written, written); err != nil {
		s.t.Fatal(err)
	}
}

// look looks and gives what was taken at this look, and the report in short.
func (s *scene) look() (string, intake.Look) {
	s.t.Helper()
	s.taken = nil
	look, err := s.f.Look(context.Background(), func(f intake.Found) error {
		if err := s.fail[string(f.Bytes)]; err != nil {
			return err
		}
		s.taken = append(s.taken, f.Place)
		return nil
	})
	if err != nil && len(s.fail) == 0 {
		s.t.Fatal(err)
	}
	return strings.Join(s.taken, " "), look
}

func (s *scene) settle() (string, intake.Look) {
	s.t.Helper()
	s.look()
	early := slices.Clone(s.taken)
	s.now = s.now.Add(3 * time.Second)
	taken, look := s.look()
	return strings.TrimSpace(strings.Join(early, " ") + " " + taken), look
}

func refusals(l intake.Look) map[string]string {
	out := map[string]string{}
	for _, s := range l.Skipped {
		out[s.Place] = problem.Code(s.Err)
	}
	return out
}

func TestEachFileIsGivenOnceInOrderOfTime(t *testing.T) {
	s := newScene(t)
	s.put("z.eml", "first")
	s.put("a.pdf", "second")
	s.put("m.txt", "third")
	if got, _ := s.settle(); got != "z.eml a.pdf m.txt" {
		t.Errorf("got %q", got)
	}
	s.put("copy of z.eml", "first")
	got, look := s.settle()
	if got != "" || look.Known != 1 {
		t.Errorf("the same bytes again: %q, %+v", got, look)
	}
	s.put("z.eml", "other bytes")
	if got, _ := s.settle(); got != "z.eml" {
		t.Errorf("other bytes under an old name: %q", got)
	}
}

func TestAFileThatIsStillWrittenIsLeft(t *testing.T) {
	s := newScene(t)
	s.put("growing.eml", "a")
	for _, text := range []string{"ab", "abc"} {
		if got, look := s.look(); got != "" || look.Waiting != 1 {
			t.Fatalf("taken while it grows: %q", got)
		}
		s.now = s.now.Add(3 * time.Second)
		s.put("growing.eml", text)
	}
	if got, _ := s.settle(); got != "growing.eml" {
		t.Errorf("got %q", got)
	}
}

func TestAMaildirIsReadWithoutTmp(t *testing.T) {
	s := newScene(t)
	s.put("tmp/1.host", "half a mail")
	s.put("new/2.host", "new mail")
	s.put("cur/3.host:2,S", "seen mail")
	s.put("stray.eml", "not of the Maildir")
	if got, _ := s.look(); got != "new/2.host cur/3.host:2,S" {
		t.Errorf("got %q", got)
	}
	if err := os.Rename(filepath.Join(s.dir, "new/2.host"), filepath.Join(s.dir, "cur/2.host:2,")); err != nil {
		t.Fatal(err)
	}
	if got, look := s.look(); got != "" || look.Known != 1 {
		t.Errorf("a mail that was marked seen came again: %q", got)
	}
}

func TestNothingButOrdinaryFilesOfTheFolderIsRead(t *testing.T) {
	s := newScene(t)
	outside := filepath.Join(t.TempDir(), "secret.eml")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.put("real.eml", "real")
	s.put(".hidden", "hidden")
	s.put("empty.eml", "")
	s.put("sub/inner.eml", "inner")
	for _, err := range []error{
		os.Symlink(outside, filepath.Join(s.dir, "link.eml")),
		os.Symlink("real.eml", filepath.Join(s.dir, "inner-link.eml")),
		os.Symlink("nowhere", filepath.Join(s.dir, "broken-link.eml")),
		syscall.Mkfifo(filepath.Join(s.dir, "pipe.eml"), 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	big, err := os.Create(filepath.Join(s.dir, "big.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(big.Truncate(70<<20), big.Close()); err != nil {
		t.Fatal(err)
	}
	_, look := s.look()
	want := map[string]string{"link.eml": "folder.link", "inner-link.eml": "folder.link", "broken-link.eml": "folder.link", "pipe.eml": "folder.special",
		"sub": "folder.special", "empty.eml": "folder.empty", "big.pdf": "folder.too_large"}
	if d := cmp.Diff(want, refusals(look)); d != "" {
		t.Error(d)
	}
	s.now = s.now.Add(3 * time.Second)
	got, look := s.look()
	if got != "real.eml" || len(look.Skipped) != 0 {
		t.Errorf("got %q, and told again: %+v", got, look.Skipped)
	}
}

func TestAFileThatBecomesReadableIsRead(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("an administrator may read everything; run as an ordinary user")
	}
	s := newScene(t)
	s.put("locked.eml", "locked")
	path := filepath.Join(s.dir, "locked.eml")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if _, look := s.settle(); refusals(look)["locked.eml"] != "folder.unreadable" {
		t.Errorf("%+v", look)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.look(); got != "locked.eml" {
		t.Errorf("got %q", got)
	}
}

func TestOneFileThatFailsDoesNotStopTheOthers(t *testing.T) {
	s := newScene(t)
	for i := range 5 {
		s.put(fmt.Sprintf("%d.eml", i), fmt.Sprint(i))
	}
	s.fail["2"] = problem.New(problem.Unavailable, "store.full", "no room")
	if got, look := s.settle(); got != "0.eml 1.eml 3.eml 4.eml" || look.Given != 4 {
		t.Errorf("got %q", got)
	}
	delete(s.fail, "2")
	if got, _ := s.look(); got != "2.eml" {
		t.Errorf("later: %q", got)
	}
}

func TestWhatWasTakenInBeforeARestartIsKnown(t *testing.T) {
	s := newScene(t)
	s.put("a.eml", "a")
	keys := map[[32]byte]bool{}
	s.settle()
	_, err := s.f.Look(context.Background(), func(intake.Found) error { return errors.New("given twice") })
	if err != nil {
		t.Fatal(err)
	}
	s.open()
	s.f.Known = func(k [32]byte) (bool, error) { return keys[k], nil }
	s.look()
	s.now = s.now.Add(3 * time.Second)
	_, err = s.f.Look(context.Background(), func(f intake.Found) error { keys[f.Key] = true; return nil })
	if err != nil || len(keys) != 1 {
		t.Fatal(err)
	}
	s.open()
	s.f.Known = func(k [32]byte) (bool, error) { return keys[k], nil }
	if got, look := s.settle(); got != "" || look.Known != 1 {
		t.Errorf("got %q, %+v", got, look)
	}
}

func TestTheFolderIsNeverChanged(t *testing.T) {
	s := newScene(t)
	s.put("new/1.host", "mail")
	s.put("cur/2.host:2,", "mail two")
	before := snapshot(t, s.dir)
	s.settle()
	if d := cmp.Diff(before, snapshot(t, s.dir)); d != "" {
		t.Error(d)
	}
}

func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil {
			out[path] = fmt.Sprint(info.Mode(), info.Size(), info.ModTime())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTenThousandFilesAreReadInOneLook(t *testing.T) {
	s := newScene(t)
	for _, d := range []string{"new", "cur"} {
		if err := os.Mkdir(filepath.Join(s.dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 10_000 {
		if err := os.WriteFile(filepath.Join(s.dir, "new", fmt.Sprint(i)), fmt.Appendf(nil, "mail %d", i), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Now()
	if _, look := s.look(); look.Given != 10_000 {
		t.Errorf("%+v", look)
	}
	if _, look := s.look(); look.Given != 0 || look.Known != 0 {
		t.Errorf("the second look read again: %+v", look)
	}
	if spent := time.Since(start); spent > 30*time.Second {
		t.Errorf("it took %v", spent)
	}
}

func TestAFolderThatIsNotThereIsSaid(t *testing.T) {
	_, err := intake.OpenFolder(filepath.Join(t.TempDir(), "none"), 0, time.Now)
	wantCode(t, err, "folder.open")
}
