package gatepage

import (
	"context"
	"io"
	"net/http"
	"slices"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

// call is where the passphrase of a ZIP stands, as the looker may see it.
type call struct {
	paper
	At        *gate.Passphrase
	Contacts  []string // of the agency, in the charter; the one that was chosen, once it was
	Mine      bool     // the looker drafted or approved it, and is not told
	ToMe      bool     // it was told to the looker, who has yet to say whom they reached
	Text      string   // by which it is told, or whom they reached is said; "" before that is stated
	Challenge string
	Who       string // as the form had it
}

// calls lists the passphrases that wait for anybody, or for the looker's word.
func (p *Pages) calls(ctx context.Context, who grant.Person, list []gate.Status) (out []call, err error) {
	for _, s := range list {
		if s.Passphrase == nil {
			continue
		}
		x, err := p.call(ctx, who, s)
		if err != nil {
			return nil, err
		}
		if x.At.State == gate.PassphraseWaits || x.ToMe {
			out = append(out, x)
		}
	}
	return out, nil
}

func (p *Pages) call(ctx context.Context, who grant.Person, s gate.Status) (call, error) {
	x, err := p.paper(ctx, who, s)
	if err != nil {
		return call{}, err
	}
	agency, _ := p.out.Gate.Charter().AgencyByID(x.Parsed.Requester)
	return call{paper: x, At: s.Passphrase, Contacts: agency.Contacts, Mine: who.ID == x.Parsed.Drafter || x.Mine, ToMe: s.Passphrase.State == gate.PassphraseTold && s.Passphrase.Person == who.ID && s.Passphrase.Reached == ""}, nil
}

// passphrase shows where it stands, and the text to sign.
func (p *Pages) passphrase(r *http.Request, v *view) error {
	s, err := p.out.Gate.Status(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if s.Passphrase == nil {
		return problem.New(problem.Missing, "gatepage.absent", "there is no such page")
	}
	x, err := p.call(r.Context(), *v.Person, s)
	if err != nil {
		return err
	}
	asked := r.URL.Query()
	switch {
	case x.At.State == gate.PassphraseWaits && !x.Mine:
		err = p.tellText(&x, v.Person.ID, asked.Get("contact"))
	case x.ToMe && asked.Get("who") != "":
		err = p.reachedText(&x, v.Person.ID, asked.Get("who"), asked.Get("read") == "out")
	}
	v.Title, v.Data = "The passphrase of "+s.Grant, x
	return err
}

// tellText is what the looker signs to be told it, once it is known whom they call.
func (p *Pages) tellText(x *call, person, contact string) error {
	if contact == "" && len(x.Contacts) == 1 {
		contact = x.Contacts[0]
	}
	if !slices.Contains(x.Contacts, contact) {
		return nil
	}
	release, err := grant.ParseDigest(x.Outcome.Release)
	if err != nil {
		return err
	}
	t := grant.Telling{Provider: p.out.Gate.Charter().Provider, Gate: p.out.ID, Demand: x.Parsed.Demand, Grant: x.Parsed.Digest(), Release: release, Agency: x.Parsed.Requester, Contact: contact, Person: person, At: p.now()}
	_, err = io.ReadFull(p.out.Random, t.Nonce[:])
	if err != nil {
		return noRandom(err)
	}
	text, err := t.Bytes()
	x.Contacts, x.Text, x.Challenge = []string{contact}, string(text), challenge(signature.Telling, text)
	return err
}

// reachedText is what whoever was told it signs after the call.
func (p *Pages) reachedText(x *call, person, who string, readOut bool) error {
	told, err := grant.ParseDigest(x.At.Statement)
	if err != nil {
		return err
	}
	text, err := grant.Reached{Provider: p.out.Gate.Charter().Provider, Gate: p.out.ID, Demand: x.Parsed.Demand, Telling: told, Who: canon.Text(who), ReadOut: readOut, Person: person, At: p.now()}.Bytes()
	x.Who, x.Text, x.Challenge = who, string(text), challenge(signature.Reached, text)
	return err
}

func (p *Pages) now() time.Time { return p.out.Now().UTC().Truncate(time.Second) }

// told is the one answer in which a passphrase is. It is not made into a page, so that no
// browser keeps it among those that it can show again.
type told struct {
	Passphrase string `json:"passphrase"`
}

// tell hands a passkey's signature to the gate, which checks it as any other. One that
// was begun to be told is destroyed whoever hangs up meanwhile.
func (p *Pages) tell(_ http.ResponseWriter, r *http.Request, in word) (any, error) {
	s, err := p.said(signature.Telling, in)
	if err != nil {
		return nil, err
	}
	out, err := p.out.Gate.TellPassphrase(context.WithoutCancel(r.Context()), s)
	if err != nil {
		return nil, err
	}
	return told{out.Passphrase}, nil
}

func (p *Pages) reached(_ http.ResponseWriter, r *http.Request, in word) (any, error) {
	s, err := p.said(signature.Reached, in)
	if err != nil {
		return nil, err
	}
	st, err := p.out.Gate.PassphraseReached(context.WithoutCancel(r.Context()), s)
	return next{"/passphrase/" + st.ID}, err
}
