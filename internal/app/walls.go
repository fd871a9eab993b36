package app

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"counterseal/internal/confine"
	"counterseal/internal/gate"
	"counterseal/internal/gate/pinned"
)

// Confiner has the kernel hold this process to what it needs. nil: nobody asked it to.
type Confiner func(confine.Needs) []confine.Wall

// hold asks the kernel, once and for good.
func (c Confiner) hold(n confine.Needs) (out []gate.Wall) {
	if c == nil {
		return nil
	}
	for _, w := range c(n) {
		out = append(out, gate.Wall{About: w.About, Holds: w.Holds, Says: w.Says})
	}
	return out
}

// officeNeeds are an office's: it starts programs (a reader of PDFs, a map of
// customers) and reaches its mail server. Its files are for the rights of its user.
var officeNeeds = confine.Needs{Programs: true, Network: true}

// needs are what the gate of a folder has to reach, by its configuration.
func (c GateConfig) needs(f GateFolder) confine.Needs {
	n := confine.Needs{Own: []string{absolute(string(f))}, Programs: len(c.Provider) > 0}
	reach := reaching{Needs: &n}
	for _, at := range []string{c.Listen, c.Page.Listen, c.Page.PickUpListen} {
		reach.listen(at)
	}
	reach.connect(c.Uplink)
	for _, m := range c.Mail {
		reach.read(m.Root, m.CA, m.PasswordFile)
		reach.connect(m.Server)
	}
	for _, s := range c.Files {
		reach.read(s.Root, s.CA, s.PasswordFile)
		reach.connect(s.Server)
	}
	for _, r := range c.Records {
		reach.rows(r.Rows)
	}
	for _, r := range c.Calls {
		reach.rows(r.Rows)
		reach.read(r.VoicemailFiles)
	}
	for _, m := range c.Messages {
		reach.rows(Rows{Form: m.Database, Root: m.Root, Connection: m.Connection})
	}
	if reach.anywhere {
		n.Connect = nil
	} else if len(n.Connect) > 0 {
		n.Connect = append(n.Connect, dns)
	}
	return n
}

// dns is the port of the resolver, which falls back to TCP for long answers.
const dns = 53

// reaching gathers needs from a configuration.
type reaching struct {
	*confine.Needs
	anywhere bool // somebody connects to a port that the configuration does not state
}

func (r *reaching) listen(at string) {
	switch path, unix := strings.CutPrefix(at, "unix:"); {
	case at == "":
	case unix:
		r.Sockets = append(r.Sockets, filepath.Dir(absolute(path)))
	default:
		r.Network = true
		if port, ok := portOf(at); ok {
			r.Bind = append(r.Bind, port)
		}
	}
}

func (r *reaching) connect(to string) {
	if to == "" || strings.HasPrefix(to, "unix:") {
		return
	}
	r.Network = true
	if port, ok := portOf(to); ok {
		r.Connect = append(r.Connect, port)
	} else {
		r.anywhere = true
	}
}

// read keeps folders readable, and of a file the folder around it, since another file
// may come to stand under its name.
func (r *reaching) read(paths ...string) {
	for _, p := range paths {
		if p == "" {
			continue
		}
		p = absolute(p)
		if info, err := os.Stat(p); err == nil && !info.IsDir() {
			p = filepath.Dir(p)
		}
		r.Read = append(r.Read, p)
	}
}

// namedFile finds the files that a connection string of PostgreSQL names.
var namedFile = regexp.MustCompile(`(?:sslrootcert|sslcert|sslkey|passfile|servicefile)=[ ']*([^ '&]+)`)

func (r *reaching) rows(rows Rows) {
	r.read(rows.Root)
	switch rows.Form {
	case "sqlite":
		r.Temp = true
	case "postgres":
		r.Network, r.anywhere = true, true
		for _, m := range namedFile.FindAllStringSubmatch(rows.Connection, -1) {
			r.read(m[1])
		}
		if home, err := os.UserHomeDir(); err == nil { // what a connection string may leave out
			r.Read = append(r.Read, filepath.Join(home, ".pgpass"), filepath.Join(home, ".pg_service.conf"), filepath.Join(home, ".postgresql"))
		}
	case "command":
		r.Programs = true
	}
}

// portOf is the port of HOST:PORT, with tls:// before it or without.
func portOf(at string) (uint16, bool) {
	if hostPort, far := pinned.Address(at); far {
		at = hostPort
	}
	_, port, err := net.SplitHostPort(at)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return uint16(n), err == nil && n > 0
}

func absolute(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}

// walls says what the kernel holds each gate back from. Of a gate that does not answer
// the check of the gate speaks.
func (o *Office) walls(ctx context.Context) (out []Promise) {
	if o.Desk() == nil {
		return nil
	}
	walls, err := o.Desk().Walls(ctx)
	if len(walls) == 0 {
		if err == nil {
			out = append(out, Promise{false, "The kernel holds no gate back from anything: none runs that asked it to"})
		}
		return out
	}
	gates := map[Promise][]string{} // those of one process say the same
	for _, w := range walls {
		p := Promise{w.Holds, w.Says}
		if gates[p] == nil {
			out = append(out, p)
		}
		gates[p] = append(gates[p], w.Gate)
	}
	for i, p := range out {
		out[i].Says = "Gate " + strings.Join(gates[p], ", ") + ": " + p.Says
	}
	return out
}
