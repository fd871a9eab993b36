package fact

import "counterseal/internal/problem"

// Validate refuses facts that cannot all be true (fact.contradiction). It
// judges known facts only. The parsers call it; who builds Facts by Set calls
// it at the end.
func (f *Facts) Validate() error {
	for _, o := range []struct{ first, last Key }{
		{Signed, Served}, {Signed, Expiry}, {Effective, Expiry}, {Signed, SecrecyUntil},
	} {
		if f.known.Has(o.first) && f.known.Has(o.last) && f.slot[o.first] > f.slot[o.last] {
			return contradiction(o.last, "comes before %s", schema[o.first].Name)
		}
	}
	if f.known.Has(Received) && f.known.Has(ReceivedAt) {
		// The date is the civil date where we are: at most a day from the UTC one.
		if d := f.slot[ReceivedAt]/86400 - f.slot[Received]; d < -1 || d > 1 {
			return contradiction(ReceivedAt, "is not on the day of %s", schema[Received].Name)
		}
	}
	if f.is(SecrecyTerm, "indefinite") && f.known.Has(SecrecyUntil) {
		return contradiction(SecrecyUntil, "is stated though %s is indefinite", schema[SecrecyTerm].Name)
	}
	if f.is(SecrecySource, "none") {
		for _, k := range []Key{SecrecyUntil, SecrecyTerm, SecrecyScope} {
			if f.known.Has(k) {
				return contradiction(k, "is stated though %s is none", schema[SecrecySource].Name)
			}
		}
	}
	if f.is(Instrument, "none") && f.known.Has(Binding) && f.slot[Binding] == 1 {
		return contradiction(Binding, "is stated though %s is none", schema[Instrument].Name)
	}
	return nil
}

func (f *Facts) is(k Key, word string) bool {
	return f.known.Has(k) && schema[k].Values[f.slot[k]] == word
}

func contradiction(k Key, format string, args ...any) error {
	return problem.New(problem.Invalid, "fact.contradiction", format, args...).At("%s", schema[k].Name)
}
