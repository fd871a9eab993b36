package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestMain is the program itself where a test starts it.
func TestMain(m *testing.M) {
	if os.Getenv("COUNTERSEAL_AS_PROGRAM") == "1" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestTheProgramLeavesNoCoreDumpAndIsNotReadByOthers(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "facts.yaml")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(os.Args[0], "law", "assess", fifo) // waits for the facts
	c.Env = append(os.Environ(), "COUNTERSEAL_AS_PROGRAM=1")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Wait()
	defer c.Process.Kill()
	limits := ""
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", c.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(b), "\n") {
			if rest, ok := strings.CutPrefix(line, "Max core file size"); ok {
				limits = strings.Join(strings.Fields(rest), " ")
			}
		}
		if limits == "0 0 bytes" {
			return
		}
	}
	t.Errorf("core files may be %s", limits)
}

func TestPrivateTellsTheSystem(t *testing.T) {
	before, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Prctl(unix.PR_SET_DUMPABLE, uintptr(before), 0, 0, 0)
	private()
	after, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	if err != nil || after != 0 {
		t.Error(after, err)
	}
}
