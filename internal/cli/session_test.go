package cli_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// comes-in FILE PERSON COOKIE spends the link of a person that serve wrote to FILE, and
// keeps the session in COOKIE.
func comesIn(ts *testscript.TestScript, _ bool, args []string) {
	link := must(ts, served(ts, args[0]).Links[args[1]])
	r, err := http.NewRequest(http.MethodPost, link.Scheme+"://"+link.Host+link.Path, strings.NewReader(url.Values{"token": {link.Query().Get("token")}}.Encode()))
	ts.Check(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultTransport.RoundTrip(r)
	ts.Check(err)
	answer.Body.Close()
	if answer.StatusCode != http.StatusSeeOther || len(answer.Cookies()) != 1 {
		ts.Fatalf("the link gives %s", answer.Status)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(answer.Cookies()[0].String()), 0o600))
}

// queue FILE COOKIE STATUS asks the program that wrote FILE for the queue, in the
// session of COOKIE.
func queueAnswers(ts *testscript.TestScript, _ bool, args []string) {
	r, err := http.NewRequest(http.MethodGet, served(ts, args[0]).Public+"queue", nil)
	ts.Check(err)
	cookie, err := http.ParseSetCookie(ts.ReadFile(args[1]))
	ts.Check(err)
	r.AddCookie(cookie)
	answer, err := http.DefaultTransport.RoundTrip(r)
	ts.Check(err)
	answer.Body.Close()
	if strconv.Itoa(answer.StatusCode) != args[2] {
		ts.Fatalf("the queue answers %s, want %s", answer.Status, args[2])
	}
}

type serving struct {
	Public string            `json:"public"`
	Links  map[string]string `json:"links"`
}

// served waits for what serve writes when it is ready.
func served(ts *testscript.TestScript, file string) serving {
	var out serving
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		text, err := os.ReadFile(ts.MkAbs(file))
		if err == nil && json.Unmarshal(text, &out) == nil {
			return out
		}
		if time.Now().After(end) {
			ts.Fatalf("%s says nothing: %v", file, err)
		}
	}
}

func must(ts *testscript.TestScript, link string) *url.URL {
	u, err := url.Parse(link)
	ts.Check(err)
	if u.Host == "" {
		ts.Fatalf("there is no such link")
	}
	return u
}
