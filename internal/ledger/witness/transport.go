package witness

import (
	"bytes"
	"io"
	"net/http"
)

// Transport lets a log reach witnesses of its own process without a socket:
// requests to a host in InProcess are served by that handler, all others go to
// Next (nil: they fail). The log then speaks one protocol to all witnesses.
type Transport struct {
	InProcess map[string]http.Handler // by URL host
	Next      http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	h := t.InProcess[req.URL.Host]
	if h == nil {
		if t.Next == nil {
			return nil, unknownLog().Because(http.ErrNotSupported)
		}
		return t.Next.RoundTrip(req)
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if req.Body == nil {
		req.Body = http.NoBody
	}
	defer req.Body.Close()
	rec := &recorder{header: make(http.Header), status: http.StatusOK}
	h.ServeHTTP(rec, req)
	return &http.Response{
		Status: http.StatusText(rec.status), StatusCode: rec.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: rec.header, Body: io.NopCloser(&rec.body),
		ContentLength: int64(rec.body.Len()), Request: req,
	}, nil
}

type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }
