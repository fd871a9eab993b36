package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"counterseal/internal/problem"
)

const house = `provider = "Nordwind Cloud Inc."
[ledger]
tick = "15s"
batch = "24h"
[gate]
address = "inside"
id = "gate-1"
region = "iad"
[estate]
`

const printed = `{"row":"customer","id":"c-1","name":"Ada Falk","country":"DK","language":"da","zone":"Europe/Copenhagen"}
{"row":"account","id":"ac-falk","customer":"c-1","region":"dub","services":["mail"]}
{"row":"place","account":"ac-falk","service":"records","region":"iad"}
{"row":"end","rows":3}
`

func houseWith(t *testing.T, section string) Folder {
	f := Folder(t.TempDir())
	write(t, f.Config(), house+section)
	return f
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTheMapComesFromWhereTheConfigurationSays(t *testing.T) {
	lines := filepath.Join(t.TempDir(), "map.jsonl")
	write(t, lines, printed)
	e, err := houseWith(t, fmt.Sprintf("command = ['/bin/cat', %q]\ntimeout = '10s'\n", lines)).readEstate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if region, _ := e.RegionOf("ac-falk", "records"); region != "iad" || regionsOf(e, "ac-falk") != "iad, dub" {
		t.Errorf("records lie in %q, all in %q", region, regionsOf(e, "ac-falk"))
	}
	write(t, lines, strings.Replace(printed, `"rows":3`, `"rows":4`, 1))
	if _, err := houseWith(t, fmt.Sprintf("command = ['/bin/cat', %q]\n", lines)).readEstate(t.Context()); problem.Code(err) != "estate.lines" {
		t.Errorf("got %v", err)
	}
	if _, err := houseWith(t, "database = '/nowhere/crm.db'\n[[estate.query]]\ntable = 'region'\nsql = 'SELECT 1'\n").readEstate(t.Context()); problem.Code(err) != "estate.unavailable" {
		t.Errorf("got %v", err)
	}
	f := houseWith(t, "")
	write(t, f.Estate(), "[[account]]\nid = 'x'\n")
	if _, err := f.readEstate(t.Context()); problem.Code(err) != "estate.account" || problem.Of(err).Field != "estate.toml: account 1" {
		t.Errorf("got %v", err)
	}
}

func TestAConfigurationOfTheMapThatDoesNotHoldTogetherIsRefused(t *testing.T) {
	for name, section := range map[string]string{
		"two places":              "database = 'x'\ncommand = ['y']\n[[estate.query]]\ntable='region'\nsql='SELECT 1'\n",
		"a database and no query": "database = 'x'\n",
		"a query and no database": "[[estate.query]]\ntable='region'\nsql='SELECT 1'\n",
		"no time at all":          "timeout = '0s'\n",
		"a restless reload":       "reload = '1s'\n",
	} {
		if _, err := houseWith(t, section).ReadConfig(); problem.Code(err) != "app.config" || !strings.Contains(problem.Of(err).Field, "estate") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
