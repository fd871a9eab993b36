// Package mail reads one mail as it came: who it says it is from, what it says,
// what hangs on it, and what a person should know before believing any of that.
//
// Its words. A *letter* is one mail as read; its *original* is its bytes, which
// are never changed. A *mailbox* is a name and an address as a field states them.
// A *claim* is a field that says a check was made somewhere (Authentication-Results,
// RFC 8601; Received-SPF; DKIM-Signature; ARC): it is recorded and never believed,
// because whoever writes a mail can write it, and a mailbox that may send proves
// nothing about who sits at it. The top Received field is the *trace* of the last
// server, ours where the mail was saved from our own mailbox; the Date field is what
// the sender says. Both are given as they are stated, and neither is believed over
// the other. A *remark* is as in package paper.
//
// Its promises. Every value of a field that may stand once is given, in order; a
// second From, Sender, Reply-To, Date, Subject or Message-ID is remarked on and
// none is preferred. Encoded words are decoded once, and what they hide (line
// ends, characters without shape) is taken out and said. Addresses are compared by
// ASCII letters alone: no folding, no IDNA, so nothing that looks like a known
// domain equals it. Text is inert (package paper). An attachment has the bytes
// that its transfer encoding holds, no character set applied, and their SHA-256.
// Reading is deterministic and bounded: MaxMail bytes, maxHeader bytes of header,
// maxMultiparts bodies inside bodies (fewer in a large mail), MaxAttachments parts; it ends with its
// context. It makes no connection. A mail whose inner structure cannot be followed
// is still a letter, with its text as it stands and a remark.
//
// It imports the standard library, canon, problem, paper, emersion/go-message
// (fields and character sets), jhillyerd/enmime (bodies) and golang.org/x/net/idna.
package mail
