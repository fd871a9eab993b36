// Package wire reaches a store on another machine, for the sources that do.
//
// Its words. *Patience* is how long the store may take for the next 64 KiB, or for
// its answer where that is shorter; time in which nobody reads does not count.
//
// Its promises. Without TLS only this machine itself is reached. With TLS the
// server's name is verified, against the stated authorities alone where a file
// states them. A store that hangs, or trickles, ends in an error when the patience
// is over; cancelling ends it at once. A password comes from a file that nobody but
// its owner can read. No proxy is used and no redirection followed.
//
// It imports the standard library and problem.
package wire
