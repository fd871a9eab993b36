package command_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"counterseal/internal/estate"
	"counterseal/internal/estate/command"
	"counterseal/internal/estate/estatetest"
	"counterseal/internal/problem"
)

// program is a medium: a shell that prints a file.
type program string

func (p program) Set(t *testing.T, rows []estatetest.Row) {
	var b strings.Builder
	for _, r := range rows {
		fields := maps.Clone(r.Fields)
		fields["row"] = r.Table
		line, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	fmt.Fprintf(&b, "{\"row\":\"end\",\"rows\":%d}\n", len(rows))
	if err := os.WriteFile(string(p), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (p program) Break(t *testing.T) {
	if err := os.Remove(string(p)); err != nil {
		t.Fatal(err)
	}
}

func (p program) Source(*testing.T) estate.Source {
	return command.Source{Argv: []string{"/bin/cat", string(p)}}
}

func TestACommandIsASource(t *testing.T) {
	estatetest.Run(t, func(t *testing.T) estatetest.Medium { return program(filepath.Join(t.TempDir(), "map.jsonl")) })
}

func TestACommandIsBoundedAndItsFailureIsNoMap(t *testing.T) {
	const row = `{"row":"region","id":"dub","country":"IE","city":"Dublin"}`
	sh := func(script string) command.Source {
		return command.Source{Argv: []string{"/bin/sh", "-c", script}, Time: 500 * time.Millisecond}
	}
	for name, c := range map[string]struct {
		source command.Source
		code   string
	}{
		"nothing to run":                {command.Source{}, "estate.command"},
		"no such program":               {command.Source{Argv: []string{"/nowhere/at/all"}}, "estate.command"},
		"it fails after a whole map":    {sh(`echo '{"row":"end","rows":0}'; echo "password is hunter2" >&2; exit 3`), "estate.command"},
		"it hangs":                      {sh(`exec sleep 60`), "estate.command"},
		"what it started hangs":         {sh(`sleep 60 & echo '` + row + `'; wait`), "estate.command"},
		"it breaks off":                 {sh(`echo '` + row + `'`), "estate.lines"},
		"it never ends a line":          {sh(`exec tr '\0' x < /dev/zero`), "estate.lines"},
		"it has no environment of ours": {sh(`[ -n "$HOME$USER$COUNTERSEAL_AS" ] || exit 4`), "estate.lines"},
	} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			_, err := c.source.Read(t.Context())
			if name == "it has no environment of ours" {
				if p := problem.Of(err); p == nil || !strings.Contains(fmt.Sprint(p.Unwrap()), "exit status 4") {
					t.Fatalf("got %v: %v", err, p.Unwrap())
				}
				return
			}
			if problem.Code(err) != c.code || strings.Contains(err.Error(), "hunter2") {
				t.Fatalf("got %v", err)
			}
			if d := time.Since(begin); d > 5*time.Second {
				t.Fatalf("it took %s", d)
			}
		})
	}
}

func TestALineIsOneFlatObjectWithEachFieldOnce(t *testing.T) {
	for name, text := range map[string]string{
		"a field twice":               `{"row":"region","id":"dub","id":"fra","country":"IE","city":"Dublin"}`,
		"a field twice, escaped":      `{"row":"region","id":"dub","\u0069d":"fra","country":"IE","city":"Dublin"}`,
		"a field in another case":     `{"row":"region","ID":"dub","country":"IE","city":"Dublin"}`,
		"an object inside":            `{"row":"region","id":{"x":1}}`,
		"a list inside a list":        `{"row":"entity","controls":[["dub"]]}`,
		"a truth":                     `{"row":"region","id":true}`,
		"a fraction":                  `{"row":"session","first_port":1.5}`,
		"a number beyond all":         `{"row":"session","first_port":99999999999999999999}`,
		"no row":                      `{"id":"dub"}`,
		"a row that is a number":      `{"row":1}`,
		"two objects":                 `{"row":"region","id":"dub","country":"IE","city":"Dublin"} {}`,
		"a list":                      `[]`,
		"an empty line":               ``,
		"bytes that are no text":      "{\"row\":\"region\",\"id\":\"\xff\"}",
		"no such table":               `{"row":"regions","id":"dub"}`,
		"broken off":                  `{"row":"region","id":"dub`,
		"a line that is far too long": `{"row":"region","id":"` + strings.Repeat("x", command.MaxLine) + `"}`,
		"a long field":                `{"row":"region","id":"` + strings.Repeat("x", 5000) + `"}`,
	} {
		if _, err := command.Lines(strings.NewReader(text + "\n{\"row\":\"end\",\"rows\":1}\n")); problem.Of(err) == nil || problem.Of(err).Kind != problem.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	const good = `{"row":"region","id":"dub","country":"IE","city":"Dublin"}` + "\n"
	for name, end := range map[string]string{
		"no end":               "",
		"an end that is short": `{"row":"end","rows":0}`,
		"an end with words":    `{"row":"end","rows":"1"}`,
		"an end with more":     `{"row":"end","rows":1,"x":"y"}`,
		"more after the end":   `{"row":"end","rows":1}` + "\n" + good,
	} {
		if _, err := command.Lines(strings.NewReader(good + end)); problem.Code(err) != "estate.lines" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzLines(f *testing.F) {
	f.Add([]byte(`{"row":"region","id":"dub","country":"IE","city":"Dublin"}` + "\n" + `{"row":"end","rows":1}` + "\n"))
	f.Add([]byte(`{"row":"account","services":["mail"],"id":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := command.Lines(strings.NewReader(string(text)))
		if err != nil && problem.Of(err).Kind != problem.Invalid {
			t.Fatal(err)
		}
	})
}
