// Package staff is the pages of the legal-response staff: what falls due, and one
// demand on one page, with the next lawful act, the command that does it and, for
// the acts that take no key of a person's own, a form.
//
// Its words. An *offer* is an act that the reader can do on the page; a *deed* is
// what it does. The *queue* answers one question: what falls due, and what stands in
// its way. The page of a demand answers one question: what does this demand need
// now, and why. *Yours* means that the reader holds a seat that can act.
//
// Its promises. What does not exist and what is not for the reader get the same
// answer, to the byte (invariant 16). Nothing here decides what is possible: the
// obstacles are shown in the order in which the docket gives them. Every page is
// one reading at one moment and is never cached. A docket that fails gives a
// problem page and no half page.
//
// A form is one act, however often it is sent: it carries an id that was made when
// it was rendered. It is taken only on the demand that the reader saw: it carries
// the last event, and where others came since, nothing is recorded and the page
// says what they are. It is refused from a page of another origin. An act that is
// not recorded gives the page as it is now, the reason with its code, and what was
// typed. Grants, approvals, stops and releases have no form here: they take
// people's own keys.
//
// It imports the standard library, problem and web/ui. The app adapts the docket to
// Docket and Hand.
package staff
