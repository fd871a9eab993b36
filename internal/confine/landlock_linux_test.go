//go:build amd64 || arm64

package confine

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func (r ruleset) of(path string) (access uint64) {
	for _, b := range r.below {
		if b.path == path {
			access |= b.access
		}
	}
	return access
}

func TestARulesetAsksAKernelForNoMoreThanItKnows(t *testing.T) {
	n := Needs{Own: []string{"/own"}, Sockets: []string{"/run/x"}, Read: []string{"/store"}, Network: true, Connect: []uint16{993}, Bind: []uint16{8701}}
	known := map[int]uint64{1: 0x1fff, 2: 0x3fff, 3: 0x7fff, 4: 0x7fff, 5: 0xffff, 6: 0xffff, 9: 0xffff}
	for version, files := range known {
		r := rules(version, n)
		if r.files != files {
			t.Errorf("version %d: files %#x", version, r.files)
		}
		if (r.ports != 0) != (version >= 4) || (r.scopes != 0) != (version >= 6) {
			t.Errorf("version %d: ports %#x, scopes %#x", version, r.ports, r.scopes)
		}
		for _, b := range r.below {
			if b.access&^r.files != 0 {
				t.Errorf("version %d: %s is given what the ruleset does not hold: %#x", version, b.path, b.access)
			}
		}
	}
}

func TestARulesetGivesEachPlaceWhatItIsFor(t *testing.T) {
	r := rules(6, Needs{Own: []string{"/own"}, Sockets: []string{"/run/x"}, Read: []string{"/store"}, Network: true, Connect: []uint16{993}, Bind: []uint16{8701}})
	const writes = unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_MAKE_REG | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE
	if r.of("/own")&writes != writes || r.of("/own")&unix.LANDLOCK_ACCESS_FS_EXECUTE != 0 {
		t.Errorf("its own folder: %#x", r.of("/own"))
	}
	if r.of("/store") != toRead {
		t.Errorf("a store: %#x", r.of("/store"))
	}
	if got := r.of("/run/x"); got&unix.LANDLOCK_ACCESS_FS_MAKE_SOCK == 0 || got&(unix.LANDLOCK_ACCESS_FS_MAKE_REG|unix.LANDLOCK_ACCESS_FS_EXECUTE) != 0 {
		t.Errorf("a folder of sockets: %#x", got)
	}
	if r.of("/") != 0 || r.of("/tmp") != 0 {
		t.Errorf("everything: %#x, temporary files: %#x", r.of("/"), r.of("/tmp"))
	}
	if d := cmp.Diff([][]uint16{{993}, {8701}}, [][]uint16{r.connect, r.bind}); d != "" {
		t.Error(d)
	}
	anywhere := rules(6, Needs{Own: []string{"/own"}, Network: true})
	if anywhere.ports != unix.LANDLOCK_ACCESS_NET_BIND_TCP {
		t.Errorf("where a port is not known, connecting is restricted: %#x", anywhere.ports)
	}
	programs := rules(6, Needs{Own: []string{"/own"}, Programs: true})
	if programs.of("/") != toRun || programs.of("/")&writes != 0 {
		t.Errorf("who starts programs: %#x", programs.of("/"))
	}
}

// The kernel's own word, where it has Landlock: a process reads its store and writes in
// its folder, and neither the other way round; all of its threads alike.
func TestTheKernelHoldsAProcessToItsFiles(t *testing.T) {
	if _, err := landlockVersion(); err != nil {
		t.Skipf("SKIPPED: this kernel has no Landlock in force (%v): nothing of it is tried here", err)
	}
	dir := t.TempDir()
	for _, name := range []string{"own", "store", "other"} {
		if err := errors.Join(os.Mkdir(filepath.Join(dir, name), 0o700), os.WriteFile(filepath.Join(dir, name, "file"), []byte("x"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "test", "-c", "-o", filepath.Join(dir, "bare"), ".") // AllThreadsSyscall takes a build without cgo
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	c := exec.Command(filepath.Join(dir, "bare"))
	c.Env = append(os.Environ(), "COUNTERSEAL_CONFINED=files "+dir)
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "files true\n") {
		t.Fatalf("%v: %s", err, out)
	}
	for line, want := range map[string]string{
		"read own": "true", "write own": "true", "rename own": "true", "read store": "true", "write store": "false", "read other": "false", "write other": "false", "connect elsewhere": "false", "connect there": "true",
	} {
		if !strings.Contains(string(out), line+" "+want+"\n") {
			t.Errorf("%s is not %s: %s", line, want, out)
		}
	}
}

func filesTries(dir string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		os.Exit(9)
	}
	listed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		os.Exit(9)
	}
	port := uint16(listed.Addr().(*net.TCPAddr).Port)
	for _, w := range Process(Needs{Own: []string{filepath.Join(dir, "own")}, Read: []string{filepath.Join(dir, "store")}, Network: true, Connect: []uint16{port}}) {
		fmt.Println(w.About, w.Holds)
	}
	for _, name := range []string{"own", "store", "other"} {
		_, err := os.ReadFile(filepath.Join(dir, name, "file"))
		fmt.Println("read", name, err == nil)
		fmt.Println("write", name, os.WriteFile(filepath.Join(dir, name, "new"), nil, 0o600) == nil)
	}
	fmt.Println("rename own", errors.Join(os.Mkdir(filepath.Join(dir, "own", "d"), 0o700), os.Rename(filepath.Join(dir, "own", "file"), filepath.Join(dir, "own", "d", "file"))) == nil)
	_, err = net.Dial("tcp", l.Addr().String())
	v, _ := landlockVersion()
	fmt.Println("connect elsewhere", err == nil && v >= 4)
	_, err = net.Dial("tcp", listed.Addr().String())
	fmt.Println("connect there", err == nil)
}
