package verify

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"counterseal/internal/evidence/declaration"
	"counterseal/internal/evidence/release"
	"counterseal/internal/evidence/sealedzip"
	"counterseal/internal/evidence/timestamp"
	"counterseal/internal/openpgp"
	"counterseal/internal/problem"
)

// ProofChecker checks the ledger's proof of a digest and says when it was
// committed. It must refuse a proof with a changed byte.
type ProofChecker func(proof []byte, digest [32]byte) (time.Time, error)

// Options of a check.
type Options struct {
	Identities []age.Identity // the recipient's keys; without them the content is not checked
	Decrypted  io.Reader      // the package as it was decrypted with another program; in place of Identities
	// Passphrase gives the passphrase of a ZIP, and is asked of a ZIP alone; nil, or "": there
	// is none.
	Passphrase func() (string, error)
	Proof      ProofChecker // nil: the ledger's proof is not checked, and the report says so
	Emergency  ProofChecker // the same under the emergency policies; nil: there is none
	Step       func(Step)   // called after each step; may be nil
	Now        time.Time    // no time stamp may be later than this; zero: not asked
}

// Step is one thing that was checked, or could not be.
type Step struct {
	Name    string // stable: release, readme, signature, proof, witnesses, declaration, timestamp, size, header, recipient, payload, tags, order
	Checked bool
	Words   string // one sentence for a person
}

// Report is the result of a check in which nothing failed.
type Report struct {
	Release   release.Release
	Key       string                   // fingerprint of the gate's key, as ssh-keygen prints it
	LoggedAt  time.Time                // from the ledger's proof; zero if not checked
	Items     int64                    // payload files that were checked
	Bytes     int64                    // their bytes
	Declared  *declaration.Declaration // beside the package; nil: there is none
	Stamped   timestamp.Stamp          // beside the package, and believed; zero: there is none, or it could not be checked
	Witnesses Witnesses                // of a release of the emergency lane whose proof was checked
	Complete  bool                     // every step was checked
	Steps     []Step
}

// Clock skew that is allowed between gate and log.
const skew = 5 * time.Minute

type check struct {
	ctx    context.Context
	root   *os.Root
	trust  Trust
	opt    Options
	report Report
}

// Verify checks the folder. It stops at the first failure and returns the steps
// that came before it. Codes, all of kind Unverified but the last: verify.missing
// (a file is not there, or not a regular file), verify.release, verify.readme,
// verify.gate, verify.signature, verify.proof, verify.proof_time, verify.proof_late,
// verify.declaration, verify.timestamp, verify.size,
// verify.header, verify.recipient, verify.passphrase, verify.decrypt, verify.tar, verify.payload,
// verify.tags, verify.order, verify.outside, verify.stopped.
func Verify(ctx context.Context, folder string, trust Trust, o Options) (Report, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return Report{}, failed("verify.missing", "the folder cannot be opened").Because(err)
	}
	defer root.Close()
	c := &check{ctx: ctx, root: root, trust: trust, opt: o}
	for _, step := range []func() error{c.release, c.proof, c.declaration, c.stamp, c.header, c.content} {
		err := step()
		if err != nil {
			return c.report, err
		}
	}
	c.report.Complete = !slices.ContainsFunc(c.report.Steps, func(s Step) bool { return !s.Checked })
	return c.report, nil
}

func failed(code, words string) *problem.Error {
	return problem.New(problem.Unverified, code, "%s", words)
}

func (c *check) step(name string, checked bool, words string) {
	s := Step{name, checked, words}
	c.report.Steps = append(c.report.Steps, s)
	if c.opt.Step != nil {
		c.opt.Step(s)
	}
}

// open opens a regular file of the folder, never through a link.
func (c *check) open(name string) (*os.File, os.FileInfo, error) {
	info, err := c.root.Lstat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		return nil, nil, failed("verify.missing", "a file of the folder is missing").At("%s", name).Because(err)
	}
	f, err := c.root.Open(name)
	if err != nil {
		return nil, nil, failed("verify.missing", "a file of the folder cannot be opened").At("%s", name).Because(err)
	}
	return f, info, nil
}

// small reads a side file.
func (c *check) small(name string) ([]byte, error) { return c.upTo(name, 1<<20) }

func (c *check) upTo(name string, limit int) ([]byte, error) {
	f, _, err := c.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, int64(limit)+1))
	if err != nil || len(b) > limit {
		return nil, failed("verify.missing", "a file of the folder cannot be read, or is far too long").At("%s", name).Because(err)
	}
	return b, nil
}

// release checks the statement, the note that follows from it, and the signature.
func (c *check) release() error {
	text, err := c.small(release.ReleaseFile)
	if err != nil {
		return err
	}
	r, err := release.Parse(text)
	if err != nil {
		return failed("verify.release", "release.txt is not a release").At("%s", problem.Of(err).Field).Because(err)
	}
	if !openpgp.IsRecipient(r.Recipient) && !r.Zip() {
		_, err = age.ParseX25519Recipient(r.Recipient)
	}
	if err != nil {
		return failed("verify.release", "release.txt names no valid recipient").At("recipient").Because(err)
	}
	armored, err := c.small(release.SignatureFile)
	if err != nil {
		return err
	}
	err = c.signature(r, text, armored)
	if err != nil {
		return err
	}
	c.report.Release = r
	c.step("release", true, "release.txt is in its one form.")
	c.step("signature", true, "Gate "+r.Gate+" of region "+r.Region+" signed it, with key "+c.report.Key+".")
	note, err := c.small(release.ReadMeFile)
	if err != nil {
		return err
	}
	for _, language := range release.Languages {
		want, err := release.ReadMe(language, r)
		if err == nil && bytes.Equal(want, note) {
			c.step("readme", true, "READ-ME-FIRST.txt is the note that belongs to this release.")
			return nil
		}
	}
	return failed("verify.readme", "READ-ME-FIRST.txt is not the note that belongs to this release; do not follow it")
}

func (c *check) signature(r release.Release, text, armored []byte) error {
	sig, err := sshsig.Unarmor(armored)
	if err != nil {
		return failed("verify.signature", "release.txt.sig is not an SSH signature").Because(err)
	}
	// PEM and the wire form have room for bytes that say nothing: the one form only.
	if raw := sig.Marshal(); !bytes.Equal(armored, armor(raw, 64)) && !bytes.Equal(armored, armor(raw, 70)) {
		return failed("verify.signature", "release.txt.sig is not in the form that ssh-keygen or a gate writes")
	}
	known := false
	for _, k := range c.trust.Gates {
		if k.Gate != r.Gate || k.Region != r.Region {
			continue
		}
		known = true
		err = sshsig.Verify(bytes.NewReader(text), sig, k.Key, sig.HashAlgorithm, release.Namespace)
		if err == nil {
			c.report.Key = ssh.FingerprintSHA256(k.Key)
			return nil
		}
	}
	if !known {
		return failed("verify.gate", "the trust file has no key of this gate and region").At("gate %s, region %s", r.Gate, r.Region)
	}
	return failed("verify.signature", "the signature on release.txt is not by this gate").Because(err)
}

// armor writes a signature as PEM in lines of 64 (a gate) or 70 (ssh-keygen).
func armor(raw []byte, width int) []byte {
	var b strings.Builder
	b.WriteString("-----BEGIN SSH SIGNATURE-----\n")
	for s := base64.StdEncoding.EncodeToString(raw); s != ""; {
		n := min(width, len(s))
		b.WriteString(s[:n] + "\n")
		s = s[n:]
	}
	b.WriteString("-----END SSH SIGNATURE-----\n")
	return []byte(b.String())
}

func (c *check) proof() error {
	proof, err := c.small(release.ProofFile)
	if err != nil {
		return err
	}
	if c.opt.Proof == nil {
		c.step("proof", false, "The ledger's proof was not checked: no log policy was given.")
		return nil
	}
	text, err := c.report.Release.Bytes()
	if err != nil {
		return err
	}
	digest := sha256.Sum256(text)
	at, err := c.proven(proof, digest)
	if err != nil {
		return failed("verify.proof", "the ledger's proof does not hold for this release").Because(err)
	}
	if at.Before(c.report.Release.CollectedAt.Add(-skew)) {
		return failed("verify.proof_time", "the ledger's proof is older than the package")
	}
	c.report.LoggedAt = at
	c.step("proof", true, "The release stands in the ledger since "+at.UTC().Format("2006-01-02 15:04:05")+" UTC.")
	return c.witnesses(digest)
}

func (c *check) header() error {
	f, info, err := c.open(c.report.Release.Package())
	if err != nil {
		return err
	}
	defer f.Close()
	if info.Size() != c.report.Release.Size {
		return failed("verify.size", "the package is not as long as the release says").
			At("%d bytes instead of %d", info.Size(), c.report.Release.Size).Fix("fetch it again")
	}
	c.step("size", true, "The package is as long as the release says.")
	sum, err := c.begins(f)
	if err != nil || sum != c.report.Release.AgeHeader {
		return failed("verify.header", "this is not the package that the release names").Because(err)
	}
	c.step("header", true, "The package begins with the header that the release names.")
	return nil
}

// begins gives the digest of what a package begins with.
func (c *check) begins(f *os.File) ([sha256.Size]byte, error) {
	if c.report.Release.Zip() {
		head, err := sealedzip.Head(f)
		return sha256.Sum256(head), err
	}
	if c.report.Release.OpenPGP() {
		head, err := openpgp.Head(f)
		return sha256.Sum256(head), err
	}
	sum, _, err := release.AgeHeader(f)
	return sum, err
}

// content decrypts and reads the bag.
func (c *check) content() error {
	if c.opt.Decrypted != nil {
		c.step("recipient", false, "Whether the package opens with the recipient's key alone was not checked: it was decrypted with another program.")
		return c.bag(&until{c.ctx, c.opt.Decrypted})
	}
	if c.report.Release.OpenPGP() {
		c.step("payload", false, "The content was not checked: decrypt it with gpg or another OpenPGP program, and name the result with --decrypted.")
		return nil
	}
	if c.report.Release.Zip() {
		return c.zip()
	}
	if len(c.opt.Identities) == 0 {
		c.step("payload", false, "The content was not checked: that needs the recipient's key.")
		return nil
	}
	ids, err := c.identities()
	if err != nil {
		return err
	}
	f, _, err := c.open(c.report.Release.Package())
	if err != nil {
		return err
	}
	defer f.Close()
	plain, err := age.Decrypt(&until{c.ctx, f}, ids...)
	if err != nil {
		return c.broken(failed("verify.decrypt", "the package cannot be decrypted with this key").Because(err))
	}
	return c.bag(plain)
}

// zip opens the package with its passphrase and reads the bag. What opens with it was
// sealed under it, so what the release names as its recipient is who has the passphrase.
func (c *check) zip() error {
	passphrase := ""
	if c.opt.Passphrase != nil {
		var err error
		passphrase, err = c.opt.Passphrase()
		if err != nil {
			return err
		}
	}
	if passphrase == "" {
		c.step("payload", false, "The content was not checked: that needs the passphrase, which is read out on a call.")
		return nil
	}
	f, info, err := c.open(c.report.Release.Package())
	if err != nil {
		return err
	}
	defer f.Close()
	name, plain, _, err := sealedzip.Open(&untilAt{c.ctx, f}, info.Size(), passphrase)
	switch {
	case problem.Code(err) == "sealedzip.passphrase":
		return failed("verify.passphrase", "this passphrase does not open the package").Fix("compare it with what was read out, group by group").Because(err)
	case err != nil || name != sealedzip.Inside:
		return c.broken(failed("verify.decrypt", "the package is not as it was sealed").Fix("fetch it again").Because(err))
	}
	c.step("recipient", true, "The ZIP opens with this passphrase, and every byte of it is as it was sealed.")
	return c.bag(plain)
}

// bag reads the decrypted bag.
func (c *check) bag(plain io.Reader) error {
	b := &bag{r: plain, rel: c.report.Release, pairs: map[pair]*count{}, step: c.step}
	err := b.read()
	if err != nil {
		return c.broken(err)
	}
	c.report.Items, c.report.Bytes = b.items, b.bytes
	return nil
}

// broken puts a stop before its consequences.
func (c *check) broken(err error) error {
	if c.ctx.Err() != nil {
		return problem.New(problem.Unavailable, "verify.stopped", "the check was stopped").Because(c.ctx.Err())
	}
	return err
}

// identities keeps, of X25519 keys, the one that the release names: a package
// that opens with another key is not the one that was released.
func (c *check) identities() ([]age.Identity, error) {
	var keep []age.Identity
	named := false
	for _, id := range c.opt.Identities {
		x, ok := id.(*age.X25519Identity)
		if ok && x.Recipient().String() != c.report.Release.Recipient {
			continue
		}
		named = named || ok
		keep = append(keep, id)
	}
	if len(keep) == 0 {
		return nil, failed("verify.recipient", "the release names another recipient than this key").At("%s", c.report.Release.Recipient)
	}
	if named {
		c.step("recipient", true, "The release names this key as its recipient.")
	} else {
		c.step("recipient", false, "Whether this key is the recipient's was not checked: it is not a plain X25519 key.")
	}
	return keep, nil
}

// until ends reading when the context does.
type until struct {
	ctx context.Context
	r   io.Reader
}

// untilAt is the same of a file that is read in places.
type untilAt struct {
	ctx context.Context
	r   io.ReaderAt
}

func (u *untilAt) ReadAt(p []byte, at int64) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.ReadAt(p, at)
}

func (u *until) Read(p []byte) (int, error) {
	err := u.ctx.Err()
	if err != nil {
		return 0, err
	}
	return u.r.Read(p)
}
