package browser_test

import (
	"context"
	"fmt"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/web/public"
	"counterseal/internal/web/staff"
)

// The demo is of Nordwind Cloud, a provider that does not exist, on a Friday
// morning in Dublin.
var (
	dublin = must(time.LoadLocation("Europe/Dublin"))
	now    = time.Date(2026, 10, 2, 11, 0, 0, 0, dublin)
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func at(month time.Month, day, hour, minute int) time.Time {
	return time.Date(2026, month, day, hour, minute, 0, 0, dublin)
}

func utc(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC)
}

const person = "s.winther"

type docket struct{ empty bool }

func (d docket) Queue(_ context.Context, _ string, ask staff.Ask) (staff.Queue, error) {
	var views []staff.View
	for i, show := range staff.Shows {
		views = append(views, staff.View{Show: show, Count: i * i, Unknown: show == "unread"})
	}
	if d.empty || ask.Show == "sealed" {
		return staff.Queue{Views: views}, nil
	}
	return staff.Queue{Views: views, Next: "b3xt-77", Rows: []staff.Row{
		{ID: "c4re-08", Due: at(9, 30, 17, 0), Duty: "decide", Agency: "Politidirektoratet", Title: "production order", Asks: "1 account · subscriber data", Status: "checking",
			Way: []staff.Obstacle{{Code: "target.unchecked", Seat: "reviewer", About: "target 1"}}},
		{ID: "k7wq-93", Due: at(10, 2, 11, 38), Duty: "answer", Agency: "Metropolitan Police", Title: "emergency request", Asks: "1 account · identification data", Status: "received", Yours: true,
			Way: []staff.Obstacle{{Code: "instrument.unverified", Seat: "reviewer"}}},
		{ID: "p9aa-41", Due: at(10, 5, 9, 0), Duty: "grant.expires", Agency: "S.D.N.Y.", Title: "search warrant", Asks: "1 account · content", Status: "waiting for us", Sealed: true,
			Way: []staff.Obstacle{{Code: "approval.missing", Seat: "approver"}}},
		{ID: "m2fd-10", Due: at(10, 9, 0, 0), Duty: "answer", Agency: "Tribunale di Milano", Title: "EPOC", Asks: "2 accounts · content", Status: "waiting for us", Yours: true,
			Way: []staff.Obstacle{{Code: "finding.open", Seat: "counsel", About: "eu.epoc.professional_secrecy"}, {Code: "ledger.not_journaled", Seat: "time"}, {Code: "secrecy.unstated", Seat: "counsel"}}},
		{ID: "b3xt-77", Agency: "S.D.N.Y.", Title: "search warrant", Asks: "3 accounts · content", Status: "on hold by law",
			Way: []staff.Obstacle{{Code: "release.stayed", Seat: "court", About: "S.D.N.Y., order of 31 July"}}},
	}}, nil
}

func (d docket) Demand(_ context.Context, _, id string) (staff.Demand, error) {
	if id == "m2fd-11" {
		return leaving(), nil
	}
	if id != "m2fd-10" {
		return staff.Demand{}, problem.New(problem.Missing, "demand.missing", "there is no such demand")
	}
	return sample(), nil
}

func sample() staff.Demand {
	received := at(9, 28, 14, 12)
	return staff.Demand{
		ID: "m2fd-10", Status: "waiting for us", Sealed: true,
		Instrument: staff.Instrument{Kind: "eu.epoc", Title: "European Production Order Certificate", Number: "N. 4471/26 RGNR", Agency: "Tribunale di Milano", Officer: "judge L. Ferri",
			Signed: at(9, 25, 0, 0), Channel: "by the portal", Received: received, Original: "5f0c94b1a84e0fd0c7e2a6b7f3d29d5b10c1f9aa24e7bb1d7c30a2f44e69d8c3",
			Checked: "qualified seal of the court, and a call-back on the contact on file", Genuine: true, CheckedAt: 2},
		Due: at(10, 9, 0, 0), Why: "Ten days from receipt, Regulation (EU) 2023/1543 Article 10(2), counted under Regulation 1182/71 Article 3 in Europe/Dublin, by calendar 2026-11.",
		Secrecy: staff.Secrecy{Stated: true, Source: "certification", Event: 9},
		Targets: []staff.Target{
			{No: 1, Kind: "address", Stated: "m.rossi@mail.nordwind.example", Resolved: 4, Accounts: []string{"acc-7h2k90"}, By: "S. Winther", Checked: 6, Second: "P. Lindqvist"},
			{No: 2, Kind: "address", Stated: "studio@mail.nordwind.example", Resolved: 5, Accounts: []string{"acc-1p83mz"}, By: "S. Winther", Checked: 7, Second: "P. Lindqvist"},
		},
		Lines: []staff.Line{
			{No: 1, Target: 1, Service: "mail", Category: "content", From: utc(3, 1), Until: utc(5, 1).Add(-time.Second), Basis: "received", Decision: "comply", Decided: 8, Gives: []string{"everything that the line asks"}},
			{No: 2, Target: 1, Service: "records", Category: "subscriber", From: utc(3, 1), Until: utc(5, 1).Add(-time.Second), Basis: "received", Decision: "in_part", Decided: 10, Gives: []string{"log-ins from 15 Mar 2026"}, Reason: "Log-ins before 15 March were deleted on schedule."},
			{No: 3, Target: 2, Service: "mail", Category: "content", From: utc(3, 1), Until: utc(5, 1).Add(-time.Second), Basis: "received", Participants: []string{"m.rossi@mail.nordwind.example"}},
		},
		Findings: findings(),
		Others: &staff.Others{Asked: at(9, 28, 16, 40), Changes: []staff.Change{{Rule: "eu.evidence.channel", Cite: "Regulation (EU) 2023/1543, Article 19(5)", Now: "violated", Severity: "warning"},
			{Rule: "eu.evidence.answer", Cite: "Regulation (EU) 2023/1543, Article 10(2)", Deadline: true, Was: "Ten days from receipt.", Now: "Ten days from receipt, by calendar 2026-12."}}},
		Next: staff.Next{Act: "answer", About: "eu.epoc.professional_secrecy", Seat: "counsel", Yours: true, Command: `counterseal finding answer m2fd-10 eu.epoc.professional_secrecy --reason "…"`, Toward: "release",
			Way: []staff.Obstacle{
				{Code: "finding.open", About: "eu.epoc.professional_secrecy", Seat: "counsel", Because: []uint64{3}},
				{Code: "ledger.not_journaled", Seat: "time", Because: []uint64{8, 10}},
				{Code: "release.stayed", About: "Tribunale del riesame, order of 1 October", Seat: "court", Until: at(10, 6, 0, 0), Because: []uint64{11}},
			}},
		Tracks: []staff.Track{
			{Name: "authenticity", State: "genuine", Spans: []staff.Span{{From: received, Until: at(9, 28, 16, 30), Shape: "done", Says: "checked"}}},
			{Name: "review", State: "1 of 3 lines to decide", Spans: []staff.Span{{From: at(9, 28, 16, 30), Shape: "running", Says: "in review"}}},
			{Name: "stay", About: "line 1", State: "stayed until 5 October", Spans: []staff.Span{{From: at(10, 1, 9, 20), Until: at(10, 6, 0, 0), Shape: "stopped", Says: "stayed"}}},
			{Name: "secrecy", State: "until decided by the authority", Spans: []staff.Span{{From: received, Shape: "running", Says: "in force"}}},
			{Name: "release", State: "not before the stay ends", Spans: []staff.Span{{From: at(10, 6, 0, 0), Until: at(10, 9, 0, 0), Shape: "ahead", Says: "to come"}}},
			{Name: "notice", State: "when secrecy ends", Spans: nil},
		},
		Grants: []staff.Grant{{ID: "g-3kq7tz0m", Digest: "7c1e90aa4dd1c0b53e7a2c94f0b6de8897a1524c3ab90f61d2e8547cb1903fee", Gives: []string{"mail content of account acc-7h2k90, received from 1 March 2026 to 30 April 2026"},
			Region: "mil", Recipient: "age1qz6n7d8w5u4t3r2e0y9a8s7d6f5g4h3j2k0l9z8x7c6v5n4m3q2w0x9ce", Drafter: "S. Winther", Needed: 2, Expires: at(10, 2, 18, 0),
			Approvals: []staff.Approval{{Person: "P. Lindqvist", At: at(10, 2, 10, 41)}}}},
		History: history(),
	}
}

// leaving is a demand whose packages are on their way, each in another state.
func leaving() staff.Demand {
	d := sample()
	d.ID = "m2fd-11"
	grant := d.Grants[0]
	both := append(grant.Approvals, staff.Approval{Person: "M. Okafor", At: at(10, 2, 10, 44)})
	d.Grants = nil
	for i, change := range []func(*staff.Grant){
		func(g *staff.Grant) {
			g.Collecting = &staff.Collecting{Items: 48_368, Withheld: 12, MiB: 245}
			g.Permitted = true
		},
		func(g *staff.Grant) {
			g.Outcome, g.StampedAt, g.StampedBy = "released", at(10, 2, 10, 52), "tsa.fjord.example"
			g.Recipient, g.Passphrase = "zip", &staff.Passphrase{State: "waits", Until: at(10, 9, 10, 51)}
		},
		func(g *staff.Grant) {
			g.Outcome, g.Unstamped, g.StampCode = "released", true, "timestamp.unreachable"
			g.Recipient, g.Passphrase = "zip", &staff.Passphrase{State: "told", Person: "P. Lindqvist", Reached: "registry", At: at(10, 2, 10, 57)}
		},
		func(g *staff.Grant) { g.Outcome, g.Emergency, g.ByHand = "released", true, true },
		func(g *staff.Grant) {
			g.Outcome, g.Recalled = "released", 9
			of := func(account, state string, when time.Time, event uint64, kinds ...staff.Excess) staff.Whose {
				return staff.Whose{Account: account, Kinds: kinds, State: state, At: when, Event: event}
			}
			mail := staff.Excess{Service: "mail", Category: "content", Items: 214, From: utc(4, 1), Until: utc(4, 30)}
			g.Exceeded = []staff.Exceeded{{Event: 8, At: at(10, 5, 9, 0), Outside: 219, Items: 48_368, Digest: "9a41c7d2e05b83f6417c2d90ab5e6f1380c4d7a2b96e5f0c31d8a74b26e9f053", Whose: []staff.Whose{
				of("acc-1p83mz", staff.Silent, at(12, 1, 0, 0), 0, staff.Excess{Service: "records", Category: "subscriber", Items: 1}),
				of("acc-5k20wd", staff.ToTell, at(9, 30, 9, 0), 2, staff.Excess{Service: "files", Category: "content", Items: 1, From: utc(4, 2), Until: utc(4, 2)}),
				of("acc-7h2k90", staff.Corrected, at(10, 5, 9, 1), 10, mail, staff.Excess{Service: "records", Category: "traffic", Items: 3, From: utc(4, 3), Until: utc(4, 9)}),
			}}}
		},
	} {
		g := grant
		g.Approvals = both
		g.ID = fmt.Sprintf("g-%dkq7tz0m", i)
		change(&g)
		d.Grants = append(d.Grants, g)
	}
	return d
}

func findings() []staff.Finding {
	return []staff.Finding{
		{Rule: "eu.epoc.professional_secrecy", Outcome: "violated", Severity: "blocking", Respond: []string{"clarify", "narrow"}, Cite: "Regulation (EU) 2023/1543, Article 5(9)",
			Says: "One of the accounts belongs to a law firm. Data protected by professional privilege may be demanded only under further conditions, and the certificate does not state them.", Checked: "secondary"},
		{Rule: "eu.epoc.notification", Outcome: "violated", Severity: "warning", Respond: []string{"comply"}, Cite: "Regulation (EU) 2023/1543, Article 8", Says: "The enforcing authority has been notified and has not answered; nothing is given before its time is over.", LeavesOut: []string{"unless it has said that it refuses nothing", "whether the notification was needed at all (Article 8(2))"}, Checked: "text"},
		{Rule: "eu.epoc.offence", Outcome: "ask", Severity: "blocking", Cite: "Regulation (EU) 2023/1543, Article 5(4)", Says: "Content may be demanded for offences of a certain weight.", Missing: []string{"offence.maximum_sentence_years"}, Checked: "text"},
		{Rule: "eu.epoc.judge", Outcome: "holds", Severity: "blocking", Cite: "Regulation (EU) 2023/1543, Article 4(2)", Says: "For content the certificate comes from a judge or court.", Checked: "text"},
		{Rule: "eu.epoc.addressee", Outcome: "holds", Severity: "blocking", Cite: "Regulation (EU) 2023/1543, Article 7(1)", Says: "It is addressed to the designated establishment.", LeavesOut: []string{"whether the one to be addressed did not answer in the emergency (Article 7(2))"}, Checked: "text"},
		{Rule: "provider.door.named_targets", Outcome: "holds", Severity: "blocking", Cite: "Nordwind’s own policy, 1", Says: "It names its targets.", Checked: "text"},
	}
}

func history() []staff.Event {
	row := func(seq uint64, t time.Time, by, kind, says, reason string) staff.Event {
		return staff.Event{Seq: seq, At: t, By: by, Kind: kind, Says: says, Reason: reason}
	}
	return []staff.Event{
		row(1, at(9, 28, 14, 12), "the portal", "demand.received", "2 targets, 3 lines.", ""),
		row(2, at(9, 28, 16, 30), "S. Winther", "instrument.authenticated", "Genuine: qualified seal of the court, and a call-back on the contact on file.", ""),
		row(3, at(9, 28, 16, 31), "the program", "findings.assessed", "6 rules: 3 hold, 2 are not met, 1 asks.", ""),
		row(4, at(9, 29, 9, 2), "S. Winther", "target.resolved", "Target 1 stands for acc-7h2k90.", ""),
		row(5, at(9, 29, 9, 4), "S. Winther", "target.resolved", "Target 2 stands for acc-1p83mz.", ""),
		row(6, at(9, 29, 9, 40), "P. Lindqvist", "target.checked", "Target 1.", ""),
		row(7, at(9, 29, 9, 41), "P. Lindqvist", "target.checked", "Target 2.", ""),
		row(8, at(9, 30, 10, 15), "S. Winther", "line.decided", "Line 1: give in full.", ""),
		row(9, at(9, 30, 10, 20), "P. Lindqvist", "secrecy.stated", "The user may not be told; it rests on the certification, without an end.", "Annex I, section H is ticked."),
		row(10, at(9, 30, 10, 22), "S. Winther", "line.decided", "Line 2: give in part.", "Log-ins before 15 March were deleted on schedule."),
		row(11, at(10, 1, 9, 20), "P. Lindqvist", "stay.recorded", "Reaches line 1, until 5 October 24:00.", "Order of the Tribunale del riesame, 1 October."),
		row(12, at(10, 2, 10, 3), "S. Winther", "grant.drafted", "g-3kq7tz0m", ""),
		row(13, at(10, 2, 10, 41), "the gate", "approval.seen", "P. Lindqvist approved g-3kq7tz0m.", ""),
	}
}

type ledger struct{ broken, emergency bool }

func (l ledger) Head(_ context.Context, log public.Log) (public.Head, error) {
	if log == public.Register && l.broken {
		return public.Head{}, problem.New(problem.Unavailable, "ledger.pending", "no checkpoint is published yet")
	}
	h := public.Head{Origin: "nordwind.example/" + string(log), Size: 1_209_600, Root: "9fJ2mW1pQ0aVxkq3yB7uT5rD8sZcE6hLoN4iGtXwP2A=", Key: "nordwind.example/" + string(log) + "+8f2c1a90+AfZ0W3pB5mYhQ2xJd7LrT9sVc1kNgEoUiPq4tRwXzA6b",
		Witnesses: []string{"witness.fjord.example+31c0ab77", "witness.campus.example+9d04e1f2"}}
	if log == public.Journal {
		h.Last = now.Add(-9 * time.Second)
		if l.emergency {
			h.Emergency, h.EmergencySize = h.Origin+"\n1209604\n"+h.Root+"\n\n— "+h.Origin+" jyocEAAAAZ0W3pB5mYhQ2xJd7LrT9sVc1kNgEoUiPq4tRwXzA6bZ0W3pB5mYhQ2xJd7LrT9sVc1kNgEoUiPq4tRwXzA6b=\n— witness.fjord.example Mcq0dwAAAABoZ0W3pB5mYhQ2xJd7LrT9sVc1kNgEoUiPq4tRwXzA6bZ0W3pB5mYhQ2xJd7LrT9sVc1kNgEoUiPq4tRw=\n", 1_209_604
		}
	} else {
		h.Size = 4096
	}
	return h, nil
}

func (l ledger) Checkpoint(_ context.Context, log public.Log) ([]byte, error) {
	return []byte("nordwind.example/" + string(log) + "\n1209600\n9fJ2mW1pQ0aVxkq3yB7uT5rD8sZcE6hLoN4iGtXwP2A=\n"), nil
}

func (l ledger) Policy(_ context.Context, log public.Log) ([]byte, error) {
	return []byte("log nordwind.example/" + string(log) + "\n"), nil
}
