package objects

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/wire"
)

// FuzzMultistatus holds that nothing outside the folder that was asked for is
// believed, whatever a server lists.
func FuzzMultistatus(f *testing.F) {
	for _, href := range []string{"/acc-1/x", "/acc-1/../acc-2", "http://127.0.0.1:1/acc-1/%2e%2e", "/acc-10", "//x/acc-1/y", "/acc-1/a%2Fb", "x"} {
		f.Add([]byte(`<D:multistatus xmlns:D="DAV:"><D:response><D:href>` + href + `</D:href><D:propstat><D:prop><D:getcontentlength>4</D:getcontentlength></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>`))
	}
	p := &pass{cfg: &Config{Form: WebDAV, Server: wire.Server{Address: "127.0.0.1:1"}}}
	f.Fuzz(func(t *testing.T, b []byte) {
		_ = entries(bytes.NewReader(b), func(e entry) error {
			m, own, err := p.member("/acc-1/", "", e)
			if err == nil && !own && (!strings.HasPrefix(m.path, "/acc-1/") || m.path == "/acc-1/" || m.size < -1) {
				t.Fatalf("%q gives %+v", e.Href, m)
			}
			return nil
		})
	})
}

// FuzzBucket holds the same of lists of objects.
func FuzzBucket(f *testing.F) {
	for _, key := range []string{"acc-1/x", "acc-1/../acc-2/x", "acc-10/x", "acc-1/%2e%2e/x", "acc-1/", "acc-1/%zz"} {
		f.Add([]byte(`<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>` + key + `</Key><LastModified>2026-03-05T12:00:00Z</LastModified><Size>4</Size></Contents></ListBucketResult>`))
	}
	p := &pass{cfg: &Config{Form: S3, Bucket: "b"}}
	f.Fuzz(func(t *testing.T, b []byte) {
		var l listing
		if xml.NewDecoder(bytes.NewReader(b)).Decode(&l) != nil {
			return
		}
		for _, c := range l.Contents {
			_ = p.object(l, "acc-1/", c.Key, c.Size, c.Modified, c.ETag, discard{}, func(f file) error {
				if !strings.HasPrefix(f.path, "/b/acc-1/") || strings.Contains(f.path+"/", "/../") || f.size < 0 {
					t.Fatalf("%q gives %+v", c.Key, f)
				}
				return nil
			}, func(source.Gap) error { return nil })
		}
	})
}

// discard takes what a digest would.
type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
