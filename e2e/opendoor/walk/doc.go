// Package walk goes the way of one demand through the real program, a step at a
// time, so that a test can stop anywhere and do what it likes: the office of
// package app with its SQLite database, its logs, its witness and the gate
// inside, and nothing in place of any of them.
//
// Its words. A *house* is a founded folder with its people's keys, open or
// closed. A *copy* is the same folder at another place, in which harm can be
// done. An *ask* is a demand as an officer would fill it in.
//
// What must go well ends the test when it does not; what a test may want to see
// fail returns its error. A house goes by a clock of its own that only moves
// forward by real time and by Wait, also while it is closed.
//
// Everybody and everything in it is invented. It imports app, demo and the rooms
// whose words it uses; only tests import it.
package walk
