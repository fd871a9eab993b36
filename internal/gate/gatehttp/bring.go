package gatehttp

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// The body of an upload is the files of the announced export, one behind the
// other in the order of the manifest, as application/octet-stream. Nothing in it
// says how long a file is: the manifest does.

// patience is how long an upload may stand still.
const patience = time.Minute

// drained is how much of a refused upload is still read, so that the refusal
// reaches whoever is writing.
const drained = 64 << 20

func (s server) bring(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Content-Type") != "application/octet-stream" {
		s.refuse(w, malformed("the body is application/octet-stream"))
		return
	}
	body := &unhurried{r.Body, http.NewResponseController(w)}
	out, err := s.desk.BringExport(r.Context(), r.PathValue("id"), body)
	if err != nil {
		_, _ = io.CopyN(io.Discard, body, drained)
	}
	s.reply(w, out, err)
}

// unhurried lets a body take as long as it needs while it moves: the server's
// own limit is for the bodies that are read whole.
type unhurried struct {
	io.Reader
	control *http.ResponseController
}

func (u *unhurried) Read(p []byte) (int, error) {
	if err := u.control.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	return u.Reader.Read(p)
}

func (c *Client) AnnounceExport(ctx context.Context, manifest grant.Signed) (gate.Export, error) {
	return ask[gate.Export](ctx, c, "POST", "/v1/exports", signedRequest(manifest))
}

// BringExport streams; memory does not grow with the export.
func (c *Client) BringExport(ctx context.Context, export string, files io.Reader) (gate.Export, error) {
	r, err := http.NewRequestWithContext(ctx, "PUT", c.base+"/v1/exports/"+url.PathEscape(export)+"/files", nil)
	if err != nil {
		return gate.Export{}, unreachable(err)
	}
	r.Header.Set("Content-Type", "application/octet-stream")
	sent := &failing{Reader: files}
	r.Body = io.NopCloser(sent)
	resp, err := c.send(r)
	if sent.err != nil { // what could not be read here is told as it is
		if err == nil {
			resp.Body.Close()
		}
		return gate.Export{}, sent.err
	}
	if err != nil {
		return gate.Export{}, err
	}
	return answer[gate.Export](resp)
}

// failing remembers the problem with which its reader ended.
type failing struct {
	io.Reader
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if err != nil && err != io.EOF && problem.Code(err) != "internal.unexpected" {
		f.err = err
	}
	return n, err
}

func (c *Client) Exports(ctx context.Context) ([]gate.Export, error) {
	return ask[[]gate.Export](ctx, c, "GET", "/v1/exports", nil)
}

func (c *Client) ExportText(ctx context.Context, export string) ([]byte, error) {
	return c.bytes(ctx, "GET", "/v1/exports/"+url.PathEscape(export)+"/text", nil)
}

func (c *Client) Called(ctx context.Context, s grant.Signed) (gate.HeldCall, error) {
	return ask[gate.HeldCall](ctx, c, "POST", "/v1/calls", signedRequest(s))
}

func (c *Client) Calls(ctx context.Context, demand string) ([]gate.HeldCall, error) {
	return ask[[]gate.HeldCall](ctx, c, "GET", "/v1/calls?demand="+url.QueryEscape(demand), nil)
}

func (c *Client) CallText(ctx context.Context, call string) ([]byte, error) {
	return c.bytes(ctx, "GET", "/v1/calls/"+url.PathEscape(call)+"/text", nil)
}
