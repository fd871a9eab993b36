// Package staff is the pages of the legal-response staff: what falls due; one demand
// on one page, with the next lawful act; one contest, duty of secrecy, matter or
// sealed case on one page; the registers; documents; search; and every act that takes
// no key of a person's own, as a form.
//
// Its words. The *queue* answers one question: what falls due, and what stands in its
// way; a *view* is a saved part of it. The page of a demand answers one question: what
// does this demand need now, and why. An *offer* is an act with a form on the demand's
// own page; a *deed* is what it does. Every other act has a *form* on a page of its
// own, drawn from the fields that the catalogue of acts states. A *section* is what
// there is of one kind, an *entry* one thing of it. *Yours* means that the reader holds
// a seat that can act. To *take in* is to keep a document that nobody has read yet.
//
// Its promises. What does not exist and what is not for the reader get the same
// answer, to the byte, whether it is read, typed into, sent to or searched for
// (invariant 16); that is asked before a form or a document is read. Nothing here
// decides what is possible: the obstacles are shown in the order in which the docket
// gives them. Every page is one reading at one moment and is never cached. What fails
// gives a problem page and no half page.
//
// A form is one act, however often it is sent: it carries an id that was made when
// it was rendered. It is taken only on the page that the reader saw: it carries the
// last event, and where others came since, nothing is recorded and the page says what
// they are. It is refused from a page of another origin. An act that is not recorded
// gives the form again, the reason with its code, and what was typed, but for a file.
// Grants, approvals, stops and releases have no form here: they take people's own
// keys.
//
// A *letter* goes to whoever makes the demand and is written from the record: to write
// it, however often, records nothing and sends nothing; what it rests on leads back to
// the record. Its form is one letter, however often it is sent, and carries when the
// letter was written, so that what a person read is what goes. Whoever may not send it
// reads it. Where nobody knows whether it went, the form that is given back is the same
// form.
//
// A document is shown as its words; its own markup does nothing. Its bytes leave as a
// download under a sandbox, and a PDF also into a frame of our own. A document has at
// most MaxUpload bytes, and few are read at the same time; nothing of them is written
// to a disk here. A register's file has no cell that a spreadsheet would compute.
//
// It imports the standard library, problem and web/ui. The app adapts the rooms to the
// interfaces that Outside names.
package staff
