package stories_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"counterseal/internal/app"
	"counterseal/internal/cli"
	"counterseal/internal/demo"
)

// house is Nordwind's folder with its doors open.
type house struct {
	*testing.T
	URL     string
	pages   *app.House
	stage   *demo.Stage
	readers map[string]*http.Client
}

// openHouse founds a folder, holds the ceremony and opens the pages; the office's
// standing work runs until the test's end.
func openHouse(t *testing.T) *house {
	t.Helper()
	stage, err := demo.NewStage(t.TempDir(), rand.Reader)
	must(t, err)
	log, closer, err := demo.OpenLog(string(stage.Folder), nil)
	must(t, err)
	t.Cleanup(func() { closer.Close() })
	o, err := app.Open(t.Context(), stage.Folder, app.Options{Log: log})
	must(t, err)
	must(t, demo.Ceremony(t.Context(), stage, o))
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan string, 1), make(chan error, 1)
	h := &house{T: t, pages: app.NewHouse(o), stage: stage, readers: map[string]*http.Client{"": http.DefaultClient}}
	go func() { ended <- h.pages.Serve(ctx, "127.0.0.1:0", func(base string) { ready <- base }) }()
	t.Cleanup(func() {
		stop()
		for _, err := range []error{<-ended, o.Close()} {
			if err != nil {
				t.Errorf("closing the house: %v", err)
			}
		}
	})
	select {
	case h.URL = <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// reader signs somebody in, once.
func (h *house) reader(as string) *http.Client {
	h.Helper()
	if c, in := h.readers[as]; in {
		return c
	}
	token, err := h.pages.Admit(as)
	must(h.T, err)
	jar, err := cookiejar.New(nil)
	must(h.T, err)
	c := &http.Client{Jar: jar}
	r, err := c.PostForm(h.URL+"/enter", url.Values{"token": {token}})
	must(h.T, err)
	r.Body.Close()
	if r.StatusCode != http.StatusOK || r.Request.URL.Path != "/queue" {
		h.Fatalf("%s cannot enter: %s, at %s", as, r.Status, r.Request.URL.Path)
	}
	h.readers[as] = c
	return c
}

// page reads a page as somebody.
func (h *house) page(as, path string) (status int, body string) {
	h.Helper()
	r, err := h.reader(as).Get(h.URL + path)
	must(h.T, err)
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	must(h.T, err)
	return r.StatusCode, string(b)
}

// command runs one command of the program on the folder, in this process.
func (h *house) command(args ...string) (exit int, said string) {
	h.Helper()
	var out bytes.Buffer
	exit = cli.Main(h.Context(), append([]string{"--data", string(h.stage.Folder)}, args...),
		cli.World{In: strings.NewReader(""), Out: &out, Err: &out, Now: time.Now, Random: rand.Reader})
	return exit, out.String()
}

var (
	tags  = regexp.MustCompile(`(?s)<(script|style)\b.*?</(script|style)>|<[^>]*>`)
	space = regexp.MustCompile(`\s+`)
)

// plain is what a person reads of a page or of a letter.
func plain(s string) string {
	return space.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(s, " ")), " ")
}

// play plays stories and asks every show at its row's date.
func (h *house) play(until time.Time, stories ...demo.Story) []*demo.Play {
	h.Helper()
	shows := 0
	plays, err := demo.Tell(h.Context(), h.stage, h.pages.Office, stories, demo.Telling{
		Until: until,
		Tell:  func(s demo.Step) { h.Logf("%s  %s: %s", s.At.Format("2006-01-02 15:04"), s.Who, s.What) },
		After: func(_ context.Context, p *demo.Play, r demo.Row) error {
			if r.Shows == nil {
				h.Errorf("%s, %s: the row shows nothing", p.Story.Name, r.Name)
				return nil
			}
			for _, s := range r.Shows(p) {
				shows++
				h.holds(p.Story.Name+", "+r.Name, s)
			}
			return nil
		},
	})
	must(h.T, err)
	if shows == 0 {
		h.Error("nothing was shown")
	}
	return plays
}

// holds asks one show.
func (h *house) holds(row string, s demo.Show) {
	h.Helper()
	var what, got string
	switch {
	case s.Page != "":
		what = fmt.Sprintf("%s: %s for %q", row, s.Page, s.As)
		status, body := h.page(s.As, s.Page)
		want := http.StatusOK
		if s.Absent {
			want = http.StatusNotFound
		}
		if status != want {
			h.Errorf("%s: %d, want %d", what, status, want)
			return
		}
		got = plain(body)
	case s.File != "":
		what = fmt.Sprintf("%s: %s", row, s.File)
		b, err := os.ReadFile(s.File)
		must(h.T, err)
		got = plain(string(b))
	default:
		what = fmt.Sprintf("%s: counterseal %s", row, strings.Join(s.Command, " "))
		exit, said := h.command(s.Command...)
		if exit != s.Exit {
			h.Errorf("%s: exit %d, want %d: %s", what, exit, s.Exit, said)
			return
		}
		got = plain(said)
	}
	missing := 0
	for _, w := range s.Says {
		if !strings.Contains(got, w) {
			missing++
			h.Errorf("%s does not say %q", what, w)
		}
	}
	if missing > 0 {
		h.Logf("it says:\n%.6000s", got)
	}
	for _, w := range s.Not {
		if strings.Contains(got, w) {
			h.Errorf("%s says %q", what, w)
		}
	}
}
