package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/evidence/release"
	"counterseal/internal/evidence/verify"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

// Play is one telling of a story.
type Play struct {
	Stage  *Stage
	Office *app.Office
	Tell   func(Step) // hears each step as it is done

	stop    context.CancelFunc
	running chan error
	demand  demand.ID
	grant   gate.Status
	Result  Result
}

// Step is one thing that somebody did.
type Step struct {
	At   time.Time `json:"at"`
	Who  string    `json:"who"`
	What string    `json:"what"`
}

// Result is where to look when the story is over.
type Result struct {
	Demand  string `json:"demand"`
	Items   int64  `json:"items"`
	Package string `json:"package"` // the officer's folder
	Letter  string `json:"letter"`
	Receipt string `json:"receipt"`
	Trust   string `json:"trust"`
}

// OpenDoor plays the lawful demand of the story open-door: a warrant for one
// account and two months of mail, from the door to a verified package.
func OpenDoor(ctx context.Context, stage *Stage, o *app.Office, tell func(Step)) (Result, error) {
	p := &Play{Stage: stage, Office: o, Tell: tell}
	p.start(ctx)
	defer p.end()
	for _, step := range []func(context.Context) error{p.ceremony, p.arrive, p.check, p.decide, p.notify, p.wait, p.draft, p.approveOnce, p.approveTwice, p.releaseIt, p.fetch, p.verifyIt} {
		if err := step(ctx); err != nil {
			return p.Result, err
		}
	}
	return p.Result, nil
}

func (p *Play) start(ctx context.Context) {
	ctx, p.stop = context.WithCancel(ctx)
	p.running = make(chan error, 1)
	go func() { p.running <- p.Office.Run(ctx) }()
}

func (p *Play) end() {
	p.stop()
	<-p.running
}

func (p *Play) told(who, format string, args ...any) {
	p.Tell(Step{At: p.Office.Clock.Now().UTC(), Who: who, What: fmt.Sprintf(format, args...)})
}

// ceremony: everybody on the roster signs the charter, and the gate takes it.
func (p *Play) ceremony(ctx context.Context) error {
	if err := p.Stage.Sign(p.Office.Clock.Now()); err != nil {
		return err
	}
	head, err := p.Office.InitGate(ctx)
	if err != nil {
		return err
	}
	p.told("everyone", "signs the charter: who may approve, the gate's policy, whose account is where, who may receive (%s…)", head.Head[:12])
	return nil
}

// arrive: the warrant comes through the door and a receipt goes back.
func (p *Play) arrive(ctx context.Context) error {
	form, err := os.Open(p.Stage.Form)
	if err != nil {
		return stageProblem(err)
	}
	defer form.Close()
	order, err := os.Open(p.Stage.Order)
	if err != nil {
		return stageProblem(err)
	}
	defer order.Close()
	r, err := p.Office.TakeIn(ctx, app.Delivery{Channel: "portal", FormName: "demand.toml", Form: form, OriginalName: "warrant.txt", Original: order})
	if err != nil {
		return err
	}
	p.demand, p.Result.Demand = r.Demand, string(r.Demand)
	p.Result.Receipt = filepath.Join(string(p.Stage.Folder), "officer", "receipt.txt")
	if err := os.MkdirAll(filepath.Dir(p.Result.Receipt), 0o700); err != nil {
		return stageProblem(err)
	}
	for name, b := range map[string][]byte{p.Result.Receipt: r.Text, p.Result.Receipt + ".sig": r.Signature} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			return stageProblem(err)
		}
	}
	p.told("the officer", "submits warrant 13-mj-0417: one account, two months of mail; gets demand %s and a signed receipt that opens its leaf", r.Demand)
	return nil
}

func (p *Play) act(ctx context.Context, who, reason string, c demand.Command) error {
	_, err := p.Office.Act(ctx, p.demand, demand.Person(who), []string{"reviewer", p.Stage.People[who].Group}, reason, c)
	return err
}

// check: is it genuine, and whose account is it? Two persons for the second.
func (p *Play) check(ctx context.Context) error {
	err := p.act(ctx, "p-halvorsen", "", demand.Authenticate{Genuine: true, How: "called back on the number in the court's printed directory; the clerk confirmed No. 13-mj-0417"})
	if err != nil {
		return err
	}
	p.told("Mira Halvorsen", "calls back on the number in the printed directory, not the one on the letter: genuine")
	accounts, err := p.Office.Propose(ctx, p.demand, 1)
	if err != nil {
		return err
	}
	if err := p.act(ctx, "p-halvorsen", "", demand.Resolve{Target: 1, Accounts: accounts}); err != nil {
		return err
	}
	c, err := p.Office.Docket.State(ctx, p.demand)
	if err != nil {
		return err
	}
	if err := p.act(ctx, "p-brandt", "", demand.Check{Target: 1, Resolution: c.State.Targets[0].Resolved}); err != nil {
		return err
	}
	p.told("Elin Brandt", "checks as second person: june.hartwell@nordwind.example was %s in April and May", accounts[0])
	return nil
}

// decide: the rules speak, counsel decides.
func (p *Play) decide(ctx context.Context) error {
	found, err := p.Office.Assess(ctx, p.demand, "p-halvorsen")
	if err != nil {
		return err
	}
	holds, cite := 0, ""
	for _, f := range found {
		if f.Outcome == "holds" {
			holds++
			if strings.Contains(f.Cite, "USC") {
				cite = f.Cite
			}
		}
	}
	p.told("the rules", "%d hold (such as %s), none is violated", holds, cite)
	if err := p.act(ctx, "p-okafor", "a warrant with account and dates", demand.DecideLine{Line: 1, Decision: demand.Comply}); err != nil {
		return err
	}
	if err := p.act(ctx, "p-okafor", "no order, statute or certification of secrecy", demand.StateSecrecy{None: true}); err != nil {
		return err
	}
	p.told("Jonas Okafor", "decides: give line 1 as asked; nothing forbids telling the customer")
	return nil
}

// notify: the clerk tells the customer before anything leaves.
func (p *Play) notify(ctx context.Context) error {
	if err := p.Office.Round(ctx); err != nil {
		return err
	}
	letters, err := filepath.Glob(filepath.Join(p.Stage.Folder.Spool(), "*", "letter.txt"))
	if err != nil || len(letters) != 1 {
		return problem.New(problem.Internal, "demo.letter", "the letter is not in the spool").Because(err)
	}
	p.Result.Letter = letters[0]
	p.told("the clerk", "writes to June Hartwell: what was demanded, by whom, how to object, and that there are seven days")
	return nil
}

// wait: seven days pass, a day at a time, as clocks do.
func (p *Play) wait(ctx context.Context) error {
	for day := range 7 {
		p.Office.Clock.Advance(24 * time.Hour)
		if err := p.Office.Round(ctx); err != nil {
			return err
		}
		if day > 0 {
			continue
		}
		if err := p.Office.BatchRegister(ctx); err != nil {
			return err
		}
		p.told("the register", "takes its daily batch: 256 leaves, of which nobody outside can tell which one is a demand")
	}
	p.Office.Clock.Advance(30 * time.Minute)
	p.told("the clock", "seven days pass; nobody objected")
	return nil
}

func (p *Play) draft(ctx context.Context) error {
	if err := p.Office.AwaitJournaled(ctx, p.demand); err != nil {
		return err
	}
	st, err := p.Office.Draft(ctx, p.demand, "p-halvorsen")
	if err != nil {
		return err
	}
	p.grant = st
	p.told("Mira Halvorsen", "drafts grant %s; the gate parses it, asks its own charter, and shows it to the approvers", st.Grant)
	return nil
}

func (p *Play) approve(ctx context.Context, who string) error {
	text, err := p.Office.Desk.Text(ctx, p.grant.ID)
	if err != nil {
		return err
	}
	signed, err := signature.Sign(p.Stage.People[who].Key, signature.Grant, text)
	if err != nil {
		return err
	}
	p.grant, err = p.Office.Desk.Approve(ctx, p.grant.ID, signed)
	return err
}

// sayInForce is counsel's word, minutes old, that the warrant still stands.
func (p *Play) sayInForce(ctx context.Context, who string) error {
	text, err := p.Office.Desk.Text(ctx, p.grant.ID)
	if err != nil {
		return err
	}
	g, err := grant.Parse(text)
	if err != nil {
		return err
	}
	word, err := grant.InForce{Grant: g.Digest(), Demand: g.Demand, Person: who, At: p.Office.Clock.Now().UTC().Truncate(time.Second)}.Bytes()
	if err != nil {
		return err
	}
	signed, err := signature.Sign(p.Stage.People[who].Key, signature.InForce, word)
	if err != nil {
		return err
	}
	_, err = p.Office.Desk.InForce(ctx, grant.Signed{Text: word, Signature: signed})
	return err
}

// approveOnce: one signature, and a release that is asked for too early.
func (p *Play) approveOnce(ctx context.Context) error {
	if err := p.approve(ctx, "p-okafor"); err != nil {
		return err
	}
	if err := p.sayInForce(ctx, "p-okafor"); err != nil {
		return err
	}
	_, err := p.Office.Release(ctx, p.grant.ID)
	if err == nil {
		return problem.New(problem.Internal, "demo.one_approver", "a grant with one approval was released")
	}
	p.told("Jonas Okafor", "signs with his own key, says that the warrant stands, and asks for the release: refused, %s", problem.Code(err))
	return nil
}

func (p *Play) approveTwice(ctx context.Context) error {
	if err := p.approve(ctx, "p-brandt"); err != nil {
		return err
	}
	p.told("Elin Brandt", "reads the same text and signs: two persons of two groups, neither the drafter")
	return nil
}

func (p *Play) releaseIt(ctx context.Context) error {
	if err := p.sayInForce(ctx, "p-okafor"); err != nil {
		return err
	}
	out, err := p.Office.Release(ctx, p.grant.ID)
	if err != nil {
		return err
	}
	p.Result.Items = out.Items
	p.told("the gate", "checks again, commits to the journal, reads %d messages, gives %d, withholds %d with the reason, encrypts to the officer", p.Stage.Mail, out.Items, out.Withheld)
	return nil
}

// fetch: the officer picks the package up.
func (p *Play) fetch(ctx context.Context) error {
	p.Result.Package = filepath.Join(string(p.Stage.Folder), "officer", "package")
	p.Result.Trust = p.Stage.Folder.Trust()
	if err := os.MkdirAll(p.Result.Package, 0o700); err != nil {
		return stageProblem(err)
	}
	for _, name := range release.Files {
		r, _, err := p.Office.Desk.Fetch(ctx, p.grant.ID, name, "R. Sample, Harbor District")
		if err != nil {
			return err
		}
		f, err := os.Create(filepath.Join(p.Result.Package, name))
		if err == nil {
			_, err = io.Copy(f, r)
			err = errors.Join(err, f.Close())
		}
		r.Close()
		if err != nil {
			return stageProblem(err)
		}
	}
	return nil
}

// verifyIt: the officer checks everything offline, with the trust file.
func (p *Play) verifyIt(ctx context.Context) error {
	text, err := os.ReadFile(p.Result.Trust)
	if err != nil {
		return stageProblem(err)
	}
	trust, err := verify.ParseTrust(text)
	if err != nil {
		return err
	}
	policy, err := proof.ParsePolicy(trust.LogPolicy)
	if err != nil {
		return err
	}
	key, err := os.ReadFile(p.Stage.Officer)
	if err != nil {
		return stageProblem(err)
	}
	ids, err := age.ParseIdentities(strings.NewReader(string(key)))
	if err != nil {
		return stageProblem(err)
	}
	report, err := verify.Verify(ctx, p.Result.Package, trust, verify.Options{Identities: ids, Proof: func(b []byte, d [32]byte) (time.Time, error) {
		pr, err := proof.ParseProof(b)
		if err != nil {
			return time.Time{}, err
		}
		v, err := proof.Verify(pr, d, policy)
		return v.Tick, err
	}})
	if err != nil {
		return err
	}
	if !report.Complete {
		return problem.New(problem.Internal, "demo.unverified", "the package could not be verified whole")
	}
	p.told("the officer", "fetches and verifies it offline: signature, journal proof, %d items, nothing beside what was approved", report.Items)
	return nil
}
