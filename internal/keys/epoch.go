package keys

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
)

var (
	epochName   = regexp.MustCompile(`^epoch-(\d{6})-\d{8}\.key$`)
	wrappedForm = regexp.MustCompile(`^wrapped-(\d{6})\.keys$`)
)

// contents is what a folder holds: epoch keys and wrapped files by number.
type contents struct {
	epochs  map[uint64]string
	wrapped map[uint64]bool
}

func (f *Folder) list() (contents, error) {
	c := contents{epochs: map[uint64]string{}, wrapped: map[uint64]bool{}}
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return c, unavailable(err)
	}
	for _, e := range entries {
		if err = checkPrivate(f.path(e.Name()), false); err != nil {
			return c, err
		}
		if m := epochName.FindStringSubmatch(e.Name()); m != nil {
			n, _ := strconv.ParseUint(m[1], 10, 64)
			c.epochs[n] = e.Name()
		}
		if m := wrappedForm.FindStringSubmatch(e.Name()); m != nil {
			n, _ := strconv.ParseUint(m[1], 10, 64)
			c.wrapped[n] = true
		}
	}
	return c, nil
}

// start finds the newest epoch that is whole, finishes or undoes what a crash
// left of Destroy, and opens it. A wrapped file gets its name only when all
// survivors are in it, so the newest wrapped file is the truth.
func (f *Folder) start() error {
	c, err := f.list()
	if err != nil {
		return err
	}
	var newest uint64
	for n := range c.wrapped {
		newest = max(newest, n)
	}
	switch {
	case newest == 0 && len(c.epochs) == 0:
		newest = 1
		if c.epochs[1], err = f.newEpoch(1); err != nil {
			return err
		}
		fallthrough
	case newest == 0 && len(c.epochs) == 1 && c.epochs[1] != "":
		newest = 1
		if err = f.writeWrapped(1, nil); err != nil {
			return unavailable(err)
		}
	case c.epochs[newest] == "":
		return missing().At("epoch %d", newest)
	}
	if err = f.open(newest, c.epochs[newest]); err != nil {
		return err
	}
	return f.sweep(c)
}

// sweep destroys every epoch but the open one: older ones that Destroy had
// replaced, and a newer one that never got its wrapped file.
func (f *Folder) sweep(c contents) error {
	for n, name := range c.epochs {
		if n != f.epoch {
			if err := shred(f.path(name)); err != nil {
				return unavailable(err)
			}
		}
	}
	for n := range c.wrapped {
		if n != f.epoch {
			if err := shred(f.path(wrappedName(n))); err != nil {
				return unavailable(err)
			}
		}
	}
	left, err := filepath.Glob(f.path("*.tmp"))
	if err != nil {
		return unavailable(err)
	}
	for _, path := range left {
		if err = shred(path); err != nil {
			return unavailable(err)
		}
	}
	return nil
}

func (f *Folder) newEpoch(n uint64) (name string, err error) {
	var key [keySize]byte
	if _, err = io.ReadFull(f.random, key[:]); err != nil {
		return "", unavailable(err)
	}
	defer clear(key[:])
	name = fmt.Sprintf("epoch-%06d-%s.key", n, f.now().UTC().Format("20060102"))
	err = place(f.path(name), func(w *os.File) error {
		_, err := w.Write(append([]byte(epochMagic), key[:]...))
		return err
	})
	if err != nil {
		return "", unavailable(err)
	}
	return name, nil
}

func (f *Folder) readEpoch(name string) (*subtle.AESGCM, error) {
	b, err := os.ReadFile(f.path(name))
	if err != nil {
		return nil, unavailable(err)
	}
	defer clear(b)
	key, ok := bytes.CutPrefix(b, []byte(epochMagic))
	if !ok || len(key) != keySize {
		return nil, corrupt(nil).At("%s", name)
	}
	wrap, err := subtle.NewAESGCM(bytes.Clone(key))
	if err != nil {
		return nil, corrupt(err)
	}
	return wrap, nil
}

// open makes epoch n the current one and indexes its wrapped keys. A record cut
// short at the end was never acknowledged and is removed.
func (f *Folder) open(n uint64, name string) error {
	wrap, err := f.readEpoch(name)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(f.path(wrappedName(n)), os.O_RDWR, 0)
	if err != nil {
		return unavailable(err)
	}
	index, end, err := readIndex(file)
	if err == nil {
		err = file.Truncate(end)
	}
	if err != nil {
		file.Close()
		return corrupt(err).At("%s", wrappedName(n))
	}
	if f.file != nil {
		f.file.Close()
	}
	f.epoch, f.epochKey, f.wrap, f.file, f.index, f.end = n, name, wrap, file, index, end
	return nil
}

func readIndex(file *os.File) (x index, end int64, err error) {
	info, err := file.Stat()
	if err != nil {
		return index{}, 0, err
	}
	x = newIndex(info.Size() / recordSize)
	r := bufio.NewReaderSize(file, 1<<20)
	head := make([]byte, len(wrappedMagic))
	if _, err := io.ReadFull(r, head); err != nil {
		return index{}, 0, err
	}
	if string(head) != wrappedMagic {
		return index{}, 0, fmt.Errorf("not a file of wrapped keys")
	}
	var rec [recordSize]byte
	for n := uint32(0); ; n++ {
		_, err := io.ReadFull(r, rec[:])
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return x, offset(n), nil
		}
		if err != nil {
			return index{}, 0, err
		}
		x.add([sha256.Size]byte(rec[:]), n)
	}
}

// writeWrapped writes the wrapped file of epoch n; records may be nil.
func (f *Folder) writeWrapped(n uint64, records func(io.Writer) error) error {
	return place(f.path(wrappedName(n)), func(w *os.File) error {
		b := bufio.NewWriterSize(w, 1<<20)
		b.WriteString(wrappedMagic)
		if records != nil {
			if err := records(b); err != nil {
				return err
			}
		}
		return b.Flush()
	})
}

// Destroy destroys the data keys of the ids: the survivors are wrapped under a
// new epoch, and the old epoch's key is destroyed. When it returns nil, no copy
// of the old wrapped file can be opened any more. Ids without a key are passed
// over. It takes time in proportion to the survivors and stops other use
// meanwhile. A survivor that cannot be unwrapped stops it before anything has
// changed (keys.corrupt). No other process may have the folder open. Problems:
// keys.busy, keys.corrupt, keys.unavailable.
func (f *Folder) Destroy(ctx context.Context, ids ...string) error {
	if err := ctx.Err(); err != nil {
		return unavailable(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed != nil {
		return f.failed
	}
	return f.exclusively(func() error { return f.destroy(ids) })
}

func (f *Folder) destroy(ids []string) error {
	if err := f.catchUp(); err != nil {
		return err
	}
	gone := make(map[[sha256.Size]byte]bool)
	for _, id := range ids {
		_, there, err := f.find(idDigest(id))
		if err != nil {
			return err
		}
		if there {
			gone[idDigest(id)] = true
		}
	}
	if len(gone) == 0 {
		return nil
	}
	next := f.epoch + 1
	old, oldKey := f.epoch, f.epochKey
	name, err := f.newEpoch(next)
	if err != nil {
		return err
	}
	if err = f.step("epoch"); err != nil {
		return err
	}
	wrap, err := f.readEpoch(name)
	if err != nil {
		return err
	}
	err = f.writeWrapped(next, func(w io.Writer) error { return f.rewrap(w, wrap, next, gone) })
	if err != nil {
		// The old epoch stays in force. The wrapped file goes before its epoch
		// key: Open takes the newest wrapped file for the truth.
		if shred(f.path(wrappedName(next))) == nil {
			_ = shred(f.path(name)) // Open does it otherwise
		}
		return asProblem(err)
	}
	return f.retire(next, name, old, oldKey)
}

// retire opens the new epoch and destroys the old one. From here on a failure
// leaves the new epoch in force; only destroying the old one is left, and the
// folder refuses further use until Open has done it.
func (f *Folder) retire(next uint64, name string, old uint64, oldKey string) error {
	err := f.step("wrapped")
	if err == nil {
		err = f.open(next, name)
	}
	if err == nil {
		err = shred(f.path(oldKey))
	}
	if err == nil {
		err = f.step("shredded")
	}
	if err == nil {
		err = shred(f.path(wrappedName(old)))
	}
	if err != nil {
		f.failed = unavailable(err).Fix("open the keys again: that finishes what was begun")
		f.wrap, f.index = nil, index{}
		return f.failed
	}
	return nil
}

func (f *Folder) rewrap(w io.Writer, wrap *subtle.AESGCM, epoch uint64, gone map[[sha256.Size]byte]bool) error {
	begin := offset(0)
	r := bufio.NewReaderSize(io.NewSectionReader(f.file, begin, f.end-begin), 1<<20)
	var rec [recordSize]byte
	for range (f.end - begin) / recordSize {
		if _, err := io.ReadFull(r, rec[:]); err != nil {
			return err
		}
		digest := [sha256.Size]byte(rec[:])
		if gone[digest] {
			continue
		}
		key, err := f.unwrap(rec)
		if err != nil {
			return err
		}
		sealed, err := wrap.Encrypt(key[:], wrapData(digest, epoch))
		clear(key[:])
		if err != nil {
			return err
		}
		if _, err = w.Write(append(digest[:], sealed...)); err != nil {
			return err
		}
	}
	return nil
}

func (f *Folder) step(name string) error {
	if f.fault == nil {
		return nil
	}
	return f.fault(name)
}
