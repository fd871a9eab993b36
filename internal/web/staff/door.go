package staff

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"

	"counterseal/internal/problem"
	"counterseal/internal/web/ui"
)

// Door takes a document in as a demand that nobody has read yet.
type Door interface {
	// Take gives the case number. Name is as the sender says and is never opened.
	Take(ctx context.Context, reader, name string, r io.Reader) (id string, err error)
}

// Sheets reads a table of past demands: first what would become of each row, then,
// on a second word, takes in those that are right.
type Sheets interface {
	Judge(ctx context.Context, reader, name string, table []byte) (Verdicts, error)
	Import(ctx context.Context, reader string, command [16]byte, name string, table []byte) (Verdicts, error)
}

// Verdicts are what becomes of a table's rows.
type Verdicts struct {
	Columns []string
	Rows    []Verdict // those that need a person's look, at most a few hundred
	Good    int       // rows that are or were taken in
	Again   int       // that are on file already
	Wrong   int
	More    bool // there are other rows that need a look
	Digest  string
	Done    bool
}

// Verdict is one row of a table.
type Verdict struct {
	Line   int
	State  string // ui.Filters: malformed, conflict, duplicate
	Faults []string
	Cells  []string
}

// drop takes one file that was dropped on the queue.
func (p *Pages) drop(w http.ResponseWriter, r *http.Request) {
	here := p.page(r, "Queue", ui.Crumb{Name: "Queue", Href: "/queue"}, ui.Crumb{Name: "Take in"})
	if here.Reader == "" {
		p.frame.Absent(w, here)
		return
	}
	u, err := p.oneFile(w, r)
	if err != nil {
		p.frame.Problem(w, 0, here, err)
		return
	}
	leave, err := p.place(w)
	if err != nil {
		p.frame.Problem(w, 0, here, err)
		return
	}
	defer leave()
	id, err := p.out.Door.Take(r.Context(), here.Reader, u.name, u.part)
	if err != nil {
		p.frame.Problem(w, 0, here, uploaded(err))
		return
	}
	see(w, "/demand/"+id)
}

type onePart struct {
	name string
	part io.Reader
}

// oneFile is the file of a form that has nothing else.
func (p *Pages) oneFile(w http.ResponseWriter, r *http.Request) (onePart, error) {
	r.Body = http.MaxBytesReader(w, r.Body, MaxUpload+1<<16)
	parts, err := r.MultipartReader()
	if err != nil {
		return onePart{}, badForm("the whole form", again)
	}
	part, err := parts.NextPart()
	if errors.Is(err, io.EOF) {
		return onePart{}, noFile()
	}
	if err != nil {
		return onePart{}, uploadProblem(err)
	}
	if part.FormName() != "file" || part.FileName() == "" {
		return onePart{}, noFile()
	}
	return onePart{part.FileName(), part}, nil
}

// commandOf draws the id of an act from the bytes that it is about.
func commandOf(b []byte) (id [16]byte) {
	sum := sha256.Sum256(b)
	copy(id[:], sum[:])
	return id
}

func noFile() error {
	return problem.New(problem.Invalid, "staff.empty", "this file is empty").Fix("choose the file again")
}

// uploaded names the bound where a document was too large for it.
func uploaded(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return uploadProblem(err)
	}
	return err
}

func (p *Pages) sheet(w http.ResponseWriter, r *http.Request) {
	here := p.sheetPlace(r)
	if here.Reader == "" {
		p.frame.Absent(w, here)
		return
	}
	p.frame.Show(w, http.StatusOK, "import.html", here, p.clock(), Verdicts{})
}

func (p *Pages) sheetPlace(r *http.Request) ui.Page {
	return p.page(r, "Past demands", ui.Crumb{Name: "Registers", Href: "/registers"}, ui.Crumb{Name: "Past demands"})
}

// takeSheet judges a table; where the form says so as well, it takes in the rows
// that are right. The id of that is drawn from the table's own digest, so that the
// same table again is the same act.
func (p *Pages) takeSheet(w http.ResponseWriter, r *http.Request) {
	here := p.sheetPlace(r)
	if here.Reader == "" {
		p.frame.Absent(w, here)
		return
	}
	f := Form{Fields: []Field{{Name: "table", Kind: "document"}, {Name: "take", Kind: "yes"}}}
	typed, files, err := p.readBody(w, r, f)
	if err != nil {
		p.frame.Problem(w, 0, here, err)
		return
	}
	u, there := files["table"]
	if !there {
		p.frame.Problem(w, 0, here, noFile())
		return
	}
	var v Verdicts
	if typed.Get(fieldPrefix+"take") == "yes" {
		v, err = p.out.Sheets.Import(r.Context(), here.Reader, commandOf(u.Bytes), u.Name, u.Bytes)
	} else {
		v, err = p.out.Sheets.Judge(r.Context(), here.Reader, u.Name, u.Bytes)
	}
	if err != nil {
		p.frame.Problem(w, 0, here, err)
		return
	}
	p.frame.Show(w, http.StatusOK, "import.html", here, p.clock(), v)
}
