package notice

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"counterseal/internal/problem"
)

// MaxWording bounds an edited wording, in bytes; it has MaxWordingLines lines at most.
const (
	MaxWording      = 16 << 10
	MaxWordingLines = 400
)

// Edit is a draft with counsel's wording beside it. Both are kept.
type Edit struct {
	Draft   Draft
	Wording string // in the form of Draft.Wording
	By      string
	At      time.Time
}

// NewEdit takes counsel's wording. What is not printable becomes a space, so it
// can neither turn the direction of writing nor hide something. Code: notice.edit.
func NewEdit(d Draft, wording, by string, at time.Time) (Edit, error) {
	bad := func(what string) error {
		return problem.New(problem.Invalid, "notice.edit", "an edited letter needs a title, a sentence, who edited it and when, and to stay in bounds").At("%s", what)
	}
	if len(wording) > MaxWording || strings.Count(wording, "\n") >= MaxWordingLines {
		return Edit{}, bad("wording")
	}
	var lines []string
	for line := range strings.Lines(wording) {
		lines = append(lines, strings.Join(strings.Fields(printable(line)), " "))
	}
	blocks := parse(strings.Join(lines, "\n"))
	titles := 0
	for _, b := range blocks {
		if b.Title {
			titles++
		}
	}
	if titles != 1 || !blocks[0].Title || blocks[0].Heading == "" || !slices.ContainsFunc(blocks, func(b block) bool { return b.Text != "" }) {
		return Edit{}, bad("wording")
	}
	if neutral(by) == "" || len(by) > maxText {
		return Edit{}, bad("by")
	}
	if !dated(at) {
		return Edit{}, bad("at")
	}
	return Edit{Draft: d, Wording: format(blocks), By: neutral(by), At: at}, nil
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}

// Render writes the edited letter in each form. Code: notice.template.
func (e Edit) Render() (Rendered, error) {
	d := e.Draft
	d.Wording = e.Wording
	return d.Render()
}

// Operation says what became of a line.
type Operation string

const (
	Same    Operation = " "
	Removed Operation = "-"
	Added   Operation = "+"
)

// Change is one line of the difference between draft and edit.
type Change struct {
	Op   Operation
	Text string
}

// Diff lists each line of the draft and of the edit, in order, with what became
// of it. The lines that are the same are a longest common subsequence. Without
// the added lines it is the draft, without the removed ones the edit.
func (e Edit) Diff() []Change {
	return diff(strings.Split(e.Draft.Wording, "\n"), strings.Split(e.Wording, "\n"))
}

func diff(a, b []string) (out []Change) {
	// common[i][j] is the length of the longest common subsequence of a[i:], b[j:].
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			common[i][j] = max(common[i+1][j], common[i][j+1])
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out = append(out, Change{Same, a[i]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			out = append(out, Change{Removed, a[i]})
			i++
		default:
			out = append(out, Change{Added, b[j]})
			j++
		}
	}
	return out
}
