// Package blob keeps documents as they came, sealed by whoever hands them in, in
// a directory. It knows neither their keys nor their kinds.
//
// Its words. A *blob* is an immutable sequence of bytes; its *address* is its
// SHA-256. Since the bytes are ciphertext, an address says nothing about a
// document.
//
// Its promises. Put has the bytes on disk, under their address, when it returns:
// temporary file, sync, link, sync of the directory. A blob is never replaced;
// putting the same bytes again is no error. Get returns exactly the bytes that
// were put, or blob.corrupt. A blob holds at most Max bytes.
//
// On disk: xx/<64 hexadecimal digits of the address>, xx being the first two;
// names that end in ".tmp" are left from a crash and mean nothing.
//
// It implements docket.Originals and imports the standard library and problem.
package blob
