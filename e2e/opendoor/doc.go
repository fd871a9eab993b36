// Package opendoor holds the whole program, as users get it, against tools that
// nobody here wrote and against people who change what lies on its disk.
//
// Its words. The *demo* is the story open-door as `counterseal demo` plays it,
// once for each run of these tests. A *house* is an office with its people and
// its gate in a folder of its own (package walk); tests copy it, harm the copy,
// and go on as if nothing had happened.
//
// What it asks: whether a package opens and checks with age, tar, sha256sum,
// ssh-keygen and a bag validator, and the logs with Tessera's fsck; whether
// `counterseal verify` finds every change to a fetched folder; and whether
// nothing leaves an office whose journal, database or gate was exchanged, or
// whose demand was stayed or narrowed at the last moment.
//
// A tool that is missing is named and its test skipped; where CI is "true" that
// is a failure.
package opendoor
