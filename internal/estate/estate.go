package estate

import (
	"net/netip"
	"slices"
	"time"

	"counterseal/internal/scope"
)

// MaxFile bounds an estate file.
const MaxFile = 64 << 20

// Estate is a map that was checked.
type Estate struct {
	rows Tables

	regions   map[string]int32
	entities  map[string]int32
	customers map[string]int32
	reps      map[string]int32   // by customer
	contracts map[string][]int32 // by customer, in the order of time
	accounts  map[scope.AccountID]int32
	places    map[scope.AccountID][]int32
	valid     map[scope.AccountID][]Interval
	of        map[string][]int32 // accounts by customer
	folders   map[scope.AccountID]int32
	shares    map[scope.AccountID][]int32 // by folder
	shared    map[scope.AccountID][]int32 // by account

	// Aliases of one identifier are a chain: first by kind and normal form, then
	// from row to row. A map of slices would take three times the memory.
	first map[string]int32
	next  []int32

	sessions map[netip.Addr]span
}

// Parse reads an estate file (TOML). Codes: those of the package.
func Parse(text []byte) (*Estate, error) {
	t, err := readTOML(text)
	if err != nil {
		return nil, err
	}
	return New(t)
}

// Account finds an account.
func (e *Estate) Account(id scope.AccountID) (Account, bool) {
	i, ok := e.accounts[id]
	if !ok {
		return Account{}, false
	}
	return e.rows.Accounts[i], true
}

// Folder finds a folder that accounts share.
func (e *Estate) Folder(id scope.AccountID) (Folder, bool) {
	i, ok := e.folders[id]
	if !ok {
		return Folder{}, false
	}
	return e.rows.Folders[i], true
}

// Owns reports whether the id is one that items belong to: an account's or a
// folder's.
func (e *Estate) Owns(id scope.AccountID) bool {
	_, account := e.accounts[id]
	_, folder := e.folders[id]
	return account || folder
}

// Customer finds a customer.
func (e *Estate) Customer(id string) (Customer, bool) {
	i, ok := e.customers[id]
	if !ok {
		return Customer{}, false
	}
	return e.rows.Customers[i], true
}

// Holder finds the customer of an account; of a folder, that of the account that
// made it.
func (e *Estate) Holder(id scope.AccountID) (Customer, bool) {
	if f, ok := e.Folder(id); ok {
		id = f.Owner
	}
	a, ok := e.Account(id)
	if !ok {
		return Customer{}, false
	}
	return e.Customer(a.Customer)
}

// Concerned lists the customers whom something about an account or a folder
// concerns in an interval, each once: the holder first, then the holders of the
// accounts that shared the folder.
func (e *Estate) Concerned(id scope.AccountID, asked Interval) []Customer {
	var out []Customer
	add := func(c Customer, ok bool) {
		if ok && !slices.ContainsFunc(out, func(o Customer) bool { return o.ID == c.ID }) {
			out = append(out, c)
		}
	}
	add(e.Holder(id))
	for _, a := range e.sharers(id, asked) {
		add(e.Holder(a))
	}
	return out
}

// Representative finds whom a customer named.
func (e *Estate) Representative(customer string) (Representative, bool) {
	i, ok := e.reps[customer]
	if !ok {
		return Representative{}, false
	}
	return e.rows.Representatives[i], true
}

// Valid gives the times in which an account was valid; nil: it always was.
func (e *Estate) Valid(id scope.AccountID) []Interval { return slices.Clone(e.valid[id]) }

// sharers lists the accounts that shared a folder at any time of the interval.
func (e *Estate) sharers(folder scope.AccountID, asked Interval) []scope.AccountID {
	var out []scope.AccountID
	for _, i := range e.shares[folder] {
		if s := e.rows.Shares[i]; (Interval{s.From, s.Until}).meets(asked) {
			out = append(out, s.Account)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// FoldersOf lists the folders that an account shared at any time of the interval.
// They are owners of their own: an order for the account does not name them.
func (e *Estate) FoldersOf(account scope.AccountID, asked Interval) []Folder {
	var out []Folder
	for _, i := range e.shared[account] {
		s := e.rows.Shares[i]
		f, ok := e.Folder(s.Folder)
		if ok && (Interval{s.From, s.Until}).meets(asked) && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// Accounts returns a copy of the rows.
func (e *Estate) Accounts() []Account { return slices.Clone(e.rows.Accounts) }

// AccountsOf lists the accounts of a customer, in the order of the map.
func (e *Estate) AccountsOf(customer string) []Account {
	var out []Account
	for _, i := range e.of[customer] {
		out = append(out, e.rows.Accounts[i])
	}
	return out
}

// Customers returns a copy of the rows.
func (e *Estate) Customers() []Customer { return slices.Clone(e.rows.Customers) }

// Aliases returns the rows in normal form, cut to the times in which their
// accounts were valid: what the charter says of each identifier.
func (e *Estate) Aliases() []Alias {
	out := make([]Alias, 0, len(e.rows.Aliases))
	for _, a := range e.rows.Aliases {
		for _, i := range e.held(a.Account, Interval{a.From, a.Until}) {
			a.From, a.Until = i.From, i.Until
			out = append(out, a)
		}
	}
	return out
}

// Mailbox is the first address in the order of the map under which an account gets
// mail at a time; "": none.
func (e *Estate) Mailbox(id scope.AccountID, at time.Time) string {
	for _, a := range e.rows.Aliases {
		if a.Account != id || a.Kind != "address" {
			continue
		}
		for _, i := range e.held(id, Interval{a.From, a.Until}) {
			if i.meets(Interval{at, at}) {
				return a.Value
			}
		}
	}
	return ""
}

// held cuts an interval to the times in which an account was valid.
func (e *Estate) held(id scope.AccountID, i Interval) []Interval {
	valid, some := e.valid[id]
	if !some {
		return []Interval{i}
	}
	return cutAll(i, valid)
}

// Len is the number of rows of all tables.
func (e *Estate) Len() int { return e.rows.len() }

func (t *Tables) len() int {
	return len(t.Regions) + len(t.Entities) + len(t.Customers) + len(t.Representatives) + len(t.Contracts) + len(t.Accounts) +
		len(t.Places) + len(t.Validities) + len(t.Folders) + len(t.Shares) + len(t.Aliases) + len(t.Sessions)
}

func utc(t *time.Time) {
	if !t.IsZero() {
		*t = t.UTC()
	}
}
