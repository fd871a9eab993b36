package app_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/app"
	"counterseal/internal/demo"
	"counterseal/internal/gate"
	"counterseal/internal/gate/pinned"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

const someKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0rQGZf0Yd0m7i1sDq3zJ3t6bq4f8k0x1n2v3c4d5e6"

func TestWhereGatesRunIsReadStrictly(t *testing.T) {
	pin, other := pinned.Pin{1}.String(), pinned.Pin{2}.String()
	region := func(id, address, pin, key string) string {
		return "[[region]]\nid = \"" + id + "\"\ngate = \"gate-" + id + "\"\naddress = \"" + address + "\"\npin = \"" + pin + "\"\nkey = \"" + key + "\"\n"
	}
	const uplink = `uplink = "tls://127.0.0.1:8702"`
	for name, x := range map[string]struct{ uplink, lines, where string }{
		"one on a host of its own":     {uplink, region("fra", "tls://gate.example:8701", pin, someKey), ""},
		"two":                          {uplink, region("fra", "tls://a.example:8701", pin, someKey) + region("dub", "tls://b.example:8701", other, someKey), ""},
		"one by itself on the machine": {"", region("fra", "unix:/run/gate.sock", "", someKey), ""},
		"inside":                       {"", "[[region]]\nid = \"fra\"\ngate = \"gate-fra\"\n", ""},
		"no way back":                  {"", region("fra", "tls://gate.example:8701", pin, someKey), "gate.uplink"},
		"a way back and nobody":        {uplink, "", "gate.uplink"},
		"no pin":                       {uplink, region("fra", "tls://gate.example:8701", "", someKey), "region 1: pin"},
		"a pin cut short":              {uplink, region("fra", "tls://gate.example:8701", pin[:40], someKey), "region 1: pin"},
		"no port":                      {uplink, region("fra", "tls://gate.example", pin, someKey), "region 1: address"},
		"plain":                        {uplink, region("fra", "http://gate.example:8701", pin, someKey), "region 1: address"},
		"no key for the charter":       {uplink, region("fra", "tls://gate.example:8701", pin, ""), "region 1: key"},
		"one pin for two":              {uplink, region("fra", "tls://a.example:8701", pin, someKey) + region("dub", "tls://b.example:8701", pin, someKey), "region 2: pin"},
		"two sockets":                  {"", region("fra", "unix:/a", "", someKey) + region("dub", "unix:/b", "", someKey), "region"},
		"a socket and a host":          {uplink, region("fra", "unix:/a", "", someKey) + region("dub", "tls://b.example:8701", pin, someKey), "gate.uplink"},
	} {
		t.Run(name, func(t *testing.T) {
			f := founded(t)
			b, err := os.ReadFile(f.Config())
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Replace(string(b), "[gate]\n", "[gate]\n"+x.uplink+"\n", 1) + "\n" + x.lines
			if err := os.WriteFile(f.Config(), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err = f.ReadConfig()
			p := problem.Of(err)
			if (x.where == "") != (err == nil) || p != nil && (p.Code != "app.config" || !strings.HasSuffix(p.Field, x.where)) {
				t.Errorf("%v", err)
			}
		})
	}
}

// One region's gate does not answer: what the others say is used all the same, and
// what it alone may know is answered with its name.
func TestAGateThatIsDownHidesNothingOfTheOthers(t *testing.T) {
	stage, v := nordwind(t)
	const gone = "gate-cph-1"
	app.WithoutGate(v.Office, gone)
	s := everythingStopped(t, stage, v)
	named := func(what string, err error) {
		t.Helper()
		if p := problem.Of(err); p == nil || p.Code != "gate.unreachable" || !strings.Contains(p.Field, gone) {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := v.Desk().Stop(t.Context(), s)
	named("a stop", err)
	held, err := v.Desk().Stops(t.Context())
	if err != nil || len(held) != 1 {
		t.Errorf("the others do not hold the stop: %v %v", held, err)
	}
	stores, err := v.Desk().Stores(t.Context())
	named("stores", err)
	if len(stores) == 0 {
		t.Error("no store of the others is told of")
	}
	_, err = v.Desk().Status(t.Context(), strings.Repeat("0", 64))
	named("a grant that nobody here knows", err)
	_, err = v.Desk().CharterHead(t.Context())
	named("the charter", err)
}

// A gate whose process is held keeps no stop from the others.
func TestAStopReachesTheOtherGatesWhileOneIsSilent(t *testing.T) {
	stage, v := nordwind(t)
	app.SilenceFirstGate(v.Office)
	s := everythingStopped(t, stage, v)
	ctx, cancel := context.WithCancel(t.Context())
	told := make(chan struct{})
	go func() {
		defer close(told)
		_, _ = v.Desk().Stop(ctx, s)
	}()
	defer func() { cancel(); <-told }()
	for end := time.Now().Add(10 * time.Second); ; {
		held, err := v.Desk().Stops(t.Context())
		if err != nil || time.Now().After(end) {
			t.Fatalf("the others have not heard of it: %v %v", held, err)
		}
		if len(held) == 1 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// willing is a gate that takes approvals.
type willing struct{ gate.Desk }

func (willing) CharterHead(context.Context) (gate.CharterHead, error) {
	return gate.CharterHead{Number: 1}, nil
}

func (willing) Approve(_ context.Context, id string, _ []byte) (gate.Status, error) {
	return gate.Status{ID: id}, nil
}

func (willing) Stops(context.Context) ([]gate.HeldStop, error) { return []gate.HeldStop{{}}, nil }

// slow is a gate that takes a moment to answer, and has its own word for what it refuses.
type slow struct{ willing }

func (slow) CharterHead(ctx context.Context) (gate.CharterHead, error) {
	time.Sleep(20 * time.Millisecond)
	return gate.CharterHead{Number: 1}, nil
}

func (slow) Approve(context.Context, string, []byte) (gate.Status, error) {
	return gate.Status{}, problem.New(problem.Refused, "gate.first", "the first gate refuses it")
}

// What a gate refuses by its own configuration, another refuses in other words. Which of
// them is heard does not hang on which answers a moment sooner.
func TestGatesThatAnswerAreAskedInTheirOrder(t *testing.T) {
	d := app.InOrder(slow{}, willing{})
	for range 5 {
		_, err := d.Approve(t.Context(), "g-1", nil)
		if problem.Code(err) != "gate.first" {
			t.Fatalf("another was asked before: %v", err)
		}
	}
}

// An act has minutes for its answer. A gate that is silent is not asked to do it before
// the one that would.
func TestAnActIsNotHeldUpByASilentGate(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	d := app.OneSilentOf(willing{})
	st, err := d.Approve(ctx, "g-1", nil)
	if err != nil || st.ID != "g-1" || ctx.Err() != nil {
		t.Errorf("an approval: %+v %v", st, err)
	}
	if held, err := d.Stops(ctx); err != nil || len(held) != 1 || ctx.Err() != nil {
		t.Errorf("what every gate has been told: %v %v", held, err)
	}
}

// Whoever is taken off the roster is so at every gate that answers, and at once: one
// that is down must not keep a hostile approver's key in force at the others.
func TestAPersonIsTakenOffTheRosterOfTheOtherGatesWhileOneIsDown(t *testing.T) {
	stage, v := nordwind(t)
	c, err := stage.Folder.Charter()
	if err != nil {
		t.Fatal(err)
	}
	text, err := grant.Statement{Provider: c.Provider, Number: c.Number + 1, Previous: c.Head, At: v.Clock.Now().UTC().Truncate(time.Second), Removed: []string{"p-brandt"}}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	sig, err := signature.Sign(keyOf(t, stage, "p-okafor"), signature.Charter, text)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"2.txt": text, "2.p-okafor.sig": sig} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(stage.Folder.Statement("1")), name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const gone = "gate-cph-1"
	app.WithoutGate(v.Office, gone)
	_, err = v.InitGate(t.Context())
	if p := problem.Of(err); p == nil || p.Code != "gate.unreachable" || !strings.Contains(p.Field, gone) {
		t.Errorf("the gate that has not heard of it: %v", err)
	}
	if head, _ := v.Desk().CharterHead(t.Context()); head.Number != 2 {
		t.Errorf("the others have %d statements", head.Number)
	}
}

func keyOf(t *testing.T, stage *demo.Stage, person string) ssh.Signer {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(string(stage.Folder), "people", person))
	if err != nil {
		t.Fatal(err)
	}
	key, err := signature.ReadKey(b)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func everythingStopped(t *testing.T, stage *demo.Stage, v app.Staff) grant.Signed {
	t.Helper()
	key := keyOf(t, stage, "p-okafor")
	reach, err := grant.ParseReach("everything")
	if err != nil {
		t.Fatal(err)
	}
	text, err := grant.Stop{Reach: reach, Person: "p-okafor", At: v.Clock.Now().UTC().Truncate(time.Second), Reason: "a test"}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signature.Sign(key, signature.Stop, text)
	if err != nil {
		t.Fatal(err)
	}
	return grant.Signed{Text: text, Signature: signed}
}
