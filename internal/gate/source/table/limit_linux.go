package table

import (
	"errors"

	"golang.org/x/sys/unix"
)

// LimitMemory bounds what a process and those that it starts may hold as data
// (RLIMIT_DATA), each.
func LimitMemory(pid int, size uint64) error {
	err := unix.Prlimit(pid, unix.RLIMIT_DATA, &unix.Rlimit{Cur: size, Max: size}, nil)
	if errors.Is(err, unix.ESRCH) { // it has ended already
		return nil
	}
	return err
}
