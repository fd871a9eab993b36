package demo

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"time"
)

// correspondents are people who do not exist, at companies that do not exist.
var correspondents = []string{
	"tove.lindqvist@fjordline.example", "office@harborbooks.example", "sam.okonkwo@brightwater.example", "noreply@tidewater-bank.example",
	"ines.duarte@oficina.example", "list@garden-club.example", "m.keller@bergwerk.example", "ruth@quillandsons.example",
}

// holder is an account and the address that it had.
type holder struct{ account, address string }

// holders are the accounts whose mail lies in Nordwind's first store, with the
// address that each had in 2013.
var holders = []holder{
	{"ac-hartwell", "june.hartwell@nordwind.example"},
	{"ac-mercer", "mercer@nordwind.example"},
	{"ac-delacroix", "p.delacroix@nordwind.example"},
	{"ac-oyelaran", "oyelaran@nordwind.example"},
}

var subjects = []string{"Thursday", "the invoice", "Re: the garden fence", "minutes", "a book you might like", "Fwd: travel", "Your statement", "keys", "rain", "from the club"}

var sentences = []string{
	"I have put the papers in the blue folder, as you asked.", "The fence will be mended before the weekend.", "Could you bring the ladder back when you pass by?",
	"We counted again and it is two hundred and fourteen.", "The train leaves at ten past seven from the second platform.", "From here it looks smaller than on the photograph.",
	"Please let me know by Friday whether you can come.", "There is soup left for both of you.", "Nothing has changed since we last spoke about it.",
}

// mailbox is one shared mbox: messages to its holders, spread over a time in order
// of receipt.
type mailbox struct {
	store       string // the host that received them
	holders     []holder
	messages    int
	from, until time.Time
	sealed      bool // bodies lie there as their owner encrypted them
}

// write writes it, the same for the same seed.
func (m mailbox) write(to io.Writer, seed uint64) error {
	w := bufio.NewWriter(to)
	r := rand.New(rand.NewPCG(2013, seed))
	step := m.until.Sub(m.from) / time.Duration(m.messages)
	for n := range m.messages {
		received := m.from.Add(time.Duration(n)*step + time.Duration(r.IntN(600))*time.Second)
		sent := received.Add(-time.Duration(20+r.IntN(300)) * time.Second)
		if r.IntN(8) == 0 { // somebody's clock is wrong, as they are
			sent = received.AddDate(0, -1, 0)
		}
		m.writeMessage(w, r, n, received, sent)
	}
	return w.Flush()
}

func (m mailbox) writeMessage(w *bufio.Writer, r *rand.Rand, n int, received, sent time.Time) {
	holder := m.holders[r.IntN(len(m.holders))]
	from := correspondents[r.IntN(len(correspondents))]
	p := func(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
	p("From %s %s", from, received.Format(time.ANSIC))
	p("Delivered-To: %s", holder.address)
	p("Received: from mx.example by %s; %s", m.store, received.Format(time.RFC1123Z))
	p("From: <%s>", from)
	p("To: <%s>", holder.address)
	p("Subject: %s", subjects[r.IntN(len(subjects))])
	if r.IntN(200) != 0 { // one in two hundred has no date at all
		p("Date: %s", sent.In(time.FixedZone("", -5*3600)).Format(time.RFC1123Z))
	}
	p("Message-ID: <%d.%08x@mx.example>", n, r.Uint32())
	p("")
	if m.sealed {
		p("%s", ciphertext(r, 300))
		p("")
		return
	}
	for range 1 + r.IntN(12) {
		s := sentences[r.IntN(len(sentences))]
		if s[:5] == "From " {
			s = ">" + s
		}
		p("%s", s)
	}
	p("")
}
