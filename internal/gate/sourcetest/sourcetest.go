package sourcetest

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/scope"
)

// Planted is one message that the suite lays into a store.
type Planted struct {
	Account      scope.AccountID
	Received     time.Time
	Participants []string // From, then To; as scope.NormalAddress gives them
	Bytes        []byte   // as the source must give them
}

// A Fixture is a store's form.
type Fixture struct {
	// Lay makes a new store in dir (empty, the store's alone) that holds the
	// messages in this order, and gives a source over it. Messages with the same
	// account may not be merged. It may be called with 100 MB.
	Lay func(t testing.TB, dir string, messages []Planted) source.Source

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
	at := Start.Add(time.Duration(n) * time.Minute)
	from := fmt.Sprintf("writer-%d@sender.example", n%7)
	var b bytes.Buffer
	fmt.Fprintf(&b, "Delivered-To: %s\n", Address(account))
	fmt.Fprintf(&b, "Received: from mx.sender.example by mx.customer.example; %s\n", at.Format(time.RFC1123Z))
	fmt.Fprintf(&b, "Date: %s\n", at.Format(time.RFC1123Z))
	fmt.Fprintf(&b, "From: Writer %d <%s>\nTo: %s\nSubject: planted %d\nMessage-ID: <%d@sender.example>\n\n", n%7, from, Address(account), n, n)
	b.Write(body)
	return Planted{Account: account, Received: at, Participants: []string{from, Address(account)}, Bytes: b.Bytes()}
}

// mixed makes n messages, one in three of them Bob's.
func mixed(n int) []Planted {
	var out []Planted
	for i := range n {
		account := Alice
		if i%3 == 2 {
			account = Bob
		}
		out = append(out, Message(i, account, fmt.Appendf(nil, "line one of %d\n.\nFrom afar, no separator\n\nlast line\n", i)))
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
