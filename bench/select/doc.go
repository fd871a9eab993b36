// Command select measures collecting: one account's mail, cut out of a large
// mbox store, filtered, hashed, bagged and encrypted, against `tar | age` and
// against the script that people write, in one run, in turns, as medians.
//
//	go run ./select -messages 50000 [-pairs 7] [-dir /dev/shm]
//
// collects a whole account, once from an mbox and once from a Maildir of the same
// messages, against tar and age of the same files.
//
//	go run ./select [-mail FOLDER] [-size 1024] [-pairs 7] [-dir /dev/shm]
//
// With -mail the store is made of the real messages that e2e/realmail/corpus
// describes, repeated up to the size; without, of generated ones. Everything is
// written to the given folder, which should be memory-backed, and removed.
// Each contestant is a process of its own, so its time and its peak memory (the
// largest of its processes, by wait4) are the kernel's figures. Ours is this
// program, started again, with the gate's source, scope and evidence writer.
package main
