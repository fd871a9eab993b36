// Package docket is the only writer of demands, and of contests, duties of
// secrecy, matters, sealed cases and counsel's notes: it loads a history, has
// package demand decide, and stores what comes of it.
//
// Its words. A *stream* is a history at rest: a demand's, or one of those others;
// a *record* is one event of it, sealed. A *dossier* is a demand with the contests
// and duties that touch it. An *echo* is what an event of one stream makes of
// another. The *chain* is a keyed digest over all records of a stream, the
// *head* its last link. A *mark* remembers that a command was done, so that the
// same command again gives the same result. A *row* is a demand's line of the
// *queue*; row and duties are derived, and stored only so that what is due is
// found without opening every demand. A *receipt* is what the giver of a demand
// can check later. A *compartment* says who may see a stream: General, or a sealed
// case, for its members. A *reader* is the person for whom a call is made (For). A
// *document* is bytes that are kept beside a history. An *entry* is an event's place
// in the ledger's outbox.
//
// Its promises.
//   - One transaction holds events, rows, duties, outbox entries and marks of
//     every stream that an act writes: all of it or nothing, on disk when the call
//     returns. Original bytes are on disk before.
//   - Who acts on a state that has changed since is decided again on the new
//     one, whichever of the streams that it rests on has changed. Of two acts that
//     exclude each other exactly one is stored: a stay that a contest holds before a
//     release is permitted wins.
//   - Row and duties of a demand follow from the contests and duties that touch
//     it in the transaction that changes them. What time alone changes is derived
//     again by the clerk (the duty look.again). The queue reads rows alone.
//   - What touches a demand and cannot be read does not stop the reading: the
//     guards refuse, and what only stops something is still recorded.
//   - A stream that does not exist and one that is not for the reader are one
//     answer, docket.not_found, after the same two questions to the store and
//     without a look at keys or history. Streams that name each other lie in one
//     compartment.
//   - What was verified and decoded of a stream is remembered until the next sweep of
//     the heap, and taken for known only where the store gives the same bytes again and
//     the key is still there (readings.go).
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
//	row      place("row", id, compartment, status, due, stream, seat, emergency)   the JSON of View
//	duty     place("duty", id, token, clerk, kind, seat, due)   what it is about
//	mark     place("mark", token, request, id)           kind byte || first || last || compartment, of an opening
//	receipt  place("receipt", id)                        the JSON of Accepted
//	original, form   place("original" or "form", id)     the bytes as they came
//	document   place("document", id, SHA-256)            the bytes as they came
//	document's row   place("document row", id, token)    JSON: SHA-256, media type, kind, where the bytes lie
//	link 0   HMAC-SHA-256(names key, place("stream", id))
//	link n   HMAC-SHA-256(chain key, link n-1 || seq || record)
//	entry id of the nth journaled event   first 16 bytes of HMAC-SHA-256(names key, place("entry", id, n))
//
// Tokens and requests of marks, the names of members, and the clock's seal, are
// such names under the key of "docket.index", which spans streams. A row of the
// first version is sealed in place("row", id, compartment, status, due) and opens
// there until its demand is written again.
//
// That a contest or a duty touches a demand is an event of the demand's own
// chain (stream.joined), so that a removed row of it is noticed. In which compartment
// a stream lies is said by its receipt or by the mark of its opening, and by the
// last event case.sealed; a row that says otherwise is found when it is read. The
// index of members only finds cases: who is a member, the case's verified history
// says.
//
// # What verification finds, and what it cannot
//
// State, History and Do find a record, mark or row that was edited, moved,
// swapped between demands, added or removed, and a stream cut short at its end
// even where streams.last and head were changed to fit: the outbox still holds
// the entry of the next journaled event, and the outbox is guarded by the log
// (package ledger); and the same of every contest and duty that touches a demand.
// Audit finds it for duties, receipt, members, and documents that the history names.
//
// Not found here: events cut off at the end that are of kinds without a leaf,
// together with their marks, and so counsel's notes, of which no other history
// knows; a document that no event names; events cut off together with their entries before
// those were sequenced (seconds); a demand removed with all its rows; a database
// rolled back as a whole, which the ledger's writer finds at start; and anything
// done by whoever holds the keys as well. The giver's receipt and the register
// show a missing demand from outside.
//
// It imports demand, ledger and ledger/proof (entries and leaves), scope, problem
// and the standard library. Store, Keys, Originals and Journal are interfaces of
// its own; storetest is the contract of Store.
package docket
