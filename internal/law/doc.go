// Package law is the engine of the rule packs: facts of a demand in; findings,
// deadlines, and whose law reaches the data out. It proposes; people decide.
//
// Its words. A *pack* is a YAML file that a lawyer can read; its *digest* is the
// SHA-256 of that file. A *rule* has a citation, a short quotation, dates in
// force, the instruments and forums it belongs to, when it *applies* and what it
// *requires* (two CEL expressions over the facts), and worked examples that the
// tests execute. A *finding* is the outcome of one rule:
//
//	applies   requires   outcome
//	false     any        none
//	any       true       holds
//	true      false      violated
//	otherwise            ask
//
// The rows are read from the top. Instrument, forum and dates in force are part
// of applies: they are looked at before any expression runs, and where they are
// false the rule is not evaluated at all; where the fact is unknown, so is the
// answer. An unstated fact is unknown, never false. Asking never blocks: only a
// violated rule of severity blocking does. A question is answered by stating
// the facts the finding names as missing. Stating more facts never undoes
// violated or none; holds may turn into none, since a rule whose requirement is
// met is not asked whether it applies.
//
// What the law hangs on and no fact says (the list in which an offence stands, urgency that
// is no danger) a rule *leaves out*, and names: with each of its findings, also where it
// holds, that is left to a person; an exception (unless) only where it is violated.
//
// A *deadline* has, besides, the fact it runs from, a length and the method by
// which it is counted (package calendar), the place whose zone and holidays
// count, and what it sets: a first moment (not_before), a last one (latest), or
// both; or it is the last day on the paper's face (until). It is counted, asked
// (facts are missing), or uncounted (the facts are there, but no calendar of the
// place is; Why says so). Its duty may be *suspended* by a further expression;
// until that is known, the date stands. The kind gives the side of an ambiguous
// end: what we owe is due earlier; silence, preservation and others' time end
// later. A place without a court is counted in the zone of the state's seat of
// government, a federal court in that of its own seat.
//
// A rule of *reach* says when a law reaches data and what it does there: compels,
// forbids, permits, or is the route for others; whose authorities it serves (by)
// or stands against (not_by), through which channel, and what the customer is
// told. It is asked for one authority's demand and for a customer's question
// alike. A *setting* is what the estate knows: the entities, what each can open,
// and where the data lie. A law that is in no pack is in no answer.
//
// A *remark* is what Check says of one place in a pack: an error, a doubt or a note.
// What can be is decided by trying the values that expressions tell apart (domains),
// within limits; cannotBe is only said where these stand for all values. An
// *explanation* is what a pack says of one rule, with the words of its expressions
// (Wording). The *matrix* is what the packs answer to an ordinary demand made with
// each instrument for each category of data. Compare says what differs between two
// states of the packs about one demand.
//
// Expressions know the facts by name (docs/facts.md), the operators
// && || ! == != < <= > >= in ?: + and - on times, the macros all and exists
// over sets, date('YYYY-MM-DD') and days(n). Words that are not in a fact's
// list are refused when the pack is loaded, so a misspelt rule cannot load. The
// cost of an expression is estimated at load with the declared sizes of the
// facts and bounded; it is not measured while assessing.
//
// A draft is compared with packs while it is written: Beside names what rules on the same
// papers look at and it does not, Days from when its act is in force, Twins a rule that says
// the same. Open leaves out what no answer makes matter: facts that are of one law alone
// (fact.Home) go together with that of the paper.
//
// What Wording says is heard again (Heard, Draft.State, Draft.Own): tests hold that each
// rule's words, and each case as it is told, mean what they were said of.
//
// Its promises. An Engine does not change after NewEngine and is safe for
// concurrent use. The same facts and packs give the same findings in the same
// order. Loading is strict and bounded: unknown fields, duplicate keys, aliases,
// anchors, tags, deep nesting, large files, duplicate ids, inverted dates,
// cyclic successors, more than MaxRules rules and costly expressions are refused
// with file, line, rule and reason.
//
// CEL is the Common Expression Language (cel.dev); YAML is 1.2 as read by
// go.yaml.in/yaml. It imports those, fact, calendar, country, problem and the standard
// library, and knows nothing of demands.
package law
