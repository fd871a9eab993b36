package release

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"embed"
	"io"
	"strings"
	"text/template"

	"counterseal/internal/problem"
)

// The files of the officer's folder. Their names say nothing about a case.
const (
	PackageFile   = "package.tar.age"   // the bag, as tar, encrypted with age
	OpenPGPFile   = "package.tar.gpg"   // the same in its place, encrypted to an OpenPGP certificate
	ZipFile       = "package.zip"       // the same in its place, a ZIP under a passphrase
	ReleaseFile   = "release.txt"       // Release.Bytes
	SignatureFile = "release.txt.sig"   // its SSHSIG, armored
	ProofFile     = "proof.tlog"        // the ledger's proof of SHA-256(release.txt)
	ReadMeFile    = "READ-ME-FIRST.txt" // ReadMe
	LateProofFile = "proof-late.tlog"   // after an emergency: the proof of the same under the log's policy, once there is one
)

// Files lists the folder's files in the order in which they are written: the
// package first, so that a folder with a note in it is whole.
var Files = [...]string{PackageFile, ReleaseFile, SignatureFile, ProofFile, ReadMeFile}

// PackageOf is the name of a package that is encrypted to that recipient.
func PackageOf(recipient string) string {
	switch {
	case strings.HasPrefix(recipient, openPGP):
		return OpenPGPFile
	case recipient == "zip" || strings.HasPrefix(recipient, zip): // in a grant, and in a release
		return ZipFile
	}
	return PackageFile
}

// Packages lists the names that a package has in its forms.
var Packages = [...]string{PackageFile, OpenPGPFile, ZipFile}

// FilesOf lists the folder's files for that recipient, in the order of Files.
func FilesOf(recipient string) []string {
	return append([]string{PackageOf(recipient)}, Files[1:]...)
}

// Languages lists the languages of the note.
var Languages = [...]string{"en", "de", "da", "it"}

//go:embed readme/*.txt
var readmes embed.FS

// ReadMe returns the folder's note in a language of Languages. It follows from
// the release alone, so that verify can compare every byte of it. Codes:
// release.language, release.field.
func ReadMe(language string, r Release) ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	text, err := readmes.ReadFile("readme/" + language + ".txt")
	if err != nil || strings.ContainsAny(language, "/.") {
		return nil, problem.New(problem.Invalid, "release.language", "the note is written in en, de, da or it").At("%.10q", language)
	}
	t, err := template.New(language).Option("missingkey=error").Parse(string(text))
	if err != nil {
		return nil, problem.New(problem.Internal, "release.readme", "the note cannot be written").Because(err)
	}
	var b bytes.Buffer
	err = t.Execute(&b, struct {
		Release
		Namespace string
	}{r, Namespace}) // Release gives Package, OpenPGP and Zip as well
	if err != nil {
		return nil, problem.New(problem.Internal, "release.readme", "the note cannot be written").Because(err)
	}
	return b.Bytes(), nil
}

// maxAgeHeader bounds an age header in bytes. One X25519 stanza takes 200.
const maxAgeHeader = 64 << 10

// AgeHeader reads an age file's header (age-encryption.org/v1: the lines up to
// and including the one that begins "---") and returns its SHA-256 and its length
// in bytes. It may read ahead. Code: release.age_header.
func AgeHeader(r io.Reader) (digest [sha256.Size]byte, length int, err error) {
	br := bufio.NewReader(io.LimitReader(r, maxAgeHeader))
	h := sha256.New()
	for {
		line, err := br.ReadBytes('\n')
		if err != nil || (length == 0 && string(line) != "age-encryption.org/v1\n") {
			return digest, 0, problem.New(problem.Unverified, "release.age_header", "the package does not begin with an age header").Because(err)
		}
		h.Write(line)
		length += len(line)
		if bytes.HasPrefix(line, []byte("--- ")) {
			return [sha256.Size]byte(h.Sum(nil)), length, nil
		}
	}
}
