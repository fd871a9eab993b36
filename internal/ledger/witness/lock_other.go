//go:build !unix

package witness

import (
	"errors"
	"os"
)

// lockFile fails: without an OS lock two witnesses could cosign a fork, so there
// is no witness on such a system.
func lockFile(*os.File) error { return errors.ErrUnsupported }
