package grant_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"

	"counterseal/internal/grant"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

var update = flag.Bool("update", false, "write the golden files anew")

var noon = time.Date(2031, 4, 5, 12, 0, 0, 0, time.UTC)

// compared are the ways in which cmp looks into the texts.
var compared = cmp.Options{
	cmp.Comparer(func(a, b scope.Scope) bool { return a.Equal(b) }),
	cmp.Comparer(func(a, b ssh.PublicKey) bool { return signature.Line(a) == signature.Line(b) }),
}

// fixedKey is a key that everybody can make again.
func fixedKey(n byte) ssh.PublicKey {
	k, err := ssh.NewPublicKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, 32)).Public())
	if err != nil {
		panic(err)
	}
	return k
}

func selector(account scope.AccountID, items ...string) scope.Selector {
	return scope.Selector{Account: account, Service: scope.Mail, Category: scope.Content, Basis: scope.Received,
		From: time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2031, 1, 31, 23, 59, 59, 0, time.UTC), Participants: []string{"bea@lindworm.example"}, Items: items}
}

func scopeOf(s ...scope.Selector) scope.Scope {
	sc, err := scope.New(s...)
	if err != nil {
		panic(err)
	}
	return sc
}

func sampleGrant() grant.Grant {
	wide := selector("acct-a1")
	wide.Participants = nil
	return grant.Grant{ID: "g-1", Provider: "Lindworm Mail", Demand: "k7wq-93", Received: sha256.Sum256([]byte("record")), Order: "Search warrant 12/2031 of the court of Nowhere",
		OrderDigest: sha256.Sum256([]byte("order")), Requester: "garda", Targets: []grant.Target{{Kind: "address", Stated: "ada@lindworm.example", Account: "acct-a1"}, {Kind: "account", Stated: "acct-b2", Account: "acct-b2"}},
		Compelled: scopeOf(wide, selector("acct-b2")), Scope: scopeOf(selector("acct-a1", "m-1", "m-2"), selector("acct-b2")), Recipient: "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", Language: "de",
		Region: "ie", Gate: "gate-1", Drafter: "emil", Charter: sha256.Sum256([]byte("charter")), ByteCap: 1 << 30, Stops: []grant.Digest{sha256.Sum256([]byte("s1")), sha256.Sum256([]byte("s2"))},
		Issued: noon, Expires: noon.Add(24 * time.Hour), Nonce: [16]byte{1, 2, 3, 15: 255}}
}

func sampleExport() grant.Export {
	file := func(name, content string) grant.ExportFile {
		return grant.ExportFile{SHA256: sha256.Sum256([]byte(content)), Size: int64(len(content)), Account: "acct-a1", Service: scope.Mail, Category: scope.Content, Name: name}
	}
	return grant.Export{Provider: "Lindworm Mail", Demand: "k7wq-93", Gate: "gate-1", Collector: "frida", At: noon.Add(-time.Hour), From: "the mail server mail-1", How: "its own export, January 2031",
		Covers: scopeOf(selector("acct-a1")), Files: []grant.ExportFile{file("Inbox/b.eml", "first"), file("Inbox/Ärger 1.eml", ""), file("sent.mbox", "third")}}
}

func sampleCall() grant.Call {
	return grant.Call{Provider: "Lindworm Mail", Demand: "k7wq-93", Agency: "garda", Contact: "+353 1 555 0142", Reached: "Sergeant Sample, duty desk", Caller: "dan", At: noon.Add(-time.Hour), Confirmed: true,
		Key: sampleGrant().Recipient}
}

// The second version: an export by hand; an emergency.
func handGrant() grant.Grant {
	g := sampleGrant()
	g.Production = grant.Supplement
	facts, err := sampleExport().Facts()
	if err != nil {
		panic(err)
	}
	g.Export, g.Scope = facts, sampleExport().Covers
	return g
}

func emergencyGrant() grant.Grant {
	g := sampleGrant()
	text, err := sampleCall().Bytes()
	if err != nil {
		panic(err)
	}
	g.Production, g.Emergency, g.Caller, g.Call = grant.First, true, "dan", sha256.Sum256(text)
	return g
}

// The third version: a copy is made, kept longer, opened.
func keepGrant() grant.Grant {
	g := sampleGrant()
	g.Purpose, g.Until, g.Recipient, g.Language = grant.ToKeep, noon.Add(60*24*time.Hour), "", ""
	return g
}

func longerGrant() grant.Grant {
	g := keepGrant()
	g.Purpose, g.Until, g.Copy = grant.ToKeepLonger, noon.Add(80*24*time.Hour), sampleFacts()
	return g
}

func copyGrant() grant.Grant {
	g := sampleGrant()
	g.Purpose, g.Production, g.Copy = grant.FromCopy, grant.First, sampleFacts()
	return g
}

func previewGrant() grant.Grant {
	g := sampleGrant()
	g.Purpose, g.Recipient, g.Language = grant.ToPreview, "", ""
	return g
}

func samplePreview() grant.Preview {
	p := grant.Preview{Provider: "Lindworm Mail", Demand: "k7wq-93", Grant: previewGrant().Digest(), Region: "ie", Gate: "gate-1", Covers: previewGrant().Scope,
		Rows: grant.Months(previewGrant().Scope), Unplaced: grant.Banded(11), At: noon}
	for i := range p.Rows {
		p.Rows[i].Items = grant.Banded(int64(i) * 1234)
	}
	return p
}

func sampleKept() grant.Kept {
	return grant.Kept{Provider: "Lindworm Mail", Demand: "k7wq-93", Grant: keepGrant().Digest(), Region: "ie", Gate: "gate-1", Covers: keepGrant().Scope, Key: "age1qqqq", Cipher: sha256.Sum256([]byte("file")),
		Size: 1 << 20, Items: 17, Payload: 1_000_000, Withheld: 2, At: noon, Until: noon.Add(60 * 24 * time.Hour)}
}

func sampleFacts() grant.CopyFacts {
	text, err := sampleKept().Bytes()
	if err != nil {
		panic(err)
	}
	return grant.CopyFacts{Statement: sha256.Sum256(text), Demand: "k7wq-93", Made: noon}
}

// keepingStatement is one whose policy says how long copies are kept.
func keepingStatement() grant.Statement {
	st := strictStatement()
	st.Policy.KeepDays = 400
	return st
}

func sampleStatement() grant.Statement {
	return grant.Statement{Provider: "Lindworm Mail", Number: 2, Previous: sha256.Sum256([]byte("first")), At: noon,
		Roster:   []grant.Person{{ID: "anna", Group: "legal", Name: "Anna Example", Keys: []ssh.PublicKey{fixedKey(1), fixedKey(2)}}, {ID: "bo", Group: "privacy", Name: "Bo Example", Keys: []ssh.PublicKey{fixedKey(3)}}},
		Policy:   &grant.Policy{Approvals: 2, Groups: 2, Quorum: 2, GrantLife: 24 * time.Hour, Fresh: 10 * time.Minute, KeyAge: 24 * time.Hour, Skew: 90 * time.Second, ByteCap: 1 << 40, PerDay: 20},
		Gates:    []grant.Gate{{ID: "gate-1", Region: "ie", Key: fixedKey(4)}},
		Accounts: []grant.Account{{ID: "acct-a1", Region: "ie", Services: []scope.Service{scope.Records, scope.Mail}}, {ID: "acct-b2", Region: "ie", Services: []scope.Service{scope.Mail}}},
		Aliases: []grant.Alias{{Account: "acct-a1", Kind: "address", From: noon.AddDate(-5, 0, 0), Value: "ada@lindworm.example"},
			{Account: "acct-b2", Kind: "phone", From: noon.AddDate(-5, 0, 0), Until: noon, Value: "+353 1 555 0100"}},
		Agencies: []grant.Agency{{ID: "garda", Country: "IE", Name: "Police of Nowhere", Recipients: []grant.Recipient{{Since: noon, Key: "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"}}}},
		Log:      []string{"log x", "quorum none"}, Packs: []grant.Pack{{Name: "ie", Digest: sha256.Sum256([]byte("pack"))}}, Removed: []string{"carla", "dan"}}
}

// strictStatement is one with contacts and a policy on exports by hand.
func strictStatement() grant.Statement {
	st := sampleStatement()
	st.Policy.NotByHand = "calls,ie/mail"
	st.Agencies[0].Contacts = []string{"+353 1 555 0142", "desk 4, by the court's directory"}
	return st
}

// zipStatement is one whose agency may get a ZIP under a passphrase.
func zipStatement() grant.Statement {
	st := strictStatement()
	st.Agencies[0].Recipients = append(st.Agencies[0].Recipients, grant.Recipient{Since: noon, Key: grant.ByZip, Content: true})
	st.Agencies = append(st.Agencies, grant.Agency{ID: "harbor", Country: "US", Name: "Harbor Office", Contacts: []string{"+1 555 0142"}, Recipients: []grant.Recipient{{Since: noon, Key: grant.ByZip}}})
	return st
}

func zipGrant() grant.Grant {
	g := sampleGrant()
	g.Recipient = grant.ByZip
	return g
}

func sampleTelling() grant.Telling {
	return grant.Telling{Provider: "Lindworm Mail", Gate: "gate-1", Demand: "k7wq-93", Grant: zipGrant().Digest(), Release: sha256.Sum256([]byte("release")), Agency: "garda", Contact: "+353 1 555 0142",
		Person: "dan", At: noon, Nonce: [16]byte{1, 15: 2}}
}

func sampleReached() grant.Reached {
	return grant.Reached{Provider: "Lindworm Mail", Gate: "gate-1", Demand: "k7wq-93", Telling: sha256.Sum256([]byte("telling")), Who: "Sergeant Sample, duty desk", ReadOut: true, Person: "dan", At: noon}
}

func sampleIncident() grant.Incident {
	return grant.Incident{Provider: "Lindworm Mail", Gate: "gate-1", Demand: "k7wq-93", Grant: sampleGrant().Digest(), Release: sha256.Sum256([]byte("release")), Compelled: sampleGrant().Scope,
		Named: []grant.ItemName{{Account: "acct-a1", Service: scope.Mail, ID: "INBOX/ø\n17"}}, Person: "carla", At: noon, Reason: "the court narrowed it on 4 April"}
}

func quashedIncident() grant.Incident {
	i := sampleIncident()
	i.Compelled, i.Named = scope.Scope{}, nil
	return i
}

func sampleOverproduced() grant.Overproduced {
	return grant.Overproduced{Provider: "Lindworm Mail", Gate: "gate-1", Demand: "k7wq-93", Grant: sampleGrant().Digest(), Release: sha256.Sum256([]byte("release")), Statement: sha256.Sum256([]byte("statement")),
		Items: 1240, Outside: 3, Payload: 48213, List: sha256.Sum256([]byte("list")), Person: "carla", Reason: "the court narrowed it on 4 April", At: noon}
}

func sampleListRead() grant.ListRead {
	return grant.ListRead{Gate: "gate-1", Incident: sha256.Sum256([]byte("incident")), Person: "carla", At: noon}
}

// The files are the published examples: whoever writes another reader of these
// texts tests it with them.
func TestTheTextsAreThePublishedOnes(t *testing.T) {
	stop := grant.Stop{Reach: grant.Reach{Kind: "demand", Name: "k7wq-93"}, Person: "dan", At: noon, Reason: "stayed by the court of appeal"}
	word := grant.InForce{Grant: sampleGrant().Digest(), Demand: "k7wq-93", Person: "carla", At: noon}
	for name, text := range map[string]func() ([]byte, error){
		"grant": sampleGrant().Bytes, "grant-by-hand": handGrant().Bytes, "grant-emergency": emergencyGrant().Bytes, "export": sampleExport().Bytes, "call": sampleCall().Bytes,
		"grant-keep": keepGrant().Bytes, "grant-keep-longer": longerGrant().Bytes, "grant-from-copy": copyGrant().Bytes, "grant-preview": previewGrant().Bytes, "preview": samplePreview().Bytes, "copy": sampleKept().Bytes, "incident": sampleIncident().Bytes, "incident-quashed": quashedIncident().Bytes, "over-produced": sampleOverproduced().Bytes, "incident-read": sampleListRead().Bytes, "charter-keeping": keepingStatement().Bytes,
		"charter-zip": zipStatement().Bytes, "grant-zip": zipGrant().Bytes, "passphrase": sampleTelling().Bytes, "passphrase-reached": sampleReached().Bytes,
		"copy-end":        func() ([]byte, error) { return grant.KeptEnd("gate-1", sampleFacts().Statement) },
		"charter-by-hand": strictStatement().Bytes, "stop": stop.Bytes, "inforce": word.Bytes, "charter": sampleStatement().Bytes,
	} {
		got, err := text()
		if err != nil {
			t.Fatal(name, err)
		}
		path := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), string(got)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if g, err := grant.Parse(read("grant")); err != nil || !cmp.Equal(g, sampleGrant(), compared) {
		t.Error("grant:", err, cmp.Diff(g, sampleGrant(), compared))
	}
	if k, err := grant.ParseKept(read("copy")); err != nil || !cmp.Equal(k, sampleKept(), compared) {
		t.Error("copy:", err, cmp.Diff(k, sampleKept(), compared))
	}
	for name, want := range map[string]grant.Incident{"incident": sampleIncident(), "incident-quashed": quashedIncident()} {
		if i, err := grant.ParseIncident(read(name)); err != nil || !cmp.Equal(i, want, compared) {
			t.Error(name, err, cmp.Diff(i, want, compared))
		}
	}
	if r, err := grant.ParseListRead(read("incident-read")); err != nil || r != sampleListRead() {
		t.Error("incident read:", err, r)
	}
	if x, err := grant.ParseTelling(read("passphrase")); err != nil || x != sampleTelling() {
		t.Error("passphrase:", err, x)
	}
	if x, err := grant.ParseReached(read("passphrase-reached")); err != nil || x != sampleReached() {
		t.Error("passphrase reached:", err, x)
	}
	if st, err := grant.ParseStatement(read("charter-zip")); err != nil || !cmp.Equal(st, zipStatement(), compared) {
		t.Error("charter zip:", err, cmp.Diff(st, zipStatement(), compared))
	}
	if p, err := grant.ParsePreview(read("preview")); err != nil || !cmp.Equal(p, samplePreview(), compared) {
		t.Error("preview:", err, cmp.Diff(p, samplePreview(), compared))
	}
	if st, err := grant.ParseStatement(read("charter-keeping")); err != nil || !cmp.Equal(st, keepingStatement(), compared) {
		t.Error("charter keeping:", err, cmp.Diff(st, keepingStatement(), compared))
	}
	for name, want := range map[string]grant.Grant{"grant-by-hand": handGrant(), "grant-emergency": emergencyGrant(), "grant-keep": keepGrant(), "grant-keep-longer": longerGrant(), "grant-from-copy": copyGrant(), "grant-preview": previewGrant(), "grant-zip": zipGrant()} {
		if g, err := grant.Parse(read(name)); err != nil || !cmp.Equal(g, want, compared) {
			t.Error(name, err, cmp.Diff(g, want, compared))
		}
	}
	if e, err := grant.ParseExport(read("export")); err != nil || !cmp.Equal(e, sampleExport(), compared) {
		t.Error("export:", err, cmp.Diff(e, sampleExport(), compared))
	}
	if c, err := grant.ParseCall(read("call")); err != nil || c != sampleCall() {
		t.Error("call:", err, c)
	}
	if st, err := grant.ParseStatement(read("charter-by-hand")); err != nil || !cmp.Equal(st, strictStatement(), compared) {
		t.Error("charter by hand:", err, cmp.Diff(st, strictStatement(), compared))
	}
	if s, err := grant.ParseStop(read("stop")); err != nil || s != stop {
		t.Error("stop:", s, err)
	}
	if w, err := grant.ParseInForce(read("inforce")); err != nil || w != word {
		t.Error("in force:", w, err)
	}
	if st, err := grant.ParseStatement(read("charter")); err != nil || !cmp.Equal(st, sampleStatement(), compared) {
		t.Error("charter:", err, cmp.Diff(st, sampleStatement(), compared))
	}
}

// Nothing that differs by one byte, one line more or less or two lines turned
// says anything else than that it is not such a text, or another valid text.
func TestEveryChangeOfATextIsRefusedOrAnotherText(t *testing.T) {
	oneGrant := func(b []byte) ([]byte, error) {
		g, err := grant.Parse(b)
		if err != nil {
			return nil, err
		}
		return g.Bytes()
	}
	for name, parse := range map[string]func([]byte) ([]byte, error){
		"grant": oneGrant, "grant-by-hand": oneGrant, "grant-emergency": oneGrant, "grant-keep": oneGrant, "grant-keep-longer": oneGrant, "grant-from-copy": oneGrant, "grant-preview": oneGrant, "grant-zip": oneGrant,
		"passphrase": func(b []byte) ([]byte, error) {
			x, err := grant.ParseTelling(b)
			if err != nil {
				return nil, err
			}
			return x.Bytes()
		},
		"passphrase-reached": func(b []byte) ([]byte, error) {
			x, err := grant.ParseReached(b)
			if err != nil {
				return nil, err
			}
			return x.Bytes()
		},
		"charter-zip": func(b []byte) ([]byte, error) {
			st, err := grant.ParseStatement(b)
			if err != nil {
				return nil, err
			}
			return st.Bytes()
		},
		"preview": func(b []byte) ([]byte, error) {
			p, err := grant.ParsePreview(b)
			if err != nil {
				return nil, err
			}
			return p.Bytes()
		},
		"copy": func(b []byte) ([]byte, error) {
			k, err := grant.ParseKept(b)
			if err != nil {
				return nil, err
			}
			return k.Bytes()
		},
		"export": func(b []byte) ([]byte, error) {
			e, err := grant.ParseExport(b)
			if err != nil {
				return nil, err
			}
			return e.Bytes()
		},
		"call": func(b []byte) ([]byte, error) {
			c, err := grant.ParseCall(b)
			if err != nil {
				return nil, err
			}
			return c.Bytes()
		},
		"stop": func(b []byte) ([]byte, error) {
			s, err := grant.ParseStop(b)
			if err != nil {
				return nil, err
			}
			return s.Bytes()
		},
		"inforce": func(b []byte) ([]byte, error) {
			w, err := grant.ParseInForce(b)
			if err != nil {
				return nil, err
			}
			return w.Bytes()
		},
		"charter": func(b []byte) ([]byte, error) {
			st, err := grant.ParseStatement(b)
			if err != nil {
				return nil, err
			}
			return st.Bytes()
		},
	} {
		whole, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		try := func(what string, b []byte) {
			again, err := parse(b)
			if err == nil && !bytes.Equal(again, b) {
				t.Errorf("%s, %s: read as another text", name, what)
			}
		}
		refused := func(what string, b []byte) {
			if _, err := parse(b); err == nil {
				t.Errorf("%s, %s: accepted", name, what)
			}
		}
		for i := range whole {
			b := bytes.Clone(whole)
			b[i] ^= 0x20
			try("a changed byte", b)
			try("cut", whole[:i])
		}
		lines := bytes.SplitAfter(bytes.TrimSuffix(whole, []byte("\n")), []byte("\n"))
		lines[len(lines)-1] = append(bytes.Clone(lines[len(lines)-1]), '\n')
		for i := range lines {
			if i > 0 {
				twice := append(append(append([][]byte{}, lines[:i]...), lines[i], lines[i]), lines[i+1:]...)
				try("a line twice", bytes.Join(twice, nil))
			}
			gone := append(append([][]byte{}, lines[:i]...), lines[i+1:]...)
			try("a line gone", bytes.Join(gone, nil))
		}
		refused("a space at the end", append(bytes.TrimSuffix(bytes.Clone(whole), []byte("\n")), " \n"...))
		refused("CR LF", bytes.ReplaceAll(whole, []byte("\n"), []byte("\r\n")))
		refused("an empty line at the end", append(bytes.Clone(whole), '\n'))
		refused("an unknown line", append(bytes.Clone(whole), "more: yes\n"...))
		refused("nothing", nil)
	}
}
