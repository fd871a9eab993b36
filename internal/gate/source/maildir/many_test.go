package maildir_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/maildir"
	"counterseal/internal/problem"
)

// More names than are taken are an error, wherever they are listed. In the program a mail
// folder may have 2^20 and an account 10,000 mail folders.
func TestAMaildirOfTooManyNamesIsAnError(t *testing.T) {
	const messages, folders = 100, 3
	many := func(home, below string, n int) {
		for i := range n {
			must(t, os.MkdirAll(filepath.Join(home, below, fmt.Sprint("dir", i)), 0o700))
		}
	}
	mails := func(home, folder, half string, n int) {
		for i := range n {
			lay(t, home, folder, fmt.Sprintf("%s/%d", half, i), day(2), mail(day(2), "one"))
		}
	}
	for name, c := range map[string]struct {
		more  func(home string)
		code  string
		given int
	}{
		"as many messages as are taken": {func(h string) { mails(h, "", "cur", messages) }, "", messages},
		"one more":                      {func(h string) { mails(h, "", "cur", messages+1) }, "source.too_large", 0},
		"one more of the unseen":        {func(h string) { mails(h, "", "new", messages+1) }, "source.too_large", 0},
		"one more in another folder":    {func(h string) { mails(h, ".B", "cur", messages+1) }, "source.too_large", 1},
		"names beside the mail folders": {func(h string) { many(h, "", messages+1) }, "source.too_large", 0},
		"names in a mail folder":        {func(h string) { mails(h, ".B", "cur", 1); many(h, ".B", messages+1) }, "source.too_large", 0},
		"as many folders as are taken":  {func(h string) { mails(h, ".B", "cur", 1); mails(h, ".C", "cur", 1) }, "", 3},
		"one folder more":               {func(h string) { mails(h, ".B", "cur", 1); mails(h, ".C", "cur", 1); mails(h, ".D", "cur", 1) }, "source.too_large", 0},
	} {
		dir := t.TempDir()
		h := home(dir, owner)
		lay(t, h, "", "cur/0", day(2), mail(day(2), "one"))
		c.more(h)
		s := open(t, dir)
		maildir.Limit(s, messages, folders)
		got, _, err := collect(t, s, source.Query{Account: owner}, nil)
		if problem.Code(err) != c.code || len(got) != c.given {
			t.Errorf("%s: %d given, %v", name, len(got), err)
		}
	}
}
