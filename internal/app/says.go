package app

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/web/ui"
)

var words = ui.WordsFor("en")

// teller tells to one office what is recorded: times stand in its zone.
type teller struct{ ui.Clock }

func (o *Office) teller() teller { return teller{o.Told()} }

// Told is the clock by which people of this office are told a time.
func (o *Office) Told() ui.Clock { return ui.Clock{Now: o.Clock.Now(), Zone: o.Zone()} }

// Says puts what an event states into one sentence.
func (o *Office) Says(e demand.Event) string { return o.teller().says(e) }

func (in teller) day(t time.Time) string { return in.At(t).Text }

// sentence joins what is there.
func sentence(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, ", ")
}

func (in teller) until(t time.Time, unstated string) string {
	if t.IsZero() {
		return unstated
	}
	return "until " + in.End(t).Text
}

// says puts an event's content into one sentence.
func (in teller) says(e demand.Event) string {
	for _, f := range []func(demand.Event) (string, bool){in.ofDemand, in.ofDesk, in.ofRelease, in.ofContest, in.ofSecrecy} {
		if s, ok := f(e); ok {
			return s
		}
	}
	return ""
}

func (in teller) ofDemand(e demand.Event) (string, bool) {
	switch e := e.(type) {
	case demand.Received:
		if e.Unread {
			return "not read yet; original " + hex.EncodeToString(e.Original[:6]) + "…", true
		}
		return fmt.Sprintf("%s and %s; original %s…", plural(len(e.Targets), "target"), plural(len(e.Lines), "line"), hex.EncodeToString(e.Original[:6])), true
	case demand.DemandRead:
		return sentence(words.Of(ui.Kinds, string(e.Kind)), e.Instrument.Title, e.Instrument.Agency), true
	case demand.AskedAdded:
		return sentence(plural(len(e.Targets), "target"), plural(len(e.Lines), "line")), true
	case demand.PaperAdded:
		return sentence(e.Instrument.Title, e.Instrument.Number), true
	case demand.PaperAuthenticated:
		return fmt.Sprintf("paper %d: %s", e.Paper, e.How), true
	case demand.ServiceRecorded:
		return sentence(fmt.Sprintf("paper %d on %s", e.Paper, e.Entity), e.Manner, in.day(e.At)), true
	case demand.Authenticated:
		return e.How, true
	case demand.Assessed:
		return plural(len(e.Findings), "finding"), true
	case demand.Answered:
		return e.Rule, true
	case demand.Resolved:
		if len(e.Accounts) == 0 {
			return fmt.Sprintf("target %d is no account of ours", e.Target), true
		}
		return fmt.Sprintf("target %d is %s", e.Target, join(e.Accounts)), true
	case demand.Checked:
		return fmt.Sprintf("target %d, as looked up in event %d", e.Target, e.Resolution), true
	case demand.LineDecided:
		return fmt.Sprintf("line %d: %s", e.Line, words.Of(ui.Decisions, string(e.Decision))), true
	case demand.Concluded:
		return words.Choice("how", e.How), true
	case demand.Linked:
		return linkSays(e.Type, e.From) + " " + string(e.Other), true
	case demand.Joined:
		return string(e.Stream), true
	case demand.UnderMatter:
		return string(e.Matter), true
	case demand.Sealed:
		if e.Case == "" {
			return "taken out", true
		}
		return string(e.Case), true
	}
	return "", false
}

func linkSays(kind string, from bool) string {
	if from {
		return words.Of(ui.Links, kind)
	}
	return words.Of(ui.Links, "back."+kind)
}

func (in teller) ofDesk(e demand.Event) (string, bool) {
	switch e := e.(type) {
	case demand.PartyNamed:
		return sentence(words.Choice("role", e.Role), e.Name), true
	case demand.CallbackMade:
		said := "it is not theirs"
		if e.Confirmed {
			said = "they confirmed it"
		}
		return sentence(e.Contact, e.Reached, said), true
	case demand.DeadlineSet:
		return sentence(words.Of(ui.Deadlines, e.Kind), in.until(e.Latest, ""), e.Says), true
	case demand.DeadlineSuspended:
		return sentence(e.ID, e.Source), true
	case demand.DeadlineResumed:
		return sentence(e.ID, in.until(e.Latest, "")), true
	case demand.DeadlineMet:
		return sentence(e.ID, e.How), true
	case demand.DeadlineCleared:
		return sentence(e.ID, e.Source), true
	case demand.KeepingDrafted:
		return sentence(e.Grant, e.Region, in.until(e.Until, ""), e.Longer), true
	case demand.PreviewDrafted:
		return sentence(e.Grant, e.Region), true
	case demand.CopyMade:
		return sentence(e.Copy, e.Region, in.until(e.Until, "")), true
	case demand.CopyExtended:
		return sentence(e.Copy, in.until(e.Until, ""), e.Source), true
	case demand.CopyEnded:
		return sentence(e.Copy, words.Choice("end", e.End)), true
	case demand.HoldPlaced:
		return sentence(words.Choice("kind", e.Kind), e.Why), true
	case demand.HoldLifted:
		return fmt.Sprintf("the hold of event %d", e.Hold), true
	case demand.MessageKept:
		return message(e), true
	case demand.TaskSet:
		return sentence(e.What, words.Of(ui.Seats, e.Seat), "by "+in.End(e.Due).Text), true
	case demand.TaskDone:
		return fmt.Sprintf("task %d", e.Task), true
	case demand.CostNoted:
		return sentence(e.What, money(e.Minor, e.Currency), words.Choice("state", e.State)), true
	case demand.SilenceAsked:
		return "notice waits " + in.until(e.Until, ""), true
	}
	return "", false
}

// message says what went or came: of a letter of ours which one it was.
func message(e demand.MessageKept) string {
	what, toOrFrom := e.Subject, "from "
	if e.Out {
		toOrFrom = "to "
	}
	if e.Letter != "" {
		what = "the letter “" + words.Of(ui.Letters, e.Letter) + "”"
	}
	return sentence(what, toOrFrom+e.Party, "by "+e.Channel)
}

func direction(out bool) string {
	if out {
		return "out"
	}
	return "in"
}

// money writes an amount of a currency's smallest unit as people do where a
// hundred of them make one, and else as it stands.
func money(minor int64, currency string) string {
	switch currency {
	case "JPY", "KRW", "ISK", "CLP", "VND", "HUF":
		return fmt.Sprintf("%d %s", minor, currency)
	}
	return fmt.Sprintf("%d.%02d %s", minor/100, minor%100, currency)
}

func (in teller) ofRelease(e demand.Event) (string, bool) {
	switch e := e.(type) {
	case demand.SecrecyStated:
		if e.None {
			return "no duty of secrecy: the customer may be told", true
		}
		return "silence rests on " + words.Of(ui.Secrecies, e.Source), true
	case demand.NoticeSent:
		return sentence("the "+e.To+" of "+string(e.Account), e.Letter), true
	case demand.NoticeCorrected:
		return sentence("the "+e.To+" of "+string(e.Account), e.Letter), true
	case demand.Stayed:
		return sentence(e.Source, in.until(e.Until, "")), true
	case demand.StayLifted:
		return fmt.Sprintf("the stay of event %d", e.Stay), true
	case demand.GrantDrafted:
		said := e.Grant + " for " + plural(len(e.Scope), "selector")
		if e.Collection == "by-hand" {
			said += ", by hand, not gate-filtered"
		}
		return said, true
	case demand.ApprovalSeen:
		return e.Grant + " by " + string(e.Person), true
	case demand.GrantRevoked:
		return e.Grant, true
	case demand.ReleaseAsked:
		return e.Grant, true
	case demand.ReleasePermitted:
		return fmt.Sprintf("%s, %s", e.Grant, plural(int(e.Items), "item")), true
	case demand.ReleaseEnded:
		return e.Grant + ": " + words.Of(ui.Releases, string(e.Outcome)), true
	case demand.ReleaseAcknowledged:
		return sentence(e.Grant, e.By), true
	case demand.ProductionRecalled:
		return e.Grant, true
	case demand.WitnessesSaid:
		switch e.Word {
		case demand.WitnessesOwed:
			return fmt.Sprintf("%s went by the emergency policy; the other witnesses are owed until %s", e.Grant, e.Due.UTC().Format("2006-01-02 15:04 MST")), true
		case demand.WitnessesHeard:
			return e.Grant + ": enough witnesses have cosigned since", true
		}
		return e.Grant + ": the witnesses have cosigned another journal than it was released by", true
	case demand.OverProduced:
		if e.Kind == demand.KeptApart {
			return fmt.Sprintf("%s: %s beyond the grant, caught before it left", e.Grant, plural(int(e.Outside), "item")), true
		}
		return fmt.Sprintf("%s: %s of %d not compelled; nobody fetches it any more", e.Grant, plural(int(e.Outside), "item"), e.Items), true
	}
	return "", false
}

func (in teller) ofContest(e demand.Event) (string, bool) {
	switch e := e.(type) {
	case demand.ContestOpened:
		return sentence(e.Title, e.Court, e.Number), true
	case demand.ContestWidened:
		return plural(len(e.Covers), "demand"), true
	case demand.ContestMoved:
		return sentence(e.Court, e.Number), true
	case demand.ContestRuled:
		return sentence(fmt.Sprintf("instance %d: %s", e.Instance, words.Of(ui.Rulings, e.Ruling)), e.Says), true
	case demand.ContestStayed:
		return sentence(e.Source, in.until(e.Until, "until it is lifted")), true
	case demand.ContestStayLifted:
		return sentence(fmt.Sprintf("the stay of event %d", e.Stay), e.Source), true
	case demand.HeldInContempt:
		return sentence(e.Court, e.Terms), true
	case demand.ContestFiled:
		return sentence(e.Who, e.What), true
	case demand.ContestUnsealed:
		return e.What, true
	case demand.ContestEnded:
		return words.Choice("how", e.How), true
	case demand.MatterOpened:
		return sentence(e.Title, e.Ref), true
	case demand.MatterTook:
		return string(e.Demand), true
	case demand.CaseOpened:
		return sentence(e.Why, plural(len(e.Members), "member")), true
	case demand.MemberChanged:
		if e.In {
			return string(e.Person) + " is a member", true
		}
		return string(e.Person) + " is no member any more", true
	}
	return "", false
}

func (in teller) ofSecrecy(e demand.Event) (string, bool) {
	switch e := e.(type) {
	case demand.SecrecyOpened:
		return sentence("rests on "+words.Of(ui.Secrecies, e.Source), e.Cite, in.until(e.Until, "no end is stated")), true
	case demand.SecrecyRenewed:
		return sentence(e.Number, "served "+in.day(e.Served), in.until(e.Until, "no end is stated")), true
	case demand.RenewalSettled:
		answer := "does_not_bind"
		if e.Binds {
			answer = "binds"
		}
		return fmt.Sprintf("the renewal of event %d: %s", e.Renewal, words.Choice("answer", answer)), true
	case demand.SecrecyEased:
		return sentence(e.Source, strings.Join(e.Who, ", ")), true
	case demand.SecrecyLifted:
		return sentence(e.Source, in.day(e.On)), true
	case demand.SecrecyAsked:
		return fmt.Sprintf("%d days before the end, by letter %s", e.Days, e.Letter), true
	case demand.SecrecyReviewed:
		return "next on " + in.End(e.Next).Text, true
	case demand.NoticeArmed:
		return "for the end on " + in.End(e.End).Text, true
	case demand.ChannelsDrained:
		return "through " + in.day(e.Through), true
	case demand.DutyContested:
		return string(e.Contest), true
	}
	return "", false
}
