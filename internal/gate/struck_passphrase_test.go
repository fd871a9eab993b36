package gate_test

import (
	"os"
	"path/filepath"

	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// later is when an agency that was enrolled at the start may get a ZIP.
const later = "COUNTERSEAL_CHILD_LATER=25h"

func toZip(v *victim) {
	v.t.Helper()
	v.mayGetZip(true)
	v.mustReady(v.zipGrant(1))
	v.gate.Close()
}

// holdsZip: there is a passphrase where there is a package, and it opens it.
func holdsZip(v *victim, well bool) bool {
	v.t.Helper()
	g := v.zipGrant(1)
	st, err := v.gate.Status(ctx, "g-1")
	out, kept := v.out(), v.passphrases()
	there := st.State == gate.Released
	if err != nil || v.staging() != 0 || well && !there || there != (len(out) == 1) || there != (len(kept) == 1) {
		v.t.Fatalf("reported as well: %v; %+v, %v; staging %d, visible %v, passphrases %v", well, st, err, v.staging(), out, kept)
	}
	if there {
		v.opensBy(g, out[0])
	}
	if _, err := v.released(v.zipGrant(2)); err != nil {
		v.t.Errorf("the next grant: %v", err)
	}
	return there
}

// opensBy has the passphrase told and opens the package with it.
func (v *victim) opensBy(g grant.Grant, folder string) {
	v.t.Helper()
	told, err := v.gate.TellPassphrase(ctx, v.asks(v.telling(g, func(t *grant.Telling) { t.Nonce[0] = 2 })))
	if err != nil {
		v.t.Fatalf("nobody was told, and nobody is: %v", err)
	}
	if r, err := v.verifyZip(folder, told.Passphrase); err != nil || r.Items != 4 {
		v.t.Errorf("%+v, %v", r, err)
	}
}

func toTell(v *victim) {
	v.t.Helper()
	v.mayGetZip(true)
	g := v.zipGrant(1)
	if _, err := v.released(g); err != nil {
		v.t.Fatal(err)
	}
	w := v.asks(v.telling(g, nil))
	if err := errorsOf(os.WriteFile(filepath.Join(v.base, "stop"), w.Text, 0o600), os.WriteFile(filepath.Join(v.base, "stop.sig"), w.Signature, 0o600)); err != nil {
		v.t.Fatal(err)
	}
	v.gate.Close()
}

// holdsTell: nobody is told twice, and what was not told is still there to be told.
func holdsTell(v *victim, well bool) bool {
	v.t.Helper()
	g := v.zipGrant(1)
	st, err := v.gate.Status(ctx, "g-1")
	if err != nil || st.State != gate.Released || st.Passphrase == nil || len(v.out()) != 1 {
		v.t.Fatalf("%+v, %v; visible %v", st, err, v.out())
	}
	kept := v.passphrases()
	if st.Passphrase.State == gate.PassphraseWaits {
		if well || len(kept) != 1 {
			v.t.Fatalf("reported as told: %v; it waits, and kept is %v", well, kept)
		}
		v.opensBy(g, v.out()[0])
		return false
	}
	w := grant.Signed{Text: must(os.ReadFile(filepath.Join(v.base, "stop"))), Signature: must(os.ReadFile(filepath.Join(v.base, "stop.sig")))}
	if st.Passphrase.State != gate.PassphraseTold || len(kept) != 0 {
		v.t.Fatalf("%+v; kept is %v", st.Passphrase, kept)
	}
	if err := v.tells(v.asks(v.telling(g, func(t *grant.Telling) { t.Nonce[0] = 2 }))); problem.Code(err) != "gate.passphrase_told" {
		v.t.Errorf("another word: %v", err)
	}
	if err := v.tells(w); problem.Code(err) != "gate.replayed" {
		v.t.Errorf("the same word: %v", err)
	}
	if !v.Journal.Holds(w.Digest()) {
		v.t.Error("the journal was not told of the text")
	}
	return true
}
