package app_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	catalogue "counterseal/internal/act"
	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
)

// Invariant 16, for every act of the catalogue, filled in well and badly: who is no
// member of a sealed case gets the very answer that is given for what does not exist.
func TestNoActTellsWhatIsSealedFromWhatIsNotThere(t *testing.T) {
	stage, v := nordwind(t)
	sealed := submit(t, stage, v, 1)
	done := func(p app.Performed, err error) app.Performed {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	of := done(v.Office.Do(t.Context(), "p-okafor", "case.open", "", "", map[string]string{"why": "under court seal", "members": "p-okafor"})).ID
	done(v.Office.Do(t.Context(), "p-okafor", "case.seal", sealed, "", map[string]string{"case": string(of)}))
	contest := done(v.Office.Do(t.Context(), "p-okafor", "contest.open", sealed, "", map[string]string{"title": "Motion", "against": "statute", "court": "a court", "filed": "2013-06-02"})).ID
	duty := done(v.Office.Do(t.Context(), "p-okafor", "secrecy.open", sealed, "", map[string]string{"source": "order", "cite": "18 USC 2705(b)", "authority": "a court"})).ID
	ids := map[demand.Stream][2]demand.ID{demand.DemandStream: {sealed, "b3xt-77"}, demand.ContestStream: {contest, "c-b3xt-77"}, demand.SecrecyStream: {duty, "s-b3xt-77"}, demand.CaseStream: {of, "x-b3xt-77"}}
	tried := 0
	for _, a := range catalogue.All() {
		pair, known := ids[a.From]
		if !known || !a.NeedsPage() {
			continue
		}
		for _, values := range []map[string]string{good(a), {"colour": "red"}, {}} {
			for _, reader := range []string{"p-halvorsen", "p-nobody", app.Onlooker} {
				_, errSealed := v.Office.Do(t.Context(), reader, a.Name, pair[0], "why", values)
				_, errAbsent := v.Office.Do(t.Context(), reader, a.Name, pair[1], "why", values)
				if d := cmp.Diff(*problem.Of(errAbsent), *problem.Of(errSealed), cmp.AllowUnexported(problem.Error{})); d != "" || problem.Code(errSealed) != "docket.not_found" {
					t.Errorf("%s by %q with %v: %v, %v\n%s", a.Name, reader, values, errSealed, errAbsent, d)
				}
				tried++
			}
		}
	}
	for _, kind := range append(app.AnswerKinds, "billet") {
		for _, reader := range []string{"p-halvorsen", "p-nobody", app.Onlooker} {
			ask := func(id demand.ID) []error {
				asked := staff.LetterAsked{Demand: string(id), Kind: kind}
				_, kinds := v.LetterKinds(t.Context(), reader, string(id))
				_, letter := v.Letter(t.Context(), reader, asked)
				_, sent := v.SendLetter(t.Context(), reader, staff.LetterSending{LetterAsked: asked, Seen: 1, Command: [16]byte{1}})
				return []error{kinds, letter, sent}
			}
			absent := ask("b3xt-77")
			for i, err := range ask(sealed) {
				if d := cmp.Diff(*problem.Of(absent[i]), *problem.Of(err), cmp.AllowUnexported(problem.Error{})); d != "" || problem.Code(err) != "docket.not_found" {
					t.Errorf("the letter %s by %q: %v\n%s", kind, reader, err, d)
				}
			}
		}
	}
	if tried < 400 {
		t.Errorf("only %d were tried", tried)
	}
}

// good fills in what an act requires.
func good(a catalogue.Act) map[string]string {
	out := map[string]string{}
	for _, f := range a.Fields {
		if !f.Required {
			continue
		}
		out[f.Name] = "2013-06-04"
		if len(f.Choices) > 0 {
			out[f.Name] = f.Choices[0]
		}
	}
	if a.Target() != "" {
		out[a.Target()] = "c-b3xt-77"
	}
	return out
}
