package objects_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/objects"
	"counterseal/internal/gate/source/wire"
	"counterseal/internal/gate/sourcetest"
	"counterseal/internal/gate/sourcetest/servers"
	"counterseal/internal/scope"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// s3 serves dir/store as a bucket.
func s3(t testing.TB, dir string) objects.Config {
	t.Helper()
	must(t, os.MkdirAll(filepath.Join(dir, "store"), 0o755))
	address := servers.S3(t, dir).Address
	return objects.Config{Form: objects.S3, Server: wire.Server{Address: address, Security: wire.None, Patience: 20 * time.Second}, Bucket: "store", Folder: "home/{account}", User: "gate", Password: servers.Secret(t)}
}

// webdav serves dir.
func webdav(t testing.TB, dir string) objects.Config {
	t.Helper()
	address := servers.WebDAV(t, dir).Address
	return objects.Config{Form: objects.WebDAV, Server: wire.Server{Address: address, Security: wire.None, Patience: 20 * time.Second}, Base: "dav/store", Folder: "home/{account}", User: "gate", Password: servers.Secret(t)}
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
