package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"counterseal/internal/country"
	"counterseal/internal/fact"
	"counterseal/internal/law"
	"counterseal/internal/law/book"
	"counterseal/internal/problem"
)

func (s *session) lawWriteCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "write RULE PACKDIR",
		Short: "Write a rule by answering questions",
		Long: `Asks first what the rule looks at, in a few words each ("traffic data, ordered by a
prosecutor, authorised by a judge, unless danger to life"), makes conditions of them with
numbers, and says which words it knows nothing of. Then it asks for what the rule says,
field by field, proposes in brackets what follows from those words, and refuses at once
what the packs would: a word that is none, an expression over facts that there are not. An
answer of ? lists the words that fit with their meaning, those first that exist in the
rule's country; ?TEXT searches names, meanings and other words for them, ?when lists the
facts that are dates, < goes back a question. A condition is written by numbers (1 and not
2), as packs have it (docs/packs.md), or in the words in which this program says it; where
"and" and "or" stand side by side without brackets, it asks which reading is meant.

Before the conditions it says what other rules on the same papers look at, and as soon as
they are given, whether a rule stands already that finds the same. Then it lays out cases,
and asks what the law says of each before it says what the rule does: a letter each, in
their order (v o o), or one by its number, with a name (4 v a wiretap). They become the
rule's examples. Of each part of the rule one case shows that it matters where it is so, and
one where it is not, and of counted days the last and the first after it; what cannot be
shown so is said. Each rank that is named, or near to one, is judged by itself; a paper of
another State or country is tried, and a day long ago where none is named. Where you and
the rule differ, one of the two is wrong: judge again, or type c and correct as many parts
of it as you like. What you said is asked again only where the corrected rule says
otherwise. A case of your own is written as the cases say it: as 2, but the signer is judge.

The rule goes into its pack in the folder (us.pen.no_content into us/pen.yaml), beside it
the facts of case 1 (us/pen.no_content.facts), and the pack is checked. Of a rule that is
there you say which parts are to be other, and then give its three translations, without
which it can be tried, and not be put in force. What was answered is kept when you stop in
between, and is not asked again.

It asks on standard error; standard output has what the check says.`,
		Example: "  counterseal law write us.pen.no_content mypacks",
		Args:    exactly(2),
		RunE: func(_ *cobra.Command, args []string) error {
			a, err := s.author(args[0], args[1])
			if err != nil {
				return err
			}
			err = a.write()
			if err != nil {
				return err
			}
			return s.written(a)
		},
	}
}

// author asks a person for a rule.
type author struct {
	in           *bufio.Reader
	out          io.Writer
	today        string
	file         string // of the pack
	shown        string // the file as checks name it
	draft        *law.Draft
	words        *law.Wording
	judged       []law.Example // what the person said of cases, in this sitting or before
	title        string
	first        fact.Facts        // of the first case
	all          law.Case          // what the draft looks at in any case
	overviewed   string            // that, as it was said last
	begun        map[string]string // answers of a sitting that was broken off
	stands       bool              // the rule was there before
	jurisdiction string            // the first word of the pack
	readings     []string          // of a condition that can be read in two ways
	seen         []fact.Facts      // cases that were shown beside one
	before       []law.Example     // what was said before this round of cases
	others       []*law.Pack       // to be compared with
	twinned      string            // the rule that was said to say the same
	proposed     []string          // conditions for what it looks at, by their numbers
	own          []law.Proposed    // those of them that were written out
	struck       []string          // those of them that were taken out again
	unknown      []string          // words of which the program knows nothing, as they were said
	left         []string          // what the law looks at and no fact says
}

func (s *session) author(id, dir string) (*author, error) {
	d, err := law.NewDraft(id)
	if err != nil {
		return nil, err
	}
	words, err := law.NewWording()
	if err != nil {
		return nil, err
	}
	jurisdiction, name, _ := strings.Cut(d.Pack, ".")
	a := &author{in: bufio.NewReader(io.LimitReader(s.In, 1<<20)), out: s.Err, jurisdiction: jurisdiction, today: s.Now().UTC().Format(time.DateOnly), words: words, draft: d,
		file: filepath.Join(dir, jurisdiction, name+".yaml"), shown: filepath.ToSlash(filepath.Join(dir, jurisdiction, name+".yaml"))}
	err = a.standing(id)
	if err != nil {
		return nil, err
	}
	a.begun = map[string]string{}
	kept, err := os.ReadFile(a.part())
	if err == nil && json.Unmarshal(kept, &a.begun) != nil {
		a.begun = map[string]string{} // it can only be asked again
	}
	return a, os.MkdirAll(filepath.Dir(a.file), 0o755)
}

// standing reads the pack that is there, and the rule in it, if it is.
func (a *author) standing(id string) error {
	base, err := law.EmbeddedSources()
	if err != nil {
		return err
	}
	text, err := readFile(a.file, law.MaxPack)
	if err != nil && errors.Is(err, os.ErrNotExist) {
		if slices.ContainsFunc(base, func(x law.Source) bool { return x.Name == a.draft.Pack }) {
			return problem.New(problem.Invalid, "law.pack_name", "the pack %s is the program's, and one of that name in a folder would take its place", a.draft.Pack).
				Fix("write the rule into a pack of your own, whose name is free: %s", strings.Join(free(base, a.draft), ", or "))
		}
		return nil
	}
	if err != nil {
		return err
	}
	p, err := law.ParseDraft(a.shown, text)
	if err != nil {
		return err
	}
	a.title = p.Title
	i := slices.IndexFunc(p.Rules, func(r law.Rule) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	a.stands, a.judged = true, p.Rules[i].Examples
	a.draft, err = law.DraftOf(p.Rules[i])
	return err
}

// free are ids for a rule in packs whose names the program's do not have.
func free(base []law.Source, d *law.Draft) (ids []string) {
	for _, more := range []string{"_more", "_own", "_2"} {
		pack := d.Pack + more
		if !slices.ContainsFunc(base, func(x law.Source) bool { return x.Name == pack }) {
			ids = append(ids, pack+strings.TrimPrefix(d.ID, d.Pack))
		}
	}
	return ids
}

// part is where answers are kept until the rule is written.
func (a *author) part() string {
	return strings.TrimSuffix(a.file, ".yaml") + strings.TrimPrefix(a.draft.ID, a.draft.Pack) + ".part"
}

// write asks everything and writes the pack.
func (a *author) write() error {
	fmt.Fprintf(a.out, "A rule finds; people decide. Enter takes what stands in brackets, - empties the answer, < goes back a question, ? says what fits, ?TEXT searches.\n\n")
	err := a.about()
	if err != nil {
		return err
	}
	err = a.fields()
	if err != nil {
		return err
	}
	err = a.cases()
	if err != nil {
		return err
	}
	for a.title == "" {
		a.title, err = a.line("Title of the pack "+a.draft.Pack, a.ofState()+": "+a.draft.Cite)
		if err != nil {
			return err
		}
	}
	was, err := os.ReadFile(a.file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return problem.New(problem.Unavailable, "law.read", "a rule pack cannot be read").At("%s", a.shown).Because(err)
	}
	text, err := a.draft.Into(a.shown, was, a.title, a.today)
	if err != nil {
		return err
	}
	err = os.WriteFile(a.file+".part", text, 0o644)
	if err == nil {
		err = os.Rename(a.file+".part", a.file)
	}
	if err != nil {
		return problem.New(problem.Unavailable, "law.write", "the pack could not be written").At("%s", a.shown).Fix("check that you may write there; your answers are kept").Because(err)
	}
	_ = os.Remove(a.part()) // it would only be offered again
	return a.writeFacts()
}

// place is the name of the jurisdiction of the rule.
func (a *author) place() string {
	name := book.Name(a.jurisdiction, "en")
	if code := a.draft.Country(); name == a.jurisdiction && code != "" {
		name = country.Name(code, "en")
	}
	return name
}

// ofState is the same, or the State of the United States whose law it is.
func (a *author) ofState() string {
	if k, code, _ := a.draft.Home(); k == fact.USState && code != "" {
		return fact.StateName(code)
	}
	return a.place()
}

// errBack says that the question before is to be asked again.
var errBack = errors.New("back")

// fields asks for all fields in their order, and for one again where somebody goes back. Of a
// rule that stands it asks which parts are to be other; what was answered in a sitting that was
// broken off is not asked again.
func (a *author) fields() error {
	if a.stands {
		for _, field := range law.DraftFields {
			if was, said := a.begun[field]; said && a.draft.State(field, was) != nil {
				delete(a.begun, field) // it is asked again where somebody wants it
			}
		}
		err := a.correct("")
		if err != nil {
			return err
		}
		return a.translations()
	}
	back := false
	for i := 0; i < len(law.DraftFields); i++ {
		field := law.DraftFields[i]
		was, said := a.begun[field]
		if said && !back && a.asks(field) && a.draft.State(field, was) == nil {
			fmt.Fprintf(a.out, "%s: %s\n", partNames[field], a.shows(field))
			continue
		}
		err := a.asked(field)
		back = errors.Is(err, errBack)
		if back && i == 0 {
			err = a.looksFor("What else does it look at? (empty: go on)")
			if err != nil {
				return err
			}
		}
		if back {
			for i = max(i-1, 0); i > 0 && !a.asks(law.DraftFields[i]); i-- {
			}
			i-- // the loop goes on to it
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// asks says whether a field has a question of its own in this sitting.
func (a *author) asks(field string) bool {
	switch field {
	case "inside":
		return a.hasCourts()
	case "leaves_out":
		return a.stands || len(a.left) > 0
	case "de", "da", "it":
		return false // they are asked for together, of a rule that stands
	}
	return true
}

// asked asks for a field, where it is asked for.
func (a *author) asked(field string) error {
	switch {
	case !a.asks(field):
		return nil
	case field == "applies":
		err := a.whichState()
		if err != nil {
			return err
		}
		a.neighbours()
	}
	return a.field(field)
}

// writeFacts lays the facts of the first case beside the pack, to try the rule on and to
// change by hand. Packs are read from .yaml files alone.
func (a *author) writeFacts() error {
	file := strings.TrimSuffix(a.part(), ".part") + ".facts"
	text := "# Case 1 of " + a.draft.ID + ", for counterseal law assess. Written anew with the rule.\n" + law.FactsLines(a.first)
	err := os.WriteFile(file, []byte(text), 0o644)
	if err != nil {
		return problem.New(problem.Unavailable, "law.write", "the pack could not be written").At("%s", file).Fix("check that you may write there").Because(err)
	}
	return nil
}

// line asks for one line. What Enter keeps stands in brackets.
func (a *author) line(what, keep string) (string, error) { return a.shownLine(what, keep, keep) }

// shownLine asks for one line, where what Enter keeps is shown in words of its own.
func (a *author) shownLine(what, keep, shown string) (string, error) {
	if keep != "" {
		what += " [" + shown + "]"
	}
	fmt.Fprintf(a.out, "%s › ", what)
	text, err := a.in.ReadString('\n')
	if err != nil && strings.TrimSpace(text) == "" {
		fmt.Fprintln(a.out)
		return "", problem.New(problem.Invalid, "law.unfinished", "the rule is not finished, and was not written").Fix("your answers are kept: give the same command again")
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return keep, nil
	}
	return text, nil
}
