package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func breaks(patience time.Duration) (*Breaks, *[]error) {
	s := &Server{Address: "127.0.0.1:1", Security: None, Patience: patience}
	told := &[]error{}
	return s.Breaks(func(why error) { *told = append(*told, why) }), told
}

func TestOnlyALineThatBrokeIsTriedAgain(t *testing.T) {
	reset := &net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	for _, err := range []error{io.EOF, io.ErrUnexpectedEOF, reset, ErrEnded, fmt.Errorf("asked: %w", syscall.ECONNREFUSED), (&Server{}).Unreachable(reset), &net.DNSError{IsTemporary: true}, &busy{status: 503}} {
		b, told := breaks(time.Minute)
		b.Came()
		if got := b.Again(t.Context(), err); got != nil {
			t.Errorf("%v: %v", err, got)
		}
		b.Came()
		b.Came()
		if len(*told) != 1 || (*told)[0] != err {
			t.Errorf("%v: told %v", err, *told)
		}
	}
	for _, err := range []error{os.ErrDeadlineExceeded, context.Canceled, errors.New("other"), syscall.EIO, x509.UnknownAuthorityError{}, &tls.CertificateVerificationError{}, &net.DNSError{IsNotFound: true}, fmt.Errorf("status 500")} {
		b, told := breaks(time.Minute)
		b.Came()
		if got := b.Again(t.Context(), err); got != err || len(*told) != 0 {
			t.Errorf("%v: %v, told %v", err, got, *told)
		}
	}
}

func TestAServerThatNeverAnsweredIsNotTriedAgain(t *testing.T) {
	b, _ := breaks(time.Minute)
	if got := b.Again(t.Context(), io.EOF); got != io.EOF {
		t.Error(got)
	}
}

func TestALineIsTriedForAsLongAsThePatienceAndThatBeginsAnewWithWhatIsNew(t *testing.T) {
	b, told := breaks(500 * time.Millisecond)
	b.Came()
	for range 3 {
		begin, n := time.Now(), 0
		for b.Again(t.Context(), io.EOF) == nil {
			n++
		}
		if took := time.Since(begin); took > 600*time.Millisecond || n < 2 {
			t.Errorf("%d times in %v", n, took)
		}
		b.Came()
	}
	if len(*told) != 3 {
		t.Errorf("told %v", *told)
	}
}

func TestALineThatBreaksAHundredTimesIsNone(t *testing.T) {
	b, _ := breaks(time.Hour)
	b.count = maxBreaks - 1
	b.Came()
	if err := b.Again(t.Context(), io.EOF); err != nil {
		t.Errorf("the hundredth: %v", err)
	}
	b.Came()
	if err := b.Again(t.Context(), io.EOF); err != io.EOF {
		t.Errorf("one more: %v", err)
	}
}

func TestABusyServerIsAskedNoSoonerThanItSaysAndNotBeyondThePatience(t *testing.T) {
	for after, want := range map[string]struct{ again, long bool }{"0": {true, false}, "1": {true, true}, "3": {false, false}, "-1": {true, false}, "soon": {true, false},
		"99999999999999999999": {true, false}, time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat): {true, false}, time.Now().Add(time.Hour).UTC().Format(http.TimeFormat): {false, false}} {
		b, _ := breaks(2 * time.Second)
		b.Came()
		begin := time.Now()
		err := b.Again(t.Context(), Status(&http.Response{StatusCode: 503, Header: http.Header{"Retry-After": {after}}}))
		if (err == nil) != want.again || (time.Since(begin) >= time.Second) != want.long {
			t.Errorf("%q: %v after %v", after, err, time.Since(begin))
		}
	}
	if asked(Status(&http.Response{StatusCode: 500})) != nil || asked(Status(&http.Response{StatusCode: 500}, 500)) == nil || asked(Status(&http.Response{StatusCode: 404}, 500)) != nil {
		t.Error("a failing server is asked again where that is said alone")
	}
}

func TestCancellingEndsTheWait(t *testing.T) {
	b, _ := breaks(time.Hour)
	b.Came()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	begin := time.Now()
	err := b.Again(ctx, Status(&http.Response{StatusCode: 503, Header: http.Header{"Retry-After": {"60"}}}))
	if err == nil || b.Again(ctx, io.EOF) == nil || time.Since(begin) > 5*time.Second {
		t.Errorf("%v after %v", err, time.Since(begin))
	}
}

// A server that comes back as another is not asked again, however patient one is.
func TestAServerWithAnotherCertificateIsNotTheOneThatBroke(t *testing.T) {
	h := httptest.NewTLSServer(http.NotFoundHandler())
	defer h.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: h.Certificate().Raw}), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Address: "localhost:1", Security: TLS, CA: ca, Patience: time.Minute}
	raw, err := net.Dial("tcp", h.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Secure(t.Context(), raw) // its certificate is for another name
	b := s.Breaks(nil)
	b.Came()
	if err == nil || b.Again(t.Context(), err) != err {
		t.Errorf("tried again after %v", err)
	}
}

func TestAHeadThatBreaksOffIsALineThatBroke(t *testing.T) {
	for said, want := range map[string]bool{"H": true, "": true, "HTTP/1.1 200 OK\r\nContent-": true, "what?\r\n\r\n": false} {
		hold := make(chan struct{})
		s := listen(t, func(c net.Conn) {
			b := make([]byte, 1000)
			_, _ = c.Read(b)
			_, _ = io.WriteString(c, said)
			if !want {
				<-hold
			}
		})
		c, err := s.Client(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Get(s.URL())
		if err == nil || broken(err) != want {
			t.Errorf("after %q: %v", said, err)
		}
		close(hold)
	}
}
