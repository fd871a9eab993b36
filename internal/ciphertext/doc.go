// Package ciphertext recognises, by how it begins, what is encrypted in one of a few
// well-known forms.
//
// Its words. A *form* is how a file is encrypted: age, openpgp, smime, cms, luks. A
// *head* is the beginning of an item's bytes.
//
// Its promises. A form is named only where the head says so in words or numbers that
// stand for nothing else, or has its structure field by field: a message of OpenPGP in
// binary is one only if each packet with a session key is as long as its fields say, and
// encrypted data follows. What is not named may be encrypted all the same. It reads the
// head alone, decides nothing and decrypts nothing.
//
// Sources: age-encryption.org/v1; RFC 9580 §3–5, §6.2 (OpenPGP: packets, armor); RFC 3156 §4 (PGP/MIME);
// RFC 8551 §3.2.2, §3.3 (S/MIME); RFC 5652 §3, §6.1 and RFC 5083 §2 (CMS); LUKS on-disk
// format 1 and 2 (magic).
//
// Imports: the standard library.
package ciphertext
