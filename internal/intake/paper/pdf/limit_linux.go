package pdf

import (
	"errors"
	"runtime/debug"
	"syscall"
)

// limit bounds this process for good (setrlimit(2)).
func limit() error {
	debug.SetMemoryLimit(maxHeap)
	set := func(what int, most uint64) error {
		return syscall.Setrlimit(what, &syscall.Rlimit{Cur: most, Max: most})
	}
	return errors.Join(
		set(syscall.RLIMIT_AS, maxMemory),
		set(syscall.RLIMIT_CPU, uint64(MaxTime.Seconds())),
		set(syscall.RLIMIT_FSIZE, 0),
		set(syscall.RLIMIT_NOFILE, 16),
		set(syscall.RLIMIT_CORE, 0))
}
