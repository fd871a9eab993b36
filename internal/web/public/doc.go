// Package public is the pages that anybody may read: what the provider promises,
// how to check it, what does not hold on this set-up, and the heads of the two
// public logs.
//
// Its words. A *promise* is one of the five of the design. A *limit* is what does
// not hold; some limits are always so, others follow from the *set-up*. A *head*
// is a log's signed checkpoint.
//
// Its promises. The first page holds no number of demands, nor anything from which
// one could be computed: 50 USC 1874 allows bands only. The page of reports shows
// what was published, by package report, and nothing else: nothing of a running
// period, nothing that is counted when somebody asks. It is in English, German,
// Danish and Italian; its files (JSON, CSV, the journal's proof) are the bytes that
// were published.
// The zero SetUp claims nothing: every limit is shown. Checkpoints and the log
// policy are served as the bytes that they are.
//
// It imports the standard library, problem, report and web/ui.
package public
