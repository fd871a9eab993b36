// Package source is what the gate asks of a store that holds customers' data.
//
// Its words. A *source* streams the *items* of one account out of one service.
// It may over-deliver: the gate judges every item again with scope.Judge, so a
// source that ignores the query is slow, never a leak. An item that the source
// cannot attribute to exactly one account is not an item; it is a *gap*.
//
// Its promises. Read-only, always: no file, flag or date of the store changes.
// A source that fails or stops early returns an error, so "incomplete" can
// never look like "empty". Nothing outside the configured store is followed
// (no symbolic link, no "..": os.Root). Memory does not grow with the store.
//
// Imports: standard library, scope, problem. Implementations live beside this
// package, pass sourcetest, and never import each other.
package source

import (
	"context"
	"io"
	"time"

	"counterseal/internal/scope"
)

// Query is what a source may use to read less. It is a hint for speed.
type Query struct {
	Account scope.AccountID
	From    time.Time // earliest received or sent time that could matter
	Until   time.Time // latest

	// TakenUp, unless nil, is told why a line to the store broke when the source has
	// taken it up and something new has come: from the goroutine of the callbacks, or
	// from that which reads an item.
	TakenUp func(why error)
}

// Item is one stored thing.
type Item struct {
	scope.Item
	Size     int64  // bytes, as counted by the source while reading; a hint only
	Undated  string // why a time is unknown or has a spread: words such as "received:no_date sent:zone_unknown"; "" if both are known exactly
	Name     string // what the store calls it, as Escape gives it; "" where that says nothing to a reader
	Key      bool   // kept as encrypted under a key of the customer's; sources leave it false
	Filename string // a plain name for the package: no slash, no control, at most 120 bytes of ASCII

	// Open returns the item's bytes exactly as stored. It is valid only until
	// the callback that received the item returns; the gate reads it at most once.
	Open func() (io.ReadCloser, error)
}

// Gap is something the source found and cannot give as an item: unreadable,
// not attributable, malformed. It is reported by place and reason, never dropped.
type Gap struct {
	Place  string // where in the store, in the source's own terms
	Reason string // stable code, "source." and a word
}

// Source reads one service's store.
type Source interface {
	// Service is the service whose items this source gives.
	Service() scope.Service

	// Items calls item for each item of the query's account, and gap for each
	// gap, in the store's order, from one goroutine. It stops at the first error
	// that a callback returns, and returns that error. A nil result means that
	// the whole store was read.
	// A source may leave out what certainly lies outside the query: items of
	// other accounts, and items and gaps whose both times are known and outside.
	// Codes: source.unreadable, source.changed (the store changed while it was
	// read), source.size (it gives another number of bytes than it says, however
	// often it says so), source.outside (a path leaves the store), source.not_a_file,
	// source.too_large, source.unknown_account (no place in the store is stated
	// for the account: not the same as an empty one).
	Items(ctx context.Context, q Query, item func(Item) error, gap func(Gap) error) error
}

// Field is a field of a source's items, as the package's data dictionary tells it.
type Field struct {
	Store    string // the store's name in the configuration
	Category scope.Category
	Name     string
	Means    string // in one sentence
	Column   string // where in the store it comes from
	Statute  string // which provision speaks of it
}

// Describer is a source whose items consist of fields.
type Describer interface {
	// Fields lists them, those of one category together.
	Fields() []Field
}

// Divided is a source that says which categories its items can have, so that a
// demand for another is not answered with "nothing found".
type Divided interface {
	Categories() []scope.Category
}

// Prober is a source that can be looked at without reading anybody's data.
type Prober interface {
	// Store names the store for the people who look after it.
	Store() string
	// Probe says whether the store can be opened and has the form that is
	// configured. Codes: those of Source.Items. It gives no items.
	Probe(ctx context.Context) error
}
