package main

import "golang.org/x/sys/unix"

// private keeps what this process has in memory, keys among it, out of core dumps and
// away from other processes of the same user (prctl(2), PR_SET_DUMPABLE). Where the
// system does not allow it, the program goes on: it guards against accidents, and not
// against who owns the machine.
func private() {
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
}
