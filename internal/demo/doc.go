// Package demo plays the stories on Nordwind Cloud, a provider that does not
// exist, in the real program: the same office, gate, logs and letters that a user
// gets, with a clock of its own.
//
// Its words. A *stage* is a fresh folder with Nordwind's estate, people and mail.
// A *step* is one thing that somebody does, told in a line or two.
//
// Its promises. No story is special-cased anywhere: everything a step does, the
// command line can do. All people, companies, courts and numbers are invented.
//
// It imports app and the rooms whose words it uses.
package demo
