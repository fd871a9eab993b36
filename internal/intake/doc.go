// Package intake is the one door: it turns what a sender hands in, a form and
// the document it rests on, into one command for the docket.
//
// Its words. The *form* is TOML in four kinds of tables: [instrument], one
// [[target]] for each identifier, one [[line]] for each thing asked for, and
// [facts]. The *original* is the document as it came. A *submission* is both,
// read, with the *key* by which a second delivery of the same is recognised.
//
//	[instrument]
//	kind = "sca_warrant"           # a word of the fact "instrument"
//	title = "Search warrant"
//	number = "26-mj-104"           # optional: the court's or agency's own
//	agency = "example-district"    # id of the requester
//	officer = "A. Example"         # optional
//	signed = 2026-02-27            # optional
//	due = 2026-03-16               # optional: the day on its face
//	zone = "America/New_York"      # optional: where signed and due are read
//
//	[[target]]
//	kind = "address"
//	stated = "person@example.com"
//
//	[[line]]
//	target = 1                     # the first [[target]]
//	service = "mail"
//	category = "content"
//	from = 2013-04-01
//	until = 2013-05-31             # the whole of that day
//	zone = "Europe/Dublin"
//	basis = "received"
//	participants = ["other@example.com"]  # optional
//
//	[facts]
//	binding = true                 # names and types of docs/facts.md
//
// Its promises. A form says nothing by accident: unknown tables and keys, keys
// in another case, dotted keys and inline tables are refused, and every refusal
// names the form, the line, the field and what to do. Time and memory are
// bounded by MaxForm and MaxOriginal and by counts that are checked before
// anything is built. A day is read in its zone, and where a local time is
// ambiguous or does not exist an interval is rather an hour too short and a due
// time too early; a due day without a zone ends where it ends first on earth
// (UTC+14). Identifiers with characters that cannot be seen are refused, since
// they could pass for others; in a title, which identifies nothing, they become
// spaces. File names come from outside: they are shown, shortened, and never
// opened; a declared media type is ignored. Nothing here looks an account up.
//
// Where no form came, a *folder* gives files as they lie there, each once and
// unchanged (Folder), and a letter's text *proposes* who asks, with what, by when
// and about whom (Proposed): each with its place in the text, for a person to
// confirm; nothing follows from a proposal. What is ambiguous is not proposed: where
// a letter contradicts itself, no value is, and a *remark* repeats its words. A paper
// that is said to follow has not come; a letter that names none is informal.
// The rooms below read what lies in a folder: mail a mail, paper any document,
// sheet a table of past demands.
//
// It imports the standard library, calendar, canon, demand, fact, problem,
// scope and pelletier/go-toml.
package intake
