package servers

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Password is that of the user "gate" of each server that has passwords.
const Password = "hunter2hunter2"

// Server is a running server.
type Server struct {
	Address string // host and port

	t       testing.TB
	program string
	args    []string
	env     []string
	attr    *syscall.SysProcAttr
	in      string    // where it is started; "": here
	gently  os.Signal // by which it ends well; nil: it is killed
	cmd     *exec.Cmd
	said    bytes.Buffer
}

// S3 serves the folders of dir as buckets, to the access key "gate".
func S3(t testing.TB, dir string) *Server {
	t.Helper()
	address := Free(t)
	s := &Server{Address: address, t: t, program: Installed(t, "versitygw", "go install github.com/versity/versitygw/cmd/versitygw@v1.8.0"),
		args: []string{"--port", address, "--access", "gate", "--secret", Password, "--quiet", "posix", dir}}
	return s.begin()
}

// WebDAV serves dir under /dav, to the user "gate".
func WebDAV(t testing.TB, dir string) *Server {
	t.Helper()
	address := Free(t)
	s := &Server{Address: address, t: t, program: Installed(t, "rclone", "apt-get install rclone"), args: []string{"serve", "webdav", dir, "--addr", address, "--user", "gate", "--pass", Password,
		"--read-only", "--dir-cache-time", "20ms", "--poll-interval", "0", "--baseurl", "/dav"}}
	return s.begin()
}

// begin starts it and has it end with the test.
func (s *Server) begin() *Server {
	s.t.Helper()
	s.env = append(os.Environ(), "HOME="+s.t.TempDir())
	s.t.Cleanup(func() {
		s.Thaw()
		s.end()
		if s.t.Failed() {
			s.t.Logf("%s: %.3000s", filepath.Base(s.program), s.said.String())
		}
	})
	s.Start()
	return s
}

// Start starts it, anew where it was killed, and waits until it listens.
func (s *Server) Start() {
	s.t.Helper()
	s.cmd = exec.Command(s.program, s.args...)
	s.cmd.Stdout, s.cmd.Stderr, s.cmd.Env, s.cmd.SysProcAttr, s.cmd.Dir = &s.said, &s.said, s.env, s.attr, s.in
	must(s.t, s.cmd.Start())
	for range 400 {
		conn, err := net.Dial("tcp", s.Address)
		if err == nil {
			conn.Close()
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	s.t.Fatalf("%s does not listen: %s", s.program, s.said.String())
}

// end lets it end by itself, as far as it does.
func (s *Server) end() {
	if s.cmd == nil {
		return
	}
	if s.gently == nil {
		s.Kill()
		return
	}
	_ = s.cmd.Process.Signal(s.gently)
	late := time.AfterFunc(10*time.Second, s.signal(syscall.SIGKILL))
	_ = s.cmd.Wait()
	late.Stop()
	s.cmd = nil
}

// Kill ends it with all of its family, at once, as a power cut does.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	s.signal(syscall.SIGKILL)()
	_ = s.cmd.Wait()
	s.cmd = nil
}

// Freeze has it and its family do nothing more, until Thaw.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP)() }

// Thaw lets it go on.
func (s *Server) Thaw() { s.signal(syscall.SIGCONT)() }

func (s *Server) signal(what syscall.Signal) func() {
	return func() {
		if s.cmd == nil {
			return
		}
		for _, pid := range family(s.cmd.Process.Pid) {
			_ = syscall.Kill(pid, what)
		}
	}
}

// family is a process and its descendants, the eldest first.
func family(eldest int) (out []int) {
	children := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(b), ") ")
		words := strings.Fields(rest)
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil || len(words) < 2 {
			continue
		}
		parent, err := strconv.Atoi(words[1])
		if err == nil {
			children[parent] = append(children[parent], pid)
		}
	}
	out = []int{eldest}
	for i := 0; i < len(out); i++ {
		out = append(out, children[out[i]]...)
	}
	return out
}

// Free is an address on loopback at which nothing listens.
func Free(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}

// Secret is a file with the password, for a store's configuration.
func Secret(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(path, []byte(Password+"\n"), 0o600))
	return path
}

// Installed is where a program is, on the path or among those that go install makes. Where
// it is missing the test is skipped with how to have it; in CI it fails.
func Installed(t testing.TB, program, how string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		home, _ := os.UserHomeDir()
		path, err = exec.LookPath(filepath.Join(home, "go", "bin", program))
	}
	if err != nil {
		missing(t, fmt.Sprintf("%s is not installed: %s", program, how))
	}
	return path
}

func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip("SKIPPED: " + what)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Running are the descendants of this process that were started with such an argument.
func Running(argument string) (out []int) {
	for _, pid := range family(os.Getpid())[1:] {
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if err == nil && bytes.Contains(line, []byte(argument+"\x00")) {
			out = append(out, pid)
		}
	}
	return out
}
