package staff_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"counterseal/internal/problem"
)

// A document is held in memory while it comes, so few come at a time, on the queue too.
func TestFewDocumentsAreDroppedOnTheQueueAtOnce(t *testing.T) {
	const head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.eml\"\r\n\r\n"
	mux := deskMux(&desk{})
	drop := func(body io.Reader) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/queue/drop", body)
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w
	}
	var all sync.WaitGroup
	var ends []*io.PipeWriter
	for range 2 {
		body, in := io.Pipe()
		ends = append(ends, in)
		all.Go(func() { drop(body) })
		for _, part := range []string{head, strings.Repeat("x", 64<<10), "x"} { // the last is taken when the first bytes are read
			_, err := io.WriteString(in, part)
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	whole := head + "bytes\r\n--x--\r\n"
	if w := drop(strings.NewReader(whole)); w.Code != 503 || w.Header().Get("Retry-After") != "5" || !strings.Contains(w.Body.String(), "staff.busy") {
		t.Errorf("a third was taken, or is not told when to come again: %d %v", w.Code, w.Header())
	}
	for _, in := range ends {
		in.CloseWithError(io.ErrUnexpectedEOF)
	}
	all.Wait()
	if w := drop(strings.NewReader(whole)); w.Code != 303 {
		t.Errorf("a place is not given back: %d", w.Code)
	}
}

// What a form comes through can refuse to go on, and says why; the page passes it on.
func TestAFormThatIsCutOffForWantOfRoomSaysSo(t *testing.T) {
	for _, c := range []struct {
		path, kind string
		pages      http.Handler
	}{
		{"/queue/drop", "multipart/form-data; boundary=x", deskMux(&desk{})},
		{"/demand/m2fd-10", "application/x-www-form-urlencoded", pages(docket{demand: offered()}, &hand{}, zeros(), "n.holm")},
	} {
		r := httptest.NewRequest("POST", c.path, cutOff{})
		r.Header.Set("Content-Type", c.kind)
		w := httptest.NewRecorder()
		c.pages.ServeHTTP(w, r)
		if w.Code != 503 || !strings.Contains(w.Body.String(), "gatehttp.busy") {
			t.Errorf("%s: %d %.300s", c.path, w.Code, w.Body)
		}
	}
}

type cutOff struct{}

func (cutOff) Read([]byte) (int, error) {
	return 0, problem.New(problem.Unavailable, "gatehttp.busy", "too much is being sent here just now")
}
