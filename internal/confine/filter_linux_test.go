//go:build amd64 || arm64

package confine

import (
	"encoding/binary"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// judged runs a filter, as golang.org/x/net's virtual machine understands it, on one
// call. That machine loads words as networks order them.
func judged(t *testing.T, f filter, arch, call uint32, first uint64) uint32 {
	t.Helper()
	var program []bpf.Instruction
	for _, i := range f {
		program = append(program, bpf.RawInstruction{Op: i.Code, Jt: i.Jt, Jf: i.Jf, K: i.K}.Disassemble())
	}
	vm, err := bpf.NewVM(program)
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, 64)
	binary.BigEndian.PutUint32(data[atCall:], call)
	binary.BigEndian.PutUint32(data[atArch:], arch)
	binary.BigEndian.PutUint32(data[atArgs:], uint32(first))
	binary.BigEndian.PutUint32(data[atArgs+4:], uint32(first>>32))
	// The machine gives the length of a packet to keep; the answer is the whole word.
	n, err := vm.Run(data)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(n)
}

func TestTheFilterRefusesWhatIsNeverNeededAndNothingElse(t *testing.T) {
	closed, net, programs := processFilter(Needs{}), processFilter(Needs{Network: true}), processFilter(Needs{Network: true, Programs: true})
	refused := map[uint32]bool{}
	for _, c := range never {
		refused[c] = true
		for name, f := range map[string]filter{"closed": closed, "network": net, "programs": programs, "again": programs} {
			if got := judged(t, f, auditArch, c, 0); got != refuse {
				t.Errorf("%s: call %d gets %#x", name, c, got)
			}
		}
	}
	lonely := map[uint32]bool{}
	for _, c := range alone {
		lonely[c] = true
		for name, x := range map[string]struct {
			f    filter
			want uint32
		}{"closed": {closed, refuse}, "network": {net, refuse}, "programs": {programs, allow}} {
			if got := judged(t, x.f, auditArch, c, 0); got != x.want {
				t.Errorf("%s: call %d gets %#x, want %#x", name, c, got, x.want)
			}
		}
	}
	for c := range uint32(500) { // every other call passes
		if refused[c] || lonely[c] || c == unix.SYS_CLONE || c == unix.SYS_CLONE3 || c == unix.SYS_SOCKET {
			continue
		}
		if got := judged(t, closed, auditArch, c, 0); got != allow {
			t.Errorf("call %d gets %#x", c, got)
		}
	}
}

func TestACallOfAnotherArchitectureEndsTheProcess(t *testing.T) {
	other := uint32(unix.AUDIT_ARCH_I386)
	for name, f := range map[string]filter{"process": processFilter(Needs{Network: true, Programs: true}), "reader": readerFilter()} {
		if got := judged(t, f, other, unix.SYS_READ, 0); got != kill {
			t.Errorf("%s: a read by i386's door gets %#x", name, got)
		}
		if auditArch == unix.AUDIT_ARCH_X86_64 {
			if got := judged(t, f, auditArch, x32|unix.SYS_READ, 0); got != kill {
				t.Errorf("%s: a read by x32's door gets %#x", name, got)
			}
		}
	}
}

func TestWhatACallIsAskedForIsLookedAt(t *testing.T) {
	closed, net, programs := processFilter(Needs{}), processFilter(Needs{Network: true}), processFilter(Needs{Programs: true})
	thread, child := uint64(unix.CLONE_THREAD|unix.CLONE_VM), uint64(unix.CLONE_VM|unix.CLONE_VFORK)
	for _, c := range []struct {
		name  string
		f     filter
		call  uint32
		first uint64
		want  uint32
	}{
		{"a thread", closed, unix.SYS_CLONE, thread, allow},
		{"a process, of who starts none", net, unix.SYS_CLONE, child, refuse},
		{"a process", programs, unix.SYS_CLONE, child, allow},
		{"a process with users of its own", programs, unix.SYS_CLONE, child | unix.CLONE_NEWUSER, refuse},
		{"a process with a network of its own", programs, unix.SYS_CLONE, child | unix.CLONE_NEWNET, refuse},
		{"a way to start it that no filter sees", programs, unix.SYS_CLONE3, 0, absent},
		{"a socket of this machine", closed, unix.SYS_SOCKET, unix.AF_UNIX, allow},
		{"the network, of who needs none", closed, unix.SYS_SOCKET, unix.AF_INET, refuse},
		{"the network, of who needs none, by IPv6", closed, unix.SYS_SOCKET, unix.AF_INET6, refuse},
		{"the network", net, unix.SYS_SOCKET, unix.AF_INET6, allow},
		{"raw packets", net, unix.SYS_SOCKET, unix.AF_PACKET, refuse},
		{"the kernel's own cryptography", programs, unix.SYS_SOCKET, unix.AF_ALG, refuse},
		{"the kernel's own cryptography, marked high", programs, unix.SYS_SOCKET, 1<<32 | unix.AF_ALG, refuse},
		{"a reader's thread", readerFilter(), unix.SYS_CLONE, thread, allow},
		{"a reader's process", readerFilter(), unix.SYS_CLONE, child, kill},
		{"a reader's file", readerFilter(), unix.SYS_OPENAT, 0, refuse},
		{"a reader's socket", readerFilter(), unix.SYS_SOCKET, unix.AF_UNIX, kill},
		{"a reader's program", readerFilter(), unix.SYS_EXECVE, 0, kill},
		{"a call that nobody knows yet, of a reader", readerFilter(), 4000, 0, kill},
	} {
		if got := judged(t, c.f, auditArch, c.call, c.first); got != c.want {
			t.Errorf("%s gets %#x, want %#x", c.name, got, c.want)
		}
	}
}
