package gate_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"

	"counterseal/internal/evidence"
	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/files"
	"counterseal/internal/gate/source/maildir"
	"counterseal/internal/gate/source/mbox"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// secret is what no package may hold: it is under keys of the customer's alone.
const secret = "nobody at the provider has ever read this"

// sealedBy is the secret under a key of the customer's own. Whatever key the gate has,
// it has not this one.
func sealedBy(t *testing.T, armored bool) string {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	var to io.Writer = &b
	end := func() error { return nil }
	if armored {
		a := armor.NewWriter(&b)
		to, end = a, a.Close
	}
	w, err := age.Encrypt(to, id.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(w, strings.Repeat(secret+"\n", 8000))
	if err := errorsOf(err, w.Close(), end()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func written(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	at := gatetest.Mail("acct-a1").From.Add(time.Hour)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
	return path
}

// locked is a scene whose stores hold what a customer has encrypted, and what of it
// should come out, byte for byte, by its form.
func locked(t *testing.T) (s *scene, want map[string]string) {
	t.Helper()
	dir := t.TempDir()
	at := gatetest.Mail("acct-a1").From.Add(time.Hour)
	head := "From: ada@lindworm.example\nDate: " + at.Format(time.RFC1123Z) + "\n"
	pgp := head + "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n--b\n\n" + sealedBy(t, true)
	smime := head + "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nMIIB\n"
	plain := head + "Content-Type: text/plain\n\nhello\n"
	small, large := "LUKS\xba\xbe\x00\x01small", sealedBy(t, false)
	want = map[string]string{pgp: "openpgp", smime: "smime", plain: "", small: "luks", large: "age"}
	written(t, filepath.Join(dir, "files", "acct-a1", "large.bin"), large)
	written(t, filepath.Join(dir, "files", "acct-a1", "volume.img"), small)
	received := "Received: from a by b; " + at.Format(time.RFC1123Z) + "\n"
	pgpKept := received + pgp
	delete(want, pgp)
	want[pgpKept] = "openpgp"
	written(t, filepath.Join(dir, "maildir", "acct-a1", "cur", fmt.Sprintf("%d.M1P1.host:2,S", at.Unix())), pgpKept)
	for _, d := range []string{"new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, "maildir", "acct-a1", d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	separator := "From ada@lindworm.example " + at.UTC().Format("Mon Jan _2 15:04:05 2006") + "\n"
	written(t, filepath.Join(dir, "mbox", "a1"), separator+smime+"\n"+separator+plain+"\n")

	s = &scene{World: gatetest.NewWorld(), t: t, dir: t.TempDir(), store: gatetest.Mailbox(), docket: &docket{}, log: &logged{}}
	st := s.First
	for i := range st.Accounts {
		st.Accounts[i].Services = append(st.Accounts[i].Services, scope.Files)
	}
	s.Reword(st)
	inFiles, err := files.New(files.Config{Root: filepath.Join(dir, "files"), Folder: "{account}"})
	if err != nil {
		t.Fatal(err)
	}
	inMaildir, err := maildir.New(maildir.Config{Root: filepath.Join(dir, "maildir"), Folder: "{account}"})
	if err != nil {
		t.Fatal(err)
	}
	inMbox, err := mbox.New(mbox.Config{Root: filepath.Join(dir, "mbox"), Flavour: mbox.MboxO, Accounts: map[scope.AccountID][]string{"acct-a1": {"a1"}}, SeparatorUTC: true})
	if err != nil {
		t.Fatal(err)
	}
	s.sources = []source.Source{inFiles, inMaildir, inMbox}
	s.cfg = func(c *gate.Config) {
		c.CustomerKeys = func(service scope.Service, account scope.AccountID) bool {
			return service == scope.Files && account == "acct-a1"
		}
	}
	s.open()
	s.charter()
	return s, want
}

func withFiles(g grant.Grant) grant.Grant {
	f := gatetest.Mail("acct-a1")
	f.Service = scope.Files
	g.Scope = scopeOf(gatetest.Mail("acct-a1"), f)
	g.Compelled = g.Scope
	g.ByteCap = 64 << 20
	return g
}

// cameOut holds the one package to the store: every item as it was, and labelled.
func (s *scene) cameOut(want map[string]string) {
	s.t.Helper()
	s.cameOutUnder(want, func(path string) bool { return strings.Contains(path, "/files/") })
}

// cameOutUnder is told which of the items lie there under a key of the customer's.
func (s *scene) cameOutUnder(want map[string]string, keyed func(path string) bool) {
	t := s.t
	t.Helper()
	keys, forms := int64(0), int64(0)
	bag := s.bag()
	var order evidence.OrderFile
	if err := json.Unmarshal([]byte(bag[evidence.OrderName]), &order); err != nil {
		t.Fatal(err)
	}
	left := map[string]string{}
	for k, v := range want {
		left[k] = v
	}
	for _, line := range strings.Split(strings.TrimSpace(bag[evidence.ItemsFile]), "\n") {
		var row evidence.ItemRow
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		b := bag[row.Path]
		form, there := left[b]
		if keyed(row.Path) {
			keys++
		}
		if form != "" {
			forms++
		}
		if !there || form != row.Encrypted || row.CustomerKey != keyed(row.Path) {
			t.Errorf("%s: %d bytes, as in the store %v, encrypted %q, customer_key %v", row.Path, len(b), there, row.Encrypted, row.CustomerKey)
		}
		delete(left, b)
	}
	if len(left) != 0 || order.CustomerKey != keys || order.Encrypted != forms || forms == 0 {
		t.Errorf("%d are missing; order.json says %d and %d", len(left), order.CustomerKey, order.Encrypted)
	}
	for file, says := range map[string]string{evidence.ReadMeFile: fmt.Sprint(keys, " of these items are encrypted under a key of the customer's"), evidence.IndexFile: fmt.Sprint(keys, " of these items are encrypted under a key of the customer"),
		evidence.CustodyName: "decrypted nothing"} {
		if text := strings.Join(strings.Fields(bag[file]), " "); strings.Count(text, says) != 1 {
			t.Errorf("%s does not say %q once", file, says)
		}
	}
}

// What a customer has encrypted comes out as it is stored, to the byte, from every kind
// of store, and the package says so.
func TestCiphertextComesOutAsItIsStoredAndIsLabelled(t *testing.T) {
	s, want := locked(t)
	if _, err := s.released(withFiles(s.Grant(1))); err != nil {
		t.Fatal(err, problem.Of(err).Unwrap())
	}
	s.verified(s.out()[0], s.Agency)
	s.cameOut(want)
	if strings.Contains(s.inBag(evidence.IndexFile), "preserved copy") {
		t.Error("nothing comes from a copy")
	}
}

// The same through a copy, which knows what its stores said; and the package says that it
// comes from one.
func TestCiphertextComesOutOfACopyAsItWasStored(t *testing.T) {
	s, want := locked(t)
	c, err := s.keep(withFiles(s.KeepGrant(1)))
	if err != nil {
		t.Fatal(err)
	}
	s.cfg = nil // what the stores said stands in the copy
	s.reopen()
	if _, err := s.released(withFiles(s.CopyGrant(2, s.statedOf(c)))); err != nil {
		t.Fatal(err)
	}
	s.verified(s.out()[0], s.Agency)
	s.cameOut(want)
	for _, file := range []string{evidence.IndexFile, evidence.ReadMeFile, evidence.CustodyName} {
		if text := strings.Join(strings.Fields(s.inBag(file)), " "); !strings.Contains(text, "preserved copy") {
			t.Errorf("%s does not say that it comes from a copy", file)
		}
	}
	if text := s.inBag(evidence.CustodyName); strings.Count(text, "read the preserved copy to its end") != 1 {
		t.Error("the custody has no reading of the copy")
	}
}

// In each language of an officer the package says whose key it is.
func TestTheLabelIsInEveryLanguage(t *testing.T) {
	for language, words := range map[string]string{"en": "does not hold that key and cannot decrypt", "de": "besitzt diesen Schlüssel nicht und kann sie nicht entschlüsseln", "da": "har ikke nøglen og kan ikke dekryptere", "it": "non possiede quella chiave e non può decifrarli"} {
		t.Run(language, func(t *testing.T) {
			s, _ := locked(t)
			g := withFiles(s.Grant(1))
			g.Language = language
			if _, err := s.released(g); err != nil {
				t.Fatal(err)
			}
			for _, file := range []string{evidence.IndexFile, evidence.ReadMeFile} {
				if text := strings.Join(strings.Fields(s.inBag(file)), " "); strings.Count(text, words) != 1 {
					t.Errorf("%s does not say %q", file, words)
				}
			}
		})
	}
}
