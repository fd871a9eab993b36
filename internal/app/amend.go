package app

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

// A statement that waits for signatures lies apart from those in force, so that a
// charter half signed stops nobody's work.
const pending = "next"

// Pending is the text of the statement that waits for signatures.
func (f Folder) Pending() string { return f.Statement(pending) }

// Amend drafts the statement that follows the charter in force: it holds each
// section of which the folder's files now say something else, and no other. A
// recipient's key that the charter does not know yet counts from the statement.
// gateKey is "" unless the gate's key changes. Codes: charter.unchanged, and those
// of Draft.
func (f Folder) Amend(charter []byte, gateKey string, at time.Time) (grant.Statement, error) {
	c, err := f.Charter()
	if err != nil {
		return grant.Statement{}, err
	}
	st, err := f.Draft(charter, gateKeyOf(c, gateKey), at)
	if err != nil {
		return st, err
	}
	st.Number, st.Previous = c.Number+1, c.Head
	f.datedFrom(c, &st)
	now := grant.Statement{Roster: c.Roster, Policy: &c.Policy, Gates: c.Gates, Accounts: c.Accounts, Aliases: c.Aliases, Agencies: c.Agencies, Log: c.Log, Packs: c.Packs, Emergency: c.Emergency, Register: c.Register}
	if st.Emergency == nil && c.Emergency != nil {
		st.Emergency = grant.Withdrawn()
	}
	if gateKey == "" {
		st.Gates = withPages(c.Gates, st.Gates)
	}
	changed := st.Gates != nil
	for _, section := range []struct {
		only func(grant.Statement) grant.Statement
		drop func()
	}{
		{func(s grant.Statement) grant.Statement { return grant.Statement{Roster: s.Roster} }, func() { st.Roster = nil }},
		{func(s grant.Statement) grant.Statement { return grant.Statement{Policy: s.Policy} }, func() { st.Policy = nil }},
		{func(s grant.Statement) grant.Statement {
			return grant.Statement{Accounts: s.Accounts, Aliases: s.Aliases}
		}, func() { st.Accounts, st.Aliases = nil, nil }},
		{func(s grant.Statement) grant.Statement { return grant.Statement{Agencies: s.Agencies} }, func() { st.Agencies = nil }},
		{func(s grant.Statement) grant.Statement { return grant.Statement{Log: s.Log} }, func() { st.Log = nil }},
		{func(s grant.Statement) grant.Statement { return grant.Statement{Emergency: s.Emergency} }, func() { st.Emergency = nil }},
		{func(s grant.Statement) grant.Statement { return grant.Statement{Register: s.Register} }, func() { st.Register = "" }},
		{func(s grant.Statement) grant.Statement { return grant.Statement{Packs: s.Packs} }, func() { st.Packs = nil }},
	} {
		if same(section.only(now), section.only(st)) {
			section.drop()
			continue
		}
		changed = true
	}
	if !changed {
		return st, problem.New(problem.Conflict, "charter.unchanged", "charter.toml, estate.toml, agencies.toml and the rule packs say what the charter says").
			Fix("change a file first, then draft")
	}
	return st, nil
}

// withPages are the gates as they stand, with the pages that the configuration now
// states; nil where those are the same.
func withPages(now, drafted []grant.Gate) []grant.Gate {
	out := slices.Clone(now)
	for i := range out {
		at := slices.IndexFunc(drafted, func(d grant.Gate) bool { return d.ID == out[i].ID })
		if at >= 0 {
			out[i].Page = drafted[at].Page
		}
	}
	if slices.EqualFunc(now, out, func(a, b grant.Gate) bool { return a.Page == b.Page }) {
		return nil
	}
	return out
}

// gateKeyOf is the key that a draft needs: the new one, or that of the first gate,
// which the draft then leaves out.
func gateKeyOf(c *grant.Charter, given string) string {
	if given != "" || len(c.Gates) == 0 {
		return given
	}
	return signature.Line(c.Gates[0].Key)
}

// datedFrom lets every recipient's key that the charter does not know yet count
// from the statement, whatever the file says (charter.backdated).
func (f Folder) datedFrom(c *grant.Charter, st *grant.Statement) {
	known := map[string]time.Time{}
	for _, a := range c.Agencies {
		for _, r := range a.Recipients {
			known[a.ID+" "+r.Name()] = r.Since
		}
	}
	for _, a := range st.Agencies {
		for i := range a.Recipients {
			since, old := known[a.ID+" "+a.Recipients[i].Name()]
			switch {
			case old:
				a.Recipients[i].Since = since
			case a.Recipients[i].Since.Before(st.At):
				a.Recipients[i].Since = st.At
			}
		}
	}
}

// same compares two statements that hold one section each. What cannot be written
// is not the same, and is refused when the draft is.
func same(a, b grant.Statement) bool {
	a.Provider, b.Provider, a.Number, b.Number = "x", "x", 1, 1
	x, err := a.Bytes()
	if err != nil {
		return false
	}
	y, err := b.Bytes()
	return err == nil && bytes.Equal(x, y)
}

// Adopt checks the signatures under the pending statement against the charter in
// force and, if they suffice, gives it its number. Codes: those of
// grant.Charter.Extend; app.nothing_pending.
func (f Folder) Adopt() error {
	c, err := f.Charter()
	if err != nil {
		return err
	}
	text, signatures, err := f.signedAs(pending)
	if os.IsNotExist(err) {
		return problem.New(problem.Missing, "app.nothing_pending", "no statement waits for signatures").Fix("draft one with: counterseal gate amend")
	}
	if err != nil {
		return folderProblem(err)
	}
	next, err := c.Extend(text, signatures)
	if err != nil {
		return err
	}
	err = f.keepPacks(next.Packs)
	if err != nil {
		return err
	}
	// The signatures first: a text without them would stop everybody's reading.
	files, err := filepath.Glob(f.path("charter", pending+".*.sig"))
	if err != nil {
		return folderProblem(err)
	}
	name := strconv.Itoa(next.Number)
	for _, from := range append(files, f.Pending()) {
		to := filepath.Join(filepath.Dir(from), name+strings.TrimPrefix(filepath.Base(from), pending))
		if err := os.Rename(from, to); err != nil {
			return folderProblem(err)
		}
	}
	return nil
}
