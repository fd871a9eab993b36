// Package signature makes and checks the signatures of people, gates and
// dockets: SSHSIG (OpenSSH PROTOCOL.sshsig), so that `ssh-keygen -Y sign` and
// `ssh-keygen -Y verify` do the same without this program.
//
// Its words. A *namespace* says what kind of text is signed; a signature made
// under one never counts under another. *Armor* is the signature between its
// BEGIN and END lines.
//
// Its promises. The hash is SHA-512, as ssh-keygen signs unless told otherwise
// (SHA-256 is refused, signature.hash); the armor has nothing before it, in it
// or after it but one line end; the signature inside has no byte too many. Keys
// that count are Ed25519, ECDSA on the NIST curves, RSA of 3072 bits or more,
// and the security keys of the first two, which must say that a person touched
// them. Certificates and DSA do not count.
//
// It imports the standard library, problem, x/crypto/ssh and hiddeco/sshsig.
package signature
