// Package evidence makes the package that leaves: a bag, as tar, encrypted to
// one recipient (an age key or an OpenPGP certificate), written in one pass.
//
// Its words. A *bag* is a BagIt 1.0 directory (RFC 8493): *payload* under data/,
// *tag files* beside it, SHA-256 *manifests* over both. An *item* is one payload
// file. A *withheld row* names something that was not given, and why. A *split*
// item is given although its other time lies outside the approved scope; it says
// so. A package *by hand* gives an export that a person collected: its items are
// not gate-filtered, and order.json carries the export's manifest. *Sealed* is
// what the gate needs to sign a release.
//
// Its promises. Sent ⊆ approved: Add judges every item again through the approved
// scope and refuses what it does not ask for. No name from outside becomes a
// path: a payload file is data/<account>/<service>/<ordinal>-<plain name>, the
// ordinal is unique in the bag, so no two names are equal on a file system that
// ignores case. Memory does not grow with the number or size of items; what does
// not fit is spooled to files that have no name and are encrypted under a key
// that exists in memory only. A package that is not closed lacks age's final
// chunk and cannot be decrypted to its end, so a crash leaves nothing usable.
// Order of the tar: data/, payload, manifest, other tag files, tag manifest.
//
// The bag's tag files: bagit.txt, bag-info.txt, manifest-sha256.txt, order.json
// (type OrderFile), items.jsonl (ItemRow), withheld.jsonl (WithheldRow),
// custody.jsonld (Custody, in CASE/UCO 1.4), index.html, data-dictionary.txt,
// README.txt, tagmanifest-sha256.txt. Packages of before have custody.json, a
// plain record, in the place of custody.jsonld.
//
// Formats: RFC 8493 (BagIt), POSIX ustar, age-encryption.org/v1 (C2SP), CASE and
// UCO 1.4.0 (ontology.caseontology.org, ontology.unifiedcyberontology.org).
// Imports: standard library, filippo.io/age, problem, scope, openpgp, ciphertext,
// evidence/release, evidence/sealedzip.
package evidence
