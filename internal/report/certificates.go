package report

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"time"

	"counterseal/internal/problem"
)

// Certificate is what of one EPOC or EPOC-PR counts for the statistics that a
// provider may send to the Commission (Regulation (EU) 2023/1543, Article 28(4)).
type Certificate struct {
	Form      string   // epoc or epoc_pr
	Data      []string // types of data that it asks for, of DataTypes; none where nobody stated them
	State     string   // issuing State, two capital letters; "" where it is not known
	Emergency bool
	Outcome   Outcome       // of an EPOC-PR, Full and Part mean that the data are or were kept
	Took      time.Duration // EPOC: from its receipt until the last of what was given had left; 0 where it is not fulfilled
	Followed  time.Duration // EPOC-PR: from its issue to that of the request for production; 0 where none is known
}

// DataTypes are the types of Article 3(9) to (12), in the order of the statistics;
// unstated is for a certificate of which nobody said what it asks for.
var DataTypes = []string{"subscriber", "identification", "traffic", "content", "unstated"}

// Statistics are those of a calendar year. Numbers are exact and none is withheld:
// they are for the Commission, not for publication.
type Statistics struct {
	Version  int        `json:"version"` // 1
	Provider string     `json:"provider"`
	Year     int        `json:"year"`
	Counted  time.Time  `json:"counted"`
	Totals   []Kind     `json:"totals"` // each certificate once
	Lines    []DataLine `json:"lines"`  // each certificate once for every type of data that it asks for
}

// Kind is the total of one form.
type Kind struct {
	Form string `json:"form"`
	Tally
}

// DataLine is one form, type of data, issuing State and situation.
type DataLine struct {
	Form      string `json:"form"`
	Data      string `json:"data"`
	State     string `json:"issuing_state"` // "" where it is not known
	Emergency bool   `json:"emergency"`
	Tally
}

// Tally is points (a) to (d) of Article 28(4). Averages are in hours, rounded to a
// tenth, and left out where nothing was measured.
type Tally struct {
	Received  int      `json:"received"`
	Fulfilled int      `json:"fulfilled"`
	InPart    int      `json:"fulfilled_in_part"`
	Not       int      `json:"not_fulfilled"` // refused, redirected, withdrawn, nothing stored, or ended in another way
	Open      int      `json:"open"`
	Took      *float64 `json:"average_hours_to_provide,omitempty"`    // (c)
	Followed  *float64 `json:"average_hours_to_production,omitempty"` // (d)
	Measured  int      `json:"measured"`                              // how many the average is of
	hours     float64
}

func (t *Tally) add(c Certificate) {
	t.Received++
	switch c.Outcome {
	case Full:
		t.Fulfilled++
	case Part:
		t.InPart++
	case Open:
		t.Open++
	default:
		t.Not++
	}
	took := c.Took + c.Followed
	if took <= 0 || c.Outcome != Full && c.Outcome != Part {
		return
	}
	t.Measured++
	t.hours += took.Hours()
	average := float64(int64(t.hours/float64(t.Measured)*10+0.5)) / 10
	if c.Form == "epoc_pr" {
		t.Followed = &average
	} else {
		t.Took = &average
	}
}

// Certificates counts the certificates of a year.
func Certificates(provider string, year int, counted time.Time, all []Certificate) Statistics {
	out := Statistics{Version: 1, Provider: provider, Year: year, Counted: counted.UTC().Truncate(time.Second), Totals: []Kind{{Form: "epoc"}, {Form: "epoc_pr"}}, Lines: []DataLine{}}
	at := map[DataLine]int{}
	for _, c := range all {
		for i := range out.Totals {
			if out.Totals[i].Form == c.Form {
				out.Totals[i].add(c)
			}
		}
		data := c.Data
		if len(data) == 0 {
			data = []string{"unstated"}
		}
		for _, d := range data {
			key := DataLine{Form: c.Form, Data: d, State: c.State, Emergency: c.Emergency}
			i, there := at[key]
			if !there {
				i = len(out.Lines)
				at[key] = i
				out.Lines = append(out.Lines, key)
			}
			out.Lines[i].add(c)
		}
	}
	slices.SortFunc(out.Lines, func(a, b DataLine) int {
		return cmp.Or(cmp.Compare(a.Form, b.Form), slices.Index(DataTypes, a.Data)-slices.Index(DataTypes, b.Data), cmp.Compare(a.State, b.State), order(a.Emergency)-order(b.Emergency))
	})
	return out
}

func order(emergency bool) int {
	if emergency {
		return 1
	}
	return 0
}

// Year reads a calendar year. Code: report.year.
func Year(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || len(s) != 4 || n < 1970 {
		return 0, problem.New(problem.Invalid, "report.year", "a year has four digits").At("%.20q", s).Fix("write, for example, 2026")
	}
	return n, nil
}

// CSV is the table of the lines (RFC 4180, UTF-8).
func (s Statistics) CSV() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	lines := [][]string{{"year", "form", "data", "issuing_state", "emergency", "received", "fulfilled", "fulfilled_in_part", "not_fulfilled", "open", "average_hours_to_provide", "average_hours_to_production", "measured"}}
	for _, l := range s.Lines {
		lines = append(lines, []string{strconv.Itoa(s.Year), l.Form, l.Data, l.State, strconv.FormatBool(l.Emergency), strconv.Itoa(l.Received), strconv.Itoa(l.Fulfilled),
			strconv.Itoa(l.InPart), strconv.Itoa(l.Not), strconv.Itoa(l.Open), Hours(l.Took), Hours(l.Followed), strconv.Itoa(l.Measured)})
	}
	err := w.WriteAll(lines)
	if err != nil {
		return nil, unreadable(err)
	}
	return b.Bytes(), nil
}

// Hours is an average for a table; empty where nothing was measured.
func Hours(h *float64) string {
	if h == nil {
		return ""
	}
	return fmt.Sprintf("%.1f", *h)
}
