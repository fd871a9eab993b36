package notice_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"counterseal/internal/notice"
	"counterseal/internal/problem"
)

func names(t *testing.T, dir string) []string {
	t.Helper()
	es, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range es {
		out = append(out, e.Name())
	}
	return out
}

func deliver(t *testing.T, dir, id string, l notice.Letter, code string) {
	t.Helper()
	err := notice.NewSpool(dir).Deliver(context.Background(), id, l)
	if problem.Code(err) != code {
		t.Fatalf("got %v, want %q", err, code)
	}
}

func TestDeliveryIsWholeAndIdempotentAndNeverOverwrites(t *testing.T) {
	dir := t.TempDir()
	l := letter(t, "de", notice.WillBeGiven)
	deliver(t, dir, "m2fd-10-1", l, "")
	deliver(t, dir, "m2fd-10-1", l, "")
	other := letter(t, "de", notice.WillBeGiven)
	other.Customer = "Erika Beispiel"
	deliver(t, dir, "m2fd-10-1", other, "notice.conflict")
	deliver(t, dir, "m2fd-10-2", other, "")
	want := render(t, l)
	for name, text := range map[string][]byte{notice.TextFile: want.Text, notice.HTMLFile: want.HTML} {
		got, err := os.ReadFile(filepath.Join(dir, "m2fd-10-1", name))
		if err != nil || string(got) != string(text) {
			t.Fatalf("%s: %v", name, err)
		}
	}
	if got := strings.Join(names(t, dir), " "); got != "m2fd-10-1 m2fd-10-2" {
		t.Fatalf("left in the folder: %s", got)
	}
}

func TestAChangedOrHalfLetterUnderTheIdIsAConflict(t *testing.T) {
	for _, name := range []string{notice.TextFile, notice.HTMLFile} {
		dir := t.TempDir()
		l := letter(t, "it", notice.NotGiven)
		deliver(t, dir, "a", l, "")
		path := filepath.Join(dir, "a", name)
		if err := os.WriteFile(path, []byte("changed"), 0o600); err != nil {
			t.Fatal(err)
		}
		deliver(t, dir, "a", l, "notice.conflict")
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		deliver(t, dir, "a", l, "notice.conflict")
	}
}

func TestOfManyAtOnceOneLetterStays(t *testing.T) {
	dir := t.TempDir()
	l := letter(t, "en", notice.WillBeGiven)
	other := letter(t, "en", notice.WillBeGiven)
	other.Customer = "Another Person"
	var wg sync.WaitGroup
	codes := make([]string, 24)
	for i := range codes {
		wg.Go(func() {
			which := l
			if i%2 == 1 {
				which = other
			}
			codes[i] = problem.Code(notice.NewSpool(dir).Deliver(context.Background(), "one", which))
		})
	}
	wg.Wait()
	winner := -1
	for i, c := range codes {
		if c == "" {
			winner = i % 2
		}
	}
	for i, c := range codes {
		if want := map[bool]string{true: "", false: "notice.conflict"}[i%2 == winner]; c != want {
			t.Fatalf("%d: got %q, want %q", i, c, want)
		}
	}
	if got := names(t, dir); len(got) != 1 {
		t.Fatalf("left in the folder: %v", got)
	}
}

func TestAnUnusableFolderSaysWhatToDo(t *testing.T) {
	l := letter(t, "en", notice.NotGiven)
	gone := filepath.Join(t.TempDir(), "gone")
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{gone, blocked} {
		err := notice.NewSpool(dir).Deliver(context.Background(), "a", l)
		if p := problem.Of(err); p == nil || p.Code != "notice.spool" || p.Remedy == "" || strings.Contains(p.Error(), dir) {
			t.Fatalf("got %v", err)
		}
	}
	readOnly := t.TempDir()
	if err := os.Chmod(readOnly, 0o500); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 { // root writes everywhere
		deliver(t, readOnly, "a", l, "notice.spool")
	}
	if full, err := os.Stat("/dev/full"); err == nil && full.Mode()&os.ModeDevice != 0 {
		deliver(t, "/dev/full", "a", l, "notice.spool")
	}
}

func TestAStoppedDeliveryWritesNothing(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := notice.NewSpool(dir).Deliver(ctx, "a", letter(t, "en", notice.NotGiven))
	if problem.Code(err) != "notice.spool" || len(names(t, dir)) != 0 {
		t.Fatalf("got %v, left %v", err, names(t, dir))
	}
}

func TestAnIdCannotLeaveTheFolder(t *testing.T) {
	for _, id := range []string{"", "..", "../x", "a/b", "-a", "a-", "A", "a.b", strings.Repeat("a", 65), ".incoming-a"} {
		dir := t.TempDir()
		deliver(t, dir, id, letter(t, "en", notice.NotGiven), "notice.id")
		if len(names(t, dir)) != 0 {
			t.Fatalf("%q wrote something", id)
		}
	}
	deliver(t, t.TempDir(), "a", notice.Letter{}, "notice.field")
}
