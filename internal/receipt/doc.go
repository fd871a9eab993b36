// Package receipt is what a sender gets for a demand: a signed text that says
// which bytes came, when and through which channel, and opens the leaf of the
// journal that was written for it.
//
// Its words. A *receipt* acknowledges bytes. It neither accepts service nor
// waives objections, and says so in its statement. *Journal salt* and *journal
// digest* open the leaf: who has them can check, offline and later, that the
// demand has been in the journal since that day. The *register opening* does the
// same for the register of demands; its content belongs to package ledger and is
// opaque here.
//
// The text is canonical (package canon): the header counterseal-receipt-v1, then
// provider, demand, received, channel, original-sha256, original-bytes,
// journal-salt, journal-digest, register-opening and statement, in that order,
// each once. See testdata/receipt.txt.
//
// Its promises. Equal receipts have equal bytes, and an Ed25519 key signs them
// alike each time, so a receipt that is asked for again is the same receipt
// (invariant 25). Parse accepts only what Bytes writes. Nothing here reads a
// clock or a file; that the original is durable before a receipt is given
// (invariant 26) is for the caller.
//
// It imports the standard library, canon, problem, signature and x/crypto/ssh.
package receipt
