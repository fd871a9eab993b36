package demo

import (
	"context"
	"os"
	"strings"
	"time"

	"filippo.io/age"

	"counterseal/internal/demand"
	"counterseal/internal/grant"
	"counterseal/internal/signature"
)

// Called is somebody's call to the agency on a contact on file: recorded in the
// docket, and where it was confirmed signed for the gate, with the recipient's key
// as it was read back.
func (p *Play) Called(ctx context.Context, who, on, contact, reached, agency string, confirmed bool, reason string) error {
	answer := "not_theirs"
	if confirmed {
		answer = "confirmed"
	}
	at := p.Office.Clock.Now().In(p.Office.Zone()).Format("2006-01-02 15:04")
	_, err := p.Do(ctx, who, "callback.record", on, reason, Values{"contact": contact, "reached": reached, "at": at, "answer": answer})
	if err != nil || !confirmed {
		return err
	}
	key, err := p.keyOf(agency)
	if err != nil {
		return err
	}
	text, err := p.Office.CallBack(ctx, p.ID(on), demand.Person(who), contact, reached, key, confirmed)
	if err != nil {
		return err
	}
	signed, err := signature.Sign(p.Stage.People[who].Key, signature.Caller, text)
	if err != nil {
		return err
	}
	_, err = p.Office.Desk().Called(ctx, grant.Signed{Text: text, Signature: signed})
	return err
}

// keyOf is an agency's public key, as its officer reads it out.
func (p *Play) keyOf(agency string) (string, error) {
	b, err := os.ReadFile(p.Stage.Officers[agency])
	if err != nil {
		return "", stageProblem(err)
	}
	id, err := age.ParseX25519Identity(strings.TrimSpace(string(b)))
	if err != nil {
		return "", stageProblem(err)
	}
	return id.Recipient().String(), nil
}

// Against lets counsel go against a blocking finding, and a second person agree.
func (p *Play) Against(ctx context.Context, on, rule, reason string) error {
	for _, who := range []string{Counsel, Privacy} {
		if err := p.Command(ctx, who, on, reason, demand.AnswerFinding{Rule: rule}); err != nil {
			return err
		}
	}
	return nil
}

// Pass lets time go by within a row, such as while somebody telephones.
func (p *Play) Pass(ctx context.Context, d time.Duration) error {
	return p.Office.MoveTo(ctx, p.Office.Clock.Now().Add(d))
}
