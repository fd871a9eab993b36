// Package mail is the channel that sends letters by SMTP.
//
// Its words. A letter is *accepted* when the channel has noted it durably, *sent*
// when the server has said that it takes it, *refused* when the server has said
// that it does not. Its outcome is *unknown* when the connection ended between
// the two, or the program did: it may have gone. A person *resolves* that, after
// asking the server's operator or the reader.
//
// Its promises. A letter is handed to the server once: an unknown outcome is an
// error (notice.unknown) until it is resolved, and never sent again silently.
// The Message-ID follows from the dispatch's id alone, so a mailbox that gets it
// twice after all can tell. The subject says who writes and nothing else. What
// was sent is kept, byte for byte. Nothing goes over a network unencrypted.
//
// The folder has one folder for each id: message.eml (as sent), letter.pdf, accepted.json,
// and, as it goes on, sending, sent.json, resolved.json. Any number of goroutines
// and processes of one machine may use it.
//
// Imports: standard library, go-mail, problem, notice.
package mail
