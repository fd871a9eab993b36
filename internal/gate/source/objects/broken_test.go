package objects_test

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/objects"
	"counterseal/internal/gate/source/wire"
	"counterseal/internal/gate/sourcetest"
	"counterseal/internal/gate/sourcetest/servers"
	"counterseal/internal/problem"
)

func TestALineToAServerOfFilesThatBreaksIsTakenUpAndNothingIsOther(t *testing.T) {
	for name, serve := range map[string]func(testing.TB, string) objects.Config{"s3": s3, "s3 with tags": tagged, "webdav": webdav, "x/net/webdav": native} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for i := range 8 {
				lay(t, filepath.Join(home(dir, owner), fmt.Sprintf("%d/photo-%d.jpg", i/3, i)), sourcetest.At(i), bytes.Repeat([]byte{byte(i), 1, 2, 3}, 1+9000*(i%4)))
			}
			cfg := serve(t, dir)
			sourcetest.Broken(t, cfg.Server.Address, func(address string) (source.Source, source.Query) {
				c := cfg
				c.Server.Address = address
				return open(t, c), source.Query{Account: owner}
			})
		})
	}
}

// tagged has the bucket's files brought by its own protocol: those have entity tags.
func tagged(t testing.TB, dir string) objects.Config {
	t.Helper()
	rclone := servers.Installed(t, "rclone", "apt-get install rclone")
	laid := filepath.Join(dir, "laid")
	must(t, os.Rename(filepath.Join(dir, "store"), laid))
	cfg := s3(t, dir)
	secret, err := wire.Secret(cfg.Password)
	must(t, err)
	c := exec.Command(rclone, "copy", "--config", "/dev/null", laid, ":s3:store")
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "RCLONE_S3_PROVIDER=Other", "RCLONE_S3_ENDPOINT=http://" + cfg.Server.Address, "RCLONE_S3_ACCESS_KEY_ID=" + cfg.User, "RCLONE_S3_SECRET_ACCESS_KEY=" + secret, "RCLONE_S3_FORCE_PATH_STYLE=true"}
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return cfg
}

// A moody server answers the first request for a file in one way and later ones in
// another; its list is always the same.
func moody(t testing.TB, form objects.Form, tag string, patience time.Duration, first, then http.HandlerFunc) *objects.Source {
	t.Helper()
	var asked atomic.Int32
	listed := bucketList(strings.Replace(contents("acc-1/x"), "<ETag>x</ETag>", "<ETag>"+html.EscapeString(tag)+"</ETag>", 1))
	if form == objects.WebDAV {
		listed = davList(response("/acc-1/x", isFile+"<D:getetag>"+html.EscapeString(tag)+"</D:getetag>"))
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == "PROPFIND":
			w.WriteHeader(http.StatusMultiStatus)
			_, _ = io.WriteString(w, listed)
		case r.URL.Query().Has("list-type"):
			_, _ = io.WriteString(w, listed)
		case asked.Add(1) == 1:
			first(w, r)
		default:
			then(w, r)
		}
	}))
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	cfg := objects.Config{Form: form, Server: wire.Server{Address: s.Listener.Addr().String(), Security: wire.None, Patience: patience}, Folder: "{account}", User: "gate", Password: servers.Secret(t)}
	if form == objects.S3 {
		cfg.Bucket = "b"
	}
	return open(t, cfg)
}

// gives answers with a head and a body; of 4 bytes less, the line breaks.
func gives(status int, body string, head ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(head); i += 2 {
			w.Header().Set(head[i], head[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		w.(http.Flusher).Flush()
		if len(body) < 4 && status == http.StatusOK {
			panic(http.ErrAbortHandler)
		}
	}
}

func TestAfterALineBrokeAFileMustBeAsItWas(t *testing.T) {
	const tag = `"t1"`
	half := gives(200, "bo", "Content-Length", "4", "ETag", tag)
	rest := func(span string, head ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") != "bytes=2-" || r.Header.Get("If-Match") != tag {
				t.Errorf("asked for %q of %q", r.Header.Get("Range"), r.Header.Get("If-Match"))
			}
			gives(206, "dy", append([]string{"Content-Length", "2", "Content-Range", span}, head...)...)(w, r)
		}
	}
	whole := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") != "" {
			t.Errorf("asked for %q", r.Header.Get("Range"))
		}
		gives(200, "body", "Content-Length", "4", "ETag", tag)(w, r)
	}
	for name, c := range map[string]struct {
		form  objects.Form
		tag   string
		first http.HandlerFunc
		then  http.HandlerFunc
		code  string
	}{
		"s3: the rest of it":                {objects.S3, tag, half, rest("bytes 2-3/4", "ETag", tag), ""},
		"s3: all of it":                     {objects.S3, tag, half, gives(200, "body", "ETag", tag), ""},
		"s3: all of another":                {objects.S3, tag, half, gives(200, "bady", "ETag", tag), "source.changed"},
		"s3: another tag":                   {objects.S3, tag, half, rest("bytes 2-3/4", "ETag", `"t2"`), "source.changed"},
		"s3: the rest without a tag":        {objects.S3, tag, half, rest("bytes 2-3/4"), "source.changed"},
		"s3: another range":                 {objects.S3, tag, half, rest("bytes 1-2/4", "ETag", tag), "source.protocol"},
		"s3: of a longer file":              {objects.S3, tag, half, rest("bytes 2-3/5", "ETag", tag), "source.protocol"},
		"s3: the rest is too long":          {objects.S3, tag, half, gives(206, "dy and more", "Content-Range", "bytes 2-3/4", "ETag", tag), "source.size"},
		"s3: the rest is said to be longer": {objects.S3, tag, half, gives(206, "dy!", "Content-Length", "3", "Content-Range", "bytes 2-3/4", "ETag", tag), "source.size"},
		"s3: no longer that one":            {objects.S3, tag, half, gives(412, ""), "source.changed"},
		"s3: gone":                          {objects.S3, tag, half, gives(404, ""), "source.changed"},
		"s3: nobody let in":                 {objects.S3, tag, half, gives(403, ""), "source.login"},
		"s3: a range that nobody asked for": {objects.S3, tag, gives(206, "body", "Content-Range", "bytes 0-3/4", "ETag", tag), whole, "source.unreadable"},
		"s3: busy":                          {objects.S3, tag, gives(503, "", "Retry-After", "0"), whole, ""},
		"s3: failing":                       {objects.S3, tag, gives(500, ""), whole, ""},
		"s3: busy for longer":               {objects.S3, tag, gives(503, "", "Retry-After", "60"), whole, "source.unreadable"},
		"s3: busy until a day":              {objects.S3, tag, gives(503, "", "Retry-After", "Fri, 05 Mar 2100 12:00:00 GMT"), whole, "source.unreadable"},
		"s3: always":                        {objects.S3, tag, half, half, "source.unreadable"},
		"s3: without a tag":                 {objects.S3, "", gives(200, "bo", "Content-Length", "4"), gives(200, "body"), ""},
		"dav: all of it":                    {objects.WebDAV, tag, half, whole, ""},
		"dav: all of another":               {objects.WebDAV, tag, half, gives(200, "bady", "ETag", tag), "source.changed"},
		"dav: a weak tag":                   {objects.WebDAV, `W/"t"`, gives(200, "bo", "Content-Length", "4"), gives(200, "body", "ETag", `W/"t"`), ""},
		"dav: a part":                       {objects.WebDAV, tag, half, gives(206, "dy", "Content-Range", "bytes 2-3/4", "ETag", tag), "source.unreadable"},
		"dav: too short":                    {objects.WebDAV, tag, half, gives(206, "", "ETag", tag), "source.unreadable"},
		"dav: busy":                         {objects.WebDAV, tag, gives(429, ""), whole, ""},
		"dav: failing":                      {objects.WebDAV, tag, gives(500, ""), whole, "source.unreadable"},
	} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			s := moody(t, c.form, c.tag, 600*time.Millisecond, c.first, c.then)
			got, _, err := collect(t, s, source.Query{Account: owner})
			if problem.Code(err) != c.code || err == nil && !slices.Equal(got, []string{"x: body"}) || time.Since(begin) > 5*time.Second {
				t.Errorf("%q, %v, %v after %v", got, err, errors.Unwrap(err), time.Since(begin))
			}
		})
	}
}

func TestAListThatBreaksOffIsAskedForAgain(t *testing.T) {
	for _, form := range []objects.Form{objects.S3, objects.WebDAV} {
		for _, chunked := range []bool{false, true} {
			lists := 0
			s := answer(t, form, func(w http.ResponseWriter, r *http.Request) {
				text := bucketList(contents("acc-1/x"))
				if form == objects.WebDAV {
					text = davList(response("/acc-1/x", isFile))
				}
				lists++
				if !chunked {
					w.Header().Set("Content-Length", fmt.Sprint(len(text)))
				}
				if form == objects.WebDAV {
					w.WriteHeader(http.StatusMultiStatus)
				}
				if lists == 2 { // the one after the files
					_, _ = io.WriteString(w, text[:len(text)/2])
					w.(http.Flusher).Flush()
					panic(http.ErrAbortHandler)
				}
				_, _ = io.WriteString(w, text)
			}, "body")
			got, _, err := collect(t, s, source.Query{Account: owner, Until: time.Unix(1_900_000_000, 0)})
			if err != nil || len(got) != 1 || lists != 3 {
				t.Errorf("%s, chunked %v: %q after %d lists, %v", form, chunked, got, lists, err)
			}
		}
	}
}
