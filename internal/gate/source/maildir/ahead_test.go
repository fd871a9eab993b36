package maildir_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/gate/source"
	"counterseal/internal/problem"
)

// sized is a message of so many bytes, whose Date lies behind so many of them.
func sized(subject string, before, size int) []byte {
	b := fmt.Appendf(nil, "Subject: %s\n", subject)
	for len(b) < before {
		b = append(b, "X-Padding: "+strings.Repeat("x", 66)+"\n"...)
	}
	b = fmt.Appendf(b, "Date: %s\n\n", day(2).Format(time.RFC1123Z))
	return append(b, bytes.Repeat([]byte{'y'}, max(size-len(b), 0))...)
}

func TestALargeFolderIsGivenInItsOrderWholeAndWithItsGaps(t *testing.T) {
	largeFolder(t, source.Query{Account: owner, From: day(1), Until: day(10)}, 4096)
	largeFolder(t, source.Query{Account: owner}, 8192)
}

// largeFolder lays messages that end, or whose header blocks end, about where the first
// read of a query does.
func largeFolder(t *testing.T, q source.Query, first int) {
	dir := t.TempDir()
	h := home(dir, owner)
	var want []given
	var wantGaps []string
	whole := map[string][]byte{}
	for i := range 500 {
		name, at := fmt.Sprintf("%03d.x", i), day(2)
		b := mail(at, fmt.Sprint(i))
		odd := ""
		switch i % 10 {
		case 1:
			b = sized(fmt.Sprint(i), 0, first-3+i/70) // about what is read at first
		case 2:
			b = sized(fmt.Sprint(i), 0, 30_000)
		case 3:
			b = sized(fmt.Sprint(i), first-200+i, 40_000) // its header block goes on behind that
		case 4:
			b, odd = []byte("\x1f\x8b\x08packed"), "source.not_plain"
		case 5:
			b, odd = bytes.Repeat([]byte("X: y\n"), 60_000), "source.header_too_long"
		case 6:
			at = day(20)
			b = mail(at, "outside")
		case 7:
			b = nil
		}
		lay(t, h, "", fmt.Sprintf("%s/%s:2,S", []string{"cur", "new"}[i%2], name), at, b)
		if i%10 == 8 {
			p := filepath.Join(h, "cur", name+":2,S")
			must(t, errors.Join(os.Remove(p), os.Symlink("/etc/hostname", p)))
			odd = "source.link"
		}
		switch {
		case odd != "":
			wantGaps = append(wantGaps, odd+" at INBOX/"+name)
		case i%10 != 6 || q.From.IsZero():
			_, subject, _ := bytes.Cut(b, []byte("Subject: "))
			subject, _, _ = bytes.Cut(subject, []byte("\n"))
			want = append(want, given{Name: "INBOX/" + name, Text: string(subject)})
			whole["INBOX/"+name] = b
		}
	}
	got, gaps, err := collect(t, open(t, dir), q, func(it source.Item) {
		r, err := it.Open()
		must(t, err)
		b, err := io.ReadAll(r)
		must(t, err)
		if !bytes.Equal(b, whole[it.Name]) || it.Size != int64(len(b)) {
			t.Errorf("%s: %d bytes of %d", it.Name, len(b), len(whole[it.Name]))
		}
	})
	must(t, err)
	for i := range got {
		got[i].Undated = ""
	}
	if d := cmp.Diff(want, got) + cmp.Diff(wantGaps, gaps); d != "" {
		t.Error(d)
	}
}

// A list that stands still is believed after two seconds where the file system allows it.
func TestWhatHappensToALargeFolderThatStoodStillIsSeen(t *testing.T) {
	at := func(h string, i int) string { return filepath.Join(h, "cur", fmt.Sprintf("%03d.x", i)) }
	cases := map[string]struct {
		during func(h string)
		given  int
		code   string
	}{
		"nothing happens":         {func(string) {}, 300, ""},
		"one that matters comes":  {func(h string) { lay(t, h, "", "new/9", day(3), mail(day(3), "late")) }, 0, "source.changed"},
		"one comes as another":    {func(h string) { must(t, os.Rename(at(h, 0), at(h, 400))) }, 0, "source.changed"},
		"one for later comes":     {func(h string) { lay(t, h, "", "new/9", day(20), mail(day(20), "late")) }, 300, ""},
		"one in a new folder":     {func(h string) { lay(t, h, ".New", "new/9", day(3), mail(day(3), "late")) }, 0, "source.changed"},
		"all get a flag":          {func(h string) { flagAll(t, h) }, 300, ""},
		"the last one goes":       {func(h string) { must(t, os.Remove(at(h, 299))) }, 0, "source.changed"},
		"the last one is changed": {func(h string) { must(t, os.WriteFile(at(h, 299), mail(day(2), "another"), 0o600)) }, 300, ""},
		"the folder is another":   {func(h string) { moveCur(t, h) }, 0, "source.changed"},
	}
	homes := map[string]string{}
	for name := range cases {
		homes[name] = t.TempDir()
		for i := range 300 {
			lay(t, home(homes[name], owner), "", fmt.Sprintf("cur/%03d.x", i), day(2), mail(day(2), fmt.Sprint(i)))
		}
	}
	time.Sleep(2100 * time.Millisecond)
	for name, c := range cases {
		first := true
		got, _, err := collect(t, open(t, homes[name]), source.Query{Account: owner, From: day(1), Until: day(10)}, func(source.Item) {
			if first {
				c.during(home(homes[name], owner))
			}
			first = false
		})
		if problem.Code(err) != c.code || c.code == "" && len(got) != c.given {
			t.Errorf("%s: %d given, %v", name, len(got), err)
		}
	}
}

func flagAll(t *testing.T, h string) {
	all, err := filepath.Glob(filepath.Join(h, "cur", "*"))
	must(t, err)
	for _, p := range all {
		must(t, os.Rename(p, p+":2,S"))
	}
}

// moveCur puts another directory there, with one message more.
func moveCur(t *testing.T, h string) {
	must(t, os.Rename(filepath.Join(h, "cur"), filepath.Join(h, "old")))
	must(t, os.CopyFS(filepath.Join(h, "cur"), os.DirFS(filepath.Join(h, "old"))))
	must(t, os.RemoveAll(filepath.Join(h, "old")))
	lay(t, h, "", "cur/400.x", day(3), mail(day(3), "late"))
}

func TestNoFileStaysOpenWhenAPassIsLeft(t *testing.T) {
	dir := t.TempDir()
	for i := range 300 {
		lay(t, home(dir, owner), "", fmt.Sprintf("cur/%03d.x", i), day(2), mail(day(2), fmt.Sprint(i)))
	}
	opened := func() (names []string) {
		all, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("SKIPPED: no /proc here")
		}
		for _, e := range all {
			to, err := os.Readlink("/proc/self/fd/" + e.Name())
			if err == nil && strings.HasPrefix(to, dir) {
				names = append(names, to)
			}
		}
		return names
	}
	enough := errors.New("enough")
	for _, last := range []int{1, 40, 299, 300} {
		n := 0
		err := open(t, dir).Items(t.Context(), source.Query{Account: owner}, func(source.Item) error {
			n++
			if n == last {
				return enough
			}
			return nil
		}, func(source.Gap) error { return nil })
		if still := opened(); !errors.Is(err, enough) || len(still) > 0 {
			t.Errorf("left after %d: %v, %d are open: %q", last, err, len(still), still[:min(len(still), 3)])
		}
	}
	if !slices.Equal(opened(), nil) {
		t.Error("files are open")
	}
}
