// Package stories holds that each of the five stories goes as it is written: it is
// played in a folder of its own, and at the date of every row what the program then
// shows is asked of the real pages, over HTTP, signed in as whoever reads, and of
// the real command line.
//
// It imports nothing; its tests import app, cli and demo.
package stories
