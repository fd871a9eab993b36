package sourcetest

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/scope"
)

// Planted is one message, or other thing, that the suite lays into a store.
type Planted struct {
	Account      scope.AccountID
	Received     time.Time
	Participants []string // From, then To; as scope.NormalAddress gives them
	Bytes        []byte   // as the source must give them
	Body         []byte   // what the fixture was asked to plant
}

// A Fixture is a store's form.
type Fixture struct {
	// Lay makes a new store in dir (empty, the store's alone) that holds the
	// messages in this order, and gives a source over it. Messages with the same
	// account may not be merged. It may be called with 100 MB.
	Lay func(t testing.TB, dir string, messages []Planted) source.Source

	// Plant makes the nth thing of the store's form out of a body; the time is
	// that of At. Nil: a message, as Message makes it.
	Plant func(n int, account scope.AccountID, body []byte) Planted

	// Text says that bodies are text in UTF-8 without NUL, and Longest how many bytes
	// one may have; 0: any number.
	Text    bool
	Longest int

	// Category is that of the planted things, where a store gives items of others
	// beside them; those are left aside. Empty: every item counts.
	Category scope.Category

	// Snapshot says that the store's own program keeps it still for a reader: what
	// is written meanwhile is not given, and is no error.
	Snapshot bool

	// Damage makes a part of the store that belongs to the account unreadable
	// for everybody, whatever their rights: a directory in a file's place, say.
	Damage func(t testing.TB, dir string, account scope.AccountID)

	// Link replaces a part of the store that belongs to the account by a symbolic
	// link to a copy of it in outside, a directory that is not in dir. It is nil
	// for stores that are not files.
	Link func(t testing.TB, dir, outside string, account scope.AccountID)

	// Touch changes the store as its own program would: one more message for the
	// account. It is called while the source reads.
	Touch func(t testing.TB, dir string, message Planted)
}

// The accounts whose messages the suite plants.
const (
	Alice scope.AccountID = "acc-alice-1"
	Bob   scope.AccountID = "acc-bob-2"
	Carol scope.AccountID = "acc-carol-3" // in some stores without a message
)

// Address gives the address of an account in planted messages; what a shared
// store's resolver must know.
func Address(a scope.AccountID) string { return string(a) + "@customer.example" }

// Start is the earliest time of planted messages; each is a minute after the one before.
var Start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// Message makes the nth message of a store: RFC 5322, with body as its text.
func Message(n int, account scope.AccountID, body []byte) Planted {
	at := At(n)
	from := fmt.Sprintf("writer-%d@sender.example", n%7)
	var b bytes.Buffer
	fmt.Fprintf(&b, "Delivered-To: %s\n", Address(account))
	fmt.Fprintf(&b, "Received: from mx.sender.example by mx.customer.example; %s\n", at.Format(time.RFC1123Z))
	fmt.Fprintf(&b, "Date: %s\n", at.Format(time.RFC1123Z))
	fmt.Fprintf(&b, "From: Writer %d <%s>\nTo: %s\nSubject: planted %d\nMessage-ID: <%d@sender.example>\n\n", n%7, from, Address(account), n, n)
	b.Write(body)
	return Planted{Account: account, Received: at, Participants: []string{from, Address(account)}, Bytes: b.Bytes(), Body: body}
}

// At is the time of the nth planted thing.
func At(n int) time.Time { return Start.Add(time.Duration(n) * time.Minute) }

// plant makes the nth thing, with a body that the form can hold.
func (f Fixture) plant(n int, account scope.AccountID, body []byte) Planted {
	if f.Text {
		body = bytes.ReplaceAll(bytes.ToValidUTF8(body, []byte("ß")), []byte{0}, []byte("\u2028"))
	}
	if f.Longest > 0 && len(body) > f.Longest {
		body = body[:f.Longest]
	}
	if f.Plant == nil {
		return Message(n, account, body)
	}
	return f.Plant(n, account, body)
}

// mixed makes n messages, one in three of them Bob's.
func (f Fixture) mixed(n int) []Planted {
	var out []Planted
	for i := range n {
		account := Alice
		if i%3 == 2 {
			account = Bob
		}
		out = append(out, f.plant(i, account, fmt.Appendf(nil, "line one of %d\n.\nFrom afar, no separator\n\nlast line\n", i)))
	}
	return out
}

func of(account scope.AccountID, all []Planted) []Planted {
	var out []Planted
	for _, p := range all {
		if p.Account == account {
			out = append(out, p)
		}
	}
	return out
}

// everything is a query without a limit that matters.
func everything(account scope.AccountID) source.Query {
	return source.Query{Account: account, From: Start.AddDate(-10, 0, 0), Until: Start.AddDate(10, 0, 0)}
}
