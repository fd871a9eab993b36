package demo

import (
	"context"
	"errors"
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

// Draft makes a grant of what is decided on a kept demand and not yet released, and
// keeps it under name.
func (p *Play) Draft(ctx context.Context, who, on, name string, terms app.Terms) error {
	if err := p.Office.AwaitJournaled(ctx, p.ID(on), false); err != nil {
		return err
	}
	st, err := p.Office.DraftOn(ctx, p.ID(on), demand.Person(who), terms)
	if err != nil {
		return err
	}
	p.grants[name] = st
	p.Keep(name, st.Grant)
	return nil
}

// Grant is the gate's last word on a kept grant.
func (p *Play) Grant(name string) gate.Status { return p.grants[name] }

// Approve lets somebody sign, with their own key, the text that the gate shows.
func (p *Play) Approve(ctx context.Context, who, name string) error {
	text, err := p.Office.Desk().Text(ctx, p.grants[name].ID)
	if err != nil {
		return err
	}
	return p.approveText(ctx, who, name, text)
}

// approveText lets somebody sign a text for a grant, whatever they were shown.
func (p *Play) approveText(ctx context.Context, who, name string, text []byte) error {
	signed, err := signature.Sign(p.Stage.People[who].Key, signature.Grant, text)
	if err != nil {
		return err
	}
	st, err := p.Office.Desk().Approve(ctx, p.grants[name].ID, signed)
	if err == nil {
		p.grants[name] = st
	}
	return err
}

// InForce is a person's word, signed now, that the order still stands.
func (p *Play) InForce(ctx context.Context, who, name string) error {
	text, err := p.Office.Desk().Text(ctx, p.grants[name].ID)
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
	_, err = p.Office.Desk().InForce(ctx, grant.Signed{Text: word, Signature: signed})
	return err
}

// Release asks the gate to collect and seal.
func (p *Play) Release(ctx context.Context, name string) (gate.Outcome, error) {
	return p.Office.Release(ctx, p.grants[name].ID)
}

// Give takes a kept grant from its text to a verified package at the agency: two
// people approve, the first says that the order stands, the gate collects, and the
// officer fetches and verifies. The folder is kept under name.package.
func (p *Play) Give(ctx context.Context, name, agency, by string, approvers ...string) (gate.Outcome, error) {
	for _, who := range approvers {
		if err := p.Approve(ctx, who, name); err != nil {
			return gate.Outcome{}, err
		}
	}
	if err := p.InForce(ctx, approvers[0], name); err != nil {
		return gate.Outcome{}, err
	}
	out, err := p.Release(ctx, name)
	if err != nil {
		return out, err
	}
	if err := p.Fetch(ctx, name, by); err != nil {
		return out, err
	}
	return out, p.Verify(ctx, name, agency, out.Items)
}

// Fetch picks a released package up, as the officer, into a folder that is kept
// under name.package.
func (p *Play) Fetch(ctx context.Context, name, by string) error {
	dir := p.Stage.path("officer", p.Story.Name, name, "package")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return stageProblem(err)
	}
	for _, file := range release.Files {
		r, _, err := p.Office.Desk().Fetch(ctx, p.grants[name].ID, file, by)
		if err != nil {
			return err
		}
		f, err := os.Create(filepath.Join(dir, file))
		if err == nil {
			_, err = io.Copy(f, r)
			err = errors.Join(err, f.Close())
		}
		r.Close()
		if err != nil {
			return stageProblem(err)
		}
	}
	p.Keep(name+".package", dir)
	return nil
}

// Verify checks a fetched package offline, with the trust file and the agency's key,
// and that it has so many items.
func (p *Play) Verify(ctx context.Context, name, agency string, items int64) error {
	text, err := os.ReadFile(p.Stage.Folder.Trust())
	if err != nil {
		return stageProblem(err)
	}
	trust, err := verify.ParseTrust(text)
	if err != nil {
		return err
	}
	policies, err := proof.ParsePolicies(trust.LogPolicy)
	if err != nil {
		return err
	}
	key, err := os.ReadFile(p.Stage.Officers[agency])
	if err != nil {
		return stageProblem(err)
	}
	ids, err := age.ParseIdentities(strings.NewReader(string(key)))
	if err != nil {
		return stageProblem(err)
	}
	report, err := verify.Verify(ctx, p.Kept(name+".package"), trust, verify.Options{Identities: ids, Proof: func(b []byte, d [32]byte) (time.Time, error) {
		pr, err := proof.ParseProof(b)
		if err != nil {
			return time.Time{}, err
		}
		v, err := policies.Verify(pr, d)
		return v.Tick, err
	}})
	if err != nil {
		return err
	}
	if !report.Complete || report.Release.Items != items {
		return problem.New(problem.Internal, "demo.unverified", "the package could not be verified whole")
	}
	return nil
}

// VerifyCommand is the check as the officer types it.
func (p *Play) VerifyCommand(name, agency string) []string {
	return []string{"verify", p.Kept(name + ".package"), "--trust", p.Stage.Folder.Trust(), "--identity", p.Stage.Officers[agency]}
}
