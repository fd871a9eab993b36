// Package uplink is how a gate on its own host or under its own user reaches the
// journal's keeper and the docket: a client that is a gate.Journal and a
// gate.Docket, and the handler that it talks to.
//
// Its promises. The gate calls, never the docket. Every call is a POST of one
// bounded JSON object, under one bearer token over a Unix socket or loopback, or over
// a connection on which the gate has proven its key (package pinned).
// Problems keep their codes. A call ends when its context does, at both ends.
// What the gate believes of the answers is proofs alone, so this link needs no
// more than that nobody else can commit counters in the gate's name: that is
// what the token is for.
//
//	POST /v1/uplink/{call}   call: commit, proof, checkpoint, consistency,
//	                         counter, commit-counter, permit, permit-keep,
//	                         permit-preview, emergency-proof, emergency-checkpoint
//
// Digests are lower-case hex, other byte strings base64.
//
// Imports: standard library, problem, gate.
package uplink
