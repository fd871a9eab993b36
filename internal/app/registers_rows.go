package app

import (
	"strconv"
	"strings"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/grant"
	"counterseal/internal/web/staff"
	"counterseal/internal/web/ui"
)

func number(n int) string { return strconv.Itoa(n) }

func join2(list []string) string { return strings.Join(list, "; ") }

// grantState says how a grant stands, and whether it waits for somebody.
func grantState(g demand.Grant, now time.Time) (says string, waiting bool) {
	switch {
	case g.Recalled > 0:
		says = "recalled"
	case g.Revoked > 0:
		says = "taken back"
	case g.Outcome != demand.Pending:
		says = words.Of(ui.Releases, string(g.Outcome))
	case g.Permitted > 0:
		says, waiting = "release permitted", true
	case !now.Before(g.Expires):
		says = "expired"
	default:
		says, waiting = "waits for approval", true
	}
	if g.Production != "" && g.Production != "first" {
		says += " · " + g.Production
	}
	if g.ByHand() {
		says += " · by hand, not gate-filtered"
	}
	return says, waiting
}

func copyRows(c docket.Case, show string) (out [][]staff.Cell) {
	for _, x := range c.State.Copies {
		if show == "kept" && x.Ended > 0 || show == "ended" && x.Ended == 0 {
			continue
		}
		state := text("kept")
		if x.Ended > 0 {
			state = text(words.Choice("end", x.End))
		}
		out = append(out, []staff.Cell{id(c.ID), text(x.ID), text(join2(grant.InWords(x.Scope))), text(x.Region), text("by " + x.How), {At: x.From}, {At: x.Until, Due: x.Ended == 0, End: true}, state})
	}
	return out
}

func noticeRows(c docket.Case, show string) (out [][]staff.Cell) {
	for _, n := range c.State.Notices {
		ends := c.State.WaitingEnds(n, c.Env.Policy)
		over := !c.Env.Now.Before(ends)
		if show == "waiting" && over || show == "ended" && !over {
			continue
		}
		out = append(out, []staff.Cell{id(c.ID), text(string(n.Account)), text(n.To), text(n.Letter), {At: n.At}, {At: ends, End: true}})
	}
	if show != "waiting" && show != "ended" { // after a correction nothing waits
		for _, n := range c.State.Corrections {
			out = append(out, []staff.Cell{id(c.ID), text(string(n.Account)), text(n.To + ", that a package held too much"), text(n.Letter), {At: n.At}, {}})
		}
	}
	return out
}

func grantRows(c docket.Case, show string) (out [][]staff.Cell) {
	for _, g := range c.State.Grants {
		state, waiting := grantState(g, c.Env.Now)
		if show == "waiting" && !waiting || show == "released" && g.Outcome != demand.Released || show == "by_hand" && !g.ByHand() {
			continue
		}
		out = append(out, []staff.Cell{id(c.ID), {Text: g.ID, Mono: true, Href: addressOf(c.ID) + "#grant-" + g.ID}, text(join2(grant.InWords(g.Scope))), text(g.Region), text(string(g.Drafter)),
			text(number(len(g.Approvals)) + " of " + number(c.Env.Policy.Approvals)), {At: g.Expires, Due: waiting}, text(state)})
	}
	return out
}
