package pickup

import (
	"context"
	"encoding/json"
	"html"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"counterseal/internal/evidence/declaration"
	"counterseal/internal/evidence/release"
	"counterseal/internal/evidence/timestamp"
	"counterseal/internal/gate"
	"counterseal/internal/problem"
)

const origin = "https://pickup.lindworm.example"

// strictGate says what it was asked, and refuses with what only staff should read.
type strictGate struct{ asked []string }

func (g *strictGate) Invite(_ context.Context, token string) (gate.Invited, error) {
	g.asked = append(g.asked, "invite "+token)
	return gate.Invited{Moment: "m", Box: []byte("box")}, nil
}

func (g *strictGate) PickUp(_ context.Context, token, moment, answer, file string) (io.ReadCloser, int64, error) {
	g.asked = append(g.asked, strings.Join([]string{"pick", token, moment, answer, file}, " "))
	if file != "release.txt" {
		return nil, 0, problem.New(problem.Refused, "gate.stopped", "a stop has reached this gate").At("stop 1234 by dan").Fix("approve it again")
	}
	return io.NopCloser(strings.NewReader("text")), 4, nil
}

func site(t *testing.T) (*strictGate, http.Handler) {
	t.Helper()
	g := &strictGate{}
	p, err := New(Outside{Gate: g, Provider: "Lindworm Mail", Origin: origin, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return g, p.Handler()
}

func ask(h http.Handler, method, path, body string, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, origin+path, strings.NewReader(body))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Origin", origin)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func code(w *httptest.ResponseRecorder) string {
	var f gate.Fault
	_ = json.Unmarshal(w.Body.Bytes(), &f)
	return f.Code
}

func TestThePageAnswersAtItsOwnAddressAndToItsOwnScriptsAlone(t *testing.T) {
	g, h := site(t)
	for name, change := range map[string]func(*http.Request){
		"another host": func(r *http.Request) { r.Host = "gate.lindworm.example" },
		"another port": func(r *http.Request) { r.Host += ":8443" },
		"another page's fetch": func(r *http.Request) {
			r.Header.Set("Origin", "https://evil.example")
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		},
	} {
		if w := ask(h, "POST", "/ask", `{"link":"x"}`, change); code(w) != "pickup.foreign" {
			t.Errorf("%s: %s", name, w.Body)
		}
	}
	for name, x := range map[string]struct {
		body   string
		change func(*http.Request)
	}{
		"a form":            {`link=x`, func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }},
		"plain text":        {`{"link":"x"}`, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }},
		"an unknown member": {`{"link":"x","by":"y"}`, nil},
		"two values":        {`{"link":"x"}{}`, nil},
		"nothing":           {``, nil},
		"too long":          {`{"link":"` + strings.Repeat("x", 5000) + `"}`, nil},
	} {
		for _, path := range []string{"/ask", "/file/release.txt"} {
			if w := ask(h, "POST", path, x.body, x.change); code(w) != "gatehttp.request" && code(w) != "gatehttp.too_large" {
				t.Errorf("%s: %s", name, w.Body)
			}
		}
	}
	for _, path := range []string{"/nowhere", "/static/../page.go", "/static/x", "/fr", "/en/", "/en/key/x", "/file/release.txt", "/ask"} {
		if w := ask(h, "GET", path, "", nil); w.Code == 200 {
			t.Error(path, w.Code)
		}
	}
	if len(g.asked) != 0 {
		t.Error("the gate was asked:", g.asked)
	}
}

func TestEachPageAllowsItsOwnFilesAndTheKeyPageNoConnection(t *testing.T) {
	_, h := site(t)
	static := regexp.MustCompile(`(?:src|href)="(/static/[^"]+)"`)
	for _, l := range languages {
		for _, path := range []string{"/" + l.Code, "/" + l.Code + "/zip", "/" + l.Code + "/key"} {
			w := ask(h, "GET", path, "", nil)
			csp, body := w.Header().Get("Content-Security-Policy"), w.Body.String()
			if w.Code != 200 || !strings.HasPrefix(csp, "default-src 'none'; script-src 'self'; style-src 'self';") || strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "form-action 'none'") {
				t.Error(path, w.Code, csp)
			}
			if connects := strings.Contains(csp, "connect-src"); connects != !strings.HasSuffix(path, "/key") || connects && !strings.HasSuffix(csp, "; connect-src 'self'") {
				t.Error(path, csp)
			}
			if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Referrer-Policy") != "no-referrer" || w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Values("Set-Cookie") != nil {
				t.Error(path, w.Header())
			}
			if strings.Contains(body, "<style") || strings.Contains(body, " style=") || regexp.MustCompile(`<script[^>]*>[^<]|\son[a-z]+=`).MatchString(body) || !strings.Contains(body, "<noscript>") {
				t.Error(path, "holds something inline, or nothing for who has no script")
			}
			for _, m := range static.FindAllStringSubmatch(body, -1) {
				if w := ask(h, "GET", m[1], "", nil); w.Code != 200 || w.Body.Len() == 0 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/") {
					t.Error(path, m[1], w.Code)
				}
			}
		}
	}
}

// The gate gives by a link whatever may lie beside a package; the page asks for all of it.
func TestThePagesOfALinkNameEachFileThatMayLieBesideAPackage(t *testing.T) {
	_, h := site(t)
	for _, l := range languages {
		for _, path := range []string{"/" + l.Code, "/" + l.Code + "/zip"} {
			body := ask(h, "GET", path, "", nil).Body.String()
			for _, want := range []string{
				`data-declaration="` + strings.Join(declaration.Files[:], " ") + `"`, `data-stamp="` + timestamp.File + `"`, `data-late="` + release.LateProofFile + `"`,
				readable(l.Code, "lateOwed"), readable(l.Code, "besideOnly"),
			} {
				if !strings.Contains(body, want) {
					t.Errorf("%s has no %s", path, want)
				}
			}
		}
	}
}

func readable(lang, name string) string {
	return html.EscapeString(must(readWords(lang))[name])
}

func TestTheWordsAreWholeInEachLanguage(t *testing.T) {
	english, err := readWords("en")
	if err != nil || len(english) < 60 {
		t.Fatal(len(english), err)
	}
	for _, l := range languages {
		t.Run(l.Code, func(t *testing.T) {
			w, err := readWords(l.Code)
			if err != nil || len(w) != len(english) {
				t.Fatal(len(w), err)
			}
			holes := regexp.MustCompile(`\{\w+\}`)
			for name, text := range english {
				if strings.TrimSpace(w[name]) == "" || strings.Join(holes.FindAllString(w[name], -1), "") != strings.Join(holes.FindAllString(text, -1), "") {
					t.Errorf("%s: %q", name, w[name])
				}
			}
		})
	}
	// Each code that a script can raise, and each word that it asks for, is there.
	scripts := ""
	for _, name := range must(fs.Glob(static, "static/*.js")) {
		b, err := static.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		scripts += string(b)
	}
	raised := regexp.MustCompile(`(?:Trouble\(|wrong\(|: )"(pickup\.[a-z0-9_]+)"|says\["([a-z.]+)"\]`).FindAllStringSubmatch(scripts, -1)
	if len(raised) < 20 {
		t.Fatal("the scripts' codes were not found")
	}
	shown := said(english)
	for _, m := range raised {
		if shown[m[1]+m[2]] == "" {
			t.Errorf("no words for %q", m[1]+m[2])
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestAnOfficerReadsWhatIsMeantForOfficers(t *testing.T) {
	g, h := site(t)
	w := ask(h, "POST", "/file/package.tar.age", `{"link":"l","moment":"m","answer":"a"}`, nil)
	if w.Code != http.StatusForbidden || code(w) != "gate.stopped" || strings.Contains(w.Body.String(), "dan") || strings.Contains(w.Body.String(), "approve") {
		t.Error(w.Code, w.Body)
	}
	w = ask(h, "POST", "/file/release.txt", `{"link":"l","moment":"m","answer":"a"}`, nil)
	if w.Code != 200 || w.Body.String() != "text" || w.Header().Get("Content-Length") != "4" || w.Header().Get("Content-Disposition") != "attachment" {
		t.Error(w.Code, w.Body, w.Header())
	}
	if w := ask(h, "POST", "/ask", `{"link":"l"}`, nil); w.Code != 200 || w.Body.String() != `{"moment":"m","box":"Ym94"}`+"\n" {
		t.Error(w.Code, w.Body)
	}
	if got := strings.Join(g.asked, "; "); got != "pick l m a package.tar.age; pick l m a release.txt; invite l" {
		t.Error(got)
	}
}

func TestTheReadersLanguageIsTheOneTheyLikeBestOfOurs(t *testing.T) {
	_, h := site(t)
	for accept, want := range map[string]string{
		"": "en", "da": "da", "de-AT,de;q=0.9,en;q=0.8": "de", "fr-FR,it;q=0.5,en;q=0.3": "it", "fr": "en", "en;q=0.2, DA;q=0.7": "da", "it;q=nonsense,de;q=0.1": "de", "it;q=0": "en", ",,;;q=": "en", "de;level=1": "en",
	} {
		w := ask(h, "GET", "/", "", func(r *http.Request) { r.Header.Set("Accept-Language", accept) })
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/"+want {
			t.Errorf("%q leads to %s", accept, w.Header().Get("Location"))
		}
	}
}

func FuzzPreferredIsALanguageOfOurs(f *testing.F) {
	for _, s := range []string{"", "de-AT,de;q=0.9", "*;q=0.5", "it;q=NaN", "da;q=Inf,en", strings.Repeat("x,", 1000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		if got := preferred(accept); got != "en" && got != "de" && got != "da" && got != "it" {
			t.Errorf("%q", got)
		}
	})
}

func TestThePageNeedsAnOrigin(t *testing.T) {
	for _, o := range []string{"", "pickup.example", "http://pickup.example", "https://pickup.example/"} {
		if _, err := New(Outside{Origin: o}); problem.Code(err) != "pickup.origin" {
			t.Errorf("%q: %v", o, err)
		}
	}
}
