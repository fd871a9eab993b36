// Package files reads the files of an account out of a folder of its own.
//
// Its words. The account's *folder* lies in the store's folder under the name that
// the configuration states, with the account's id in it. A *file* is a regular
// file anywhere below; its time is that of its last change, and it is content.
//
// Its promises. Nothing is followed and nothing written. A link in an account's
// folder is a gap, whatever it points to, and so are pipes, sockets and devices; a
// link in the folder's own path is an error, because then the store is not what
// it should be. A folder that cannot be listed is an error; a file that cannot be
// opened is found out when the gate opens it, and withheld. A folder whose list
// changed while it was read, and a file that did, are errors, and so is a file that has
// other bytes than its size says. Names are bytes: they
// are given escaped (source.Escape), never used as a path, and names that are
// equal for another file system (by case, or by the form of an accent) are
// different here. Files of one folder come in the order of their names' bytes, a
// folder's own before those of the folders in it. Memory grows with the names in
// one folder, of which there may be a million, and with the depth, at most 200;
// what lies deeper is a gap.
//
// An item's id is that of source.IDs over account and path; its name is the path
// below the account's folder.
//
// What it cannot tell: earlier versions, deleted files, shares. Access rights,
// extended attributes and times other than the last change are not given.
//
// It imports the standard library, source, source/rooted, scope and problem.
package files
