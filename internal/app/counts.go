package app

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/fact"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/policy"
	"counterseal/internal/problem"
	"counterseal/internal/report"
	"counterseal/internal/web/public"
)

// ReportConfig is what counsel has approved for publication.
type ReportConfig struct {
	Minimum  int      `toml:"minimum_cell"`      // the smallest number of demands that is told; 10 unless stated
	Security string   `toml:"national_security"` // "250": bands of 50 USC 1874(a)(3), unless stated; "none"
	LeftOut  []string `toml:"leave_out"`         // instruments of which no number is told; those of the United Kingdom's IPA that may not be, unless stated
}

func (c ReportConfig) check(bad func(field, fix string) error) error {
	if c.Minimum != 0 && (c.Minimum < 3 || c.Minimum > 1000) {
		return bad("report.minimum_cell", "write 3 to 1000")
	}
	if c.Security != "" && c.Security != "250" && c.Security != "none" {
		return bad("report.national_security", "write \"250\" or \"none\"")
	}
	for _, k := range c.LeftOut {
		if !slices.Contains(fact.Instrument.Def().Values, k) {
			return bad("report.leave_out", "name words of the fact instrument (docs/facts.md)")
		}
	}
	return nil
}

func (c ReportConfig) policy() report.Policy {
	y := report.Policy{Minimum: 10, Band: 250, LeftOut: []string{"ipa_warrant", "ipa_technical_notice"}}
	if c.Minimum != 0 {
		y.Minimum = c.Minimum
	}
	if c.Security == "none" {
		y.Band = 0
	}
	if c.LeftOut != nil {
		y.LeftOut = c.LeftOut
	}
	return y
}

// Reports is where published reports lie; they never change.
func (f Folder) Reports() string { return f.path("reports") }

// MaxCounted bounds the demands of one report.
const MaxCounted = 1 << 20

// Count makes the report of a period from the verified histories of all demands
// that came in it, sealed ones too: of each it takes whose authority, what class of
// instrument and how it ended, and no name. Nothing is published. A demand that
// cannot be read stops it: a report without it would be wrong. Codes:
// report.period_open, report.too_large, and those of docket.State.
func (o *Office) Count(ctx context.Context, p report.Period) (report.Report, error) {
	now := o.Clock.Now()
	if !p.Over(now) {
		return report.Report{}, problem.New(problem.Refused, "report.period_open", "this period is not over; nothing is told of a running one").At("%s", p).
			Fix("wait until %s", p.End().Format("2 January 2006"))
	}
	y := o.Config.Report.policy()
	y.Provider, y.Counted = o.Config.Provider, now
	var err error
	y.Heads, err = o.reportHeads(ctx)
	if err != nil {
		return report.Report{}, err
	}
	entries, err := o.entries(ctx, p, y)
	if err != nil {
		return report.Report{}, err
	}
	return report.Tabulate(p, entries, y), nil
}

func (o *Office) reportHeads(ctx context.Context) (out []report.Head, err error) {
	h := heads{o}
	for _, log := range []public.Log{public.Journal, public.Register} {
		head, err := h.Head(ctx, log)
		if k := problem.Of(err); k != nil && (k.Kind == problem.Unavailable || k.Kind == problem.Missing) {
			continue // none is published yet
		}
		if err != nil {
			return nil, err
		}
		out = append(out, report.Head{Log: string(log), Origin: head.Origin, Size: head.Size, Root: head.Root})
	}
	return out, nil
}

// entries takes from each demand of a period what counts in its report.
func (o *Office) entries(ctx context.Context, p report.Period, y report.Policy) (out []report.Entry, err error) {
	err = o.each(ctx, p, func(_ demand.ID, s *demand.State) error {
		e, err := o.entry(s, y)
		out = append(out, e)
		return err
	})
	return out, err
}

// each reads the verified histories of the demands that came in the period, each
// once. Rows move while they are read, so they are read until nothing is found that
// was not there before. Codes: report.too_large, and those of docket.State.
func (o *Office) each(ctx context.Context, p report.Period, use func(demand.ID, *demand.State) error) error {
	seen := map[demand.ID]bool{}
	for {
		ids, err := o.came(ctx, p)
		if err != nil {
			return err
		}
		ids = slices.DeleteFunc(ids, func(id demand.ID) bool { return seen[id] })
		if len(ids) == 0 {
			return nil
		}
		for _, id := range ids {
			if seen[id] {
				continue
			}
			if len(seen) == MaxCounted {
				return problem.New(problem.Refused, "report.too_large", "a report counts at most %d demands", MaxCounted)
			}
			c, err := o.Docket.State(ctx, id)
			if err != nil {
				return err
			}
			err = use(id, c.State)
			if err != nil {
				return err
			}
			seen[id] = true
		}
	}
}

// came lists the demands that came in a period, sealed ones too, by their rows.
func (o *Office) came(ctx context.Context, p report.Period) (out []demand.ID, err error) {
	compartments, err := o.Docket.Compartments(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range compartments {
		q := docket.QueryArgs{Compartments: []string{c}, Limit: docket.MaxPage}
		for {
			items, err := o.Docket.Queue(ctx, q)
			if err != nil {
				return nil, err
			}
			for _, it := range items {
				q.Due, q.After = it.Due, it.ID
				if it.Problem != nil {
					return nil, it.Problem
				}
				if p.Holds(it.View.Received) {
					out = append(out, it.ID)
				}
			}
			if len(items) < q.Limit {
				break
			}
		}
	}
	return out, nil
}

func (o *Office) entry(s *demand.State, y report.Policy) (report.Entry, error) {
	f, err := statedFacts(s)
	if err != nil {
		return report.Entry{}, err
	}
	e := report.Entry{Country: o.askedFrom(s, f), Outcome: outcomeOf(s), Targets: len(s.Targets), Imported: s.Conclusion.How == "imported"}
	instrument, class := instrumentClass(s.Instrument.Kind)
	e.Class, e.BandOnly = classOf(s, instrument), class == proof.ClassBandOnly
	e.LeftOut = slices.Contains(y.LeftOut, s.Instrument.Kind)
	for _, g := range s.Grants {
		e.ByHand = e.ByHand || g.ByHand() && g.Outcome == demand.Released
	}
	return e, nil
}

// askedFrom is the State whose authority asks: the agency's own, or as it was stated.
func (o *Office) askedFrom(s *demand.State, f fact.Facts) string {
	if a, ok := o.Agencies.Agency(s.Instrument.Agency); ok && a.Country != "" {
		return a.Country
	}
	return textOf(f, fact.IssuingCountry)
}

// byKind are the classes of demands that are not for stored data.
var byKind = map[demand.DemandKind]string{demand.Informal: "informal", demand.Prospective: "prospective", demand.Assistance: "assistance", demand.Testimony: "testimony",
	demand.AboutUs: "about_us", demand.Private: "civil", demand.ForPreservation: "preservation"}

// byInstrument are the classes of the register in the report's words.
var byInstrument = map[proof.Instrument]string{proof.InstrumentUnstated: "unstated", proof.InstrumentSubpoena: "subpoena", proof.InstrumentCourtOrder: "court_order",
	proof.InstrumentWarrant: "warrant", proof.InstrumentEPOC: "epoc", proof.InstrumentEPOCPR: "epoc_pr", proof.InstrumentPreservation: "preservation",
	proof.InstrumentEmergency: "emergency", proof.InstrumentTreaty: "treaty", proof.InstrumentDomestic: "domestic", proof.InstrumentInformal: "informal", proof.InstrumentCivil: "civil"}

func classOf(s *demand.State, i proof.Instrument) string {
	if s.Unread {
		return "unstated"
	}
	if s.Emergency {
		return "emergency"
	}
	if i == proof.InstrumentEPOCPR {
		return "epoc_pr"
	}
	if c, ok := byKind[s.Kind]; ok {
		return c
	}
	if c, ok := byInstrument[i]; ok {
		return c
	}
	return "other"
}

// outcomeOf says how a demand ended. What was decided to be given and has not left,
// or to be kept and of which no copy was made, is open; a line that an amended order
// replaced says nothing.
func outcomeOf(s *demand.State) report.Outcome {
	switch s.Conclusion.How {
	case "refused":
		return report.Refused
	case "withdrawn":
		return report.Withdrawn
	case "to_counsel", "answered", "imported":
		return report.Otherwise
	}
	n := map[demand.Decision]int{}
	lines := 0
	for _, l := range s.Lines {
		if l.Decision != demand.Superseded {
			n[l.Decision]++
			lines++
		}
	}
	gives := n[demand.Comply] + n[demand.InPart]
	released := slices.ContainsFunc(s.Grants, func(g demand.Grant) bool { return g.Outcome == demand.Released })
	if s.Kind == demand.ForPreservation {
		released = len(s.Copies) > 0
	}
	switch {
	case lines == 0 || n[demand.Undecided] > 0 || gives > 0 && !released:
		return report.Open
	case gives > 0 && n[demand.Comply] == lines:
		return report.Full
	case gives > 0:
		return report.Part
	case n[demand.Reject] > 0:
		return report.Refused
	case n[demand.Redirect] > 0:
		return report.Redirected
	case n[demand.NoRecords] > 0:
		return report.NoRecords
	}
	return report.Withdrawn
}

// Publish counts a period and publishes its report for good: the file never
// changes, and its digest goes into the journal. A period that is published is not
// counted again: what is on record is what is told. It takes counsel or the privacy
// officer. Codes: app.seat, app.roster, those of Count, and report.folder.
func (o *Office) Publish(ctx context.Context, reader string, p report.Period) (report.Report, error) {
	w, err := o.publisher(reader, "report.publish")
	if err != nil {
		return report.Report{}, err
	}
	_, err = o.ReportFile(ctx, p)
	if problem.Code(err) == "report.missing" {
		err = o.freeze(ctx, p)
	}
	if err != nil {
		return report.Report{}, err
	}
	text, err := o.ReportFile(ctx, p)
	if err != nil {
		return report.Report{}, err
	}
	// Committed whenever it is asked for: a crash between file and log leaves nothing undone.
	err = o.journal.Commit(ctx, sha256.Sum256(text), false)
	if err != nil {
		return report.Report{}, err
	}
	o.log.Info("report published", "period", p.String(), "by", w.person)
	return report.Parse(text)
}

// publisher is whoever may do this with counts that are of everybody's demands. Codes:
// app.seat, app.roster.
func (o *Office) publisher(reader, action string) (who, error) {
	w, err := o.reader(reader)
	if err != nil {
		return who{}, err
	}
	return w, w.may(action, policy.Resource{})
}

// freeze writes the file, unless somebody else was first: then theirs stands.
func (o *Office) freeze(ctx context.Context, p report.Period) error {
	r, err := o.Count(ctx, p)
	if err != nil {
		return err
	}
	text, err := r.Bytes()
	if err != nil {
		return err
	}
	dir := o.Folder.Reports()
	err = os.MkdirAll(dir, 0o755)
	if err != nil {
		return reportFolder(err)
	}
	err = keepOnce(filepath.Join(dir, p.String()+".json"), 0o644, text)
	if err != nil {
		return reportFolder(err)
	}
	return nil
}

func reportFolder(err error) error {
	return problem.New(problem.Unavailable, "report.folder", "the published reports cannot be read or written").Fix("see that the folder exists, can be written and has room").Because(err)
}

// ReportFile is a published report as it was published. Code: report.missing.
func (o *Office) ReportFile(_ context.Context, p report.Period) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(o.Folder.Reports(), p.String()+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, problem.New(problem.Missing, "report.missing", "no report of this period is published").At("%s", p)
	}
	if err != nil {
		return nil, reportFolder(err)
	}
	return text, nil
}

// ReportProof is the proof that a published report has been in the journal, for
// `counterseal ledger opened` with the report's SHA-256. Codes: report.missing, and
// those of the journal.
func (o *Office) ReportProof(ctx context.Context, p report.Period) ([]byte, error) {
	text, err := o.ReportFile(ctx, p)
	if err != nil {
		return nil, err
	}
	wait, cancel := context.WithTimeout(ctx, proofPatience)
	defer cancel()
	return o.journal.Proof(wait, sha256.Sum256(text))
}

// Published lists the published reports, the latest first. Codes: report.folder,
// report.unreadable.
func (o *Office) Published(ctx context.Context) ([]report.Report, error) {
	entries, err := os.ReadDir(o.Folder.Reports())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, reportFolder(err)
	}
	var out []report.Report
	for i := len(entries) - 1; i >= 0; i-- { // names sort by time
		name, ok := strings.CutSuffix(entries[i].Name(), ".json")
		p, err := report.ParsePeriod(name)
		if !ok || err != nil {
			continue
		}
		text, err := o.ReportFile(ctx, p)
		if err != nil {
			return nil, err
		}
		r, err := report.Parse(text)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}
