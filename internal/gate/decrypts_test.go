package gate_test

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// opens lists by package what can turn ciphertext into plain text; "*" is everything of
// it.
var opens = map[string][]string{
	"filippo.io/age":        {"Decrypt", "DecryptReaderAt", "DecryptHeader", "NewInjectedFileKeyIdentity", "ParseX25519Identity", "ParseIdentities", "NewScryptIdentity", "ParseHybridIdentity", "ExtractHeader"},
	"filippo.io/age/armor":  {"NewReader"},
	"filippo.io/age/agessh": {"*"},
	"filippo.io/age/plugin": {"*"},
	"crypto/cipher":         {"*"},
	"crypto/aes":            {"*"},
	"crypto/des":            {"*"},
	"crypto/rc4":            {"*"},
	"crypto/rsa":            {"DecryptPKCS1v15", "DecryptPKCS1v15SessionKey", "DecryptOAEP"},
	"crypto/ecdh":           {"*"},
	"crypto/hpke":           {"*"},
	"crypto/mlkem":          {"*"},
	"crypto/x509":           {"DecryptPEMBlock"},

	"counterseal/internal/evidence/sealedzip": {"Open"}, // which verify calls, and nobody here

	"golang.org/x/crypto/chacha20":         {"*"},
	"golang.org/x/crypto/chacha20poly1305": {"*"},
	"golang.org/x/crypto/nacl/secretbox":   {"*"},
	"golang.org/x/crypto/nacl/box":         {"*"},
	"golang.org/x/crypto/ssh":              {"ParsePrivateKeyWithPassphrase", "ParseRawPrivateKeyWithPassphrase"},

	"github.com/ProtonMail/go-crypto/openpgp":         {"ReadMessage"},
	"github.com/ProtonMail/go-crypto/openpgp/v2":      {"ReadMessage"},
	"github.com/ProtonMail/go-crypto/openpgp/packet":  {"SerializeSymmetricallyEncrypted", "NewReader", "Read"},
	"github.com/ProtonMail/go-crypto/openpgp/armor":   {"Decode"},
	"github.com/ProtonMail/go-crypto/openpgp/ecdh":    {"*"},
	"github.com/ProtonMail/go-crypto/openpgp/elgamal": {"*"},
}

// mayOpen is every place in the gate, and in whatever of ours it or a store's reader
// reaches, that can. All of it is the gate's own: the spools of a package in the making,
// the index in the making, the keys of copies and lists, passphrases, a copy and a list; what
// writes a ZIP, whose reader nobody here calls; the stream that fills a tick's places, which is
// XORed into zeros alone; and the reader of agencies' certificates, which has no secret key. Nothing of it is handed an item.
var mayOpen = []string{
	"evidence/sealedzip/cipher.go: crypto/aes.BlockSize, crypto/aes.NewCipher, crypto/cipher.Block",
	"evidence/spool.go: crypto/aes.BlockSize, crypto/aes.NewCipher, crypto/cipher.NewCTR, crypto/cipher.Stream, crypto/cipher.StreamReader",
	"gate/copykey.go: crypto/aes.NewCipher, crypto/cipher.AEAD, crypto/cipher.NewGCM, filippo.io/age.ParseX25519Identity",
	"gate/index.go: crypto/aes.BlockSize, crypto/aes.NewCipher, crypto/cipher.Block, crypto/cipher.NewCTR, crypto/cipher.Stream, crypto/cipher.StreamReader, crypto/cipher.StreamWriter",
	"gate/lists.go: filippo.io/age.Decrypt",
	"gate/opencopy.go: filippo.io/age.Decrypt",
	"ledger/proof/parts.go: crypto/aes.BlockSize, crypto/aes.NewCipher, crypto/cipher.Block, crypto/cipher.NewCTR",
	"openpgp/openpgp.go: github.com/ProtonMail/go-crypto/openpgp/armor.Decode, github.com/ProtonMail/go-crypto/openpgp/packet.NewReader",
}

// No code path decrypts what a customer encrypted, because nothing that
// the gate runs can, beside what it encrypted itself.
func TestOnlyTheGatesOwnFilesAreEverDecrypted(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}} {{.Dir}}{{end}}", ".", "../gate/source/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		pkg, dir, _ := strings.Cut(line, " ")
		room, own := strings.CutPrefix(pkg, "counterseal/internal/")
		if !own {
			continue
		}
		sources, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(sources) == 0 {
			t.Fatal(pkg, err)
		}
		for _, path := range sources {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			if found := opensIn(t, path); len(found) > 0 {
				got = append(got, room+"/"+filepath.Base(path)+": "+strings.Join(found, ", "))
			}
		}
	}
	slices.Sort(got)
	if d := cmp.Diff(mayOpen, got); d != "" {
		t.Errorf("what can decrypt is not what this test lists (-listed +found):\n%s", d)
	}
}

// opensIn names what a file uses of opens.
func opensIn(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(gotoken.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{} // local name → package
	found := map[string]bool{}
	for _, i := range file.Imports {
		pkg, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if opens[pkg] == nil {
			continue
		}
		name := filepath.Base(pkg)
		if name == "v2" {
			name = "openpgp"
		}
		if i.Name != nil {
			name = i.Name.Name
		}
		if name == "." || name == "_" {
			t.Errorf("%s imports %s as %s", path, pkg, name)
		}
		names[name] = pkg
	}
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := sel.X.(*ast.Ident)
		if !ok || names[x.Name] == "" {
			return true
		}
		pkg := names[x.Name]
		if list := opens[pkg]; list[0] == "*" || slices.Contains(list, sel.Sel.Name) {
			found[pkg+"."+sel.Sel.Name] = true
		}
		return true
	})
	var out []string
	for f := range found {
		out = append(out, f)
	}
	slices.Sort(out)
	return out
}
