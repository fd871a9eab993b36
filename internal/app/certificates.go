package app

import (
	"context"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/fact"
	"counterseal/internal/problem"
	"counterseal/internal/report"
)

// Certificates counts the EPOCs and EPOC-PRs that came in a calendar year that is
// over, by their verified histories, sealed ones too: what Regulation (EU) 2023/1543,
// Article 28(4), lets a provider send to the Commission by 31 March. The numbers are
// exact, so they are for counsel and the privacy officer. Codes: app.seat,
// app.roster, report.period_open, report.too_large, and those of docket.State.
func (o *Office) Certificates(ctx context.Context, reader string, year int) (report.Statistics, error) {
	_, err := o.publisher(reader, "report.certificates")
	if err != nil {
		return report.Statistics{}, err
	}
	now := o.Clock.Now()
	halves := []report.Period{{Year: year, Half: 1}, {Year: year, Half: 2}}
	if end := halves[1]; !end.Over(now) {
		return report.Statistics{}, problem.New(problem.Refused, "report.period_open", "this period is not over; nothing is told of a running one").At("%d", year).
			Fix("wait until %s", end.End().Format("2 January 2006"))
	}
	var all []report.Certificate
	for _, p := range halves {
		err = o.each(ctx, p, func(_ demand.ID, s *demand.State) error {
			if s.Instrument.Kind != "epoc" && s.Instrument.Kind != "epoc_pr" || s.Conclusion.How == "imported" {
				return nil
			}
			c, err := o.certificate(ctx, s)
			all = append(all, c)
			return err
		})
		if err != nil {
			return report.Statistics{}, err
		}
	}
	return report.Certificates(o.Config.Provider, year, now, all), nil
}

// asked are the facts that say which types of data a certificate asks for.
var asked = map[string]fact.Key{"subscriber": fact.AsksSubscriber, "identification": fact.AsksIdentification, "traffic": fact.AsksTraffic, "content": fact.AsksContent}

func (o *Office) certificate(ctx context.Context, s *demand.State) (report.Certificate, error) {
	f, err := statedFacts(s)
	if err != nil {
		return report.Certificate{}, err
	}
	c := report.Certificate{Form: s.Instrument.Kind, State: o.askedFrom(s, f), Emergency: s.Emergency, Outcome: outcomeOf(s)}
	for _, d := range report.DataTypes {
		k, known := asked[d]
		if !known {
			continue
		}
		v, stated, err := f.Get(k.Def().Name)
		if err != nil {
			return c, err
		}
		if yes, _ := v.(bool); stated && yes {
			c.Data = append(c.Data, d)
		}
	}
	if c.Form == "epoc" {
		c.Took = provided(s)
		return c, nil
	}
	c.Followed, err = o.followed(ctx, s)
	return c, err
}

// provided is the time from receipt until the last of what was compelled had left;
// supplements and corrections come after that.
func provided(s *demand.State) time.Duration {
	var last time.Time
	for _, g := range s.Grants {
		if g.Outcome == demand.Released && g.Production != "supplement" && g.Production != "correction" && g.Left.After(last) {
			last = g.Left
		}
	}
	if last.IsZero() {
		return 0
	}
	return last.Sub(s.Received.At)
}

// followed is the time from the day on which a preservation certificate was issued to
// that of the first request for production that is linked to it. Zero: none is, or a
// day is not on record.
func (o *Office) followed(ctx context.Context, s *demand.State) (time.Duration, error) {
	var first time.Time
	for _, l := range s.Links {
		if preserved := l.Type == "preserves" && l.From || l.Type == "follows" && !l.From; !preserved {
			continue
		}
		x, err := o.Docket.State(ctx, l.Other)
		if err != nil {
			return 0, err
		}
		if at := x.State.Instrument.Signed; !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	if first.IsZero() || s.Instrument.Signed.IsZero() || first.Before(s.Instrument.Signed) {
		return 0, nil
	}
	return first.Sub(s.Instrument.Signed), nil
}
