package corpus

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"counterseal/internal/scope"
)

// A Message is one mail: its separator line and its bytes, without the empty line after it.
type Message struct {
	Separator string
	Bytes     []byte
}

// substitute stands where a message was kept without a separator.
const substitute = "From MAILER-DAEMON Thu Aug 22 12:00:00 2002"

var separator = regexp.MustCompile(`^From .*(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 0-3][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} [0-9]{4}$`)

// Real gives a test the real messages, or skips it where COUNTERSEAL_REALMAIL does not
// name the folder that holds them.
func Real(t testing.TB) []Message {
	t.Helper()
	folder := os.Getenv("COUNTERSEAL_REALMAIL")
	if folder == "" {
		t.Skip("COUNTERSEAL_REALMAIL does not name the unpacked package with the real messages")
	}
	messages, err := Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

// Load reads the real messages: data/*/*.txt in the unpacked package's folder, by path.
func Load(folder string) ([]Message, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "data", "*", "*.txt"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, errors.New("the folder holds no data/*/*.txt")
	}
	slices.Sort(paths)
	var out []Message
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			return nil, err
		}
		out = append(out, split(b))
	}
	return out, nil
}

func split(b []byte) Message {
	first, rest, _ := bytes.Cut(b, []byte("\n"))
	if separator.Match(first) {
		return Message{string(first), rest}
	}
	return Message{substitute, b}
}

// Generate makes n messages, the same for the same seed: dates of many forms
// around August 2002, header fields folded and repeated, bodies with lines that look
// like separators. Their length is about that of real mail.
func Generate(n int, seed uint64) []Message {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]Message, n)
	for i := range out {
		out[i] = generated(r, i)
	}
	return out
}

var dateForms = []string{
	time.RFC1123Z, time.RFC1123Z, time.RFC1123Z, time.RFC1123Z, "2 Jan 2006 15:04:05 -0700", "Mon, _2 Jan 2006 15:04:05 -0700 (MEZ)",
	"Mon, 2 Jan 2006 15:04 -0700", "2 Jan 06 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05", "Mon, 2 Jan 2006 15:04:05 XST", "Mon, 2 Jan 2006 15:04:05 EDT",
	"2006-01-02 15:04:05", "Monday, 2 Jan 2006\n\t15:04:05 -0700",
}

func generated(r *rand.Rand, i int) Message {
	received := time.Date(2002, 7, 15, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.Int64N(60*86400)) * time.Second)
	sent := received.Add(-time.Duration(r.Int64N(1<<r.IntN(21))) * time.Second).In(time.FixedZone("", 3600*(r.IntN(27)-12)))
	var b bytes.Buffer
	if r.IntN(10) > 0 {
		fmt.Fprintf(&b, "Received: from relay%d.example (relay; [192.0.2.%d])\n\tby mx.example; %s\n", r.IntN(90), r.IntN(250), received.Format(dateForms[r.IntN(len(dateForms))]))
	}
	if r.IntN(2) == 0 {
		fmt.Fprintf(&b, "Received: by inner.example; %s\n", sent.Format(time.RFC1123Z))
	}
	for range [...]int{1, 1, 1, 1, 1, 1, 1, 1, 0, 2}[r.IntN(10)] {
		fmt.Fprintf(&b, "Date: %s\n", sent.Format(dateForms[r.IntN(len(dateForms))]))
	}
	fmt.Fprintf(&b, "From: %s\nTo: %s, %s\n", person(r), person(r), person(r))
	if r.IntN(3) == 0 {
		fmt.Fprintf(&b, "Cc: friends: %s,\n %s;\n", person(r), person(r))
	}
	fmt.Fprintf(&b, "Message-ID: <%d.%d@example>\nSubject: %s\n\n", i, r.Uint32(), words(r, 5))
	for range 1 + r.IntN(120) {
		fmt.Fprintf(&b, "%s\n", words(r, 11))
		if r.IntN(40) == 0 {
			b.WriteString("\nFrom here it goes on\n>From there too\n")
		}
	}
	return Message{"From someone at example " + received.Format(time.ANSIC), b.Bytes()}
}

func person(r *rand.Rand) string {
	n := r.IntN(12)
	address := fmt.Sprintf("person%d@example.org", n)
	switch r.IntN(5) {
	case 0:
		return address
	case 1:
		return fmt.Sprintf("\"Person, %d <person0@example.org>\" <%s>", n, strings.ToUpper(address))
	case 2:
		return fmt.Sprintf("%s (Person; %d)", address, n)
	case 3:
		return fmt.Sprintf("=?utf-8?q?P=C3=A9rson_%d?= <%s>", n, address)
	}
	return fmt.Sprintf("Person %d <%s>", n, address)
}

func words(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		for range 2 + r.IntN(7) {
			b.WriteByte(byte('a' + r.IntN(26)))
		}
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}

// Accounts lists the accounts of a layout.
func Accounts() []scope.AccountID {
	var out []scope.AccountID
	for i := range 8 {
		out = append(out, scope.AccountID(fmt.Sprintf("acc-%d", i+1)))
	}
	return out
}

// Owner says whose a message is.
func Owner(m Message) scope.AccountID {
	sum := sha256.Sum256(m.Bytes)
	return Accounts()[int(sum[0])%len(Accounts())]
}

// Address, Alias and Former are the addresses of an account: its own; another;
// and one that it had until Handover, when the next account got it.
func Address(a scope.AccountID) string { return string(a) + "@provider.example" }
func Alias(a scope.AccountID) string   { return "alias-of-" + string(a) + "@provider.example" }
func Former(a scope.AccountID) string  { return "once-" + string(a) + "@provider.example" }

// Handover is the first second at which an account's former address is the next one's.
var Handover = time.Date(2002, 8, 15, 0, 0, 0, 0, time.UTC)

// Next is the account that gets an account's former address.
func Next(a scope.AccountID) scope.AccountID {
	all := Accounts()
	return all[(slices.Index(all, a)+1)%len(all)]
}

// A Hold says that an address named an account from a time until a time, both
// inside, in Unix seconds; nil has no limit.
type Hold struct {
	Account scope.AccountID `json:"account"`
	From    *int64          `json:"from"`
	Until   *int64          `json:"until"`
}

// Addresses says which account each address named when.
func Addresses() map[string][]Hold {
	out := map[string][]Hold{}
	last, first := Handover.Unix()-1, Handover.Unix()
	for _, a := range Accounts() {
		out[Address(a)] = []Hold{{Account: a}}
		out[Alias(a)] = []Hold{{Account: a}}
		out[Former(a)] = []Hold{{Account: a, Until: &last}, {Account: Next(a), From: &first}}
	}
	return out
}

// Resolve answers as mbox.Shared.Resolve must, from Addresses.
func Resolve() func(address string, at time.Time) (scope.AccountID, bool) {
	all := Addresses()
	return func(address string, at time.Time) (scope.AccountID, bool) {
		holds := all[address]
		if at.IsZero() {
			if len(holds) == 1 && holds[0].From == nil && holds[0].Until == nil {
				return holds[0].Account, true
			}
			return "", false
		}
		for _, h := range holds {
			if (h.From == nil || at.Unix() >= *h.From) && (h.Until == nil || at.Unix() <= *h.Until) {
				return h.Account, true
			}
		}
		return "", false
	}
}
