package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
)

// Text is a figure for a table: 12, <10, or nothing where it is withheld.
func (f Figure) Text() string {
	switch {
	case f.Withheld:
		return ""
	case f.FewerThan > 0:
		return "<" + strconv.Itoa(f.FewerThan)
	}
	return strconv.Itoa(f.N)
}

// Told is the sum of outcomes of a whole report as it was told: of none of them
// where any was put together with another, and then a dash.
func (r Report) Told(of ...Outcome) string {
	if r.Total.FewerThan > 0 {
		return r.Total.Text()
	}
	n := 0
	for _, o := range of {
		f, told := r.Outcomes[o]
		if !told || slices.Contains(r.Together, o) {
			return "–"
		}
		n += f.N
	}
	return strconv.Itoa(n)
}

// CSV is the table of a report (RFC 4180, UTF-8): a line a row, then the rest and
// the total. An empty cell is withheld; of the columns that were put together, all
// but otherwise are empty.
func (r Report) CSV() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	head := []string{"period", "country", "instrument", "total"}
	for _, o := range Outcomes {
		head = append(head, string(o))
	}
	lines := [][]string{head}
	line := func(country, class, total string, cells map[Outcome]Figure) {
		l := []string{r.Period, country, class, total}
		for _, o := range Outcomes {
			f, told := cells[o]
			if !told {
				f.Withheld = true
			}
			l = append(l, f.Text())
		}
		lines = append(lines, l)
	}
	for _, row := range r.Rows {
		class := row.Class
		if row.Rest {
			class = "all others"
		}
		line(row.Country, class, strconv.Itoa(row.Total), row.Outcomes)
	}
	line("", "total", r.Total.Text(), r.Outcomes)
	for name, band := range map[string]*Band{"national security process": r.SecurityProcess} {
		if band != nil {
			line("US", name, fmt.Sprintf("%d-%d", band.From, band.To), nil)
		}
	}
	err := w.WriteAll(lines)
	if err != nil {
		return nil, unreadable(err)
	}
	return b.Bytes(), nil
}
