//go:build !linux

package pdf

import "runtime/debug"

// limit asks the runtime to keep memory small; time is bounded by the parent.
func limit() error {
	debug.SetMemoryLimit(maxHeap)
	return nil
}
