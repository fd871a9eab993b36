// Package ledgertest holds the contract that every database of package ledger
// must keep, and a small one in memory for tests.
//
// It promises nothing to production code and may import ledger, ledger/proof,
// internal/problem and the standard library.
package ledgertest
