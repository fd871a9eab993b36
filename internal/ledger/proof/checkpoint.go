package proof

import (
	"encoding/base64"
	"errors"
	"math"
	"strings"
	"time"

	"counterseal/internal/problem"

	flog "github.com/transparency-dev/formats/log"
	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	maxCheckpointText = 32 << 10
	// maxPathHashes is enough for a tree of 2^63 leaves, inclusion or consistency.
	maxPathHashes = 64
)

// Checkpoint is a log's head, as far as its signatures were checked.
type Checkpoint struct {
	Origin string
	Size   uint64 // number of leaves, below 2^63
	Root   Hash
	// Witnesses holds the key names of the policy's witnesses that cosigned, and At when
	// each says that it did (c2sp.org/tlog-cosignature), to the second.
	Witnesses []string
	At        []time.Time
}

// OpenCheckpoint reads a signed checkpoint and demands all that the policy
// demands. Problems: proof.malformed, proof.wrong_origin, proof.log_signature,
// proof.cosignature_invalid (a known witness's signature does not verify),
// proof.too_few_witnesses, proof.policy_malformed (the zero Policy).
func (p Policy) OpenCheckpoint(text []byte) (Checkpoint, error) {
	if p.log == nil {
		return Checkpoint{}, policyMalformed("there is no policy to check against")
	}
	cp, err := openSigned(text, p.log, p.witnesses)
	if err != nil {
		return Checkpoint{}, err
	}
	if len(cp.Witnesses) < p.k {
		return Checkpoint{}, problem.New(problem.Unverified, "proof.too_few_witnesses",
			"%d of the known witnesses cosigned the checkpoint, %d are needed", len(cp.Witnesses), p.k)
	}
	return cp, nil
}

// OpenSigned reads a checkpoint and checks the log's signature alone: what a
// witness does before it cosigns. Problems as for Policy.OpenCheckpoint.
func OpenSigned(text []byte, log note.Verifier) (Checkpoint, error) {
	return openSigned(text, log, nil)
}

func openSigned(text []byte, log note.Verifier, witnesses []note.Verifier) (Checkpoint, error) {
	cp, err := ParseCheckpoint(text)
	if err != nil {
		return Checkpoint{}, err
	}
	if cp.Origin != log.Name() {
		return Checkpoint{}, problem.New(problem.Unverified, "proof.wrong_origin", "the checkpoint is of another log")
	}
	n, err := note.Open(text, note.VerifierList(append([]note.Verifier{log}, witnesses...)...))
	var bad *note.InvalidSignatureError
	if errors.As(err, &bad) && (bad.Name != log.Name() || bad.Hash != log.KeyHash()) {
		return Checkpoint{}, problem.New(problem.Unverified, "proof.cosignature_invalid", "a witness's cosignature does not verify").Because(err)
	}
	if err != nil {
		return Checkpoint{}, logSignature().Because(err)
	}
	logSigned := false
	for _, s := range n.Sigs {
		if s.Name == log.Name() && s.Hash == log.KeyHash() {
			logSigned = true
			continue
		}
		at, err := fnote.CoSigV1Timestamp(s)
		if err != nil {
			return Checkpoint{}, malformed("a cosignature states no time").Because(err)
		}
		cp.Witnesses, cp.At = append(cp.Witnesses, s.Name), append(cp.At, at.UTC())
	}
	if !logSigned {
		return Checkpoint{}, logSignature()
	}
	return cp, nil
}

func logSignature() *problem.Error {
	return problem.New(problem.Unverified, "proof.log_signature", "the checkpoint is not signed with the log's key")
}

// CosignedAt says whether one witness has cosigned a checkpoint, and when it says that
// it did. The log's signature is not looked at.
func CosignedAt(text []byte, witnessKey string) (time.Time, bool) {
	v, err := fnote.NewVerifierForCosignatureV1(witnessKey)
	if err != nil {
		return time.Time{}, false
	}
	n, err := note.Open(text, note.VerifierList(v))
	if err != nil || len(n.Sigs) != 1 {
		return time.Time{}, false
	}
	at, err := fnote.CoSigV1Timestamp(n.Sigs[0])
	return at.UTC(), err == nil
}

// ParseCheckpoint reads a signed checkpoint without checking a signature; no
// extension lines, no signature twice. Problem: proof.malformed.
func ParseCheckpoint(text []byte) (Checkpoint, error) {
	if len(text) > maxCheckpointText {
		return Checkpoint{}, malformed("the checkpoint is too long")
	}
	body, sigs, found := strings.Cut(string(text), "\n\n")
	if !found {
		return Checkpoint{}, malformed("the checkpoint has no signatures")
	}
	body += "\n"
	var c flog.Checkpoint
	rest, err := c.Unmarshal([]byte(body))
	if err != nil || len(rest) != 0 || len(c.Hash) != tlog.HashSize || c.Size > math.MaxInt64 || string(c.Marshal()) != body {
		return Checkpoint{}, malformed("the checkpoint is not in its canonical form").Because(err)
	}
	seen := make(map[string]bool)
	for line := range strings.Lines(sigs) {
		if err := checkSignatureLine(line, seen); err != nil {
			return Checkpoint{}, malformed("a signature line of the checkpoint is not in its canonical form").Because(err)
		}
	}
	if len(seen) == 0 {
		return Checkpoint{}, malformed("the checkpoint has no signatures")
	}
	return Checkpoint{Origin: c.Origin, Size: c.Size, Root: Hash(c.Hash)}, nil
}

// checkSignatureLine refuses what sumdb/note lets pass: loose base64 and a
// second signature of one key.
func checkSignatureLine(line string, seen map[string]bool) error {
	fields, ok := strings.CutPrefix(line, "— ")
	name, sig64, _ := strings.Cut(strings.TrimSuffix(fields, "\n"), " ")
	sig, err := base64.StdEncoding.DecodeString(sig64)
	switch {
	case !ok || !strings.HasSuffix(line, "\n") || name == "":
		return errors.New("not a signature line")
	case err != nil || len(sig) < 5 || base64.StdEncoding.EncodeToString(sig) != sig64:
		return errors.New("not canonical base64")
	case seen[name+string(sig[:4])]:
		return errors.New("one key signs twice")
	}
	seen[name+string(sig[:4])] = true
	return nil
}

// Consistent says whether a later checkpoint continues an earlier one, by the
// consistency hashes of RFC 6962 §2.1.2 (none when the earlier is empty or both
// have one size). It checks no signature. Problems: proof.wrong_origin,
// proof.rolled_back (the later one is smaller), proof.forked (the later one is
// not shown to contain the earlier one).
func Consistent(earlier, later Checkpoint, hashes []Hash) error {
	if earlier.Origin != later.Origin {
		return problem.New(problem.Unverified, "proof.wrong_origin", "the two checkpoints are of different logs")
	}
	if later.Size < earlier.Size {
		return problem.New(problem.Unverified, "proof.rolled_back", "the log had %d leaves and now shows %d", earlier.Size, later.Size)
	}
	forked := problem.New(problem.Unverified, "proof.forked", "the log is not shown to continue what it showed before")
	if later.Size > math.MaxInt64 || len(hashes) > maxPathHashes {
		return forked
	}
	switch {
	case earlier.Size == later.Size:
		if earlier.Root != later.Root || len(hashes) != 0 {
			return forked
		}
		return nil
	case earlier.Size == 0:
		if earlier.Root != EmptyRoot() || len(hashes) != 0 {
			return forked
		}
		return nil
	}
	err := tlog.CheckTree(tlog.TreeProof(hashes), int64(later.Size), later.Root, int64(earlier.Size), earlier.Root)
	if err != nil {
		return forked.Because(err)
	}
	return nil
}

func malformed(sentence string) *problem.Error {
	return problem.New(problem.Invalid, "proof.malformed", "%s", sentence)
}
