package verify

import (
	"bytes"
	"crypto/sha256"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"counterseal/internal/evidence/declaration"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

// declaration checks a custodian's declaration, where one lies in the folder: it
// is about this release, somebody signed it, and the gate says that this was a
// person on its roster. What it states is that person's word.
func (c *check) declaration() error {
	var parts [len(declaration.Files)][]byte
	there := false
	for _, name := range declaration.Files {
		_, err := c.root.Lstat(name)
		there = there || err == nil
	}
	if !there {
		return nil
	}
	for i, name := range declaration.Files {
		var err error
		parts[i], err = c.upTo(name, declaration.MaxText)
		if err != nil {
			return err
		}
	}
	text, armored, word, wordSig := parts[0], parts[1], parts[2], parts[3]
	statement, err := c.report.Release.Bytes()
	if err != nil {
		return err
	}
	d, err := declaration.Parse(text)
	if err != nil {
		return undeclared("it is not in its form").Because(err)
	}
	w, err := declaration.ParseWord(word)
	if err != nil {
		return undeclared("the gate's word is not in its form").Because(err)
	}
	err = c.byGate(word, wordSig)
	if err != nil {
		return err
	}
	key, err := signature.Verify(armored, signature.Declaration, text)
	if err != nil {
		return undeclared("its signature does not hold").Because(err)
	}
	about := sha256.Sum256(statement)
	if d.Release != about || w.Release != about || d.Demand != c.report.Release.Demand || w.Declaration != sha256.Sum256(text) || w.Signature != sha256.Sum256(armored) ||
		w.Person != d.Person || w.Key != ssh.FingerprintSHA256(key) || d.Settled() != nil {
		return undeclared("it is about another release, or the gate's word is about another declaration")
	}
	c.report.Declared = &d
	c.step("declaration", true, "A declaration by "+d.Name+" of "+d.At.UTC().Format("2 January 2006")+" is about this release; the gate says that its signer, with key "+w.Key+", was on its roster.")
	return nil
}

// byGate checks the signature on the gate's word, in its one form.
func (c *check) byGate(word, armored []byte) error {
	sig, err := sshsig.Unarmor(armored)
	if err != nil {
		return undeclared("the gate's signature is not an SSH signature").Because(err)
	}
	if raw := sig.Marshal(); !bytes.Equal(armored, armor(raw, 64)) && !bytes.Equal(armored, armor(raw, 70)) {
		return undeclared("the gate's signature is not in the form that a gate writes")
	}
	for _, k := range c.trust.Gates {
		if k.Gate == c.report.Release.Gate && k.Region == c.report.Release.Region &&
			sshsig.Verify(bytes.NewReader(word), sig, k.Key, sig.HashAlgorithm, declaration.WordNamespace) == nil {
			return nil
		}
	}
	return undeclared("the gate that released the package did not sign this word")
}

func undeclared(what string) *problem.Error {
	return failed("verify.declaration", "the declaration beside the package does not hold: "+what)
}
