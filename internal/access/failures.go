package access

import "time"

const (
	maxFailures = 10   // in window, of tokens or of one caller's passkeys
	maxStrikes  = 1000 // in window, of all callers' passkeys
	window      = time.Minute
)

// failures remembers what failed within the window. Its owner locks.
type failures struct {
	most int // of all callers
	list []failure
}

type failure struct {
	caller string
	at     time.Time
}

// full reports whether a caller has to wait, or everybody.
func (f *failures) full(caller string, now time.Time) bool {
	recent, own := f.list[:0], 0
	for _, x := range f.list {
		if now.Sub(x.at).Abs() >= window {
			continue
		}
		recent = append(recent, x)
		if x.caller == caller {
			own++
		}
	}
	f.list = recent
	return len(recent) >= f.most || own >= maxFailures
}

func (f *failures) add(caller string, now time.Time) { f.list = append(f.list, failure{caller, now}) }
