package app_test

import (
	"os"
	"strings"
	"testing"

	"counterseal/internal/gate/pinned"
	"counterseal/internal/problem"
)

func spare(lines ...string) string {
	return "[ledger.emergency]\n" + strings.Join(lines, "\n") + "\n"
}

func TestWhereWitnessesAreIsReadStrictly(t *testing.T) {
	w := func(name, key, rest string) string {
		return "[[ledger.witness]]\nname = \"" + name + "\"\nkey = \"" + key + "\"\n" + rest + "\n"
	}
	pin := pinned.Pin{1}.String()
	for name, x := range map[string]struct{ lines, where string }{
		"https":                       {w("a", "k1", `address = "https://witness.example/x"`), ""},
		"this machine":                {w("a", "k1", `address = "http://127.0.0.1:8703"`) + w("b", "k2", `address = "unix:/run/w.sock"`), ""},
		"held to a key":               {w("a", "k1", "address = \"tls://w.example:8703\"\npin = \""+pin+"\""), ""},
		"a threshold":                 {"threshold = 2\n" + w("a", "k1", `address = "https://w.example"`), ""},
		"plain to another machine":    {w("a", "k1", `address = "http://witness.example"`), "ledger.witness 1: address"},
		"a password in the address":   {w("a", "k1", `address = "https://u:p@witness.example"`), "ledger.witness 1: address"},
		"no address":                  {w("a", "k1", ""), "ledger.witness 1: address"},
		"no pin":                      {w("a", "k1", `address = "tls://w.example:8703"`), "ledger.witness 1: pin"},
		"a key twice":                 {w("a", "k1", `address = "https://a.example"`) + w("b", "k1", `address = "https://b.example"`), "ledger.witness 2: name"},
		"a gate inside":               {w("a", "k1", `gate = "gate-1"`), "ledger.witness 1: gate"},
		"a gate that is not there":    {w("a", "k1", `gate = "gate-9"`), "ledger.witness 1: gate"},
		"more than there are":         {"threshold = 3\n" + w("a", "k1", `address = "https://w.example"`), "ledger.threshold"},
		"an emergency":                {spare(`witnesses = ["a"]`) + w("a", "k1", `address = "https://a.example"`), ""},
		"an emergency with terms":     {spare(`witnesses = ["a"]`, "threshold = 1", `wait = "1m"`, `late = "1h"`) + w("a", "k1", `address = "https://a.example"`), ""},
		"an emergency of nobody":      {spare("threshold = 1") + w("a", "k1", `address = "https://a.example"`), "ledger.emergency: witnesses"},
		"an emergency of strangers":   {spare(`witnesses = ["b"]`) + w("a", "k1", `address = "https://a.example"`), "ledger.emergency: witnesses"},
		"an emergency twice":          {spare(`witnesses = ["a", "a"]`) + w("a", "k1", `address = "https://a.example"`), "ledger.emergency: witnesses"},
		"an emergency of too many":    {spare(`witnesses = ["a"]`, "threshold = 2") + w("a", "k1", `address = "https://a.example"`), "ledger.emergency: threshold"},
		"an emergency at once":        {spare(`witnesses = ["a"]`, `wait = "0s"`) + w("a", "k1", `address = "https://a.example"`), "ledger.emergency: wait"},
		"an emergency that waits":     {spare(`witnesses = ["a"]`, `wait = "2m"`) + w("a", "k1", `address = "https://a.example"`), "ledger.emergency: wait"},
		"an emergency for ever":       {spare(`witnesses = ["a"]`, `late = "169h"`) + w("a", "k1", `address = "https://a.example"`), "ledger.emergency: late"},
		"an emergency without a time": {spare(`witnesses = ["a"]`, `late = "soon"`) + w("a", "k1", `address = "https://a.example"`), "ledger.emergency: wait"},
		"without its own and nothing": {"not_own = true\n" + w("a", "k1", `address = "https://w.example"`), "ledger.threshold"},
	} {
		t.Run(name, func(t *testing.T) {
			f := founded(t)
			b, err := os.ReadFile(f.Config())
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Replace(string(b), "[notice]\n", x.lines+"[notice]\n", 1)
			if err := os.WriteFile(f.Config(), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err = f.ReadConfig()
			p := problem.Of(err)
			if x.where == "" && err != nil || x.where != "" && (p == nil || p.Code != "app.config" || !strings.HasSuffix(p.Field, x.where)) {
				t.Fatalf("got %v, want %q", err, x.where)
			}
		})
	}
}
