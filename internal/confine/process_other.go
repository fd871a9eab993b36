//go:build !linux || !(amd64 || arm64)

package confine

import "errors"

// Process says that nothing holds this process back here.
func Process(Needs) []Wall {
	return []Wall{
		missing(Memory, "This process's memory can be swapped to a disk: locking it needs Linux on amd64 or arm64"),
		missing(Calls, "The system refuses this process no call: that needs Linux on amd64 or arm64"),
	}
}

// Reader is not to be had here.
func Reader() error { return errors.ErrUnsupported }
