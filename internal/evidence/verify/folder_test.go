package verify_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"counterseal/internal/evidence"
	"counterseal/internal/evidence/release"
	"counterseal/internal/evidence/verify"
	"counterseal/internal/scope"
)

// world is a gate, its trust file, a log that signs proofs, and an officer.
type world struct {
	gate    ssh.Signer
	trust   verify.Trust
	log     ed25519.PrivateKey
	officer *age.X25519Identity
}

func newWorld(t testing.TB) world {
	t.Helper()
	_, gateKey, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	gate, err := ssh.NewSignerFromKey(gateKey)
	must(t, err)
	_, log, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	officer, err := age.GenerateX25519Identity()
	must(t, err)
	trust, err := verify.ParseTrust([]byte(trustText(gate.PublicKey())))
	must(t, err)
	return world{gate, trust, log, officer}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func trustText(key ssh.PublicKey) string {
	return "counterseal-trust-v1\n# demo\ngate gate-mil-1 mil " + string(ssh.MarshalAuthorizedKey(key)) + "log-policy\norigin demo\n"
}

// prove stands in for the ledger's proof: time and signature over the digest.
func (w world) prove(text []byte, at time.Time) []byte {
	head := fmt.Sprintf("%s %s\n", hexOf(sha256.Sum256(text)), at.UTC().Format(time.RFC3339))
	return append([]byte(head), hex.EncodeToString(ed25519.Sign(w.log, []byte(head)))...)
}

func hexOf(d [32]byte) string { return hex.EncodeToString(d[:]) }

func (w world) checkProof(proof []byte, digest [32]byte) (time.Time, error) {
	head, sig, ok := bytes.Cut(proof, []byte("\n"))
	raw, err := hex.DecodeString(string(sig))
	if !ok || err != nil || string(sig) != strings.ToLower(string(sig)) || !ed25519.Verify(w.log.Public().(ed25519.PublicKey), append(head, '\n'), raw) {
		return time.Time{}, errors.New("bad proof")
	}
	of, at, _ := strings.Cut(string(head), " ")
	if of != hexOf(digest) {
		return time.Time{}, errors.New("another digest")
	}
	return time.Parse(time.RFC3339, at)
}

func (w world) options() verify.Options {
	return verify.Options{Identities: []age.Identity{w.officer}, Proof: w.checkProof}
}

func (w world) verify(dir string) (verify.Report, error) {
	return verify.Verify(context.Background(), dir, w.trust, w.options())
}

var start = time.Date(2026, 9, 18, 15, 0, 0, 0, time.UTC)

func march(day int) time.Time { return time.Date(2026, 3, day, 12, 0, 0, 0, time.UTC) }

func marchScope(t testing.TB, accounts ...scope.AccountID) scope.Scope {
	t.Helper()
	var rows []scope.Selector
	for _, account := range accounts {
		rows = append(rows, scope.Selector{
			Account: account, Service: scope.Mail, Category: scope.Content, Basis: scope.Received,
			From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 3, 31, 23, 59, 59, 0, time.UTC),
		})
	}
	s, err := scope.New(rows...)
	must(t, err)
	return s
}

// seal makes a package of n items and three more, and gives what is to be signed.
func (w world) seal(t testing.TB, out io.Writer, demand string, n int) evidence.Sealed {
	return w.sealTo(t, out, w.officer.Recipient(), demand, n)
}

func (w world) sealTo(t testing.TB, out io.Writer, to evidence.Recipient, demand string, n int) evidence.Sealed {
	t.Helper()
	now := start
	pw, err := evidence.NewWriter(context.Background(), out, to, evidence.Header{
		Demand: demand, Region: "mil", Gate: "gate-mil-1", Scope: marchScope(t, "acct-rossi", "acct-verdi"), Filtered: release.ByGate,
		Grant: []byte("grant of " + demand), Approvals: [][]byte{[]byte("approval")},
	}, evidence.Options{Now: func() time.Time { now = now.Add(time.Second); return now }, Rand: rand.Reader, SpoolDir: t.TempDir(), ByteCap: 64 << 20})
	must(t, err)
	defer pw.Abort()
	add := func(account scope.AccountID, id string, received, sent time.Time, body string) {
		t.Helper()
		must(t, pw.Add(evidence.Item{
			Item:     scope.Item{ID: id, Account: account, Service: scope.Mail, Category: scope.Content, Received: received, Sent: sent},
			Filename: id + ".eml", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil },
		}))
	}
	for i := range n {
		add([]scope.AccountID{"acct-rossi", "acct-verdi"}[i%2], fmt.Sprintf("%s-%d", demand, i), march(1+i%28), march(1+i%28), strings.Repeat(demand, i+1))
	}
	add("acct-rossi", "large", march(5), march(5), strings.Repeat("0123456789abcdef", 1<<14))
	add("acct-rossi", "empty", march(6), time.Time{}, "")
	add("acct-verdi", "split", march(1), march(1).AddDate(0, -1, 0), "sent in February")
	must(t, pw.Withhold("near", "msg-900", "received 2026-04-01"))
	must(t, pw.Withhold("undated", "msg-901", ""))
	s, err := pw.Close(evidence.Order{
		Provider: "Nordlys Cloud A/S", Authority: "Tribunale di Milano", Instrument: "EPOC", Received: start.AddDate(0, 0, -2),
		Language: "it", Compelled: []string{"mail of two accounts, March 2026"},
	})
	must(t, err)
	return s
}

// lay writes an officer's folder.
func (w world) lay(t testing.TB, pkg []byte, r release.Release) string {
	t.Helper()
	dir := t.TempDir()
	text, err := r.Bytes()
	must(t, err)
	sig, err := sshsig.Sign(bytes.NewReader(text), w.gate, sshsig.HashSHA512, release.Namespace)
	must(t, err)
	note, err := release.ReadMe("it", r)
	must(t, err)
	for name, b := range map[string][]byte{
		r.Package(): pkg, release.ReleaseFile: text, release.SignatureFile: sshsig.Armor(sig),
		release.ProofFile: w.prove(text, r.CollectedAt.Add(time.Minute)), release.ReadMeFile: note,
	} {
		must(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	return dir
}

func (w world) folder(t testing.TB, demand string, n int) string {
	t.Helper()
	var out bytes.Buffer
	s := w.seal(t, &out, demand, n)
	return w.lay(t, out.Bytes(), s.Release)
}

func read(t testing.TB, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	must(t, err)
	return b
}

func write(t testing.TB, dir, name string, b []byte) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
}

func decrypt(t testing.TB, w world, pkg []byte) []byte {
	t.Helper()
	r, err := age.Decrypt(bytes.NewReader(pkg), w.officer)
	must(t, err)
	b, err := io.ReadAll(r)
	must(t, err)
	return b
}
