package gate_test

import (
	"archive/tar"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"counterseal/internal/evidence"
	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
)

// bag decrypts the one visible package and gives the files of its bag, by their names.
func (s *scene) bag() map[string]string {
	s.t.Helper()
	f, err := os.Open(filepath.Join(s.dir, "out", s.out()[0], release.PackageFile))
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	plain, err := age.Decrypt(f, s.Agency)
	if err != nil {
		s.t.Fatal(err)
	}
	all := map[string]string{}
	for r := tar.NewReader(plain); ; {
		h, err := r.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			s.t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			s.t.Fatal(err)
		}
		all[strings.TrimPrefix(h.Name, evidence.Base+"/")] = string(b)
	}
}

// inBag gives one file of it.
func (s *scene) inBag(name string) string {
	s.t.Helper()
	text, there := s.bag()[name]
	if !there {
		s.t.Fatalf("%s is not in the bag", name)
	}
	return text
}

func TestTheCustodySaysWhatWasReadByWhichVersionAndWhoSaidWhat(t *testing.T) {
	s := newScene(t)
	s.gate.Close()
	s.cfg = func(c *gate.Config) { c.Version = "9.9.9" }
	s.open()
	if _, err := s.released(s.Grant(1)); err != nil {
		t.Fatal(err)
	}
	text := s.inBag(evidence.CustodyName)
	for _, want := range []string{"read the stores of mail, read-only, and judged each item", `"uco-tool:version": "9.9.9"`, "said that the order stands", `"uco-core:name": "carla"`, "approved by ", "Police of Nowhere (IE)"} {
		if strings.Count(text, want) != 1 && want != "Police of Nowhere (IE)" || !strings.Contains(text, want) {
			t.Errorf("%q stands %d times in the custody", want, strings.Count(text, want))
		}
	}
}
