package rooted

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"runtime"
	"syscall"
	"time"
)

// handle is one more than the file's descriptor. An os.File costs each file three calls
// more: one asks whether it can be waited for, and two look at what is opened.
type handle int

// Take opens a regular file of the folder, and follows no link. known says that the
// folder's list calls it a regular file; what else it may be is looked at before it is
// opened, because opening a device can do something. Codes: those of Open.
func (d *Dir) Take(name string, known bool) (Leaf, error) {
	if !single(name) {
		return Leaf{}, Unreadable(name, fs.ErrInvalid)
	}
	if !known {
		err := d.look(name)
		if err != nil {
			return Leaf{}, err
		}
	}
	fd, err := d.openat(name, noAtime)
	if err == syscall.EPERM { // not its owner
		fd, err = d.openat(name, 0)
	}
	if err != nil {
		why := d.look(name) // a link, or a socket
		if why == nil {
			why = Unreadable(name, err)
		}
		return Leaf{}, why
	}
	l := Leaf{open: handle(fd + 1)}
	st, err := l.stat()
	if err != nil {
		l.Close()
		return Leaf{}, Unreadable(name, err)
	}
	if st.Mode&syscall.S_IFMT != syscall.S_IFREG {
		l.Close()
		return Leaf{}, noFile(name)
	}
	l.Size, l.Modified = st.Size, modified(&st)
	return l, nil
}

// openat opens one name in the folder: never a link, and never waiting for a FIFO.
func (d *Dir) openat(name string, more int) (int, error) {
	defer runtime.KeepAlive(d)
	for {
		fd, err := syscall.Openat(int(d.at.Fd()), name, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW|syscall.O_CLOEXEC|more, 0)
		if err != syscall.EINTR {
			return fd, err
		}
	}
}

func (l *Leaf) stat() (st syscall.Stat_t, err error) {
	for {
		err = syscall.Fstat(int(l.open-1), &st)
		if err != syscall.EINTR {
			return st, err
		}
	}
}

func modified(st *syscall.Stat_t) Instant {
	sec, nsec := st.Mtim.Unix()
	return Instant{sec, nsec}
}

// Read reads the file from a place until p is full or the file ends.
func (l *Leaf) Read(p []byte, from int64) (n int, err error) {
	for n < len(p) {
		m, err := syscall.Pread(int(l.open-1), p[n:], from+int64(n))
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return n, err
		}
		n += m
		if m == 0 || from+int64(n) == l.Size { // what is beyond is found out by Same
			break
		}
	}
	return n, nil
}

// Same reports whether the file has the size and the time that it was opened with.
func (l *Leaf) Same() (bool, error) {
	st, err := l.stat()
	return err == nil && st.Size == l.Size && modified(&st) == l.Modified, err
}

// Close closes the file, once.
func (l *Leaf) Close() {
	if l.open > 0 {
		_ = syscall.Close(int(l.open - 1)) // it was only read
	}
	l.open = 0
}

// settled is how long a folder must have been as it is before its time of change is
// believed: file systems count time in steps, the coarsest of these in seconds.
const settled = 2 * time.Second

// State gives the folder's state where its time of change says so: no call sets that
// time, and Linux does with each name that comes, goes or changes, under the lock that
// a list is read under. It is zero where that is not certain: the file system is not one
// that Linux itself keeps in memory or on a disk of its own, or the time is too near.
func (d *Dir) State() State {
	var fs syscall.Statfs_t
	fd := int(d.at.Fd())
	defer runtime.KeepAlive(d)
	err := syscall.Fstatfs(fd, &fs)
	if err != nil || !local(int64(fs.Type)) {
		return State{}
	}
	var st syscall.Stat_t
	err = syscall.Fstat(fd, &st)
	if err != nil || time.Since(time.Unix(st.Ctim.Unix())) < settled {
		return State{}
	}
	sec, nsec := st.Ctim.Unix()
	return State{uint64(st.Dev), uint64(st.Ino), Instant{sec, nsec}, modified(&st)}
}

// local reports whether a file system is ext2 to ext4, XFS, Btrfs, F2FS or tmpfs, by
// their numbers in linux/magic.h.
func local(kind int64) bool {
	switch uint32(kind) {
	case 0xEF53, 0x58465342, 0x9123683E, 0xF2F52010, 0x01021994:
		return true
	}
	return false
}

// Names reads the folder's list from its start, in the file system's order. regular says
// that the list calls it a regular file. The name is the callback's while it runs.
func (d *Dir) Names(each func(name []byte, regular bool) error) error {
	f, err := d.root.Open(".") // with a place of its own in the list
	if err != nil {
		return err
	}
	defer f.Close()
	rooms, full := make(chan []byte, 2), make(chan listed)
	for range cap(rooms) {
		rooms <- make([]byte, 64<<10)
	}
	go func() { // the kernel needs longer for a list than we do: both at once
		defer close(full)
		for room := range rooms {
			n, err := syscall.ReadDirent(int(f.Fd()), room)
			for err == syscall.EINTR {
				n, err = syscall.ReadDirent(int(f.Fd()), room)
			}
			full <- listed{room, n, err}
			if err != nil || n == 0 {
				return
			}
		}
	}()
	defer func() {
		close(rooms)
		for range full {
		}
	}()
	for l := range full {
		if l.err != nil {
			return l.err
		}
		err := split(l.room[:max(l.n, 0)], each)
		if err != nil {
			return err
		}
		rooms <- l.room
	}
	return nil
}

// listed is a part of a folder's list, as the kernel gives it.
type listed struct {
	room []byte
	n    int
	err  error
}

// split gives the names in a part of a list: each is a struct linux_dirent64, the file's
// number in 8 bytes, the next one's place in 8, the length in 2, the kind in 1, the name up
// to a zero byte.
func split(rest []byte, each func(name []byte, regular bool) error) error {
	const head = 19
	for len(rest) > 0 {
		if len(rest) < head {
			return syscall.EIO
		}
		size := int(binary.NativeEndian.Uint16(rest[16:]))
		if size < head || size > len(rest) {
			return syscall.EIO
		}
		name, _, _ := bytes.Cut(rest[head:size], []byte{0})
		regular := rest[18] == syscall.DT_REG
		rest = rest[size:]
		if string(name) == "." || string(name) == ".." {
			continue
		}
		err := each(name, regular)
		if err != nil {
			return err
		}
	}
	return nil
}
