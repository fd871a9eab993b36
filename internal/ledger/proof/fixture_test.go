package proof_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"counterseal/internal/ledger/proof"
	"counterseal/internal/ledger/witness"
	"counterseal/internal/problem"

	flog "github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// keyPair makes a note key from a seed that anyone can compute.
func keyPair(name string) (skey, vkey string) {
	seed := sha256.Sum256([]byte("seed of " + name))
	pub := append([]byte{1}, ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey)...)
	sum := sha256.Sum256(append([]byte(name+"\n"), pub...))
	hash := binary.BigEndian.Uint32(sum[:4])
	b64 := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, hash, b64(append([]byte{1}, seed[:]...))),
		fmt.Sprintf("%s+%08x+%s", name, hash, b64(pub))
}

// tree is a small log in memory.
type tree struct {
	size   int64
	hashes []tlog.Hash
}

func (l *tree) ReadHashes(at []int64) (out []tlog.Hash, err error) {
	for _, i := range at {
		out = append(out, l.hashes[i])
	}
	return out, nil
}

func (l *tree) add(t testing.TB, leaf []byte) {
	t.Helper()
	more, err := tlog.StoredHashes(l.size, leaf, l)
	must(t, err)
	l.hashes = append(l.hashes, more...)
	l.size++
}

func (l *tree) head(t testing.TB, size int64) proof.Checkpoint {
	t.Helper()
	root := proof.EmptyRoot()
	if size > 0 {
		var err error
		root, err = tlog.TreeHash(size, l)
		must(t, err)
	}
	return proof.Checkpoint{Origin: "journal.example", Size: uint64(size), Root: root}
}

// sign gives the checkpoint as the named log signs it, with a cosignature of
// each named witness.
func sign(t testing.TB, cp proof.Checkpoint, log string, witnesses ...string) []byte {
	t.Helper()
	skey, _ := keyPair(log)
	signer, err := note.NewSigner(skey)
	must(t, err)
	body := flog.Checkpoint{Origin: cp.Origin, Size: cp.Size, Hash: cp.Root[:]}.Marshal()
	text, err := note.Sign(&note.Note{Text: string(body)}, signer)
	must(t, err)
	signed := text
	for _, name := range witnesses {
		w := openWitness(t, name, log)
		line, err := w.AddCheckpoint(t.Context(), 0, nil, signed)
		must(t, err)
		text = append(text, line...)
	}
	return text
}

func openWitness(t testing.TB, name, log string) *witness.Witness {
	t.Helper()
	skey, _ := keyPair(name)
	_, vkey := keyPair(log)
	w, err := witness.Open(witness.Config{Dir: t.TempDir(), Key: skey, Logs: []string{vkey},
		Now: func() time.Time { return time.Unix(1_950_000_000, 0) }})
	must(t, err)
	t.Cleanup(func() { w.Close() })
	return w
}

func policyOf(t testing.TB, log string, k int, witnesses ...string) proof.Policy {
	t.Helper()
	_, vkey := keyPair(log)
	var keys []string
	for _, name := range witnesses {
		keys = append(keys, openWitness(t, name, log).VerifierKey())
	}
	p, err := proof.NewPolicy(vkey, keys, k)
	must(t, err)
	return p
}

func fill(seed byte) (b [32]byte) {
	return sha256.Sum256([]byte{seed})
}

// goodProof is an event at place 4660 of the fourth of five ticks, under two
// witnesses.
func goodProof(t testing.TB) (proof.Proof, proof.Policy) {
	t.Helper()
	opening := proof.Opening{Salt: fill(1), Digest: fill(2)}
	private, err := proof.NewTree(fill(3), []proof.Placed{{Position: 4660, Event: opening.EventHash()}, {Position: 7, Event: fill(4)}})
	must(t, err)
	path, err := private.Path(4660)
	must(t, err)
	leaf := proof.JournalLeaf{TickMillis: 1_949_999_985_000, Root: private.Root()}
	log := new(tree)
	for i := range 5 {
		b := proof.JournalLeaf{TickMillis: leaf.TickMillis + int64(i-3)*15000, Root: fill(byte(10 + i))}.Marshal()
		if i == 3 {
			b = leaf.Marshal()
		}
		log.add(t, b)
	}
	return proof.Proof{Position: 4660, Opening: opening, Leaf: leaf, Path: path, Inclusion: log.include(t, 3)},
		policyOf(t, "journal.example", 2, "w1.example", "w2.example")
}

func (l *tree) include(t testing.TB, index int64) proof.Inclusion {
	t.Helper()
	hashes, err := tlog.ProveRecord(l.size, index, l)
	must(t, err)
	return proof.Inclusion{Index: uint64(index), Hashes: hashes,
		Checkpoint: sign(t, l.head(t, l.size), "journal.example", "w1.example", "w2.example")}
}

func goodOpening(t testing.TB) proof.RegisterOpening {
	t.Helper()
	country, err := proof.CountryOf("DK")
	must(t, err)
	o := proof.RegisterOpening{Fields: proof.Fields{Country: country, Instrument: proof.InstrumentEPOC, Band: proof.BandFew, Class: proof.ClassOrdinary},
		Salt: fill(20), Digest: fill(21)}
	for i := range o.Blinds {
		o.Blinds[i] = fill(byte(30 + i))
		o.Blinds[i][31] &= 0x0f // below the group's order
	}
	return o
}

func goodRegisterProof(t testing.TB) (proof.RegisterProof, proof.Policy) {
	t.Helper()
	leaf, err := goodOpening(t).Leaf()
	must(t, err)
	log := new(tree)
	log.add(t, []byte("another"))
	log.add(t, leaf.Marshal())
	return proof.RegisterProof{Leaf: leaf, Inclusion: log.include(t, 1)},
		policyOf(t, "journal.example", 2, "w1.example", "w2.example")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	if problem.Code(err) != code {
		t.Errorf("got %v, want %s", err, code)
	}
}
