package objects_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	davserver "golang.org/x/net/webdav"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/objects"
	"counterseal/internal/gate/source/wire"
	"counterseal/internal/gate/sourcetest/servers"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

const owner scope.AccountID = "acc-1"

func collect(t testing.TB, s source.Source, q source.Query) (out, gaps []string, err error) {
	t.Helper()
	err = s.Items(t.Context(), q, func(it source.Item) error {
		r, err := it.Open()
		if err != nil {
			return err
		}
		b, err := io.ReadAll(r)
		out = append(out, it.Name+": "+string(b))
		return err
	}, func(g source.Gap) error {
		gaps = append(gaps, g.Reason+" at "+g.Place)
		return nil
	})
	return out, gaps, err
}

var hostile = []string{"plain.txt", "sub/deep/er/x", "älv.jpg", "a b+c&d=e;f", "100%.txt", "per%2Fcent", "ÆRØ", "ærø", "e\u0301", "\u00e9", "\u202egpj.exe", "quote'\"<x>", "back\\slash", "?query#part", strings.Repeat("n", 200), "new\nline", "a\x01b"}

func TestHostileNamesAreReadAsTheyAre(t *testing.T) {
	for name, serve := range map[string]func(testing.TB, string) objects.Config{"s3": s3, "webdav": webdav, "x/net/webdav": native} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			want := slices.Clone(hostile)
			var wantGaps []string
			switch name {
			case "webdav": // rclone has other names for these
				want = slices.DeleteFunc(want, func(s string) bool { return strings.ContainsAny(s, "\n\x01") })
			case "x/net/webdav": // XML has no form for this one
				want = slices.DeleteFunc(want, func(s string) bool { return strings.Contains(s, "\x01") })
			case "s3": // versitygw does not escape, and gives another name than the object has
				wantGaps = []string{"source.name_form at home/acc-1/a\ufffdb"}
			}
			for _, n := range want {
				lay(t, filepath.Join(home(dir, owner), n), time.Unix(1_800_000_000, 0), []byte("body of "+n))
			}
			lay(t, filepath.Join(home(dir, "acc-10"), "x"), time.Unix(1_800_000_000, 0), []byte("another's"))
			lay(t, filepath.Join(dir, "store", "home", "acc-1x"), time.Unix(1_800_000_000, 0), []byte("another's"))
			got, gaps, err := collect(t, open(t, serve(t, dir)), source.Query{Account: owner})
			must(t, err)
			if wantGaps != nil {
				want = slices.DeleteFunc(want, func(s string) bool { return strings.Contains(s, "\x01") })
			}
			for i, n := range want {
				want[i] = source.Escape(n, 4096) + ": body of " + n
			}
			slices.Sort(want)
			slices.Sort(got)
			if d := cmp.Diff(want, got); d != "" || !slices.Equal(gaps, wantGaps) {
				t.Error(gaps, d)
			}
		})
	}
}

// native serves dir by the handler of golang.org/x/net.
func native(t testing.TB, dir string) objects.Config {
	t.Helper()
	s := httptest.NewServer(&davserver.Handler{Prefix: "/dav", FileSystem: davserver.Dir(dir), LockSystem: davserver.NewMemLS()})
	t.Cleanup(s.Close)
	return objects.Config{Form: objects.WebDAV, Server: wire.Server{Address: s.Listener.Addr().String(), Security: wire.None}, Base: "dav/store", Folder: "home/{account}", User: "gate", Password: servers.Secret(t)}
}

func TestAnAccountWithoutAFolderIsUnknownAndTheWrongPasswordIsNot(t *testing.T) {
	for name, serve := range map[string]func(testing.TB, string) objects.Config{"s3": s3, "webdav": webdav} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			lay(t, filepath.Join(home(dir, owner), "x"), time.Unix(1_800_000_000, 0), []byte("x"))
			cfg := serve(t, dir)
			must(t, open(t, cfg).Probe(t.Context()))
			for _, a := range []scope.AccountID{"acc-2", "acc-", "../acc-1", "", "ACC-1"} {
				if _, _, err := collect(t, open(t, cfg), source.Query{Account: a}); problem.Code(err) != "source.unknown_account" {
					t.Errorf("%q: %v", a, err)
				}
			}
			must(t, os.WriteFile(cfg.Password, []byte("wrong"), 0o600))
			s := open(t, cfg)
			if _, _, err := collect(t, s, source.Query{Account: owner}); problem.Code(err) != "source.login" {
				t.Errorf("a wrong password: %v", err)
			}
			if err := s.Probe(t.Context()); problem.Code(err) != "source.login" {
				t.Errorf("a wrong password, probed: %v", err)
			}
			must(t, os.WriteFile(cfg.Password, []byte("hunter2hunter2"), 0o600))
			gone := cfg
			gone.Bucket, gone.Base = map[string]string{"s3": "nothing"}[name], map[string]string{"webdav": "dav/nothing"}[name]
			if err := open(t, gone).Probe(t.Context()); problem.Code(err) != "source.unreadable" {
				t.Errorf("a store that is not there: %v", err)
			}
		})
	}
}

func TestAFileThatChangesBetweenListAndReadingIsSeen(t *testing.T) {
	for name, serve := range map[string]func(testing.TB, string) objects.Config{"s3": s3, "webdav": webdav} {
		for what, c := range map[string]struct {
			change func(path string) error
			codes  []string
		}{
			"grows":   {func(p string) error { return os.WriteFile(p, []byte("longer than it was"), 0o644) }, []string{"source.changed", "source.size"}},
			"is gone": {os.Remove, []string{"source.changed"}},
		} {
			dir := t.TempDir()
			path := filepath.Join(home(dir, owner), "f")
			lay(t, path, time.Unix(1_800_000_000, 0), []byte("body"))
			s := open(t, serve(t, dir))
			err := s.Items(t.Context(), source.Query{Account: owner}, func(it source.Item) error {
				must(t, c.change(path))
				time.Sleep(50 * time.Millisecond)
				r, err := it.Open()
				if err != nil {
					return err
				}
				_, err = io.Copy(io.Discard, r)
				return err
			}, func(source.Gap) error { return nil })
			if !slices.Contains(c.codes, problem.Code(err)) {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
	}
}

// serve gives one answer to lists and another to everything else.
func answer(t testing.TB, form objects.Form, list func(w http.ResponseWriter, r *http.Request), body string) *objects.Source {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "PROPFIND" || r.URL.Query().Has("list-type") {
			list(w, r)
			return
		}
		if body == "HANG" {
			w.Header().Set("Content-Length", "4")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			return
		}
		if raw, is := strings.CutPrefix(body, "RAW "); is { // and the line ends
			c, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(c, raw)
				c.Close()
			}
			return
		}
		body, is := strings.CutPrefix(body, "LATER ")
		if is {
			w.Header().Set("Last-Modified", "Thu, 05 Mar 2026 12:00:01 GMT")
		}
		coded, is := strings.CutPrefix(body, "GZIP ")
		if is {
			w.Header().Set("Content-Encoding", "gzip")
		}
		unsaid, is := strings.CutPrefix(coded, "CHUNKED ")
		if is {
			w.(http.Flusher).Flush() // without a length
		}
		_, _ = io.WriteString(w, unsaid)
	}))
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	cfg := objects.Config{Form: form, Server: wire.Server{Address: s.Listener.Addr().String(), Security: wire.None, Patience: 400 * time.Millisecond}, Folder: "{account}", User: "gate", Password: servers.Secret(t)}
	if form == objects.S3 {
		cfg.Bucket = "b"
	}
	return open(t, cfg)
}

func contents(keys ...string) string {
	var b strings.Builder
	for _, k := range keys {
		fmt.Fprintf(&b, "<Contents><Key>%s</Key><LastModified>2026-03-05T12:00:00.000Z</LastModified><ETag>x</ETag><Size>4</Size></Contents>", url.QueryEscape(k))
	}
	return b.String()
}

func bucketList(inner string) string {
	return `<ListBucketResult><EncodingType>url</EncodingType>` + inner + `</ListBucketResult>`
}

func response(href, props string) string {
	return `<D:response><D:href>` + href + `</D:href><D:propstat><D:prop>` + props + `</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>`
}

const (
	isFolder = `<D:resourcetype><D:collection/></D:resourcetype>`
	isFile   = `<D:getcontentlength>4</D:getcontentlength>` + isUnsized

	isUnsized = `<D:getlastmodified>Thu, 05 Mar 2026 12:00:00 GMT</D:getlastmodified>`
)

func davList(inner string) string {
	return `<D:multistatus xmlns:D="DAV:">` + response("/acc-1/", isFolder) + inner + `</D:multistatus>`
}

func TestAServerThatLiesLoopsOrHangsIsNeverAnEmptyAnswer(t *testing.T) {
	page := 0
	var many []string
	for i := range 1001 {
		many = append(many, fmt.Sprintf("acc-1/%04d", i))
	}
	for name, c := range map[string]struct {
		form       objects.Form
		list, body string
		code       string
		gaps       int
	}{
		"s3 as it should be":           {objects.S3, bucketList(contents("acc-1/x")), "body", "", 0},
		"s3 of another account":        {objects.S3, bucketList(contents("acc-1/x", "acc-2/x")), "body", "source.protocol", 0},
		"s3 of a longer name":          {objects.S3, bucketList(contents("acc-10/x")), "body", "source.protocol", 0},
		"s3 with .. in a key":          {objects.S3, bucketList(contents("acc-1/../acc-2/x", "acc-1/./y", "acc-1/..", "acc-1/z\x00")), "body", "", 4},
		"s3 with 4 KB of a key":        {objects.S3, bucketList(contents("acc-1/" + strings.Repeat("x", 4096))), "body", "source.protocol", 0},
		"s3 that goes on as before":    {objects.S3, bucketList(contents("acc-1/x") + "<IsTruncated>true</IsTruncated><NextContinuationToken>same</NextContinuationToken>"), "body", "source.protocol", 0},
		"s3 that goes on and cannot":   {objects.S3, bucketList(contents("acc-1/x") + "<IsTruncated>true</IsTruncated>"), "body", "source.protocol", 0},
		"s3 that goes on unsaid":       {objects.S3, bucketList(contents("acc-1/x") + "<IsTruncated>false</IsTruncated><NextContinuationToken>more</NextContinuationToken>"), "body", "source.protocol", 0},
		"s3 that goes on and on":       {objects.S3, "LOOP", "body", "source.too_large", 0},
		"s3 without a size":            {objects.S3, bucketList(`<Contents><Key>acc-1/x</Key><LastModified>2026-03-05T12:00:00Z</LastModified></Contents>`), "body", "source.protocol", 0},
		"s3 below zero":                {objects.S3, bucketList(strings.Replace(contents("acc-1/x"), "<Size>4", "<Size>-4", 1)), "body", "source.protocol", 0},
		"s3 with a body too short":     {objects.S3, bucketList(contents("acc-1/x")), "bo", "source.size", 0},
		"s3 with a body too long":      {objects.S3, bucketList(contents("acc-1/x")), "body and more", "source.size", 0},
		"s3 with less than it listed":  {objects.S3, bucketList(contents("acc-1/x")), "CHUNKED bo", "source.size", 0},
		"s3 with more than it listed":  {objects.S3, bucketList(contents("acc-1/x")), "CHUNKED body and more", "source.size", 0},
		"dav with less than it listed": {objects.WebDAV, davList(response("/acc-1/x", isFile)), "CHUNKED bo", "source.size", 0},
		"s3 that says it and ends":     {objects.S3, bucketList(contents("acc-1/x")), "RAW HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbo", "source.unreadable", 0},
		"s3 that says nothing, short":  {objects.S3, bucketList(contents("acc-1/x")), "RAW HTTP/1.0 200 OK\r\n\r\nbo", "source.size", 0},
		"s3 that says nothing, long":   {objects.S3, bucketList(contents("acc-1/x")), "RAW HTTP/1.0 200 OK\r\n\r\nbody and more", "source.size", 0},
		"dav that says it and ends":    {objects.WebDAV, davList(response("/acc-1/x", isFile)), "RAW HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbo", "source.unreadable", 0},
		"dav that says nothing at all": {objects.WebDAV, davList(response("/acc-1/x", isUnsized)), "RAW HTTP/1.0 200 OK\r\n\r\nbo", "source.protocol", 0},
		"dav that says it at last":     {objects.WebDAV, davList(response("/acc-1/x", isUnsized)), "RAW HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nbody", "", 0},
		"dav in parts":                 {objects.WebDAV, davList(response("/acc-1/x", isUnsized)), "CHUNKED body", "", 0},
		"dav in parts without the end": {objects.WebDAV, davList(response("/acc-1/x", isUnsized)), "RAW HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n", "source.unreadable", 0},
		"s3 with a page too long":      {objects.S3, bucketList(contents(many...)), "body", "source.protocol", 0},
		"s3 that has nothing more":     {objects.S3, "NOTHING", "body", "source.protocol", 0},
		"s3 that hangs in a body":      {objects.S3, bucketList(contents("acc-1/x")), "HANG", "source.unreadable", 0},
		"s3 that is no XML":            {objects.S3, "{}", "body", "source.protocol", 0},
		"s3 that is other XML":         {objects.S3, "<html></html>", "body", "source.protocol", 0},
		"s3 cut short":                 {objects.S3, bucketList(contents("acc-1/x"))[:150], "body", "source.protocol", 0},
		"s3 that hangs":                {objects.S3, "HANG", "body", "source.unreadable", 0},
		"s3 that fails":                {objects.S3, "500", "body", "source.unreadable", 0},
		"s3 that sends elsewhere":      {objects.S3, "302", "body", "source.unreadable", 0},
		"s3 with an entity":            {objects.S3, `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + bucketList("<Next>&e;</Next>"), "body", "source.protocol", 0},
		"s3 with a second list":        {objects.S3, bucketList(contents("acc-1/x")) + bucketList(contents("acc-1/y"))[strings.Index(bucketList(""), "<ListBucketResult"):], "body", "source.protocol", 0},
		"dav with a second list":       {objects.WebDAV, davList(response("/acc-1/x", isFile)) + davList(response("/acc-1/y", isFile)), "body", "source.protocol", 0},
		"dav as it should be":          {objects.WebDAV, davList(response("/acc-1/x", isFile)), "body", "", 0},
		"dav of another account":       {objects.WebDAV, davList(response("/acc-2/x", isFile)), "body", "source.protocol", 0},
		"dav on another server":        {objects.WebDAV, davList(response("http://elsewhere.example/acc-1/x", isFile)), "body", "source.protocol", 0},
		"dav with .. in a name":        {objects.WebDAV, davList(response("/acc-1/..", isFile) + response("/acc-1/%2e", isFile) + response("/acc-1/a%2Fb", isFile) + response("/acc-1/%2e%2e%2facc-2%2fx", isFile)), "body", "", 4},
		"dav with a name twice":        {objects.WebDAV, davList(response("/acc-1/x", isFile) + response("/acc-1/x", isFile)), "body", "source.protocol", 0},
		"dav without itself":           {objects.WebDAV, `<D:multistatus xmlns:D="DAV:"></D:multistatus>`, "body", "source.protocol", 0},
		"dav that cannot tell":         {objects.WebDAV, davList(`<D:response><D:href>/acc-1/x</D:href><D:status>HTTP/1.1 500 no</D:status></D:response>`), "body", "", 1},
		"dav that says not what":       {objects.WebDAV, davList(strings.Replace(response("/acc-1/sub/", isFolder), " 200 ", " 403 ", 1)), "a page about the folder", "", 1},
		"dav below zero":               {objects.WebDAV, davList(response("/acc-1/x", strings.Replace(isFile, ">4<", ">-4<", 1))), "body", "source.protocol", 0},
		"dav with a body too long":     {objects.WebDAV, davList(response("/acc-1/x", isFile)), "body and more", "source.size", 0},
		"dav with a body in a coding":  {objects.WebDAV, davList(response("/acc-1/x", isFile)), "GZIP body", "source.protocol", 0},
		"dav with a body of later":     {objects.WebDAV, davList(response("/acc-1/x", isFile)), "LATER body", "source.changed", 0},
		"s3 of an object in a coding":  {objects.S3, bucketList(contents("acc-1/x")), "GZIP body", "", 0}, // it was stored so
		"dav cut short":                {objects.WebDAV, davList(response("/acc-1/x", isFile))[:200], "body", "source.protocol", 0},
		"dav that hangs":               {objects.WebDAV, "HANG", "body", "source.unreadable", 0},
		"dav that is no list":          {objects.WebDAV, "200", "body", "source.unreadable", 0},
		"dav that is a file":           {objects.WebDAV, `<D:multistatus xmlns:D="DAV:">` + response("/acc-1/", isFile) + `</D:multistatus>`, "body", "source.not_a_file", 0},
	} {
		s := answer(t, c.form, func(w http.ResponseWriter, r *http.Request) {
			switch c.list {
			case "HANG":
				_, _ = io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
				return
			case "500", "302", "200":
				w.Header().Set("Location", "http://elsewhere.example/")
				w.WriteHeader(map[string]int{"500": 500, "302": 302, "200": 200}[c.list])
				return
			case "NOTHING":
				page++
				_, _ = io.WriteString(w, bucketList(fmt.Sprintf("<IsTruncated>true</IsTruncated><NextContinuationToken>%d</NextContinuationToken>", page)))
				return
			case "LOOP":
				page++
				_, _ = io.WriteString(w, bucketList(contents("acc-1/x")+fmt.Sprintf("<IsTruncated>true</IsTruncated><NextContinuationToken>%d</NextContinuationToken>", page)))
				return
			}
			if c.form == objects.WebDAV {
				w.WriteHeader(http.StatusMultiStatus)
			}
			_, _ = io.WriteString(w, c.list)
		}, c.body)
		begin := time.Now()
		got, gaps, err := collect(t, s, source.Query{Account: owner, Until: time.Unix(1_900_000_000, 0)})
		if c.code == "" && (err != nil || len(got)+len(gaps) == 0 || len(gaps) != c.gaps) || c.code != "" && problem.Code(err) != c.code || time.Since(begin) > 60*time.Second {
			t.Errorf("%s: %q, gaps %q, %v after %v", name, got, gaps, err, time.Since(begin))
		}
	}
}

// A folder that holds itself, over and over.
func TestFoldersWithoutEndAreAGap(t *testing.T) {
	s := answer(t, objects.WebDAV, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusMultiStatus)
		_, _ = io.WriteString(w, `<D:multistatus xmlns:D="DAV:">`+response(r.URL.Path, isFolder)+response(r.URL.Path+"again/", isFolder)+`</D:multistatus>`)
	}, "")
	_, gaps, err := collect(t, s, source.Query{Account: owner})
	if err != nil || len(gaps) != 1 || !strings.HasPrefix(gaps[0], "source.too_deep") {
		t.Errorf("%.200q %v", gaps, err)
	}
}

func TestCancellingEndsAHangingServer(t *testing.T) {
	s := answer(t, objects.S3, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	err := s.Items(ctx, source.Query{Account: owner}, func(source.Item) error { return nil }, func(source.Gap) error { return nil })
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > time.Second {
		t.Errorf("%v after %v", err, time.Since(begin))
	}
}

func TestAConfigurationOfAServerOfFilesHoldsTogether(t *testing.T) {
	for name, change := range map[string]func(*objects.Config){
		"no form":         func(c *objects.Config) { c.Form = "ftp" },
		"no bucket":       func(c *objects.Config) { c.Bucket = "" },
		"a path":          func(c *objects.Config) { c.Bucket = "a/b" },
		"a base upwards":  func(c *objects.Config) { c.Form, c.Bucket, c.Base = objects.WebDAV, "", "../x" },
		"no user":         func(c *objects.Config) { c.User = "" },
		"no password":     func(c *objects.Config) { c.Password = "" },
		"no mark":         func(c *objects.Config) { c.Folder = "home" },
		"a folder up":     func(c *objects.Config) { c.Folder = "{account}/.." },
		"no tls far away": func(c *objects.Config) { c.Server.Address = "s3.cloud.example:80" },
		"starttls":        func(c *objects.Config) { c.Server.Security = wire.StartTLS },
		"a name up":       func(c *objects.Config) { c.Accounts = map[scope.AccountID]string{"acc-1": "../acc-2"} },
	} {
		cfg := objects.Config{Form: objects.S3, Server: wire.Server{Address: "127.0.0.1:9", Security: wire.None}, Bucket: "b", Folder: "{account}", User: "u", Password: "/etc/x"}
		change(&cfg)
		if _, err := objects.New(cfg); problem.Code(err) != "source.config" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
