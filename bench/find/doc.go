// Command find measures selecting: which messages of one account's Maildir lie in a
// month, and which of them concern two people. Contestants are programs that people use
// for it: Dovecot's doveadm, mu, notmuch, and a script over Python's mailbox.
//
//	go run ./find [-mail FOLDER] [-messages 48368] [-rounds 5] [-dir FOLDER]
//
// Ours has no index and reads the mail each time, so it is cold by nature: it judges each
// message as a gate does and prints the name of each that is inside. The others are asked
// cold, where their index has to be made first, and warm, where it is there. In one run
// and in turns, each a process of its own. A program that is not installed is left out
// with a word. How many each one finds stands beside its time: they read dates and
// addresses in ways of their own.
//
// With -mail the store is made of the real messages that e2e/realmail/corpus describes,
// repeated under Message-IDs of their own; without, of generated ones.
package main
