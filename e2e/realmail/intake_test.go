package realmail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"

	"counterseal/e2e/realmail/corpus"
	"counterseal/internal/intake/mail"
)

func TestTheDoorReadsEveryGeneratedMessage(t *testing.T) {
	readAll(t, corpus.Generate(800, 11))
}

func TestTheDoorReadsEveryRealMessage(t *testing.T) {
	messages := corpus.Real(t)
	count := readAll(t, messages)
	t.Logf("%d messages: %v", len(messages), count)
	// What a person would find: nearly all have a sender and words.
	for code, most := range map[string]int{"mail.no_sender": 60, "mail.body_unreadable": 5, "mail.interrupted": 0, "no words": 40} {
		if count[code] > most {
			t.Errorf("%s: %d of %d messages", code, count[code], len(messages))
		}
	}
}

// readAll reads each message twice, and says how often each remark was made.
func readAll(t *testing.T, messages []corpus.Message) map[string]int {
	t.Helper()
	count := map[string]int{}
	for i, m := range messages {
		original := slices.Clone(m.Bytes)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		l, err := mail.Read(ctx, m.Bytes, mail.Options{})
		cancel()
		if err != nil {
			t.Errorf("message %d: %v", i, err)
			continue
		}
		if !bytes.Equal(original, m.Bytes) || l.SHA256 != sha256.Sum256(original) || l.Size != len(original) {
			t.Errorf("message %d: the original changed", i)
		}
		if !strings.Contains("\n"+strings.ToLower(string(original)), "\nfrom:") && len(l.Senders) > 0 && l.Senders[0].Field == "From" {
			t.Errorf("message %d: a sender was made up", i)
		}
		for _, s := range l.Senders {
			if s.Address != "" && !bytes.Contains(bytes.ToLower(original), []byte(s.Domain)) {
				t.Errorf("message %d: domain %q is not in the mail", i, s.Domain)
			}
		}
		if l.Text == "" && len(l.Attachments) == 0 {
			count["no words"]++
		}
		for _, r := range l.Remarks {
			count[r.Code]++
			if mail.Says(r) == "" {
				t.Errorf("message %d: %s has no sentence", i, r.Code)
			}
		}
	}
	return count
}
