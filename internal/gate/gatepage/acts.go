package gatepage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

// next tells the script where to go.
type next struct {
	At string `json:"at"`
}

const maxBody = 1 << 20

// answer reads one JSON value of type T and answers with JSON.
func answer[T any](p *Pages, f func(http.ResponseWriter, *http.Request, T) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in T
		err := decode(w, r, &in)
		if err != nil {
			p.trouble(w, r, err)
			return
		}
		out, err := f(w, r, in)
		if err != nil {
			p.trouble(w, r, err)
			return
		}
		reply(w, http.StatusOK, out)
	}
}

func decode(w http.ResponseWriter, r *http.Request, into any) error {
	bad := problem.New(problem.Invalid, "gatepage.request", "this request cannot be read").Fix("open the page again")
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return bad
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		_, err = d.Token()
		if err == io.EOF {
			return nil
		}
	}
	if problem.Code(err) == "gatehttp.busy" {
		return err
	}
	return bad.Because(err)
}

func reply(w http.ResponseWriter, status int, out any) {
	b, err := json.Marshal(out)
	if err != nil {
		status, b = http.StatusInternalServerError, []byte(`{}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n'))
}

type waiting struct {
	Papers  []paper
	Classes []class // of which several wait for the looker
	Calls   []call
}

type class struct {
	Name   string
	Papers []paper
}

// waiting lists what has not begun and not ended.
func (p *Pages) waiting(r *http.Request, v *view) error {
	list, err := p.out.Gate.List(r.Context())
	if err != nil {
		return err
	}
	out := waiting{}
	for _, s := range list {
		if s.State != gate.Offered {
			continue
		}
		x, err := p.paper(r.Context(), *v.Person, s)
		if err != nil {
			return err
		}
		out.Papers = append(out.Papers, x)
		if !x.Batched || x.Mine || x.Drafted {
			continue
		}
		i := slices.IndexFunc(out.Classes, func(c class) bool { return c.Name == x.Class })
		if i < 0 {
			out.Classes, i = append(out.Classes, class{Name: x.Class}), len(out.Classes)
		}
		out.Classes[i].Papers = append(out.Classes[i].Papers, x)
	}
	out.Classes = slices.DeleteFunc(out.Classes, func(c class) bool { return len(c.Papers) < 2 })
	out.Calls, err = p.calls(r.Context(), *v.Person, list)
	if err != nil {
		return err
	}
	v.Title, v.Data = "Waiting for approval", out
	return nil
}

type one struct {
	paper
	besides
	OrderText string // of the order's document, where it is text; "" otherwise
	Unseen    bool   // it holds characters that are not seen, which OrderText names
	InForce   string // the text by which the looker says that the order stands
	Says      string // its challenge
}

func (p *Pages) grant(r *http.Request, v *view) error {
	s, err := p.out.Gate.Status(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	x, err := p.paper(r.Context(), *v.Person, s)
	if err != nil {
		return err
	}
	doc, err := p.out.Gate.Document(r.Context(), s.ID)
	if err != nil {
		return err
	}
	out := one{paper: x}
	if x.State == gate.Offered {
		out.besides = p.besides(r.Context(), x.Parsed)
	}
	if utf8.Valid(doc) && !bytes.ContainsRune(doc, 0) && len(doc) < 256<<10 {
		out.OrderText, out.Unseen = inSight(string(doc))
	}
	word, err := grant.InForce{Grant: x.Parsed.Digest(), Demand: x.Parsed.Demand, Person: v.Person.ID, At: p.out.Now().UTC().Truncate(time.Second)}.Bytes()
	if err != nil {
		return err
	}
	out.InForce, out.Says = string(word), challenge(signature.InForce, word)
	v.Title, v.Data = "Grant "+x.Grant, out
	return nil
}

// order gives the document as it came. It is never shown as a page of ours.
func (p *Pages) order(w http.ResponseWriter, r *http.Request) {
	if _, ok := p.looker(r); !ok {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	doc, err := p.out.Gate.Document(r.Context(), r.PathValue("id"))
	if err != nil {
		p.trouble(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="order"`)
	_, _ = w.Write(doc)
}

type several struct {
	Papers    []beside
	Class     string
	Text      string
	Challenge string
	Grants    string // the ids, for the script
}

// batch shows several grants of one class and the text that approves them.
func (p *Pages) batch(r *http.Request, v *view) error {
	ids := r.URL.Query()["grant"]
	if len(ids) > grant.MaxBatch {
		return problem.New(problem.Refused, "approval.batch", "one signature approves at most %d grants", grant.MaxBatch).Fix("choose fewer")
	}
	var out several
	for _, id := range ids {
		s, err := p.out.Gate.Status(r.Context(), id)
		if err != nil {
			return err
		}
		x, err := p.paper(r.Context(), *v.Person, s)
		if err != nil {
			return err
		}
		if out.Class == "" {
			out.Class = x.Class
		}
		if x.Class != out.Class {
			return problem.New(problem.Refused, "approval.batch", "grants that are approved at once are of one class").Fix("choose those of one class")
		}
		out.Papers = append(out.Papers, beside{x, p.besides(r.Context(), x.Parsed)})
	}
	text, err := p.batchText(out.Class, ids)
	if err != nil {
		return err
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return problem.New(problem.Internal, "gatepage.template", "the page could not be made").Because(err)
	}
	out.Text, out.Challenge, out.Grants = string(text), challenge(signature.Batch, text), string(list)
	v.Title, v.Data = "Several grants", out
	return nil
}

func (p *Pages) batchText(class string, ids []string) ([]byte, error) {
	b := grant.Batch{Provider: p.out.Gate.Charter().Provider, Gate: p.out.ID, Class: class}
	for _, id := range ids {
		d, err := grant.ParseDigest(id)
		if err != nil {
			return nil, err
		}
		b.Grants = append(b.Grants, d)
	}
	slices.SortFunc(b.Grants, func(x, y grant.Digest) int { return bytes.Compare(x[:], y[:]) })
	return b.Bytes()
}

type approval struct {
	Grants []string            `json:"grants"`
	Class  string              `json:"class"` // of a batch; "" for one grant
	Answer signature.Assertion `json:"answer"`
}

// approve hands a passkey's signature to the gate, which checks it as any other.
func (p *Pages) approve(_ http.ResponseWriter, r *http.Request, in approval) (any, error) {
	roster := p.out.Gate.Charter().Roster
	if in.Class != "" {
		text, err := p.batchText(in.Class, in.Grants)
		if err != nil {
			return nil, err
		}
		armored, _, err := p.signed(roster, signature.Batch, text, in.Answer)
		if err != nil {
			return nil, err
		}
		for _, id := range in.Grants {
			_, err := p.out.Gate.Approve(r.Context(), id, slices.Concat(text, armored))
			if err != nil {
				return nil, problem.Of(err).At("grant %s", id[:min(12, len(id))])
			}
		}
		return next{"/"}, nil
	}
	if len(in.Grants) != 1 {
		return nil, problem.New(problem.Invalid, "gatepage.request", "one grant is approved, or several of one class").Fix("open the page again")
	}
	text, err := p.out.Gate.Text(r.Context(), in.Grants[0])
	if err != nil {
		return nil, err
	}
	armored, _, err := p.signed(roster, signature.Grant, text, in.Answer)
	if err != nil {
		return nil, err
	}
	_, err = p.out.Gate.Approve(r.Context(), in.Grants[0], armored)
	return next{"/grant/" + in.Grants[0]}, err
}

type word struct {
	Text   string              `json:"text"`
	Answer signature.Assertion `json:"answer"`
}

func (p *Pages) said(ns signature.Namespace, in word) (grant.Signed, error) {
	armored, _, err := p.signed(p.out.Gate.Charter().Roster, ns, []byte(in.Text), in.Answer)
	return grant.Signed{Text: []byte(in.Text), Signature: armored}, err
}

func (p *Pages) inForce(_ http.ResponseWriter, r *http.Request, in word) (any, error) {
	s, err := p.said(signature.InForce, in)
	if err != nil {
		return nil, err
	}
	st, err := p.out.Gate.InForce(r.Context(), s)
	return next{"/grant/" + st.ID}, err
}

type stopping struct {
	Reach, Reason   string
	Text, Challenge string // "" until reach and reason are stated
}

// stopText shows the form of a stop and, once it is filled in, the text to sign.
func (p *Pages) stopText(r *http.Request, v *view) error {
	out := stopping{Reach: r.URL.Query().Get("reach"), Reason: r.URL.Query().Get("reason")}
	v.Title = "Stop"
	if out.Reason != "" {
		reach, err := grant.ParseReach(out.Reach)
		if err != nil {
			return err
		}
		text, err := grant.Stop{Reach: reach, Person: v.Person.ID, At: p.out.Now().UTC().Truncate(time.Second), Reason: out.Reason}.Bytes()
		if err != nil {
			return err
		}
		out.Text, out.Challenge = string(text), challenge(signature.Stop, text)
	}
	v.Data = out
	return nil
}

func (p *Pages) stop(_ http.ResponseWriter, r *http.Request, in word) (any, error) {
	s, err := p.said(signature.Stop, in)
	if err != nil {
		return nil, err
	}
	_, err = p.out.Gate.Stop(context.WithoutCancel(r.Context()), s)
	return next{"/"}, err
}

type newKey struct {
	PublicKey []byte `json:"publicKey"` // SubjectPublicKeyInfo in DER
	Flags     byte   `json:"flags"`     // of the authenticator's data
}

type madeKey struct {
	Line   string `json:"line"`
	Synced bool   `json:"synced"`
}

// backupEligible is the flag by which a passkey says that it may be copied (WebAuthn
// Level 3, section 6.1). Here it only warns: each signature carries it again, signed.
const backupEligible = 0x08

// makeKey writes a new passkey's key as it stands in charter.toml.
func (p *Pages) makeKey(_ http.ResponseWriter, _ *http.Request, in newKey) (any, error) {
	key, err := signature.WebKey(in.PublicKey, p.name)
	if err != nil {
		return nil, err
	}
	return madeKey{signature.Line(key), in.Flags&backupEligible != 0}, nil
}

type statementRequest struct {
	Text   string               `json:"text"`
	Answer *signature.Assertion `json:"answer,omitempty"`
}

type statementAnswer struct {
	Number    int    `json:"number,omitempty"`
	Digest    string `json:"sha256,omitempty"`
	Challenge string `json:"challenge,omitempty"`
	Person    string `json:"person,omitempty"`
	Signature string `json:"signature,omitempty"` // armored
}

// statement reads a charter statement that somebody opened, and signs it with the
// passkey of whoever its roster, or the one in force, names.
func (p *Pages) statement(_ http.ResponseWriter, _ *http.Request, in statementRequest) (any, error) {
	text := []byte(in.Text)
	st, err := grant.ParseStatement(text)
	if err != nil {
		return nil, err
	}
	if in.Answer == nil {
		sum := sha256.Sum256(text)
		return statementAnswer{Number: st.Number, Digest: hex.EncodeToString(sum[:]), Challenge: challenge(signature.Charter, text)}, nil
	}
	roster := st.Roster
	if p.out.Gate != nil && len(p.out.Gate.Charter().Roster) > 0 {
		roster = p.out.Gate.Charter().Roster
	}
	armored, person, err := p.signed(roster, signature.Charter, text, *in.Answer)
	return statementAnswer{Person: person.ID, Signature: string(armored)}, err
}
