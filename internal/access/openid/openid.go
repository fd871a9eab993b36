package openid

import (
	"context"
	"crypto/subtle"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"counterseal/internal/access"
	"counterseal/internal/problem"
)

const (
	skew      = time.Minute      // between the issuer's clock and ours
	maxAge    = 10 * time.Minute // of an ID token
	keepFor   = time.Hour        // what the issuer says of its parts
	patience  = 10 * time.Second // for one answer
	maxAnswer = 1 << 20
)

// signed are the ways in which a token may be signed: none by a secret that we hold
// too, and no way that is none.
var signed = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// Config says which issuer, and as whom we are known there.
type Config struct {
	Issuer, Client, Secret string
	Now                    func() time.Time
}

// Issuer implements access.OpenID. It is safe for concurrent use.
type Issuer struct {
	Config
	http *http.Client

	mu    sync.Mutex
	parts *parts
}

// parts are what the metadata says.
type parts struct {
	at       time.Time
	provider *oidc.Provider
	oauth    oauth2.Config
	leave    string
	named    bool // answers name their issuer (RFC 9207)
}

// New knows an issuer, and asks it nothing yet.
func New(c Config) *Issuer {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableKeepAlives = true // it is asked seldom
	return &Issuer{Config: c, http: &http.Client{
		Transport:     guarded{t, c.Issuer},
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("a redirection") },
	}}
}

// ValidIssuer reports whether an issuer's name can be one: https, or this machine's
// loopback; no query, no fragment (OpenID Connect Discovery 1.0, section 3).
func ValidIssuer(issuer string) bool {
	u, err := url.Parse(issuer)
	return err == nil && u.Host != "" && u.User == nil && u.RawQuery == "" && !u.ForceQuery && u.Fragment == "" && u.Opaque == "" && may(issuer, u)
}

// may reports whether a part of an issuer may be where it is said to be.
func may(issuer string, part *url.URL) bool {
	if part.Scheme == "https" && part.Host != "" && part.User == nil {
		return true
	}
	i, err := url.Parse(issuer)
	return err == nil && i.Scheme == "http" && part.Scheme == "http" && loopback(i.Hostname()) && loopback(part.Hostname()) && part.User == nil
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.Unmap().IsLoopback()
}

// guarded sends requests nowhere but where parts of the issuer may be, and reads no
// endless answer.
type guarded struct {
	under  http.RoundTripper
	issuer string
}

// RoundTrip implements http.RoundTripper.
func (g guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if !may(g.issuer, r.URL) {
		return nil, errors.New("a part of the issuer is not reached by https")
	}
	a, err := g.under.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	a.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(a.Body, maxAnswer), a.Body}
	return a, nil
}

// known asks for the metadata, once an hour. Code: access.issuer.
func (i *Issuer) known(ctx context.Context) (*parts, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := i.Now()
	if i.parts != nil && now.Sub(i.parts.at).Abs() < keepFor {
		return i.parts, nil
	}
	p, err := oidc.NewProvider(oidc.ClientContext(ctx, i.http), i.Issuer)
	if err != nil {
		return nil, silent(err)
	}
	var more struct {
		Leave   string   `json:"end_session_endpoint"`
		Named   bool     `json:"authorization_response_iss_parameter_supported"`
		Methods []string `json:"token_endpoint_auth_methods_supported"`
	}
	err = p.Claims(&more)
	if err != nil {
		return nil, silent(err)
	}
	e := p.Endpoint()
	e.AuthStyle = oauth2.AuthStyleInHeader // not found out by trying: a code is sent once
	if len(more.Methods) > 0 && !slices.Contains(more.Methods, "client_secret_basic") {
		e.AuthStyle = oauth2.AuthStyleInParams
	}
	if !i.mayBe(e.AuthURL) || !i.mayBe(e.TokenURL) {
		return nil, silent(errors.New("a part of the issuer is not reached by https"))
	}
	if !i.mayBe(more.Leave) {
		more.Leave = ""
	}
	i.parts = &parts{at: now, provider: p, leave: more.Leave, named: more.Named,
		oauth: oauth2.Config{ClientID: i.Client, ClientSecret: i.Secret, Endpoint: e, Scopes: []string{oidc.ScopeOpenID, "email"}}}
	return i.parts, nil
}

func (i *Issuer) mayBe(part string) bool {
	u, err := url.Parse(part)
	return err == nil && may(i.Issuer, u)
}

// silent says that the issuer is of no use now.
func silent(err error) *problem.Error {
	return problem.New(problem.Unavailable, "access.issuer", "the issuer of sign-in does not answer, or not as it should").Fix("sign in with a passkey, or later; counterseal doctor asks the issuer too").Because(err)
}

// Answers asks whether the issuer answers. Code: access.issuer.
func (i *Issuer) Answers(ctx context.Context) error {
	_, err := i.known(ctx)
	return err
}

// Begin implements access.OpenID.
func (i *Issuer) Begin(ctx context.Context, s access.Started) (string, error) {
	p, err := i.known(ctx)
	if err != nil {
		return "", err
	}
	c := p.oauth
	c.RedirectURL = s.Back
	return c.AuthCodeURL(s.State, oidc.Nonce(s.Nonce), oauth2.S256ChallengeOption(s.Verifier)), nil
}

// Leave implements access.OpenID.
func (i *Issuer) Leave(ctx context.Context, back string) string {
	p, err := i.known(ctx)
	if err != nil || p.leave == "" {
		return ""
	}
	u, err := url.Parse(p.leave)
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set("client_id", i.Client)
	q.Set("post_logout_redirect_uri", back)
	u.RawQuery = q.Encode()
	return u.String()
}

// End implements access.OpenID.
func (i *Issuer) End(ctx context.Context, s access.Started, code, iss string) (access.Identity, error) {
	p, err := i.known(ctx)
	if err != nil {
		return access.Identity{}, err
	}
	if iss != i.Issuer && (iss != "" || p.named) { // the answer is another's (RFC 9207)
		return access.Identity{}, amiss(errors.New("the answer names another issuer, or none"))
	}
	ctx = oidc.ClientContext(ctx, i.http)
	c := p.oauth
	c.RedirectURL = s.Back
	tokens, err := c.Exchange(ctx, code, oauth2.VerifierOption(s.Verifier))
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < 500 {
		return access.Identity{}, amiss(err)
	}
	if err != nil {
		return access.Identity{}, silent(err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	return i.believe(ctx, p, raw, tokens.AccessToken, s.Nonce)
}

// believe reads an ID token. Codes: access.issuer_token, access.issuer.
func (i *Issuer) believe(ctx context.Context, p *parts, raw, accessToken, nonce string) (access.Identity, error) {
	now := i.Now()
	t, err := p.provider.Verifier(&oidc.Config{ClientID: i.Client, SupportedSigningAlgs: signed, Now: func() time.Time { return now.Add(-skew) }}).Verify(ctx, raw)
	var network net.Error
	if errors.As(err, &network) {
		return access.Identity{}, silent(err)
	}
	if err != nil {
		return access.Identity{}, amiss(err)
	}
	var more struct {
		Party    string  `json:"azp"`
		Before   float64 `json:"nbf"` // a NumericDate may have a fraction
		Email    string  `json:"email"`
		Verified any     `json:"email_verified"`
	}
	err = t.Claims(&more)
	switch {
	case err != nil:
	case subtle.ConstantTimeCompare([]byte(t.Nonce), []byte(nonce)) != 1:
		err = errors.New("the nonce is another's")
	case t.Issuer != i.Issuer:
		err = errors.New("the issuer is another")
	case more.Party != "" && more.Party != i.Client, more.Party == "" && len(t.Audience) != 1:
		err = errors.New("it is for others")
	case t.IssuedAt.After(now.Add(skew)), now.Sub(t.IssuedAt) > maxAge+skew, more.Before > float64(now.Add(skew).Unix()):
		err = errors.New("it is not of now")
	case t.Subject == "" || len(t.Subject) > 255:
		err = errors.New("it names nobody")
	case t.AccessTokenHash != "":
		err = t.VerifyAccessToken(accessToken)
	}
	if err != nil {
		return access.Identity{}, amiss(err)
	}
	out := access.Identity{Issuer: i.Issuer, Subject: t.Subject}
	if more.Verified == true {
		out.Email = more.Email
	}
	return out, nil
}

// amiss says that what came of a sign-in does not hold.
func amiss(err error) *problem.Error {
	return problem.New(problem.Unverified, "access.issuer_token", "what the issuer says of this sign-in does not hold").Fix("sign in again; if this stays so, see that the issuer's clock and ours are right, and what is registered there of this office").Because(err)
}
