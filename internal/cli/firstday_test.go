package cli_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

// inbox DIR makes a folder of mail with the three invented demands.
func inbox(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.CopyFS(ts.MkAbs(args[0]), os.DirFS(mails)))
}

var mails, _ = filepath.Abs("testdata/inbox")

// follow NAME [&] runs the block of this name on docs/first-day.md as it stands
// there, but for the numbers, which are different each time, and a day that is to come; with & it goes on
// beside, on a free port. It keeps what was written as stdout.
func follow(ts *testscript.TestScript, _ bool, args []string) {
	page, err := os.ReadFile(filepath.Join(docs, "first-day.md"))
	ts.Check(err)
	m := regexp.MustCompile("(?ms)^```sh " + regexp.QuoteMeta(args[0]) + "\n(.*?)^```$").FindSubmatch(page)
	if m == nil {
		ts.Fatalf("first-day.md has no block %s", args[0])
	}
	text := strings.NewReplacer("k7wq-93", ts.Getenv("FIRST"), "m2fd-34", ts.Getenv("LETTER"), "p9xr-52", ts.Getenv("WARRANT"), "t3rv-81", ts.Getenv("KEEP"), "2026-06-01", "2031-06-01", "g-1f2e3d4c5b", ts.Getenv("GRANT")).Replace(string(m[1]))
	if len(args) == 1 {
		ts.Check(ts.Exec("sh", "-ec", text))
		return
	}
	c := exec.Command("sh", "-ec", "exec "+strings.Replace(text, "counterseal start ", "counterseal start --listen 127.0.0.1:0 ", 1))
	c.Dir = ts.Getenv("WORK")
	for _, name := range []string{"PATH", "COUNTERSEAL_DATA", "COUNTERSEAL_AS", "HOME"} {
		c.Env = append(c.Env, name+"="+ts.Getenv(name))
	}
	ts.Check(c.Start())
	ts.Defer(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		_ = c.Wait()
	})
}

// named VARIABLE PATTERN finds the demand whose document matches and keeps its
// number.
func namedDemand(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile(args[1])
	ask := func(words ...string) string {
		if code := run(ts, words); code != 0 {
			ts.Fatalf("exit code %d\n%s", code, ts.ReadFile("stderr"))
		}
		return ts.ReadFile("stdout")
	}
	var list struct{ Rows []struct{ ID string } }
	ts.Check(json.Unmarshal([]byte(ask("list", "--json")), &list))
	for _, row := range list.Rows {
		if pattern.MatchString(ask("document", row.ID)) {
			ts.Setenv(args[0], row.ID)
			return
		}
	}
	ts.Fatalf("no document matches %s", args[1])
}
