// Package sealedzip writes and reads one file in a ZIP under a passphrase, so that
// somebody opens it who has a common archiver and no key.
//
// Its words. The *form* is WinZip's AE-2 ("AES Encryption Information", method 99, extra
// field 0x9901, strength 3) in a ZIP of APPNOTE 6.3.10 with one entry, stored: salt, two
// bytes of check, AES-256 in counter mode, ten bytes of HMAC-SHA1. Key and check come of
// the passphrase by PBKDF2 with HMAC-SHA1, a thousand rounds, which is little: what
// protects is that the passphrase was drawn by chance (Passphrase: 140 bits).
//
// Its promises. The writer streams and its memory does not grow. Nothing about what is
// inside stands outside but its length: names in a ZIP are not encrypted, so there is
// one entry of a name that says nothing, and what has names lies within. AE-2 writes no
// checksum of the plain bytes. The reader reads what this writer writes, in its one form,
// and gives nothing before the whole was found to be as it was sealed.
//
// # Codes
//
//	sealedzip.closed      written to after its end
//	sealedzip.form        not in the one form
//	sealedzip.passphrase  the passphrase is another one, or was misheard
//	sealedzip.changed     a byte is not as it was sealed
//
// Imports: standard library, problem.
package sealedzip
