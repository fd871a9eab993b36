package book

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"counterseal/internal/law"
)

// Matrix writes the table for a person: a row an instrument, a column a category, the
// conditions by number below each jurisdiction.
func Matrix(w io.Writer, m law.Matrix) {
	fmt.Fprintf(w, "What each instrument reaches, as the packs say for %s\n", law.DayWords(m.AsOf))
	last := ""
	for i, r := range m.Rows {
		if r.Jurisdiction != last {
			last = r.Jurisdiction
			fmt.Fprintf(w, "\n%s\n  %-26s %-14s %-15s", Name(last, "en"), "", "by", "channel")
			for _, c := range law.Categories() {
				fmt.Fprintf(w, " %-15s", c)
			}
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "  %-26s %-14s %-15s", plain(r.Instrument), whom(r), cmp.Or(string(r.Channel), "-"))
		for _, c := range r.Cells {
			fmt.Fprintf(w, " %-15s", cell(c))
		}
		fmt.Fprintln(w)
		if i+1 == len(m.Rows) || m.Rows[i+1].Jurisdiction != last {
			below(w, m.Rows, last)
		}
	}
	fmt.Fprint(w, `
yes  no blocking rule of the jurisdiction's packs stands against it
if   the conditions of these numbers, each read with the instrument's own
no   a rule stands against it, or the law does not reach so far
-    no rule of the packs says; ask counsel
Read for an ordinary demand of a government. Other laws and the provider's own policy
come on top: counterseal law assess. Advice to counsel; people decide.
`)
}

func cell(c law.Cell) string {
	if c.Answer != law.Partly {
		return string(c.Answer)
	}
	var numbers []string
	for _, n := range c.Conditions {
		numbers = append(numbers, fmt.Sprint(n))
	}
	return "if " + strings.Join(numbers, " ")
}

func whom(r law.Instrument) string {
	switch {
	case len(r.By) > 0:
		return states(r.By)
	case len(r.NotBy) > 0:
		return "not " + states(r.NotBy)
	}
	return "-"
}

// below writes the conditions of a jurisdiction's instruments.
func below(w io.Writer, rows []law.Instrument, of string) {
	for _, r := range rows {
		if r.Jurisdiction != of {
			continue
		}
		if r.Where != "" {
			fmt.Fprintf(w, "\n  %s: %s (%s)\n", plain(r.Instrument), when(r.Where), r.Rule)
		} else {
			fmt.Fprintf(w, "\n  %s\n", plain(r.Instrument))
		}
		for i, c := range r.Conditions {
			fmt.Fprintf(w, "    %d  %s (%s)\n", i+1, Condition(c), c.Rule)
		}
		for _, c := range r.Cells {
			switch {
			case len(c.Signers) > 0 && len(c.Validators) > 0:
				fmt.Fprintf(w, "    %s: signed by %s; or validated by %s\n", c.Category, plainList(c.Signers), plainList(c.Validators))
			case len(c.Signers) > 0:
				fmt.Fprintf(w, "    %s: signed by %s\n", c.Category, plainList(c.Signers))
			case c.Answer == law.Never:
				fmt.Fprintf(w, "    %s: no (%s)\n", c.Category, list(c.Rules))
			}
		}
	}
}

func plainList(words []string) string { return plain(strings.Join(words, ", ")) }

// Condition writes one in English.
func Condition(c law.Condition) string {
	var parts []string
	if c.Where != "" {
		parts = append(parts, "where "+c.Where)
	}
	if len(c.Courts) > 0 || len(c.Not) > 0 {
		parts = append(parts, courts(c.Courts, c.Not))
	}
	if c.Requires == "" {
		return strings.TrimSpace("not " + strings.Join(parts, ", "))
	}
	return strings.Join(append(parts, c.Requires), ": ")
}
