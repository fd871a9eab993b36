package gatehttp

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// Client is a gate.Desk at the other end of a socket. Problems keep their codes;
// beside them: gate.unreachable, gate.cut (a download ended short).
type Client struct {
	base  string
	http  *http.Client
	waits waits
}

// waits says how long a gate may be silent before it counts as one that does not answer:
// a process that is held, or a host behind a line that takes everything and gives
// nothing, must not keep an office from its other gates.
type waits struct {
	looking time.Duration // where only something is looked at
	acting  time.Duration // where it may be the gate that waits: for its disk, or the journal
	between time.Duration // two looks whether it is there, while an answer takes its time
}

var ordinary = waits{looking: 15 * time.Second, acting: 2 * time.Minute, between: 30 * time.Second}

var _ gate.Desk = (*Client)(nil)

// storesPath is looked at with an act's patience: the gate looks at its stores meanwhile.
const storesPath = "/v1/stores"

// maxAnswer bounds an answer that is read whole.
const maxAnswer = 64 << 20

// Unix reaches a gate on a Unix socket; "unix:" before the path is allowed.
func Unix(path string) *Client {
	path = strings.TrimPrefix(path, "unix:")
	return Over(func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	})
}

// Office reaches the desk of an office on a Unix socket, which asks gates elsewhere and
// waits for each of them itself.
func Office(path string) *Client {
	c := Unix(path)
	c.waits = waits{looking: 3 * ordinary.looking, acting: 2 * ordinary.acting, between: ordinary.between}
	return c
}

// Over reaches a gate by connections that somebody else makes and answers for, such
// as package pinned.
func Over(dial func(context.Context) (net.Conn, error)) *Client {
	t := &http.Transport{Proxy: nil, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) }}
	return &Client{"http://gate", &http.Client{Transport: t, CheckRedirect: never}, ordinary}
}

// Loopback reaches a gate on HOST:PORT.
func Loopback(address string) *Client {
	return &Client{"http://" + address, &http.Client{Transport: &http.Transport{Proxy: nil}, CheckRedirect: never}, ordinary}
}

func never(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Close gives idle connections back.
func (c *Client) Close() error { c.http.CloseIdleConnections(); return nil }

func (c *Client) do(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, unreachable(err)
		}
		body = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, unreachable(err)
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return c.send(r)
}

// send gives an answer that is not a refusal.
func (c *Client) send(r *http.Request) (*http.Response, error) {
	resp, err := c.patiently(r)
	if err != nil {
		return nil, unreachable(err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 16<<10))
	if err != nil {
		return nil, unreachable(err)
	}
	if p, ok := gate.ParseFault(b); ok {
		return nil, p
	}
	return nil, unreachable(nil)
}

func unreachable(err error) error {
	return problem.New(problem.Unavailable, "gate.unreachable", "the gate does not answer, or not as a gate does").Fix("see that it runs, and that this user may use its socket").Because(err)
}

// askLong is ask for what takes as long as it takes.
func askLong[T any](ctx context.Context, c *Client, path string, in any) (out T, err error) {
	ctx, leave, err := c.attend(ctx)
	if err != nil {
		return out, err
	}
	defer leave()
	return ask[T](ctx, c, "POST", path, in)
}

// ask exchanges JSON.
func ask[T any](ctx context.Context, c *Client, method, path string, in any) (out T, err error) {
	resp, err := c.do(ctx, method, path, in)
	if err == nil {
		err = answerInto(resp, &out)
	}
	return out, err
}

func answer[T any](resp *http.Response) (out T, err error) {
	err = answerInto(resp, &out)
	return out, err
}

func answerInto(resp *http.Response, out any) error {
	b, err := readAnswer(resp)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, out); err != nil {
		return unreachable(err)
	}
	if p, ok := gate.ParseFault([]byte(resp.Header.Get(without))); ok {
		return p
	}
	return nil
}

func (c *Client) bytes(ctx context.Context, method, path string, in any) ([]byte, error) {
	resp, err := c.do(ctx, method, path, in)
	if err != nil {
		return nil, err
	}
	return readAnswer(resp)
}

func readAnswer(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil || len(b) > maxAnswer {
		return nil, unreachable(err)
	}
	return b, nil
}

func offer(id string, rest ...string) string {
	p := "/v1/offers/" + url.PathEscape(id)
	for _, r := range rest {
		p += "/" + url.PathEscape(r)
	}
	return p
}

func (c *Client) CharterHead(ctx context.Context) (gate.CharterHead, error) {
	return ask[gate.CharterHead](ctx, c, "GET", "/v1/charter", nil)
}

func (c *Client) ExtendCharter(ctx context.Context, text []byte, signatures [][]byte) (gate.CharterHead, error) {
	return ask[gate.CharterHead](ctx, c, "POST", "/v1/charter", charterRequest{text, signatures})
}

func (c *Client) Offer(ctx context.Context, o gate.Offer) (gate.Status, error) {
	return ask[gate.Status](ctx, c, "POST", "/v1/offers", o)
}

func (c *Client) Text(ctx context.Context, id string) ([]byte, error) {
	return c.bytes(ctx, "GET", offer(id, "text"), nil)
}

func (c *Client) Document(ctx context.Context, id string) ([]byte, error) {
	return c.bytes(ctx, "GET", offer(id, "document"), nil)
}

func (c *Client) Approve(ctx context.Context, id string, armored []byte) (gate.Status, error) {
	return ask[gate.Status](ctx, c, "POST", offer(id, "approvals"), approvalRequest{armored})
}

func (c *Client) Stop(ctx context.Context, s grant.Signed) (gate.HeldStop, error) {
	return ask[gate.HeldStop](ctx, c, "POST", "/v1/stops", signedRequest(s))
}

func (c *Client) Declare(ctx context.Context, id string, s grant.Signed) (gate.Declared, error) {
	return ask[gate.Declared](ctx, c, "POST", "/v1/offers/"+url.PathEscape(id)+"/declaration", signedRequest(s))
}

func (c *Client) Stamp(ctx context.Context, id string, answer []byte) (gate.Status, error) {
	return ask[gate.Status](ctx, c, "POST", offer(id, "stamp"), approvalRequest{answer})
}

func (c *Client) InForce(ctx context.Context, s grant.Signed) (gate.Status, error) {
	return ask[gate.Status](ctx, c, "POST", "/v1/in-force", signedRequest(s))
}

func (c *Client) Release(ctx context.Context, id string) (gate.Outcome, error) {
	return askLong[gate.Outcome](ctx, c, offer(id, "release"), struct{}{})
}

func (c *Client) Keep(ctx context.Context, id string) (gate.Copy, error) {
	return askLong[gate.Copy](ctx, c, offer(id, "keep"), struct{}{})
}

func (c *Client) Preview(ctx context.Context, id string) (gate.Preview, error) {
	return askLong[gate.Preview](ctx, c, offer(id, "preview"), struct{}{})
}

func (c *Client) Copies(ctx context.Context) ([]gate.Copy, error) {
	return ask[[]gate.Copy](ctx, c, "GET", "/v1/copies", nil)
}

func (c *Client) CopyText(ctx context.Context, id string) ([]byte, error) {
	return c.bytes(ctx, "GET", "/v1/copies/"+url.PathEscape(id)+"/text", nil)
}

func (c *Client) Status(ctx context.Context, id string) (gate.Status, error) {
	return ask[gate.Status](ctx, c, "GET", offer(id), nil)
}

func (c *Client) List(ctx context.Context) ([]gate.Status, error) {
	return ask[[]gate.Status](ctx, c, "GET", "/v1/offers", nil)
}

func (c *Client) Stops(ctx context.Context) ([]gate.HeldStop, error) {
	return ask[[]gate.HeldStop](ctx, c, "GET", "/v1/stops", nil)
}

func (c *Client) Interrupted(ctx context.Context) ([]gate.Interruption, error) {
	return ask[[]gate.Interruption](ctx, c, "GET", "/v1/interrupted", nil)
}

func (c *Client) Stores(ctx context.Context) ([]gate.Store, error) {
	return ask[[]gate.Store](ctx, c, "GET", storesPath, nil)
}

func (c *Client) Walls(ctx context.Context) ([]gate.Wall, error) {
	return ask[[]gate.Wall](ctx, c, "GET", "/v1/walls", nil)
}

func (c *Client) Link(ctx context.Context, id, by string) (gate.Link, error) {
	return ask[gate.Link](ctx, c, "POST", offer(id, "link"), fetchRequest{by})
}

func (c *Client) ReportIncident(ctx context.Context, s grant.Signed) (gate.Incident, error) {
	return askLong[gate.Incident](ctx, c, "/v1/incidents", signedRequest(s))
}

func (c *Client) Incidents(ctx context.Context) ([]gate.Incident, error) {
	return ask[[]gate.Incident](ctx, c, "GET", "/v1/incidents", nil)
}

func (c *Client) IncidentText(ctx context.Context, id string) ([]byte, error) {
	return c.bytes(ctx, "GET", "/v1/incidents/"+url.PathEscape(id)+"/text", nil)
}

// ReadIncident opens the list of an incident; it ends short as a fetch does. The gate
// reads all of it before it gives a byte.
func (c *Client) ReadIncident(ctx context.Context, s grant.Signed) (io.ReadCloser, int64, error) {
	ctx, leave, err := c.attend(ctx)
	if err != nil {
		return nil, 0, err
	}
	r, size, err := c.stream(ctx, "/v1/incidents/list", signedRequest(s))
	if err != nil {
		leave()
		return nil, 0, err
	}
	return &attendedBody{r, leave}, size, nil
}

func (c *Client) TellPassphrase(ctx context.Context, s grant.Signed) (gate.Told, error) {
	return askLong[gate.Told](ctx, c, "/v1/passphrases", signedRequest(s))
}

func (c *Client) PassphraseReached(ctx context.Context, s grant.Signed) (gate.Status, error) {
	return ask[gate.Status](ctx, c, "POST", "/v1/passphrases/reached", signedRequest(s))
}

// Fetch opens a file of a visible package. A read that ends short of the size is
// gate.cut.
func (c *Client) Fetch(ctx context.Context, id, file, by string) (io.ReadCloser, int64, error) {
	return c.stream(ctx, offer(id, "files", file), fetchRequest{by})
}

func (c *Client) stream(ctx context.Context, path string, in any) (io.ReadCloser, int64, error) {
	resp, err := c.do(ctx, "POST", path, in)
	if err != nil {
		return nil, 0, err
	}
	if resp.ContentLength < 0 {
		resp.Body.Close()
		return nil, 0, unreachable(nil)
	}
	return &whole{resp.Body}, resp.ContentLength, nil
}

// whole names what a download that the gate cut off ends with.
type whole struct{ io.ReadCloser }

func (w *whole) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = problem.New(problem.Unavailable, "gate.cut", "the gate ended this download before its end").Fix("see whether a stop has arrived; what was read is not a whole package").Because(err)
	}
	return n, err
}
