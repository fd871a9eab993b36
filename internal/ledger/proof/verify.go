package proof

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"time"

	"counterseal/internal/problem"

	fproof "github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/tlog"
)

// EmptyRoot is the root of a log without leaves.
func EmptyRoot() Hash { return sha256.Sum256(nil) }

// Inclusion places a leaf in a log: its index, the hashes of RFC 6962 §2.1.1,
// and the signed checkpoint that they lead to.
type Inclusion struct {
	Index      uint64
	Hashes     []Hash
	Checkpoint []byte
}

// Proof shows that an event is in the journal.
type Proof struct {
	Position uint16 // the event's place in the tick's private tree
	Opening  Opening
	Leaf     JournalLeaf
	Path     Path
	Inclusion
}

// RegisterProof shows that a leaf is in the register.
type RegisterProof struct {
	Leaf RegisterLeaf
	Inclusion
}

// Verified is what a proof has shown.
type Verified struct {
	Tick      time.Time   // the leaf's tick; zero for the register
	Index     uint64      // the leaf's index in the log
	Size      uint64      // the checkpoint's size
	Root      Hash        // the checkpoint's root
	Witnesses []string    // key names of the policy's witnesses that cosigned
	At        []time.Time // when each says that it did
}

const (
	eventPartVersion    = 1
	eventPartSize       = 1 + 2 + 64 + JournalLeafSize + Depth*32
	registerPartVersion = 2
	maxProofText        = 64 << 10
)

// Verify checks a proof in full against the digest of the subject at hand and
// the policy. Problems: proof.digest_mismatch (another subject),
// proof.path_mismatch (the event is not in the leaf), proof.not_included (the
// leaf is not in the log), and those of Policy.OpenCheckpoint.
func Verify(p Proof, digest [32]byte, policy Policy) (Verified, error) {
	if p.Opening.Digest != digest {
		return Verified{}, problem.New(problem.Unverified, "proof.digest_mismatch", "the proof is about something else")
	}
	if int(p.Position) >= Places || p.Path.Root(p.Position, p.Opening.EventHash()) != p.Leaf.Root {
		return Verified{}, problem.New(problem.Unverified, "proof.path_mismatch", "the event is not in the journal leaf of this proof")
	}
	v, err := p.Inclusion.verify(p.Leaf.Marshal(), policy)
	if err != nil {
		return Verified{}, err
	}
	v.Tick = p.Leaf.Tick()
	return v, nil
}

// VerifyRegister checks that the opening opens the proof's leaf and that the
// leaf is in the register. Problems: proof.opening_mismatch,
// proof.opening_malformed, proof.not_included, and those of
// Policy.OpenCheckpoint.
func VerifyRegister(p RegisterProof, opening RegisterOpening, policy Policy) (Verified, error) {
	err := opening.Verify(p.Leaf)
	if err != nil {
		return Verified{}, err
	}
	return p.Verify(policy)
}

// Verify checks that the leaf is in the register, without opening it.
func (p RegisterProof) Verify(policy Policy) (Verified, error) {
	return p.Inclusion.verify(p.Leaf.Marshal(), policy)
}

func (in Inclusion) verify(leaf []byte, policy Policy) (Verified, error) {
	cp, err := policy.OpenCheckpoint(in.Checkpoint)
	if err != nil {
		return Verified{}, err
	}
	outside := problem.New(problem.Unverified, "proof.not_included", "the leaf is not in the log under this checkpoint")
	// CheckRecord refuses an index outside the tree; one of 2^63 or more turns
	// negative and is refused with it.
	err = tlog.CheckRecord(tlog.RecordProof(in.Hashes), int64(cp.Size), cp.Root, int64(in.Index), tlog.RecordHash(leaf))
	if err != nil {
		return Verified{}, outside.Because(err)
	}
	return Verified{Index: in.Index, Size: cp.Size, Root: cp.Root, Witnesses: cp.Witnesses, At: cp.At}, nil
}

// VerifyLeaf holds a leaf of the journal against the checkpoint. Problems: those
// of Verify that are about the log.
func (in Inclusion) VerifyLeaf(leaf JournalLeaf, policy Policy) error {
	_, err := in.verify(leaf.Marshal(), policy)
	return err
}

// Marshal gives the proof's text: c2sp.org/tlog-proof@v1.
func (p Proof) Marshal() []byte {
	b := make([]byte, 0, eventPartSize)
	b = append(b, eventPartVersion)
	b = binary.BigEndian.AppendUint16(b, p.Position)
	b = append(b, p.Opening.Salt[:]...)
	b = append(b, p.Opening.Digest[:]...)
	b = append(b, p.Leaf.Marshal()...)
	for _, h := range p.Path {
		b = append(b, h[:]...)
	}
	return p.Inclusion.marshal(b)
}

// ParseProof reads a proof's text. It checks form alone: Verify does the rest.
// Problems: proof.malformed, proof.leaf_malformed.
func ParseProof(text []byte) (Proof, error) {
	part, in, err := parseInclusion(text)
	if err != nil {
		return Proof{}, err
	}
	if len(part) != eventPartSize || part[0] != eventPartVersion {
		return Proof{}, malformed("this is not a proof of an event that this version knows")
	}
	p := Proof{Position: binary.BigEndian.Uint16(part[1:3]), Inclusion: in}
	if int(p.Position) >= Places {
		return Proof{}, malformed("the proof names a place outside the private tree")
	}
	copy(p.Opening.Salt[:], part[3:])
	copy(p.Opening.Digest[:], part[35:])
	p.Leaf, err = ParseJournalLeaf(part[67 : 67+JournalLeafSize])
	if err != nil {
		return Proof{}, err
	}
	for i := range p.Path {
		copy(p.Path[i][:], part[67+JournalLeafSize+32*i:])
	}
	if !bytes.Equal(p.Marshal(), text) {
		return Proof{}, malformed("the proof is not in its canonical form")
	}
	return p, nil
}

// Marshal gives the proof's text: c2sp.org/tlog-proof@v1.
func (p RegisterProof) Marshal() []byte {
	return p.Inclusion.marshal(append([]byte{registerPartVersion}, p.Leaf.Marshal()...))
}

// ParseRegisterProof reads a register proof's text, form alone. Problems:
// proof.malformed, proof.leaf_malformed.
func ParseRegisterProof(text []byte) (RegisterProof, error) {
	part, in, err := parseInclusion(text)
	if err != nil {
		return RegisterProof{}, err
	}
	if len(part) != 1+RegisterLeafSize || part[0] != registerPartVersion {
		return RegisterProof{}, malformed("this is not a proof of a register leaf that this version knows")
	}
	leaf, err := ParseRegisterLeaf(part[1:])
	if err != nil {
		return RegisterProof{}, err
	}
	p := RegisterProof{Leaf: leaf, Inclusion: in}
	if !bytes.Equal(p.Marshal(), text) {
		return RegisterProof{}, malformed("the proof is not in its canonical form")
	}
	return p, nil
}

func (in Inclusion) marshal(extra []byte) []byte {
	t := fproof.TLogProof{Index: in.Index, Checkpoint: in.Checkpoint, ExtraData: extra}
	for _, h := range in.Hashes {
		t.Hashes = append(t.Hashes, h)
	}
	return t.Marshal()
}

func parseInclusion(text []byte) ([]byte, Inclusion, error) {
	if len(text) > maxProofText {
		return nil, Inclusion{}, malformed("the proof is too long")
	}
	var t fproof.TLogProof
	if err := t.Unmarshal(text); err != nil {
		return nil, Inclusion{}, malformed("this is not a tlog-proof").Because(err)
	}
	if len(t.Hashes) > maxPathHashes || t.Index > math.MaxInt64 {
		return nil, Inclusion{}, malformed("the proof is larger than any log")
	}
	if _, err := ParseCheckpoint(t.Checkpoint); err != nil {
		return nil, Inclusion{}, err
	}
	in := Inclusion{Index: t.Index, Checkpoint: t.Checkpoint}
	for _, h := range t.Hashes {
		in.Hashes = append(in.Hashes, h)
	}
	return t.ExtraData, in, nil
}
