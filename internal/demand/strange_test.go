package demand_test

import (
	"testing"

	"counterseal/internal/demand"
	"counterseal/internal/scope"
)

// An event of the right kind of history that does not fit what came before it: no
// command makes it, so somebody has changed the history by hand.
func TestAnEventThatNoCommandMakesIsNoticed(t *testing.T) {
	copyMade := demand.CopyMade{Copy: "k1", Scope: whole("acc-one").Lines(), Region: "iad", How: "gate", Until: end}
	deadline, met := demand.DeadlineSet{ID: "d", Kind: "answer", Latest: end, Rule: "r", Says: "s"}, demand.DeadlineMet{ID: "d", How: "h"}
	opened := secrecyHistory()[0].Event.(demand.SecrecyOpened)
	contest := contestHistory()[0].Event
	covers := contest.(demand.ContestOpened).Covers
	stay := demand.ContestStayed{Source: "c", On: start, Covers: covers}
	end1 := demand.ContestEnded{How: "moot", On: start}
	lifted := demand.SecrecyLifted{Source: "c", On: end}
	late := demand.SecrecyRenewed{Signed: start, Served: end.AddDate(2, 0, 0), Until: end.AddDate(3, 0, 0)}
	free := func(a ...scope.AccountID) demand.SecrecyEased {
		return demand.SecrecyEased{Source: "c", On: start, Free: []demand.Silence{{Demand: theDemand, Accounts: a}}}
	}
	of := func(events ...demand.Event) []demand.Recorded { return told(events...) }
	on := func(events ...demand.Event) []demand.Recorded {
		sc := ready()
		for _, e := range events {
			sc.then(e)
		}
		return sc.history()
	}
	unread := demand.Received{Channel: "mail", Original: digestO, Unread: true}
	for name, h := range map[string][]demand.Recorded{
		"reading what was read":             on(demand.DemandRead{}),
		"asking of what nobody has read":    of(unread, demand.AskedAdded{Paper: 1}),
		"asking of no paper":                on(demand.AskedAdded{Paper: 2}),
		"amending what nobody has read":     of(unread, demand.PaperAdded{Document: digestR}),
		"replacing no line":                 on(demand.PaperAdded{Document: digestR, Supersedes: []int{9}}),
		"deciding a replaced line":          on(demand.PaperAdded{Document: digestR, Supersedes: []int{3}}, demand.LineDecided{Line: 3, Decision: demand.Reject}),
		"checking no paper":                 on(demand.PaperAuthenticated{Paper: 2, Genuine: true, How: "h"}),
		"serving no paper":                  on(demand.ServiceRecorded{Paper: 2, Entity: "e", Manner: "m", At: start}),
		"moving a met deadline":             on(deadline, met, deadline),
		"suspending no deadline":            on(demand.DeadlineSuspended{ID: "d", Source: "s"}),
		"suspending twice":                  on(deadline, demand.DeadlineSuspended{ID: "d", Source: "s"}, demand.DeadlineSuspended{ID: "d", Source: "s"}),
		"suspending a met deadline":         on(deadline, met, demand.DeadlineSuspended{ID: "d", Source: "s"}),
		"resuming what runs":                on(deadline, demand.DeadlineResumed{ID: "d", Latest: end, Says: "s"}),
		"resuming no deadline":              on(demand.DeadlineResumed{ID: "d", Latest: end, Says: "s"}),
		"meeting no deadline":               on(met),
		"meeting twice":                     on(deadline, met, met),
		"clearing no deadline":              on(demand.DeadlineCleared{ID: "d", Source: "s"}),
		"clearing twice":                    on(deadline, demand.DeadlineCleared{ID: "d", Source: "s"}, demand.DeadlineCleared{ID: "d", Source: "s"}),
		"keeping twice":                     on(copyMade, copyMade),
		"keeping what cannot be read":       on(demand.CopyMade{Copy: "k1", Scope: []string{"x"}}),
		"extending no copy":                 on(demand.CopyExtended{Copy: "k1", Until: end, Source: "s"}),
		"extending an ended copy":           on(copyMade, demand.CopyEnded{Copy: "k1", End: "destroyed"}, demand.CopyExtended{Copy: "k1", Until: end, Source: "s"}),
		"ending no copy":                    on(demand.CopyEnded{Copy: "k1", End: "destroyed"}),
		"ending a copy twice":               on(copyMade, demand.CopyEnded{Copy: "k1", End: "destroyed"}, demand.CopyEnded{Copy: "k1", End: "destroyed"}),
		"lifting no hold":                   on(demand.HoldLifted{Hold: 3}),
		"lifting a hold twice":              on(demand.HoldPlaced{Kind: "action", Why: "w"}, demand.HoldLifted{Hold: 22}, demand.HoldLifted{Hold: 22}),
		"lifting a stay twice":              on(demand.Stayed{Source: "c", Reach: whole("acc-one").Lines()}, demand.StayLifted{Stay: 22}, demand.StayLifted{Stay: 22}),
		"finishing no task":                 on(demand.TaskDone{Task: 1}),
		"finishing task 0":                  on(demand.TaskSet{What: "w", Seat: "s", Due: end}, demand.TaskDone{}),
		"finishing twice":                   on(demand.TaskSet{What: "w", Seat: "s", Due: end}, demand.TaskDone{Task: 1}, demand.TaskDone{Task: 1}),
		"acknowledging what has not left":   on(demand.ReleaseAcknowledged{Grant: "g1", By: "r"}),
		"acknowledging twice":               done().then(demand.ReleaseAcknowledged{Grant: "g1", By: "r"}).then(demand.ReleaseAcknowledged{Grant: "g1", By: "r"}).history(),
		"acknowledging no grant":            on(demand.ReleaseAcknowledged{Grant: "g9", By: "r"}),
		"recalling what has not left":       on(demand.ProductionRecalled{Grant: "g1"}),
		"recalling twice":                   done().then(demand.ProductionRecalled{Grant: "g1"}).then(demand.ProductionRecalled{Grant: "g1"}).history(),
		"an incident of no grant":           on(demand.OverProduced{Incident: demand.Digest{8}, Grant: "g9"}),
		"an incident twice":                 done().then(demand.OverProduced{Incident: demand.Digest{8}, Grant: "g1"}).then(demand.OverProduced{Incident: demand.Digest{8}, Grant: "g1"}).history(),
		"witnesses of no grant":             on(demand.WitnessesSaid{Grant: "g9", Word: demand.WitnessesOwed}),
		"witnesses heard before":            done().then(demand.WitnessesSaid{Grant: "g1", Word: demand.WitnessesHeard}).history(),
		"witnesses owed twice":              done().then(demand.WitnessesSaid{Grant: "g1", Word: demand.WitnessesOwed}).then(demand.WitnessesSaid{Grant: "g1", Word: demand.WitnessesOwed}).history(),
		"recalling no grant":                on(demand.ProductionRecalled{Grant: "g9"}),
		"a notice to nobody known":          ready().drop("notice 3").then(demand.NoticeSent{Account: "acc-three", Letter: "l", To: "the press"}).history(),
		"a line of no target, by a paper":   on(demand.PaperAdded{Document: digestR, Lines: []demand.StatedLine{{No: 4, Target: 9}}}),
		"drafting twice":                    on(demand.GrantDrafted{Grant: "g1", Digest: digestG, Scope: whole("acc-one").Lines(), Region: "iad", Recipient: "officer", Expires: end}),
		"taking back twice":                 on(demand.GrantRevoked{Grant: "g1"}, demand.GrantRevoked{Grant: "g1"}),
		"releasing what was found unsent":   permitted2(demand.Nothing).then(demand.ReleaseEnded{Grant: "g1", Outcome: demand.Released}).history(),
		"widening after the end":            of(contest, end1, demand.ContestWidened{Covers: covers}),
		"moving after the end":              of(contest, end1, demand.ContestMoved{Court: "c", Filed: start}),
		"ending a contest twice":            of(contest, end1, end1),
		"ruling in no instance":             of(contest, demand.ContestRuled{Instance: 2, Ruling: "denied", On: start, Says: "s"}),
		"ruling in instance 0":              of(contest, demand.ContestRuled{Ruling: "denied", On: start, Says: "s"}),
		"staying what cannot be read":       of(contest, demand.ContestStayed{Source: "c", On: start, Covers: []demand.Cover{{Demand: theDemand, Reach: []string{"x"}}}}),
		"staying one demand twice":          of(contest, demand.ContestStayed{Source: "c", On: start, Covers: []demand.Cover{covers[0], covers[0]}}),
		"lifting no stay of a contest":      of(contest, demand.ContestStayLifted{Stay: 2, Source: "c", On: start}),
		"lifting a contest's stay twice":    of(contest, stay, demand.ContestStayLifted{Stay: 2, Source: "c", On: start}, demand.ContestStayLifted{Stay: 2, Source: "c", On: start}),
		"renewing the lifted":               of(opened, lifted, late),
		"lifting a duty twice":              of(opened, lifted, lifted),
		"settling nothing":                  of(opened, demand.RenewalSettled{Renewal: 1, Binds: true}),
		"settling twice":                    of(opened, late, demand.RenewalSettled{Renewal: 2}, demand.RenewalSettled{Renewal: 2, Binds: true}),
		"freeing of a demand covered whole": of(opened, demand.SecrecyEased{Source: "c", On: start, Free: []demand.Silence{{Demand: otherDemand, Accounts: []scope.AccountID{"acc-one"}}}}),
		"freeing of no demand":              of(opened, demand.SecrecyEased{Source: "c", On: start, Free: []demand.Silence{{Demand: "d3xx-11", Accounts: []scope.AccountID{"acc-one"}}}}),
		"freeing when all are free":         of(opened, free("acc-one", "acc-two"), free("acc-one")),
	} {
		s := demand.Fold(h)
		if s.Unsound != s.Last {
			t.Errorf("%s is not noticed: unsound is %d of %d", name, s.Unsound, s.Last)
		}
		lookAt(s)
	}
}
