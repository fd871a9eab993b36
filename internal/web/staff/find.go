package staff

import (
	"context"
	"net/http"
	"strings"

	"counterseal/internal/web/ui"
)

// Finder looks demands up by exact terms: a case number, an instrument's number,
// an agency. What is under court seal is found by its case number alone, by a
// member.
type Finder interface {
	Find(ctx context.Context, reader, term, after string) (Found, error)
}

// Found is what was found so far.
type Found struct {
	Rows []Row
	Read int    // rows that were looked at
	Next string // from where to look on; "" where all was looked at
}

// maxTerm bounds what is looked for, in bytes.
const maxTerm = 200

func (p *Pages) find(w http.ResponseWriter, r *http.Request) {
	here := p.page(r, "Find", ui.Crumb{Name: "Find"})
	term, after := strings.TrimSpace(r.URL.Query().Get("q")), r.URL.Query().Get("after")
	if here.Reader == "" || len(term) > maxTerm || len(after) > 200 {
		p.frame.Absent(w, here)
		return
	}
	for i := range here.Nav {
		if here.Nav[i].Href == "/find" {
			here.Nav[i].Href = ""
		}
	}
	var f Found
	if term != "" {
		var err error
		f, err = p.out.Search.Find(r.Context(), here.Reader, term, after)
		if err != nil {
			p.frame.Problem(w, 0, here, err)
			return
		}
	}
	p.frame.Show(w, http.StatusOK, "find.html", here, p.clock(), struct {
		Found
		Term, After string
	}{f, term, after})
}
