package staff

import (
	"context"
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/web/ui"
)

// Registers keeps the tables of what stands beside the demands.
type Registers interface {
	// Register is a page of one of the tables, as the reader may see it.
	Register(ctx context.Context, reader string, ask RegisterAsk) (Register, error)
}

// RegisterNames are the registers, in the order in which they are listed.
var RegisterNames = []string{"duties", "contests", "secrecy", "preservation", "notices", "grants", "matters", "cases", "imports"}

// RegisterAsk is which page of which table is wanted.
type RegisterAsk struct {
	Name  string // of RegisterNames
	Show  string // one of the register's views; "" for all
	After string // Register.Next of the page before
	Large bool   // a page as large as can be, for a file
}

// Register is a page of a table.
type Register struct {
	Name    string
	Shows   []string // beside "": ui.Filters
	Columns []string
	Rows    [][]Cell
	Read    int // demands that were opened to make this page; 0: the table is read from rows
	Unread  int // among them, those that cannot be read
	Next    string
}

// Cell is one cell. At is a time, told in words on the page and as RFC 3339 in the
// file.
type Cell struct {
	Text string
	Href string
	At   time.Time
	Due  bool
	End  bool // At ends something
	Now  bool // a person is needed
	Mono bool
}

func (p *Pages) registers(w http.ResponseWriter, r *http.Request) {
	here := p.page(r, "Registers", ui.Crumb{Name: "Registers"})
	if here.Reader == "" {
		p.frame.Absent(w, here)
		return
	}
	here.Nav[1].Href = ""
	p.frame.Show(w, http.StatusOK, "registers.html", here, p.clock(), struct {
		Names  []string
		Begins bool
		Sheets bool
	}{RegisterNames, p.out.Acts != nil, p.out.Sheets != nil})
}

func (p *Pages) register(w http.ResponseWriter, r *http.Request) {
	here := p.page(r, "Register", ui.Crumb{Name: "Registers", Href: "/registers"}, ui.Crumb{Name: "Register"})
	name, file := strings.CutSuffix(r.PathValue("name"), ".csv")
	ask := RegisterAsk{Name: name, Show: r.URL.Query().Get("show"), After: r.URL.Query().Get("after"), Large: file}
	if here.Reader == "" || !slices.Contains(RegisterNames, name) || len(ask.After) > 200 || len(ask.Show) > 40 {
		p.frame.Absent(w, here)
		return
	}
	t, err := p.out.Register.Register(r.Context(), here.Reader, ask)
	if err != nil {
		p.orAbsent(w, here, err)
		return
	}
	if file {
		p.sendTable(w, r, here, ask, t)
		return
	}
	here.Title = p.words.Of(ui.Registers, name)
	here.Place[1].Name = here.Title
	p.frame.Show(w, http.StatusOK, "register.html", here, p.clock(), struct {
		Register
		Show, After string
	}{t, ask.Show, ask.After})
}

// maxFileRows bounds a table that is given away in one file; a larger one says so
// in its last row.
const maxFileRows = 50_000

// sendTable writes the whole table as CSV. Formulas are made inert: a cell that a
// spreadsheet would compute begins with an apostrophe.
func (p *Pages) sendTable(w http.ResponseWriter, r *http.Request, here ui.Page, ask RegisterAsk, t Register) {
	ui.Headers(w)
	w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	w.Header().Set("Content-Disposition", `attachment; filename="`+ask.Name+`.csv"`)
	out := csv.NewWriter(w)
	out.UseCRLF = true
	out.Write(neutral(t.Columns))
	for rows := 0; ; {
		for _, row := range t.Rows {
			out.Write(csvRow(row))
		}
		rows += len(t.Rows)
		if t.Next == "" {
			break
		}
		if rows >= maxFileRows {
			out.Write([]string{"there is more: narrow the register to a view"})
			break
		}
		ask.After = t.Next
		var err error
		t, err = p.out.Register.Register(r.Context(), here.Reader, ask)
		if err != nil {
			out.Write([]string{"broken off: " + problem.Code(err)})
			break
		}
	}
	out.Flush()
}

func csvRow(cells []Cell) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = c.Text
		if !c.At.IsZero() {
			out[i] = c.At.UTC().Format(time.RFC3339)
		}
	}
	return neutral(out)
}

// neutral puts an apostrophe before what a spreadsheet would take for a formula.
func neutral(cells []string) []string {
	out := slices.Clone(cells)
	for i, s := range out {
		if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
			out[i] = "'" + s
		}
	}
	return out
}
