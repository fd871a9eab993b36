package demand

// kinds lists every kind of event: one line a kind. A kind is never removed and
// never changes its meaning; a changed shape gets a new version and an upcaster.
// leaf marks the kinds whose digest goes into the journal.
var kinds = []kind{
	of[Received]("demand.received", 1, leaf),
	of[Authenticated]("instrument.authenticated", 1, leaf),
	of[FactsStated]("facts.stated", 1, noLeaf),
	of[Assessed]("findings.assessed", 1, noLeaf),
	of[Answered]("finding.answered", 1, leaf),
	of[Resolved]("target.resolved", 1, noLeaf),
	of[Checked]("target.checked", 1, leaf),
	of[LineDecided]("line.decided", 1, leaf),
	of[SecrecyStated]("secrecy.stated", 1, leaf),
	of[NoticeSent]("notice.sent", 1, leaf),
	of[Stayed]("stay.recorded", 1, leaf),
	of[StayLifted]("stay.lifted", 1, leaf),
	of[GrantDrafted]("grant.drafted", 1, leaf),
	of[ApprovalSeen]("approval.seen", 1, leaf),
	of[GrantRevoked]("grant.revoked", 1, leaf),
	of[ReleasePermitted]("release.permitted", 1, leaf),
	of[ReleaseEnded]("release.ended", 1, leaf),
	of[Closed]("demand.closed", 1, leaf),
}

const (
	leaf   = true
	noLeaf = false
)
