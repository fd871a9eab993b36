// Package cli is the command line: one file a command. It renders what the rooms
// say and decides nothing.
//
// Its words. A *world* is the streams, clock and randomness that a command runs
// in, so that a test can run the real program. Standard output carries answers
// (text, or one JSON document with --json); standard error carries progress and
// problems. A problem is printed as one sentence with its stable code and remedy,
// and decides the exit code (docs/exit-codes.md).
//
// It imports app, demo and the rooms whose types it prints.
package cli
