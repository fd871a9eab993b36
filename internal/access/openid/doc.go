// Package openid asks an issuer of OpenID Connect who somebody is, for package access.
//
// Its words. An *issuer* is a server that people sign in to; its *metadata* says where
// its parts are. An *ID token* is what it signs about somebody, for us (the
// *audience*), in answer to one *nonce*.
//
// Its promises. The authorization code flow alone, with PKCE (S256), state and nonce
// (OpenID Connect Core 1.0, section 3.1; RFC 7636; RFC 9700). A token counts if an
// asymmetric key of the issuer's signed it, for us alone or with us as the authorized
// party, over our nonce, within a minute of our clock, no more than ten minutes ago.
// Nothing else that the issuer or the browser says is believed; an address counts if
// the token says that it is verified. The issuer and each of its parts are reached by
// https, or on this machine's loopback where the issuer is itself there; no
// redirection is followed, no answer is larger than 1 MiB, none takes longer than ten
// seconds. An issuer that does not answer is one problem (access.issuer), and is asked
// anew at the next attempt.
//
// What it does not do: it makes nobody a user, keeps no token, and asks for nothing
// later: what the issuer takes away, our own file or session end has to take away here.
//
// It imports the standard library, go-oidc, oauth2, problem and access.
package openid
