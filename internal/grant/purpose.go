package grant

import (
	"slices"
	"time"

	"counterseal/internal/canon"
)

// Purpose is what a grant is for.
type Purpose string

const (
	ForRelease   Purpose = ""                  // from the stores, or an export by hand
	ToKeep       Purpose = "keep"              // a copy in the region; nothing leaves
	ToKeepLonger Purpose = "keep-longer"       // the end of a copy moves; nothing is read
	FromCopy     Purpose = "release-from-copy" // what was kept, and not the stores
	ToPreview    Purpose = "preview"           // rounded counts by service and month; nothing leaves
)

// Purposes are those that a text states.
var Purposes = []Purpose{ToKeep, ToKeepLonger, FromCopy, ToPreview}

// Keeps reports whether the grant makes a copy or keeps one longer.
func (g Grant) Keeps() bool { return g.Purpose == ToKeep || g.Purpose == ToKeepLonger }

// Previews reports whether the grant counts, and does nothing else.
func (g Grant) Previews() bool { return g.Purpose == ToPreview }

// Stays reports whether no item leaves by the grant: it has no recipient, and one
// approval suffices.
func (g Grant) Stays() bool { return g.Keeps() || g.Previews() }

// CopyFacts are what a grant says of the copy that it names, so that its approvers
// know which one it is.
type CopyFacts struct {
	Statement Digest    // of Kept.Bytes
	Demand    string    // for which it is kept
	Made      time.Time // Kept.At
}

// How long copies are kept. A step is what one grant gives: 90 days, and the last of
// them to its end (18 USC 2703(f)(2); shorter ones by what the order says). With
// renewals a copy is kept as long as the policy says, which cannot be more than
// MaxKeepDays.
const (
	KeepStep        = 91 * 24 * time.Hour
	DefaultKeepDays = 180
	MaxKeepDays     = 400
)

// KeepAtMost is how long after it was made a copy ends at the latest.
func (p Policy) KeepAtMost() time.Duration {
	days := p.KeepDays
	if days == 0 {
		days = DefaultKeepDays
	}
	return time.Duration(days) * 24 * time.Hour
}

// purpose is the part of a grant's text that came with version 3.
func (g Grant) purpose() []canon.Field {
	f := []canon.Field{{Key: "purpose", Value: string(g.Purpose)}, {Key: "what-happens", Value: g.Happens()}}
	if g.Keeps() {
		f = append(f, canon.Field{Key: "keep-until", Value: canon.Time(g.Until)})
	}
	if g.Purpose == ToKeepLonger || g.Purpose == FromCopy {
		f = append(f,
			canon.Field{Key: "copy-sha256", Value: g.Copy.Statement.String()},
			canon.Field{Key: "copy-of-demand", Value: g.Copy.Demand},
			canon.Field{Key: "copy-made", Value: canon.Time(g.Copy.Made)})
	}
	return f
}

// Happens says to the approvers of a grant with a purpose what they approve.
func (g Grant) Happens() string {
	switch g.Purpose {
	case ToKeep:
		return "the gate copies what is listed under collect, inside its region and under a key that only a later release opens; nothing leaves"
	case ToKeepLonger:
		return "the copy is kept until the time below instead of its own end; nothing is read and nothing leaves"
	case ToPreview:
		return "the gate counts what is listed under collect and keeps a table of rounded numbers by service and month; no item is opened and nothing leaves"
	}
	return "what leaves is taken from the copy made on " + g.Copy.Made.UTC().Format("2 January 2006 15:04:05") + " UTC, and not from the stores"
}

// checkPurpose refuses what a purpose has no use for, and halves.
func (g Grant) checkPurpose() error {
	whole := g.Copy.Statement != Digest{} && Name(g.Copy.Demand) && !g.Copy.Made.IsZero()
	bare := g.Production == "" && g.Recipient == "" && g.Language == ""
	fits := false
	switch g.Purpose {
	case ForRelease:
		fits = g.Copy == CopyFacts{} && g.Until.IsZero()
	case ToKeep:
		fits = g.Copy == CopyFacts{} && !g.Until.IsZero() && bare
	case ToKeepLonger:
		fits = whole && !g.Until.IsZero() && bare
	case ToPreview:
		fits = g.Copy == CopyFacts{} && g.Until.IsZero() && bare
	case FromCopy:
		fits = whole && g.Until.IsZero() && g.Production != "" && !g.ByHand()
	}
	if !fits {
		return badText("purpose")
	}
	return nil
}

func (g *Grant) setPurpose(f canon.Field) (err error) {
	switch f.Key {
	case "purpose":
		g.Purpose = Purpose(f.Value)
		if !slices.Contains(Purposes, g.Purpose) {
			return badText("purpose")
		}
	case "what-happens": // follows from the purpose; the comparison in Parse holds it to that
	case "keep-until":
		g.Until, err = canon.ParseTime(f.Value)
	case "copy-sha256":
		g.Copy.Statement, err = ParseDigest(f.Value)
	case "copy-of-demand":
		g.Copy.Demand = f.Value
	case "copy-made":
		g.Copy.Made, err = canon.ParseTime(f.Value)
	default:
		return badText(f.Key)
	}
	return err
}

// checkKeeping: a copy has an end that lies ahead, no further than one grant gives.
func checkKeeping(c Case) error {
	g := c.Grant
	switch {
	case !g.Keeps():
		return nil
	case !g.Until.After(c.Now):
		return refuse("grant.keep_over", "the copy would end before it is made").Fix("state an end that lies ahead")
	case g.Until.Sub(g.Issued) > min(KeepStep, c.Charter.Policy.KeepAtMost()):
		return refuse("grant.keep_long", "one grant keeps a copy for %d days at most", int(min(KeepStep, c.Charter.Policy.KeepAtMost()).Hours())/24).
			Fix("state an earlier end; it can be renewed before it comes")
	}
	return nil
}

// Needs is how many persons of how many groups approve the grant. A copy that only is
// kept takes one, and so do rounded counts (design, section 8).
func (g Grant) Needs(p Policy) (persons, groups int) {
	if g.Stays() {
		return 1, 1
	}
	return p.Approvals, p.Groups
}
