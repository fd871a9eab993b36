// Package docket is the only writer of demands: it loads a demand's history,
// has package demand decide, and stores what comes of it.
//
// Its words. A *stream* is a demand's history at rest; a *record* is one event
// of it, sealed. The *chain* is a keyed digest over all records of a stream, the
// *head* its last link. A *mark* remembers that a command was done, so that the
// same command again gives the same result. A *row* is a demand's line of the
// *queue*; row and duties are derived, and stored only so that what is due is
// found without opening every demand. A *receipt* is what the giver of a demand
// can check later. A *compartment* says who may see a demand. An *entry* is an
// event's place in the ledger's outbox.
//
// Its promises.
//   - One transaction holds events, row, duties, outbox entries and the mark:
//     all of it or nothing, on disk when the call returns. Original bytes are on
//     disk before.
//   - Who acts on a state that has changed since is decided again on the new
//     one. Of two acts that exclude each other exactly one is stored.
//   - A demand that does not exist and one that is not for the reader are one
//     answer, docket.not_found, without a look at keys or history.
//   - Logs hold a demand's id and a problem's code, once a refusal, and nothing
//     that anybody has written.
//   - The clock: a demand's acts stop (clock.unsound) while the clock is behind
//     the highest time recorded, far ahead of it, or drifts from the steady clock.
//
// # At rest
//
// Under a demand's data key (32 bytes, package keys), HKDF-Expand-SHA-256 with
// info "counterseal-docket-{seal,chain,names}-v1" gives three keys. A *place* is
// "counterseal-docket-LABEL-v1\n" and then each part with its length as uint32,
// big-endian, before it; numbers are uint64, times Unix milliseconds.
//
//	sealed   0x01 || nonce[12] || AES-256-GCM(seal key), the place as associated data
//	record   place("record", id, seq)                    the JSON of package demand
//	row      place("row", id, compartment, status, due)  the JSON of View
//	duty     place("duty", id, token, clerk, kind, seat, due)   what it is about
//	mark     place("mark", token, request, id)           kind byte || first || last
//	receipt  place("receipt", id)                        the JSON of Accepted
//	original, form   place("original" or "form", id)     the bytes as they came
//	link 0   HMAC-SHA-256(names key, place("stream", id))
//	link n   HMAC-SHA-256(chain key, link n-1 || seq || record)
//	entry id of the nth journaled event   first 16 bytes of HMAC-SHA-256(names key, place("entry", id, n))
//
// Tokens and requests of marks, and the clock's seal, are such names under the
// key of "docket.index", which spans demands.
//
// # What verification finds, and what it cannot
//
// State, History and Do find a record, mark or row that was edited, moved,
// swapped between demands, added or removed, and a stream cut short at its end
// even where streams.last and head were changed to fit: the outbox still holds
// the entry of the next journaled event, and the outbox is guarded by the log
// (package ledger). Audit finds the same for duties, receipt and documents.
//
// Not found here: events cut off at the end that are of kinds without a leaf,
// together with their marks; events cut off together with their entries before
// those were sequenced (seconds); a demand removed with all its rows; a database
// rolled back as a whole, which the ledger's writer finds at start; and anything
// done by whoever holds the keys as well. The giver's receipt and the register
// show a missing demand from outside.
//
// It imports demand, ledger and ledger/proof (entries and leaves), scope, problem
// and the standard library. Store, Keys, Originals and Journal are interfaces of
// its own; storetest is the contract of Store.
package docket
