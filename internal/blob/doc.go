// Package blob keeps documents as they came, sealed by whoever hands them in. It
// knows neither their keys nor their kinds.
//
// Its words. A *blob* is an immutable sequence of bytes; its *address* is its
// SHA-256. Since the bytes are ciphertext, an address says nothing about a
// document. A *segment* is a large file of *records*, one behind the other; a
// record holds a blob or says that one was removed. An *index* says where in a
// segment the records of an address stand.
//
// Its promises. A blob is on disk, under its address, when Put returns: Packed
// appends and syncs, calls at the same time sharing one sync; Dir, which is older
// and slower, links a synced file. A blob is never replaced; putting the same
// bytes again is no error. Get returns exactly the bytes that were put, or
// blob.corrupt. A blob holds at most Max bytes. Several processes may have one
// directory open and see at once what others have put and removed.
//
// # Segments
//
// A process appends to a segment whose lock (flock) it holds: one that no other
// has and that is neither full (256 MiB or 65,536 records) nor torn, or a new one,
// which gets its name after it and its lock. Bytes of a segment are never written
// twice. After a crash, what does not form a whole record at the end was never
// acknowledged: whoever takes the segment over cuts it off and adds nothing more
// there. After a write or sync that failed, the process goes on in another
// segment, for a second sync would not tell what the disk holds. Compact, when
// asked, rewrites segments without what was removed; until then removed bytes
// stay, and only the end of their key ends them.
//
// A segment's first record may name the segments that it stands for: those count
// no more, whether they are deleted yet or not.
//
// In memory are, for each segment, a filter of two to four bytes a record, and
// all entries of what no index covers yet, 65,536 at most for each process that
// writes.
//
// # On disk
//
//	pack/<id>.pack    id: 16 hexadecimal digits, random
//	  at 0            "counterseal-pack-v1\n", zeros up to 32
//	  then records, each padded with zeros to a multiple of 8:
//	                  "CSB" 0x01 || kind[1] || 0[3] || length uint64 || address[32] || check[16] || payload[length]
//	                  numbers are big-endian; check is the first 16 bytes of
//	                  SHA-256("counterseal-pack-record-v1\n" || id[8] || offset of the record uint64
//	                  || the header up to here || payload, but for kind 1)
//	    kind 1        a blob
//	    kind 2        a removal; payload: id[8] || offset uint64 of the record that is removed
//	    kind 3        stands for other segments; payload: their ids[8], at most 4096
//	pack/<id>.index   "counterseal-pack-index-v1\n", zeros up to 32
//	                  || covered up to uint64 || number of entries uint64 || bytes of the filter uint64 || 0[7] || full[1]
//	                  || filter || SHA-256 of all before
//	                  || entries, sorted: first 8 bytes of the address || offset uint64
//	                  || SHA-256 of the entries
//	pack/moves.lock   held shared while something is removed, alone while segments are replaced
//	xx/<address>      of a Dir: 64 hexadecimal digits, xx being the first two
//
// The check binds a record to its segment and place, so no document can hold
// bytes that would be taken for a record. An index is a help and no truth: one
// that is missing, damaged or behind is done without, from the records
// themselves. Names that end in ".tmp" are left from a crash and mean nothing.
//
// It implements docket.Originals and imports the standard library, problem and batch.
package blob
