package blob

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"strings"
)

const (
	packMagic   = "counterseal-pack-v1\n"
	checkDomain = "counterseal-pack-record-v1\n"
	packStart   = 32 // where the first record stands
	headSize    = 64
	alignment   = 8
	checkSize   = 16
	maxReplaces = 4096
)

// Kinds of record.
const (
	isBlob     = 1
	isRemoval  = 2 // payload: where the removed record stands
	isReplaces = 3 // payload: ids of the segments that this one stands for
)

var recordMagic = [4]byte{'C', 'S', 'B', 1}

// segmentID names a segment. It is random, so that nobody outside can write
// bytes that would pass for a record within a document of theirs.
type segmentID [8]byte

func (id segmentID) pack() string { return hex.EncodeToString(id[:]) + ".pack" }

// temporary is the name of a segment that is being made.
func (id segmentID) temporary() string { return id.pack() + ".tmp" }

func (id segmentID) index() string { return hex.EncodeToString(id[:]) + ".index" }

// segmentOf reads the name of a segment's file.
func segmentOf(name string) (id segmentID, ok bool) {
	digits, ok := strings.CutSuffix(name, ".pack")
	b, err := hex.DecodeString(digits)
	if !ok || err != nil || len(b) != len(id) || segmentID(b).pack() != name {
		return segmentID{}, false
	}
	return segmentID(b), true
}

// place is where a record stands.
type place struct {
	segment segmentID
	offset  int64
}

func (p place) bytes() []byte {
	return binary.BigEndian.AppendUint64(bytes.Clone(p.segment[:]), uint64(p.offset))
}

// head is a record's header. payload is set for all kinds but blobs.
type head struct {
	kind    byte
	length  int64
	address Address
	payload []byte
}

// target is what a removal removes.
func (h head) target() place {
	if h.kind != isRemoval || len(h.payload) != 16 {
		return place{}
	}
	return place{segment: segmentID(h.payload[:8]), offset: int64(binary.BigEndian.Uint64(h.payload[8:]))}
}

// size is what the record takes, padding included.
func (h head) size() int64 { return (headSize + h.length + alignment - 1) / alignment * alignment }

// marshal gives the header as it stands at a place, which it is bound to.
func (h head) marshal(at place) []byte {
	out := make([]byte, 0, headSize)
	out = append(out, recordMagic[:]...)
	out = append(out, h.kind, 0, 0, 0)
	out = binary.BigEndian.AppendUint64(out, uint64(h.length))
	out = append(out, h.address[:]...)
	check := checkOf(at, out, h.payload)
	return append(out, check[:]...)
}

func checkOf(at place, fields, payload []byte) (c [checkSize]byte) {
	d := sha256.New()
	io.WriteString(d, checkDomain)
	d.Write(at.bytes())
	d.Write(fields)
	d.Write(payload)
	copy(c[:], d.Sum(nil))
	return c
}

// readHead reads the record at a place; ok is false where none stands or where
// it would not end within size.
func readHead(r io.ReaderAt, at place, size int64) (h head, ok bool, err error) {
	var b [headSize]byte
	if at.offset < packStart || at.offset+headSize > size {
		return h, false, nil
	}
	if _, err = r.ReadAt(b[:], at.offset); err != nil && err != io.EOF {
		return h, false, err
	}
	return parseHead(r, at, b[:], size)
}

func parseHead(r io.ReaderAt, at place, b []byte, size int64) (h head, ok bool, err error) {
	length := binary.BigEndian.Uint64(b[8:])
	h = head{kind: b[4], length: int64(length), address: Address(b[16:])}
	if [4]byte(b) != recordMagic || length > Max {
		return head{}, false, nil
	}
	switch {
	case h.kind == isBlob:
	case h.kind == isRemoval && length == 16, h.kind == isReplaces && length <= maxReplaces*8:
		if at.offset+h.size() > size {
			return head{}, false, nil
		}
		h.payload = make([]byte, length)
		if _, err = r.ReadAt(h.payload, at.offset+headSize); err != nil && err != io.EOF {
			return head{}, false, err
		}
	default:
		return head{}, false, nil
	}
	check := checkOf(at, b[:headSize-checkSize], h.payload)
	if !bytes.Equal(check[:], b[headSize-checkSize:]) || at.offset+h.size() > size {
		return head{}, false, nil
	}
	return h, true, nil
}

// whole reports whether a record's payload is the one that its header names.
func (h head) whole(r io.ReaderAt, at int64) (bool, error) {
	if h.kind != isBlob {
		return true, nil // covered by the header's check
	}
	d := sha256.New()
	if _, err := io.Copy(d, io.NewSectionReader(r, at+headSize, h.length)); err != nil {
		return false, err
	}
	return Address(d.Sum(nil)) == h.address, nil
}

// scanned is a record found by scan.
type scanned struct {
	offset int64
	head
}

// scan hands over the records of a segment from an offset on and says where the
// last one ends. What stands between records and is none is passed over: only a
// failing disk leaves such a hole. With check, records at the end whose payload
// is not whole do not count: they were never acknowledged.
func scan(r io.ReaderAt, id segmentID, from, size int64, check bool, found func(scanned)) (end int64, err error) {
	var doubtful []scanned
	end = from
	for at := from; at+headSize <= size; {
		h, ok, err := readHead(r, place{id, at}, size)
		if err != nil {
			return end, err
		}
		if !ok {
			if at, err = nextHead(r, id, at+alignment, size); err != nil {
				return end, err
			}
			continue
		}
		rec := scanned{at, h}
		at += h.size()
		sound := true
		if check {
			if sound, err = h.whole(r, rec.offset); err != nil {
				return end, err
			}
		}
		doubtful = append(doubtful, rec)
		if !sound {
			continue
		}
		for _, d := range doubtful {
			found(d)
		}
		doubtful, end = doubtful[:0], at
	}
	return end, nil
}

// nextHead finds the next offset at which a record stands, or size.
func nextHead(r io.ReaderAt, id segmentID, from, size int64) (int64, error) {
	buf := make([]byte, 1<<16)
	for from+headSize <= size {
		n, err := r.ReadAt(buf[:min(int64(len(buf)), size-from)], from)
		if err != nil && err != io.EOF {
			return size, err
		}
		step := int64(n) - headSize + alignment
		for i := int64(0); i < step && i+headSize <= int64(n); i += alignment {
			if [4]byte(buf[i:]) != recordMagic {
				continue
			}
			_, ok, err := parseHead(r, place{id, from + i}, buf[i:i+headSize], size)
			if err != nil {
				return size, err
			}
			if ok {
				return from + i, nil
			}
		}
		if step <= 0 {
			break
		}
		from += step / alignment * alignment
	}
	return size, nil
}
