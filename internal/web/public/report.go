package public

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/report"
	"counterseal/internal/web/ui"
)

// Reports is what the page reads of the published reports.
type Reports interface {
	// Published lists them, the latest first.
	Published(ctx context.Context) ([]report.Report, error)
	// ReportFile is one as it was published; of kind Missing where none is.
	ReportFile(ctx context.Context, p report.Period) ([]byte, error)
	// ReportProof is the proof that it has been in the journal.
	ReportProof(ctx context.Context, p report.Period) ([]byte, error)
}

var languages = []string{"en", "de", "da", "it"}

// issue is one report as the page shows it.
type issue struct {
	report.Report
	Begin, End time.Time
	Digest     string
	Bars       []bar
	Columns    []report.Outcome
	Lines      []line
}

// bar is one outcome of the chart, in its units.
type bar struct {
	Outcome report.Outcome
	N       int
	Y, W    int
}

// The chart's units: labels to the left, bars from barsAt on, each row rowHigh.
const (
	barsAt  = 210
	barsMax = 330
	rowHigh = 32
)

type line struct {
	Country, Class string
	Rest, Sum      bool
	Total          string
	Cells          []cell
}

type cell struct {
	Outcome report.Outcome
	report.Figure
}

type reportPage struct {
	Issues  []issue
	Missing string // the period that is over and has no report yet; "" where it has one
	Lang    string
	words   map[string]string
}

// T is a text of the page; With puts something in.
func (p reportPage) T(key string) string { return p.words[key] }

// With is a text with something in it.
func (p reportPage) With(key string, what ...string) string {
	text := p.words[key]
	for _, w := range what {
		text = strings.Replace(text, "%", w, 1)
	}
	return text
}

// Tongue is one language of the switch.
type Tongue struct {
	Lang, Name string
	Here       bool
}

// Tongues is the switch.
func (p reportPage) Tongues() []Tongue { return switchOf(p.Lang) }

func switchOf(lang string) (out []Tongue) {
	for _, l := range languages {
		out = append(out, Tongue{l, tongues[l], l == lang})
	}
	return out
}

// Count is the total, where it is told.
func (i issue) Count() uint64 { return uint64(i.Total.N) }

// Height is the chart's.
func (i issue) Height() int { return len(i.Bars)*rowHigh + 8 }

// TextY is the line on which a bar's texts stand.
func (b bar) TextY() int { return b.Y + 21 }

// At is where the bar begins.
func (b bar) At() int { return barsAt }

// Label is where its number stands.
func (b bar) Label() int { return barsAt + b.W + 8 }

// Name is where its name ends.
func (b bar) Name() int { return barsAt - 12 }

func (p *Pages) report(w http.ResponseWriter, r *http.Request) {
	lang := p.lang(r)
	d := reportPage{Lang: lang, words: reportTexts[lang]}
	here := p.page(d.T("title"), ui.Crumb{Name: d.T("promises"), Href: "/"}, ui.Crumb{Name: d.T("title")})
	all, err := p.out.Reports.Published(r.Context())
	if err != nil {
		p.frame.Problem(w, 0, here, err)
		return
	}
	last := report.PeriodOf(p.out.Now()).Before()
	d.Missing = last.String()
	for _, one := range all {
		i, err := p.issue(r.Context(), one)
		if err != nil {
			p.frame.Problem(w, 0, here, err)
			return
		}
		if one.Period == d.Missing {
			d.Missing = ""
		}
		d.Issues = append(d.Issues, i)
	}
	p.frames[lang].Show(w, http.StatusOK, "report.html", here, ui.Clock{Now: p.out.Now(), Zone: p.out.Zone}, d)
}

func (p *Pages) issue(ctx context.Context, r report.Report) (issue, error) {
	period, err := report.ParsePeriod(r.Period)
	if err != nil {
		return issue{}, err
	}
	text, err := p.out.Reports.ReportFile(ctx, period)
	if err != nil {
		return issue{}, err
	}
	sum := sha256.Sum256(text)
	i := issue{Report: r, Begin: period.Begin(), End: period.Last(), Digest: hex.EncodeToString(sum[:])}
	most := 1
	for _, o := range report.Outcomes {
		f, told := r.Outcomes[o]
		if !told || f.N == 0 { // nobody's demand ended so; the files say it
			continue
		}
		i.Columns = append(i.Columns, o)
		i.Bars = append(i.Bars, bar{Outcome: o, N: f.N, Y: len(i.Bars) * rowHigh})
		most = max(most, f.N)
	}
	for n := range i.Bars {
		i.Bars[n].W = i.Bars[n].N * barsMax / most
	}
	for _, row := range r.Rows {
		i.Lines = append(i.Lines, line{Country: row.Country, Class: row.Class, Rest: row.Rest, Total: ui.Group3(uint64(row.Total)), Cells: i.cells(row.Outcomes)})
	}
	if len(r.Rows) > 0 {
		i.Lines = append(i.Lines, line{Sum: true, Total: ui.Group3(uint64(r.Total.N)), Cells: i.cells(r.Outcomes)})
	}
	return i, nil
}

func (i issue) cells(of map[report.Outcome]report.Figure) (out []cell) {
	for _, o := range i.Columns {
		out = append(out, cell{o, of[o]})
	}
	return out
}

// Withheld reports whether any cell of the table is.
func (i issue) Withheld() bool {
	return slices.ContainsFunc(i.Lines, func(l line) bool { return slices.ContainsFunc(l.Cells, func(c cell) bool { return c.Figure.Withheld }) })
}

// reportFile serves a published report: PERIOD.json as it was published, PERIOD.csv
// made of it, PERIOD.proof for the journal.
func (p *Pages) reportFile(w http.ResponseWriter, r *http.Request) {
	name, kind, _ := strings.Cut(r.PathValue("file"), ".")
	period, err := report.ParsePeriod(name)
	read, known := map[string]func() ([]byte, error){
		"json": func() ([]byte, error) { return p.out.Reports.ReportFile(r.Context(), period) }, "csv": func() ([]byte, error) { return p.csv(r.Context(), period) },
		"proof": func() ([]byte, error) { return p.out.Reports.ReportProof(r.Context(), period) },
	}[kind]
	if err != nil || !known {
		p.frame.Absent(w, p.page(""))
		return
	}
	text, err := read()
	if err != nil {
		p.failed(w, "en", err)
		return
	}
	file(w, period.String()+"."+kind, map[string]string{"json": "application/json", "csv": "text/csv; charset=utf-8", "proof": "text/plain; charset=utf-8"}[kind], text)
}

// failed answers that what was asked is absent, or that it could not be read.
func (p *Pages) failed(w http.ResponseWriter, lang string, err error) {
	if e := problem.Of(err); e.Kind == problem.Missing {
		p.frames[lang].Absent(w, p.page(""))
		return
	}
	p.frames[lang].Problem(w, 0, p.page(""), err)
}

// file serves a text to be kept.
func file(w http.ResponseWriter, name, kind string, text []byte) {
	ui.Headers(w)
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin") // anybody may check
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write(text)
}

func (p *Pages) csv(ctx context.Context, period report.Period) ([]byte, error) {
	text, err := p.out.Reports.ReportFile(ctx, period)
	if err != nil {
		return nil, err
	}
	r, err := report.Parse(text)
	if err != nil {
		return nil, err
	}
	return r.CSV()
}
