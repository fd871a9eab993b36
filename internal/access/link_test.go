package access_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"counterseal/internal/access"
	"counterseal/internal/problem"
)

// remembered keeps used links in memory.
type remembered struct {
	mu   sync.Mutex
	used map[[16]byte]bool
	err  error
}

func (m *remembered) Used(id [16]byte) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.used[id], m.err
}

func (m *remembered) Use(id [16]byte, _ time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	first := !m.used[id]
	m.used[id] = true
	return first, m.err
}

// both are a house with a door for staff and one for customers.
type both struct {
	house
	links access.SignedLinks
	spent *remembered
	inner *access.Door
}

func openBoth(t *testing.T) *both {
	t.Helper()
	b := &both{house: *open(t), spent: &remembered{used: map[[16]byte]bool{}}}
	b.links = access.SignedLinks{Key: [32]byte{7}, Now: func() time.Time { return b.now }, Random: rand.Reader, Spent: b.spent}
	b.inner = access.New(access.Outside{Now: func() time.Time { return b.now }, Random: rand.Reader, Pages: plain{}, Home: "/customer", Under: "/customer", Links: b.links})
	b.inner.Mount(b.mux)
	b.mux.Handle("GET /customer", b.inner.Require(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("hello " + access.Person(r)))
	})))
	return b
}

func (b *both) signed(t *testing.T, person string) string {
	t.Helper()
	token, err := b.links.Issue(person)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func atCustomer(r *http.Request) { r.URL.Path = "/customer" + r.URL.Path }

func TestASignedLinkWorksOnceAndForADay(t *testing.T) {
	b := openBoth(t)
	token := b.signed(t, "c-sofie")
	for range 2 {
		want(t, b.send(request("GET", "/customer/enter?token="+token)), 200, "confirm c-sofie /customer/enter")
	}
	w := b.send(exchange(token, atCustomer))
	if w.Code != 303 || w.Header().Get("Location") != "/customer" {
		t.Fatal(w.Code, w.Body)
	}
	c := w.Result().Cookies()[0]
	if c.Name == access.Cookie || c.Path != "/customer" {
		t.Errorf("cookie %s at %s", c.Name, c.Path)
	}
	want(t, b.send(request("GET", "/customer", with(c))), 200, "hello c-sofie")
	want(t, b.send(exchange(token, atCustomer)), 403, "access.token")
	late := b.signed(t, "c-sofie")
	b.now = b.now.Add(access.LinkLife)
	want(t, b.send(exchange(late, atCustomer)), 403, "access.token")
}

func TestASessionOfOneDoorDoesNotCountAtTheOther(t *testing.T) {
	b := openBoth(t)
	c := b.send(exchange(b.signed(t, "n.holm"), atCustomer)).Result().Cookies()[0]
	c.Path = "/"
	want(t, b.send(request("GET", "/queue", with(c))), 403, "access.session")
	c.Name = access.Cookie // not under the other door's name either
	want(t, b.send(request("GET", "/queue", with(c))), 403, "access.session")
	want(t, b.send(exchange(b.signed(t, "n.holm"))), 403, "access.token")
}

func TestALinkThatWasChangedOrMadeElsewhereIsRefused(t *testing.T) {
	b := openBoth(t)
	token := b.signed(t, "c-sofie")
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw { // every byte, the last one too
		b.now = b.now.Add(time.Minute)
		changed := append([]byte{}, raw...)
		changed[i] ^= 1
		if _, err := b.links.Look(base64.RawURLEncoding.EncodeToString(changed)); problem.Code(err) != "access.token" {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
	other := b.links
	other.Key[31] ^= 1
	elsewhere, err := other.Issue("c-sofie")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{elsewhere, "", token + "A", strings.ToLower(token), token + "=", token + "\n", token[:9] + "\r\n" + token[9:], strings.Repeat("A", 1000)} {
		if _, err := b.links.Spend(bad); problem.Code(err) != "access.token" {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	b.now = b.now.Add(-30 * 24 * time.Hour) // a clock that jumped back does not lengthen it
	if _, err := b.links.Look(token); problem.Code(err) != "access.token" {
		t.Error("a link from the future works")
	}
}

func TestWhatCannotRememberUsedLinksLetsNobodyIn(t *testing.T) {
	b := openBoth(t)
	token := b.signed(t, "c-sofie")
	b.spent.err = problem.New(problem.Unavailable, "access.links", "no disk")
	want(t, b.send(exchange(token, atCustomer)), 503, "access.links")
	if _, err := b.links.Issue(strings.Repeat("x", 65)); problem.Code(err) != "access.person" {
		t.Error(err)
	}
}

func FuzzSignedLink(f *testing.F) {
	now := time.Date(2026, 9, 18, 9, 0, 0, 0, time.UTC)
	// The fuzzer works in several processes: each must issue the same good link.
	links := access.SignedLinks{Key: [32]byte{7}, Now: func() time.Time { return now }, Random: bytes.NewReader(bytes.Repeat([]byte{9}, 64)), Spent: &remembered{used: map[[16]byte]bool{}}}
	good, err := links.Issue("c-sofie")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		person, err := links.Look(token)
		if (err == nil) != (token == good) || (err == nil && person != "c-sofie") {
			t.Fatalf("%q opens for %q", token, person)
		}
	})
}
