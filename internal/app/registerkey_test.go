package app_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"counterseal/internal/app"
	"counterseal/internal/evidence/verify"
	"counterseal/internal/grant"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

func trustOf(t *testing.T, f app.Folder) verify.Trust {
	t.Helper()
	text, err := os.ReadFile(f.Trust())
	if err != nil {
		t.Fatal(err)
	}
	trust, err := verify.ParseTrust(text)
	if err != nil {
		t.Fatal(err)
	}
	return trust
}

// registerAt is the key in the folder's policy of the register, which this can change.
func registerAt(t *testing.T, f app.Folder, another string) string {
	t.Helper()
	text, err := os.ReadFile(f.Policy("register"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := proof.ParsePolicy(text)
	if err != nil {
		t.Fatal(err)
	}
	if another != "" {
		if err := os.WriteFile(f.Policy("register"), bytes.Replace(text, []byte(p.LogKey()), []byte(another), 1), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return p.LogKey()
}

func promised(h app.Health, about string) (app.Promise, bool) {
	for _, p := range h.Promises {
		if strings.Contains(p.Says, about) {
			return p, true
		}
	}
	return app.Promise{}, false
}

// Whoever owns the disk can put another register there; what the quorum signed stays, in
// the trust file as well, and doctor says that they differ.
func TestTheRegistersKeyIsTheQuorumsWordAndNotTheDisks(t *testing.T) {
	stage, o := openStage(t)
	c, err := stage.Folder.Charter()
	if err != nil {
		t.Fatal(err)
	}
	signed := registerAt(t, stage.Folder, "")
	if c.Register != signed || trustOf(t, stage.Folder).Register != signed {
		t.Fatalf("the charter names %q, the trust file %q, the folder has %q", c.Register, trustOf(t, stage.Folder).Register, signed)
	}
	h := o.Examine(t.Context())
	if got, _ := checked(h, "register"); !got.Well {
		t.Errorf("%+v", got)
	}
	if p, _ := promised(h, "names the keys of both logs"); !p.Holds {
		t.Errorf("%+v", h.Promises)
	}
	if err := stage.Folder.SameRegister(); err != nil {
		t.Error(err)
	}

	_, another, err := note.GenerateKey(rand.Reader, strings.SplitN(signed, "+", 2)[0])
	if err != nil {
		t.Fatal(err)
	}
	registerAt(t, stage.Folder, another)
	if got, _ := checked(o.Examine(t.Context()), "register"); got.Well || got.Code != "register.other_key" {
		t.Errorf("%+v", got)
	}
	if err := stage.Folder.SameRegister(); problem.Code(err) != "register.other_key" {
		t.Error(err)
	}
	// The running log is not written under another key; the trust file keeps to the charter.
	if _, err := o.InitGate(t.Context()); problem.Code(err) != "ledger.config" || trustOf(t, stage.Folder).Register != signed {
		t.Errorf("the trust file names %q, %v", trustOf(t, stage.Folder).Register, err)
	}
}

// A charter from before there was such a section loads and works; the next statement that
// is drafted adds the key, and nothing else.
func TestACharterWithoutTheRegistersKeyHoldsAndAmendAddsItAlone(t *testing.T) {
	stage, o := freshStage(t)
	if got := trustOf(t, stage.Folder).Register; got != registerAt(t, stage.Folder, "") {
		t.Errorf("before there is a charter the trust file names %q", got)
	}
	if p, there := promised(o.Examine(t.Context()), "No charter names the keys of the logs"); !there || p.Holds {
		t.Error("before there is a charter doctor does not say that nobody has signed the keys")
	}
	if err := stage.Sign(o.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(stage.Folder.Statement("1"))
	if err != nil {
		t.Fatal(err)
	}
	st, err := grant.ParseStatement(text)
	if err != nil {
		t.Fatal(err)
	}
	st.Register = ""
	text, err = st.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(stage.Folder.Statement("1"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	for id, p := range stage.People {
		sig, err := signature.Sign(p.Key, signature.Charter, text)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(strings.TrimSuffix(stage.Folder.Statement("1"), ".txt")+"."+id+".sig", sig, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.InitGate(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	if got := trustOf(t, stage.Folder).Register; got != "" {
		t.Errorf("the trust file names a register that nobody signed: %q", got)
	}
	h := o.Examine(t.Context())
	if got, there := checked(h, "register"); there {
		t.Errorf("%+v", got)
	}
	if p, there := promised(h, "does not name the register's key"); !there || p.Holds {
		t.Errorf("%+v", h.Promises)
	}
	if err := stage.Folder.SameRegister(); err != nil {
		t.Error(err)
	}

	draft, err := os.ReadFile(stage.Folder.CharterDraft())
	if err != nil {
		t.Fatal(err)
	}
	next, err := stage.Folder.Amend(draft, "", o.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if next.Register != registerAt(t, stage.Folder, "") {
		t.Errorf("the next statement names %q", next.Register)
	}
	next.Register = ""
	next.Removed = []string{"p-nobody"}
	if !next.OnlyRemoves() {
		t.Errorf("the next statement holds more: %+v", next)
	}
}
