package grant

import (
	"slices"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Case is everything that Check looks at.
type Case struct {
	Grant     Grant
	Text      []byte // the grant's canonical text, as signed
	Charter   *Charter
	Approvals [][]byte // armored signatures over Text
	Call      Signed   // the caller's statement; zero where none is at hand
	Gate      string   // the gate that asks
	Now       time.Time
}

// Rule is one of the checks, by name, so that a test can take the list apart.
type Rule struct {
	Name  string
	Check func(Case) error
}

// Rules is every check between a grant and the charter, in the order in which
// they are asked. The gate and the docket ask all of them.
var Rules = []Rule{
	{"charter", checkCharter},
	{"gate", checkGate},
	{"life", checkLife},
	{"contained", checkContained},
	{"estate", checkEstate},
	{"targets", checkTargets},
	{"by-hand", checkByHand},
	{"keeping", checkKeeping},
	{"preview", checkPreview},
	{"caller", checkCaller},
	{"recipient", checkRecipient},
	{"zip", checkZip},
	{"cap", checkCap},
	{"drafter", checkDrafter},
	{"approvals", checkApprovals},
}

// Check asks every rule and returns the first that fails.
func Check(c Case) error {
	for _, r := range Rules {
		if err := r.Check(c); err != nil {
			return err
		}
	}
	return nil
}

func refuse(code, format string, args ...any) *problem.Error {
	return problem.New(problem.Refused, code, format, args...)
}

// checkCharter: the grant was drafted, and approved, under the charter in force.
func checkCharter(c Case) error {
	if c.Grant.Charter != c.Charter.Head || c.Grant.Provider != c.Charter.Provider {
		return refuse("grant.charter", "the charter has changed since this grant was drafted").Fix("draft and approve it again")
	}
	return nil
}

// checkGate: the grant names this gate and its region, and no other.
func checkGate(c Case) error {
	g, ok := c.Charter.GateByID(c.Gate)
	if !ok || c.Grant.Gate != g.ID || c.Grant.Region != g.Region {
		return refuse("grant.foreign_region", "this grant is for another gate").At("%s in %s", c.Grant.Gate, c.Grant.Region)
	}
	return nil
}

// checkLife: at most 24 hours, begun, not over.
func checkLife(c Case) error {
	g := c.Grant
	switch {
	case g.Expires.Sub(g.Issued) > c.Charter.Policy.GrantLife || !g.Expires.After(g.Issued):
		return refuse("grant.too_long", "a grant lives at most %d hours", int(c.Charter.Policy.GrantLife.Hours()))
	case g.Issued.After(c.Now.Add(c.Charter.Policy.Skew)):
		return refuse("grant.not_yet", "this grant begins in the future").Fix("compare the clocks")
	case !c.Now.Before(g.Expires):
		return refuse("grant.expired", "this grant ended %s", g.Expires.UTC().Format(time.RFC3339)).Fix("draft and approve a new one")
	}
	return nil
}

// checkContained: what is collected lies inside what the order compels.
func checkContained(c Case) error {
	if c.Grant.Scope.Empty() || !c.Grant.Compelled.Contains(c.Grant.Scope) {
		return refuse("grant.enlarged", "the grant collects more than the order compels")
	}
	return nil
}

// checkEstate: every selector's account exists, and the service that it asks for
// is kept in this region, by the gate's own estate.
func checkEstate(c Case) error {
	for _, sel := range c.Grant.Scope.Selectors() {
		if !c.Charter.knowsAccount(sel.Account) {
			return refuse("grant.account_unknown", "the gate knows no such account").At("%s", sel.Account)
		}
		if region, has := c.Charter.RegionOf(sel.Account, sel.Service); !has || region != c.Grant.Region {
			return refuse("grant.account_region", "the account's %s is not kept in this region", sel.Service).At("%s", sel.Account)
		}
	}
	return nil
}

// checkTargets: for every selector, the identifiers that the grant states for its
// account, at least one and each of them, stood for exactly that account during
// all of the interval, by the gate's own estate. So
// an alias that somebody re-points in the docket leads nowhere, and a recycled
// address does not hand out its former or later holder's data. No other identifier is
// stated: who approves reads of each that the gate knows whose it is.
func checkTargets(c Case) error {
	asked := map[scope.AccountID]bool{}
	for _, id := range c.Grant.Scope.Accounts() {
		asked[id] = true
	}
	stated := map[Target]bool{}
	for _, t := range c.Grant.Targets {
		if !asked[t.Account] || stated[t] {
			return refuse("grant.target_idle", "the grant states an identifier twice, or for an account of which it collects nothing").At("%s %s", t.Kind, t.Stated).
				Fix("draft it again")
		}
		stated[t] = true
	}
	for _, sel := range c.Grant.Scope.Selectors() {
		if err := checkTarget(c, sel); err != nil {
			return err
		}
	}
	return nil
}

func checkTarget(c Case, sel scope.Selector) error {
	named := false
	for _, t := range c.Grant.Targets {
		if t.Account != sel.Account {
			continue
		}
		named = true
		holders := c.Charter.Holders(t.Kind, t.Stated, sel.From, sel.Until)
		if !slices.Contains(holders, sel.Account) {
			return refuse("grant.alias_moved", "by the gate's own estate this identifier is not that account's").At("%s %s", t.Kind, t.Stated)
		}
		if len(holders) > 1 {
			return refuse("grant.alias_ambiguous", "this identifier stood for %d accounts in the interval", len(holders)).At("%s %s", t.Kind, t.Stated).
				Fix("narrow the interval to one holder's time")
		}
		if !c.Charter.heldThroughout(t.Kind, t.Stated, sel.Account, sel.From, sel.Until) {
			return refuse("grant.alias_interval", "this identifier stood for the account during a part of the interval only").At("%s %s", t.Kind, t.Stated).
				Fix("narrow the interval to that part")
		}
	}
	if !named {
		return refuse("grant.not_named", "no identifier that the order names stands for this account").At("%s", sel.Account)
	}
	return nil
}

// checkRecipient: the key is the requester's, known from the charter for more
// than the policy's age (a day): a key swapped in today opens nothing.
// In the emergency lane a key that was read back on the call counts at once. What is
// only kept has no recipient, and its requester is an agency all the same.
func checkRecipient(c Case) error {
	for _, a := range c.Charter.Agencies {
		if a.ID != c.Grant.Requester {
			continue
		}
		if c.Grant.Stays() {
			return nil
		}
		for _, r := range a.Recipients {
			if r.Key != c.Grant.Recipient {
				continue
			}
			if c.Now.Sub(r.Since) <= c.Charter.Policy.KeyAge && !ReadBack(c) {
				return recipientNew(r)
			}
			return nil
		}
	}
	return refuse("grant.recipient_unknown", "this is not a key of the requester").At("%s", c.Grant.Requester)
}

func recipientNew(r Recipient) error {
	p := refuse("grant.recipient_new", "this recipient's key has not been known for long enough")
	if r.Key == ByZip {
		return p.Fix("wait: a ZIP has no key that could be read back on a call")
	}
	return p.Fix("wait, or read the key back on a call under the emergency lane")
}

func checkCap(c Case) error {
	if c.Grant.ByteCap <= 0 || c.Grant.ByteCap > c.Charter.Policy.ByteCap {
		return refuse("grant.cap", "a grant states a byte cap within the policy's")
	}
	return nil
}

func checkDrafter(c Case) error {
	if _, ok := c.Charter.PersonByID(c.Grant.Drafter); !ok {
		return refuse("grant.drafter", "who drafted this grant is not on the roster").At("%s", c.Grant.Drafter)
	}
	return nil
}

// checkApprovals: enough distinct persons, of enough groups, none the drafter.
func checkApprovals(c Case) error {
	persons, err := Approvers(c.Charter, c.Grant, c.Text, c.Approvals)
	if err != nil {
		return err
	}
	groups := map[string]bool{}
	for _, p := range persons {
		groups[p.Group] = true
	}
	needed, apart := c.Grant.Needs(c.Charter.Policy)
	if len(persons) < needed {
		return refuse("grant.approvals_missing", "%d of %d persons have approved", len(persons), needed)
	}
	if len(groups) < apart {
		return refuse("grant.groups_missing", "the approvers are of %d groups and must be of %d", len(groups), apart)
	}
	return nil
}
