package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/evidence"
	"counterseal/internal/evidence/release"
	"counterseal/internal/scope"
)

func disagree(what string) error {
	return failed("verify.order", "the package's own account of itself does not hold").At("%s", what)
}

// readOrder checks order.json against the release and the payload.
func (b *bag) readOrder(text []byte) error {
	o := &b.order
	if !strict(text, o, func() ([]byte, error) { return o.Text(), nil }) || o.Format != evidence.OrderFormat {
		return disagree("order.json is not in its one form")
	}
	s, err := scope.Parse([]byte(o.ApprovedScope))
	if err != nil {
		return disagree("approved scope")
	}
	grant := sha256.Sum256(o.Grant)
	from, until := evidence.Hull(s)
	for _, c := range []struct {
		holds bool
		what  string
	}{
		{s.Digest() == b.rel.ScopeSHA256 && o.ScopeSHA256 == s.Digest().String(), "scope digest"},
		{grant == b.rel.GrantSHA256 && o.GrantSHA256 == hex.EncodeToString(grant[:]), "grant digest"},
		{o.Demand == b.rel.Demand, "demand"},
		{o.Region == b.rel.Region && o.Gate == b.rel.Gate, "region and gate"},
		{o.Recipient == b.rel.Recipient, "recipient"},
		{o.Filtered == b.rel.Filtered, "filtered"},
		{b.collected(), "collection"},
		{o.CollectedAt.Equal(b.rel.CollectedAt), "time of sealing"},
		{from.Equal(b.rel.CollectedFrom) && until.Equal(b.rel.CollectedUntil), "interval"},
		{o.Items == b.items && b.rel.Items == b.items && o.Bytes == b.bytes, "items and bytes"},
		{o.Withheld == b.rel.Withheld, "withheld"},
		{slices.Equal(b.info, evidence.BagInfo(*o)), "bag-info.txt"},
		{len(o.Approvals) > 0, "approvals"},
	} {
		if !c.holds {
			return disagree(c.what)
		}
	}
	b.scope = s
	b.wide, err = withoutParticipants(s)
	if err != nil {
		return err
	}
	return b.within()
}

// readCustody checks that custody.jsonld tells of this demand, grant, gate and
// these files, in its one form, and ends with the sealing.
func (b *bag) readCustody(text []byte) error {
	c, ok := evidence.ParseCustody(text, b.order, b.sums)
	if !ok || !c.Steps[len(c.Steps)-1].At.Equal(b.order.CollectedAt) {
		return disagree("custody.jsonld")
	}
	return nil
}

// collected checks that a package calls itself by hand exactly where its grant
// does, and that the payload is then, file for file and in its order, the export
// that the approvers' text names.
func (b *bag) collected() bool {
	o := b.order
	hand := bytes.Contains(o.Grant, []byte("\ncollection: by-hand\n"))
	if hand != (b.rel.Filtered == release.ByHand) || hand != (len(o.Export) > 0) {
		return false
	}
	if !hand {
		return true
	}
	digest := sha256.Sum256(o.Export)
	if !bytes.Contains(o.Grant, []byte("\nexport-sha256: "+hex.EncodeToString(digest[:])+"\n")) {
		return false
	}
	fields, err := canon.Decode("counterseal-export-v1", o.Export)
	if err != nil {
		return false
	}
	files := sha256.New()
	b.listed = sha256.New()
	for _, f := range fields {
		w := strings.SplitN(f.Value, " ", 6) // digest, size, account, service, category, name
		if f.Key != "file" || len(w) != 6 {
			continue
		}
		fmt.Fprintf(files, "%s %s %s %s\n", w[0], w[1], w[2], w[3])
		fmt.Fprintf(b.listed, "%s %s %s %s %s\n", w[1], w[2], w[3], w[4], w[5])
	}
	return [32]byte(files.Sum(nil)) == [32]byte(b.files.Sum(nil))
}

// within checks that the scope names every account and service of the payload.
func (b *bag) within() error {
	for p := range b.pairs {
		if !slices.ContainsFunc(b.scope.Selectors(), func(s scope.Selector) bool { return s.Account == p.account && s.Service == p.service }) {
			return outside(string(p.account) + ", " + string(p.service))
		}
	}
	return nil
}

func outside(what string) error {
	return failed("verify.outside", "the package holds something that the approved scope does not ask for").
		At("%s", what).Fix("do not use it, and tell the provider")
}

func withoutParticipants(s scope.Scope) (scope.Scope, error) {
	rows := s.Selectors()
	for i := range rows {
		rows[i].Participants = nil
	}
	return scope.New(rows...)
}

// itemRows checks items.jsonl: the same files in the same order and of the same
// size as the payload, each judged again by its times, and the counts.
func (b *bag) itemRows(r io.Reader) error {
	sequence, listed := sha256.New(), sha256.New()
	var n, split, keyed, formed int64
	byHand := map[pair]map[scope.Category]bool{}
	for _, s := range b.scope.Selectors() {
		p := pair{s.Account, s.Service}
		if byHand[p] == nil {
			byHand[p] = map[scope.Category]bool{}
		}
		byHand[p][s.Category] = true
	}
	err := lines(r, func(line []byte) error {
		var row evidence.ItemRow
		account, service, ok := scope.AccountID(""), scope.Service(""), false
		if strict(line, &row, func() ([]byte, error) { return json.Marshal(row) }) {
			account, service, _, ok = evidence.ParsePayloadPath(row.Path)
		}
		if n++; !ok || n > b.items {
			return disagree(fmt.Sprintf("items.jsonl, line %d", n))
		}
		if row.CustomerKey {
			keyed++
		}
		if row.Encrypted != "" {
			formed++
		}
		fmt.Fprintf(sequence, "%s %d\n", row.Path, row.Size)
		fmt.Fprintf(listed, "%d %s %s %s %s\n", row.Size, account, service, row.Category, row.ID)
		it := scope.Item{ID: row.ID, Account: account, Service: service, Category: row.Category, Received: at(row.Received), Sent: at(row.Sent)}
		if row.Until != nil {
			it.Lasting, it.ReceivedSpread = true, row.Until.Sub(at(row.Received))
		}
		verdict := b.wide.Judge(it)
		p := pair{account, service}
		switch row.Verdict {
		case string(release.ByHand):
			ok = b.rel.Filtered == release.ByHand && byHand[p][row.Category]
		case scope.Inside.String():
			ok = b.rel.Filtered == release.ByGate && verdict == scope.Inside
		case scope.Split.String():
			// without its participants a scope can hold more of an item, never less
			ok = b.rel.Filtered == release.ByGate && (verdict == scope.Split || verdict == scope.Inside)
			split++
			if c := b.pairs[p]; c != nil {
				c.split++
			}
		default:
			return disagree(fmt.Sprintf("items.jsonl, line %d", n))
		}
		if !ok {
			return outside(row.Path)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if n != b.items || [32]byte(sequence.Sum(nil)) != [32]byte(b.sequence.Sum(nil)) {
		return disagree("items.jsonl and the payload")
	}
	if b.listed != nil && [32]byte(listed.Sum(nil)) != [32]byte(b.listed.Sum(nil)) {
		return disagree("items.jsonl and the export's manifest")
	}
	if keyed != b.order.CustomerKey || formed != b.order.Encrypted {
		return disagree("items.jsonl and what order.json says is encrypted")
	}
	return b.counts(split)
}

func at(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func (b *bag) counts(split int64) error {
	if split != b.order.Split || len(b.order.Counts) != len(b.pairs) {
		return disagree("counts")
	}
	seen := map[pair]bool{}
	for _, c := range b.order.Counts {
		p := pair{c.Account, c.Service}
		have := b.pairs[p]
		if have == nil || seen[p] || (*have != count{c.Items, c.Bytes, c.Split}) {
			return disagree("counts of " + string(c.Account) + ", " + string(c.Service))
		}
		seen[p] = true
	}
	return nil
}

// withheldRows checks the rows' number, in all and by reason.
func (b *bag) withheldRows(r io.Reader) error {
	left := map[string]int64{}
	for _, c := range b.order.WithheldCounts {
		if _, twice := left[c.Reason]; twice || c.Rows < 1 {
			return disagree("counts of what was withheld")
		}
		left[c.Reason] = c.Rows
	}
	var n int64
	err := lines(r, func(line []byte) error {
		var row evidence.WithheldRow
		n++
		if !strict(line, &row, func() ([]byte, error) { return json.Marshal(row) }) || left[row.Reason] == 0 {
			return disagree(fmt.Sprintf("withheld.jsonl, line %d", n))
		}
		left[row.Reason]--
		return nil
	})
	if err != nil {
		return err
	}
	for _, missing := range left {
		if missing != 0 {
			return disagree("counts of what was withheld")
		}
	}
	if n != b.order.Withheld {
		return disagree("number of rows withheld")
	}
	return nil
}
