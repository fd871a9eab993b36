//go:build !linux

package table

// LimitMemory does nothing where a process cannot be bounded from outside: the
// program must bound itself there.
func LimitMemory(int, uint64) error { return nil }
