package grant_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"
	"pgregory.net/rapid"

	"counterseal/internal/grant"
	"counterseal/internal/scope"
)

func seed(f *testing.F, name string) {
	b, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("counterseal-" + name + "-v1\n"))
}

// again fails unless a text that was read is written as the same bytes.
func again(t *testing.T, text []byte, err error, encode func() ([]byte, error)) {
	t.Helper()
	if err != nil {
		return
	}
	b, err := encode()
	if err != nil || !bytes.Equal(b, text) {
		t.Fatalf("read, and written as something else: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	seed(f, "grant")
	seed(f, "grant-zip")
	f.Fuzz(func(t *testing.T, b []byte) { g, err := grant.Parse(b); again(t, b, err, g.Bytes) })
}

func FuzzParseHandGrant(f *testing.F) {
	seed(f, "grant-by-hand")
	seed(f, "grant-emergency")
	f.Fuzz(func(t *testing.T, b []byte) { g, err := grant.Parse(b); again(t, b, err, g.Bytes) })
}

func FuzzParseKeepGrant(f *testing.F) {
	seed(f, "grant-keep")
	seed(f, "grant-keep-longer")
	seed(f, "grant-from-copy")
	seed(f, "grant-preview")
	f.Fuzz(func(t *testing.T, b []byte) { g, err := grant.Parse(b); again(t, b, err, g.Bytes) })
}

func FuzzParseKept(f *testing.F) {
	seed(f, "copy")
	f.Fuzz(func(t *testing.T, b []byte) { k, err := grant.ParseKept(b); again(t, b, err, k.Bytes) })
}

func FuzzParseIncident(f *testing.F) {
	seed(f, "incident")
	seed(f, "incident-quashed")
	f.Fuzz(func(t *testing.T, b []byte) { i, err := grant.ParseIncident(b); again(t, b, err, i.Bytes) })
}

func FuzzParseListRead(f *testing.F) {
	seed(f, "incident-read")
	f.Fuzz(func(t *testing.T, b []byte) { r, err := grant.ParseListRead(b); again(t, b, err, r.Bytes) })
}

func FuzzParseTelling(f *testing.F) {
	seed(f, "passphrase")
	f.Fuzz(func(t *testing.T, b []byte) { x, err := grant.ParseTelling(b); again(t, b, err, x.Bytes) })
}

func FuzzParseReached(f *testing.F) {
	seed(f, "passphrase-reached")
	f.Fuzz(func(t *testing.T, b []byte) { x, err := grant.ParseReached(b); again(t, b, err, x.Bytes) })
}

func FuzzParseExport(f *testing.F) {
	seed(f, "export")
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := grant.ParseExport(b)
		again(t, b, err, e.Bytes)
		if err != nil {
			return
		}
		for _, file := range e.Files {
			if !filepath.IsLocal(file.Name) || grant.ExportName(file.Name) != nil {
				t.Fatalf("a name leads elsewhere: %q", file.Name)
			}
		}
	})
}

func FuzzParseCall(f *testing.F) {
	seed(f, "call")
	f.Fuzz(func(t *testing.T, b []byte) { c, err := grant.ParseCall(b); again(t, b, err, c.Bytes) })
}

func FuzzParseStop(f *testing.F) {
	seed(f, "stop")
	f.Fuzz(func(t *testing.T, b []byte) { s, err := grant.ParseStop(b); again(t, b, err, s.Bytes) })
}

func FuzzParseInForce(f *testing.F) {
	seed(f, "inforce")
	f.Fuzz(func(t *testing.T, b []byte) { w, err := grant.ParseInForce(b); again(t, b, err, w.Bytes) })
}

func FuzzParseStatement(f *testing.F) {
	seed(f, "charter")
	seed(f, "charter-zip")
	f.Fuzz(func(t *testing.T, b []byte) { s, err := grant.ParseStatement(b); again(t, b, err, s.Bytes) })
}

func FuzzParseReach(f *testing.F) {
	for _, s := range []string{"everything", "demand k7wq-93", "grant g-1", "account acct-a1", "demand K7WQ-93", "grant ", "copy 00", "copy 7d1a54127b222502f5b79b5fb0803061152a44f92b37e23c6527baf665d4da9a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := grant.ParseReach(s)
		if err == nil && r.String() != s {
			t.Fatalf("%q is read as %q", s, r)
		}
	})
}

var (
	names    = rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?`)
	accounts = rapid.StringMatching(`[a-z]{3}-[a-z0-9]{1,8}`)
	free     = rapid.StringMatching(`[A-Za-z0-9:äß%=+] ?[ -~äß]{0,30}[A-Za-z0-9äß]`)
	instants = rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, "second"), 0).UTC()
	})
	digests = rapid.Custom(func(t *rapid.T) (d grant.Digest) {
		copy(d[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "digest"))
		return d
	})
	scopes = rapid.Custom(func(t *rapid.T) scope.Scope {
		return scopeOf(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) scope.Selector {
			s := selector(scope.AccountID(accounts.Draw(t, "account")))
			s.Service, s.Category = rapid.SampledFrom(scope.Services).Draw(t, "service"), rapid.SampledFrom(scope.Categories).Draw(t, "category")
			s.Items = rapid.SliceOfN(names, 0, 3).Draw(t, "items")
			return s
		}), 1, 5).Draw(t, "selectors")...)
	})
)

func list[T any](t *rapid.T, name string, g *rapid.Generator[T]) []T {
	l := rapid.SliceOfN(g, 0, 4).Draw(t, name)
	if len(l) == 0 {
		return nil
	}
	return l
}

// Either a value has no text, or its text says exactly this value.
func TestATextSaysWhatWasWritten(t *testing.T) {
	t.Run("grant", rapid.MakeCheck(func(t *rapid.T) {
		export := grant.ExportFacts{}
		production := rapid.SampledFrom(append([]grant.Production{""}, grant.Productions...)).Draw(t, "production")
		if production != "" && rapid.Bool().Draw(t, "by hand") {
			export = grant.ExportFacts{Manifest: digests.Filter(func(d grant.Digest) bool { return d != grant.Digest{} }).Draw(t, "export"), Files: rapid.Int64Range(1, 1e4).Draw(t, "files"),
				Bytes: rapid.Int64Min(0).Draw(t, "bytes"), Collector: names.Draw(t, "collector"), From: free.Draw(t, "from"), How: free.Draw(t, "how"), At: instants.Draw(t, "at")}
		}
		g := grant.Grant{Production: production, Export: export, ID: names.Draw(t, "id"), Provider: free.Draw(t, "provider"), Demand: names.Draw(t, "demand"), Received: digests.Draw(t, "received"), Order: free.Draw(t, "order"),
			OrderDigest: digests.Draw(t, "order digest"), Requester: free.Draw(t, "requester"),
			Targets: list(t, "targets", rapid.Custom(func(t *rapid.T) grant.Target {
				return grant.Target{Kind: names.Draw(t, "kind"), Stated: free.Draw(t, "stated"), Account: scope.AccountID(accounts.Draw(t, "account"))}
			})),
			Compelled: scopes.Draw(t, "compelled"), Scope: scopes.Draw(t, "scope"), Recipient: free.Draw(t, "recipient"), Language: "en", Region: names.Draw(t, "region"), Gate: names.Draw(t, "gate"),
			Drafter: free.Draw(t, "drafter"), Charter: digests.Draw(t, "charter"), ByteCap: rapid.Int64Min(0).Draw(t, "cap"), Stops: list(t, "stops", digests), Issued: instants.Draw(t, "issued"), Expires: instants.Draw(t, "expires")}
		copy(g.Nonce[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "nonce"))
		if production != "" && rapid.Bool().Draw(t, "called") {
			g.Caller, g.Call, g.Emergency = names.Draw(t, "caller"), digests.Filter(func(d grant.Digest) bool { return d != grant.Digest{} }).Draw(t, "call"), rapid.Bool().Draw(t, "emergency")
		}
		text, err := g.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		back, err := grant.Parse(text)
		if err != nil || !cmp.Equal(g, back, compared) {
			t.Fatalf("%v\n%s\n%s", err, cmp.Diff(g, back, compared), text)
		}
	}))
	t.Run("statement", rapid.MakeCheck(func(t *rapid.T) {
		st := sampleStatement()
		st.Provider, st.Number, st.At, st.Previous = free.Draw(t, "provider"), rapid.IntRange(1, 1<<40).Draw(t, "number"), instants.Draw(t, "at"), digests.Draw(t, "previous")
		st.Roster = list(t, "roster", rapid.Custom(func(t *rapid.T) grant.Person {
			return grant.Person{ID: names.Draw(t, "id"), Group: names.Draw(t, "group"), Name: free.Draw(t, "name"), Keys: list(t, "keys", rapid.Map(rapid.Byte(), func(b byte) ssh.PublicKey { return fixedKey(b) }))}
		}))
		if rapid.Bool().Draw(t, "no policy") {
			st.Policy = nil
		}
		st.Accounts, st.Aliases = nil, nil
		for i, id := range rapid.SliceOfNDistinct(accounts, 0, 4, rapid.ID).Draw(t, "accounts") {
			st.Accounts = append(st.Accounts, grant.Account{ID: scope.AccountID(id), Region: names.Draw(t, "region"), Services: scope.Services[:1+i]})
			if rapid.Bool().Draw(t, "in two regions") {
				first := st.Accounts[len(st.Accounts)-1].Region
				st.Accounts = append(st.Accounts, grant.Account{ID: scope.AccountID(id), Region: first + "x", Services: scope.Services[1+i:]})
			}
			a := grant.Alias{Account: scope.AccountID(id), Kind: "name", From: instants.Draw(t, "from"), Value: free.Draw(t, "value")}
			if rapid.Bool().Draw(t, "ended") {
				a.Until = a.From.Add(time.Hour)
			}
			st.Aliases = append(st.Aliases, a)
		}
		st.Log, st.Removed = list(t, "log", free), list(t, "removed", names)
		text, err := st.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		back, err := grant.ParseStatement(text)
		if err != nil || !cmp.Equal(st, back, compared) {
			t.Fatalf("%v\n%s\n%s", err, cmp.Diff(st, back, compared), text)
		}
	}))
	t.Run("stop", rapid.MakeCheck(func(t *rapid.T) {
		r := grant.Reach{Kind: rapid.SampledFrom([]string{"demand", "grant", "everything"}).Draw(t, "kind"), Name: names.Draw(t, "name")}
		if r.Kind == "everything" {
			r.Name = ""
		}
		s := grant.Stop{Reach: r, Person: free.Draw(t, "person"), At: instants.Draw(t, "at"), Reason: free.Draw(t, "reason")}
		text, err := s.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := grant.ParseStop(text); err != nil || back != s {
			t.Fatalf("%v: %+v", err, back)
		}
	}))
}

// What a text could not carry has no text, so nobody signs something that reads
// as another thing.
func TestAmbiguousValuesHaveNoText(t *testing.T) {
	for name, change := range map[string]func(*grant.Grant){
		"an id that leaves its folder": func(g *grant.Grant) { g.ID = "../x" },
		"an id with a line":            func(g *grant.Grant) { g.ID = "g\nx" },
		"an empty demand":              func(g *grant.Grant) { g.Demand = "" },
		"a demand with capitals":       func(g *grant.Grant) { g.Demand = "K7WQ-93" },
		"a region with an underscore":  func(g *grant.Grant) { g.Region = "i_e" },
		"a gate that ends in a hyphen": func(g *grant.Grant) { g.Gate = "gate-" },
		"a long id":                    func(g *grant.Grant) { g.ID = string(bytes.Repeat([]byte("a"), 65)) },
		"the last target's kind":       func(g *grant.Grant) { g.Targets[1].Kind = "phone of" },
		"the last target's account":    func(g *grant.Grant) { g.Targets[1].Account = "x is y" },
		"text that turns direction":    func(g *grant.Grant) { g.Order = "warrant \u202e1302" },
		"a drafter over two lines":     func(g *grant.Grant) { g.Drafter = "emil\ngate: gate-2" },
		"an empty scope":               func(g *grant.Grant) { g.Scope = scope.Scope{} },
		"a copy without a purpose":     func(g *grant.Grant) { g.Copy = sampleFacts() },
		"an end without a purpose":     func(g *grant.Grant) { g.Until = noon },
		"a purpose of another kind":    func(g *grant.Grant) { *g = copyGrant(); g.Purpose = "previews" },
		"a preview of a copy":          func(g *grant.Grant) { *g = copyGrant(); g.Purpose = grant.ToPreview },
		"a preview to somebody":        func(g *grant.Grant) { *g = previewGrant(); g.Recipient = "age1" },
		"a preview in a language":      func(g *grant.Grant) { *g = previewGrant(); g.Language = "en" },
		"a preview of a production":    func(g *grant.Grant) { *g = previewGrant(); g.Production = grant.First },
		"a preview with an end":        func(g *grant.Grant) { *g = previewGrant(); g.Until = noon },
		"a preview of a named copy":    func(g *grant.Grant) { *g = previewGrant(); g.Copy = sampleFacts() },
		"a keeping without an end":     func(g *grant.Grant) { *g = keepGrant(); g.Until = time.Time{} },
		"a keeping to somebody":        func(g *grant.Grant) { *g = keepGrant(); g.Recipient = "age1" },
		"a keeping in a language":      func(g *grant.Grant) { *g = keepGrant(); g.Language = "en" },
		"a keeping of a production":    func(g *grant.Grant) { *g = keepGrant(); g.Production = grant.First },
		"a keeping that opens a copy":  func(g *grant.Grant) { *g = keepGrant(); g.Copy = sampleFacts() },
		"a longer keeping of nothing":  func(g *grant.Grant) { *g = longerGrant(); g.Copy = grant.CopyFacts{} },
		"a copy of no demand":          func(g *grant.Grant) { *g = copyGrant(); g.Copy.Demand = "" },
		"a copy of no time":            func(g *grant.Grant) { *g = copyGrant(); g.Copy.Made = time.Time{} },
		"a copy by hand":               func(g *grant.Grant) { *g = copyGrant(); g.Export = handGrant().Export },
		"a copy without a production":  func(g *grant.Grant) { *g = copyGrant(); g.Production = "" },
		"a copy with an end":           func(g *grant.Grant) { *g = copyGrant(); g.Until = noon },
		"by hand in version 1":         func(g *grant.Grant) { *g = handGrant(); g.Production = "" },
		"an emergency in version 1":    func(g *grant.Grant) { g.Emergency = true },
		"a production of another kind": func(g *grant.Grant) { g.Production = "recall" },
		"an export without a file":     func(g *grant.Grant) { *g = handGrant(); g.Export.Files = 0 },
		"an export without a manifest": func(g *grant.Grant) { *g = handGrant(); g.Export.Manifest = grant.Digest{} },
		"a collector of two words":     func(g *grant.Grant) { *g = handGrant(); g.Export.Collector = "a b" },
		"a way of two lines":           func(g *grant.Grant) { *g = handGrant(); g.Export.How = "a\nlane: ordinary" },
		"a caller without a call":      func(g *grant.Grant) { *g = emergencyGrant(); g.Call = grant.Digest{} },
		"a call without a caller":      func(g *grant.Grant) { *g = emergencyGrant(); g.Caller = "" },
		"an order compelling nothing":  func(g *grant.Grant) { g.Compelled = scope.Scope{} },
		"a scope of more than its pairs": func(g *grant.Grant) {
			s := selector("acct-a1")
			s.Participants, s.Items = nil, nil
			for i := range 65 {
				s.Items = append(s.Items, string(rune('a'+i%26))+string(rune('a'+i/26)))
			}
			for i := range 64 {
				s.Participants = append(s.Participants, string(rune('a'+i%26))+string(rune('a'+i/26)))
			}
			g.Compelled = scopeOf(s)
		},
	} {
		g := sampleGrant()
		change(&g)
		text, err := g.Bytes()
		if err != nil {
			continue
		}
		if _, err := grant.Parse(text); err == nil {
			t.Errorf("%s: has a text", name)
		}
	}
	for name, change := range map[string]func(*grant.Statement){
		"the last person's id":    func(s *grant.Statement) { s.Roster[1].ID = "bo x" },
		"the last person's group": func(s *grant.Statement) { s.Roster[1].Group = "" },
		"the last person's name":  func(s *grant.Statement) { s.Roster[1].Name = "" },
		"a gate's region":         func(s *grant.Statement) { s.Gates[0].Region = "i e" },
		"the last account twice":  func(s *grant.Statement) { s.Accounts[1].ID = "acct-a1" },
		"a service in two regions": func(s *grant.Statement) {
			s.Accounts[1] = grant.Account{ID: "acct-a1", Region: "us", Services: []scope.Service{scope.Mail}}
		},
		"an account's rows apart": func(s *grant.Statement) {
			s.Accounts = append(s.Accounts, grant.Account{ID: "acct-a1", Region: "us", Services: []scope.Service{scope.Files}})
		},
		"an account's regions out of order": func(s *grant.Statement) {
			s.Accounts[1] = grant.Account{ID: "acct-a1", Region: "dk", Services: []scope.Service{scope.Files}}
		},
		"an account's region twice": func(s *grant.Statement) {
			s.Accounts[1] = grant.Account{ID: "acct-a1", Region: "ie", Services: []scope.Service{scope.Files}}
		},
		"the last account's region":  func(s *grant.Statement) { s.Accounts[1].Region = "" },
		"the last account's service": func(s *grant.Statement) { s.Accounts[0].Services[1] = "everything" },
		"the last alias's account":   func(s *grant.Statement) { s.Aliases[1].Account = "acct-zz" },
		"an alias of kind account":   func(s *grant.Statement) { s.Aliases[1].Kind = "account" },
		"an alias that ends first":   func(s *grant.Statement) { s.Aliases[1].Until = s.Aliases[1].From.Add(-time.Second) },
		"an alias in capitals":       func(s *grant.Statement) { s.Aliases[0].Value = "Ada@lindworm.example" },
		"an agency's country":        func(s *grant.Statement) { s.Agencies[0].Country = "I E" },
		"a recipient of two words":   func(s *grant.Statement) { s.Agencies[0].Recipients[0].Key = "a b" },
		"an agency's empty contact":  func(s *grant.Statement) { s.Agencies[0].Contacts = []string{""} },
		"a pack's name":              func(s *grant.Statement) { s.Packs[0].Name = "" },
		"the last removal":           func(s *grant.Statement) { s.Removed[1] = "dan x" },
		"number nought":              func(s *grant.Statement) { s.Number = 0 },
	} {
		st := sampleStatement()
		change(&st)
		if _, err := st.Bytes(); err == nil {
			t.Errorf("%s: has a text", name)
		}
	}
}

func FuzzParseClockWord(f *testing.F) {
	text, err := grant.ClockWord{Provider: "Lindworm Mail", At: time.Unix(2e9, 0), Reason: "moved"}.Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		w, err := grant.ParseClockWord(text)
		again(t, text, err, w.Bytes)
	})
}
