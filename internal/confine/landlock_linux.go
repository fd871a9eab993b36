//go:build amd64 || arm64

package confine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The rights by what they are for (landlock(7)).
const (
	toRead  = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	toRun   = toRead | unix.LANDLOCK_ACCESS_FS_EXECUTE
	toWrite = toRead | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | unix.LANDLOCK_ACCESS_FS_MAKE_DIR |
		unix.LANDLOCK_ACCESS_FS_MAKE_REG | unix.LANDLOCK_ACCESS_FS_MAKE_SOCK | unix.LANDLOCK_ACCESS_FS_REFER | unix.LANDLOCK_ACCESS_FS_TRUNCATE
	toListen = unix.LANDLOCK_ACCESS_FS_READ_DIR | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_MAKE_SOCK | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE
	ofAFile  = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_TRUNCATE | unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	first    = unix.LANDLOCK_ACCESS_FS_MAKE_SYM<<1 - 1 // all that the first version knew
)

// A ruleset is what a version of Landlock is asked to hold.
type ruleset struct {
	files, ports, scopes uint64
	below                []pathRule
	connect, bind        []uint16
}

type pathRule struct {
	path   string
	access uint64
}

// rules are what a process with these needs is held to by a kernel of this version.
func rules(version int, n Needs) ruleset {
	r := ruleset{files: first}
	if version >= 2 {
		r.files |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if version >= 3 {
		r.files |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if version >= 4 {
		r.ports = unix.LANDLOCK_ACCESS_NET_BIND_TCP
		r.bind = n.Bind
		if !n.Programs && (!n.Network || len(n.Connect) > 0) {
			r.ports |= unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
			r.connect = n.Connect
		}
	}
	if version >= 5 {
		r.files |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	if version >= 6 {
		r.scopes = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
	}
	add := func(access uint64, paths ...string) {
		for _, p := range paths {
			r.below = append(r.below, pathRule{p, access & r.files})
		}
	}
	add(toWrite, n.Own...)
	add(toListen, n.Sockets...)
	add(toRead, n.Read...)
	add(toRead, ofTheSystem...)
	add(toRead|unix.LANDLOCK_ACCESS_FS_WRITE_FILE, "/dev/null")
	if n.Temp || n.Programs {
		add(toWrite, "/tmp", "/var/tmp")
	}
	if n.Programs { // nobody knows what they read; what they write is held
		add(toRun, "/")
	}
	return r
}

// ofTheSystem is what Go reads: zones, certificates, names of hosts, random bytes and
// the process's own state. What is not there is left out.
var ofTheSystem = []string{"/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/etc/localtime", "/etc/ssl", "/etc/pki", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates",
	"/etc/resolv.conf", "/run/systemd/resolve", "/etc/hosts", "/etc/nsswitch.conf", "/etc/services", "/etc/protocols", "/etc/gai.conf", "/dev/urandom", "/proc/self", "/sys/fs/cgroup"}

// files restricts what the process reaches by name, as far as this kernel does.
func files(n Needs) []Wall {
	version, err := landlockVersion()
	if err != nil {
		return []Wall{missing(Files, "The kernel does not hold this process to its own files and stores (Landlock: "+why(err)+")")}
	}
	r := rules(version, n)
	if err := r.apply(); err != nil {
		return []Wall{missing(Files, "The kernel does not hold this process to its own files and stores (Landlock: "+why(err)+")")}
	}
	walls := []Wall{stands(Files, fmt.Sprintf("The kernel lets this process reach by name only its own folder, its stores and what the system needs (Landlock %d)", version))}
	if n.Programs {
		walls[0].Says = fmt.Sprintf("The kernel lets this process write only in its own folder and in temporary ones; it starts programs, so it may read whatever its user may (Landlock %d)", version)
	}
	if !n.Network {
		return walls
	}
	if r.ports&unix.LANDLOCK_ACCESS_NET_CONNECT_TCP == 0 {
		return append(walls, missing(Network, "The kernel does not hold this process to the ports of its stores and its office"))
	}
	return append(walls, stands(Network, "The kernel lets this process connect over TCP only to the ports of its stores and its office"))
}

func why(err error) string {
	switch {
	case errors.Is(err, unix.ENOSYS):
		return "it has none"
	case errors.Is(err, unix.EOPNOTSUPP):
		return "it is switched off at boot"
	case errors.Is(err, syscall.ENOTSUP):
		return "this build uses cgo, and cannot hold all threads"
	}
	return err.Error()
}

// landlockVersion asks the kernel (landlock_create_ruleset(2)).
func landlockVersion() (int, error) {
	v, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return 0, errno
	}
	return int(v), nil
}

const (
	ruleBelow = 1 // LANDLOCK_RULE_PATH_BENEATH
	rulePort  = 2 // LANDLOCK_RULE_NET_PORT
)

type rulesetAttr struct{ files, ports, scopes uint64 }

// belowAttr is packed in the kernel's header: twelve bytes.
type belowAttr struct {
	access [8]byte
	fd     int32
}

type portAttr struct{ access, port uint64 }

// apply makes the ruleset and holds every thread to it. A kernel takes a shorter
// attribute of an older program, and refuses a longer one only where it is not zero.
func (r ruleset) apply() error {
	attr := rulesetAttr{r.files, r.ports, r.scopes}
	size := unsafe.Sizeof(attr)
	switch {
	case r.ports == 0:
		size = 8
	case r.scopes == 0:
		size = 16
	}
	fd, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), size, 0)
	if errno != 0 {
		return errno
	}
	defer unix.Close(int(fd))
	for _, b := range r.below {
		if err := addPath(int(fd), b); err != nil {
			return fmt.Errorf("%s: %w", b.path, err)
		}
	}
	for access, ports := range map[uint64][]uint16{unix.LANDLOCK_ACCESS_NET_CONNECT_TCP: r.connect, unix.LANDLOCK_ACCESS_NET_BIND_TCP: r.bind} {
		for _, p := range ports {
			rule := portAttr{access, uint64(p)}
			_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, fd, rulePort, uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
			if errno != 0 {
				return errno
			}
		}
	}
	// A ruleset holds the thread that takes it; Go's threads are told together. The
	// filter of calls has set no_new_privs on each.
	_, _, errno = syscall.AllThreadsSyscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

func addPath(ruleset int, b pathRule) error {
	fd, err := unix.Open(b.path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EACCES) { // what is not there, or not for this user, is not reached either
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		b.access &= ofAFile
	}
	rule := belowAttr{fd: int32(fd)}
	binary.NativeEndian.PutUint64(rule.access[:], b.access)
	_, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(ruleset), ruleBelow, uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
