package cli_test

import (
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"counterseal/internal/act"
	"counterseal/internal/demand"
)

// alike SEALED ABSENT PERSON ARG… runs a command twice, with each of the ids in
// place of ID, and asks for the same refusal to the byte. Only the id itself, which
// the person typed, may differ.
func alike(ts *testscript.TestScript, _ bool, args []string) {
	sealed, absent, person, words := args[0], args[1], args[2], args[3:]
	ask := func(id string) (code int, out, errs string) {
		line := make([]string, len(words))
		for i, w := range words {
			line[i] = w
			if w == "ID" {
				line[i] = id
			}
		}
		ts.Setenv("COUNTERSEAL_AS", person)
		defer ts.Setenv("COUNTERSEAL_AS", "p-okafor")
		code = run(ts, line)
		hide := strings.NewReplacer(id, "ID")
		return code, hide.Replace(ts.ReadFile("stdout")), hide.Replace(ts.ReadFile("stderr"))
	}
	code, out, errs := ask(sealed)
	again, outAbsent, errsAbsent := ask(absent)
	if code == 0 || code != again || out != outAbsent || errs != errsAbsent {
		ts.Fatalf("%q tells what is sealed from what is not there:\nsealed: %d\n%s%s\nabsent: %d\n%s%s", words, code, out, errs, again, outAbsent, errsAbsent)
	}
}

// alikeActs SEALED ABSENT (demand, contest, case) PERSON FILE is alike for some acts of
// each kind of stream. That all of them answer so is asked where they are done, in
// package app; here it is that the command line adds nothing.
func alikeActs(ts *testscript.TestScript, _ bool, args []string) {
	ids := map[demand.Stream][2]string{demand.DemandStream: {args[0], args[1]}, demand.ContestStream: {args[2], args[3]}, demand.CaseStream: {args[4], args[5]}}
	person, file := args[6], args[7]
	tried, passed := 0, 0
	for _, a := range act.All() {
		pair, known := ids[a.From]
		if !known || !a.NeedsPage() {
			continue // duties and matters lie in no sealed case here
		}
		if passed++; passed%6 != 1 && a.From == demand.DemandStream {
			continue
		}
		if passed%4 != 1 && a.From == demand.ContestStream {
			continue
		}
		group, verb, _ := strings.Cut(a.Name, ".")
		words := []string{group, strings.ReplaceAll(verb, "_", "-"), "ID"}
		if a.Target() != "" {
			words = append(words, ids[a.On][1])
		}
		for _, f := range a.Fields {
			switch {
			case f.Kind == act.Document:
				words = append(words, file)
			case f.Required && len(f.Choices) > 0:
				words = append(words, "--"+strings.ReplaceAll(f.Name, "_", "-"), f.Choices[0])
			case f.Required:
				words = append(words, "--"+strings.ReplaceAll(f.Name, "_", "-"), "2026-03-04")
			}
		}
		alike(ts, false, append([]string{pair[0], pair[1], person}, words...))
		tried++
	}
	if tried < 8 {
		ts.Fatalf("only %d acts were tried", tried)
	}
}
