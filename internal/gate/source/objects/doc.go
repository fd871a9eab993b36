// Package objects reads the files of an account from a server: from a bucket of
// object storage (S3, path-style, signature version 4), or from WebDAV (RFC 4918).
//
// Its words. The account's *folder* is what lies under the name that the
// configuration states; in a bucket that is a prefix of keys. A *file* is an object,
// or a resource that is no collection; its time is that of its last change as the
// server states it, and it is content.
//
// Its promises. Nothing is asked but lists and bytes (GET, PROPFIND). What the server
// lists must lie in the account's folder, or nothing more is believed of it
// (source.protocol). A list that changed while it was read, and a file that did (by
// its entity tag, its time or its length), are errors; so is a number of bytes other
// than the one that was listed (source.size). Each page of a list is bounded, and so
// are their number and the depth. A name with the segments "." or ".." is never
// asked for, because servers and proxies resolve them: it is a gap (source.name_form).
// Names are bytes: they are given escaped, never used as a path of this machine, and
// names that are equal for another system are different here.
//
// Where the line breaks, or the server is busy, it is asked again. An object goes on where
// it was under the entity tag of the list; a file over WebDAV is read anew, and its bytes
// must come again (docs/decisions/0042-a-line-that-breaks.md).
//
// In a bucket there are no empty folders: an account none of whose keys is there is
// unknown, unless an object with the folder's own name is.
//
// What it cannot tell: earlier versions, deleted files, shares, metadata. The
// clients are our own (decisions/0018).
//
// An item's id is that of source.IDs over account and path; its name is the path
// below the account's folder.
//
// It imports the standard library, source, source/wire, scope and problem.
package objects
