package gate

import "counterseal/internal/grant"

// Charter gives the charter in force, for sources that ask whose an address was.
// It is never changed: another one takes its place.
func (g *Gate) Charter() *grant.Charter {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.charter
}
