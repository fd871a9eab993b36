package proof_test

import (
	"bytes"
	"math"
	"testing"
	"time"

	"counterseal/internal/ledger/proof"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
)

func TestAGoodProofShowsWhenAndWhere(t *testing.T) {
	p, policy := goodProof(t)
	parsed, err := proof.ParseProof(p.Marshal())
	must(t, err)
	if d := cmp.Diff(p, parsed); d != "" {
		t.Fatal(d)
	}
	v, err := proof.Verify(parsed, p.Opening.Digest, policy)
	must(t, err)
	want := proof.Verified{Tick: time.Unix(1_949_999_985, 0).UTC(), Index: 3, Size: 5, Root: v.Root, Witnesses: []string{"w1.example", "w2.example"},
		At: []time.Time{time.Unix(1_950_000_000, 0).UTC(), time.Unix(1_950_000_000, 0).UTC()}}
	if d := cmp.Diff(want, v); d != "" {
		t.Fatal(d)
	}
}

func TestEachFlippedByteOfAProofFails(t *testing.T) {
	p, policy := goodProof(t)
	text := p.Marshal()
	for i := range text {
		for _, bit := range []byte{1, 0x20, 0x80} {
			bad := bytes.Clone(text)
			bad[i] ^= bit
			q, err := proof.ParseProof(bad)
			if err == nil {
				_, err = proof.Verify(q, p.Opening.Digest, policy)
			}
			if err == nil {
				t.Errorf("byte %d (%q), bit %#x: accepted", i, text[i], bit)
			}
		}
	}
}

func TestEachFlippedByteOfARegisterProofFails(t *testing.T) {
	p, policy := goodRegisterProof(t)
	_, err := proof.VerifyRegister(p, goodOpening(t), policy)
	must(t, err)
	text := p.Marshal()
	for i := range text {
		bad := bytes.Clone(text)
		bad[i] ^= 1
		q, err := proof.ParseRegisterProof(bad)
		if err == nil {
			_, err = proof.VerifyRegister(q, goodOpening(t), policy)
		}
		if err == nil {
			t.Errorf("byte %d (%q): accepted", i, text[i])
		}
	}
}

func TestEachWrongFieldHasItsCode(t *testing.T) {
	good, policy := goodProof(t)
	head := proof.Checkpoint{Origin: "journal.example", Size: 5}
	cp, err := proof.ParseCheckpoint(good.Checkpoint)
	must(t, err)
	head.Root = cp.Root
	for name, c := range map[string]struct {
		change func(*proof.Proof)
		code   string
	}{
		"salt":         {func(p *proof.Proof) { p.Opening.Salt[31] ^= 1 }, "proof.path_mismatch"},
		"digest":       {func(p *proof.Proof) { p.Opening.Digest[0] ^= 1 }, "proof.digest_mismatch"},
		"position":     {func(p *proof.Proof) { p.Position ^= 1 << 13 }, "proof.path_mismatch"},
		"outside":      {func(p *proof.Proof) { p.Position |= 1 << 14 }, "proof.path_mismatch"},
		"last sibling": {func(p *proof.Proof) { p.Path[proof.Depth-1][0] ^= 1 }, "proof.path_mismatch"},
		"private root": {func(p *proof.Proof) { p.Leaf.Root[0] ^= 1 }, "proof.path_mismatch"},
		"tick":         {func(p *proof.Proof) { p.Leaf.TickMillis++ }, "proof.not_included"},
		"index":        {func(p *proof.Proof) { p.Index = 2 }, "proof.not_included"},
		"index = size": {func(p *proof.Proof) { p.Index = 5 }, "proof.not_included"},
		"huge index":   {func(p *proof.Proof) { p.Index = math.MaxUint64 }, "proof.not_included"},
		"last hash":    {func(p *proof.Proof) { p.Hashes[len(p.Hashes)-1][0] ^= 1 }, "proof.not_included"},
		"a hash less":  {func(p *proof.Proof) { p.Hashes = p.Hashes[1:] }, "proof.not_included"},
		"a hash more":  {func(p *proof.Proof) { p.Hashes = append(p.Hashes, proof.Hash{}) }, "proof.not_included"},
		"other root":   {func(p *proof.Proof) { p.Checkpoint = signed(t, head, func(c *proof.Checkpoint) { c.Root[0] ^= 1 }) }, "proof.not_included"},
		"other size":   {func(p *proof.Proof) { p.Checkpoint = signed(t, head, func(c *proof.Checkpoint) { c.Size = 4 }) }, "proof.not_included"},
		"other log": {func(p *proof.Proof) {
			p.Checkpoint = sign(t, proof.Checkpoint{Origin: "other.example", Size: 5, Root: head.Root}, "other.example", "w1.example", "w2.example")
		}, "proof.wrong_origin"},
		"no signature":   {func(p *proof.Proof) { p.Checkpoint = bytes.SplitAfter(p.Checkpoint, []byte("\n\n"))[0] }, "proof.malformed"},
		"no witness":     {func(p *proof.Proof) { p.Checkpoint = sign(t, head, "journal.example") }, "proof.too_few_witnesses"},
		"one witness":    {func(p *proof.Proof) { p.Checkpoint = sign(t, head, "journal.example", "w2.example") }, "proof.too_few_witnesses"},
		"a stranger":     {func(p *proof.Proof) { p.Checkpoint = sign(t, head, "journal.example", "w1.example", "w9.example") }, "proof.too_few_witnesses"},
		"one for two":    {func(p *proof.Proof) { p.Checkpoint = sign(t, head, "journal.example", "w1.example", "w1.example") }, "proof.malformed"},
		"only witnesses": {func(p *proof.Proof) { p.Checkpoint = without(p.Checkpoint, "journal.example ") }, "proof.log_signature"},
		"other message":  {func(p *proof.Proof) { p.Checkpoint = bytes.Replace(p.Checkpoint, []byte("\n5\n"), []byte("\n6\n"), 1) }, "proof.log_signature"},
		"old cosignature": {func(p *proof.Proof) {
			other := sign(t, proof.Checkpoint{Origin: "journal.example", Size: 4, Root: fill(1)}, "journal.example", "w1.example", "w2.example")
			p.Checkpoint = append(without(p.Checkpoint, "w2.example "), lineOf(other, "w2.example ")...)
		}, "proof.cosignature_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			p := good
			p.Hashes = append([]proof.Hash(nil), good.Hashes...)
			p.Checkpoint = bytes.Clone(good.Checkpoint)
			c.change(&p)
			_, err := proof.Verify(p, good.Opening.Digest, policy)
			wantCode(t, err, c.code)
		})
	}
}

func signed(t *testing.T, head proof.Checkpoint, change func(*proof.Checkpoint)) []byte {
	change(&head)
	return sign(t, head, "journal.example", "w1.example", "w2.example")
}

// lineOf gives the signature line of a key name, without those that it leaves.
func lineOf(text []byte, name string) []byte {
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte("— "+name)) {
			return line
		}
	}
	return nil
}

func without(text []byte, name string) []byte {
	return bytes.Replace(bytes.Clone(text), lineOf(text, name), nil, 1)
}

func TestAnotherKeyOfTheSameNameIsNotTheLog(t *testing.T) {
	p, policy := goodProof(t)
	_, other := keyPair("other.example")
	impostor, err := proof.NewPolicy(renamed(t, other, "journal.example"), policy.Witnesses(), 2)
	must(t, err)
	_, err = proof.Verify(p, p.Opening.Digest, impostor)
	wantCode(t, err, "proof.log_signature")
	_, err = proof.Verify(p, p.Opening.Digest, proof.Policy{})
	wantCode(t, err, "proof.policy_malformed")
}

func TestKOfNWitnessesSuffice(t *testing.T) {
	p, _ := goodProof(t) // cosigned by w1 and w2
	for _, c := range []struct {
		k         int
		witnesses []string
		code      string
	}{
		{1, []string{"w1.example"}, ""},
		{2, []string{"w1.example", "w2.example", "w3.example"}, ""},
		{2, []string{"w3.example", "w2.example", "w1.example", "w4.example"}, ""},
		{3, []string{"w1.example", "w2.example", "w3.example"}, "proof.too_few_witnesses"},
		{2, []string{"w2.example", "w3.example", "w4.example"}, "proof.too_few_witnesses"},
		{1, []string{"w3.example"}, "proof.too_few_witnesses"},
	} {
		_, err := proof.Verify(p, p.Opening.Digest, policyOf(t, "journal.example", c.k, c.witnesses...))
		wantCode(t, err, c.code)
	}
}

func TestALaterCheckpointMustContinueTheEarlierOne(t *testing.T) {
	log, fork := new(tree), new(tree)
	for i := range byte(9) {
		log.add(t, []byte{i})
		fork.add(t, []byte{i, i / 5})
	}
	for from := range int64(9) {
		for to := from; to <= 9; to++ {
			var hashes []proof.Hash
			if from > 0 && from < to {
				p, err := tlog.ProveTree(to, from, log)
				must(t, err)
				hashes = p
			}
			older, newer := log.head(t, from), log.head(t, to)
			must(t, proof.Consistent(older, newer, hashes))
			if from != to {
				wantCode(t, proof.Consistent(newer, older, hashes), "proof.rolled_back")
			}
			if from > 0 {
				wantCode(t, proof.Consistent(older, fork.head(t, to), hashes), "proof.forked")
			}
			wantCode(t, proof.Consistent(older, newer, append(hashes, proof.Hash{})), "proof.forked")
			if len(hashes) > 0 {
				wantCode(t, proof.Consistent(older, newer, hashes[1:]), "proof.forked")
				hashes[len(hashes)-1][0] ^= 1
				wantCode(t, proof.Consistent(older, newer, hashes), "proof.forked")
			}
			newer.Origin = "other.example"
			wantCode(t, proof.Consistent(older, newer, nil), "proof.wrong_origin")
		}
	}
	wantCode(t, proof.Consistent(proof.Checkpoint{Root: fill(1)}, proof.Checkpoint{Size: 3}, nil), "proof.forked")
	wantCode(t, proof.Consistent(proof.Checkpoint{Size: 1}, proof.Checkpoint{Size: math.MaxUint64}, nil), "proof.forked")
}

func TestAPolicyIsReadStrictly(t *testing.T) {
	p := policyOf(t, "journal.example", 2, "w1.example", "w2.example", "w3.example")
	text := p.Marshal()
	q, err := proof.ParsePolicy(text)
	must(t, err)
	if !bytes.Equal(q.Marshal(), text) || q.K() != 2 || q.Origin() != "journal.example" || len(q.Witnesses()) != 3 {
		t.Fatalf("got %q", q.Marshal())
	}
	for i := range text {
		bad := bytes.Clone(text)
		bad[i] ^= 1
		if q, err := proof.ParsePolicy(bad); err == nil && !bytes.Contains(bad, []byte("group witnesses 3")) {
			t.Errorf("byte %d: accepted as %q", i, q.Marshal())
		}
	}
	for name, bad := range map[string][]byte{
		"nothing":     nil,
		"a comment":   append([]byte("# hello\n"), text...),
		"a line more": append(bytes.Clone(text), '\n'),
		"no newline":  text[:len(text)-1],
		"no quorum":   bytes.Replace(text, []byte("quorum witnesses\n"), nil, 1),
		"k of 0":      bytes.Replace(text, []byte("witnesses 2"), []byte("witnesses 0"), 1),
		"k > n":       bytes.Replace(text, []byte("witnesses 2"), []byte("witnesses 4"), 1),
		"two logs":    append(bytes.Clone(text[:bytes.IndexByte(text, '\n')+1]), text...),
		"too long":    make([]byte, 1<<20),
	} {
		_, err := proof.ParsePolicy(bad)
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		wantCode(t, err, "proof.policy_malformed")
	}
}

func TestOneKeyCannotStandForTwoSigners(t *testing.T) {
	_, logKey := keyPair("journal.example")
	one := openWitness(t, "w1.example", "journal.example").VerifierKey()
	for _, keys := range [][]string{{one, one}, {one, renamed(t, one, "w2.example")}, {cosigner(t, logKey)}} {
		_, err := proof.NewPolicy(logKey, keys, 1)
		wantCode(t, err, "proof.policy_malformed")
	}
	for _, wrong := range []string{"", "x", logKey, one + " ", one[:len(one)-4]} {
		_, err := proof.NewPolicy(logKey, []string{one, wrong}, 1)
		wantCode(t, err, "proof.policy_malformed")
	}
	_, err := proof.NewPolicy(one, []string{one}, 1)
	wantCode(t, err, "proof.policy_malformed")
}

func TestLooseBase64InASignatureIsRefused(t *testing.T) {
	p, policy := goodProof(t)
	line := lineOf(p.Checkpoint, "w2.example ")
	at := bytes.Index(p.Checkpoint, line) + len(line) - 4 // the last letter before "==\n"
	if !bytes.HasSuffix(line, []byte("==\n")) {
		t.Fatalf("got %q", line)
	}
	bad := bytes.Clone(p.Checkpoint)
	bad[at]++ // another spare bit, the same bytes
	_, err := policy.OpenCheckpoint(bad)
	wantCode(t, err, "proof.malformed")
}
