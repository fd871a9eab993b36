package verify

import (
	"archive/tar"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"time"

	"counterseal/internal/evidence"
	"counterseal/internal/evidence/release"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Bounds, so that a bag can be hostile.
const (
	maxSmallTag = 64 << 20 // order.json with the largest scope and grant
	maxLine     = 32 << 10 // a row of a .jsonl file
)

type pair struct {
	account scope.AccountID
	service scope.Service
}

type count struct{ items, bytes, split int64 }

// bag reads one tar in the order in which evidence writes it. What a later file
// must say is kept as a running digest: the manifest as it must read, and the
// sequence of paths and sizes that items.jsonl must repeat.
type bag struct {
	r    io.Reader
	rel  release.Release
	step func(name string, checked bool, words string)

	tar         *tar.Reader
	mtime       time.Time
	items       int64
	bytes       int64
	pairs       map[pair]*count
	manifest    hash.Hash
	sequence    hash.Hash
	files       hash.Hash // digest, size, account and service of each payload file
	listed      hash.Hash // what the rows of a package by hand must say; nil of a gate's
	tagManifest bytes.Buffer

	sums  []evidence.TagSum // of the tag files so far
	info  []byte
	order evidence.OrderFile
	scope scope.Scope
	wide  scope.Scope // the same without participants
}

func (b *bag) read() error {
	b.tar, b.manifest, b.sequence, b.files = tar.NewReader(b.r), sha256.New(), sha256.New(), sha256.New()
	h, err := b.next()
	if err != nil {
		return err
	}
	if h.Typeflag != tar.TypeDir || h.Name != evidence.Base+"/data/" || h.Mode != 0o755 || h.Size != 0 {
		return damaged("the first entry is not the folder of the payload")
	}
	h, err = b.payload()
	if err != nil {
		return err
	}
	err = b.tags(h)
	if err != nil {
		return err
	}
	return b.end()
}

// next reads a header and refuses whatever evidence does not write.
func (b *bag) next() (*tar.Header, error) {
	h, err := b.tar.Next()
	if err == io.EOF {
		return nil, failed("verify.tags", "a file of the bag is missing")
	}
	if err != nil {
		return nil, damaged("its tar cannot be read").Because(err)
	}
	if b.mtime.IsZero() {
		b.mtime = h.ModTime
	}
	for key := range h.PAXRecords {
		if key != "size" { // only a file of 8 GiB and more needs one
			return nil, damaged("an entry has an attribute that does not belong there")
		}
	}
	if h.Uid != 0 || h.Gid != 0 || h.Uname != "" || h.Gname != "" || h.Linkname != "" || h.Devmajor != 0 || h.Devminor != 0 || !h.ModTime.Equal(b.mtime) {
		return nil, damaged("an entry has an attribute that does not belong there")
	}
	return h, nil
}

// regular gives the name of a regular file within the bag.
func regular(h *tar.Header) (string, error) {
	prefix := evidence.Base + "/"
	if h.Typeflag != tar.TypeReg || h.Mode != 0o644 || len(h.Name) <= len(prefix) || h.Name[:len(prefix)] != prefix {
		return "", damaged("an entry is not a regular file of the bag").At("%.120q", h.Name)
	}
	return h.Name[len(prefix):], nil
}

// payload reads the items and returns the header of the first other file.
func (b *bag) payload() (*tar.Header, error) {
	buf := make([]byte, 256<<10)
	var line []byte
	for {
		h, err := b.next()
		if err != nil {
			return nil, err
		}
		path, err := regular(h)
		if err != nil {
			return nil, err
		}
		if path == evidence.ManifestFile {
			return h, nil
		}
		account, service, ordinal, ok := evidence.ParsePayloadPath(path)
		if !ok || ordinal != b.items+1 {
			return nil, failed("verify.payload", "a file is in the payload that does not belong there").At("%.120q", path)
		}
		sum := sha256.New()
		n, err := io.CopyBuffer(struct{ io.Writer }{sum}, struct{ io.Reader }{b.tar}, buf)
		if err != nil {
			return nil, damaged("its tar cannot be read").Because(err)
		}
		line = hex.AppendEncode(line[:0], sum.Sum(nil))
		line = append(append(append(line, "  "...), path...), '\n')
		b.manifest.Write(line)
		fmt.Fprintf(b.sequence, "%s %d\n", path, n)
		fmt.Fprintf(b.files, "%x %d %s %s\n", sum.Sum(nil), n, account, service)
		c := b.pairs[pair{account, service}]
		if c == nil {
			if len(b.pairs) == scope.MaxSelectors {
				return nil, failed("verify.outside", "the payload names more accounts than a scope can")
			}
			c = &count{}
			b.pairs[pair{account, service}] = c
		}
		c.items++
		c.bytes += n
		b.items++
		b.bytes += n
	}
}

func (b *bag) tags(h *tar.Header) error {
	for i, want := range evidence.TagFiles {
		if i > 0 {
			var err error
			h, err = b.next()
			if err != nil {
				return err
			}
		}
		name, err := regular(h)
		if err != nil {
			return err
		}
		if name != want && (want != evidence.CustodyName || name != evidence.OldCustodyName) {
			return failed("verify.tags", "a file of the bag is missing, or one is there that does not belong").At("%.120q instead of %s", name, want)
		}
		sum := sha256.New()
		in := io.TeeReader(b.tar, sum)
		err = b.tag(name, in, h.Size)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, in)
		if err != nil {
			return damaged("its tar cannot be read").Because(err)
		}
		err = b.digest(name, [32]byte(sum.Sum(nil)))
		if err != nil {
			return err
		}
		b.sums = append(b.sums, evidence.TagSum{Name: name, Size: h.Size, SHA256: [32]byte(sum.Sum(nil))})
	}
	return nil
}

// digest compares the two manifests and notes the others for the last one.
func (b *bag) digest(name string, sum [32]byte) error {
	switch name {
	case evidence.ManifestFile:
		if sum != [32]byte(b.manifest.Sum(nil)) {
			return failed("verify.payload", "the payload and its manifest differ: a file was changed, added or removed")
		}
		b.step("payload", true, fmt.Sprintf("All %d files of the payload agree with the manifest, and nothing is extra or missing.", b.items))
	case evidence.TagManifestFile:
		if sum != b.rel.TagManifest {
			return failed("verify.tags", "the bag's tag manifest is not the one that the release names")
		}
		if sum != sha256.Sum256(b.tagManifest.Bytes()) {
			return failed("verify.tags", "a file beside the payload differs from the tag manifest")
		}
		b.step("tags", true, "All other files agree with the tag manifest, which is the one that the release names.")
	}
	fmt.Fprintf(&b.tagManifest, "%x  %s\n", sum, name)
	return nil
}

func (b *bag) tag(name string, r io.Reader, size int64) error {
	switch name {
	case evidence.ItemsFile:
		return b.itemRows(r)
	case evidence.WithheldFile:
		return b.withheldRows(r)
	case evidence.BagItFile, evidence.BagInfoFile, evidence.OrderName, evidence.CustodyName:
		if size > maxSmallTag {
			return damaged("a file beside the payload is far too long").At("%s", name)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			return damaged("its tar cannot be read").Because(err)
		}
		switch name {
		case evidence.OrderName:
			return b.readOrder(text)
		case evidence.CustodyName:
			return b.readCustody(text)
		case evidence.BagInfoFile:
			b.info = text
		case evidence.BagItFile:
			if string(text) != evidence.BagItText {
				return failed("verify.tags", "bagit.txt is not that of a BagIt 1.0 bag in UTF-8")
			}
		}
	}
	return nil
}

// end insists that nothing follows the tar.
func (b *bag) end() error {
	_, err := b.tar.Next()
	if err == nil {
		return failed("verify.tags", "a file follows the tag manifest")
	}
	if err != io.EOF {
		return damaged("its tar cannot be read").Because(err)
	}
	n, err := io.Copy(io.Discard, b.r)
	if err != nil || n != 0 {
		return damaged("something follows the end of its tar").Because(err)
	}
	if b.rel.Filtered == release.ByHand {
		b.step("order", true, "order.json, items.jsonl and withheld.jsonl agree with each other, with the payload and with the release; the payload is the export that was approved, file for file. Not gate-filtered: no item was compared with the approved scope.")
		return nil
	}
	b.step("order", true, "order.json, items.jsonl and withheld.jsonl agree with each other, with the payload and with the release; every item lies within the approved scope.")
	return nil
}

// lines calls row with each line, without its line feed.
func lines(r io.Reader, row func([]byte) error) error {
	br := bufio.NewReaderSize(r, maxLine)
	for {
		line, err := br.ReadSlice('\n')
		if err == io.EOF && len(line) == 0 {
			return nil
		}
		if err != nil {
			return failed("verify.order", "a row is cut off or too long").Because(err)
		}
		err = row(line[:len(line)-1])
		if err != nil {
			return err
		}
	}
}

// strict decodes JSON that has one form only.
func strict(text []byte, v any, again func() ([]byte, error)) bool {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err != nil {
		return false
	}
	b, err := again()
	return err == nil && bytes.Equal(b, text)
}

func damaged(what string) *problem.Error {
	return failed("verify.tar", "the package is damaged: "+what)
}
