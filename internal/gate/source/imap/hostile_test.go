package imap_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/imap"
	"counterseal/internal/gate/source/wire"
	"counterseal/internal/problem"
)

// A script is a server that answers as a real one does, but for some commands.
type script map[string]string

const whole = "From: a@x.example\r\nDate: Thu, 5 Mar 2026 12:00:00 +0000\r\n\r\nbody\r\n"

var well = script{
	"AUTHENTICATE":                       "+ \r\n",
	"NAMESPACE":                          "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\nTAG OK done\r\n",
	"LIST":                               "* LIST () \"/\" INBOX\r\nTAG OK done\r\n",
	"EXAMINE":                            "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 10] x\r\nTAG OK [READ-ONLY] done\r\n",
	"UID FETCH 1:*":                      "* 1 FETCH (UID 5 INTERNALDATE \" 5-Mar-2026 12:00:00 +0000\" RFC822.SIZE " + fmt.Sprint(len(whole)) + ")\r\nTAG OK done\r\n",
	"UID FETCH 5 (UID BODY.PEEK[HEADER]": "* 1 FETCH (UID 5 BODY[HEADER]<0> {" + fmt.Sprint(strings.Index(whole, "body")) + "}\r\n" + whole[:strings.Index(whole, "body")] + ")\r\nTAG OK done\r\n",
	"UID FETCH 5 (UID BODY.PEEK[])":      "* 1 FETCH (UID 5 BODY[] {" + fmt.Sprint(len(whole)) + "}\r\n" + whole + ")\r\nTAG OK done\r\n",
	"LOGOUT":                             "* BYE\r\nTAG OK done\r\n",
}

// play serves the scripts: the first connection the first, and so on; the last one every
// further connection. An answer that begins with BREAK is the last of its connection; one
// with COUNT goes on without end, and counts.
func play(t testing.TB, greeting string, scripts ...script) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for n := 0; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s := scripts[min(n, len(scripts)-1)]
			go func() {
				defer c.Close()
				_, _ = io.WriteString(c, greeting)
				in := bufio.NewReader(c)
				for {
					line, err := in.ReadString('\n')
					if err != nil {
						return
					}
					tag, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
					answer, best := "TAG BAD what\r\n", -1
					for prefix, a := range s {
						if strings.HasPrefix(rest, prefix) && len(prefix) > best {
							answer, best = a, len(prefix)
						}
					}
					if best == len("AUTHENTICATE") && strings.HasPrefix(answer, "+") {
						_, _ = io.WriteString(c, "+ \r\n")
						_, err = in.ReadString('\n')
						if err != nil {
							return
						}
						answer = strings.TrimPrefix(answer, "+ \r\n")
						if answer == "" {
							answer = "TAG OK in\r\n"
						}
					}
					if answer == "HANG" {
						_, _ = io.Copy(io.Discard, c)
						return
					}
					if more, ok := strings.CutPrefix(answer, "COUNT "); ok {
						for i := 1; ; i++ {
							if _, err := fmt.Fprintf(c, more, i); err != nil {
								return
							}
						}
					}
					if more, ok := strings.CutPrefix(answer, "ENDLESS "); ok {
						for {
							if _, err := io.WriteString(c, more); err != nil {
								return
							}
						}
					}
					answer, last := strings.CutPrefix(answer, "BREAK ")
					if _, err := io.WriteString(c, strings.ReplaceAll(answer, "TAG", tag)); err != nil || last {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

func ask(t testing.TB, address string, patience time.Duration) (int, error) {
	t.Helper()
	password := filepath.Join(t.TempDir(), "password")
	must(t, os.WriteFile(password, []byte("x"), 0o600))
	s, err := imap.New(imap.Config{Server: wire.Server{Address: address, Security: wire.None, Patience: patience}, User: "{account}", Password: password})
	must(t, err)
	n := 0
	err = s.Items(t.Context(), source.Query{Account: alice}, func(it source.Item) error {
		r, err := it.Open()
		if err != nil {
			return err
		}
		b, err := io.ReadAll(r)
		if err == nil && string(b) != whole {
			t.Errorf("other bytes: %q", b)
		}
		if err == nil {
			n++
		}
		return err
	}, func(g source.Gap) error { return fmt.Errorf("gap %v", g) })
	return n, err
}

func TestAServerThatLiesHangsOrTricklesIsNeverAnEmptyAnswer(t *testing.T) {
	if n, err := ask(t, play(t, "* OK hello\r\n", well), time.Minute); n != 1 || err != nil {
		t.Fatalf("the server as it should be: %d, %v", n, err)
	}
	list, header, body := "UID FETCH 1:*", "UID FETCH 5 (UID BODY.PEEK[HEADER]", "UID FETCH 5 (UID BODY.PEEK[])"
	for name, c := range map[string]struct{ greeting, command, answer, code string }{
		"greets with BYE":         {"* BYE no\r\n", "", "", "source.protocol"},
		"is somebody already":     {"* PREAUTH hello\r\n", "", "", "source.protocol"},
		"is no such server":       {"HTTP/1.1 400 Bad Request\r\n\r\n", "", "", "source.protocol"},
		"an endless line":         {"* OK " + strings.Repeat("x", 100_000), "", "", "source.protocol"},
		"refuses":                 {"", "AUTHENTICATE", "TAG NO\r\n", "source.login"},
		"has no namespaces":       {"", "NAMESPACE", "TAG OK done\r\n", "source.protocol"},
		"knows no namespaces":     {"", "NAMESPACE", "TAG BAD\r\n", "source.unreadable"},
		"hangs at the list":       {"", "LIST", "HANG", "source.unreadable"},
		"an endless list":         {"", "LIST", "ENDLESS * LIST () \"/\" INBOX\r\n", "source.protocol"},
		"opens for writing":       {"", "EXAMINE", "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 10] x\r\nTAG OK [READ-WRITE] done\r\n", "source.protocol"},
		"has no UIDVALIDITY":      {"", "EXAMINE", "* 1 EXISTS\r\n* OK [UIDNEXT 10] x\r\nTAG OK [READ-ONLY] done\r\n", "source.protocol"},
		"says not how many":       {"", "EXAMINE", "* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 10] x\r\nTAG OK [READ-ONLY] done\r\n", "source.protocol"},
		"shows no mail folder":    {"", "LIST", "TAG OK done\r\n", "source.unreadable"},
		"shows none that opens":   {"", "LIST", "* LIST (\\Noselect) \"/\" INBOX\r\nTAG OK done\r\n", "source.unreadable"},
		"has more than it lists":  {"", list, "TAG OK done\r\n", "source.changed"},
		"lists one twice":         {"", list, strings.Repeat(strings.TrimSuffix(well[list], "TAG OK done\r\n"), 2) + "TAG OK done\r\n", "source.protocol"},
		"has UID 0":               {"", list, strings.Replace(well[list], "UID 5", "UID 0", 1), "source.protocol"},
		"has a UID too large":     {"", list, strings.Replace(well[list], "UID 5", "UID 99999999999999999999", 1), "source.protocol"},
		"has a date of its own":   {"", list, strings.Replace(well[list], "Mar", "Mrz", 1), "source.protocol"},
		"sends no header":         {"", header, "TAG OK done\r\n", "source.changed"},
		"sends NIL for it":        {"", header, "* 1 FETCH (UID 5 BODY[HEADER]<0> NIL)\r\nTAG OK done\r\n", "source.changed"},
		"a header too long":       {"", header, "* 1 FETCH (UID 5 BODY[HEADER]<0> {99999999999}\r\n", "source.protocol"},
		"another's header":        {"", header, strings.Replace(well[header], "UID 5", "UID 6", 1), "source.protocol"},
		"sends no body":           {"", body, "TAG OK done\r\n", "source.changed"},
		"another's body":          {"", body, strings.Replace(well[body], "UID 5", "UID 6", 1), "source.protocol"},
		"a body without a name":   {"", body, strings.Replace(well[body], "UID 5 ", "", 1), "source.protocol"},
		"a shorter body":          {"", body, "* 1 FETCH (UID 5 BODY[] {4}\r\nbody)\r\nTAG OK done\r\n", "source.size"},
		"a longer body":           {"", body, "* 1 FETCH (UID 5 BODY[] {999999999}\r\nbody", "source.size"},
		"a body that breaks off":  {"", body, strings.TrimSuffix(well[body], "dy\r\n)\r\nTAG OK done\r\n"), "source.unreadable"},
		"fewer bytes than said":   {"", body, strings.Replace(well[body], "body", "bo", 1), "source.protocol"},
		"more bytes than said":    {"", body, strings.Replace(well[body], "body", "body and more", 1), "source.protocol"},
		"hangs in a body":         {"", body, "HANG", "source.unreadable"},
		"a body twice":            {"", body, strings.TrimSuffix(well[body], "TAG OK done\r\n") + well[body], "source.protocol"},
		"refuses a body":          {"", body, "TAG NO\r\n", "source.unreadable"},
		"says BYE":                {"", body, "* BYE\r\n", "source.unreadable"},
		"answers another command": {"", body, strings.Replace(well[body], "TAG", "zz9", 1), "source.protocol"},
		"lists in lists":          {"", list, "* 1 FETCH (FLAGS " + strings.Repeat("(", 1000), "source.protocol"},
	} {
		s := script{}
		for k, v := range well {
			s[k] = v
		}
		if c.command != "" {
			s[c.command] = c.answer
		}
		if c.greeting == "" {
			c.greeting = "* OK hello\r\n"
		}
		begin := time.Now()
		_, err := ask(t, play(t, c.greeting, s), 400*time.Millisecond)
		if problem.Code(err) != c.code || time.Since(begin) > 5*time.Second {
			t.Errorf("%s: %v after %v", name, err, time.Since(begin))
		}
	}
}

func TestAServerCannotFillTheMemory(t *testing.T) {
	s := script{}
	for k, v := range well {
		s[k] = v
	}
	s["EXAMINE"] = "ENDLESS * OK " + strings.Repeat("x", 60_000) + "\r\n"
	address := play(t, "* OK hello\r\n", s)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	password := filepath.Join(t.TempDir(), "password")
	must(t, os.WriteFile(password, []byte("x"), 0o600))
	src, err := imap.New(imap.Config{Server: wire.Server{Address: address, Security: wire.None}, User: "{account}", Password: password})
	must(t, err)
	err = src.Items(ctx, source.Query{Account: alice}, func(source.Item) error { return nil }, func(source.Gap) error { return nil })
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if err == nil || m.HeapInuse > 64<<20 {
		t.Errorf("%v, %d MB", err, m.HeapInuse>>20)
	}
}

// FuzzServer answers everything with the same bytes.
func FuzzServer(f *testing.F) {
	for _, a := range well {
		f.Add([]byte(a))
	}
	f.Add([]byte("* 1 FETCH (BODY[HEADER.FIELDS (A B)]<0> \"x\" FLAGS (\\Seen (a {3}\r\nabc)) UID 5)\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		err := imap.Answers(bytes.NewReader(b))
		if err == nil {
			t.Fatal("an answer without an end")
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) && !imap.IsForm(err) {
			t.Fatalf("%v", err)
		}
	})
}
