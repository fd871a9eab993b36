package staff

import (
	"context"
	"mime"
	"net/http"
	"regexp"
	"strconv"

	"counterseal/internal/problem"
	"counterseal/internal/web/ui"
)

// Documents gives the documents beside a demand.
type Documents interface {
	// Document reads one, made inert. What is not for the reader to see is an error
	// of kind problem.Missing.
	Document(ctx context.Context, reader, demand, digest string) (Document, error)
	// File gives its bytes, or those of its nth attachment from 1 on.
	File(ctx context.Context, reader, demand, digest string, attachment int) (File, error)
}

// Document is one document as it can be shown: its words, never its own markup.
type Document struct {
	Name        string
	Kind        string // by its bytes: mail, pdf, text, html, image …
	Size        int
	Digest      string // SHA-256 of the bytes as they came
	Facts       []Datum
	Text        string // inert
	Cut         bool   // there is more than is shown
	Remarks     []string
	PDF         bool // it can be shown in a frame
	Attachments []Document
}

// Bytes is the size, as pages write numbers.
func (d Document) Bytes() uint64 { return uint64(max(d.Size, 0)) }

// File is bytes that leave as they came.
type File struct {
	Name  string
	PDF   bool // by its bytes
	Bytes []byte
}

var digest = regexp.MustCompile(`^[0-9a-f]{64}$`)

// framing lets the page of a document hold one frame, of our own.
const framing = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// inert lets a file do nothing at all, and be framed by us alone. A PDF is not
// sandboxed by its own header: a browser would then refuse to draw it.
const inert = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"

func (p *Pages) document(w http.ResponseWriter, r *http.Request) {
	here, id := p.here(r), r.PathValue("id")
	here.Place = append(here.Place, ui.Crumb{Name: "Document"})
	if here.Reader == "" || !streamOf("demand", id) || !digest.MatchString(r.PathValue("digest")) {
		p.frame.Absent(w, here)
		return
	}
	d, err := p.out.Files.Document(r.Context(), here.Reader, id, r.PathValue("digest"))
	if err != nil {
		p.orAbsent(w, here, err)
		return
	}
	here.Title = "Document of " + id
	here.Place[1] = ui.Crumb{Name: id, Href: "/demand/" + id}
	p.frame.ShowUnder(w, http.StatusOK, framing, "document.html", here, p.clock(), struct {
		Document
		Demand string
	}{d, id})
}

// orAbsent answers for what is missing or refused as absent, and else with the
// problem.
func (p *Pages) orAbsent(w http.ResponseWriter, here ui.Page, err error) {
	if k := problem.Of(err).Kind; k == problem.Missing || k == problem.Refused {
		p.frame.Absent(w, here)
		return
	}
	p.frame.Problem(w, 0, here, err)
}

// file gives bytes away as a download, whatever they are; a PDF also to the frame
// that asks for it.
func (p *Pages) file(w http.ResponseWriter, r *http.Request) {
	here, id := p.here(r), r.PathValue("id")
	n, err := whole(r.URL.Query(), "attachment")
	if here.Reader == "" || !streamOf("demand", id) || !digest.MatchString(r.PathValue("digest")) || err != nil {
		p.frame.Absent(w, here)
		return
	}
	f, err := p.out.Files.File(r.Context(), here.Reader, id, r.PathValue("digest"), int(n))
	if err != nil {
		p.orAbsent(w, here, err)
		return
	}
	ui.Headers(w)
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	shown := "attachment"
	if f.PDF && r.URL.Query().Get("in") == "frame" {
		h.Set("Content-Type", "application/pdf")
		h.Set("Content-Security-Policy", inert)
		shown = "inline"
	} else {
		h.Set("Content-Security-Policy", "sandbox; "+inert)
	}
	h.Set("Content-Disposition", mime.FormatMediaType(shown, map[string]string{"filename": f.Name}))
	h.Set("Content-Length", strconv.Itoa(len(f.Bytes)))
	w.Write(f.Bytes)
}
