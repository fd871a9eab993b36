// Package openpgp reads the OpenPGP certificates of agencies (RFC 9580, RFC 4880)
// and encrypts to them.
//
// Its words. A *certificate* is one primary key with its names, subkeys and
// signatures, in binary. A *recipient* is how a text names it: "openpgp:" and the
// whole fingerprint of the primary key in capital hexadecimal digits, as gpg prints
// it.
//
// Its promises. A certificate is read within bounds of size, packets and subkeys,
// and only alone: no second key, no secret key, nothing behind it. Usable says
// whether, at a time, its own signatures hold (never by SHA-1 or MD5), neither it
// nor the chosen subkey is expired or revoked, and both are of sound algorithms:
// Curve25519, Curve448, the NIST curves, RSA of 2,048 bits and more. Encrypt asks
// again. What is encrypted is AES with integrity protection (SEIPD version 1, or
// version 2 where the certificate says that its owner reads it), uncompressed, in
// one pass, to one subkey; nothing of the file's name or time is written.
//
// What it cannot say: whose certificate it is. That is for the charter.
//
// Codes: openpgp.form, openpgp.too_large, openpgp.secret, openpgp.unusable,
// openpgp.encrypt, openpgp.head.
//
// Imports: standard library, ProtonMail/go-crypto, problem.
package openpgp
