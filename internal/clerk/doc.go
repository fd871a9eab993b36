// Package clerk does what falls due.
//
// Its words. A *pass* takes what is due now: the duties of the clerk's own seat
// it does, those of people it reports as *alarms*, before the time and after. To
// *claim* a duty is to hold it alone for a while. A *letter* is what a customer
// is told; its id follows from demand and account, so that a letter cannot go
// twice. A *correction* is what a customer who was told is told once more, when a
// package is found to have held too much; its id follows from the incident as well.
// A duty that the clerk cannot do is *escalated*: it becomes an alarm, and is tried
// again, until a person or a later pass has done it. A person's duty *climbs* by *steps*: a day before its time, at it, an hour and a day after it,
// the next seat hears of it. To *drain* channels is to have received all that came
// in up to a moment.
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
// Where a duty of secrecy lets only the customer's representative be told, the
// letter goes to them. Before a duty ends the authority is asked, once for each
// day that package demand sets. When one ends, armed, what was drained is recorded
// first, and the notices go in the same pass; while a channel is behind, both are
// looked at again within seconds, and are an alarm after five minutes. Each step of
// a person's duty is reported once, however the clock moves and whoever asks; where
// several have passed, the last of them.
//
// It imports docket and demand for their types, scope, problem and the standard
// library. Docket, Composer, Notifier, Inquiries and Channels are interfaces of
// its own.
package clerk
