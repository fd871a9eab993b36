package keys

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"

	"counterseal/internal/batch"
	"counterseal/internal/problem"
)

const (
	keySize      = 32
	epochMagic   = "counterseal-epoch-v1\n"
	wrappedMagic = "counterseal-keys-v1\n"
	idDomain     = "counterseal-key-id-v1\n"
	recordSize   = sha256.Size + 12 + keySize + 16
	maxID        = 64
)

// Folder is an open folder of keys. It is safe for concurrent use.
type Folder struct {
	dir    string
	random io.Reader
	now    func() time.Time
	// fault is asked after each step of Destroy; tests stop there. Nil otherwise.
	fault func(step string) error
	held  *os.File

	mu       sync.RWMutex
	epoch    uint64
	epochKey string // file name
	wrap     *subtle.AESGCM
	file     *os.File
	end      int64 // where the next record goes
	index    index
	failed   error // why nothing more may be written

	queue batch.Queue[*creation]
}

// creation is a key that is being made. done and err are set when its group has
// been written.
type creation struct {
	record []byte
	done   bool
	err    error
}

// Open opens the folder, creating what is missing in it if it holds no keys at
// all. The folder itself must exist with mode 0700. It finishes a Destroy that
// was interrupted, if no other process has the folder open. random must be
// cryptographic; now dates epochs. Problems: keys.exposed, keys.busy (another
// process is replacing the epoch), keys.unavailable, keys.missing (wrapped keys without
// their epoch), keys.corrupt.
func Open(dir string, random io.Reader, now func() time.Time) (*Folder, error) {
	if err := checkPrivate(dir, true); err != nil {
		return nil, err
	}
	held, alone, err := hold(dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{dir: dir, random: random, now: now, held: held}
	if alone {
		if err = f.start(); err == nil {
			err = flock(held, syscall.LOCK_SH)
		}
	} else {
		err = f.join()
	}
	if err != nil {
		f.Close()
		return nil, asProblem(err)
	}
	return f, nil
}

// Close lets another process open the folder.
func (f *Folder) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.file != nil {
		f.file.Close()
	}
	f.failed, f.wrap, f.index = unavailable(os.ErrClosed), nil, index{}
	return f.held.Close()
}

// Create makes a new data key for the id (1 to 64 bytes). It is on disk when
// Create returns; concurrent calls share one sync. Problems: keys.exists,
// keys.id, keys.unavailable.
func (f *Folder) Create(ctx context.Context, id string) error {
	if id == "" || len(id) > maxID {
		return problem.New(problem.Invalid, "keys.id", "a key's id has 1 to %d bytes", maxID)
	}
	if err := ctx.Err(); err != nil {
		return unavailable(err)
	}
	var key [keySize]byte
	if _, err := io.ReadFull(f.random, key[:]); err != nil {
		return unavailable(err)
	}
	defer clear(key[:])
	mine := &creation{record: make([]byte, 0, recordSize)}
	digest := idDigest(id)
	mine.record = append(append(mine.record, digest[:]...), key[:]...)

	f.queue.Do(mine, f.writeShared)
	return mine.err
}

// writeShared is write beside other processes.
func (f *Folder) writeShared(all []*creation) {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.failed
	if err == nil {
		err = f.appending(func() error {
			if err := f.catchUp(); err != nil {
				return err
			}
			f.write(all)
			return nil
		})
	}
	for _, c := range all {
		if !c.done {
			c.done, c.err = true, err
		}
	}
}

// write appends the new records with one sync; f.mu is held. After a failed
// write or sync nothing more is written: what the disk holds is then unknown,
// and Open finds out.
func (f *Folder) write(all []*creation) {
	var buf []byte
	fresh := make(map[[sha256.Size]byte]uint32)
	for _, c := range all {
		c.done = true
		c.err = f.failed
		id := [sha256.Size]byte(c.record)
		if c.err == nil {
			c.err = f.taken(id, fresh)
		}
		if c.err != nil {
			continue
		}
		sealed, err := f.wrap.Encrypt(c.record[sha256.Size:], wrapData(id, f.epoch))
		clear(c.record[sha256.Size:])
		if err != nil {
			c.err = unavailable(err)
			continue
		}
		fresh[id] = recordNo(f.end + int64(len(buf)))
		buf = append(append(buf, id[:]...), sealed...)
	}
	if len(buf) == 0 {
		return
	}
	_, err := f.file.WriteAt(buf, f.end)
	if err == nil {
		err = f.file.Sync()
	}
	if err != nil {
		f.failed = unavailable(err)
		for _, c := range all {
			if c.err == nil {
				c.err = f.failed
			}
		}
		return
	}
	f.end += int64(len(buf))
	for id, n := range fresh {
		f.index.add(id, n)
	}
}

// taken refuses an id that has a key, or gets one in this group.
func (f *Folder) taken(id [sha256.Size]byte, fresh map[[sha256.Size]byte]uint32) error {
	_, old, err := f.find(id)
	if err != nil {
		return err
	}
	if _, twice := fresh[id]; old || twice {
		return problem.New(problem.Conflict, "keys.exists", "there is a key of this id")
	}
	return nil
}

// Key gives the data key of the id. Problems: keys.missing, keys.corrupt,
// keys.unavailable.
func (f *Folder) Key(ctx context.Context, id string) ([keySize]byte, error) {
	if err := ctx.Err(); err != nil {
		return [keySize]byte{}, unavailable(err)
	}
	key, err := f.keyHere(id)
	if problem.Code(err) != "keys.missing" {
		return key, err
	}
	return f.keyOfOthers(id)
}

func (f *Folder) keyHere(id string) ([keySize]byte, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.wrap == nil {
		return [keySize]byte{}, f.failed
	}
	return f.read(idDigest(id))
}

// keyOfOthers looks again after taking in what other processes have made.
func (f *Folder) keyOfOthers(id string) ([keySize]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.wrap == nil {
		return [keySize]byte{}, f.failed
	}
	if err := f.appending(f.catchUp); err != nil {
		return [keySize]byte{}, err
	}
	return f.read(idDigest(id))
}

// find reads the record of an id.
func (f *Folder) find(digest [sha256.Size]byte) (rec [recordSize]byte, found bool, err error) {
	found, err = f.index.find(digest, func(n uint32) (bool, error) {
		if _, err := f.file.ReadAt(rec[:], offset(n)); err != nil {
			return false, unavailable(err)
		}
		return [sha256.Size]byte(rec[:]) == digest, nil
	})
	return rec, found, err
}

func (f *Folder) read(digest [sha256.Size]byte) (key [keySize]byte, err error) {
	rec, found, err := f.find(digest)
	if err != nil {
		return key, err
	}
	if !found {
		return key, missing()
	}
	return f.unwrap(rec)
}

func (f *Folder) unwrap(rec [recordSize]byte) (key [keySize]byte, err error) {
	plain, err := f.wrap.Decrypt(rec[sha256.Size:], wrapData([sha256.Size]byte(rec[:]), f.epoch))
	if err != nil || len(plain) != keySize {
		return key, corrupt(err)
	}
	copy(key[:], plain)
	clear(plain)
	return key, nil
}

func idDigest(id string) [sha256.Size]byte { return sha256.Sum256([]byte(idDomain + id)) }

func wrapData(digest [sha256.Size]byte, epoch uint64) []byte {
	return binary.BigEndian.AppendUint64(digest[:], epoch)
}

func offset(n uint32) int64 { return int64(len(wrappedMagic)) + int64(n)*recordSize }

func recordNo(off int64) uint32 { return uint32((off - int64(len(wrappedMagic))) / recordSize) }

func (f *Folder) path(name string) string { return filepath.Join(f.dir, name) }
