// Package app joins the rooms into the program that a user starts: it is the only
// package that sees all of them.
//
// Its words. A *folder* is everything one provider keeps on one machine, laid out
// as Folder says. To *found* a folder is to make its keys and logs. An *office* is
// an opened folder: docket, law, clerk, ledger and, when the gate runs inside, the
// gate.
//
// Its promises. What is not configured does not exist: an office without a charter
// has no gate, and nothing can leave it. A room's problem passes through unchanged.
// Everything that waits takes a context.
//
// It may import every room; only cli, web's adapters and the story packages import it.
package app
