// Package witness is one witness of a log: it remembers the last checkpoint it
// cosigned and cosigns another only when that one continues it.
//
// Its words. A *witness* signs a *cosignature* (cosignature/v1, with a time)
// over a log's *checkpoint*; its *state* is size and root of the last
// checkpoint that it cosigned, one per *origin* (the log's name).
//
// Its promises. The state is on disk (written to a temporary file, synced,
// renamed, directory synced) before the cosignature leaves. A smaller or a
// forked log is never cosigned, and a refusal changes nothing. One process at a
// time holds a witness's directory (an OS lock). Requests are served one after
// the other and are bounded in size.
//
// It speaks the add-checkpoint call of c2sp.org/tlog-witness, signs as
// c2sp.org/tlog-cosignature says (Ed25519), and keeps one file per origin:
//
//	counterseal-witness-state-v1
//	<origin>
//	<size>
//	<root, base64>
//
// named SHA-256(origin) in hexadecimal. It imports the standard library,
// golang.org/x/mod, ledger/proof and internal/problem.
package witness
