package staff

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"counterseal/internal/problem"
)

// Bounds of what comes with a form.
const (
	MaxUpload  = 63 << 20 // bytes of one document
	maxFields  = 512      // of a form with a document
	maxUploads = 2        // that are read at the same time
)

// readBody reads a form, with its documents where it asks for any. Nothing is
// written to a disk here: a document goes from the wire to whoever keeps it.
func (p *Pages) readBody(w http.ResponseWriter, r *http.Request, f Form) (url.Values, map[string]Upload, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return url.Values{}, nil, badForm("the whole form", again)
	}
	if kind != "multipart/form-data" {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			return r.PostForm, nil, unread(err, again)
		}
		return r.PostForm, nil, known(f, r.PostForm)
	}
	r.Body = http.MaxBytesReader(w, r.Body, MaxUpload+1<<20)
	parts, err := r.MultipartReader()
	if err != nil {
		return url.Values{}, nil, badForm("the whole form", again)
	}
	typed, files := url.Values{}, map[string]Upload{}
	err = p.readParts(w, parts, f, typed, files)
	if err == nil {
		err = known(f, typed)
	}
	return typed, files, err
}

func (p *Pages) readParts(w http.ResponseWriter, parts *multipart.Reader, f Form, typed url.Values, files map[string]Upload) error {
	size := 0
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return uploadProblem(err)
		}
		if n == maxFields {
			return badForm("a field too many", again)
		}
		if part.FileName() != "" {
			if err := p.readFile(w, part, f, files); err != nil {
				return err
			}
			continue
		}
		b, err := io.ReadAll(io.LimitReader(part, maxForm+1))
		if err != nil {
			return uploadProblem(err)
		}
		if size += len(b); size > maxForm {
			return badForm("the whole form", again)
		}
		if isDocument(f, part.FormName()) && len(b) == 0 {
			continue // the browser sends an empty part where no file was chosen
		}
		typed.Add(part.FormName(), string(b))
	}
}

func isDocument(f Form, field string) bool {
	for _, x := range f.Fields {
		if x.Kind == "document" && fieldPrefix+x.Name == field {
			return true
		}
	}
	return false
}

func (p *Pages) readFile(w http.ResponseWriter, part *multipart.Part, f Form, files map[string]Upload) error {
	if !isDocument(f, part.FormName()) || len(files) > 0 {
		return badForm("a file that this form does not ask for", again)
	}
	b, err := p.bytesOf(w, part)
	if err != nil {
		return err
	}
	files[part.FormName()[len(fieldPrefix):]] = Upload{Name: part.FileName(), MediaType: part.Header.Get("Content-Type"), Bytes: b}
	return nil
}

// busyFor is after how long who was refused with staff.busy may try again.
const busyFor = 5 * time.Second

// place is one among those who are sending a document; where there is none, the answer
// says when to ask again. Code: staff.busy.
func (p *Pages) place(w http.ResponseWriter) (leave func(), err error) {
	select {
	case p.uploads <- struct{}{}:
		return func() { <-p.uploads }, nil
	default:
		w.Header().Set("Retry-After", strconv.Itoa(int(busyFor/time.Second)))
		return nil, problem.New(problem.Unavailable, "staff.busy", "others are sending documents just now").Fix("send it again in a minute")
	}
}

// bytesOf reads one document whole. Few are read at the same time, so that memory
// stays bounded whoever sends them.
func (p *Pages) bytesOf(w http.ResponseWriter, r io.Reader) ([]byte, error) {
	leave, err := p.place(w)
	if err != nil {
		return nil, err
	}
	defer leave()
	b, err := io.ReadAll(io.LimitReader(r, MaxUpload+1))
	if err != nil {
		return nil, uploadProblem(err)
	}
	if len(b) > MaxUpload {
		return nil, problem.New(problem.Invalid, "staff.upload", "a document has at most %d MiB", MaxUpload>>20).Fix("divide it, or hand it in on the command line")
	}
	if len(b) == 0 {
		return nil, problem.New(problem.Invalid, "staff.empty", "this file is empty").Fix("choose the file again")
	}
	return b, nil
}

// unread is why a form cannot be read: what it came through says it, where it does.
func unread(err error, fix string) error {
	if said := (*problem.Error)(nil); errors.As(err, &said) {
		return said
	}
	return badForm("the whole form", fix)
}

func uploadProblem(err error) error {
	if said := (*problem.Error)(nil); errors.As(err, &said) {
		return said
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return problem.New(problem.Invalid, "staff.upload", "a document has at most %d MiB", MaxUpload>>20).Fix("divide it, or hand it in on the command line")
	}
	return problem.New(problem.Invalid, "staff.broken_off", "the form did not come whole").Fix("send it again").Because(err)
}
