package access_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"counterseal/internal/access"
)

func TestASessionSurvivesARestartAndItsSecretIsNowhereOnTheDisk(t *testing.T) {
	l := openLodge(t, officePage)
	c := l.signIn()
	l.start(officePage)
	want(t, l.send(request("GET", "/queue", front, with(c))), 200, "hello anna")
	sum := sha256.Sum256([]byte(c.Value))
	name := hex.EncodeToString(sum[:])
	entries, err := os.ReadDir(l.dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != name {
		t.Fatal(entries, err)
	}
	info, err := entries[0].Info()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	text, err := os.ReadFile(filepath.Join(l.dir, name))
	if err != nil || strings.Contains(string(text), c.Value) {
		t.Error(string(text), err)
	}
	open, err := access.Open(access.Folder(l.dir), l.now)
	if err != nil || len(open) != 1 || open[0].ID != name[:16] || open[0].Person != "anna" || open[0].By != access.ByPasskey || !strings.HasPrefix(open[0].Key, "SHA256:") {
		t.Fatal(open, err)
	}
}

func TestWhoeverKeepsTheLogIsToldOfEachSessionAndNotOfItsSecret(t *testing.T) {
	var told []access.Session
	h := &house{now: time.Date(2026, 9, 18, 9, 0, 0, 0, time.UTC), mux: http.NewServeMux()}
	h.door = access.New(access.Outside{Now: func() time.Time { return h.now }, Random: rand.Reader, Pages: plain{}, Began: func(s access.Session) { told = append(told, s) }})
	h.door.Mount(h.mux)
	c := h.enter(t, h.issue(t, "bo"))
	if len(told) != 1 || told[0].Person != "bo" || told[0].By != access.ByLink || strings.Contains(fmt.Sprint(told), c.Value) {
		t.Error(told)
	}
}

func TestASessionEndsAfterHalfAnHourUnusedAndAfterEightHoursInAnyCase(t *testing.T) {
	l := openLodge(t, officePage)
	c := l.signIn()
	for range 16 { // eight hours less a moment, used all the time
		l.now = l.now.Add(access.IdleLife - time.Second)
		want(t, l.send(request("GET", "/queue", front, with(c))), 200, "hello anna")
		l.start(officePage)
	}
	l.now = l.now.Add(16 * time.Second)
	want(t, l.send(request("GET", "/queue", front, with(c))), 403, "access.session")
	c = l.signIn()
	l.now = l.now.Add(access.IdleLife)
	want(t, l.send(request("GET", "/queue", front, with(c))), 403, "access.session")
	entries, err := os.ReadDir(l.dir)
	if err != nil || len(entries) != 0 {
		t.Errorf("what is over stays: %v %v", entries, err)
	}
}

func TestAClockThatJumpsBackEndsASessionForGood(t *testing.T) {
	l := openLodge(t, officePage)
	c := l.signIn()
	l.now = l.now.Add(10 * time.Minute)
	want(t, l.send(request("GET", "/queue", front, with(c))), 200, "hello anna")
	l.start(officePage)
	l.now = l.now.Add(-5 * time.Minute) // after it began, before it was last used
	want(t, l.send(request("GET", "/queue", front, with(c))), 403, "access.session")
	l.now = l.now.Add(10 * time.Minute)
	want(t, l.send(request("GET", "/queue", front, with(c))), 403, "access.session")
}

func TestAnotherProcessEndsASessionAndNothingBringsItBack(t *testing.T) {
	l := openLodge(t, officePage)
	a, b := l.signIn(), l.signIn()
	link := l.enter(t, l.issue(t, "bo"))
	all, err := access.Open(access.Folder(l.dir), l.now)
	if err != nil || len(all) != 3 {
		t.Fatal(all, err)
	}
	ended, err := access.End(access.Folder(l.dir), func(s access.Session) bool { return s.Person == "anna" })
	if err != nil || len(ended) != 2 {
		t.Fatal(ended, err)
	}
	l.now = l.now.Add(2 * time.Minute) // so that a use would be noted
	want(t, l.send(request("GET", "/queue", front, with(a))), 403, "access.session")
	want(t, l.send(request("GET", "/queue", front, with(b))), 403, "access.session")
	want(t, l.send(request("GET", "/queue", with(link))), 200, "hello bo")

	// A use that is noted while the session ends leaves a file that says nothing.
	sum := sha256.Sum256([]byte(a.Value))
	orphan := filepath.Join(l.dir, hex.EncodeToString(sum[:])+".used")
	if err := os.WriteFile(orphan, []byte(l.now.Format(time.RFC3339)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, l.send(request("GET", "/queue", front, with(a))), 403, "access.session")
	l.signIn()
	if _, err := os.Stat(orphan); !os.IsNotExist(err) {
		t.Error("what says nothing stays:", err)
	}
}

func TestASessionThatWeWouldNotHaveWrittenLetsNobodyIn(t *testing.T) {
	l := openLodge(t, officePage)
	good := func() (string, string, func() int) {
		c := l.signIn()
		sum := sha256.Sum256([]byte(c.Value))
		path := filepath.Join(l.dir, hex.EncodeToString(sum[:]))
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return path, string(text), func() int { return l.send(request("GET", "/queue", front, with(c))).Code }
	}
	for name, change := range map[string]func(string) string{
		"empty":           func(string) string { return "" },
		"cut":             func(s string) string { return s[:len(s)/2] },
		"two":             func(s string) string { return s + s },
		"more":            func(s string) string { return strings.Replace(s, "{", `{"admin":true,`, 1) },
		"another version": func(s string) string { return strings.Replace(s, `"version":1`, `"version":2`, 1) },
		"another way":     func(s string) string { return strings.Replace(s, `"passkey"`, `"password"`, 1) },
		"longer than eight": func(s string) string {
			return strings.Replace(s, `"until":"2026-09-18T17`, `"until":"2026-09-18T18`, 1)
		},
		"nobody's":           func(s string) string { return strings.Replace(s, `"anna"`, `""`, 1) },
		"another's":          func(s string) string { return strings.Replace(s, `"anna"`, `"bo"`, 1) },
		"of another passkey": func(s string) string { return strings.Replace(s, `"SHA256:`, `"SHA256:x`, 1) },
		"begun in the future": func(s string) string {
			return strings.Replace(s, `"issued":"2026-09-18T09`, `"issued":"2026-09-18T10`, 1)
		},
		"without a beginning":  func(s string) string { return strings.Replace(s, `"issued":"2026-09-18T09:00:00Z",`, "", 1) },
		"larger than any ours": func(s string) string { return s[:1] + strings.Repeat(" ", 8<<10) + s[1:] },
	} {
		t.Run(name, func(t *testing.T) {
			path, text, in := good()
			if in() != 200 {
				t.Fatal("the session does not count before")
			}
			if change(text) == text {
				t.Fatalf("nothing is changed in %s", text)
			}
			if err := os.WriteFile(path, []byte(change(text)), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := in(); got != 403 {
				t.Error(got)
			}
		})
	}
}

func TestWhereSessionsCannotBeReadNobodyComesIn(t *testing.T) {
	l := openLodge(t, officePage)
	c := l.signIn()
	if err := os.RemoveAll(l.dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(l.dir, nil, 0o600); err != nil { // a file in the folder's place
		t.Fatal(err)
	}
	want(t, l.send(request("GET", "/queue", front, with(c))), 503, "access.sessions")
	want(t, l.send(exchange(l.issue(t, "bo"))), 503, "access.sessions")
}

func FuzzSession(f *testing.F) {
	now := time.Date(2026, 9, 18, 9, 0, 0, 0, time.UTC)
	f.Add([]byte(`{"version":1,"person":"anna","by":"link","issued":"2026-09-18T08:50:00Z","until":"2026-09-18T16:50:00Z"}`), []byte("2026-09-18T08:55:00Z\n"))
	f.Add([]byte(`{}`), []byte(""))
	f.Fuzz(func(t *testing.T, text, used []byte) {
		dir := t.TempDir()
		name := filepath.Join(dir, strings.Repeat("ab", 32))
		if os.WriteFile(name, text, 0o600) != nil || os.WriteFile(name+".used", used, 0o600) != nil {
			t.Fatal("the folder cannot be written")
		}
		open, err := access.Open(access.Folder(dir), now)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range open {
			if s.Person == "" || s.Until.Sub(s.Issued) > access.SessionLife || now.Before(s.Used) || s.Used.Before(now.Add(-access.IdleLife)) || s.By != access.ByLink && s.By != access.ByPasskey {
				t.Fatalf("%+v counts", s)
			}
		}
	})
}
