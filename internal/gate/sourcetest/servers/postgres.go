package servers

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Postgres is a PostgreSQL.
type Postgres struct {
	*Server
	Connection string // as libpq has it, of the owner of the database
}

// PostgreSQL runs one in a folder of its own, in the time zone of Tokyo.
func PostgreSQL(t testing.TB) *Postgres {
	t.Helper()
	bin, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	must(t, err)
	if len(bin) == 0 {
		missing(t, "PostgreSQL is not installed: apt-get install postgresql")
	}
	dir, err := os.MkdirTemp("/tmp", "pg-") // a socket's path is short
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	attr := &syscall.SysProcAttr{}
	if os.Getuid() == 0 { // it does not run as root
		attr.Credential = idOf(t, "postgres")
		must(t, os.Chown(dir, int(attr.Credential.Uid), int(attr.Credential.Gid)))
	}
	data := filepath.Join(dir, "data")
	c := exec.Command(bin[0], "-D", data, "-U", "gate", "-A", "trust", "--no-sync")
	c.SysProcAttr, c.Dir = attr, dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v %s", err, out)
	}
	address := Free(t)
	host, port, err := net.SplitHostPort(address)
	must(t, err)
	s := &Server{Address: address, t: t, program: filepath.Join(filepath.Dir(bin[0]), "postgres"), attr: attr, gently: syscall.SIGQUIT,
		args: []string{"-D", data, "-c", "listen_addresses=" + host, "-p", port, "-c", "fsync=off", "-c", "timezone=Asia/Tokyo", "-k", dir}}
	p := &Postgres{s.begin(), fmt.Sprintf("host=%s port=%s user=gate dbname=postgres sslmode=disable", host, port)}
	p.serves()
	return p
}

// Start is as that of any server, until it takes queries.
func (p *Postgres) Start() {
	p.t.Helper()
	p.Server.Start()
	p.serves()
}

// serves waits while it recovers.
func (p *Postgres) serves() {
	p.t.Helper()
	host, port, err := net.SplitHostPort(p.Address)
	must(p.t, err)
	for range 200 {
		c := exec.Command(filepath.Join(filepath.Dir(p.program), "pg_isready"), "-U", "gate", "-h", host, "-p", port)
		if c.Run() == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.t.Fatal("PostgreSQL takes no queries")
}

func idOf(t testing.TB, name string) *syscall.Credential {
	t.Helper()
	u, err := user.Lookup(name)
	must(t, err)
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	must(t, err)
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	must(t, err)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}
