package app

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"counterseal/internal/docket"
	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
)

// Take implements staff.Door: what somebody on the roster drops on the queue is taken
// in as it is. Codes: app.roster, and those of TakeUnread.
func (v Staff) Take(ctx context.Context, reader, name string, r io.Reader) (string, error) {
	w, err := v.reader(reader)
	if err != nil {
		return "", err
	}
	if len(w.seats) == 0 {
		return "", problem.New(problem.Refused, "app.roster", "only a person on the charter's roster can act").Fix("ask somebody who is on it")
	}
	b, err := io.ReadAll(io.LimitReader(r, docket.MaxOriginal+1))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return "", err
	}
	if err != nil {
		return "", problem.New(problem.Invalid, "staff.broken_off", "the form did not come whole").Fix("send it again").Because(err)
	}
	receipt, err := v.TakeUnread(ctx, "files", name, b, reader)
	if err != nil {
		return "", err
	}
	return string(receipt.Demand), nil
}

// proposed says what the document seems to ask, for the person who reads it, with an
// address that fills in what is without doubt. Nothing follows from it by itself.
func (x choices) proposed() []staff.Datum {
	r, err := x.Reading(x.ctx, x.page.ID)
	if err != nil {
		return nil
	}
	var out []staff.Datum
	fill := url.Values{}
	for _, a := range r.Proposals.Agencies {
		out = append(out, datum("It seems to come from", x.agencyName(a))...)
	}
	if len(r.Proposals.Agencies) == 1 {
		fill.Set("agency", r.Proposals.Agencies[0])
	}
	kinds := map[string]bool{}
	for _, i := range r.Proposals.Instruments {
		if !kinds[i.Kind] {
			out = append(out, datum("It speaks of", strings.ReplaceAll(i.Kind, "_", " ")+", “"+i.Stated+"”")...)
		}
		kinds[i.Kind] = true
	}
	if len(kinds) == 1 {
		fill.Set("instrument", r.Proposals.Instruments[0].Kind)
	}
	days := map[string]bool{}
	for _, d := range r.Proposals.Dates {
		if d.Due {
			out = append(out, datum("It sets a day", d.Day+", “"+d.Stated+"”")...)
			days[d.Day] = true
		}
	}
	if len(days) == 1 {
		for d := range days {
			fill.Set("due", d)
		}
	}
	for _, t := range r.Proposals.Targets {
		out = append(out, datum("It names", t.Stated)...)
	}
	if len(fill) > 0 {
		out = append(out, staff.Datum{Name: "Nothing is filled in by itself", Text: "Fill in what is without doubt", Href: "?" + fill.Encode()})
	}
	return out
}
