package grant

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/canon"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

// Approvers returns the distinct persons of the roster who approved the text. Every
// approval must count: one that does not is a mistake or an attempt. Codes:
// approval.too_many, and those of Approval.
func Approvers(c *Charter, g Grant, text []byte, approvals [][]byte) ([]Person, error) {
	return (*Readings)(nil).Approvers(c, g, text, approvals)
}

// Approvers is the function of that name. How a signature was made is remembered; what
// its key may do says the charter, each time.
func (r *Readings) Approvers(c *Charter, g Grant, text []byte, approvals [][]byte) ([]Person, error) {
	if len(approvals) > 32 {
		return nil, refuse("approval.too_many", "a grant has at most 32 approvals")
	}
	var out []Person
	for _, a := range approvals {
		p, _, err := r.approval(c, g, text, a)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(out, func(o Person) bool { return o.ID == p.ID }) {
			out = append(out, p)
		}
	}
	return out, nil
}

// Approval says who approved the grant, and how: by an armored signature over its text,
// or by a batch (Batch.Bytes) that names the text, followed by a signature over that.
// A passkey signs on the page of the grant's own gate; one that may be copied to other
// devices does not count for content. Codes: approval.not_on_roster, approval.drafter,
// approval.collector, approval.caller, approval.synced, approval.other_batch, those of
// ParseBatch and of signature.
func Approval(c *Charter, g Grant, text, approval []byte) (Person, signature.Made, error) {
	return (*Readings)(nil).approval(c, g, text, approval)
}

func (r *Readings) approval(c *Charter, g Grant, text, approval []byte) (Person, signature.Made, error) {
	if len(approval) > signature.MaxArmor {
		return Person{}, signature.Made{}, problem.New(problem.Invalid, "signature.form", "this is too long to be an approval")
	}
	armored, ns, signed := approval, signature.Grant, text
	if i := bytes.Index(approval, []byte(signature.Begin)); i > 0 {
		armored, ns, signed = approval[i:], signature.Batch, approval[:i]
		if err := checkBatch(c, g, text, signed); err != nil {
			return Person{}, signature.Made{}, err
		}
	}
	page := ""
	if at, ok := c.GateByID(g.Gate); ok {
		page = at.Page
	}
	made, err := r.made(page, armored, ns, signed)
	if err != nil {
		return Person{}, made, err
	}
	p, err := c.approver(g, made.Key)
	if err == nil && made.Synced && g.Scope.Has(scope.Content) {
		err = refuse("approval.synced", "this passkey may be copied to other devices, and does not count for content").Fix("approve with one that stays on its device, or with an SSH key")
	}
	return p, made, err
}

// approver is whose key it is, if that person may approve the grant.
func (c *Charter) approver(g Grant, key ssh.PublicKey) (Person, error) {
	p, ok := c.PersonOf(key)
	switch {
	case !ok:
		return Person{}, refuse("approval.not_on_roster", "the key that signed this approval is not on the roster")
	case p.ID == g.Drafter:
		return Person{}, refuse("approval.drafter", "who drafted a grant does not approve it").At("%s", p.ID)
	case g.ByHand() && p.ID == g.Export.Collector:
		return Person{}, refuse("approval.collector", "who collected an export does not approve that it leaves").At("%s", p.ID)
	case p.ID == g.Caller:
		return Person{}, refuse("approval.caller", "who called the agency back does not approve").At("%s", p.ID)
	}
	return p, nil
}

const batchHeader = "counterseal-approvals-v1"

// MaxBatch is how many grants one signature approves at most.
const MaxBatch = 25

// Batch is several grants that one signature approves: of one gate, all of one class,
// none with content. Each is still a grant of its own, with its own checks.
type Batch struct {
	Provider, Gate string
	Class          string   // ClassOf each of them
	Grants         []Digest // of their texts, in ascending order
}

// ClassOf names the categories of a scope, such as "subscriber" or
// "subscriber+traffic".
func ClassOf(s scope.Scope) string {
	var out []string
	for _, c := range scope.Categories {
		if s.Has(c) {
			out = append(out, string(c))
		}
	}
	return strings.Join(out, "+")
}

// Bytes is the canonical text that a person signs. Codes: approval.batch, canon.value.
func (b Batch) Bytes() ([]byte, error) {
	ordered := slices.IsSortedFunc(b.Grants, func(x, y Digest) int { return bytes.Compare(x[:], y[:]) })
	if !Name(b.Gate) || !word(b.Class) || len(b.Grants) == 0 || len(b.Grants) > MaxBatch || !ordered || len(slices.Compact(slices.Clone(b.Grants))) != len(b.Grants) {
		return nil, badBatch("its grants are 1 to %d, in order, each once", MaxBatch)
	}
	if slices.Contains(strings.Split(b.Class, "+"), string(scope.Content)) {
		return nil, badBatch("a grant of content is approved by itself")
	}
	f := []canon.Field{{Key: "provider", Value: b.Provider}, {Key: "gate", Value: b.Gate}, {Key: "class", Value: b.Class}}
	for _, d := range b.Grants {
		f = append(f, canon.Field{Key: "grant-sha256", Value: d.String()})
	}
	return canon.Encode(batchHeader, f)
}

func badBatch(format string, args ...any) *problem.Error {
	return refuse("approval.batch", "several grants cannot be approved at once like this: "+format, args...)
}

// ParseBatch reads what Bytes writes and nothing else. Codes: approval.batch,
// canon.text, grant.digest.
func ParseBatch(text []byte) (Batch, error) {
	f, err := canon.Decode(batchHeader, text)
	if err != nil {
		return Batch{}, err
	}
	if len(f) < 4 || len(f) > 3+MaxBatch {
		return Batch{}, badBatch("its grants are 1 to %d, in order, each once", MaxBatch)
	}
	b := Batch{Provider: f[0].Value, Gate: f[1].Value, Class: f[2].Value}
	for _, x := range f[3:] {
		d, err := ParseDigest(x.Value)
		if err != nil {
			return Batch{}, err
		}
		b.Grants = append(b.Grants, d)
	}
	return canon.Exact(b, text)
}

// checkBatch: the batch names exactly this grant, of this gate, by what it really
// gives.
func checkBatch(c *Charter, g Grant, text, batch []byte) error {
	b, err := ParseBatch(batch)
	if err != nil {
		return err
	}
	if g.Purpose != ForRelease {
		return badBatch("a grant to keep a copy, to open one or to count is approved by itself")
	}
	if b.Provider != c.Provider || b.Gate != g.Gate || b.Class != ClassOf(g.Scope) || !slices.Contains(b.Grants, sha256.Sum256(text)) {
		return refuse("approval.other_batch", "this batch does not approve this grant")
	}
	return nil
}
