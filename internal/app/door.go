package app

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"counterseal/internal/docket"
	"counterseal/internal/intake"
	"counterseal/internal/policy"
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
	if err := w.may("document.take", policy.Resource{}); err != nil {
		return "", err
	}
	b, err := io.ReadAll(io.LimitReader(r, docket.MaxOriginal+1))
	var large *http.MaxBytesError
	if errors.As(err, &large) || problem.Code(err) == "gatehttp.busy" {
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
	out := whenStated(r)
	fill := url.Values{}
	for _, a := range r.Proposals.Agencies {
		out = append(out, datum("It seems to come from", x.agencyName(a))...)
	}
	if len(r.Proposals.Agencies) == 1 {
		fill.Set("agency", r.Proposals.Agencies[0])
	}
	p := r.Proposals
	for _, c := range []struct {
		field, says string
		word        *intake.ProposedWord
	}{{"kind", "It seems to ask", p.Kind}, {"instrument", "It seems to be", p.Instrument}, {"number", "Its number", p.Number}, {"signed", "It was signed", p.Signed}, {"due", "It sets a day", p.Due}} {
		if c.word != nil {
			out = append(out, datum(c.says, strings.ReplaceAll(c.word.Value, "_", " ")+", “"+c.word.Stated+"”")...)
			fill.Set(c.field, c.word.Value)
		}
	}
	if p.Period != nil {
		out = append(out, datum("For the time", p.Period.From+" – "+p.Period.Until+", “"+p.Period.Stated+"”")...)
	}
	for _, t := range p.Targets {
		out = append(out, datum("It names", t.Stated)...)
	}
	for _, m := range p.Remarks {
		out = append(out, datum("Mind", remarkWords(m))...)
	}
	if len(fill) > 0 {
		out = append(out, staff.Datum{Name: "Nothing is filled in by itself", Text: "Fill in what is without doubt", Href: "?" + fill.Encode()})
	}
	return out
}

// whenStated says when a mail arrived and when its sender says it was written, as
// its fields state both. Neither is filled in.
func whenStated(r Reading) []staff.Datum {
	if r.Mail == nil {
		return nil
	}
	return append(datum("Its top Received field, the trace of the last server", r.Mail.Received), datum("Its Date field, which the sender writes", r.Mail.Stated)...)
}

// remarkWords is a remark with the words of the document that it rests on.
func remarkWords(m intake.ProposalRemark) string {
	says := m.Says()
	for _, q := range m.Quotes {
		says += " “" + q.Stated + "”"
	}
	return says
}
