package law

import (
	"slices"

	"counterseal/internal/fact"
)

// together are facts of one paper that go together in ordinary cases: where the first has
// one of some words, the second has one of others, the likeliest first.
var together = []struct {
	of    fact.Key
	words []string
	has   fact.Key
	among []string
}{
	{fact.Requester, []string{"private_litigant", "defence"}, fact.Signer, []string{"attorney", "judge", "magistrate_judge", "court_clerk", "none"}},
	{fact.Requester, []string{"private_litigant", "defence"}, fact.AuthorityKind, []string{"private_party", "court"}},
	{fact.Requester, []string{"data_subject"}, fact.Signer, []string{"none", "attorney"}},
	{fact.Requester, []string{"data_subject"}, fact.AuthorityKind, []string{"private_party"}},
	{fact.Requester, []string{"regulator"}, fact.Signer, []string{"agency_official", "supervisory_official", "minister", "judge", "none"}},
	{fact.Requester, []string{"regulator"}, fact.AuthorityKind, []string{"regulator", "agency"}},
	{fact.Requester, []string{"government"}, fact.AuthorityKind, []string{"police", "prosecutor", "court", "agency", "intelligence", "minister", "regulator"}},
	{fact.AuthorityKind, []string{"court"}, fact.Signer, []string{"judge", "magistrate_judge", "investigating_judge", "court_clerk"}},
	{fact.AuthorityKind, []string{"police"}, fact.Signer, []string{"police_officer", "supervisory_official"}},
	{fact.AuthorityKind, []string{"minister"}, fact.Signer, []string{"minister", "supervisory_official", "agency_official"}},
	{fact.AuthorityKind, []string{"private_party"}, fact.Signer, []string{"attorney", "none"}},
	{fact.AuthorityKind, []string{"prosecutor"}, fact.Signer, []string{"prosecutor"}},
	{fact.Signer, []string{"prosecutor"}, fact.Validator, []string{"none", "judge", "court", "investigating_judge"}},
	{fact.Signer, []string{"judge", "magistrate_judge", "investigating_judge"}, fact.Validator, []string{"none"}},
	{fact.Instrument, []string{"none"}, fact.Signer, []string{"none", "police_officer", "attorney"}},
}

// odd counts what does not go together.
func odd(f fact.Facts) (n int) {
	for _, t := range together {
		n += btoi(isOne(&f, t.of, t.words) && f.Known().Has(t.has) && !isOne(&f, t.has, t.among))
	}
	return n
}

func isOne(f *fact.Facts, k fact.Key, words []string) bool {
	v, known, _ := f.Get(k.String()) // its name is the schema's
	word, _ := v.(string)
	return known && slices.Contains(words, word)
}

// fit changes what does not go together, as long as something stays so and no less is
// shown: a private litigant's paper is not signed by a police officer where the draft does
// not care which of those who may not sign did.
func (w *sitting) fit(f fact.Facts, so asked) fact.Facts {
	shown := w.shows(&f)
	for again := true; again && odd(f) > 0; {
		again = false
		for _, t := range together {
			if !isOne(&f, t.of, t.words) || isOne(&f, t.has, t.among) || !f.Known().Has(t.has) {
				continue
			}
			for _, word := range t.among {
				g := f
				err := g.Set(t.has.String(), word)
				if err != nil || !fact.Exists(t.has, word, w.country) || g.Validate() != nil || odd(g) >= odd(f) || w.shows(&g) < shown {
					continue
				}
				if is, _ := so(w.look(&g)); is == yes {
					f, again = g, true
					break
				}
			}
		}
	}
	return f
}

// follow are the changed facts that changed only with another, because the old ones would
// not go together with it.
func follow(was, is fact.Facts, changed []string) (out []string) {
	for _, t := range together {
		if !slices.Contains(changed, t.of.String()) || !slices.Contains(changed, t.has.String()) || !isOne(&is, t.of, t.words) || isOne(&was, t.has, t.among) || slices.Contains(out, t.has.String()) {
			continue
		}
		out = append(out, t.has.String())
	}
	return out
}

// anything is so of all facts.
func anything(*view) (truth, fact.Bits) { return yes, fact.Bits{} }
