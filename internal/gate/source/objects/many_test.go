package objects_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/objects"
	"counterseal/internal/problem"
)

// A server that lists without end is left when it has listed more than is taken: neither
// memory nor time goes on growing. In the program a folder may have 2^20 names, an account
// 2^20 folders, and a bucket's list 2^14 pages.
func TestAServerThatListsWithoutEndIsLeft(t *testing.T) {
	const entries, folders, pages = 1000, 50, 3
	for name, c := range map[string]struct {
		form objects.Form
		list func(w io.Writer, asked int, path string) error
		most int // bytes that it may have sent
	}{
		"names": {objects.WebDAV, func(w io.Writer, _ int, path string) (err error) {
			_, err = io.WriteString(w, `<D:multistatus xmlns:D="DAV:">`+response(path, isFolder))
			for i := 0; err == nil; i++ {
				_, err = io.WriteString(w, response(fmt.Sprintf("%sfile-%d", path, i), isFile))
			}
			return err
		}, 16 << 20},
		"folders": {objects.WebDAV, func(w io.Writer, _ int, path string) (err error) {
			_, err = io.WriteString(w, `<D:multistatus xmlns:D="DAV:">`+response(path, isFolder)+response(path+"a/", isFolder)+response(path+"b/", isFolder)+`</D:multistatus>`)
			return err
		}, 1 << 20},
		"pages": {objects.S3, func(w io.Writer, asked int, _ string) error {
			_, err := io.WriteString(w, bucketList(contents(fmt.Sprintf("acc-1/%09d", asked))+fmt.Sprintf("<IsTruncated>true</IsTruncated><NextContinuationToken>%d</NextContinuationToken>", asked)))
			return err
		}, 1 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			sent := &counted{}
			over := make(chan struct{}, 1000)
			s := answer(t, c.form, func(w http.ResponseWriter, r *http.Request) {
				asked++
				if c.form == objects.WebDAV {
					w.WriteHeader(http.StatusMultiStatus)
				}
				sent.Writer = w
				_ = c.list(sent, asked, r.URL.Path) // it is hung up on
				over <- struct{}{}
			}, "body")
			objects.Limit(s, entries, folders, pages)
			_, _, err := collect(t, s, source.Query{Account: owner})
			if problem.Code(err) != "source.too_large" || !strings.Contains(err.Error(), "more than") {
				t.Fatalf("%v", err)
			}
			for range asked {
				<-over
			}
			if sent.n > c.most {
				t.Errorf("it was listened to for %d bytes", sent.n)
			}
		})
	}
}

type counted struct {
	io.Writer
	n int
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	c.n += n
	return n, err
}
