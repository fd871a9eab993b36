package grant_test

import (
	"strings"
	"testing"

	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

func TestTheRegistersKeyIsASectionOfTheCharterThatOnlyAQuorumSets(t *testing.T) {
	const first, second = "lindworm.example/register+11111111+AAAA", "lindworm.example/register2+22222222+BBBB"
	st := sampleStatement()
	older, err := st.Bytes()
	if err != nil || strings.Contains(string(older), "\nregister: ") {
		t.Fatalf("%v\n%s", err, older)
	}
	st.Register = first
	text, err := st.Bytes()
	if err != nil || strings.Replace(string(text), "register: "+first+"\n", "", 1) != string(older) {
		t.Fatalf("%v\n%s", err, text)
	}
	back, err := grant.ParseStatement(text)
	if err != nil || back.Register != first || back.OnlyRemoves() {
		t.Fatalf("%q, %v", back.Register, err)
	}
	for name, bad := range map[string]string{
		"nothing":         strings.Replace(string(text), "register: "+first, "register: ", 1),
		"two words":       strings.Replace(string(text), "register: "+first, "register: "+first+" x", 1),
		"twice":           strings.Replace(string(text), "register: "+first, "register: "+first+"\nregister: "+second, 1),
		"in another turn": strings.Replace(strings.Replace(string(text), "register: "+first+"\n", "", 1), "\nprovider: ", "\nregister: "+first+"\nprovider: ", 1),
	} {
		if bad == string(text) {
			t.Fatal(name, "changes nothing")
		}
		if _, err := grant.ParseStatement([]byte(bad)); err == nil {
			t.Errorf("%s: it is read", name)
		}
	}

	w := gatetest.NewWorld()
	c := w.Charter()
	for _, step := range []struct{ says, stands string }{{"", ""}, {first, first}, {"", first}, {second, second}} {
		text, sigs := w.Next(grant.Statement{Register: step.says, Log: w.First.Log}, c, "anna", "bo", "carla")
		c, err = c.Extend(text, sigs)
		if err != nil || c.Register != step.stands {
			t.Fatalf("%+v: %v", step, err)
		}
	}
	text, sigs := w.Next(grant.Statement{Register: first, Removed: []string{"frida"}}, c, "dan")
	if _, err := c.Extend(text, sigs); problem.Code(err) != "charter.quorum" {
		t.Errorf("one person alone sets it: %v", err)
	}
}
