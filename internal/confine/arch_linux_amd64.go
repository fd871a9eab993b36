package confine

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_X86_64

var (
	neverHere   = []uint32{unix.SYS_MKNOD, unix.SYS_IOPL, unix.SYS_IOPERM, unix.SYS_MODIFY_LDT, unix.SYS_USELIB, unix.SYS_USTAT, unix.SYS_SYSFS, unix.SYS__SYSCTL}
	aloneHere   = []uint32{unix.SYS_FORK, unix.SYS_VFORK}
	readingHere = []uint32{unix.SYS_ARCH_PRCTL, unix.SYS_EPOLL_WAIT, unix.SYS_TIME}
	byNameHere  = []uint32{unix.SYS_OPEN, unix.SYS_NEWFSTATAT, unix.SYS_STAT, unix.SYS_ACCESS}
)
