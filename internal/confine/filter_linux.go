//go:build amd64 || arm64

package confine

import "golang.org/x/sys/unix"

// Where struct seccomp_data has things (seccomp(2)). Both architectures are
// little-endian, so the low half of an argument comes first.
const (
	atCall  = 0
	atArch  = 4
	atArgs  = 16
	argSize = 8
)

// x32 marks the calls of amd64's other interface, which has numbers of its own for
// the same calls.
const x32 = 0x40000000

const (
	allow  = unix.SECCOMP_RET_ALLOW
	kill   = unix.SECCOMP_RET_KILL_PROCESS
	refuse = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	absent = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
)

// A filter is a program of classic BPF that judges each call. It is built of tests in
// a row, each of which answers or falls through, so that no jump is far.
type filter []unix.SockFilter

// newFilter begins with what every filter holds to: the architecture.
func newFilter() filter {
	f := filter{}.load(atArch).when(auditArch, nil).answer(kill).load(atCall)
	if auditArch == unix.AUDIT_ARCH_X86_64 {
		f = append(f, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K, Jf: 1, K: x32}).answer(kill)
	}
	return f
}

func (f filter) load(at uint32) filter {
	return append(f, unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at})
}

func (f filter) answer(what uint32) filter {
	return append(f, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: what})
}

// when does then where the value is the loaded one, else passes it over; without then
// it is the next instruction that is passed over.
func (f filter) when(value uint32, then filter) filter {
	if then == nil {
		return append(f, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: 1, K: value})
	}
	f = append(f, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: uint8(len(then)), K: value})
	return append(f, then...)
}

// each gives the same answer to every one of these calls.
func (f filter) each(what uint32, calls ...uint32) filter {
	for _, c := range calls {
		f = f.when(c, filter{}.answer(what))
	}
	return f
}

// flags judges a call by whether one of the bits of an argument is set.
func (f filter) flags(call uint32, arg int, bits, set, unset uint32) filter {
	return f.when(call, append(filter{}.load(argument(arg)),
		unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, Jf: 1, K: bits}).answer(set).answer(unset))
}

// among allows a call whose argument is one of these values, and refuses others.
func (f filter) among(call uint32, arg int, values ...uint32) filter {
	then := filter{}.load(argument(arg))
	for _, v := range values {
		then = then.when(v, filter{}.answer(allow))
	}
	return f.when(call, then.answer(refuse))
}

func argument(n int) uint32 { return uint32(atArgs + n*argSize) }
