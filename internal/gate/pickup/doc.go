// Package pickup is the page of a gate on which an officer without tools picks a
// package up: the browser decrypts it.
//
// Its words. A *link* (gate.Link) opens one package's page; its secret stands behind
// the "#" of the address, which browsers send to nobody. A *box* is a small age file
// that the gate encrypts to the package's recipient; whoever opens it has the key.
// The *key page* makes a key for somebody who has none.
//
// Its promises. There is no second way out: a file leaves through gate.Fetch, with its
// checks, limits and line in the record, after link and key were shown; a link alone
// says nothing about anything, not even that it was one; but a ZIP is handed to whoever
// has its link, because it opens with its passphrase alone, for which no page asks. The key never leaves the
// browser: the answer to a box is a digest of what it held, the scripts' only requests
// are the three below, and the key page can make none at all. No script or style of
// another origin loads, nothing inline runs, and no other page can frame these. An
// officer gets the whole package, authenticated to its last chunk and held to its own
// manifests, or no file. The page checks no signature and no proof, because it comes
// from the gate that it would be checking, and says so.
//
//	GET  /                 to the page in the reader's language
//	GET  /{language}       the page of a link      POST /ask          {link}
//	GET  /{language}/zip   of a link to a ZIP
//	GET  /{language}/key   makes a key             POST /file/{file}  {link, moment, answer}
//	GET  /static/{file}
//
// The scripts: age.js decrypts (age-encryption.org/v1, RFC 8439), bag.js holds a tar
// to its manifests as it goes by, keep.js keeps files in the browser until they are
// saved, handout.js asks and hands files out, pickup.js, zip.js and key.js are the pages. What they say stands in words/.
//
// Imports: standard library, problem, signature, evidence/declaration, evidence/release,
// evidence/timestamp, gate, gate/gatehttp, gate/gatepage.
package pickup
