package confine

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_AARCH64

// What amd64 has beside the common calls is not on arm64.
var (
	neverHere, aloneHere, readingHere []uint32
	byNameHere                        = []uint32{unix.SYS_FSTATAT}
)
