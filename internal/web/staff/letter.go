package staff

import (
	"context"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/web/ui"
)

// Letters writes to whoever makes a demand.
type Letters interface {
	// LetterKinds lists the letters that there are, those first that fit the record.
	// What is not for the reader to see is an error of kind problem.Missing.
	LetterKinds(ctx context.Context, reader, demand string) (LetterKinds, error)
	// Letter writes one from the record. It records nothing and sends nothing. What
	// the record lacks is Lacks and no error; what is not for the reader to see, and a
	// letter that there is not, are errors of kind problem.Missing.
	Letter(ctx context.Context, reader string, a LetterAsked) (Letter, error)
	// SendLetter sends it once, however often the same form is sent, and only as the
	// reader saw the demand, or gives ErrChanged. It says which message of the thread
	// the letter is.
	SendLetter(ctx context.Context, reader string, s LetterSending) (message int, err error)
}

// LetterKinds are the letters of one demand.
type LetterKinds struct {
	Title string // of the demand
	Fit   []LetterKind
	Other []LetterKind
}

// LetterKind is one of ui.Letters, and what in the record points to it; "" for
// nothing.
type LetterKind struct {
	Kind, Why string
	Sent      time.Time // when one last went; zero: none has
	Message   int       // which message of the thread that is
}

// LetterAsked is what somebody asks to have written.
type LetterAsked struct {
	Demand, Kind string
	Stated       map[string][]string // what a person adds to the record
	Wording      string              // in their own words; "": as the record has it
	Written      time.Time           // when the draft that they read was written; zero: now
}

// Letter is one as it would go.
type Letter struct {
	Kind     string
	Title    string // of the demand
	To       string
	Language string
	Seen     uint64 // the last event that it rests on
	Written  time.Time
	Sent     time.Time // when one of this kind last went; zero: none has
	Message  int       // which message of the thread that is
	Fields   []Field
	Wording  string
	Blocks   []LetterBlock // the wording as it will look
	Grounds  []Ground
	MaySend  bool  // the reader's seats may
	Counsel  bool  // what they change is kept among the privileged notes
	Lacks    error // what the record lacks for it; nil: nothing
	Wrong    error // why the reader's own words cannot be taken; nil: they can
	History  []Event
}

// LetterBlock is a title, a heading, a list or a paragraph of a letter.
type LetterBlock struct {
	Title, Heading, Text string
	List                 []string
}

// Ground is a sentence of a letter and what it rests on.
type Ground struct {
	Text, Cite string
	Rule       string // of the finding; "" where a person said it
	Href       string
}

// LetterSending is a form that sends a letter.
type LetterSending struct {
	LetterAsked
	Seen    uint64
	Command [16]byte
}

// SentLetter is a letter of ours in the thread.
type SentLetter struct {
	Message  int
	Kind, To string
	By       string // mail, or post: it waits in the spool
}

// maxWording bounds what a person writes, as a letter does.
const maxWording = 16 << 10

// letterName is the widest form that the name of a letter may have.
var letterName = regexp.MustCompile(`^[a-z-]{1,40}$`)

// letterPage is what the page of a letter shows.
type letterPage struct {
	Letter
	Demand, At, Command string
	Act, Zone           string // for the fields
	Stated              []Field
	Lack                *ui.Trouble
	Trouble             *Told
}

// letterPlace does not know which demand was asked for.
func (p *Pages) letterPlace(r *http.Request) ui.Page {
	return p.page(r, "Letter", ui.Crumb{Name: "Queue", Href: "/queue"}, ui.Crumb{Name: "Demand"}, ui.Crumb{Name: "Letter"})
}

func (p *Pages) letters(w http.ResponseWriter, r *http.Request) {
	here, id := p.letterPlace(r), r.PathValue("id")
	if here.Reader == "" || !streamOf("demand", id) {
		p.frame.Absent(w, here)
		return
	}
	kinds, err := p.out.Letters.LetterKinds(r.Context(), here.Reader, id)
	if err != nil {
		p.orAbsent(w, here, err)
		return
	}
	here.Title = "Write a letter"
	here.Place[1], here.Place[2].Name = ui.Crumb{Name: id, Href: "/demand/" + id}, here.Title
	p.frame.Show(w, http.StatusOK, "letters.html", here, p.clock(), struct {
		LetterKinds
		Demand string
	}{kinds, id})
}

func (p *Pages) letter(w http.ResponseWriter, r *http.Request) {
	l, ok := p.letterOf(w, r, LetterAsked{})
	if ok {
		p.showLetter(w, r, l, LetterSending{}, nil)
	}
}

// letterOf has a letter written, or answers why there is none. It is asked before a
// form is read.
func (p *Pages) letterOf(w http.ResponseWriter, r *http.Request, a LetterAsked) (Letter, bool) {
	here, id, kind := p.letterPlace(r), r.PathValue("id"), r.PathValue("kind")
	if here.Reader == "" || !streamOf("demand", id) || !letterName.MatchString(kind) {
		p.frame.Absent(w, here)
		return Letter{}, false
	}
	a.Demand, a.Kind = id, kind
	l, err := p.out.Letters.Letter(r.Context(), here.Reader, a)
	if err != nil {
		p.orAbsent(w, here, err)
		return Letter{}, false
	}
	return l, true
}

// write takes a form of a letter's page: to write it again, to show it in the
// reader's own words, or to send it.
func (p *Pages) write(w http.ResponseWriter, r *http.Request) {
	l, ok := p.letterOf(w, r, LetterAsked{})
	if !ok {
		return
	}
	s, do, err := readLetter(w, r, l)
	s.Demand, s.Kind = r.PathValue("id"), r.PathValue("kind")
	if err == nil && do == "send" {
		var message int
		message, err = p.out.Letters.SendLetter(r.Context(), p.out.Reader(r), s)
		if err == nil {
			see(w, "/demand/"+s.Demand+"?sent="+strconv.Itoa(message))
			return
		}
	}
	l, ok = p.letterOf(w, r, s.LetterAsked)
	if !ok {
		return
	}
	if err == nil {
		err = l.Wrong
	}
	p.showLetter(w, r, l, s, err)
}

// showLetter draws a letter with its forms, and why nothing was sent.
func (p *Pages) showLetter(w http.ResponseWriter, r *http.Request, l Letter, s LetterSending, failed error) {
	here, id := p.letterPlace(r), r.PathValue("id")
	here.Title = p.words.Of(ui.Letters, l.Kind)
	here.Place[1], here.Place[2].Name = ui.Crumb{Name: id, Href: "/demand/" + id}, here.Title
	page := letterPage{Letter: l, Demand: id, At: "/demand/" + id + "/letter/" + l.Kind, Act: "letter." + l.Kind, Zone: p.out.Zone.String()}
	for _, f := range l.Fields {
		if len(f.Values) > 0 {
			page.Stated = append(page.Stated, f)
		}
	}
	var err error
	page.Command, err = newCommand(p.out.Random)
	if err != nil {
		p.frame.Problem(w, 0, here, err)
		return
	}
	if l.Lacks != nil {
		lack := ui.TroubleOf(l.Lacks)
		page.Lack = &lack
	}
	status := http.StatusOK
	if failed != nil {
		t := trouble{err: failed, seen: s.Seen}
		status, page.Trouble = t.on(Demand{History: l.History})
		page.Trouble.Not = "not sent"
		// Where nobody knows whether it went, the same form again is the same letter.
		e := problem.Of(failed)
		unsure := e.Code == "notice.unknown"
		if unsure {
			page.Trouble.Kept = "It may have gone; it is not recorded yet. To send the same form again does no harm."
		}
		if s.Seen > 0 && (unsure || e.Kind == problem.Unavailable || e.Kind == problem.Internal) {
			page.Seen, page.Command = s.Seen, hex.EncodeToString(s.Command[:])
		}
	}
	p.frame.Show(w, status, "letter.html", here, p.clock(), page)
}

// readLetter reads a form of a letter's page against what the letter takes. What was
// typed is given back even where the form cannot be taken. Codes: staff.form,
// staff.too_long.
func readLetter(w http.ResponseWriter, r *http.Request, l Letter) (LetterSending, string, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	f := r.PostForm
	s := LetterSending{LetterAsked: LetterAsked{Stated: map[string][]string{}}}
	for _, x := range l.Fields {
		x.Values = f[fieldPrefix+x.Name]
		if v := joined(x); len(v) > 0 {
			s.Stated[x.Name] = v
		}
	}
	do := f.Get("do")
	if do != "write" { // which writes it as the record has it
		s.Wording = strings.ReplaceAll(f.Get("wording"), "\r\n", "\n")
	}
	if err != nil {
		return s, do, unread(err, againLetter)
	}
	if do != "write" && do != "show" && do != "send" {
		return s, do, badForm("do", againLetter)
	}
	err = knownToLetter(f, l)
	if err == nil && do != "write" {
		err = readSending(f, &s)
	}
	return s, do, err
}

const againLetter = "open the letter again and use the form that is there"

// knownToLetter asks that a form has what this letter takes and nothing else.
func knownToLetter(f url.Values, l Letter) error {
	several := map[string]bool{"do": false, "seen": false, "command": false, "written": false, "wording": false}
	for _, x := range l.Fields {
		several[fieldPrefix+x.Name] = x.Many || x.Kind == "text"
	}
	for key, values := range f {
		many, takes := several[key]
		if !takes || len(values) > 1 && !many || len(values) > maxAccounts {
			return badForm("a field that this form does not have", againLetter)
		}
	}
	return nil
}

// readSending reads what a letter that was shown carries.
func readSending(f url.Values, s *LetterSending) error {
	if len(s.Wording) > maxWording {
		return problem.New(problem.Invalid, "staff.too_long", "a letter takes at most %d bytes", maxWording).At("%d bytes", len(s.Wording)).Fix("say it shorter")
	}
	if strings.TrimSpace(s.Wording) == "" {
		return badForm("the wording", "write the letter, or have it written again from the record")
	}
	var err error
	s.Seen, err = whole(f, "seen")
	if err != nil {
		return err
	}
	id, err := hex.DecodeString(f.Get("command"))
	if err != nil || len(id) != len(s.Command) || s.Seen == 0 {
		return badForm("command", againLetter)
	}
	copy(s.Command[:], id)
	s.Written, err = time.Parse(time.RFC3339Nano, f.Get("written"))
	if err != nil {
		return badForm("written", againLetter)
	}
	return nil
}

// sentIn is the letter that the address says the reader has just sent, or nil.
func sentIn(r *http.Request, d Demand) *SentLetter {
	n := r.URL.Query().Get("sent")
	if n == "" || r.Method != http.MethodGet {
		return nil
	}
	for i := range d.Letters {
		if strconv.Itoa(d.Letters[i].Message) == n {
			return &d.Letters[i]
		}
	}
	return nil
}
