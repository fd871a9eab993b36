// Package estate is the provider's map: customers, their accounts and what the
// accounts were called, which service's data lie in which region, who contracts
// with whom, and who can reach the data.
//
// Its words. A *customer* is a person or organisation, of a *class*, with a
// language and a time zone for letters and, where one was named at onboarding, a
// *representative*. An *account* is an immutable id with the times in which it was
// *valid*; a *folder* is an owner of items that several accounts share. An *alias*
// is an identifier that stood for an account or folder during a time; addresses
// are recycled, so an alias without its time says nothing. A *session* says which
// account used a network address and which of its ports, when. A *region* keeps
// data; an *entity* is one of the provider's companies, which can open the regions
// that it *controls* and has *contracts* with customers. A *place* says that one
// service of an account lies elsewhere than the others. *Keys* are in the
// provider's custody or in the customer's: then content is ciphertext.
//
// All times are closed intervals: both ends are inside, a zero end is open.
//
// To *resolve* is to list the accounts that an identifier stood for during an
// interval: none, one or several, with the times and a sentence why. It proposes;
// a person records the resolution and a second one checks it, and the gate asks
// its own estate again.
//
// Its promises. An Estate is read-only, safe for concurrent use, and answers
// in time that does not grow with it. A map comes from a Source: a TOML file, a
// read-only query (package query) or a program (package command); all pass one
// contract (estatetest). It is refused whole, with table, row and fix, or taken
// whole: a Live keeps the map in force until the next one is right.
//
// Codes: estate.form, estate.row, estate.too_large, estate.region, estate.entity,
// estate.customer, estate.representative, estate.contract, estate.account,
// estate.place, estate.validity, estate.folder, estate.share, estate.alias,
// estate.session, those of package identifier, and those of each source.
//
// Imports: standard library, scope, identifier, problem, strict.
package estate
