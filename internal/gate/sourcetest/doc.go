// Package sourcetest is the contract that every source passes.
//
// Its words. A *fixture* lays *planted* messages into a new store of its own
// form and gives a source over it. The suite chooses what is planted and asks
// for; the fixture only knows the store's form.
//
// Its promises. Run checks that items are whole, exact and attributed to their
// own account; that a source writes nothing; that an unreadable, damaged,
// missing or moved store is an error and never an empty answer; that nothing
// outside the store is followed; that cancelling and a callback's error stop it
// at once; that its memory does not grow with the store. A source may deliver
// more than was asked for.
//
// Struck holds the rest of it under strace: of each call by which a store is read, one
// fails, and what is missing then is said.
//
// It imports the standard library, source, scope and problem.
package sourcetest
