// Package demo plays the five stories on Nordwind Cloud, a provider that does not
// exist, in the real program: the same office, gates, logs and letters that a user
// gets, with a clock of its own.
//
// Its words. A *stage* is a fresh folder with Nordwind's estate, people, agencies
// and stores, founded as any folder is; its files are in nordwind/. A *story* is a
// list of *rows*. A row has a time, what happens, and what the program then
// *shows*: a page for a reader or a command of the program, with what must and what
// must not stand there. A *play* goes through rows by date, of one story or of
// several in one folder, and a *step* is what it tells of one thing that somebody
// did.
//
// To write a story: one file with a function that returns a Story, and its papers
// in nordwind/NAME/. A row's Do uses the verbs of Play (verbs.go, gateverbs.go),
// each of which goes through the door that people go through, in somebody's name;
// what it makes it keeps by a name of its own (Play.Keep), so that later rows and
// Shows find it. The clock is moved by the play before a row, with everything that
// the clerk owes in between done at its own minute. Add the function to Stories; the
// tests of e2e/stories then hold every Show at its date.
//
// Its promises. No story is special-cased anywhere: everything that a row does, the
// command line or a page can do. All people, companies, courts' numbers and contacts
// are invented; the turns of events follow public history.
//
// It imports app and the rooms whose words it uses.
package demo
