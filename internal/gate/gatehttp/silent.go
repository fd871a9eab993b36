package gatehttp

import (
	"context"
	"io"
	"net/http"
	"time"
)

// attended marks a request whose answer takes as long as it takes: meanwhile attend looks
// whether the gate is there.
type attended struct{}

// patiently sends a request and gives up where the gate is silent for too long: before it
// takes the next part of the request, before the answer begins, before its next part.
func (c *Client) patiently(r *http.Request) (*http.Response, error) {
	if r.Context().Value(attended{}) != nil {
		return c.http.Do(r)
	}
	limit := c.waits.acting
	if r.Method == http.MethodGet && r.URL.Path != storesPath {
		limit = c.waits.looking
	}
	ctx, cancel := context.WithCancel(r.Context())
	s := &silence{time.AfterFunc(limit, cancel), limit}
	r = r.WithContext(ctx)
	if r.Body != nil {
		r.Body = &moved{r.Body, s}
	}
	resp, err := c.http.Do(r)
	s.Stop()
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = &part{resp.Body, s, cancel}
	return resp, nil
}

// silence ends a request when nothing has moved for its limit.
type silence struct {
	*time.Timer
	limit time.Duration
}

// moved is a request's body: what the transport takes of it has gone before.
type moved struct {
	io.ReadCloser
	silence *silence
}

func (m *moved) Read(p []byte) (int, error) {
	m.silence.Reset(m.silence.limit)
	return m.ReadCloser.Read(p)
}

// part is an answer's body. While nobody reads, nothing is waited for.
type part struct {
	io.ReadCloser
	silence *silence
	cancel  context.CancelFunc
}

func (p *part) Read(b []byte) (int, error) {
	p.silence.Reset(p.silence.limit)
	defer p.silence.Stop()
	return p.ReadCloser.Read(b)
}

func (p *part) Close() error {
	p.silence.Stop()
	defer p.cancel()
	return p.ReadCloser.Close()
}

// attend gives a context for a request that may take hours. It ends when the gate is
// not there any more, and is not given where it is not there now. leave must be called.
func (c *Client) attend(ctx context.Context) (attentive context.Context, leave context.CancelFunc, err error) {
	err = c.there(ctx, c.waits.looking)
	if err != nil {
		return nil, nil, unreachable(err)
	}
	attentive, leave = context.WithCancel(context.WithValue(ctx, attended{}, true))
	go func() {
		for {
			select {
			case <-attentive.Done():
				return
			case <-time.After(c.waits.between):
			}
			if c.there(ctx, c.waits.acting) != nil {
				leave()
				return
			}
		}
	}()
	return attentive, leave, nil
}

// attendedBody is an answer's body whose gate is looked at until it is closed.
type attendedBody struct {
	io.ReadCloser
	leave context.CancelFunc
}

func (b *attendedBody) Close() error {
	defer b.leave()
	return b.ReadCloser.Close()
}

// there asks whether the gate answers. Whatever it says will do: it is not asked anything.
func (c *Client) there(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodHead, c.base+"/v1/", nil)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
