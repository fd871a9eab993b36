// Package pdf opens a PDF for package paper, in a process of its own.
//
// Its words. The *child* is this program started once more to read one PDF from
// its standard input and write what it found to its standard output as JSON; it
// gets no arguments that come from outside, no environment and no other file.
//
// Its promises. A PDF that loops, or eats memory, ends its child and nothing else:
// the child is killed after MaxTime, and on Linux it bounds its own memory, processor
// time and open files before it reads. What the child says is bounded to
// maxAnswer bytes and read strictly. Nothing that a PDF asks for is run or fetched;
// no configuration is written. Text is what the pages' own operators show, in the
// order of the file, where the fonts say which letters they mean; pictures of
// letters are not read. A damaged or encrypted file says so.
//
// It imports the standard library, problem, paper and pdfcpu.
package pdf
