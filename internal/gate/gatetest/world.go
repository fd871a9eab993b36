package gatetest

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"sync"
	"time"

	"filippo.io/age"
	"golang.org/x/crypto/ssh"

	"counterseal/internal/gate/source"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

// Start is when every world begins.
var Start = time.Date(2031, 4, 5, 9, 0, 0, 0, time.UTC)

// Clock is a clock that tests set. Safe for concurrent use.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Add sets the clock on, or back.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// World is the provider Lindworm Mail with six persons, one gate in its region
// and three accounts, and the agency that asks it.
type World struct {
	Clock   *Clock
	Journal *Journal
	Keys    map[string]ssh.Signer // of persons; "outsider" is nobody's
	Second  ssh.Signer            // anna's second key
	GateKey ssh.Signer
	Agency  *age.X25519Identity // known since long before Start
	New     *age.X25519Identity // known since an hour before Start
	First   grant.Statement
	Text    []byte // of First
	Signed  [][]byte
	Order   []byte // an order's document
	Demand  [32]byte
}

// Persons of the roster with their groups.
var Persons = [][2]string{{"anna", "legal"}, {"bo", "privacy"}, {"carla", "legal"}, {"dan", "on-call"}, {"emil", "legal"}, {"frida", "privacy"}}

// NewWorld makes keys, charter, journal and order. The charter's first statement
// is signed by all and in the journal, and so is the demand's record.
func NewWorld() *World {
	w := &World{Clock: &Clock{at: Start}, Keys: map[string]ssh.Signer{}, Order: []byte("%PDF-1.7 an order of the court of Nowhere\n")}
	w.Journal = NewJournal(w.Clock.Now)
	w.GateKey, w.Second = newKey(), newKey()
	w.Keys["outsider"] = newKey()
	w.Agency, w.New = must(age.GenerateX25519Identity()), must(age.GenerateX25519Identity())
	st := grant.Statement{Provider: "Lindworm Mail", Number: 1, At: Start.Add(-48 * time.Hour), Log: w.Journal.PolicyLines(),
		Policy: &grant.Policy{Approvals: 2, Groups: 2, Quorum: 3, GrantLife: 24 * time.Hour, Fresh: 10 * time.Minute, KeyAge: 24 * time.Hour, Skew: time.Minute, ByteCap: 64 << 20, PerDay: 2},
		Gates:  []grant.Gate{{ID: "gate-1", Region: "ie", Key: w.GateKey.PublicKey()}, {ID: "gate-2", Region: "us", Key: newKey().PublicKey()}},
	}
	for _, p := range Persons {
		w.Keys[p[0]] = newKey()
		person := grant.Person{ID: p[0], Group: p[1], Name: "The person " + p[0], Keys: []ssh.PublicKey{w.Keys[p[0]].PublicKey()}}
		if p[0] == "anna" {
			person.Keys = append(person.Keys, w.Second.PublicKey())
		}
		st.Roster = append(st.Roster, person)
	}
	for _, a := range []string{"acct-a1", "acct-b2", "acct-c3"} {
		st.Accounts = append(st.Accounts, grant.Account{ID: scope.AccountID(a), Region: "ie", Services: []scope.Service{scope.Records, scope.Mail}})
	}
	st.Accounts = append(st.Accounts, grant.Account{ID: "acct-us", Region: "us", Services: []scope.Service{scope.Mail}})
	st.Aliases = aliases()
	st.Agencies = []grant.Agency{{ID: "garda", Country: "IE", Name: "Police of Nowhere", Contacts: []string{Contact}, Recipients: []grant.Recipient{
		{Since: Start.AddDate(-1, 0, 0), Key: w.Agency.Recipient().String()}, {Since: Start.Add(-time.Hour), Key: w.New.Recipient().String()}}}}
	w.Reword(st)
	w.Demand = sha256.Sum256([]byte("the record of the demand"))
	w.Journal.add(w.Demand)
	return w
}

// Reword gives the world another first statement, signed by all.
func (w *World) Reword(st grant.Statement) {
	w.First, w.Text, w.Signed = st, must(st.Bytes()), nil
	for _, p := range Persons {
		w.Signed = append(w.Signed, w.Sign(p[0], signature.Charter, w.Text))
	}
}

func aliases() []grant.Alias {
	year := func(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }
	return []grant.Alias{
		{Account: "acct-a1", Kind: "address", From: year(2020), Value: "ada@lindworm.example"},
		{Account: "acct-b2", Kind: "address", From: year(2020), Value: "bea@lindworm.example"},
		{Account: "acct-c3", Kind: "address", From: year(2020), Value: "cy@lindworm.example"},
		{Account: "acct-us", Kind: "address", From: year(2020), Value: "usa@lindworm.example"},
		// An address of two persons at once, and one that was given anew.
		{Account: "acct-a1", Kind: "address", From: year(2020), Value: "team@lindworm.example"},
		{Account: "acct-b2", Kind: "address", From: year(2020), Value: "team@lindworm.example"},
		{Account: "acct-a1", Kind: "address", From: year(2020), Until: time.Date(2031, 1, 15, 0, 0, 0, 0, time.UTC), Value: "desk@lindworm.example"},
		{Account: "acct-b2", Kind: "address", From: time.Date(2031, 1, 15, 0, 0, 1, 0, time.UTC), Value: "desk@lindworm.example"},
		{Account: "acct-a1", Kind: "address", From: year(2020), Until: time.Date(2031, 1, 15, 0, 0, 0, 0, time.UTC), Value: "old@lindworm.example"},
	}
}

func newKey() ssh.Signer {
	k, _, err := signature.NewKey(rand.Reader, "")
	if err != nil {
		panic(err)
	}
	return k
}

// Sign signs as a person.
func (w *World) Sign(person string, ns signature.Namespace, text []byte) []byte {
	return must(signature.Sign(w.Keys[person], ns, text))
}

// Charter is the charter after the first statement.
func (w *World) Charter() *grant.Charter {
	return must((&grant.Charter{}).Extend(w.Text, w.Signed))
}

// Mail is January 2031 of one account's mail, by the time of receipt.
func Mail(account scope.AccountID) scope.Selector {
	return scope.Selector{Account: account, Service: scope.Mail, Category: scope.Content, Basis: scope.Received,
		From: time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2031, 1, 31, 23, 59, 59, 0, time.UTC)}
}

// Grant is one that every check passes: n makes it differ from others.
func (w *World) Grant(n byte) grant.Grant {
	g := grant.Grant{ID: fmt.Sprintf("g-%d", n), Provider: "Lindworm Mail", Demand: "k7wq-93", Received: w.Demand, Order: "Search warrant 12/2031 of the court of Nowhere",
		OrderDigest: sha256.Sum256(w.Order), Requester: "garda", Targets: []grant.Target{{Kind: "address", Stated: "ada@lindworm.example", Account: "acct-a1"}},
		Compelled: must(scope.New(Mail("acct-a1"))), Scope: must(scope.New(Mail("acct-a1"))), Recipient: w.Agency.Recipient().String(), Language: "en",
		Region: "ie", Gate: "gate-1", Drafter: "emil", Charter: w.Charter().Head, ByteCap: 32 << 20, Issued: w.Clock.Now(), Expires: w.Clock.Now().Add(24 * time.Hour)}
	g.Nonce[0] = n
	return g
}

// Text is the grant's text.
func Text(g grant.Grant) []byte { return must(g.Bytes()) }

// InForce is a person's word about the grant, now.
func (w *World) InForce(person string, g grant.Grant) grant.Signed {
	text := must(grant.InForce{Grant: g.Digest(), Demand: g.Demand, Person: person, At: w.Clock.Now()}.Bytes())
	return grant.Signed{Text: text, Signature: w.Sign(person, signature.InForce, text)}
}

// Stop is a person's stop, now.
func (w *World) Stop(person, reach string) grant.Signed {
	text := must(grant.Stop{Reach: must(grant.ParseReach(reach)), Person: person, At: w.Clock.Now(), Reason: "the court has stayed the order"}.Bytes())
	return grant.Signed{Text: text, Signature: w.Sign(person, signature.Stop, text)}
}

// Next is a further statement, signed by the persons named.
func (w *World) Next(st grant.Statement, after *grant.Charter, persons ...string) ([]byte, [][]byte) {
	st.Provider, st.Number, st.Previous = "Lindworm Mail", after.Number+1, after.Head
	if st.At.IsZero() {
		st.At = w.Clock.Now()
	}
	text := must(st.Bytes())
	var signed [][]byte
	for _, p := range persons {
		signed = append(signed, w.Sign(p, signature.Charter, text))
	}
	return text, signed
}

// Store is a source in memory. Its behaviour can be changed between calls.
type Store struct {
	Of     scope.Service
	Held   []source.Item
	Gaps   []source.Gap
	Before func(i int) error // before the item of that index is given
	Fail   error             // after the last item
	mu     sync.Mutex
	opened int
	asked  int
}

// Opened is how many items were read.
func (s *Store) Opened() int { s.mu.Lock(); defer s.mu.Unlock(); return s.opened }

// Asked is how often the store was read.
func (s *Store) Asked() int { s.mu.Lock(); defer s.mu.Unlock(); return s.asked }

func (s *Store) Service() scope.Service { return s.Of }

// Body is an item's content: its id, over and over.
func Body(id string, size int) io.Reader {
	return io.LimitReader(&loop{[]byte(id + "\n"), 0}, int64(size))
}

type loop struct {
	b []byte
	i int
}

func (l *loop) Read(p []byte) (int, error) {
	for n := range p {
		p[n] = l.b[l.i]
		l.i = (l.i + 1) % len(l.b)
	}
	return len(p), nil
}

// Message is one mail.
func Message(account scope.AccountID, id string, received, sent time.Time, size int) source.Item {
	return source.Item{Item: scope.Item{ID: id, Account: account, Service: scope.Mail, Category: scope.Content, Received: received, Sent: sent}, Size: int64(size), Filename: id + ".eml"}
}

// Mailbox is a store with mail of all accounts, inside and outside January, so
// that it over-delivers whatever it is asked.
func Mailbox() *Store {
	s := &Store{Of: scope.Mail}
	jan, feb := time.Date(2031, 1, 10, 8, 0, 0, 0, time.UTC), time.Date(2031, 2, 10, 8, 0, 0, 0, time.UTC)
	for _, a := range []scope.AccountID{"acct-a1", "acct-b2", "acct-c3", "acct-us"} {
		for i := range 3 {
			s.Held = append(s.Held, Message(a, fmt.Sprintf("in-%s-%d", a, i), jan.Add(time.Duration(i)*time.Hour), jan.Add(time.Duration(i)*time.Hour), 3000))
		}
		s.Held = append(s.Held,
			Message(a, "split-"+string(a), jan, feb, 100), Message(a, "near-"+string(a), feb, jan, 100),
			Message(a, "out-"+string(a), feb, feb, 100), Message(a, "undated-"+string(a), time.Time{}, jan, 100))
	}
	s.Gaps = []source.Gap{{Place: "box line 12", Reason: "source.malformed"}}
	return s
}

// errUnread is what a store that breaks gives.
var errUnread = problem.New(problem.Unavailable, "source.unreadable", "the store cannot be read")

// Broken is a store's failure.
func Broken() error { return errUnread }

// KeepGrant asks for a copy of acct-a1's January, for 60 days.
func (w *World) KeepGrant(n byte) grant.Grant {
	g := w.Grant(n)
	g.Purpose, g.Until, g.Recipient, g.Language = grant.ToKeep, w.Clock.Now().Add(60*24*time.Hour), "", ""
	return g
}

// PreviewGrant counts acct-a1's January.
func (w *World) PreviewGrant(n byte) grant.Grant {
	g := w.Grant(n)
	g.Purpose, g.Production, g.Recipient, g.Language = grant.ToPreview, "", "", ""
	return g
}

// LongerGrant moves the end of a copy.
func (w *World) LongerGrant(n byte, k grant.Kept, until time.Time) grant.Grant {
	g := w.KeepGrant(n)
	g.Purpose, g.Until, g.Copy = grant.ToKeepLonger, until, Facts(k)
	return g
}

// CopyGrant releases from a copy.
func (w *World) CopyGrant(n byte, k grant.Kept) grant.Grant {
	g := w.Grant(n)
	g.Purpose, g.Production, g.Copy = grant.FromCopy, grant.First, Facts(k)
	return g
}

// Facts are what a grant says of a copy.
func Facts(k grant.Kept) grant.CopyFacts {
	return grant.CopyFacts{Statement: sha256.Sum256(must(k.Bytes())), Demand: k.Demand, Made: k.At}
}
