// Package wire reaches a store on another machine, for the sources that do.
//
// Its words. *Patience* is how long the store may take for the next 64 KiB, or for
// its answer where that is shorter; time in which nobody reads does not count. A line
// *breaks* when it is closed or reset before the answer has ended; a server is *busy*
// when it says that it cannot answer now. *Breaks* says whether to ask again.
//
// Its promises. Without TLS only this machine itself is reached. With TLS the
// server's name is verified, against the stated authorities alone where a file
// states them. A store that hangs, or trickles, ends in an error when the patience
// is over; cancelling ends it at once. A line that breaks is worth another try for as
// long as the patience, and a hundred times in one run
// (docs/decisions/0042-a-line-that-breaks.md); what is asked again, and what must then
// be the same as before, is for the source to say. A password comes from a file that nobody but
// its owner can read. No proxy is used and no redirection followed.
//
// It imports the standard library and problem.
package wire
