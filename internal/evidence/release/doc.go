// Package release is the statement that a gate signs when a package leaves.
//
// Its words. A *release* names one package: the demand and the grant it answers,
// the approved scope, the recipient's key, the digest of the bag's tag manifest
// and of the age header (or what stands for it), and how much is in it. Of a ZIP under a
// passphrase the recipient is "zip:" and the grant's digest. The *folder* is what an officer
// receives: the encrypted package with the release, its signature, the ledger's
// proof and a note beside it. The signature is an OpenSSH signature (SSHSIG,
// PROTOCOL.sshsig) in Namespace, so `ssh-keygen -Y verify` checks it. The ledger
// holds the SHA-256 of the release's bytes.
//
// Its promises. The text is line based and accepted only if encoding it again
// gives the same bytes; so equal releases have equal digests, and one text has
// one meaning. Nothing in it names a customer.
//
// The interval collected-from … collected-until is the hull of the approved
// scope: the earliest and the latest second that was asked for. collected-at is
// when the package was sealed.
//
// Imports: standard library, problem, scope; so that gate, docket and verify can
// share it.
package release
