package authority

import (
	"sync/atomic"
	"time"
)

// Live is the register in force. It is safe for concurrent use: who reads sees one
// register or the next, never a part of both.
type Live struct{ now atomic.Pointer[Register] }

// NewLive begins with a register.
func NewLive(r *Register) *Live {
	l := new(Live)
	l.Put(r)
	return l
}

// Put lets a register be the one in force.
func (l *Live) Put(r *Register) { l.now.Store(r) }

// Now is the register in force.
func (l *Live) Now() *Register { return l.now.Load() }

// Agency is that of the register in force.
func (l *Live) Agency(id string) (Agency, bool) { return l.Now().Agency(id) }

// All is that of the register in force.
func (l *Live) All() []Agency { return l.Now().All() }

// Held is that of the register in force.
func (l *Live) Held(address string, now time.Time) (Flag, bool) { return l.Now().Held(address, now) }

// Sender is that of the register in force.
func (l *Live) Sender(address string, at time.Time) (Sender, bool) {
	return l.Now().Sender(address, at)
}
