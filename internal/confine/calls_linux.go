//go:build amd64 || arm64

package confine

import "golang.org/x/sys/unix"

// never are the calls that neither the office nor a gate makes, nor any program that
// they have reason to start: reading and steering other processes, changing the kernel
// or the machine, other namespaces and mounts, other people's keys, and the ways past
// this very filter (io_uring does what a filter never sees).
var never = append([]uint32{
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_KCMP, unix.SYS_PIDFD_GETFD, unix.SYS_PROCESS_MADVISE,
	unix.SYS_KEXEC_LOAD, unix.SYS_KEXEC_FILE_LOAD, unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE,
	unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD, unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
	unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_OPEN_TREE, unix.SYS_MOVE_MOUNT, unix.SYS_FSOPEN, unix.SYS_FSCONFIG,
	unix.SYS_FSMOUNT, unix.SYS_FSPICK, unix.SYS_MOUNT_SETATTR, unix.SYS_SETNS, unix.SYS_UNSHARE,
	unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_PERSONALITY,
	unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_FANOTIFY_INIT, unix.SYS_MKNODAT,
	unix.SYS_SWAPON, unix.SYS_SWAPOFF, unix.SYS_REBOOT, unix.SYS_ACCT, unix.SYS_QUOTACTL, unix.SYS_QUOTACTL_FD, unix.SYS_SYSLOG, unix.SYS_VHANGUP,
	unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_SETTIME, unix.SYS_ADJTIMEX, unix.SYS_CLOCK_ADJTIME, unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME,
	unix.SYS_MIGRATE_PAGES, unix.SYS_MOVE_PAGES, unix.SYS_LOOKUP_DCOOKIE,
}, neverHere...)

// alone are the calls that a process makes only to start programs or to become
// somebody else.
var alone = append([]uint32{
	unix.SYS_EXECVE, unix.SYS_EXECVEAT,
	unix.SYS_SETUID, unix.SYS_SETGID, unix.SYS_SETREUID, unix.SYS_SETREGID, unix.SYS_SETRESUID, unix.SYS_SETRESGID, unix.SYS_SETFSUID, unix.SYS_SETFSGID,
	unix.SYS_SETGROUPS, unix.SYS_CAPSET, unix.SYS_SETSID, unix.SYS_SETPGID,
}, aloneHere...)

// newNamespaces are the bits of clone(2) that make namespaces.
const newNamespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET

// processFilter refuses what the process never needs.
func processFilter(n Needs) filter {
	f := newFilter().each(refuse, never...)
	// Its flags lie in memory, where no filter looks. Who hears that there is none uses
	// clone, whose flags can be judged.
	f = f.each(absent, unix.SYS_CLONE3)
	families := []uint32{unix.AF_UNIX}
	if n.Network || n.Programs {
		families = append(families, unix.AF_INET, unix.AF_INET6)
	}
	if n.Programs {
		families = append(families, unix.AF_NETLINK) // by which the C library looks for addresses
		f = f.flags(unix.SYS_CLONE, 0, newNamespaces, refuse, allow)
	} else {
		f = f.each(refuse, alone...).flags(unix.SYS_CLONE, 0, unix.CLONE_THREAD, allow, refuse)
	}
	return f.among(unix.SYS_SOCKET, 0, families...).answer(allow)
}

// reading are the calls of a process that reads its input, thinks, and writes its
// answer, with the Go runtime below it: memory, threads, signals and time.
var reading = append([]uint32{
	unix.SYS_READ, unix.SYS_WRITE, unix.SYS_PREAD64, unix.SYS_CLOSE, unix.SYS_FSTAT, unix.SYS_LSEEK, unix.SYS_FCNTL,
	unix.SYS_MMAP, unix.SYS_MUNMAP, unix.SYS_MPROTECT, unix.SYS_MADVISE, unix.SYS_MINCORE, unix.SYS_BRK, unix.SYS_MREMAP, unix.SYS_PRCTL,
	unix.SYS_FUTEX, unix.SYS_SCHED_YIELD, unix.SYS_SCHED_GETAFFINITY, unix.SYS_SET_ROBUST_LIST, unix.SYS_RSEQ, unix.SYS_MEMBARRIER,
	unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_SIGALTSTACK, unix.SYS_TGKILL, unix.SYS_GETPID, unix.SYS_GETTID, unix.SYS_RESTART_SYSCALL,
	unix.SYS_EPOLL_CREATE1, unix.SYS_EPOLL_CTL, unix.SYS_EPOLL_PWAIT, unix.SYS_EVENTFD2, unix.SYS_PIPE2,
	unix.SYS_NANOSLEEP, unix.SYS_CLOCK_NANOSLEEP, unix.SYS_CLOCK_GETTIME, unix.SYS_GETTIMEOFDAY, unix.SYS_TIMER_CREATE, unix.SYS_TIMER_SETTIME, unix.SYS_TIMER_DELETE,
	unix.SYS_SETITIMER, unix.SYS_GETRANDOM, unix.SYS_EXIT, unix.SYS_EXIT_GROUP,
}, readingHere...)

// byName are the calls that a reader's libraries make in passing (Go looks for its time
// zone) and can do without: they are told that they may not.
var byName = append([]uint32{unix.SYS_OPENAT, unix.SYS_READLINKAT, unix.SYS_FACCESSAT}, byNameHere...)

// readerFilter allows what reading needs, and ends the process for anything else.
func readerFilter() filter {
	return newFilter().each(allow, reading...).each(refuse, byName...).each(absent, unix.SYS_CLONE3).flags(unix.SYS_CLONE, 0, unix.CLONE_THREAD, allow, kill).answer(kill)
}
