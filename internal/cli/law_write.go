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

	"counterseal/internal/fact"
	"counterseal/internal/law"
	"counterseal/internal/problem"
)

func (s *session) lawWriteCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "write RULE PACKDIR",
		Short: "Write a rule by answering questions",
		Long: `Asks for what a rule says, field by field, and refuses at once what the packs would: a
word that is none, an expression over facts that there are not. An answer of ? lists the
words that fit, ?TEXT searches names, meanings and other words for them, ?when lists
the facts that are dates.

Then it proposes cases, and asks what the law says of each before it says what the rule
does: they become the rule's examples. Of each part of the rule one case shows that it
matters where it is so, and one where it is not, and of counted days the last and the
first after it; what cannot be shown so is said. Where you and the rule differ, one of
the two is wrong, and you correct it. A case of your own is written by what is other in
it than in case 1.

The rule goes into its pack in the folder (us.pen.no_content into us/pen.yaml), beside it
the facts of case 1 (us/pen.no_content.facts), and the folder is checked. A rule that is
there is asked anew, with what it says as the answers to keep. The three translations
may come later; without them a rule can be tried, and not be put in force. What was
answered is kept when you stop in between.

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
	in     *bufio.Reader
	out    io.Writer
	today  string
	file   string // of the pack
	shown  string // the file as checks name it
	draft  *law.Draft
	words  *law.Wording
	judged []law.Example // what the person said of cases, in this sitting or before
	title  string
	first  fact.Facts        // of the first case
	owed   *fact.Facts       // of a case of the author's own that showed what was wrong in the draft
	begun  map[string]string // answers of a sitting that was broken off
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
	a := &author{in: bufio.NewReader(io.LimitReader(s.In, 1<<20)), out: s.Err, today: s.Now().UTC().Format(time.DateOnly), words: words, draft: d,
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
				Fix("write the rule into a pack of your own, such as %s_more", a.draft.Pack)
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
	a.judged = p.Rules[i].Examples
	a.draft, err = law.DraftOf(p.Rules[i])
	return err
}

// part is where answers are kept until the rule is written.
func (a *author) part() string {
	return strings.TrimSuffix(a.file, ".yaml") + strings.TrimPrefix(a.draft.ID, a.draft.Pack) + ".part"
}

// write asks everything and writes the pack.
func (a *author) write() error {
	fmt.Fprintf(a.out, "A rule finds; people decide. Enter keeps what stands in brackets; ? says what fits.\n\n")
	for _, field := range law.DraftFields {
		var err error
		switch field {
		case "de":
			err = a.translations()
		case "da", "it":
		default:
			err = a.field(field)
		}
		if err != nil {
			return err
		}
	}
	err := a.cases()
	if err != nil {
		return err
	}
	for a.title == "" {
		a.title, err = a.line("Title of the pack "+a.draft.Pack, "")
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

// line asks for one line.
func (a *author) line(what, keep string) (string, error) {
	if keep != "" {
		what += " [" + keep + "]"
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

// field asks until the answer stands.
func (a *author) field(field string) error {
	keep := a.draft.Said(field)
	if was := a.begun[field]; was != "" {
		keep = was
	}
	for {
		text, err := a.line(questions[field], keep)
		if err != nil {
			return err
		}
		if about, asks := strings.CutPrefix(text, "?"); asks {
			a.offer(field, strings.TrimSpace(about))
			continue
		}
		if text == "-" {
			text = "" // takes back what stands in brackets
		}
		err = a.draft.State(field, text)
		if err != nil {
			p := problem.Of(err)
			fmt.Fprintf(a.out, "  %s (%s)\n", p.Message, p.Code)
			continue
		}
		if text != "" && (field == "applies" || field == "requires") {
			fmt.Fprintf(a.out, "  in words: %s\n", a.words.Say(text))
		}
		a.keep(field, text)
		return nil
	}
}

// keep writes down what was answered, for a sitting that is broken off.
func (a *author) keep(field, text string) {
	a.begun[field] = text
	kept, err := json.Marshal(a.begun)
	if err == nil {
		_ = os.WriteFile(a.part(), kept, 0o644) // without it everything is asked again
	}
}

// questions are the fields as they are asked.
var questions = map[string]string{
	"cite":        "Citation, as in a letter",
	"quote":       "Words of the source, letter for letter (may stay empty)",
	"from":        "In force from (YYYY-MM-DD, compared with the day in question; empty: always)",
	"to":          "In force to (empty: still)",
	"instruments": "Papers (empty: every; ?TEXT finds one, ? lists all)",
	"inside":      "Courts (empty: every; ?TEXT finds one, ? lists all)",
	"applies":     "It applies where (?TEXT finds facts, ?when the dates, ? shows how to write)",
	"requires":    "There it requires that",
	"severity":    "Where it is violated (blocking: two persons must go against it; warning: counsel looks; information)",
	"respond":     "What to propose then (comply, clarify, narrow, reject, redirect_treaty, redirect_enterprise, challenge, preserve)",
	"en":          "The sentence for letters, in English",
	"de":          "  in German",
	"da":          "  in Danish",
	"it":          "  in Italian",
	"level":       "How it was read (text: in the law's own text; secondary: elsewhere; unchecked: from memory)",
	"source":      "What was read",
}

// translations asks for the three others at once whether they are at hand. What stands
// of them stays where they are not.
func (a *author) translations() error {
	text, err := a.line("German, Danish and Italian now? (y; empty: later)", "")
	if err != nil {
		return err
	}
	for _, field := range []string{"de", "da", "it"} {
		if strings.HasPrefix(text, "y") {
			err = a.field(field)
		} else if was := a.begun[field]; was != "" {
			err = a.draft.State(field, was)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// meanings say what the words of short lists stand for, and how a day is written.
var meanings = map[string]string{
	"from":     "  a day is written 2001-10-26; the fact as_of is compared with it\n",
	"to":       "  the last day on which it is in force, written 2001-10-26\n",
	"severity": "  blocking: two persons must go against it; warning: counsel looks; information: good to know\n",
	"respond": `  comply: give what is asked         clarify: ask the authority what it means
  narrow: give less                  reject: give nothing, and say why
  redirect_treaty: another state's way     redirect_enterprise: ask the customer's organisation
  challenge: take it to a court      preserve: keep the data meanwhile
`,
	"level": "  text: the law's own text was read; secondary: a book, a translation or an excerpt; unchecked: from memory\n",
}

// written says where the rule stands and what the check says of the folder's pack.
func (s *session) written(a *author) error {
	dir := filepath.Dir(filepath.Dir(a.file))
	sources, own, err := lawSources([]string{dir})
	if err != nil {
		return err
	}
	if !s.json {
		fmt.Fprintf(s.Out, "\n%s stands in %s.\n\n", a.draft.ID, a.shown)
	}
	err = s.checked(law.CheckOf(sources, func(x law.Source) bool { return own[x.File] }), own, false,
		map[string]any{"rule": a.draft.ID, "file": a.shown})
	if err != nil || s.json {
		return err
	}
	facts := strings.TrimSuffix(a.shown, ".yaml") + strings.TrimPrefix(a.draft.ID, a.draft.Pack) + ".facts"
	fmt.Fprintf(s.Out, "\nNext: counterseal law explain %s --packs %s\n      counterseal law assess %s --packs %s   (the facts of case 1)\n", a.draft.ID, dir, facts, dir)
	return nil
}
