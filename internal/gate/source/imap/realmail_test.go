package imap_test

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"counterseal/e2e/realmail/corpus"
	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/imap"
	"counterseal/internal/gate/source/letter"
	"counterseal/internal/gate/sourcetest/servers"
	"counterseal/internal/scope"
)

func TestDoveadmSearchSelectsTheSameOfGeneratedMail(t *testing.T) {
	compare(t, corpus.Generate(900, 11), nil) // nil: the numbers follow from the seed, and say nothing
}

func TestDoveadmSearchSelectsTheSameOfRealMail(t *testing.T) {
	compare(t, corpus.Real(t), map[string]int{"received": 1719, "sent": 1584, "received, of one correspondent": 337})
}

// A question, as doveadm asks it and as a scope does.
type question struct {
	name   string
	search []string
	basis  scope.Basis
	people []string
}

// compare holds that what doveadm search selects is selected by us too, or withheld
// and listed; and that we select nothing else, but for dates that Dovecot cannot
// read. docs/stores.md explains each kind of difference.
func compare(t *testing.T, messages []corpus.Message, want map[string]int) {
	dir := t.TempDir()
	d := serve(t, dir, servers.Alone)
	for i, m := range messages {
		d.Deliver(t, string(alice), "", stored(i, m.Bytes), bytes.ReplaceAll(m.Bytes, []byte("\r\n"), []byte("\n")))
	}
	d.Chown(t)
	from, until := time.Date(2002, 8, 1, 0, 0, 0, 0, time.UTC), time.Date(2002, 8, 31, 23, 59, 59, 0, time.UTC)
	bounds := func(since, before string) []string {
		return []string{since, strconv.FormatInt(from.Unix(), 10), before, strconv.FormatInt(until.Unix()+1, 10)}
	}
	person := busiest(t, d.source(t, nil))
	people := []string{"(", "FROM", person, "OR", "TO", person, "OR", "CC", person, "OR", "BCC", person, "OR", "HEADER", "Sender", person, ")"}
	for _, q := range []question{
		{"received", bounds("SINCE", "BEFORE"), scope.Received, nil},
		{"sent", bounds("SENTSINCE", "SENTBEFORE"), scope.Sent, nil},
		{"received, of one correspondent", append(bounds("SINCE", "BEFORE"), people...), scope.Received, []string{person}},
	} {
		theirs := map[string]bool{}
		for _, l := range lines(d.Doveadm(t, nil, append([]string{"search", "-u", string(alice), "mailbox", "INBOX"}, q.search...)...)) {
			if _, uid, ok := strings.Cut(l, " "); ok {
				theirs[uid] = true
			}
		}
		ours := verdicts(t, d.source(t, nil), from, until, q)
		count := map[string]int{}
		for uid := range theirs {
			switch v := ours[uid]; {
			case given(v):
				count["both"]++
			case strings.HasPrefix(v, "undated ") || strings.HasPrefix(v, "near"):
				count["doveadm's alone, withheld and listed: "+v]++
			default:
				t.Errorf("%s: UID %s is selected by doveadm search and left out by us: %q", q.name, uid, v)
			}
		}
		for uid, v := range ours {
			if theirs[uid] || v == "outside" {
				continue
			}
			count["ours alone: "+v]++
			if given(v) && !strings.HasPrefix(lines(d.Doveadm(t, nil, "fetch", "-u", string(alice), "date.sent", "mailbox", "INBOX", "uid", uid))[0], "date.sent: 1970-01-01 00:00:00") {
				t.Errorf("%s: UID %s is selected by us alone, and Dovecot could read its dates: %q", q.name, uid, v)
			}
		}
		t.Logf("%s: %v", q.name, count)
		if count["both"] == 0 || want != nil && count["both"] != want[q.name] {
			t.Errorf("%s: both select %d, want %d", q.name, count["both"], want[q.name])
		}
	}
}

// given reports whether a verdict is one of the two that hand a message out.
func given(v string) bool { return strings.HasPrefix(v, "inside") || strings.HasPrefix(v, "split") }

// stored gives the time that a store has of a message: that of its trace, or a fixed
// one; of each fiftieth a year later, as after a move.
func stored(i int, b []byte) time.Time {
	var h letter.Head
	h.Parse(b[:min(len(b), letter.MaxHead+1)], "")
	at := time.Date(2002, 8, 22, 12, 0, 0, 0, time.UTC)
	times := h.Times(func() (letter.Moment, string) { return letter.Moment{}, "no_date" })
	if first, last := times.Received.Ends(); !times.NoReceived && first.Equal(last) {
		at = first
	}
	if i%50 == 49 {
		at = at.AddDate(1, 0, 0)
	}
	return at
}

// busiest gives the correspondent who takes part in most messages.
func busiest(t *testing.T, s *imap.Source) (best string) {
	t.Helper()
	count := map[string]int{}
	must(t, s.Items(t.Context(), source.Query{Account: alice}, func(it source.Item) error {
		for _, p := range it.Participants {
			if count[p]++; count[p] > count[best] || count[p] == count[best] && p < best {
				best = p
			}
		}
		return nil
	}, func(source.Gap) error { return nil }))
	return best
}

// verdicts gives what a scope says of each message, by UID.
func verdicts(t *testing.T, s *imap.Source, from, until time.Time, q question) map[string]string {
	t.Helper()
	asked, err := scope.New(scope.Selector{Account: alice, Service: scope.Mail, Category: scope.Content, From: from, Until: until, Basis: q.basis, Participants: q.people})
	must(t, err)
	out := map[string]string{}
	must(t, s.Items(t.Context(), source.Query{Account: alice, From: from, Until: until}, func(it source.Item) error {
		_, uid, _ := strings.Cut(it.Name, ";UID=")
		out[uid] = asked.Judge(it.Item).String()
		if it.Undated != "" && out[uid] != "outside" && out[uid] != "inside" {
			out[uid] += " " + it.Undated
		}
		return nil
	}, func(g source.Gap) error {
		return fmt.Errorf("gap %v", g)
	}))
	return out
}
