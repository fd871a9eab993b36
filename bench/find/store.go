package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"counterseal/e2e/realmail/corpus"
)

const account = "acc-1"

var messageID = regexp.MustCompile(`(?im)^Message-ID:[ \t]*<`)

// lay writes n messages as a Maildir whose files carry the time of receipt, as a
// delivery leaves them, and gives their size.
func lay(home, folder string, n int) (size int64, err error) {
	some := corpus.Generate(6000, 1)
	if folder != "" {
		some, err = corpus.Load(folder)
		if err != nil {
			return 0, err
		}
	}
	for _, d := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(home, d), 0o755); err != nil {
			return 0, err
		}
	}
	for i := range n {
		b := some[i%len(some)].Bytes
		if copied := i / len(some); copied > 0 { // notmuch keeps one of those with the same id
			b = messageID.ReplaceAll(b, fmt.Appendf(nil, "Message-ID: <%d.", copied))
		}
		size += int64(len(b))
		at := received(some[i%len(some)])
		path := filepath.Join(home, "cur", fmt.Sprintf("%d.M%dP1.host:2,S", at.Unix(), i))
		if err := errors.Join(os.WriteFile(path, b, 0o644), os.Chtimes(path, at, at)); err != nil {
			return 0, err
		}
	}
	return size, nil
}

// received is the time in the topmost Received field; else that of the separator.
func received(m corpus.Message) time.Time {
	if h, err := mail.ReadMessage(bytes.NewReader(m.Bytes)); err == nil {
		if f := h.Header["Received"]; len(f) > 0 {
			if at, err := mail.ParseDate(strings.TrimSpace(f[0][strings.LastIndex(f[0], ";")+1:])); err == nil {
				return at
			}
		}
	}
	words := strings.Fields(m.Separator)
	at, err := time.Parse("Jan 2 15:04:05 2006", strings.Join(words[max(len(words)-4, 0):], " "))
	if err != nil {
		return time.Date(2002, 8, 22, 12, 0, 0, 0, time.UTC)
	}
	return at
}
