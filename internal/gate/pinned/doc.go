// Package pinned joins an office and a gate on another host: TLS 1.3 in which each
// end knows the other by its key and by nothing else.
//
// Its words. An *identity* is one end's key with the certificate that carries it. A
// *pin* is the SHA-256 of a key's SubjectPublicKeyInfo (RFC 7469, section 2.4),
// written sha256: and base64. An *address* is tls://HOST:PORT.
//
// Its promises. No authority vouches for anybody: a certificate signs itself, and
// only the pin in the other end's configuration counts, so that no certificate which
// somebody else issued opens this door. Each handshake is held to it, resumed ones
// too. A connection is not given to its user before the handshake has ended. The
// names and the days in a certificate mean nothing. Whoever may speak is not whoever
// may act: what counts at a gate is signatures, and at the office proofs.
//
// Imports: standard library, problem.
package pinned
