package demo

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"counterseal/internal/estate"
	"counterseal/internal/scope"
	"counterseal/internal/strict"
)

// life is what an account left in the stores, as nordwind/lives.toml says.
type life struct {
	Account  scope.AccountID `toml:"account"`
	From     toml.LocalDate  `toml:"from"`
	Until    toml.LocalDate  `toml:"until"`
	Logins   int             `toml:"log_ins"`
	Mail     int             `toml:"mail"`
	Files    int             `toml:"files"`
	Calls    int             `toml:"calls"`
	Messages int             `toml:"messages"`
	Sealed   bool            `toml:"sealed"` // under a key that Nordwind has not
}

// moments spreads n over a life, seeded by account and kind, in order.
func (l life) moments(kind string, n int) ([]time.Time, *rand.Rand) {
	h := fnv.New64a()
	h.Write([]byte(string(l.Account) + " " + kind))
	r := rand.New(rand.NewPCG(2013, h.Sum64()))
	begin, end := l.From.AsTime(time.UTC), l.Until.AsTime(time.UTC)
	out := make([]time.Time, n)
	for i := range out {
		step := end.Sub(begin) / time.Duration(n)
		out[i] = begin.Add(time.Duration(i)*step + time.Duration(r.Int64N(int64(step)))).Truncate(time.Second)
	}
	return out, r
}

// shelf collects what a region's store holds before it is written.
type shelf struct {
	stage                          *Stage
	region                         string
	subscribers, sessions, calls   [][]string
	messages, mail, enterpriseMail bytes.Buffer
}

// fillStores writes every region's store.
func (s *Stage) fillStores() error {
	var f struct {
		Life []life `toml:"life"`
	}
	if err := strict.TOML("lives.toml", []byte(text("lives.toml")), 1<<20, "demo.lives", &f); err != nil {
		return err
	}
	e, err := named()
	if err != nil {
		return err
	}
	shelves := map[string]*shelf{}
	for _, r := range regions {
		shelves[r] = &shelf{stage: s, region: r, subscribers: [][]string{{"account", "name", "address", "since"}},
			sessions: [][]string{{"account", "began", "ip", "port", "event"}}, calls: [][]string{{"account", "began", "caller", "callee", "voicemail"}}}
	}
	s.Mail = Messages
	begin := time.Date(2012, 10, 1, 6, 0, 0, 0, time.UTC)
	first := mailbox{store: "store.iad.nordwind.example", holders: holders, messages: Messages, from: begin, until: time.Date(2013, 6, 7, 0, 0, 0, 0, time.UTC)}
	shelves["iad"].mail.Grow(2 << 20) // about what it takes
	if err := first.write(&shelves["iad"].mail, 607); err != nil {
		return stageProblem(err)
	}
	for _, l := range f.Life {
		for _, service := range e.ServicesOf(l.Account) {
			region, _ := e.RegionOf(l.Account, service)
			if err := shelves[region].lay(e, l, service); err != nil {
				return err
			}
		}
	}
	for _, r := range regions {
		if err := shelves[r].write(); err != nil {
			return err
		}
	}
	return nil
}

// lay puts one service of an account on the shelf.
func (h *shelf) lay(e *estate.Estate, l life, service scope.Service) error {
	address := addressOf(e, l.Account)
	switch service {
	case scope.Records:
		h.layRecords(e, l)
	case scope.Mail:
		if l.Mail == 0 {
			return nil
		}
		to := &h.mail
		if h.region == "iad" { // its own mailbox is that of consumers
			to = &h.enterpriseMail
		}
		m := mailbox{store: "store." + h.region + ".nordwind.example", holders: []holder{{string(l.Account), address}}, messages: l.Mail,
			from: l.From.AsTime(time.UTC), until: l.Until.AsTime(time.UTC), sealed: l.Sealed}
		return m.write(to, uint64(len(address)))
	case scope.Files:
		return h.layFiles(l)
	case scope.Calls:
		return h.layCalls(l)
	case scope.Messages:
		return h.layMessages(l, address)
	}
	return nil
}

func addressOf(e *estate.Estate, account scope.AccountID) string {
	for _, a := range e.Aliases() {
		if a.Account == account && a.Kind == "address" {
			return a.Value
		}
	}
	return ""
}

func (h *shelf) layRecords(e *estate.Estate, l life) {
	holder, _ := e.Holder(l.Account)
	since := time.Time{}
	for _, a := range e.Aliases() {
		if a.Account == l.Account {
			since = a.From
		}
	}
	h.subscribers = append(h.subscribers, []string{string(l.Account), holder.Name, "1 Example Street, " + holder.Country, stamp(since)})
	at, r := l.moments("records", l.Logins)
	for _, t := range at {
		h.sessions = append(h.sessions, []string{string(l.Account), stamp(t), fmt.Sprintf("198.51.100.%d", 1+r.IntN(254)), strconv.Itoa(40000 + r.IntN(20000)), "log-in"})
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

var fileNames = []string{"Budget.csv", "Letter to the club.txt", "Minutes.txt", "Recipes.txt", "Plan of the garden.txt", "List.txt", "Draft.txt", "Notes.txt"}

func (h *shelf) layFiles(l life) error {
	at, r := l.moments("files", l.Files)
	for i, t := range at {
		body := sentences[r.IntN(len(sentences))] + "\n" + sentences[r.IntN(len(sentences))] + "\n"
		if l.Sealed {
			body = ciphertext(r, 200) + "\n"
		}
		path := h.stage.path("store-"+h.region, "files", string(l.Account), fmt.Sprintf("%d-%02d", t.Year(), t.Month()), fmt.Sprintf("%02d %s", i+1, fileNames[r.IntN(len(fileNames))]))
		if err := h.stage.write(path, []byte(body)); err != nil {
			return err
		}
		if err := os.Chtimes(path, t, t); err != nil {
			return stageProblem(err)
		}
	}
	return os.MkdirAll(h.stage.path("store-"+h.region, "files", string(l.Account)), 0o700)
}

func (h *shelf) layCalls(l life) error {
	at, r := l.moments("calls", l.Calls)
	for i, t := range at {
		name := ""
		if r.IntN(3) == 0 { // one in three was not answered
			name = fmt.Sprintf("%s-%03d.wav", l.Account, i+1)
			if err := h.stage.write(h.stage.path("store-"+h.region, "voicemail", name), sound(r)); err != nil {
				return err
			}
		}
		h.calls = append(h.calls, []string{string(l.Account), stamp(t), fmt.Sprintf("+1 555 02%02d", r.IntN(100)), "+1 555 0300", name})
	}
	return nil
}

func (h *shelf) layMessages(l life, address string) error {
	at, r := l.moments("messages", l.Messages)
	for i, t := range at {
		row := map[string]any{"account": l.Account, "id": fmt.Sprintf("m-%s-%04d", l.Account, i+1), "received": stamp(t), "sent": stamp(t), "from": correspondents[r.IntN(len(correspondents))],
			"to": []string{address}, "text": sentences[r.IntN(len(sentences))]}
		b, err := json.Marshal(row)
		if err != nil {
			return stageProblem(err)
		}
		h.messages.Write(append(b, '\n'))
	}
	return nil
}

func (h *shelf) write() error {
	files := map[string][]byte{"mail.mbox": h.mail.Bytes()}
	for name, rows := range map[string][][]string{"subscribers.csv": h.subscribers, "sessions.csv": h.sessions, "calls.csv": h.calls} {
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		if err := w.WriteAll(rows); err != nil {
			return stageProblem(err)
		}
		files[name] = b.Bytes()
	}
	if h.region == "iad" {
		files["enterprise.mbox"], files["messages.jsonl"] = h.enterpriseMail.Bytes(), h.messages.Bytes()
	} else {
		delete(files, "calls.csv")
	}
	for name, b := range files {
		if err := h.stage.write(h.stage.path("store-"+h.region, name), b); err != nil {
			return err
		}
	}
	return os.MkdirAll(h.stage.path("store-"+h.region, "files"), 0o700)
}

// ciphertext stands for what an owner encrypted before it came to Nordwind: nobody
// here can say more of it than its length.
func ciphertext(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	s := base64.StdEncoding.EncodeToString(b)
	var out strings.Builder
	out.WriteString("-----BEGIN ENCRYPTED-----\n")
	for len(s) > 64 {
		out.WriteString(s[:64] + "\n")
		s = s[64:]
	}
	out.WriteString(s + "\n-----END ENCRYPTED-----")
	return out.String()
}

// sound is a twentieth of a second of noise, as WAV: 8 kHz, 8 bits, one channel.
func sound(r *rand.Rand) []byte {
	const rate, samples = 8000, 400
	var b bytes.Buffer
	le := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) }
	b.WriteString("RIFF")
	le(uint32(36 + samples))
	b.WriteString("WAVEfmt ")
	for _, v := range []any{uint32(16), uint16(1), uint16(1), uint32(rate), uint32(rate), uint16(1), uint16(8)} {
		le(v)
	}
	b.WriteString("data")
	le(uint32(samples))
	for range samples {
		b.WriteByte(byte(120 + r.IntN(16)))
	}
	return b.Bytes()
}
