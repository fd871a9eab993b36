package verify_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"counterseal/internal/evidence/verify"
)

// Packages that were given out before a form changed are checked as ever.
func TestPackagesOfBeforeStillHold(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "trust.txt"))
	must(t, err)
	trust, err := verify.ParseTrust(text)
	must(t, err)
	key, err := os.ReadFile(filepath.Join("testdata", "officer.agekey"))
	must(t, err)
	ids, err := age.ParseIdentities(strings.NewReader(string(key)))
	must(t, err)
	r, err := verify.Verify(context.Background(), filepath.Join("testdata", "custody-v1"), trust, verify.Options{Identities: ids})
	must(t, err)
	if r.Items != 2 {
		t.Fatalf("%+v", r)
	}
	for _, s := range r.Steps {
		if !s.Checked && s.Name != "proof" {
			t.Errorf("not checked: %s", s.Words)
		}
	}
}
