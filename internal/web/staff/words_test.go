package staff_test

import (
	"testing"

	"counterseal/internal/web/staff"
	"counterseal/internal/web/ui"
)

func TestEveryViewRegisterAndKindOfPageHasWords(t *testing.T) {
	w := ui.WordsFor("en")
	for _, x := range []struct {
		group ui.Group
		names []string
	}{{ui.Queues, staff.Shows}, {ui.Registers, staff.RegisterNames}, {ui.Kinds, append([]string{"demand"}, staff.StreamKinds...)}} {
		for _, name := range x.names {
			if !w.Has(x.group, name) {
				t.Errorf("%s %q has no words", x.group, name)
			}
		}
	}
}
