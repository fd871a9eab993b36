package proof_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"counterseal/internal/ledger/proof"
)

var update = flag.Bool("update", false, "write testdata/vectors.json anew")

// vectors are published for whoever writes a second verifier: all values in
// hexadecimal but for texts.
type vectors struct {
	Event struct {
		Salt, Digest, Hash string
	}
	PrivateTree struct {
		IntervalKey string
		Events      []struct {
			Position uint16
			Hash     string
		}
		Root string
		Path []string // of the first event
	}
	JournalLeaf struct {
		TickMillis  int64
		Root, Bytes string
	}
	RegisterLeaf struct {
		PedersenSeed, Opening, Leaf string
		Country                     string
		Instrument, Band, Class     uint16
		Blinds                      []string
		Salt, Digest                string
	}
	Policy        string
	Proof         string
	RegisterProof string
}

func computed(t *testing.T) vectors {
	t.Helper()
	p, policy := goodProof(t)
	r, _ := goodRegisterProof(t)
	o := goodOpening(t)
	h := func(b []byte) string { return hex.EncodeToString(b) }
	var v vectors
	hash := p.Opening.EventHash()
	v.Event.Salt, v.Event.Digest, v.Event.Hash = h(p.Opening.Salt[:]), h(p.Opening.Digest[:]), h(hash[:])
	key, other := fill(3), fill(4)
	v.PrivateTree.IntervalKey = h(key[:])
	for _, e := range []proof.Placed{{Position: 4660, Event: hash}, {Position: 7, Event: other}} {
		v.PrivateTree.Events = append(v.PrivateTree.Events, struct {
			Position uint16
			Hash     string
		}{e.Position, h(e.Event[:])})
	}
	v.PrivateTree.Root = h(p.Leaf.Root[:])
	for _, s := range p.Path {
		v.PrivateTree.Path = append(v.PrivateTree.Path, h(s[:]))
	}
	v.JournalLeaf.TickMillis, v.JournalLeaf.Root, v.JournalLeaf.Bytes = p.Leaf.TickMillis, h(p.Leaf.Root[:]), h(p.Leaf.Marshal())
	v.RegisterLeaf.PedersenSeed, v.RegisterLeaf.Opening, v.RegisterLeaf.Leaf = proof.PedersenSeed, h(o.Marshal()), h(r.Leaf.Marshal())
	v.RegisterLeaf.Country = o.Fields.Country.String()
	v.RegisterLeaf.Instrument, v.RegisterLeaf.Band, v.RegisterLeaf.Class = uint16(o.Fields.Instrument), uint16(o.Fields.Band), uint16(o.Fields.Class)
	for _, b := range o.Blinds {
		v.RegisterLeaf.Blinds = append(v.RegisterLeaf.Blinds, h(b[:]))
	}
	v.RegisterLeaf.Salt, v.RegisterLeaf.Digest = h(o.Salt[:]), h(o.Digest[:])
	v.Policy, v.Proof, v.RegisterProof = string(policy.Marshal()), string(p.Marshal()), string(r.Marshal())
	return v
}

func TestThePublishedVectorsHold(t *testing.T) {
	got, err := json.MarshalIndent(computed(t), "", "\t")
	must(t, err)
	got = append(got, '\n')
	const path = "testdata/vectors.json"
	if *update {
		must(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(got, want) {
		t.Fatalf("the formats have changed; got\n%s", got)
	}
}

// TestThePublishedProofsVerify uses nothing but the file.
func TestThePublishedProofsVerify(t *testing.T) {
	b, err := os.ReadFile("testdata/vectors.json")
	must(t, err)
	var v vectors
	must(t, json.Unmarshal(b, &v))
	policy, err := proof.ParsePolicy([]byte(v.Policy))
	must(t, err)
	p, err := proof.ParseProof([]byte(v.Proof))
	must(t, err)
	digest, err := hex.DecodeString(v.Event.Digest)
	must(t, err)
	_, err = proof.Verify(p, [32]byte(digest), policy)
	must(t, err)
	r, err := proof.ParseRegisterProof([]byte(v.RegisterProof))
	must(t, err)
	raw, err := hex.DecodeString(v.RegisterLeaf.Opening)
	must(t, err)
	o, err := proof.ParseRegisterOpening(raw)
	must(t, err)
	_, err = proof.VerifyRegister(r, o, policy)
	must(t, err)
}
