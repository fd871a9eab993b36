package app

import (
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"counterseal/internal/gate"
	"counterseal/internal/gate/source"
	"counterseal/internal/problem"
	"counterseal/internal/strict"
)

// example gives the block of docs/operations.md with this name.
func example(t *testing.T, name string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(page), "```toml "+name+"\n")
	text, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatalf("no example %s", name)
	}
	return text
}

func openStores(t *testing.T, text string) ([]source.Source, error) {
	t.Helper()
	var c GateConfig
	err := strict.TOML("gate.toml", []byte(text), 1<<20, "app.config", &c)
	if err != nil {
		return nil, err
	}
	return c.Stores.open(&atomic.Pointer[gate.Gate]{})
}

func TestTheExampleOfStoresConnectsThemAndEachIsMissedWhenItIsNotThere(t *testing.T) {
	text := example(t, "stores.toml")
	sources, err := openStores(t, text)
	if err != nil || len(sources) != 12 {
		t.Fatalf("%d stores, %v", len(sources), err)
	}
	for _, s := range sources {
		p, ok := s.(source.Prober)
		if !ok {
			t.Fatalf("%s cannot be looked at", s.Service())
		}
		if err := p.Probe(t.Context()); problem.Code(err) != "source.unreadable" && problem.Code(err) != "source.secret" {
			t.Errorf("%s: %v", p.Store(), err)
		}
	}
	for name, c := range map[string]struct{ old, new, code string }{
		"an unknown key":          {`store = "pbx"`, `shop = "pbx"`, "app.config"},
		"a field of no statute":   {`field = "name"`, `field = "password"`, "source.config"},
		"log-ins as subscriber's": {`category = "identification"`, `category = "subscriber"`, "source.config"},
		"two separators":          {`separator = ";"`, `separator = ";;"`, "source.config"},
		"a Maildir with a header": {`folder = "{account}/Maildir"`, `header = "Delivered-To"`, "source.config"},
		"an IMAP far, no TLS":     {`tls = "starttls"`, `tls = "none"`, "source.config"},
		"a bucket with a root":    {`bucket = "homes"`, `root = "/srv"`, "source.config"},
		"a form of no files":      {`form = "webdav"`, `form = "ftp"`, "source.config"},
		"a service that is none":  {`service = "mail"`, `service = "tickets"`, "source.config"},
		"an archive in a file":    {`database = "sqlite"`, `database = "csv"`, "source.config"},
		"a form of no mail":       {`form = "maildir"`, `form = "mbx"`, "source.config"},
		"no patience":             {`patience = "2m"`, `patience = "-2m"`, "source.config"},
		"a folder without mark":   {`{account}/files`, `files`, "source.config"},
		"a file outside":          {`"messages.jsonl"`, `"../messages.jsonl"`, "source.config"},
	} {
		bad := strings.Replace(text, c.old, c.new, 1)
		if bad == text {
			t.Fatalf("%s: the example has no %s", name, c.old)
		}
		if _, err := openStores(t, bad); problem.Code(err) != c.code || problem.Of(err).Field == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
