package objects_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/objects"
	"counterseal/internal/gate/source/wire"
	"counterseal/internal/gate/sourcetest"
	"counterseal/internal/scope"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// run starts a server's program and waits for it to listen.
func run(t testing.TB, address string, program string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(program, args...)
	var out bytes.Buffer
	c.Stdout, c.Stderr, c.Env = &out, &out, append(os.Environ(), "HOME="+t.TempDir())
	must(t, c.Start())
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		if t.Failed() {
			t.Logf("%.3000s", out.String())
		}
	})
	for range 200 {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
			return c
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("%s does not listen: %s", program, out.String())
	return nil
}

func free(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}

func installed(t testing.TB, program, how string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		home, _ := os.UserHomeDir()
		path, err = exec.LookPath(filepath.Join(home, "go", "bin", program))
	}
	if err != nil {
		t.Skipf("%s is not installed: %s", program, how)
	}
	return path
}

func secret(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(path, []byte("hunter2hunter2\n"), 0o600))
	return path
}

// s3 serves dir/store as a bucket.
func s3(t testing.TB, dir string) objects.Config {
	t.Helper()
	program := installed(t, "versitygw", "go install github.com/versity/versitygw/cmd/versitygw@v1.8.0")
	must(t, os.MkdirAll(filepath.Join(dir, "store"), 0o755))
	address := free(t)
	run(t, address, program, "--port", address, "--access", "gate", "--secret", "hunter2hunter2", "--quiet", "posix", dir)
	return objects.Config{Form: objects.S3, Server: wire.Server{Address: address, Security: wire.None, Patience: 20 * time.Second}, Bucket: "store", Folder: "home/{account}", User: "gate", Password: secret(t)}
}

// webdav serves dir.
func webdav(t testing.TB, dir string) objects.Config {
	t.Helper()
	program := installed(t, "rclone", "apt-get install rclone")
	address := free(t)
	run(t, address, program, "serve", "webdav", dir, "--addr", address, "--user", "gate", "--pass", "hunter2hunter2", "--read-only", "--dir-cache-time", "20ms", "--poll-interval", "0", "--baseurl", "/dav")
	return objects.Config{Form: objects.WebDAV, Server: wire.Server{Address: address, Security: wire.None, Patience: 20 * time.Second}, Base: "dav/store", Folder: "home/{account}", User: "gate", Password: secret(t)}
}

func lay(t testing.TB, path string, at time.Time, body []byte) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, body, 0o644))
	must(t, os.Chtimes(path, at, at))
}

func home(dir string, a scope.AccountID) string {
	return filepath.Join(dir, "store", "home", string(a))
}

func open(t testing.TB, cfg objects.Config) *objects.Source {
	t.Helper()
	s, err := objects.New(cfg)
	must(t, err)
	return s
}

func fixture(serve func(t testing.TB, dir string) objects.Config, damage func(t testing.TB, dir string, a scope.AccountID)) sourcetest.Fixture {
	return sourcetest.Fixture{
		Lay: func(t testing.TB, dir string, messages []sourcetest.Planted) source.Source {
			for i, m := range messages {
				lay(t, filepath.Join(home(dir, m.Account), "photos", fmt.Sprintf("%03d/%05d.jpg", i/100, i)), m.Received, m.Body)
			}
			return open(t, serve(t, dir))
		},
		Plant: func(n int, account scope.AccountID, body []byte) sourcetest.Planted {
			return sourcetest.Planted{Account: account, Received: sourcetest.At(n), Bytes: body, Body: body}
		},
		Damage: damage,
		Touch: func(t testing.TB, dir string, m sourcetest.Planted) {
			lay(t, filepath.Join(home(dir, m.Account), "photos", "late.jpg"), m.Received, m.Body)
			time.Sleep(50 * time.Millisecond) // rclone tells of it when its own list is 20 ms old
		},
	}
}

func TestABucketKeepsTheContract(t *testing.T) {
	sourcetest.Run(t, fixture(s3, func(t testing.TB, dir string, _ scope.AccountID) {
		must(t, os.Rename(filepath.Join(dir, "store"), filepath.Join(dir, "moved")))
	}))
}

func TestWebDAVKeepsTheContract(t *testing.T) {
	sourcetest.Run(t, fixture(webdav, func(t testing.TB, dir string, a scope.AccountID) {
		must(t, errors.Join(os.RemoveAll(home(dir, a)), os.WriteFile(home(dir, a), []byte("no folder"), 0o644)))
	}))
}
