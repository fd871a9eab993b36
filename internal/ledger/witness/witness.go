package witness

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"time"

	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"

	"golang.org/x/mod/sumdb/note"
)

const (
	keyEd25519     = 1
	keyCosignature = 4
)

// Config is what a witness needs.
type Config struct {
	// Dir holds the state; it is made when missing. On a local disk, and never
	// restored from a backup: a witness that forgets can be made to cosign a fork.
	Dir string
	// Key is the signed-note private key, of type 0x01 or 0x04, as text.
	Key string
	// Logs are the verifier keys of the logs to witness; a key's name is the
	// log's origin.
	Logs []string
	// Now is the clock of the cosignatures.
	Now func() time.Time
	// Begun says that the witness has begun before: without its memory it does not begin
	// again (witness.lost).
	Begun bool
	// Before is asked for leave before a checkpoint that continues the last one is
	// cosigned; its refusal changes nothing. nil: none is needed.
	Before func(ctx context.Context, last, next proof.Checkpoint) error
}

// Witness cosigns checkpoints. Safe for concurrent use.
type Witness struct {
	name string
	key  ed25519.PrivateKey
	logs map[string]note.Verifier
	now  func() time.Time
	ask  func(ctx context.Context, last, next proof.Checkpoint) error

	mu    sync.Mutex
	state *state
}

// Open takes the witness's directory. Problems: witness.busy (another process
// holds it), witness.key, witness.log_key, witness.lost, witness.state (the directory
// cannot be used).
func Open(c Config) (*Witness, error) {
	name, key, err := parsePrivateKey(c.Key)
	if err != nil {
		return nil, badKey(err)
	}
	w := &Witness{name: name, key: key, logs: make(map[string]note.Verifier), now: c.Now, ask: c.Before}
	for _, k := range c.Logs {
		v, err := note.NewVerifier(k)
		if err != nil || w.logs[v.Name()] != nil {
			return nil, problem.New(problem.Invalid, "witness.log_key", "a log's key is malformed or a log is named twice").Because(err)
		}
		w.logs[v.Name()] = v
	}
	w.state, err = openState(c.Dir, c.Begun)
	if err != nil {
		return nil, err
	}
	return w, nil
}

// Close gives the directory back.
func (w *Witness) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state.close()
}

// Name is the witness's key name.
func (w *Witness) Name() string { return w.name }

// VerifierKeyOf is the public half of a witness's private key, as a policy names it.
// Problem: witness.key.
func VerifierKeyOf(key string) (string, error) {
	name, private, err := parsePrivateKey(key)
	if err != nil {
		return "", badKey(err)
	}
	return (&Witness{name: name, key: private}).VerifierKey(), nil
}

func badKey(err error) error {
	return problem.New(problem.Invalid, "witness.key", "the witness's private key is not an Ed25519 note key").Because(err)
}

// VerifierKey is the witness's public key as a policy names it (type 0x04).
func (w *Witness) VerifierKey() string {
	pub := w.publicKey()
	return fmt.Sprintf("%s+%08x+%s", w.name, keyHash(w.name, pub), base64.StdEncoding.EncodeToString(pub))
}

func (w *Witness) publicKey() []byte {
	return append([]byte{keyCosignature}, w.key.Public().(ed25519.PublicKey)...)
}

// Last is the last checkpoint cosigned for an origin; size 0 before the first.
// Problems: witness.unknown_log, witness.state.
func (w *Witness) Last(origin string) (proof.Checkpoint, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.logs[origin] == nil {
		return proof.Checkpoint{}, unknownLog()
	}
	return w.state.last(origin)
}

// AddCheckpoint cosigns a checkpoint that continues the last one, of size old.
// The answer is the signature line, newline included, to be appended to the
// checkpoint. When it returns, the new state is on disk.
//
// Problems: witness.malformed, witness.unknown_log, witness.bad_signature
// (not signed by the log), witness.rolled_back (the log is smaller than what was
// cosigned), witness.stale (old is not the size last cosigned; ask again with
// the size that Last gives), witness.forked (one size, two roots),
// witness.inconsistent (the hashes do not lead from the last checkpoint to this
// one), witness.state (the state could not be read or written), and those of
// Config.Before.
func (w *Witness) AddCheckpoint(ctx context.Context, old uint64, hashes []proof.Hash, checkpoint []byte) ([]byte, error) {
	parsed, err := proof.ParseCheckpoint(checkpoint)
	if err != nil {
		return nil, malformed().Because(err)
	}
	log := w.logs[parsed.Origin]
	if log == nil {
		return nil, unknownLog()
	}
	next, err := proof.OpenSigned(checkpoint, log)
	if err != nil {
		return nil, problem.New(problem.Refused, "witness.bad_signature", "the checkpoint is not signed by the log it names").Because(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	last, err := w.state.last(next.Origin)
	if err != nil {
		return nil, err
	}
	if err := continues(last, old, next, hashes); err != nil {
		return nil, err
	}
	if w.ask != nil {
		if err := w.ask(ctx, last, next); err != nil {
			return nil, err
		}
	}
	if next.Size != last.Size || next.Root != last.Root {
		if err := w.state.keep(next); err != nil {
			return nil, err
		}
	}
	body, _, _ := strings.Cut(string(checkpoint), "\n\n")
	return w.sign(body + "\n"), nil
}

// continues follows the order of checks of tlog-witness.
func continues(last proof.Checkpoint, old uint64, next proof.Checkpoint, hashes []proof.Hash) error {
	if next.Size < last.Size {
		return problem.New(problem.Refused, "witness.rolled_back", "the log shows fewer leaves than were cosigned")
	}
	if old > next.Size {
		return malformed().At("old")
	}
	if old != last.Size {
		return problem.New(problem.Conflict, "witness.stale", "another checkpoint was cosigned since").Fix("ask again from the size that was cosigned last")
	}
	if next.Size == last.Size && next.Root != last.Root {
		return problem.New(problem.Refused, "witness.forked", "the log shows another history for a size that was cosigned")
	}
	err := proof.Consistent(last, next, hashes)
	if err != nil {
		return problem.New(problem.Unverified, "witness.inconsistent", "the checkpoint is not shown to continue what was cosigned").Because(err)
	}
	return nil
}

func (w *Witness) sign(body string) []byte {
	t := uint64(w.now().Unix())
	msg := fmt.Sprintf("cosignature/v1\ntime %d\n%s", t, body)
	sig := binary.BigEndian.AppendUint32(nil, keyHash(w.name, w.publicKey()))
	sig = binary.BigEndian.AppendUint64(sig, t)
	sig = append(sig, ed25519.Sign(w.key, []byte(msg))...)
	return fmt.Appendf(nil, "— %s %s\n", w.name, base64.StdEncoding.EncodeToString(sig))
}

func keyHash(name string, key []byte) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n"), key...))
	return binary.BigEndian.Uint32(sum[:4])
}

// parsePrivateKey reads PRIVATE+KEY+name+hash+base64(type || seed).
func parsePrivateKey(text string) (string, ed25519.PrivateKey, error) {
	parts := strings.SplitN(text, "+", 5)
	if len(parts) != 5 || parts[0] != "PRIVATE" || parts[1] != "KEY" || parts[2] == "" || strings.ContainsAny(parts[2], " \n\t\u00a0") {
		return "", nil, fmt.Errorf("private key: not of the form of a note key")
	}
	b, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(b) != 1+ed25519.SeedSize || b[0] != keyEd25519 && b[0] != keyCosignature {
		return "", nil, fmt.Errorf("private key: not an Ed25519 key")
	}
	key := ed25519.NewKeyFromSeed(b[1:])
	pub := append([]byte{b[0]}, key.Public().(ed25519.PublicKey)...)
	if fmt.Sprintf("%08x", keyHash(parts[2], pub)) != parts[3] {
		return "", nil, fmt.Errorf("private key: its hash does not fit")
	}
	return parts[2], key, nil
}

func unknownLog() *problem.Error {
	return problem.New(problem.Missing, "witness.unknown_log", "this witness does not know that log")
}

func malformed() *problem.Error {
	return problem.New(problem.Invalid, "witness.malformed", "this is not an add-checkpoint request")
}
