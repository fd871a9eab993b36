package gatehttp

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// The body of an upload is the files of the announced export, one behind the
// other in the order of the manifest, as application/octet-stream. Nothing in it
// says how long a file is: the manifest does.

// patience is how long the next window of an upload may take: who sends a byte now and
// then keeps no place of an export for ever.
const (
	patience = time.Minute
	window   = 64 << 10
)

// drained is how much of a refused upload is still read, so that the refusal
// reaches whoever is writing.
const drained = 64 << 20

func (s server) bring(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Content-Type") != "application/octet-stream" {
		s.refuse(w, malformed("the body is application/octet-stream"))
		return
	}
	body := &unhurried{Reader: r.Body, control: http.NewResponseController(w), patience: patience}
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
	control  *http.ResponseController
	patience time.Duration
	left     int       // of this window
	until    time.Time // when it must be there
}

func (u *unhurried) Read(p []byte) (int, error) {
	if u.left <= 0 {
		u.left, u.until = window, time.Now().Add(u.patience)
	}
	if err := u.control.SetReadDeadline(u.until); err != nil {
		return 0, err
	}
	n, err := u.Reader.Read(p)
	u.left -= n
	return n, err
}

func (c *Client) AnnounceExport(ctx context.Context, manifest grant.Signed) (gate.Export, error) {
	return ask[gate.Export](ctx, c, "POST", "/v1/exports", signedRequest(manifest))
}

// BringExport streams; memory does not grow with the export. files may still be read
// when it returns early, until that one read ends.
func (c *Client) BringExport(ctx context.Context, export string, files io.Reader) (gate.Export, error) {
	ctx, leave, err := c.attend(ctx)
	if err != nil {
		return gate.Export{}, err
	}
	defer leave()
	r, err := http.NewRequestWithContext(ctx, "PUT", c.base+"/v1/exports/"+url.PathEscape(export)+"/files", nil)
	if err != nil {
		return gate.Export{}, unreachable(err)
	}
	r.Header.Set("Content-Type", "application/octet-stream")
	body, failed := upload(ctx, files)
	r.Body = body
	resp, err := c.send(r)
	if e := failed(); e != nil { // what could not be read here is told as it is
		if err == nil {
			resp.Body.Close()
		}
		return gate.Export{}, e
	}
	if err != nil {
		return gate.Export{}, err
	}
	return answer[gate.Export](resp)
}

// upload is files as the body of a request, and the problem with which they ended.
// Before the transport returns, it waits for its own read of the body, even of a
// request that was given up. Files that say nothing more (a pipe, a mount that hangs)
// must not hold it, so they are read beside it, and the body ends with ctx.
func upload(ctx context.Context, files io.Reader) (body io.ReadCloser, failed func() error) {
	read, write := io.Pipe()
	var ended atomic.Pointer[problem.Error]
	stop := context.AfterFunc(ctx, func() { write.CloseWithError(ctx.Err()) })
	go func() {
		defer stop()
		_, err := io.Copy(write, files)
		if e := problem.Of(err); e != nil && e.Code != "internal.unexpected" {
			ended.Store(e)
		}
		write.CloseWithError(err)
	}()
	return read, func() error {
		if e := ended.Load(); e != nil {
			return e
		}
		return nil
	}
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
