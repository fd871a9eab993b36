// Package proof is what outsiders and the gate use to check the public ledger:
// no log writer, no store, no network, no clock.
//
// Its words. The *journal* is a log with one leaf a tick, busy or idle. A
// *journal leaf* holds a tick time and the root of a *private tree* of fixed
// depth, whose places hold the tick's *events* at random positions and pseudo-
// random *fillers* everywhere else. An *opening* of an event is its salt and
// the digest of its subject; a *proof* is the opening, the path in the private
// tree, and a C2SP tlog-proof of the leaf in the journal. The *register* is a
// log with one leaf per demand (and per padding place) that holds Pedersen
// *commitments* to its *fields* and a salted commitment to its record; a
// *register opening* is what those commitments hide. A *policy* names the log's
// key, the witnesses' keys and how many of them (k) must have cosigned.
//
// Its promises. Every parser accepts only what encodes back to the same bytes,
// takes bounded time and memory, and never panics. Verify checks everything:
// digest, path, inclusion, origin, the log's signature and k distinct
// witnesses. Wherever a secret is an operand of a curve operation, the
// operation takes constant time. All functions are pure and safe for
// concurrent use.
//
// # Bytes
//
// All integers are big-endian; || joins.
//
//	event hash     SHA-256("counterseal-journal-event-v1\n" || salt[32] || digest[32])
//	filler         32 bytes from 32·position on of AES-256-CTR(interval key[32], counter 0)
//	private tree   16,384 places, depth 14; a place is SHA-256(0x00 || event hash)
//	               or a filler, a node SHA-256(0x01 || left || right), as in RFC 6962
//	journal leaf   0x01 || tick int64 (Unix milliseconds) || root[32]           41 bytes
//	event part     0x01 || position uint16 || salt[32] || digest[32]
//	               || journal leaf[41] || path 14×[32], lowest sibling first    556 bytes
//	register leaf  0x01 || C(country) || C(instrument) || C(band) || C(class)
//	               || record commitment[32]                                     161 bytes
//	C(m)           ristretto255 encoding of m·H + r·G; G the standard generator,
//	               H = FromUniform(SHA-512("counterseal-pedersen-h-v1"))
//	record         SHA-256("counterseal-register-record-v1\n" || salt[32]
//	commitment     || country uint16 || instrument uint16 || band uint16 || class uint16
//	               || digest[32])
//	opening        0x01 || country uint16 || instrument uint16 || band uint16
//	               || class uint16 || 4 scalars r, little-endian [32] || salt[32]
//	               || digest[32]                                                201 bytes
//	register part  0x02 || register leaf[161]                                   162 bytes
//
// A proof's text is c2sp.org/tlog-proof@v1 with the event part or the register
// part, in base64, on its "extra" line.
//
// # Scalars of a register leaf
//
// Country is the two letters of ISO 3166-1 alpha-2 as ASCII, first × 256 +
// second ("US" = 0x5553); 0 is not stated. Instrument, band and class are the
// constants of this package. Padding has 0 in every field.
//
// # Policy text
//
// A canonical subset of c2sp.org/tlog-policy, so that other tools read it:
//
//	log <verifier key>
//	witness w1 <verifier key, type 0x04>
//	witness w2 <verifier key, type 0x04>
//	group witnesses <k> w1 w2
//	quorum witnesses
//
// Several, of which one is in force, stand one behind the other (see Policies): the one
// in force, a line "emergency" and its emergency policy where there is one, then, for each
// former one, a line "until SIZE" and the same.
//
// # Imports
//
// The standard library, golang.org/x/mod (sumdb/note, sumdb/tlog),
// github.com/transparency-dev/formats (checkpoint, cosignature/v1, tlog-proof),
// github.com/gtank/ristretto255 and internal/problem. It compiles for
// GOOS=js GOARCH=wasm. Formats: RFC 6962 §2.1, RFC 9496 (ristretto255), C2SP
// signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof, tlog-policy.
package proof
