// Package staff is the pages of the legal-response staff: what falls due, and one
// demand on one page. They are read-only; each names the next lawful act and the
// command that does it.
//
// Its words. The *queue* answers one question: what falls due, and what stands in
// its way. The page of a demand answers one question: what does this demand need
// now, and why. *Yours* means that the reader holds a seat that can act.
//
// Its promises. What does not exist and what is not for the reader get the same
// answer, to the byte (invariant 16). Nothing here decides what is possible: the
// obstacles are shown in the order in which the docket gives them. Every page is
// one reading at one moment and is never cached. A docket that fails gives a
// problem page and no half page.
//
// It imports the standard library, problem and web/ui. The app adapts the docket
// and the ledger to Docket.
package staff
