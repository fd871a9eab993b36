package rooted

import "syscall"

// noAtime keeps the time of last access as it is, where the reader owns the file.
const noAtime = syscall.O_NOATIME
