package app

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"

	"counterseal/internal/canon"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/evidence/verify"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// GateSocket is where a running office lets others on this machine reach the
// gate that runs inside it.
func (f Folder) GateSocket() string { return f.path("gate.sock") }

// UplinkSocket is where a gate of its own process reaches journal and docket,
// unless the configuration says otherwise.
func (f Folder) UplinkSocket() string { return f.path("uplink.sock") }

// uplinkSocket is the configured path, or the one in the folder.
func (o *Office) uplinkSocket() string {
	if path, own := strings.CutPrefix(o.Config.Gate.Uplink, "unix:"); own {
		return path
	}
	return o.Folder.UplinkSocket()
}

// CharterDraft is charter.toml; Statement and its signatures are what the
// ceremony made.
func (f Folder) CharterDraft() string { return f.path("charter.toml") }
func (f Folder) Statement(n string) string {
	return f.path("charter", n+".txt")
}

// gateIn is the id of the gate of a region.
func (o *Office) gateIn(region string) (string, error) {
	if region == o.Config.Gate.Region {
		return o.Config.Gate.ID, nil
	}
	for _, r := range o.Config.Regions {
		if r.ID == region {
			return r.Gate, nil
		}
	}
	return "", problem.New(problem.Refused, "gate.no_region", "no gate is connected in this region").At("%.64q", region).Fix("see [gate] and [[region]] in counterseal.toml")
}

// Permit implements gate.Docket: the docket's only word in a release. It first
// takes the gate's news, so that approvals which reached the gate directly count.
func (o *Office) Permit(ctx context.Context, id, grantID string, release [32]byte, items int64) error {
	if err := o.takeApprovals(ctx, demand.ID(id)); err != nil {
		return err
	}
	if err := o.wholeSince(ctx, demand.ID(id), grantID); err != nil {
		return err
	}
	_, err := o.act(ctx, demand.ID(id), "gate", nil, "the gate has sealed a package",
		demand.PermitRelease{Grant: grantID, Release: release, Items: items})
	return err
}

// PermitKeep implements gate.Docket: whether a grant to keep is still wanted. Nothing
// leaves by it, and nothing is recorded here; what was kept is told when it is there.
func (o *Office) PermitKeep(ctx context.Context, id, grantID string) error {
	if err := o.wholeSince(ctx, demand.ID(id), grantID); err != nil {
		return err
	}
	c, err := o.Docket.State(ctx, demand.ID(id))
	if err != nil {
		return err
	}
	if blocked := demand.MayKeepBy(c.State, grantID, c.Env); len(blocked) > 0 {
		return blocked.Problem()
	}
	return nil
}

// PermitPreview implements gate.Docket: whether a grant to preview is still wanted.
// Nothing leaves by it, and nothing is recorded here.
func (o *Office) PermitPreview(ctx context.Context, id, grantID string) error {
	if err := o.wholeSince(ctx, demand.ID(id), grantID); err != nil {
		return err
	}
	c, err := o.Docket.State(ctx, demand.ID(id))
	if err != nil {
		return err
	}
	if blocked := demand.MayPreviewBy(c.State, grantID, c.Env); len(blocked) > 0 {
		return blocked.Problem()
	}
	return nil
}

// wholeSince holds what the database names for each tick since the grant was
// drafted against the journal. Whoever can write the database, and nothing else,
// could otherwise cut a stay out of it together with its journal entry.
func (o *Office) wholeSince(ctx context.Context, id demand.ID, grantID string) error {
	c, err := o.Docket.State(ctx, id)
	if err != nil {
		return err
	}
	drafted := map[string]demand.Digest{}
	for _, g := range c.State.Grants {
		drafted[g.ID] = g.Digest
	}
	for _, k := range c.State.Keepings {
		drafted[k.ID] = k.Digest
	}
	for _, p := range c.State.Previews {
		drafted[p.ID] = p.Digest
	}
	if digest, some := drafted[grantID]; some {
		entry, err := o.journal.rows.FindDigest(ctx, digest)
		if err != nil {
			return err
		}
		place, err := o.journal.rows.Find(ctx, entry)
		if err != nil {
			return err
		}
		return o.journal.reader.InEmergency().Whole(ctx, place.Sequence)
	}
	return nil // PermitRelease says that there is no such grant
}

// act runs a command under a fresh id.
func (o *Office) act(ctx context.Context, id demand.ID, actor demand.Person, seats []string, reason string, c demand.Command) (docket.Result, error) {
	if err := o.known(c); err != nil {
		return docket.Result{}, err
	}
	a := docket.Act{ID: id, Actor: actor, Seats: seats, Reason: canon.Text(reason), Command: c}
	if err := o.fill(a.CommandID[:]); err != nil {
		return docket.Result{}, err
	}
	return o.Docket.Do(ctx, a)
}

// TakeNews brings the docket up to date with the gate: approvals, outcomes,
// releases that were interrupted.
func (o *Office) TakeNews(ctx context.Context) error {
	if o.Desk() == nil {
		return nil
	}
	// A gate that is down keeps no other's news away; its own come when it is back. One
	// that is silent is waited for once: all is asked at the same time.
	var others sync.WaitGroup
	var copies []gate.Copy
	var incidents []gate.Incident
	var noCopies, noIncidents error
	others.Go(func() { copies, noCopies = o.Desk().Copies(ctx) })
	others.Go(func() { incidents, noIncidents = o.Desk().Incidents(ctx) })
	list, first := o.Desk().List(ctx)
	others.Wait()
	for _, st := range list {
		o.stamping.take(st)
		if o.news.old(st) {
			continue
		}
		// One demand that cannot be read keeps no other's news away.
		err := o.takeStatus(ctx, st)
		if err == nil {
			o.news.taken(st)
		} else if first == nil {
			first = err
		}
	}
	first = cmp.Or(first, o.takeCopies(ctx, copies), noCopies)
	return cmp.Or(first, o.takeIncidents(ctx, incidents), noIncidents)
}

// news remembers what the gate last said of each grant and the docket has taken, so
// that a round reads the demands of those grants alone of which there is news.
type news struct {
	mu   sync.Mutex
	last map[string]string
}

func (n *news) old(st gate.Status) bool { return n.is(st.ID, newsOf(st)) }

func (n *news) taken(st gate.Status) { n.note(st.ID, newsOf(st)) }

// is reports whether that was the last that was taken of something.
func (n *news) is(name, says string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.last[name] == says
}

func (n *news) note(name, says string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.last == nil {
		n.last = map[string]string{}
	}
	n.last[name] = says
}

// newsOf is what takeStatus looks at.
func newsOf(st gate.Status) string {
	return st.Demand + " " + string(st.State) + " " + strings.Join(st.Approvals, ",") + " " + witnessesOf(st)
}

// takeApprovals takes what the gates say of a demand's grants. A gate of another
// region that is down does not hold up what this one has said.
func (o *Office) takeApprovals(ctx context.Context, id demand.ID) error {
	list, err := o.Desk().List(ctx)
	for _, st := range list {
		if st.Demand == string(id) {
			err = o.takeStatus(ctx, st)
			if err != nil {
				return err
			}
		}
	}
	return err
}

// takeStatus records what the docket does not know yet about one grant.
func (o *Office) takeStatus(ctx context.Context, st gate.Status) error {
	id := demand.ID(st.Demand)
	c, err := o.Docket.State(ctx, id)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(c.State.Grants, func(g demand.Grant) bool { return g.ID == st.Grant })
	if i < 0 {
		return nil // a grant that this docket did not draft is none of its history
	}
	known := c.State.Grants[i]
	for _, person := range st.Approvals {
		if slices.Contains(known.Approvals, demand.Person(person)) {
			continue
		}
		_, err := o.act(ctx, id, "gate", nil, "the gate holds this approval", demand.SeeApproval{Grant: st.Grant, Person: demand.Person(person)})
		if err != nil && problem.Code(err) != "approval.seen" {
			return err
		}
	}
	if err := o.takeWitnesses(ctx, id, st); err != nil {
		return err
	}
	return o.takeOutcome(ctx, id, known, st)
}

func (o *Office) takeOutcome(ctx context.Context, id demand.ID, known demand.Grant, st gate.Status) error {
	outcome := demand.Pending
	switch {
	case known.Permitted == 0 || known.Outcome == demand.Released || known.Outcome == demand.Nothing:
		return nil
	case st.State == gate.Released:
		outcome = demand.Released
	case st.State == gate.Unknown && known.Outcome == demand.Pending:
		outcome = demand.Unknown
	case st.State == gate.Refused || st.State == gate.Interrupted:
		// A stop, or the gate's end, came between the docket's word and the package.
		outcome = demand.Nothing
	}
	if outcome == demand.Pending {
		return nil
	}
	_, err := o.act(ctx, id, "gate", nil, "the gate's record says so", demand.EndRelease{Grant: st.Grant, Outcome: outcome})
	if err != nil || outcome != demand.Released {
		return err
	}
	_, err = o.SetDeadlines(ctx, id, "clerk") // some run from the answer, such as that of the paper after an emergency
	return err
}

// Charter reads the statements that the ceremony and later quorums signed. It is
// the docket's own reading; the gate keeps and believes its own. Code:
// app.no_charter.
func (f Folder) Charter() (*grant.Charter, error) { return f.readCharter(nil) }

func (f Folder) readCharter(readings *grant.Readings) (*grant.Charter, error) {
	c := &grant.Charter{}
	for n := 1; ; n++ {
		text, signatures, err := f.signed(n)
		if os.IsNotExist(err) && n > 1 {
			return c, nil
		}
		if os.IsNotExist(err) {
			return nil, problem.New(problem.Missing, "app.no_charter", "there is no charter yet, so there is no gate and nothing can leave").
				Fix("write charter.toml and run: counterseal gate init")
		}
		if err != nil {
			return nil, folderProblem(err)
		}
		c, err = readings.Extend(c, text, signatures)
		if err != nil {
			return nil, err
		}
	}
}

// signed reads statement n and every signature that lies beside it.
func (f Folder) signed(n int) (text []byte, signatures [][]byte, err error) {
	return f.signedAs(strconv.Itoa(n))
}

func (f Folder) signedAs(name string) (text []byte, signatures [][]byte, err error) {
	text, err = os.ReadFile(f.Statement(name))
	if err != nil {
		return nil, nil, err
	}
	files, err := filepath.Glob(f.path("charter", name+".*.sig"))
	if err != nil {
		return nil, nil, err
	}
	sort.Strings(files)
	for _, file := range files {
		s, err := os.ReadFile(file)
		if err != nil {
			return nil, nil, err
		}
		signatures = append(signatures, s)
	}
	return text, signatures, nil
}

// InitGate ends the ceremony: the signed statements go to the gate, which checks
// them itself, and the trust file for outsiders is written.
func (o *Office) InitGate(ctx context.Context) (gate.CharterHead, error) {
	c, err := o.charter()
	if err != nil {
		return gate.CharterHead{}, err
	}
	err = o.Config.SignIn.apart(c.Roster)
	if err != nil {
		return gate.CharterHead{}, err
	}
	err = o.Folder.keepPacks(c.Packs)
	if err != nil {
		return gate.CharterHead{}, err
	}
	if o.Desk() == nil {
		if err := o.openGate(ctx); err != nil {
			return gate.CharterHead{}, err
		}
	}
	head, err := o.tellCharter(ctx, c)
	if err != nil {
		return head, err
	}
	return head, o.writeTrust(ctx, c)
}

// tellCharter brings every gate to the charter. One that is down keeps no statement from
// the others, and is told once it is back: until then this ends with what it answers.
func (o *Office) tellCharter(ctx context.Context, c *grant.Charter) (gate.CharterHead, error) {
	head, gone := o.Desk().CharterHead(ctx)
	if gone != nil && !down(gone) {
		return gate.CharterHead{}, gone
	}
	for n := head.Number + 1; n <= c.Number; n++ {
		text, signatures, err := o.Folder.signed(n)
		if err != nil {
			return head, folderProblem(err)
		}
		now, err := o.Desk().ExtendCharter(ctx, text, signatures)
		switch {
		case down(err) && now.Number == n:
			gone = err
		case err != nil:
			return head, err
		}
		head = now
	}
	return head, gone
}

// writeTrust writes what outsiders believe from now on. Where the charter has come to
// another witness policy, the one before it counts on for what it was used for, and both
// logs are written by the new one from now on.
func (o *Office) writeTrust(ctx context.Context, c *grant.Charter) error {
	policies, err := o.logPolicies(ctx, c)
	if err != nil {
		return err
	}
	t := verify.Trust{Docket: o.signer.PublicKey(), Register: c.Register}
	for _, g := range c.Gates {
		t.Gates = append(t.Gates, verify.GateKey{Gate: g.ID, Region: g.Region, Key: g.Key})
	}
	t.LogPolicy = policies.Marshal()
	t.Stamps, err = o.Folder.stamps(o.Config.Ledger.Stamp)
	if err != nil {
		return err
	}
	if err := o.Folder.writeTrust(t); err != nil {
		return err
	}
	if err := o.Folder.takePolicies(c); err != nil {
		return err
	}
	return o.takeUp()
}

func (f Folder) writeTrust(t verify.Trust) error {
	err := os.WriteFile(f.Trust(), t.Bytes(), 0o644)
	if err != nil {
		return folderProblem(err)
	}
	return nil
}
