package gate

import (
	"context"
	"slices"

	"filippo.io/age"

	"counterseal/internal/grant"
	"counterseal/internal/scope"
)

// Without takes checks and rules out by name.
func (g *Gate) Without(names ...string) {
	g.checks = slices.DeleteFunc(g.checks, func(c check) bool { return slices.Contains(names, c.name) })
	g.rules = slices.DeleteFunc(g.rules, func(r grant.Rule) bool { return slices.Contains(names, "grant: "+r.Name) })
	g.unasked = map[string]bool{}
	for _, n := range names {
		g.unasked[n] = true
	}
	if slices.Contains(names, "judge") {
		g.judge = func(scope.Scope, scope.Item) scope.Verdict { return scope.Inside }
	}
}

// BreakFilters makes both filters of a collection believe whatever a store gives: the
// gate's own and that of the package's writer, which is told a wider scope.
func (g *Gate) BreakFilters(wider scope.Scope) {
	g.judge = func(scope.Scope, scope.Item) scope.Verdict { return scope.Inside }
	g.packs = func(scope.Scope) scope.Scope { return wider }
}

// Forget keeps one item out of the index.
func (g *Gate) Forget(id string) { g.notes = func(it scope.Item) bool { return it.ID != id } }

// CheckNames lists everything that Without takes.
func CheckNames() (names []string) {
	for _, c := range checks() {
		names = append(names, c.name)
	}
	for _, r := range grant.Rules {
		names = append(names, "grant: "+r.Name)
	}
	return append(names, "judge")
}

// WordCheckNames lists the checks of what a person says about an incident.
func WordCheckNames() (names []string) {
	for _, c := range slices.Concat(incidentChecks, namedChecks, readChecks) {
		names = append(names, c.name)
	}
	return names
}

// SpareCheckNames lists the checks of what is taken under the emergency policy.
func SpareCheckNames() (names []string) {
	for _, c := range spareChecks {
		names = append(names, c.name)
	}
	return append(names, "emergency-lane", "emergency-own", "emergency-statement", "emergency-wait")
}

// Look asks whether the witnesses have cosigned what is owed.
func (g *Gate) Look(ctx context.Context) error { return g.look(ctx) }

// BreakRecord lets no further line be written.
func (g *Gate) BreakRecord() { _ = g.record.Close() }

// SetHook is called after each line of a release is on the disk.
func (g *Gate) SetHook(f func(kind string)) { g.hook = f }

// CopyKey is the key of a copy, which nobody outside ever has.
func (g *Gate) CopyKey(id string) (*age.X25519Identity, error) { return g.unwrap(copyKeys, id) }

// EndDigest is what the journal holds of a copy's end.
func (g *Gate) EndDigest(copy grant.Digest) ([32]byte, error) { return g.endDigest(copy) }

// PassphraseCheckNames lists the checks of what a person says about a passphrase.
func PassphraseCheckNames() (names []string) {
	for _, c := range slices.Concat(tellChecks, reachedChecks) {
		names = append(names, c.name)
	}
	return names
}
