// Package ui is what all pages share: the layout, the one stylesheet, the mark,
// the way times are told, the page that shows a problem, and the words for
// everything that the rooms name by code.
//
// Its words. A *place* is the trail that says where the reader is. A *moment* is
// a time as a page tells it: day, hour, zone and distance ("Fri 18 Sep, 17:00
// Dublin · in 6 h"). A *deadline* at midnight is told as 24:00 of the day before.
// *Words* are the table from codes (obstacles, seats, decisions, statuses, duties,
// kinds of event) to what a person reads; English for staff now, and one more
// table a language later.
//
// Its promises. Every page is rendered whole before its first byte is sent, under
// a policy that allows no script, no frame and nothing from another host; pages
// work without JavaScript, but for the two on which people sign in and make a passkey:
// those may run our own script. A problem page shows what problem.Error may show and
// nothing else; two problems of the same code and kind give the same bytes,
// whatever was asked for. No state is told by colour alone. A code without words
// is shown as itself, never hidden.
//
// It imports the standard library, country, calendar and problem. Contrast, landmarks
// and headings follow WCAG 2.2 AA.
package ui
