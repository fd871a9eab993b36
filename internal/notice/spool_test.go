package notice_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"counterseal/internal/notice"
	"counterseal/internal/notice/channeltest"
	"counterseal/internal/problem"
)

func TestTheSpoolKeepsTheContractOfChannels(t *testing.T) {
	channeltest.Run(t, func(t *testing.T) channeltest.Opened {
		dir := filepath.Join(t.TempDir(), "spool")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		return channeltest.Opened{
			Channel: notice.NewSpool(dir),
			Reopen:  func(*testing.T) channeltest.Channel { return notice.NewSpool(dir) },
			Handed: func(t *testing.T) (texts [][]byte) {
				for _, name := range entries(t, dir) {
					b, err := os.ReadFile(filepath.Join(dir, name, notice.TextFile))
					if err != nil {
						t.Fatal(err)
					}
					texts = append(texts, b)
				}
				return texts
			},
			Break: func(t *testing.T) { move(t, dir, dir+".away") },
			Mend:  func(t *testing.T) { move(t, dir+".away", dir) },
		}
	})
}

func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func entries(t *testing.T, dir string) (out []string) {
	t.Helper()
	es, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range es {
		out = append(out, e.Name())
	}
	return out
}

func deliver(t *testing.T, dir string, d notice.Dispatch, code string) {
	t.Helper()
	err := notice.NewSpool(dir).Deliver(context.Background(), d)
	if problem.Code(err) != code {
		t.Fatalf("got %v, want %q", err, code)
	}
}

func TestTheSpoolHoldsTheLetterInEachForm(t *testing.T) {
	dir := t.TempDir()
	r := render(t, sample(t, "da")["secrecy-ended"])
	deliver(t, dir, notice.Dispatch{ID: "a", At: channeltest.At, Letter: r}, "")
	for name, want := range map[string][]byte{notice.TextFile: r.Text, notice.HTMLFile: r.HTML, notice.PDFFile: r.PDF} {
		got, err := os.ReadFile(filepath.Join(dir, "a", name))
		if err != nil || string(got) != string(want) {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

func TestAChangedOrHalfLetterUnderTheIdIsAConflict(t *testing.T) {
	for _, name := range []string{notice.TextFile, notice.HTMLFile, notice.PDFFile} {
		dir := t.TempDir()
		d := channeltest.Dispatch("a", "first")
		deliver(t, dir, d, "")
		path := filepath.Join(dir, "a", name)
		if err := os.WriteFile(path, []byte("changed"), 0o600); err != nil {
			t.Fatal(err)
		}
		deliver(t, dir, d, "notice.conflict")
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		deliver(t, dir, d, "notice.conflict")
	}
}

func TestALetterThatACrashLeftHalfWrittenIsUnsentUntilItIsThere(t *testing.T) {
	dir := t.TempDir()
	deliver(t, dir, channeltest.Dispatch("whole", "first"), "")
	for _, left := range []string{".incoming-half-written-123", ".incoming-half-written-9", ".incoming-whole-77"} {
		if err := os.Mkdir(filepath.Join(dir, left), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"half-written", ""} {
		got, err := notice.NewSpool(dir).Unsent(context.Background(), channeltest.At)
		if err != nil || strings.Join(got, " ") != want {
			t.Fatalf("unsent: %q, %v, want %q", got, err, want)
		}
		deliver(t, dir, channeltest.Dispatch("half-written", "second"), "")
	}
}

func TestAnUnusableFolderSaysWhatToDo(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "gone")
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{gone, blocked, "/dev/null"} {
		s := notice.NewSpool(dir)
		_, unsent := s.Unsent(context.Background(), channeltest.At)
		for _, err := range []error{s.Deliver(context.Background(), channeltest.Dispatch("a", "first")), unsent} {
			if p := problem.Of(err); p == nil || p.Code != "notice.spool" || p.Remedy == "" || strings.Contains(p.Error(), dir) {
				t.Fatalf("got %v", err)
			}
		}
	}
}
