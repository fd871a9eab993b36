// Package gatepage is the page of a gate, on which people approve with passkeys.
//
// Its words. A *page* has an origin, which the charter names; a *look* is a short time
// in which somebody who showed a passkey of the roster may read what waits. A
// *ceremony* is one signature: the text is shown as the gate parsed and encoded it,
// the browser asks the passkey to sign the blob that an SSHSIG signs, and what comes
// back is kept as an SSH signature (package signature).
//
// Its promises. Everything on it comes from the gate itself: its own parse of the
// grant, and the order's document as it came with it. Nothing of the office's is
// shown, no script or style of another origin loads, and no other page can frame it.
// Signing in to the office counts nothing here. A look lets somebody read and nothing
// else: what approves, stops or says that an order stands is a signature over a text,
// and the gate checks it as it checks those that come another way. Looks end after
// fifteen minutes, or when the gate ends. A passphrase of a ZIP is in one answer, to whoever
// signed to be told it, and in no page (decision 0032).
//
// Without a gate (before the first ceremony) the page makes passkeys and signs charter
// statements, and shows nothing.
//
//	GET  /              what waits, or the way in     POST /look        {nonce, answer}
//	GET  /grant/{id}    one grant and its order       POST /approve     {grants, answer}
//	GET  /batch         several of one class          POST /in-force    {text, answer}
//	GET  /stop          a stop                        POST /stop        {text, answer}
//	GET  /passphrase/{id}                             POST /passphrase  {text, answer}
//	                                                  POST /reached     {text, answer}
//	GET  /passkey       makes one                     POST /passkey     {key}
//	GET  /statement     signs a charter statement     POST /statement   {text}, {text, answer}
//
// Imports: standard library, problem, signature, grant, scope, gate.
package gatepage
