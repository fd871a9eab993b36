package objects

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/wire"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Form is the protocol of a server.
type Form string

const (
	S3     Form = "s3"
	WebDAV Form = "webdav"
)

// Config says where the accounts' folders are.
type Config struct {
	Form     Form
	Server   wire.Server
	Bucket   string // S3
	Region   string // S3; "" for us-east-1
	Base     string // WebDAV: the path of the server at which the store is, or ""
	Folder   string // an account's, with {account} in it
	Accounts map[scope.AccountID]string
	User     string // WebDAV: the user's name; S3: the access key's id
	Password string // the file in which the password, or the secret key, stands
}

// A Source reads one store. It may be used from several goroutines.
type Source struct {
	cfg    Config
	place  source.Place
	limits limits
}

// Limits are how much of an account is read at most.
type limits struct{ entries, folders, pages int }

var (
	_ source.Source  = (*Source)(nil)
	_ source.Divided = (*Source)(nil)
	_ source.Prober  = (*Source)(nil)
)

// New checks a configuration. It reaches nothing. Code: source.config.
func New(cfg Config) (*Source, error) {
	err := cfg.Server.Check(wire.TLS, wire.None)
	if err != nil {
		return nil, err
	}
	if cfg.Region == "" {
		cfg.Region = "us-east-1"
	}
	switch {
	case cfg.Form != S3 && cfg.Form != WebDAV:
		return nil, misconfigured("a server of files is one of s3 and webdav", fmt.Sprintf("form %.40q", string(cfg.Form)))
	case cfg.Form == S3 && (!plainWord(cfg.Bucket) || !plainWord(cfg.Region)):
		return nil, misconfigured("a bucket and a region are named by letters, digits, dots and hyphens", "bucket, region")
	case cfg.Form == WebDAV && (cfg.Base != "" && !local(cfg.Base) || cfg.Bucket != ""):
		return nil, misconfigured("the base of a WebDAV store is a path without a slash at its ends", fmt.Sprintf("base %.200q", cfg.Base))
	case cfg.User == "" || cfg.Password == "" || strings.ContainsAny(cfg.User, ":\x00\r\n/,= "):
		return nil, misconfigured("a server of files is asked as a user, whose password stands in a file", "user, password_file")
	}
	s := &Source{cfg, source.Place{Pattern: cfg.Folder, Names: cfg.Accounts}, limits{maxEntries, maxFolders, maxPages}}
	err = s.place.Check("folder", local)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func misconfigured(what, field string) error {
	return problem.New(problem.Invalid, "source.config", "%s", what).At("%s", field)
}

func plainWord(s string) bool {
	return len(s) > 0 && len(s) < 64 && s[0] != '.' && !strings.Contains(s, "..") && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == ""
}

// local reports whether a path has segments and each can be asked for.
func local(path string) bool {
	if path == "" || len(path) > 1000 || !utf8.ValidString(path) || strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return false
	}
	for _, part := range strings.Split(path, "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	return true
}

// Service is scope.Files.
func (s *Source) Service() scope.Service { return scope.Files }

// Categories is content alone.
func (s *Source) Categories() []scope.Category { return []scope.Category{scope.Content} }

// Store is the server's address, with the bucket or the base.
func (s *Source) Store() string {
	return strings.TrimSuffix(s.cfg.Server.Address+"/"+s.cfg.Bucket+s.cfg.Base, "/")
}

// Probe asks the server for nothing of anybody: whether the bucket, or the base, is
// there for the stated user.
func (s *Source) Probe(ctx context.Context) error {
	p, err := s.pass(ctx)
	if err != nil {
		return err
	}
	defer p.client.CloseIdleConnections()
	if s.cfg.Form == S3 {
		_, err = p.page("counterseal-probe/", "", 1)
		return err
	}
	return p.probeDAV()
}

// Items implements source.Source. It leaves out files that were last changed
// outside the query. Codes: those of source.Source, source.secret, source.login,
// source.protocol, source.size.
func (s *Source) Items(ctx context.Context, q source.Query, item func(source.Item) error, gap func(source.Gap) error) error {
	err := ctx.Err()
	if err != nil {
		return err
	}
	folder, err := s.place.Of(q.Account)
	if err != nil {
		return err
	}
	p, err := s.pass(ctx)
	if err != nil {
		return err
	}
	defer p.client.CloseIdleConnections()
	p.query, p.item, p.gap, p.breaks = q, item, gap, s.cfg.Server.Breaks(q.TakenUp)
	if s.cfg.Form == S3 {
		err = p.bucket(folder + "/")
	} else {
		err = p.collection(folder)
	}
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func (s *Source) pass(ctx context.Context) (*pass, error) {
	secret, err := wire.Secret(s.cfg.Password)
	if err != nil {
		return nil, err
	}
	client, err := s.cfg.Server.Client(ctx)
	if err != nil {
		return nil, err
	}
	p := &pass{cfg: &s.cfg, limits: s.limits, ctx: ctx, client: client, secret: secret, breaks: s.cfg.Server.Breaks(nil), ids: source.NewIDs("files", "files-item-v1")}
	if s.cfg.Form == S3 {
		p.failing = []int{http.StatusInternalServerError} // InternalError of S3 asks to be tried again
	}
	return p, nil
}

// ask sends one request for a path whose segments are given as they are. Codes:
// source.unreadable, source.login.
func (p *pass) ask(method, path, query string, body string, header map[string]string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(p.ctx, method, p.cfg.Server.URL(), strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.URL = &url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host, Path: path, RawPath: encode(path, true), RawQuery: query}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	r.Header["Idempotency-Key"] = nil // tells net/http, and nobody else, that PROPFIND only reads
	r.Header.Set("User-Agent", "counterseal")
	if p.cfg.Form == S3 {
		p.sign(r)
	} else {
		r.SetBasicAuth(p.cfg.User, p.secret)
	}
	res, err := p.client.Do(r)
	if err != nil {
		return nil, p.cfg.Server.Unreachable(err)
	}
	if res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden {
		res.Body.Close()
		return nil, problem.New(problem.Refused, "source.login", "the store's server does not let the gate in").At("%s", p.shown(path)).
			Fix("see to the user's rights, and to the password").Because(fmt.Errorf("status %d", res.StatusCode))
	}
	return res, nil
}

// encode escapes everything but unreserved bytes (RFC 3986 §2.3), and slashes where
// they part segments.
func encode(s string, slashes bool) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~' || c == '/' && slashes {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}
