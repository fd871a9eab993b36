package browser_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"counterseal/internal/gate/sourcetest/servers"
)

// other is a browser that is not Chromium. Officers have the one that they have.
type other struct {
	t      *testing.T
	name   string
	folder string // where it saves; "" where it is not told

	choices int // files chosen
	call    func(command, path string, body map[string]any) (json.RawMessage, error)
}

// others starts each. Chromium's own protocol drives neither: Firefox is told by
// Marionette, WebKit by WebDriver.
var others = map[string]func(*testing.T) *other{"firefox": firefox, "webkit": webkit}

// begin starts a program that ends with the test.
func begin(t *testing.T, home string, more []string, argv ...string) {
	t.Helper()
	ctx, end := context.WithCancel(context.Background())
	c := exec.CommandContext(ctx, argv[0], argv[1:]...)
	c.Env = append(os.Environ(), append([]string{"HOME=" + home, "XDG_RUNTIME_DIR=" + home}, more...)...)
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		end()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		end()
		_ = c.Wait()
		if t.Failed() {
			t.Logf("%s: %.2000s", filepath.Base(argv[0]), said.String())
		}
	})
}

// sooner tries for half a minute.
func sooner[T any](t *testing.T, try func() (T, error)) T {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		v, err := try()
		if err == nil {
			return v
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

// firefox is told by Marionette: a length, a colon, and [0, id, command, parameters].
func firefox(t *testing.T) *other {
	path := servers.Installed(t, "firefox-esr", "apt-get install firefox-esr")
	profile, folder := filepath.Join(t.TempDir(), "profile"), t.TempDir()
	prefs := `user_pref("marionette.port", 0); user_pref("app.update.enabled", false); user_pref("datareporting.policy.dataSubmissionEnabled", false); user_pref("toolkit.telemetry.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false); user_pref("network.captive-portal-service.enabled", false); user_pref("network.connectivity-service.enabled", false);
user_pref("network.proxy.type", 1); user_pref("network.proxy.http", "127.0.0.1"); user_pref("network.proxy.http_port", 9); user_pref("network.proxy.ssl", "127.0.0.1"); user_pref("network.proxy.ssl_port", 9);
user_pref("network.proxy.no_proxies_on", "localhost,127.0.0.1"); user_pref("security.webauth.webauthn_enable_softtoken", true); user_pref("security.webauth.webauthn_enable_usbtoken", false); user_pref("browser.download.folderList", 2); user_pref("browser.download.dir", "` + folder + `");`
	if err := errors.Join(os.MkdirAll(profile, 0o700), os.WriteFile(filepath.Join(profile, "user.js"), []byte(prefs), 0o600)); err != nil {
		t.Fatal(err)
	}
	begin(t, t.TempDir(), []string{"MOZ_HEADLESS=1"}, path, "-marionette", "-no-remote", "-profile", profile)
	conn := sooner(t, func() (net.Conn, error) {
		port, err := os.ReadFile(filepath.Join(profile, "MarionetteActivePort"))
		if err != nil {
			return nil, err
		}
		return net.Dial("tcp", "127.0.0.1:"+strings.TrimSpace(string(port)))
	})
	t.Cleanup(func() { conn.Close() })
	r, n := bufio.NewReader(conn), 0
	heard := func() ([]byte, error) {
		text, err := r.ReadString(':')
		if err != nil {
			return nil, err
		}
		size, err := strconv.Atoi(strings.TrimSuffix(text, ":"))
		if err != nil {
			return nil, err
		}
		b := make([]byte, size)
		_, err = io.ReadFull(r, b)
		return b, err
	}
	must(heard()) // who it is
	o := &other{t: t, name: "firefox", folder: folder, call: func(command, _ string, body map[string]any) (json.RawMessage, error) {
		if !strings.Contains(command, ":") {
			command = "WebDriver:" + command
		}
		n++
		b := must(json.Marshal([]any{0, n, command, body}))
		if _, err := fmt.Fprintf(conn, "%d:%s", len(b), b); err != nil {
			return nil, err
		}
		b, err := heard()
		if err != nil {
			return nil, err
		}
		var answer [4]json.RawMessage
		if err := json.Unmarshal(b, &answer); err != nil {
			return nil, err
		}
		if string(answer[2]) != "null" {
			return nil, fmt.Errorf("%s: %.500s", command, answer[2])
		}
		var in struct{ Value json.RawMessage }
		if json.Unmarshal(answer[3], &in) == nil && in.Value != nil {
			return in.Value, nil
		}
		return answer[3], nil
	}}
	must(o.call("NewSession", "", map[string]any{}))
	return o
}

// webkit is told by WebDriver (W3C), in WebKit's own small browser, on a screen of its own.
func webkit(t *testing.T) *other {
	driver, screen := servers.Installed(t, "WebKitWebDriver", "apt-get install webkit2gtk-driver"), servers.Installed(t, "Xvfb", "apt-get install xvfb")
	found, err := filepath.Glob("/usr/lib/*/webkit2gtk-4.*/MiniBrowser")
	if err != nil || len(found) == 0 { // the driver's package depends on it
		t.Fatal("WebKit's browser is not where Debian has it")
	}
	home := t.TempDir()
	shown, err := os.CreateTemp(home, "display")
	if err != nil {
		t.Fatal(err)
	}
	begin(t, home, nil, "sh", "-c", `exec "$0" -displayfd 3 -nolisten tcp -screen 0 1400x1000x24 3>"$1"`, screen, shown.Name())
	display := sooner(t, func() (string, error) {
		b, err := os.ReadFile(shown.Name())
		if err == nil && !bytes.HasSuffix(b, []byte("\n")) {
			err = errors.New("no screen")
		}
		return ":" + strings.TrimSpace(string(b)), err
	})
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	l.Close()
	begin(t, home, []string{"DISPLAY=" + display, "GDK_BACKEND=x11", "LIBGL_ALWAYS_SOFTWARE=1", "WEBKIT_DISABLE_COMPOSITING_MODE=1", "NO_AT_BRIDGE=1"}, driver, "--port="+port)
	at := "http://127.0.0.1:" + port + "/session"
	o := &other{t: t, name: "webkit", call: func(_, path string, body map[string]any) (json.RawMessage, error) {
		how, in := http.MethodPost, io.Reader(bytes.NewReader(must(json.Marshal(body))))
		if body == nil {
			how, in = http.MethodGet, nil
		}
		q, err := http.NewRequest(how, at+path, in)
		if err != nil {
			return nil, err
		}
		res, err := http.DefaultClient.Do(q)
		if err != nil {
			return nil, err
		}
		defer res.Body.Close()
		var out struct{ Value json.RawMessage }
		err = json.NewDecoder(res.Body).Decode(&out)
		if err == nil && res.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %.500s", path, out.Value)
		}
		return out.Value, err
	}}
	begun := sooner(t, func() (json.RawMessage, error) {
		return o.call("", "", map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{"webkitgtk:browserOptions": map[string]any{"binary": found[0], "args": []string{"--automation"}}}}})
	})
	var session struct{ SessionID string }
	if err := json.Unmarshal(begun, &session); err != nil {
		t.Fatal(err)
	}
	at += "/" + session.SessionID
	must(o.call("", "/timeouts", map[string]any{"script": 240_000}))
	t.Cleanup(func() {
		if q, err := http.NewRequest(http.MethodDelete, at, nil); err == nil {
			if res, err := http.DefaultClient.Do(q); err == nil {
				res.Body.Close()
			}
		}
	})
	return o
}

func (o *other) visit(url string) {
	o.t.Helper()
	must(o.call("Navigate", "/url", map[string]any{"url": "about:blank"}))
	must(o.call("Navigate", "/url", map[string]any{"url": url}))
}

func (o *other) open(url string) {
	o.t.Helper()
	o.visit(url)
	o.wait(`document.documentElement.dataset.ready === "yes"`)
}

// eval gives what an expression, or the promise that it is, comes to.
func (o *other) eval(js string, into any) {
	o.t.Helper()
	script := `const done = arguments[arguments.length - 1]; Promise.resolve().then(async () => (` + js + `)).then((v) => done({ v }), (e) => done({ e: String(e) }));`
	b, err := o.call("ExecuteAsyncScript", "/execute/async", map[string]any{"script": script, "args": []any{}})
	if err != nil {
		o.t.Fatal(err)
	}
	var out struct {
		V json.RawMessage
		E string
	}
	if err := json.Unmarshal(b, &out); err != nil || out.E != "" {
		o.t.Fatalf("%s: %v %s", js, err, out.E)
	}
	if err := json.Unmarshal(out.V, into); err != nil {
		o.t.Fatalf("%s: %v", js, err)
	}
}

func (o *other) text(js string) (s string) { o.t.Helper(); o.eval(js, &s); return s }
func (o *other) is(js string) (b bool)     { o.t.Helper(); o.eval("!!("+js+")", &b); return b }

func (o *other) wait(js string) {
	o.t.Helper()
	for end := time.Now().Add(2 * time.Minute); !o.is(js); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			o.t.Fatalf("never: %s; the page says %q", js, o.text("document.body.innerText"))
		}
	}
}

// element finds one, as WebDriver names it.
func (o *other) element(css string) string {
	o.t.Helper()
	b := must(o.call("FindElement", "/element", map[string]any{"using": "css selector", "value": css}))
	var in map[string]string
	if err := json.Unmarshal(b, &in); err != nil {
		o.t.Fatalf("%s: %s", b, err)
	}
	for _, id := range in {
		return id
	}
	o.t.Fatalf("no element %s", css)
	return ""
}

func (o *other) choose(css, file string) {
	o.t.Helper()
	id := o.element(css)
	must(o.call("ElementSendKeys", "/element/"+id+"/value", map[string]any{"id": id, "text": file}))
}

func (o *other) fill(css, text string) { o.choose(css, text) }

func (o *other) click(css string) {
	o.t.Helper()
	id := o.element(css)
	must(o.call("ElementClick", "/element/"+id+"/click", map[string]any{"id": id}))
}

// looks holds the page, at a width, to what every page keeps to.
func (o *other) looks(name string, width, height int) {
	o.t.Helper()
	rect := map[string]any{"width": width, "height": height}
	must(o.call("SetWindowRect", "/window/rect", rect))
	var found struct{ Wrong []string }
	o.eval(look, &found)
	for _, w := range found.Wrong {
		o.t.Errorf("%s, %d wide: %s", name, width, w)
	}
	o.shoot(fmt.Sprintf("%s-%d", name, width))
}

func (o *other) shoot(name string) {
	o.t.Helper()
	if os.Getenv("COUNTERSEAL_SHOTS") == "" {
		return
	}
	b := must(o.call("TakeScreenshot", "/screenshot", nil))
	var png string
	if err := json.Unmarshal(b, &png); err != nil {
		o.t.Fatal(err)
	}
	save(o.t, name+"-"+o.name, must(base64.StdEncoding.DecodeString(png)))
}
