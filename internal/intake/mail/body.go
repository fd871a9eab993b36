package mail

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/emersion/go-message/charset"
	"github.com/jhillyerd/enmime/v2"
	"github.com/jhillyerd/enmime/v2/mediatype"

	"counterseal/internal/intake/paper"
)

const (
	maxMarks = 20_000 // lines that could divide parts
	// Each body inside a body is read once more by the one around it, so a large mail
	// may have fewer: text, layout and pictures in a mail with attachments take three.
	maxMultiparts = 12
	fewMultiparts = 5
	multipartWork = 192 << 20 // bytes
	maxMediaType  = 16 << 10  // bytes of a Content-Type or Content-Disposition
	maxBoundary   = 200       // RFC 2046 allows 70
	asItIs        = "x-as-it-is"
)

// body finds the letter's text and its attachments.
func (l *Letter) body(ctx context.Context, original []byte, o Options) {
	parts, err := l.parts(ctx, original)
	switch {
	case errors.Is(err, errEnded):
		l.remark("mail.interrupted", "")
	case err != nil:
		l.remark("mail.body_unreadable", "")
	}
	var plain, layout []string
	for _, p := range parts {
		isText := p.Disposition != "attachment" && p.FileName == ""
		switch {
		case isText && (p.ContentType == "text/plain" || p.ContentType == "" || len(parts) == 1 && strings.HasPrefix(p.ContentType, "multipart/")):
			plain = append(plain, l.text(p))
		case isText && p.ContentType == "text/html":
			text, remarks := paper.HTML(l.text(p))
			layout = append(layout, text)
			l.adopt(remarks)
		case len(l.Attachments) == MaxAttachments:
			l.remark("mail.attachments_cut", "")
		default:
			l.attach(ctx, p, o.Open)
		}
	}
	if len(parts) == 0 {
		plain = []string{rest(original)}
	}
	l.Text, l.Layout = l.inert(plain), l.inert(layout)
	switch {
	case l.Text == "":
		l.Text, l.Layout = l.Layout, ""
	case l.Layout != "":
		l.remark("mail.alternatives", "")
	}
}

// rest is what follows the header, for a body that cannot be taken apart.
func rest(original []byte) string {
	for _, end := range []string{"\r\n\r\n", "\n\n"} {
		if i := bytes.Index(original, []byte(end)); i >= 0 {
			b := original[i+len(end):]
			return strings.ToValidUTF8(string(b[:min(len(b), 2*paper.MaxText)]), "\uFFFD")
		}
	}
	return ""
}

func (l *Letter) inert(texts []string) string {
	text, unseen := paper.Inert(strings.Join(texts, "\n\n"), paper.MaxText)
	l.adopt(unseen.Remarks(""))
	return strings.TrimSpace(text)
}

func (l *Letter) adopt(remarks []paper.Remark) {
	for _, r := range remarks {
		l.remark(r.Code, r.Where)
	}
}

func (l *Letter) attach(ctx context.Context, p *enmime.Part, open paper.Opener) {
	l.Attachments = append(l.Attachments, Attachment{Paper: paper.Read(ctx, p.FileName, p.ContentType, p.Content, open), Bytes: p.Content})
}

// text gives a part's words in UTF-8, by the character set that it names.
func (l *Letter) text(p *enmime.Part) string {
	b := paper.Head(p.Content, 8*paper.MaxText)
	_, params, _, err := mediatype.Parse(p.Header.Get("Content-Type"))
	name := strings.ToLower(strings.TrimSpace(params["charset"]))
	if err == nil && name != "" && name != "us-ascii" && name != "utf-8" {
		if r, err := charset.Reader(name, bytes.NewReader(b)); err == nil {
			if out, err := io.ReadAll(r); err == nil {
				return string(out)
			}
		}
		l.remark("paper.encoding", "")
	}
	return readable(string(b))
}

var (
	errEnded = errors.New("the context ended")
	errParts = errors.New("more lines than can be parts")
)

// parts takes the mail apart into the parts that hold something. What the library
// does not bound is bounded here: lines that could divide, bodies inside bodies, the
// length of what describes a part, and time, through the reader that it is fed from.
func (l *Letter) parts(ctx context.Context, original []byte) (parts []*enmime.Part, err error) {
	if marks(original) > maxMarks {
		return nil, errParts
	}
	defer func() {
		if recover() != nil { // a defect of the library must not take the program with it
			parts, err = nil, errParts
		}
	}()
	types := typeReader{letter: l, most: max(fewMultiparts, min(maxMultiparts, multipartWork/len(original)))}
	parser := enmime.NewParser(enmime.SetCustomParseMediaType(types.read), enmime.SkipMalformedParts(true), enmime.MaxStoredPartErrors(20),
		enmime.MultipartWOBoundaryAsSinglePart(true), enmime.DisableCharacterDetection(true), enmime.SetReadPartErrorPolicy(keepWhatWasRead))
	in := stoppable{ctx, bytes.NewReader(original)}
	root, err := parser.ReadParts(&in)
	if ctx.Err() != nil {
		return nil, errEnded
	}
	if err != nil {
		return nil, err
	}
	l.leaves(root, &parts)
	return parts, nil
}

// leaves lists the parts that hold something, in order.
func (l *Letter) leaves(p *enmime.Part, out *[]*enmime.Part) {
	if len(bytes.TrimSpace(p.Epilogue)) > 0 {
		l.remark("mail.outside", "")
	}
	if p.FirstChild == nil {
		if len(p.Content) > 0 || p.FileName != "" {
			*out = append(*out, p)
		}
		return
	}
	for c := p.FirstChild; c != nil; c = c.NextSibling {
		l.leaves(c, out)
	}
}

// marks counts the lines that could divide parts: two hyphens at most two bytes
// after a line's beginning.
func marks(b []byte) int {
	n := 0
	for len(b) > 0 {
		if bytes.Contains(b[:min(len(b), 4)], []byte("--")) {
			n++
		}
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			break
		}
		b = b[i+1:]
	}
	return n
}

func keepWhatWasRead(_ *enmime.Part, err error) bool { return enmime.IsBase64CorruptInputError(err) }

// typeReader reads media types for the library. Only a multipart may have a
// boundary, only so many may, and no text is converted: a character set is applied
// when the text is shown, so that attachments keep their bytes.
type typeReader struct {
	letter *Letter
	most   int
	seen   int // the outermost is asked for twice
}

func (t *typeReader) read(value string) (string, map[string]string, []string, error) {
	if len(value) > maxMediaType {
		value = "application/octet-stream"
	}
	media, params, bad, err := mediatype.Parse(value)
	if err != nil {
		media, params, err = "application/octet-stream", nil, nil
	}
	if params == nil {
		params = map[string]string{}
	}
	if boundary := params["boundary"]; boundary != "" {
		t.seen++
		switch {
		case !strings.HasPrefix(media, "multipart/"):
			delete(params, "boundary")
		case t.seen > t.most || len(boundary) > maxBoundary:
			delete(params, "boundary")
			t.letter.remark("mail.multiparts", "")
		}
	}
	if strings.HasPrefix(media, "text/") {
		params["charset"] = asItIs
	}
	return media, params, bad, err
}

type stoppable struct {
	ctx  context.Context
	from io.Reader
}

func (s *stoppable) Read(b []byte) (int, error) {
	if s.ctx.Err() != nil {
		return 0, errEnded
	}
	return s.from.Read(b)
}
