package grant_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/grant"
	"counterseal/internal/scope"
)

func TestLettersThatLookLikeOthersAreTold(t *testing.T) {
	sel := selector("acct-a1")
	sel.Participants = []string{"cy@lindworm.example", "\u03bfne@else.example"}
	s, err := scope.New(sel)
	if err != nil {
		t.Fatal(err)
	}
	g := grant.Grant{Scope: s, Targets: []grant.Target{
		{Kind: "address", Stated: "ada@lindworm.example", Account: "acct-a1"},
		{Kind: "address", Stated: "\u0430d\u0430@lindworm.example", Account: "acct-a1"},
		{Kind: "name", Stated: "J\u00f8rgen \u5f20", Account: "acct-a1"},
		{Kind: "name", Stated: "\u0430\u0431\u0432\u0433\u0434\u0435\u0436\u0437\u0438\u043a", Account: "acct-a1"},
	}}
	want := []string{
		"J\u00f8rgen \u5f20 has letters beyond a–z: \u00f8 (Latin, U+00F8), \u5f20 (Han, U+5F20)",
		"\u03bfne@else.example has letters beyond a–z: \u03bf (Greek, U+03BF)",
		"\u0430d\u0430@lindworm.example has letters beyond a–z: \u0430 (Cyrillic, U+0430)",
	}
	got := grant.LooksAlike(g)
	if d := cmp.Diff(want, got[:min(len(got), 3)]); d != "" {
		t.Error(d)
	}
	if len(got) != 4 || strings.Count(got[3], "Cyrillic") != 8 || !strings.HasSuffix(got[3], ", …") {
		t.Errorf("%q", got)
	}
}
