package walk

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

// Line is what is asked of each target.
type Line struct {
	Service  scope.Service
	Category scope.Category
}

// Ask is a demand: for each target, its lines in the interval.
type Ask struct {
	Number       string
	Targets      []string // addresses
	From, Until  string   // days, both whole, in UTC
	Basis        string   // received or sent
	Participants []string
	Lines        []Line // none: the content of its mail
}

// Form is the ask as an officer would fill it in.
func (a Ask) Form() string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("[instrument]\nkind = \"sca_warrant\"\ntitle = \"Search warrant, 18 USC 2703(a)\"\nnumber = %q\nagency = %q\nofficer = \"R. Sample\"", a.Number, Agency)
	p("signed = 2013-06-07\ndue = 2013-06-28\n")
	for _, t := range a.Targets {
		p("[[target]]\nkind = \"address\"\nstated = %q\n", t)
	}
	lines := a.Lines
	if len(lines) == 0 {
		lines = []Line{{scope.Mail, scope.Content}}
	}
	asks := map[scope.Category]bool{}
	for i := range a.Targets {
		for _, l := range lines {
			asks[l.Category] = true
			p("[[line]]\ntarget = %d\nservice = %q\ncategory = %q\nfrom = %s\nuntil = %s\nzone = \"UTC\"\nbasis = %q", i+1, l.Service, l.Category, a.From, a.Until, a.Basis)
			if len(a.Participants) > 0 {
				p("participants = [\"%s\"]", strings.Join(a.Participants, "\", \""))
			}
			p("")
		}
	}
	p(facts, asks[scope.Subscriber], asks[scope.Identification], asks[scope.Traffic], asks[scope.Content], len(a.Targets))
	return b.String()
}

const facts = `[facts]
kind = "data"
requester = "government"
issuing_country = "US"
authority = "us-harbor"
authority_kind = "court"
signer = "magistrate_judge"
instrument = "sca_warrant"
forum = "us.edva"
entity_country = "US"
control = true
customer_kind = "consumer"
customer_country = "US"
asks_subscriber = %v
asks_identification = %v
asks_traffic = %v
asks_content = %v
targets_named = %d
dates_stated = true
prospective = false
storage_country = "US"
signed = 2013-06-07
served = 2013-06-07
received = 2013-06-07
as_of = 2013-06-07
secrecy_source = "none"
emergency = "none"
geofence = false
assistance = "none"
bulk = false
direct_access = false`

// TakeIn brings the ask to the door with its document.
func (h *House) TakeIn(a Ask) app.Receipt {
	h.Helper()
	document := "SEARCH WARRANT No. " + a.Number + "\n(a court that does not exist)\n\nfor the mail of:\n" + strings.Join(a.Targets, "\n") + "\n"
	r, err := h.Office.TakeIn(h.Context(), app.Delivery{Channel: "portal", FormName: "demand.toml", Form: strings.NewReader(a.Form()),
		OriginalName: "warrant.txt", Original: strings.NewReader(document)})
	must(h, err)
	return r
}

// Act gives a command in a person's name.
func (h *House) Act(id demand.ID, who, reason string, c demand.Command) error {
	_, err := h.Office.Act(h.Context(), id, demand.Person(who), reason, c)
	return err
}

// State reads the demand.
func (h *House) State(id demand.ID) *demand.State {
	h.Helper()
	c, err := h.Office.Docket.State(h.Context(), id)
	must(h, err)
	return c.State
}

// Examine finds the demand genuine, looks its targets up as the estate proposes,
// and lets the rules speak.
func (h *House) Examine(id demand.ID) {
	h.Helper()
	must(h, h.Act(id, Drafter, "", demand.Authenticate{Genuine: true, How: "called back on the number in the court's printed directory"}))
	for _, t := range h.State(id).Targets {
		accounts, err := h.Office.Propose(h.Context(), id, t.No)
		if problem.Code(err) == "estate.no_account" {
			err = nil // it is recorded as none
		}
		must(h, err)
		h.Resolve(id, demand.Resolve{Target: t.No, Accounts: accounts})
	}
	_, err := h.Office.Assess(h.Context(), id, Drafter)
	must(h, err)
	must(h, h.Act(id, Counsel, "no order of secrecy", demand.StateSecrecy{None: true}))
}

// Resolve records what a target stands for; a second person agrees.
func (h *House) Resolve(id demand.ID, r demand.Resolve) {
	h.Helper()
	must(h, h.Act(id, Drafter, "", r))
	must(h, h.Act(id, Privacy, "", demand.Check{Target: r.Target, Resolution: h.State(id).Targets[r.Target-1].Resolved}))
}

// Comply decides to give a line as it is asked.
func (h *House) Comply(id demand.ID, line int) error {
	return h.Act(id, Counsel, "a warrant with account and dates", demand.DecideLine{Line: line, Decision: demand.Comply})
}

// Tell lets the clerk write to the holders and the seven days pass.
func (h *House) Tell() {
	h.Helper()
	must(h, h.Office.Round(h.Context()))
	// A house that was closed in the middle of a letter left it leased for minutes.
	h.Wait(10 * time.Minute)
	must(h, h.Office.Round(h.Context()))
	for range 7 {
		h.Wait(24 * time.Hour)
		must(h, h.Office.Round(h.Context()))
	}
	h.Wait(30 * time.Minute)
}

// Wait moves the house's clock.
func (h *House) Wait(d time.Duration) { h.Clock.Advance(d) }

// Draft puts everything that was decided before the approvers.
func (h *House) Draft(id demand.ID) (gate.Status, error) {
	h.Helper()
	must(h, h.Office.AwaitJournaled(h.Context(), id, false))
	return h.Office.Draft(h.Context(), id, Drafter)
}

// Approve lets a person sign the grant as the gate understands it.
func (h *House) Approve(st gate.Status, who string) error {
	h.Helper()
	text, err := h.Office.Desk().Text(h.Context(), st.ID)
	must(h, err)
	signed, err := signature.Sign(h.Keys[who], signature.Grant, text)
	must(h, err)
	_, err = h.Office.Desk().Approve(h.Context(), st.ID, signed)
	return err
}

// InForce is a person's word, now, that the order stands.
func (h *House) InForce(st gate.Status, who string) error {
	h.Helper()
	text, err := h.Office.Desk().Text(h.Context(), st.ID)
	must(h, err)
	g, err := grant.Parse(text)
	must(h, err)
	word, err := grant.InForce{Grant: g.Digest(), Demand: g.Demand, Person: who, At: h.Clock.Now().UTC().Truncate(time.Second)}.Bytes()
	must(h, err)
	signed, err := signature.Sign(h.Keys[who], signature.InForce, word)
	must(h, err)
	_, err = h.Office.Desk().InForce(h.Context(), grant.Signed{Text: word, Signature: signed})
	return err
}

// Stop sends a person's stop straight to the gate; reach is as package grant
// writes it, such as "demand g59s-my".
func (h *House) Stop(reach, who string) error {
	h.Helper()
	r, err := grant.ParseReach(reach)
	must(h, err)
	text, err := grant.Stop{Reach: r, Person: who, At: h.Clock.Now().UTC().Truncate(time.Second), Reason: "stay granted this morning"}.Bytes()
	must(h, err)
	signed, err := signature.Sign(h.Keys[who], signature.Stop, text)
	must(h, err)
	_, err = h.Office.Desk().Stop(h.Context(), grant.Signed{Text: text, Signature: signed})
	return err
}

// Decided takes the asks to where everything is decided to be given and the
// holders' seven days have passed.
func (h *House) Decided(asks ...Ask) []demand.ID {
	h.Helper()
	var ids []demand.ID
	for _, a := range asks {
		id := h.TakeIn(a).Demand
		h.Examine(id)
		for _, l := range h.State(id).Lines {
			must(h, h.Comply(id, l.No))
		}
		ids = append(ids, id)
	}
	h.Tell()
	return ids
}

// Approved drafts a grant of everything that is decided, with both approvals.
func (h *House) Approved(id demand.ID) gate.Status {
	h.Helper()
	st, err := h.Draft(id)
	must(h, err)
	must(h, h.Approve(st, Counsel))
	must(h, h.Approve(st, Privacy))
	return st
}

// Release says once more that the order stands, and releases.
func (h *House) Release(st gate.Status) (gate.Outcome, error) {
	h.Helper()
	if err := h.InForce(st, Counsel); err != nil {
		return gate.Outcome{}, err
	}
	return h.Office.Release(h.Context(), st.ID)
}

// Fetch picks the released package up into a new folder.
func (h *House) Fetch(st gate.Status) string {
	h.Helper()
	dir := h.TempDir()
	for _, name := range release.Files {
		r, _, err := h.Office.Desk().Fetch(h.Context(), st.ID, name, "R. Sample, Harbor District")
		must(h, err)
		var b bytes.Buffer
		_, err = io.Copy(&b, r)
		must(h, err)
		must(h, r.Close())
		must(h, os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600))
	}
	return dir
}
