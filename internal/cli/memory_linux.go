package cli

import "syscall"

const (
	sharedMemory = "/dev/shm" // file-hierarchy: POSIX shared memory, a tmpfs (shm_overview(7))
	tmpfs        = 0x01021994 // TMPFS_MAGIC, statfs(2)
	room         = 48 << 20   // three times what the demo takes
)

// memoryFolder is where temporary files are kept in memory and there is room for the
// demo's; "" where the system's own place for them does it or nothing does.
func memoryFolder() string {
	var at syscall.Statfs_t
	err := syscall.Statfs(sharedMemory, &at)
	if err != nil || int64(at.Type) != tmpfs || at.Bavail*uint64(at.Bsize) < room {
		return ""
	}
	return sharedMemory
}
