package grant_test

import (
	"strings"
	"testing"
	"time"

	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

func spare() *grant.Emergency {
	return &grant.Emergency{Log: []string{"log x", "group witnesses 1 w1"}, Wait: 20 * time.Second, Late: 72 * time.Hour}
}

func TestAnEmergencyPolicyIsASectionThatIsSignedAndTakenBack(t *testing.T) {
	st := sampleStatement()
	st.Emergency = spare()
	text, err := st.Bytes()
	if err != nil || !strings.Contains(string(text), "\nemergency: wait=20s late=72h0m0s\nemergency-log: log x\nemergency-log: group witnesses 1 w1\n") {
		t.Fatalf("%v\n%s", err, text)
	}
	back, err := grant.ParseStatement(text)
	if err != nil || back.Emergency.Late != 72*time.Hour || len(back.Emergency.Log) != 2 || back.OnlyRemoves() {
		t.Fatalf("%+v, %v", back.Emergency, err)
	}
	st.Emergency = grant.Withdrawn()
	text, err = st.Bytes()
	if err != nil || !strings.Contains(string(text), "\nemergency: none\n") {
		t.Fatalf("%v\n%s", err, text)
	}
	for name, bad := range map[string]string{
		"lines without terms": strings.Replace(string(text), "emergency: none", "emergency-log: log x", 1),
		"lines of none":       strings.Replace(string(text), "emergency: none", "emergency: none\nemergency-log: log x", 1),
		"no limit":            strings.Replace(string(text), "emergency: none", "emergency: wait=20s", 1),
		"another spelling":    strings.Replace(string(text), "emergency: none", "emergency: wait=20s late=72h", 1),
		"twice":               strings.Replace(string(text), "emergency: none", "emergency: none\nemergency: none", 1),
	} {
		if _, err := grant.ParseStatement([]byte(bad)); err == nil {
			t.Errorf("%s: it is read", name)
		}
	}
}

func TestAnEmergencyIsNeitherAHabitNorADeath(t *testing.T) {
	for name, change := range map[string]func(*grant.Emergency){
		"no wait":       func(e *grant.Emergency) { e.Wait = 0 },
		"a long wait":   func(e *grant.Emergency) { e.Wait = time.Hour },
		"no lateness":   func(e *grant.Emergency) { e.Late = 0 },
		"late for ever": func(e *grant.Emergency) { e.Late = 30 * 24 * time.Hour },
	} {
		_, err := ceremony(gatetest.NewWorld(), func(st *grant.Statement) {
			st.Emergency = spare()
			change(st.Emergency)
		}, everybody)
		if problem.Code(err) != "charter.emergency" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnEmergencyPolicyStaysUntilAQuorumTakesItBack(t *testing.T) {
	w := gatetest.NewWorld()
	c := w.Charter()
	for _, step := range []struct {
		section *grant.Emergency
		stands  bool
	}{{nil, false}, {spare(), true}, {nil, true}, {grant.Withdrawn(), false}, {spare(), true}} {
		text, sigs := w.Next(grant.Statement{Emergency: step.section, Log: w.First.Log}, c, "anna", "bo", "carla")
		next, err := c.Extend(text, sigs)
		if err != nil || (next.Emergency != nil) != step.stands {
			t.Fatalf("%+v: %v", step, err)
		}
		c = next
	}
	text, sigs := w.Next(grant.Statement{Emergency: grant.Withdrawn(), Removed: []string{"frida"}}, c, "dan")
	if _, err := c.Extend(text, sigs); problem.Code(err) != "charter.quorum" {
		t.Errorf("one person alone changes it: %v", err)
	}
}
