package grant

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

const previewHeader = "counterseal-preview-v1"

// MaxPreviewRows bounds a preview: a row is a month of a service, and every month that
// the grant asks for has one, so that no missing row tells that there is nothing.
const MaxPreviewRows = 2400

// Band is a rounded number: it lies between the two, both included. No band is narrower
// than ten, and there is none for nothing (decision 0024).
type Band struct {
	Least int64 `json:"least"`
	Most  int64 `json:"most"`
}

// Banded rounds. Up to ten it is one band; then tens up to a hundred, and two
// significant digits above, upwards.
func Banded(n int64) Band {
	if n <= 10 {
		return Band{0, 10}
	}
	step := int64(10)
	for n > step*100 && step < math.MaxInt64/1000 {
		step *= 10
	}
	most := (n + step - 1) / step * step
	return Band{most - step + 1, most}
}

func (b Band) String() string { return fmt.Sprintf("%d-%d", b.Least, b.Most) }

func parseBand(s string) (Band, error) {
	_, most, _ := strings.Cut(s, "-")
	n, err := strconv.ParseInt(most, 10, 64)
	if err != nil || Banded(n).String() != s {
		return Band{}, badText("band")
	}
	return Banded(n), nil
}

// PreviewRow is one service in one month of UTC, over all accounts that the grant names.
type PreviewRow struct {
	Service scope.Service
	Month   string // 2026-01
	Items   Band
}

// Preview is what a gate says, signed, after it has counted. It holds rounded numbers
// and nothing of an item, a participant or a size.
type Preview struct {
	Provider string
	Demand   string
	Grant    Digest
	Region   string
	Gate     string
	Covers   scope.Scope
	Rows     []PreviewRow // one for each of Months(Covers), in its order
	Unplaced Band         // what was found, and whose time or content could not be told
	At       time.Time
}

// Months are the rows of a preview of a scope: each month of each service for which
// something is asked, in the order of scope.Services. It stops above MaxPreviewRows.
func Months(s scope.Scope) []PreviewRow {
	var out []PreviewRow
	for _, service := range scope.Services {
		var months []string
		for _, sel := range s.Selectors() {
			if sel.Service != service {
				continue
			}
			for m := monthOf(sel.From); !m.After(sel.Until); m = m.AddDate(0, 1, 0) {
				months = append(months, m.Format("2006-01"))
				if len(months) > MaxPreviewRows*64 {
					return make([]PreviewRow, MaxPreviewRows+1)
				}
			}
		}
		slices.Sort(months)
		for _, m := range slices.Compact(months) {
			out = append(out, PreviewRow{service, m, Banded(0)})
		}
	}
	return out
}

func monthOf(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// Bytes is the canonical text that the gate signs. Codes: grant.text, canon.value.
func (p Preview) Bytes() ([]byte, error) {
	want := Months(p.Covers)
	if !Name(p.Demand) || !Name(p.Region) || !Name(p.Gate) || p.Covers.Empty() || len(want) > MaxPreviewRows || len(p.Rows) != len(want) || p.Unplaced != Banded(p.Unplaced.Most) {
		return nil, badText("preview")
	}
	f := []canon.Field{{Key: "provider", Value: p.Provider}, {Key: "demand", Value: p.Demand}, {Key: "grant-sha256", Value: p.Grant.String()},
		{Key: "region", Value: p.Region}, {Key: "gate", Value: p.Gate}}
	for _, l := range p.Covers.Lines() {
		f = append(f, canon.Field{Key: "covers", Value: l})
	}
	for i, r := range p.Rows {
		if r.Service != want[i].Service || r.Month != want[i].Month || r.Items != Banded(r.Items.Most) {
			return nil, badText("items")
		}
		f = append(f, canon.Field{Key: "items", Value: fmt.Sprintf("%s %s %s", r.Service, r.Month, r.Items)})
	}
	f = append(f, canon.Field{Key: "unplaced", Value: p.Unplaced.String()}, canon.Field{Key: "at", Value: canon.Time(p.At)})
	return canon.Encode(previewHeader, f)
}

// ParsePreview reads what Bytes writes and nothing else. Codes: grant.text,
// grant.digest, canon.text, and those of scope.
func ParsePreview(text []byte) (Preview, error) {
	if len(text) > MaxText {
		return Preview{}, badText("preview")
	}
	fields, err := canon.Decode(previewHeader, text)
	if err != nil {
		return Preview{}, err
	}
	var p Preview
	var covers []string
	for _, f := range fields {
		if f.Key == "covers" {
			covers = append(covers, f.Value)
			continue
		}
		if err := p.set(f); err != nil {
			return Preview{}, err
		}
	}
	p.Covers, err = scope.ParseLines(covers)
	if err != nil {
		return Preview{}, err
	}
	return canon.Exact(p, text)
}

func (p *Preview) set(f canon.Field) (err error) {
	switch f.Key {
	case "provider":
		p.Provider = f.Value
	case "demand":
		p.Demand = f.Value
	case "grant-sha256":
		p.Grant, err = ParseDigest(f.Value)
	case "region":
		p.Region = f.Value
	case "gate":
		p.Gate = f.Value
	case "items":
		words := strings.Split(f.Value, " ")
		if len(words) != 3 {
			return badText("items")
		}
		var b Band
		b, err = parseBand(words[2])
		p.Rows = append(p.Rows, PreviewRow{scope.Service(words[0]), words[1], b})
	case "unplaced":
		p.Unplaced, err = parseBand(f.Value)
	case "at":
		p.At, err = canon.ParseTime(f.Value)
	default:
		return badText(f.Key)
	}
	return err
}

// checkPreview: a preview counts what an account holds in an interval. Where a scope
// names participants or items, a number would tell of one person's correspondence, or of
// one item.
func checkPreview(c Case) error {
	if !c.Grant.Previews() {
		return nil
	}
	for _, sel := range c.Grant.Scope.Selectors() {
		if len(sel.Participants) > 0 || len(sel.Items) > 0 {
			return refuse("grant.preview_narrow", "a preview does not count by participant or by item").Fix("leave these lines out of the preview")
		}
	}
	if len(Months(c.Grant.Scope)) > MaxPreviewRows {
		return problem.New(problem.Refused, "grant.preview_long", "a preview has at most %d months of services", MaxPreviewRows).Fix("preview a shorter interval")
	}
	return nil
}
