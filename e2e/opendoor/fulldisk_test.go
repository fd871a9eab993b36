package opendoor_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"counterseal/internal/problem"
)

// The disk under the gate's staging folder, and then the one under its packages,
// is full. Nothing leaves, the problem says what to do, and with room again a new
// grant of the same demand is released.
func TestAFullDiskUnderTheGateLeavesNothingAndLosesNothing(t *testing.T) {
	if os.Getuid() != 0 {
		missing(t, "root, who alone can mount a small disk,")
	}
	r := makeReady(t)
	for _, part := range []string{"staging", "access"} {
		t.Run(part, func(t *testing.T) {
			h := r.Copy(t)
			unmount := small(t, filepath.Join(h.Folder.Gate(), part))
			must(t, h.Open())
			err := releaseIt(t, h, r.a)
			p := problem.Of(err)
			if p == nil || p.Kind != problem.Unavailable || p.Remedy == "" {
				t.Errorf("a full disk gives %v", err)
			}
			h.Close()
			unmount()
			if left := h.Visible(); len(left) > 0 {
				t.Errorf("a full disk left %v", left)
			}
			must(t, h.Open())
			st := h.Approved(r.demands[0])
			if _, err := h.Release(st); err != nil {
				t.Errorf("with room again: %v", err)
			}
			checkFetched(t, h, h.Fetch(st))
		})
	}
}

// small mounts a disk of 4 KiB over a folder.
func small(t *testing.T, dir string) (unmount func()) {
	t.Helper()
	must(t, os.MkdirAll(dir, 0o700))
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4k,mode=0700")
	if errors.Is(err, syscall.EPERM) {
		missing(t, "the right to mount a small disk")
	}
	must(t, err)
	done := false
	unmount = func() {
		if !done {
			done = true
			must(t, syscall.Unmount(dir, 0))
		}
	}
	t.Cleanup(unmount)
	return unmount
}
