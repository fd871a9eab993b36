//go:build !linux

package cli

// memoryFolder is where temporary files are kept in memory: nowhere that is known.
func memoryFolder() string { return "" }
