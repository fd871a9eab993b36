package pdf

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"counterseal/internal/intake/paper"
)

const (
	maxPages  = 100 // whose text is taken
	maxDepth  = 50  // of one object
	maxStream = 64 << 20
)

// Open reads a PDF in this process. It never fails and never panics; but it is
// bounded by what its library holds to alone, so bytes from outside go through
// Child.
func Open(ctx context.Context, b []byte) (found paper.Opened) {
	defer func() {
		if recover() != nil { // a defect of the library
			found.Remarks = append(found.Remarks, "paper.pdf_broken")
		}
		slices.Sort(found.Remarks)
		found.Remarks = slices.Compact(found.Remarks)
	}()
	doc, err := pdfcpu.ReadWithContext(ctx, bytes.NewReader(b), configuration())
	switch {
	case ctx.Err() != nil:
		found.Remarks = append(found.Remarks, "paper.pdf_limit")
		return found
	case err != nil && encrypted(err):
		found.Remarks = append(found.Remarks, "paper.pdf_encrypted")
		return found
	case err != nil:
		found.Remarks = append(found.Remarks, "paper.pdf_broken")
		return found
	}
	w := &walker{found: map[string]bool{}}
	for number, e := range doc.Table {
		if e == nil || e.Free || ctx.Err() != nil {
			continue
		}
		if o, err := doc.Dereference(*types.NewIndirectRef(number, 0)); err == nil { // unpacks what lies in compressed streams
			w.walk(o, 0)
		}
	}
	for code := range w.found {
		found.Remarks = append(found.Remarks, code)
	}
	found.Pages = w.pages // counted, not what the file says
	if err := doc.EnsurePageCount(); err != nil || doc.PageCount < 1 || doc.PageCount != w.pages {
		found.Remarks = append(found.Remarks, "paper.pdf_broken")
	}
	if doc.PageCount < 1 || w.pages < 1 {
		return found
	}
	found.Text = pages(ctx, doc, w.pages)
	return found
}

// noFolder keeps the library from making a folder of its own in somebody's home. It is
// what api.DisableConfigDir does; that package would bring all that writes PDFs with it.
var noFolder = sync.OnceFunc(func() { model.ConfigPath = "disable" })

func configuration() *model.Configuration {
	noFolder()
	c := model.NewDefaultConfiguration()
	c.Offline, c.ValidationMode, c.Optimize, c.OptimizeResourceDicts = true, model.ValidationRelaxed, false, false
	c.Limits.MaxStreamBytes, c.Limits.MaxDecodeBytes = maxStream, maxStream
	c.Limits.MaxObjectCount, c.Limits.MaxXRefEntries, c.Limits.MaxObjectStreamCount = 500_000, 500_000, 100_000
	return c
}

func encrypted(err error) bool {
	return errors.Is(err, pdfcpu.ErrWrongPassword) || errors.Is(err, pdfcpu.ErrUnsupportedEncryptionFeature)
}

// walker looks for names that a person should know of, compressed objects included.
type walker struct {
	found map[string]bool
	pages int
}

func (w *walker) name(s string) {
	if plain, err := types.DecodeName(s); err == nil {
		s = plain
	}
	if code := paper.Telling(s); code != "" {
		w.found[code] = true
	}
}

func (w *walker) walk(o types.Object, depth int) {
	if depth > maxDepth {
		return
	}
	switch o := o.(type) {
	case types.Name:
		w.name(o.Value())
	case types.Array:
		for _, e := range o {
			w.walk(e, depth+1)
		}
	case types.Dict:
		if depth == 0 && o["Type"] == types.Object(types.Name("Page")) {
			w.pages++
		}
		for k, v := range o {
			w.name(k)
			w.walk(v, depth+1)
		}
	case types.StreamDict:
		w.walk(o.Dict, depth+1)
	case *types.StreamDict:
		if o != nil {
			w.walk(o.Dict, depth+1)
		}
	}
}

// blankLines are those that hold spaces alone: writers move line by line over what
// is empty.
var blankLines = regexp.MustCompile(`[ \t]*\n[ \t\n]*`)

// pages takes the text of the first pages. A page that cannot be read has none.
func pages(ctx context.Context, doc *model.Context, found int) string {
	var out strings.Builder
	for n := 1; n <= min(doc.PageCount, found, maxPages) && ctx.Err() == nil && out.Len() < paper.MaxText; n++ {
		dict, _, inherited, err := doc.PageDict(n, false)
		if err != nil || dict == nil {
			continue
		}
		content, err := doc.PageContent(dict, n)
		if err != nil || len(content) > maxStream {
			continue
		}
		resources := dict["Resources"]
		if resources == nil && inherited != nil {
			resources = inherited.Resources
		}
		s := shower{fonts: fontsOf(doc, resources)}
		s.show(content)
		if text := strings.TrimSpace(blankLines.ReplaceAllString(s.out.String(), "\n")); text != "" {
			out.WriteString(text)
			out.WriteString("\n\n")
		}
	}
	return out.String()
}
