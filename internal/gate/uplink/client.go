package uplink

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"

	"counterseal/internal/gate"
	"counterseal/internal/problem"
)

// Client is the gate's end. Beside the codes of the other end: uplink.down.
type Client struct {
	base, token string
	http        *http.Client
}

var (
	_ gate.Journal = (*Client)(nil)
	_ gate.Docket  = (*Client)(nil)
)

// Dial prepares a client for "unix:PATH" or "HOST:PORT"; it connects when it is
// first used.
func Dial(address, token string) *Client {
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		return Over(func(ctx context.Context) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", path)
		}, token)
	}
	return newClient("http://"+address, token, &http.Transport{Proxy: nil})
}

// Over is a client on connections that somebody else makes. Where these prove the
// gate themselves (package pinned), the token is "".
func Over(dial func(context.Context) (net.Conn, error), token string) *Client {
	return newClient("http://uplink", token, &http.Transport{Proxy: nil, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) }})
}

func newClient(base, token string, t *http.Transport) *Client {
	never := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{base, token, &http.Client{Transport: t, CheckRedirect: never}}
}

// Close gives idle connections back.
func (c *Client) Close() error { c.http.CloseIdleConnections(); return nil }

func call[T any](ctx context.Context, c *Client, name string, in any) (out T, err error) {
	err = c.call(ctx, name, in, &out)
	return out, err
}

func (c *Client) call(ctx context.Context, name string, in, out any) error {
	b, err := json.Marshal(in)
	if err != nil {
		return down(err)
	}
	r, err := http.NewRequestWithContext(ctx, "POST", c.base+"/v1/uplink/"+name, bytes.NewReader(b))
	if err != nil {
		return down(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return down(err)
	}
	defer resp.Body.Close()
	b, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil || len(b) > maxAnswer {
		return down(err)
	}
	if resp.StatusCode != http.StatusOK {
		if p, ok := gate.ParseFault(b); ok {
			return p
		}
		return down(nil)
	}
	if err := json.Unmarshal(b, out); err != nil {
		return down(err)
	}
	return nil
}

func down(err error) error {
	return problem.New(problem.Unavailable, "uplink.down", "the docket and the journal's keeper do not answer").Because(err)
}

func (c *Client) Commit(ctx context.Context, digest [32]byte, urgent bool) error {
	_, err := call[none](ctx, c, "commit", commitCall{digest, urgent})
	return err
}

func (c *Client) Proof(ctx context.Context, digest [32]byte) ([]byte, error) {
	a, err := call[textAnswer](ctx, c, "proof", proofCall{digest})
	return a.Text, err
}

func (c *Client) Checkpoint(ctx context.Context) ([]byte, error) {
	a, err := call[textAnswer](ctx, c, "checkpoint", none{})
	return a.Text, err
}

func (c *Client) EmergencyProof(ctx context.Context, digest [32]byte) ([]byte, error) {
	a, err := call[textAnswer](ctx, c, "emergency-proof", proofCall{digest})
	return a.Text, err
}

func (c *Client) EmergencyCheckpoint(ctx context.Context) ([]byte, error) {
	a, err := call[textAnswer](ctx, c, "emergency-checkpoint", none{})
	return a.Text, err
}

func (c *Client) Consistency(ctx context.Context, from, to uint64) ([][32]byte, error) {
	a, err := call[hashesAnswer](ctx, c, "consistency", consistencyCall{from, to})
	var out [][32]byte
	for _, h := range a.Hashes {
		out = append(out, h)
	}
	return out, err
}

func (c *Client) Counter(ctx context.Context, gate string) (uint64, [32]byte, error) {
	a, err := call[counterAnswer](ctx, c, "counter", counterCall{gate})
	return a.N, a.Digest, err
}

func (c *Client) CommitCounter(ctx context.Context, gate string, n uint64, digest [32]byte) error {
	_, err := call[none](ctx, c, "commit-counter", commitCounterCall{gate, n, digest})
	return err
}

// PermitPreview implements gate.Docket.
func (c *Client) PermitPreview(ctx context.Context, demand, grantID string) error {
	_, err := call[none](ctx, c, "permit-preview", permitKeepCall{demand, grantID})
	return err
}

func (c *Client) PermitKeep(ctx context.Context, demand, grantID string) error {
	_, err := call[none](ctx, c, "permit-keep", permitKeepCall{demand, grantID})
	return err
}

func (c *Client) Permit(ctx context.Context, demand, grantID string, release [32]byte, items int64) error {
	_, err := call[none](ctx, c, "permit", permitCall{demand, grantID, release, items})
	return err
}
