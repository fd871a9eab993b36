// Package timestamp reads what a time-stamping authority says about a digest, and
// asks it (RFC 3161).
//
// Its words. An *authority* is somebody outside who signs that a digest existed at a
// time. A *request* holds the digest and a *nonce*, the number by which an answer is
// told from an older one. A *token* is the authority's signed answer: a CMS signed
// message (RFC 5652) whose content names digest and time. An *anchor* is a certificate
// that somebody was given beforehand; a token counts when its signer's certificate is
// an anchor or was issued under one. The *file* is a token as it lies beside a package,
// in the form of a whole answer, so that `openssl ts -verify` reads it.
//
// Its promises. What is read is DER, to its last byte, of the one shape that a token
// has: one signer, SHA-256 of what was stamped, and a signature by SHA-256 or longer. A signer is
// believed for time stamps alone (RFC 3161 §2.3: extended key usage, critical, and
// nothing beside it) and at the time that the token states. What no signature covers
// and nobody needs, Tidy leaves away; a file with more than that is not read, so that a
// changed byte in one is found. It asks no clock: when a time is too late or too early,
// whoever has a clock says.
//
// What it does not do: ask whether a certificate was revoked. There is no network
// where this is checked.
//
// # Codes
//
//	timestamp.form     not a token, or not in the one form that is read
//	timestamp.refused  the authority answered that it gives none
//	timestamp.imprint  it is about something else
//	timestamp.nonce    it answers another question
//	timestamp.signer   its signer is not one that may stamp
//	timestamp.signature  its signature does not hold
//	timestamp.anchors  not certificates of an authority
//
// Imports: standard library, x/crypto/cryptobyte, problem, canon.
package timestamp
