// Package identifier reads the identifiers that instruments state: addresses,
// telephone numbers, network addresses, and what else people are named by.
//
// Its words. An identifier has a *kind* and is *stated* as the instrument has it.
// Its *normal form* is the one way in which it is compared, byte for byte, with
// what the provider's estate says; two that differ in their normal form are two.
// *Notes* are sentences for the person who records a resolution and for the one
// who checks it: what was left out of the comparison, what looks like something
// else.
//
// Its promises. Nothing is guessed: what can be read in two ways is refused as
// ambiguous, with what to ask the requester for. Only ASCII letters are folded,
// because Unicode folding equates letters that are not the same (the Kelvin sign
// and k), and no look-alike is mapped to what it looks like. Pure, bounded in
// time and memory by MaxStated, safe for concurrent use.
//
// Normal forms:
//
//	address  local part and domain in lower-case ASCII letters, labels with
//	         Latin letters of their own as xn-- (RFC 3492)
//	account  the account's id, exactly
//	phone    E.164: "+", country code, number
//	ip       canonical text of RFC 5952 for IPv6; an IPv4-mapped address is its
//	         IPv4 address; port and instant stand beside it
//	imei     15 digits, the last a right check digit (3GPP TS 23.003 Annex B)
//	url      host and path; scheme, query and fragment are not compared
//	payment, device, name  as stated, spaces at the ends taken off
//
// Codes: identifier.kind, identifier.form, identifier.ambiguous.
//
// It imports the standard library, scope (for the form of account ids) and problem.
package identifier
