//go:build amd64 || arm64

package confine

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Process holds this process, all its threads and every program that it starts, to
// what it needs, for good, and its memory off the disk. Call it before keys are read. It
// never fails: what could not be done is said.
func Process(n Needs) []Wall {
	walls := []Wall{lockMemory(), calls(n)}
	if len(n.Own) == 0 {
		return walls
	}
	return append(walls, files(n)...)
}

func calls(n Needs) Wall {
	err := install(processFilter(n))
	if err != nil {
		return missing(Calls, "The kernel refuses this process no call (seccomp: "+err.Error()+")")
	}
	but := "start programs, or reach the network"
	switch {
	case n.Programs:
		but = ""
	case n.Network:
		but = "or start programs"
	}
	says := "The kernel refuses this process, for good, to read other processes, change the machine, mount"
	if but != "" {
		says += ", " + but
	}
	return stands(Calls, says)
}

// Reader holds this process to reading what is open, thinking and answering: it can
// open no file, start no program and reach no network. Any other call ends it.
func Reader() error { return install(readerFilter()) }

// install gives the filter to every thread (seccomp(2), TSYNC), after which no setuid
// program gives anybody more rights (no_new_privs), which the kernel demands.
func install(f filter) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	if err != nil {
		return err
	}
	p := unix.SockFprog{Len: uint16(len(f)), Filter: &f[0]}
	thread, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&p)))
	switch {
	case errno != 0:
		return errno
	case thread != 0:
		return fmt.Errorf("a thread has a filter of its own")
	}
	return nil
}

// mclOnFault locks a page when it is first used (mlockall(2)); all that Go has
// reserved would be read in otherwise.
const mclOnFault = 4

// lockMemory keeps what this process has in memory, keys among it, out of swap. Go
// copies keys as it reads them, so it is all of the memory or nothing; and all of it
// only where no limit stands in the way, since a process that reaches its limit dies
// in the middle of its work.
func lockMemory() Wall {
	var most unix.Rlimit
	err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &most)
	if err == nil && most.Cur != unix.RLIM_INFINITY && !mayLock() {
		return noSwap(fmt.Sprintf("its limit is %d KiB; LimitMEMLOCK=infinity lets it be locked", most.Cur>>10))
	}
	if err == nil {
		err = unix.Mlockall(unix.MCL_CURRENT | unix.MCL_FUTURE | mclOnFault)
	}
	if err != nil {
		return noSwap("mlockall: " + err.Error())
	}
	return stands(Memory, "This process's memory, keys among it, is not swapped to a disk")
}

// mayLock reports whether no limit counts for this process (capabilities(7)).
func mayLock() bool {
	var data [2]unix.CapUserData // two halves of 32 bits
	err := unix.Capget(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &data[0])
	return err == nil && data[0].Effective&(1<<unix.CAP_IPC_LOCK) != 0
}

// noSwap says what holds of memory that is not locked.
func noSwap(why string) Wall {
	b, err := os.ReadFile("/proc/swaps")
	if err == nil && strings.Count(strings.TrimSpace(string(b)), "\n") == 0 { // its heading alone
		return stands(Memory, "This machine has no swap, so that keys in memory reach no disk (the memory itself is not locked: "+why+")")
	}
	return missing(Memory, "This process's memory, keys among it, can be swapped to a disk ("+why+")")
}
