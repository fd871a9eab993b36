package app_test

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"counterseal/internal/app"
	"counterseal/internal/demo"
)

// free is an address of this machine that nobody listens on.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func body(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		return ""
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never:", what)
		}
	}
}

// An office that runs before the first ceremony has its gate, and the gate's pages, once
// the ceremony is over.
func TestAnOfficeThatRanBeforeTheCeremonyTakesItsGateUp(t *testing.T) {
	stage, err := demo.NewStage(t.TempDir(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(stage.Folder.Config())
	if err != nil {
		t.Fatal(err)
	}
	page, pickup := free(t), free(t)
	at := func(listen string) string { return strings.Replace(listen, "127.0.0.1", "http://localhost", 1) }
	pages := "[gate]\npage = \"" + at(page) + "\"\npage_listen = \"" + page + "\"\npickup = \"" + at(pickup) + "\"\npickup_listen = \"" + pickup + "\"\n"
	if err := os.WriteFile(stage.Folder.Config(), []byte(strings.Replace(string(text), "[gate]\n", pages, 1)), 0o600); err != nil {
		t.Fatal(err)
	}

	o, err := app.Open(t.Context(), stage.Folder, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	ctx, end := context.WithCancel(t.Context())
	public, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- app.NewHouse(o).Serve(ctx, "127.0.0.1:0", func(base string) { public <- base + "/" })
	}()
	defer func() {
		end()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	home := <-public
	const alone, none = "A single person can approve here.", "There is no charter yet"
	if o.Desk() != nil || !strings.Contains(body(t, at(page)), none) || body(t, at(pickup)) != "" || !strings.Contains(body(t, home), alone) {
		t.Fatal("before the ceremony there is a gate")
	}

	beside, err := app.Open(t.Context(), stage.Folder, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Ceremony(t.Context(), stage, beside); err != nil {
		t.Fatal(err)
	}
	if err := beside.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the gate", func() bool { return o.Desk() != nil })
	if head, err := o.Desk().CharterHead(t.Context()); err != nil || head.Number != 1 {
		t.Error(head, err)
	}
	eventually(t, "its page", func() bool {
		return strings.Contains(body(t, at(page)), "passkey") && !strings.Contains(body(t, at(page)), none)
	})
	eventually(t, "the officers’ page", func() bool { return strings.Contains(body(t, at(pickup)), "Pick up a package") })
	if strings.Contains(body(t, home), alone) {
		t.Error("the public page still says that one person can approve")
	}
	command, err := app.Open(t.Context(), stage.Folder, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer command.Close()
	if head, err := command.Desk().CharterHead(t.Context()); err != nil || head.Number != 1 {
		t.Error("a command beside it:", head, err)
	}
}

// An office whose file names other gates by then is started again: it opens none of them.
func TestAnOfficeTakesUpTheGatesThatItWasStartedWithAndNoOthers(t *testing.T) {
	stage, err := demo.NewStage(t.TempDir(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	said := &lines{}
	o, err := app.Open(t.Context(), stage.Folder, app.Options{Log: slog.New(slog.NewTextHandler(said, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	ready := make(chan bool)
	go func() { ended <- app.NewHouse(o).Serve(ctx, "127.0.0.1:0", func(string) { close(ready) }) }()
	defer func() {
		end()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	<-ready
	text, err := os.ReadFile(stage.Folder.Config())
	if err != nil {
		t.Fatal(err)
	}
	beside, err := app.Open(t.Context(), stage.Folder, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Ceremony(t.Context(), stage, beside); err != nil {
		t.Fatal(err)
	}
	other := regexp.MustCompile(`(?m)^uplink = .*\n`).ReplaceAllString(string(text), "")
	other = strings.Replace(other, "[gate]\n", "[gate]\nuplink = \"unix:/nowhere/uplink.sock\"\n", 1)
	if err := os.WriteFile(stage.Folder.Config(), []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := beside.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a word in the log", func() bool { return strings.Contains(said.String(), "code=app.other_gates") })
	if o.Desk() != nil {
		t.Error("it took gates up")
	}
	if err := os.WriteFile(stage.Folder.Config(), text, 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the gates, once the file is as it was", func() bool { return o.Desk() != nil })
}

// lines are what a log says, which several write.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
