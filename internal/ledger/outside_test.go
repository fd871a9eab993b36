package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	_ "modernc.org/sqlite"
)

// litewitness runs the witness of filippo.io/torchwood, which shares no code with ours,
// for the world's log.
func litewitness(t *testing.T, logKey, origin string) ledger.WitnessAt {
	t.Helper()
	program, err := exec.LookPath("litewitness")
	if home, e := os.UserHomeDir(); err != nil && e == nil {
		program, err = exec.LookPath(filepath.Join(home, "go", "bin", "litewitness"))
	}
	if err != nil {
		t.Skip("litewitness is not installed: go install filippo.io/torchwood/cmd/litewitness@v0.6.1")
	}
	const name = "lite.example"
	dir := t.TempDir()
	pub, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	keys := agent.NewKeyring()
	must(t, keys.Add(agent.AddedKey{PrivateKey: &private}))
	socket, err := net.Listen("unix", filepath.Join(dir, "agent.sock"))
	must(t, err)
	t.Cleanup(func() { socket.Close() })
	go func() {
		for {
			c, err := socket.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(keys, c) }()
		}
	}()
	empty := proof.EmptyRoot()
	db := filepath.Join(dir, "lite.db")
	// What its witnessctl writes, which needs more to be installed.
	rows, err := sql.Open("sqlite", db)
	must(t, err)
	_, err = rows.Exec(`CREATE TABLE log (origin TEXT PRIMARY KEY, tree_size INTEGER NOT NULL, tree_hash TEXT NOT NULL);
		CREATE TABLE key (origin TEXT NOT NULL, key TEXT NOT NULL, FOREIGN KEY(origin) REFERENCES log(origin))`)
	must(t, err)
	_, err = rows.Exec(`INSERT INTO log VALUES (?, 0, ?)`, origin, base64.StdEncoding.EncodeToString(empty[:]))
	must(t, err)
	_, err = rows.Exec(`INSERT INTO key VALUES (?, ?)`, origin, logKey)
	must(t, err)
	must(t, rows.Close())
	free, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := free.Addr().String()
	must(t, free.Close())
	sshKey, err := ssh.NewPublicKey(pub)
	must(t, err)
	var out bytes.Buffer
	cmd := exec.Command(program, "-db", db, "-name", name, "-key", ssh.FingerprintSHA256(sshKey), "-ssh-agent", socket.Addr().String(), "-listen", address)
	cmd.Stdout, cmd.Stderr = &out, &out
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(out.String())
		}
	})
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
			break
		}
		if time.Now().After(end) {
			t.Fatalf("litewitness does not answer")
		}
	}
	key := append([]byte{4}, pub...)
	sum := sha256.Sum256(append([]byte(name+"\n"), key...))
	return ledger.WitnessAt{Key: fmt.Sprintf("%s+%08x+%s", name, binary.BigEndian.Uint32(sum[:4]), base64.StdEncoding.EncodeToString(key)),
		URL: "http://" + address, HTTP: http.DefaultClient}
}

func TestAWitnessThatSharesNoCodeWithOursCosignsOurLog(t *testing.T) {
	w := newWorld(t, "journal.example")
	lite := litewitness(t, w.policy.LogKey(), w.policy.Origin())
	j := w.asking(2, lite)
	for size := range uint64(5) {
		w.tick(j)
		head := w.published(ledger.InJournal, size+1)
		if !slices.Contains(head.Witnesses, "lite.example") {
			t.Fatalf("cosigned by %v", head.Witnesses)
		}
	}
	head := w.published(ledger.InJournal, 5)
	size, err := ledger.Probe(t.Context(), lite.HTTP, lite, head)
	must(t, err)
	if size != 5 {
		t.Errorf("it has cosigned %d leaves", size)
	}
	if at, ok := proof.CosignedAt(head.Text, lite.Key); !ok || time.Since(at) > time.Minute || time.Until(at) > time.Minute {
		t.Errorf("it says %v, %v", at, ok)
	}
}
