// Package scope says which data exactly.
//
// Its words. A *selector* names one account, one service, one data category and
// a closed interval of whole seconds, with the *basis* on which an item's time
// is read (received: the store's own time; sent: what the sender's program
// wrote), and optionally the participants or the items it is narrowed to. A
// *scope* is a non-empty set of selectors. A *part* of a demand is a scope.
//
// Its promises. There is no way to say "all accounts", "all services" or "any
// time": a wildcard is not rejected, it cannot be expressed. Scopes are
// immutable. Equal scopes have equal canonical bytes, and the SHA-256 digest of
// those bytes is what approvals, grants and packages name. Contains never
// answers true where something lies outside; Intersects never answers false
// where something is shared; Minus never loses anything. So the check
//
//	sent ⊆ approved ⊆ compelled
//
// can be made by anyone who holds the three texts.
//
// It imports the standard library and problem.
package scope
