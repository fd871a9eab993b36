// Package access lets people in: staff by a link from the machine that the program
// runs on, or by a passkey at a page of the office's own; customers by links.
//
// There is one door for staff, and one of its own for customers, with other pages,
// another cookie and other tokens: no session of the one counts at the other.
//
// Its words. A *token* is a secret that the program prints at start: it names a
// person, works once and ends after 15 minutes. A *signed link* is a token that
// another process of the folder made, for a day; which ones were used is kept on
// disk, so that each works once across restarts. The *page* is the origin on which
// staff sign in; TLS ends in front of it, on this machine. An *invitation* is a nonce
// of the page that opens one sign-in within five minutes. Any of them starts a
// *session* of at most 8 hours, held by one browser as a cookie; the door keeps its
// SHA-256 alone. Sessions of staff lie in a Folder, outlast the program, and end after
// half an hour without use; those of customers are in memory.
//
// Its promises. Only a *peer* on a loopback address is let in, talking to a loopback
// name or, where there is one, to the page's very host: a page of another site that
// has its name resolve to this machine (DNS rebinding) is refused by its Host header.
// What a proxy forwarded is refused unless it is the page, and what it says of host
// and scheme is the page's. A link counts straight from this machine alone, and so
// does its session; a passkey and its session count at the page alone. A token is
// spent by a POST, never by opening the link, and a POST from another origin is
// refused (http.CrossOriginProtection). Secrets are compared by their hashes; after ten
// failures in a minute no token is tried until the minute is over, nor a passkey of
// whom the proxy forwards for. Who may come in is asked at each request, and a session
// that does not count once never counts again: a clock that jumps back ends it, and
// so does a key taken out. Where that cannot be asked, or sessions cannot be read,
// nobody is let in. Tokens and sessions are bounded in number. Without a session every
// address gives the same answer. Sign-in never counts as an approval at the gate: what
// is signed is of another kind, for another origin.
//
// What it does not give: cookies do not know ports (RFC 6265 §8.5), so another
// program that serves pages on this machine's loopback names is trusted as the
// machine's users are. What ends TLS in front is trusted as the program itself is.
//
// It imports the standard library, x/crypto/ssh, problem, canon and signature. The Door
// is safe for concurrent use.
package access
