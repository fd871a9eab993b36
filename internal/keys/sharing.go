package keys

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"counterseal/internal/problem"
)

// Several processes may have the folder open: the office that serves and a
// command beside it. Each holds a shared lock on "lock" while it is open; Open
// repairs, and Destroy replaces the epoch, under the exclusive one, so an open
// folder's epoch never changes beneath it. Appending, and reading what others
// appended, is done under the lock of "append".

const joinFor = 3 * time.Second

// hold opens the lock file and takes it: alone when nobody has the folder open,
// otherwise together with the others.
func hold(dir string) (held *os.File, alone bool, err error) {
	held, err = os.OpenFile(dir+"/lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, unavailable(err)
	}
	for end := time.Now().Add(joinFor); ; {
		if flock(held, syscall.LOCK_EX) == nil {
			return held, true, nil
		}
		err = flock(held, syscall.LOCK_SH)
		if err == nil {
			return held, false, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) || time.Now().After(end) {
			held.Close()
			return nil, false, busy()
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func flock(f *os.File, how int) error { return syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB) }

func busy() *problem.Error {
	return problem.New(problem.Unavailable, "keys.busy", "another process has these keys open").Fix("stop it first, and try again")
}

// exclusively runs do while no other process has the folder open. Problem: keys.busy.
func (f *Folder) exclusively(do func() error) error {
	if flock(f.held, syscall.LOCK_EX) != nil {
		// A conversion that fails may have given the shared lock up.
		if err := syscall.Flock(int(f.held.Fd()), syscall.LOCK_SH); err != nil {
			return unavailable(err)
		}
		return busy()
	}
	err := do()
	if lockErr := syscall.Flock(int(f.held.Fd()), syscall.LOCK_SH); lockErr != nil {
		return errors.Join(err, unavailable(lockErr))
	}
	return err
}

// join opens the folder as another process left it, and repairs nothing.
func (f *Folder) join() error {
	c, err := f.list()
	if err != nil {
		return err
	}
	var newest uint64
	for n := range c.wrapped {
		newest = max(newest, n)
	}
	if newest == 0 || c.epochs[newest] == "" {
		return missing().At("epoch %d", newest)
	}
	return f.appending(func() error { return f.open(newest, c.epochs[newest]) })
}

// appending runs do while no other process appends.
func (f *Folder) appending(do func() error) error {
	lock, err := os.OpenFile(f.path("append"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return unavailable(err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return unavailable(err)
	}
	return do()
}

// catchUp indexes what other processes have appended, and cuts off what one that
// crashed left half-written; f.mu and the append lock are held.
func (f *Folder) catchUp() error {
	info, err := f.file.Stat()
	if err != nil {
		return unavailable(err)
	}
	r := bufio.NewReader(io.NewSectionReader(f.file, f.end, info.Size()-f.end))
	var rec [recordSize]byte
	for {
		_, err := io.ReadFull(r, rec[:])
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return unavailable(err)
		}
		f.index.add([sha256.Size]byte(rec[:]), recordNo(f.end))
		f.end += recordSize
	}
	if f.end < info.Size() {
		if err := f.file.Truncate(f.end); err != nil {
			return unavailable(err)
		}
	}
	return nil
}
