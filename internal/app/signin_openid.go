package app

import (
	"context"
	"strings"
	"time"

	"counterseal/internal/access"
	"counterseal/internal/access/openid"
)

// OpenIDConfig names an issuer of OpenID Connect whose word signs people in. The
// secret is the file keys/openid.
type OpenIDConfig struct {
	Issuer string `toml:"issuer"` // "https://id.example"
	Client string `toml:"client"` // as which the office is registered there
}

// ids are the names under which the issuer knows a person.
func (p SignInPerson) ids(issuer string) []string {
	switch {
	case p.Subject != "":
		return []string{access.SubjectID(issuer, p.Subject)}
	case p.Email != "":
		return []string{access.EmailID(issuer, p.Email)}
	}
	return nil
}

// issuer is the one whose word signs people in; nil where none is named. Code:
// app.key_missing.
func (o *Office) issuer() (*openid.Issuer, error) {
	c := o.Config.SignIn.OpenID
	if c.Issuer == "" {
		return nil, nil
	}
	secret, err := o.Folder.readSecret("openid")
	if err != nil {
		return nil, err
	}
	return openid.New(openid.Config{Issuer: c.Issuer, Client: c.Client, Secret: strings.TrimSpace(string(secret)), Now: time.Now}), nil
}

// openID is the issuer as the door knows it; nil where none is named.
func (o *Office) openID() access.OpenID {
	i, err := o.issuer()
	switch {
	case err != nil:
		return noIssuer{err}
	case i == nil:
		return nil
	}
	return i
}

// noIssuer is one whose secret cannot be read: passkeys go on.
type noIssuer struct{ err error }

// Begin implements access.OpenID.
func (n noIssuer) Begin(context.Context, access.Started) (string, error) { return "", n.err }

// End implements access.OpenID.
func (n noIssuer) End(context.Context, access.Started, string, string) (access.Identity, error) {
	return access.Identity{}, n.err
}

// Leave implements access.OpenID.
func (n noIssuer) Leave(context.Context, string) string { return "" }
