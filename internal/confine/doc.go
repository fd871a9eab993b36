// Package confine has the kernel hold a process to what it needs, so that somebody
// who takes the process over by a defect of a reader has less in hand.
//
// Words: a wall is one thing that the kernel holds back: calls (seccomp), files and
// network (Landlock), memory (mlockall). Needs say what the process keeps.
//
// Promises: Process refuses the calls that a gate never makes to every thread and to
// every program that it starts, and never ends the process for one of them: a refused
// call is EPERM, so that no release is cut in the middle by a rule of ours. Calls of
// another architecture than the program's, x32's among them, end the process. Reader is
// narrower, for a process that reads one thing and answers: what is not on its list ends
// it. What a kernel does not have is said, never passed over: a Wall that does not hold
// says why. Nothing of it can be taken back (docs/decisions/0036).
//
// It is no wall against who owns the machine.
//
// Imports: nothing of ours.
package confine
