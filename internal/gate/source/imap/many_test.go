package imap_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/imap"
	"counterseal/internal/gate/source/wire"
	"counterseal/internal/problem"
)

// A server that has more mail folders or messages than are taken, or says so, or lists
// them without end, is left with a word why.
func TestAServerOfTooManyMessagesIsLeft(t *testing.T) {
	const examine, list = "EXAMINE", "UID FETCH 1:*"
	exists := func(n int) string { return strings.Replace(well[examine], "* 1 ", fmt.Sprintf("* %d ", n), 1) }
	for name, c := range map[string]struct {
		command, answer string
		most            int
		code            string
	}{
		"says as many as are taken": {examine, exists(1 << 20), 1 << 20, "source.changed"}, // and has one
		"says one more":             {examine, exists(1<<20 + 1), 1 << 20, "source.too_large"},
		"says one and has no end":   {list, "COUNT * 1 FETCH (UID %d INTERNALDATE \" 5-Mar-2026 12:00:00 +0000\" RFC822.SIZE 70)\r\n", 1000, "source.too_large"},
		"mail folders without end":  {"LIST", "COUNT * LIST () \"/\" \"f%d\"\r\n", 1000, "source.too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			s := maps.Clone(well)
			s[c.command] = c.answer
			password := filepath.Join(t.TempDir(), "password")
			must(t, os.WriteFile(password, []byte("x"), 0o600))
			src, err := imap.New(imap.Config{Server: wire.Server{Address: play(t, "* OK hello\r\n", s), Security: wire.None, Patience: time.Minute}, User: "{account}", Password: password})
			must(t, err)
			if c.most != 1<<20 { // else it is the program's own
				imap.Limit(src, c.most)
			}
			err = src.Items(t.Context(), source.Query{Account: alice}, func(source.Item) error { return nil }, func(source.Gap) error { return nil })
			if problem.Code(err) != c.code {
				t.Error(err)
			}
		})
	}
}
