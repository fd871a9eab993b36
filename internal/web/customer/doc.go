// Package customer is the pages of a customer: where their data lie and whose law
// reaches them, what they were told of demands, how to check that, and how to
// object. For an organisation it is the page of the one person whom it named.
//
// Its words. A *customer* is a person or an organisation by its id; a *notice* is a
// letter that was sent; an *objection* is what somebody writes against it.
//
// Its promises. What a page says of demands it takes from letters that were sent
// and from nothing else, so that somebody who may not be told sees, to the byte,
// what somebody sees of whom nobody asked; and it never says that nothing was
// asked. What belongs to another customer and what is not there are one answer. No
// address, title or log line holds anything of a demand: a notice's address is a
// digest. An objection is put into the demand's file once, however often it is
// sent; it stops nothing and releases nothing by itself, and the page says so.
// Pages are in English, German, Danish and Italian, in the customer's language
// unless another is chosen.
//
// Codes: customer.objection, customer.form.
//
// It imports the standard library, problem and web/ui. The app adapts the office to
// Desk, and package access to whoever the customer is.
package customer
