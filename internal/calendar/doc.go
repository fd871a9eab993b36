// Package calendar is court days and deadline arithmetic: from a civil date and
// a local time of day in a zone to a moment, and from a rule to a deadline.
//
// Its words. A *day* is a civil date without a zone. A local time of day may
// happen twice in a zone, or not at all; its *side* then says which moment is
// meant: Earlier for what we owe (an answer is due earlier), Later for what
// others must not lose (a gag ends later). The *end* of a day is 24:00, the
// first moment of the next day. *Workdays* are the working days of one place, by
// name and version ("ie@2026-11"); the files in holidays/ state each holiday with
// its source. A *period* is a length, a unit and a *method*: the rule by which it
// is counted (Regulation (EEC, Euratom) 1182/71, Federal Rule of Criminal
// Procedure 45(a), "beginning with the day", or plainly). A *deadline* says which rule it comes from, in
// which zone and by which version of the calendar it was counted, and may have
// a first and a last moment.
//
// Its promises. It is pure: no clock, no state. Every function is bounded to the
// years 1970 to 2199. It never relies on package time for ambiguous or
// nonexistent local times (which turns 02:30 in a gap into 01:30) nor for
// overflowing days (31 January plus a month is the last day of February).
// Zone rules come with the program, so a machine without zone files gives the
// same answers.
//
// A calendar covers the years that somebody has looked at and refuses others,
// rather than take every weekday of them for a working day. A version never
// changes; new data are a new file.
//
// It imports the standard library and problem only.
package calendar

import _ "time/tzdata" // zone rules on machines that have none
