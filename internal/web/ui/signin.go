package ui

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"net/http"

	"counterseal/internal/problem"
)

//go:embed signin.js
var signInScript []byte

// signInPolicy lets the pages of sign-in run their own script and talk to their own
// address, besides what every page may.
const signInPolicy = policy + "; script-src 'self'; connect-src 'self'"

// SignInScriptPath is where the script of the pages of sign-in is; the path changes
// with its content.
func SignInScriptPath() string {
	sum := sha256.Sum256(signInScript)
	return "/signin-" + hex.EncodeToString(sum[:6]) + ".js"
}

// SignInScript serves it.
func SignInScript(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Write(signInScript)
}

// signInPage is what the pages of sign-in are made of.
type signInPage struct {
	Nonce, Challenge, Host, Name string
	Action, Make, Enter, Script  string
	Issuer, Home, Leave          string
}

func (d Door) signInPage() signInPage {
	return signInPage{Action: "/enter/passkey", Make: "/enter/make", Enter: "/enter", Script: SignInScriptPath()}
}

// SignIn asks for a passkey's answer to a challenge, or leads to the issuer.
func (d Door) SignIn(w http.ResponseWriter, nonce, challenge, issuer string) {
	data := d.signInPage()
	data.Nonce, data.Challenge, data.Issuer = nonce, challenge, issuer
	d.showSignIn(w, "signin.html", "Sign in", data)
}

// Make makes a passkey that is bound to a host.
func (d Door) Make(w http.ResponseWriter, host string) {
	data := d.signInPage()
	data.Host, data.Name = host, d.provider+", office"
	d.showSignIn(w, "passkey.html", "Make a passkey", data)
}

func (d Door) showSignIn(w http.ResponseWriter, name, title string, data signInPage) {
	w.Header().Set("Permissions-Policy", "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=()")
	p := Page{Title: title, Provider: d.provider, Place: []Crumb{{Name: title}}}
	d.frame.ShowUnder(w, http.StatusOK, signInPolicy, name, p, Clock{}, data)
}

// Entered says that somebody is signed in, and goes on by itself.
func (d Door) Entered(w http.ResponseWriter, home string) {
	w.Header().Set("Refresh", "0; url="+home)
	p := Page{Title: "Signed in", Provider: d.provider, Place: []Crumb{{Name: "Sign in"}}}
	d.frame.Show(w, http.StatusOK, "entered.html", p, Clock{}, signInPage{Home: home})
}

// Left says that a session has ended here, and leads to where one is ended at the
// issuer.
func (d Door) Left(w http.ResponseWriter, at string) {
	p := Page{Title: "Signed out", Provider: d.provider, Place: []Crumb{{Name: "Sign in"}}}
	d.frame.Show(w, http.StatusOK, "left.html", p, Clock{}, signInPage{Leave: at, Enter: "/enter"})
}

// fault is a problem as the script reads it.
type fault struct {
	Says  string `json:"says"`
	Field string `json:"field,omitempty"`
	Fix   string `json:"fix,omitempty"`
	Code  string `json:"code"`
}

// Fault tells the script of these pages a problem. A status of 0 is that of its kind.
func (d Door) Fault(w http.ResponseWriter, status int, err error) {
	if status == 0 {
		status = problem.Of(err).Kind.HTTPStatus()
	}
	t := TroubleOf(err)
	b, merr := json.Marshal(fault{t.Message, t.Field, t.Remedy, t.Code})
	if merr != nil {
		status, b = http.StatusInternalServerError, []byte(`{}`)
	}
	Headers(w)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(b, '\n'))
}
