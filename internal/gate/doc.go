// Package gate is the only room that reads customers' data, and it reads it for
// one grant at a time.
//
// Its words. An *offer* is a grant's text with the order's document, put before
// people for approval; the gate parses it itself. A *release* is one run from
// the check of everything to a visible package, started only while a person's
// fresh "still in force" stands. The *record* is the gate's own history (package
// record): each step is in it before it happens. The *counter* numbers the
// releases and stops of one gate and is committed to the journal, so that a
// restored or copied folder is noticed. *Spent* is a grant whose release has
// begun: it never begins again. *Over-delivered* is what a source gave and the
// scope does not ask for: it is dropped and counted. An *export* is what a
// person collected by hand, with a store's own tools; its *manifest* names each
// file with its digest and is what the approvers' text names. An export is
// *announced* (its signed manifest has come), then *brought* and *kept* (all of
// its files lie here, on the disk), and leaves once. A *call* is a person's
// signed word that they called the agency back; an emergency grant rests on one. A
// *copy* is what the gate keeps in its region for an order that may follow: its
// *statement* says what it covers, and a release grant that names that *opens* it. It is
// *due* when its end has come and *ended* when its key is destroyed. A *link* lets an officer pick a package up
// on the gate's page for officers, with the recipient's key and not without. *Over-produced* is
// what was packed and the scope does not ask for: it is never signed, and lies in *quarantine*.
// A *passphrase* opens a package that is a ZIP; it *waits* until it is *told*, once, to a
// person who is about to read it out on a call.
// An *incident* is what a person says, signed, after a package has left: that it held more
// than was compelled. The *index* of a release is what the gate keeps of what left, to list
// it by; a *list* is an index, or what of one was not compelled. What is *taken* under the
// charter's emergency policy is a checkpoint that too few witnesses have cosigned for the log
// policy; the others are *owed* until one that continues it is cosigned as the log policy asks.
//
// Its promises. It trusts nobody: only persons' own signatures over texts that it
// parsed itself, the journal's proofs under the charter's witness policy, and its
// own charter, which never goes back. The docket can stop a release and never
// start one. Nothing is visible before the journal holds its digest; a crash at
// any point leaves nothing or a complete package. Every stop that has reached
// the gate counts before the next item, the next MiB, the package's appearance
// and every MiB of a download, which ends where the record takes no stop any more. No journal, no release. A refusal has a stable
// code and one log line with ids and codes only. Memory does not grow with the
// store. An export by hand goes the same way as what the gate collects, with the
// same checks; it is not filtered, and says so wherever it appears. What is kept
// of it is what was approved, byte for byte, or nothing leaves; its files lie
// under numbers, never under names from outside. A copy lies under a key of its own;
// nothing serves it, and nothing opens it from the second of its end on. Its end is in
// the record, then its key is destroyed, then the journal is told; a start destroys
// again what the record or the journal knows as ended. What is taken from it is, byte
// for byte, what was kept, judged anew by the grant that opens it. A time stamp
// lies beside a package when somebody brings one that the gate believes; none is waited
// for, and none changes a file that was there before.
//
// What was packed is judged a second time before it is signed, from an index on the
// disk and by the text that people approved; an item beyond that ends the release, which
// is in the record before the package is moved apart. An export by hand is not judged.
//
// A list lies under a key of its own, for a time that never moves, and is held to the
// digest in the record before anything of it is told. From the line of an incident on
// nobody fetches that package. An incident names exactly what left and was not compelled,
// rests on a word that is good for one release and one day, and never changes; only a
// person's own word, once, opens its list.
//
// A passphrase is drawn when its ZIP is packed and lies under the gate's own key, nowhere
// else, until it is told or the time of pick-up is over. That it is told, to whom and for
// which call is in the record before it is destroyed, it is destroyed before the journal
// hears, and the journal has heard before anybody is told: a crash, a backup or a copy of
// the folder leaves a package that nobody opens, and never a passphrase told twice.
//
// Before the first item the gate's clock is held against the median of the witnesses'
// times on a checkpoint of this very minute, its own witness's left out.
//
// Where a gate is also a witness of the journal (package ledger/witness, joined by who
// opens both), nothing is cosigned that does not continue what its releases rested on
// (witness.against), and nothing is released by what does not continue what it cosigned.
//
// While too few witnesses answer, a release of the emergency lane goes by the charter's
// emergency policy, and nothing else does: after the charter's wait, by a statement that
// was proven under the log policy, with each checkpoint in the record before a step rests
// on it. Until what is owed is there nothing else leaves; past its limit no further
// emergency does; where the witnesses contradict what was taken, nothing leaves for good.
//
// What it cannot promise: on a machine whose administrator is hostile, the
// administrator reads what the machine can read. A copy of the folder restored
// together with a journal keeper that lies about the counter is not noticed.
//
// # Codes
//
// Of a release, beside those of grant.Rules and grant.CheckInForce, in the order
// in which they are asked. Nothing has begun and the grant can be released later:
//
//	gate.key, gate.order_document, gate.no_source, gate.export_missing,
//	gate.export_used, gate.export_other_demand, gate.export_differs,
//	gate.export_scope, gate.export_changed, gate.copy_key, gate.copy_missing,
//	gate.copy_ended, gate.copy_other_demand, gate.copy_differs, gate.copy_scope,
//	gate.copy_until, gate.copy_too_long, gate.copy_changed, gate.stop_unheard, gate.stopped, inforce.missing,
//	gate.replayed, gate.bulk, gate.previews, gate.copies, gate.clock, gate.clock_witnesses, gate.restored, gate.log_rolled_back,
//	gate.log_forked, gate.unlogged, gate.unwitnessed, gate.recipient_new,
//	gate.ledger_unavailable, gate.witnesses_behind, gate.emergency_needless,
//	gate.emergency_overdue, gate.emergency_contradicted, gate.running
//
// The grant is spent and nothing left, beside the same ones once more:
//
//	gate.incomplete (Field: the source's code), gate.cap, gate.export_changed,
//	gate.copy_changed, copy.too_large, gate.overproduced, gate.not_permitted
//	(Field: the docket's code), gate.docket_unavailable, gate.canceled,
//	gate.interrupted, gate.outcome_unknown, gate.damaged, evidence.*
//
// Of a time stamp, beside those of evidence/timestamp: gate.no_stamps,
// gate.stamp_time. Of a declaration, beside those of evidence/declaration: gate.declaration_other,
// gate.declaration_date, declaration.not_on_roster, declaration.other_person. Of a
// fetch: gate.no_file, gate.package_gone, gate.no_name, gate.not_released, gate.stopped,
// gate.incident, gate.clock, gate.pickup_over, gate.pickup_limit, gate.cut; by a link also
// gate.pickup_link, gate.pickup_answer. Of a link: gate.no_pickup_page, gate.pickup_form. Of all: gate.unknown,
// gate.ambiguous, gate.offer_damaged, gate.closed. Of an export, beside those of
// grant.CheckExport: gate.export_unannounced, gate.export_running,
// gate.exports_full, export.content, gate.canceled. Of an incident, beside those of
// grant.CheckIncident and grant.CheckListRead: gate.incident_other, gate.incident_date,
// gate.incident_people, gate.incident_no_item, gate.incident_nothing,
// gate.incidents_full, gate.incident_missing, gate.index_missing, gate.index_ended,
// gate.list_changed, gate.replayed. Of a passphrase, beside those of grant.CheckTelling and
// grant.CheckReached: gate.replayed, gate.passphrase_other, gate.passphrase_people,
// gate.passphrase_told, gate.passphrase_ended, gate.passphrase_changed, gate.passphrase_lost,
// gate.pickup_over, gate.reached_other, gate.reached_date, gate.reached_twice. Of a call, beside those of
// grant.CheckCall: gate.calls_full, gate.call_missing. Of what is run as what it is
// not: gate.keeps_only, gate.not_to_keep. Of Open: gate.config,
// gate.busy, gate.record_damaged, gate.damaged.
//
// # Files in Dir
//
//	lock                                held while the gate runs
//	record                              the record (package record)
//	charter/<n>.txt, <n>.<i>.sig        statements and signatures
//	offers/<grant digest>/grant.txt, order, <key>.sig, inforce.txt
//	exports/<manifest digest>/manifest.txt, manifest.sig, files/<n>
//	                                    exports by hand, plain; removed once they have left, or after a week
//	calls/<digest>.txt, .sig            callers' statements
//	copies/<grant digest>/copy.age, copy.txt, copy.sig, proof.txt
//	                                    what is kept and what is stated of it; of an ended copy the latter alone
//	copykeys/<grant digest>             the key of a copy, wrapped under the gate's own
//	lists/<kind>-<digest>               the index of a release, the list of an incident, encrypted
//	listkeys/<kind>-<digest>            the key of a list, wrapped under the gate's own
//	passphrases/<grant digest>          the passphrase of a ZIP that waits, wrapped under the gate's own key
//	staging/<grant digest>/             a package in the making; wiped at start
//	quarantine/<grant digest>/          a package that held too much, with outside.jsonl; nothing serves or wipes it
//	out/<demand>_<grant>/               visible packages (evidence/release.Files and LateProofFile, evidence/declaration.Files, evidence/timestamp.File)
//	witness/                            memory of the gate's witness, which alone reads it (package ledger/witness)
//	access/<grant digest>.jsonl         every item that was read, for the provider alone
//
// It imports grant, scope, canon, signature, ledger/proof, evidence,
// evidence/release, evidence/declaration, evidence/sealedzip, evidence/timestamp, gate/source, gate/copyfile, problem, age, x/crypto/ssh and the standard
// library, and never docket, demand, law, store, keys or the log's writer; a
// test over `go list -deps` holds that.
package gate
