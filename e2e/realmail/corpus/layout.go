package corpus

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"counterseal/internal/scope"
)

// A Placed message has an owner and the address at which it was delivered. An
// empty address leaves the delivery field out, so that a shared store cannot
// attribute it.
type Placed struct {
	Message
	Owner       scope.AccountID
	DeliveredTo string
	Decoy       bool
}

// Place gives each message to its owner, at the owner's address; every 50th at
// the owner's alias, and every 200th without a delivery field.
func Place(messages []Message) []Placed {
	out := make([]Placed, len(messages))
	for i, m := range messages {
		owner := Owner(m)
		out[i] = Placed{Message: m, Owner: owner, DeliveredTo: Address(owner)}
		switch {
		case i%200 == 199:
			out[i].DeliveredTo = ""
		case i%50 == 49:
			out[i].DeliveredTo = Alias(owner)
		}
	}
	return out
}

// DecoyMark is the name of a header field that decoys have and nothing else.
const DecoyMark = "X-Decoy"

// Decoys plants n messages that nobody who asks for the account, the interval
// (both ends inside) and the people may get, evenly through the others. Copied
// are messages of the account that are asked for, to be planted as another
// account's copy; there must be one at least.
func Decoys(all []Placed, n int, account scope.AccountID, from, until time.Time, people []string, copied []Message) []Placed {
	every := max(1, len(all)/n)
	out := make([]Placed, 0, len(all)+n)
	for i, p := range all {
		out = append(out, p)
		if i%every == 0 && i/every < n {
			out = append(out, decoy(i/every, account, from, until, people, copied))
		}
	}
	for k := (len(all) + every - 1) / every; k < n; k++ {
		out = append(out, decoy(k, account, from, until, people, copied))
	}
	return out
}

func decoy(k int, account scope.AccountID, from, until time.Time, people []string, copied []Message) Placed {
	mark := fmt.Sprintf("%s: %d\n", DecoyMark, k)
	other := Accounts()[(slices.Index(Accounts(), account)+1+k%7)%8]
	middle := from.Add(until.Sub(from) / 2)
	d := Placed{Owner: other, Decoy: true}
	at := middle
	switch k % 5 {
	case 0: // a second before
		d.Owner, at = account, from.Add(-time.Second)
		d.DeliveredTo = Address(account)
	case 1: // a second after
		d.Owner, at = account, until.Add(time.Second)
		d.DeliveredTo = Alias(account)
	case 2: // another account, at its alias
		d.DeliveredTo = Alias(other)
	case 3: // an address that was the account's until the handover
		d.Owner, at = Next(account), Handover.Add(time.Duration(k)*time.Second)
		d.DeliveredTo = Former(account)
	case 4: // another account's copy of a message that is asked for
		m := copied[k/5%len(copied)]
		d.Message = Message{m.Separator, append([]byte(mark), m.Bytes...)}
		d.DeliveredTo = Address(other)
		return d
	}
	zone := at.In(time.FixedZone("", 3600*(k%12-5)))
	d.Message = Message{
		"From decoy " + at.Format(time.ANSIC),
		fmt.Appendf([]byte(mark), "Received: by mx; %s\nDate: %s\nFrom: <%s>\nTo: %s\nSubject: decoy\n\nNot to be given.\n",
			zone.Format(time.RFC1123Z), at.Format(time.RFC1123Z), people[k%len(people)], Address(account)),
	}
	return d
}

var quotes = regexp.MustCompile(`(?m)^>*From `)

// WriteAccounts lays a file for each account into dir and returns their names:
// mboxo, with a '>' put before lines that begin "From ".
func WriteAccounts(dir string, all []Placed) (map[scope.AccountID][]string, error) {
	files := map[scope.AccountID][]string{}
	for _, a := range Accounts() {
		name := string(a) + ".mbox"
		files[a] = []string{name}
		own := slices.DeleteFunc(slices.Clone(all), func(p Placed) bool { return p.Owner != a })
		err := write(filepath.Join(dir, name), own, func(line []byte) bool { return line[0] == 'F' })
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// WriteShared lays one file for all accounts into dir and returns its name:
// mboxrd, with a '>' put before lines of '>'s and "From ".
func WriteShared(dir string, all []Placed) (string, error) {
	const name = "all.mbox"
	return name, write(filepath.Join(dir, name), all, func([]byte) bool { return true })
}

func write(path string, all []Placed, quote func(line []byte) bool) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	for _, p := range all {
		writeMessage(w, p, quote)
	}
	err = w.Flush()
	closed := f.Close()
	if err != nil {
		return err
	}
	return closed
}

func writeMessage(w io.Writer, p Placed, quote func(line []byte) bool) {
	io.WriteString(w, p.Separator+"\n")
	if p.DeliveredTo != "" {
		io.WriteString(w, "Delivered-To: "+p.DeliveredTo+"\n")
	}
	w.Write(quotes.ReplaceAllFunc(p.Bytes, func(line []byte) []byte {
		if !quote(line) {
			return line
		}
		return append([]byte(">"), line...)
	}))
	if !bytes.HasSuffix(p.Bytes, []byte("\n")) {
		io.WriteString(w, "\n")
	}
	io.WriteString(w, "\n")
}
