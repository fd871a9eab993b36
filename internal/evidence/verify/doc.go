// Package verify checks what an officer received, offline, against keys that
// came by another way.
//
// Its words. The *folder* is what release.Files names. The *trust file* holds
// the gates' public keys and the log's policy; it must not come with the folder.
// A *step* is one thing that was checked, or could not be, in plain words.
//
// Its promises. A changed byte in any file of the folder, a truncation, an
// exchange of files between folders: each is found, with one exception that is
// said: without the recipient's key, or a ZIP's passphrase, the ciphertext behind the age header is not
// looked into; of a package that another program decrypted, what came out is
// checked as if it had been decrypted here. Memory does not grow with the number of items, because payload,
// manifest and rows stand in one order that the check insists on. Nothing is
// written, no network is used, and every failure has a verify.* code. The check
// accepts the one form that package evidence writes; a bag by somebody else may
// be valid and is refused.
//
// What it cannot say: that the store was honest, or that nothing was left out.
// Where the scope is narrowed to participants, items.jsonl does not name them,
// so the narrowing is not checked again.
//
// Imports: standard library, filippo.io/age, x/crypto/ssh, hiddeco/sshsig,
// problem, scope, signature, openpgp, evidence, evidence/release, evidence/declaration,
// evidence/sealedzip, evidence/timestamp.
package verify
