// Package clerk does what falls due.
//
// Its words. A *pass* takes what is due now: the duties of the clerk's own seat
// it does, those of people it reports as *alarms*, before the time and after. To
// *claim* a duty is to hold it alone for a while. A *letter* is what a customer
// is told; its id follows from demand and account, so that a letter cannot go
// twice. A duty that the clerk cannot do is *escalated*: it becomes an alarm,
// and is tried again, until a person or a later pass has done it.
//
// Its promises. A notice that falls due is delivered once or escalated, never
// forgotten (invariant 20): the duty stays in the store until the event "notice
// sent" is recorded, and the store drops it with that event. Delivery comes
// before recording, and both are idempotent: a crash between the two repeats
// them with the same letter id and the same command id, and neither happens
// twice. Before a letter is handed over the guard is asked, and asked again after
// it was composed, so a secrecy duty that was recorded meanwhile holds it back;
// only one recorded while the notifier is at work comes too late, and that is
// escalated. Without a sound clock nothing is delivered. A pass does a bounded
// number of duties, and its work does not depend on what is not due.
//
// It imports docket and demand for their types, scope, problem and the standard
// library. Docket, Composer and Notifier are interfaces of its own.
package clerk
