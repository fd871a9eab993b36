// Package access lets one person in from the machine that the program runs on,
// until sign-in exists.
//
// There is one door for staff, and one of its own for customers, with other pages,
// another cookie and other tokens: no session of the one counts at the other.
//
// Its words. A *token* is a secret that the program prints at start: it names a
// person, works once and ends after 15 minutes. Exchanging it starts a *session*
// of at most 8 hours, held by one browser as a cookie. The *door* holds both, in
// memory only and only as SHA-256: when the program stops, everybody is out. A
// *signed link* is a token that another process of the folder made, for a day; which
// ones were used is kept on disk, so that each works once across restarts.
//
// Its promises. Only a *peer* on a loopback address, talking to a loopback name,
// is let in: a page of another site that has its name resolve to this machine
// (DNS rebinding) is refused by its Host header, and a request that a proxy
// forwarded is refused because its peer is not who it seems. A token is spent by
// a POST, never by opening the link, and a POST from another origin is refused
// (http.CrossOriginProtection). Secrets are compared in constant time, and after
// ten failures in a minute no token is tried until the minute is over. A clock
// that jumps back ends sessions instead of lengthening them. Tokens and sessions
// are bounded in number. Sign-in never counts as an approval at the gate.
//
// What it does not give: cookies do not know ports (RFC 6265 §8.5), so another
// program that serves pages on this machine's loopback names is trusted as the
// machine's users are.
//
// It imports the standard library and problem. The Door is safe for concurrent use.
package access
