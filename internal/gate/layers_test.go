package gate_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The gate trusts nobody, so it must not even be able to call them.
func TestTheGateImportsNothingThatItMustNotTrust(t *testing.T) {
	const own = "counterseal/internal/"
	allowed := []string{"gate", "gate/copyfile", "gate/record", "gate/source", "ciphertext", "grant", "scope", "canon", "signature", "ledger/proof", "evidence", "evidence/release", "evidence/declaration", "evidence/sealedzip", "evidence/timestamp", "openpgp", "problem", "identifier"}
	for _, pkg := range []string{".", "./copyfile", "./record"} {
		out, err := exec.Command("go", "list", "-deps", pkg).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, dep := range strings.Fields(string(out)) {
			if room, ok := strings.CutPrefix(dep, own); ok && !slices.Contains(allowed, room) {
				t.Errorf("%s reaches %s", pkg, dep)
			}
			if dep == "net/http" || dep == "database/sql" {
				t.Errorf("%s reaches %s", pkg, dep)
			}
		}
	}
}
