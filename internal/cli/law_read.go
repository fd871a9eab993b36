package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"counterseal/internal/law"
	"counterseal/internal/law/book"
	"counterseal/internal/problem"
	"counterseal/internal/web/ui"
)

func (s *session) lawExplainCommand() *cobra.Command {
	var packs []string
	find, written, names := "", false, false
	c := &cobra.Command{
		Use:   "explain [RULE]",
		Short: "Say what a rule says, in words",
		Long: `Prints a rule, deadline or rule of reach as a person reads it: citation, quotation, when
and where it is in force, when it applies and what it requires in words, what follows
where it is violated, the sentence for letters in each language, its examples, and how
and when it was checked. Without a rule it lists all of them by jurisdiction, or with
--find those whose id, citation or words hold a text. With --yaml it prints the rule as
its pack has it, to copy.

The words are made from the expressions that are evaluated, which stand below them.`,
		Example: "  counterseal law explain\n  counterseal law explain us.sca.subpoena_fields\n  counterseal law explain us.sca.subpoena_fields --json | jq -r '.rules[].sentences[].da'",
		Args:    atMostOne,
		RunE: func(_ *cobra.Command, args []string) error {
			list, err := lawPacks(packs...)
			if err != nil {
				return err
			}
			words, err := law.NewWording()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				rules := book.List(words, list, find)
				return s.answer(map[string]any{"rules": rules}, func(w io.Writer) {
					if names {
						book.WritePacks(w, list)
						return
					}
					book.WriteList(w, rules)
				})
			}
			x, err := words.Explain(list, args[0])
			if err != nil {
				return err
			}
			if written {
				text, err := lawText(x, packs)
				if err != nil {
					return err
				}
				return s.answer(map[string]any{"rules": []law.Explanation{x}, "yaml": text}, func(w io.Writer) { io.WriteString(w, text) })
			}
			return s.answer(map[string]any{"rules": []law.Explanation{x}}, func(w io.Writer) { book.Explain(w, x) })
		},
	}
	c.Flags().StringVar(&find, "find", "", "without a rule: list those whose id, citation or words hold this text")
	c.Flags().BoolVar(&names, "packs-only", false, "without a rule: list the packs alone, with how many rules each has")
	c.Flags().BoolVar(&written, "yaml", false, "print the rule as it is written in its pack")
	addPacks(c, &packs)
	return c
}

// lawText is a rule as its pack has it.
func lawText(x law.Explanation, packs []string) (string, error) {
	sources, _, err := lawSources(packs)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(sources, func(o law.Source) bool { return o.Name == x.Pack })
	return law.Written(sources[i].Data, x.Line), nil
}

func atMostOne(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usagef("at most one word follows this command's name, not %d: %s", len(args), c.UseLine())
	}
	return nil
}

func (s *session) lawMatrixCommand() *cobra.Command {
	var packs []string
	jurisdiction, asOf := "", ""
	c := &cobra.Command{
		Use:   "matrix",
		Short: "Say which instrument compels which data, by whom, and on what conditions",
		Long: `Evaluates the packs for an ordinary demand of a government, once for each instrument
and each category of data, and prints what they answer: yes, no, or on which conditions,
who may sign, and by which law and channel. What no rule says is not guessed: it is -.

It looks at the blocking rules of the instrument's own jurisdiction. What other laws and
the provider's policy add depends on the demand: counterseal law assess.`,
		Example: "  counterseal law matrix\n  counterseal law matrix --jurisdiction us --as-of 2016-07-15\n  counterseal law matrix --json | jq '.rows[] | {instrument, cells}'",
		Args:    none,
		RunE: func(*cobra.Command, []string) error {
			engine, err := lawEngine(packs...)
			if err != nil {
				return err
			}
			day, err := s.dayOf(asOf)
			if err != nil {
				return err
			}
			m, err := engine.Matrix(day, jurisdiction)
			if err != nil {
				return err
			}
			return s.answer(m, func(w io.Writer) { book.Matrix(w, m) })
		},
	}
	c.Flags().StringVar(&jurisdiction, "jurisdiction", "", "one jurisdiction alone, such as us")
	addAsOf(c, &asOf)
	addPacks(c, &packs)
	return c
}

func addAsOf(c *cobra.Command, asOf *string) {
	c.Flags().StringVar(asOf, "as-of", "", "the day for which it is asked, YYYY-MM-DD; without it, today")
}

// dayOf is the day that was written, or today in UTC.
func (s *session) dayOf(asOf string) (string, error) {
	if asOf == "" {
		return s.Now().UTC().Format(time.DateOnly), nil
	}
	if _, err := time.Parse(time.DateOnly, asOf); err != nil {
		return "", problem.New(problem.Invalid, "cli.time", "this is not a time").At("--as-of %.40s", asOf).Fix("write 2026-03-16")
	}
	return asOf, nil
}

func (s *session) lawGuidelinesCommand() *cobra.Command {
	var packs []string
	lang, asOf := "en", ""
	c := &cobra.Command{
		Use:   "guidelines JURISDICTION",
		Short: "Write guidelines for the authorities of a jurisdiction from the packs",
		Long: `Writes, as Markdown, what an authority must know before it asks: what is held, which
instrument reaches it and who must sign, deadlines, silence and notice, danger to life,
and the way to us. The sentences are those of the packs that stand in our letters, in
English, German, Danish or Italian; so what is published is what is applied.`,
		Example: "  counterseal law guidelines us\n  counterseal law guidelines de --lang de > hinweise.md",
		Args:    exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if !slices.Contains(law.Languages, lang) {
				return problem.New(problem.Invalid, "law.language_unknown", "the sentences are in en, de, da or it").At("--lang").Fix("choose one of the four")
			}
			engine, err := lawEngine(packs...)
			if err != nil {
				return err
			}
			day, err := s.dayOf(asOf)
			if err != nil {
				return err
			}
			m, err := engine.Matrix(day, args[0])
			if err != nil {
				return err
			}
			text := book.Markdown(book.Guidelines(engine.Packs(), m, args[0], lang, ui.WordsFor(lang).Paper))
			return s.answer(map[string]any{"jurisdiction": args[0], "language": lang, "as_of": day, "text": text}, func(w io.Writer) { io.WriteString(w, text) })
		},
	}
	c.Flags().StringVar(&lang, "lang", lang, "language: en, de, da or it")
	addAsOf(c, &asOf)
	addPacks(c, &packs)
	return c
}

func (s *session) lawDocsCommand() *cobra.Command {
	var packs []string
	c := &cobra.Command{
		Use:   "docs DIR",
		Short: "Write a page for each jurisdiction of the packs",
		Long: `Writes pages in Markdown into a folder that is there: an index, and for each
jurisdiction what its instruments reach and every rule with quotation, citation,
examples, and how and when it was checked. Pages of the same name are written anew;
nothing else in the folder is touched. They are made for the day of the packs' last
change, so the same packs give the same pages.`,
		Example: "  counterseal law docs docs/law",
		Args:    exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			engine, err := lawEngine(packs...)
			if err != nil {
				return err
			}
			words, err := law.NewWording()
			if err != nil {
				return err
			}
			pages, err := book.Pages(engine, words, book.Newest(engine.Packs()))
			if err != nil {
				return err
			}
			return s.writePages(args[0], pages)
		},
	}
	addPacks(c, &packs)
	return c
}

func (s *session) writePages(dir string, pages map[string]string) error {
	files := []string{}
	for name, text := range pages {
		err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)
		if err != nil {
			return problem.New(problem.Invalid, "law.docs", "a page could not be written").At("%s", filepath.Join(dir, name)).Fix("make the folder first, and check that you may write there").Because(err)
		}
		files = append(files, name)
	}
	slices.Sort(files)
	return s.answer(map[string]any{"folder": dir, "files": files}, func(w io.Writer) { fmt.Fprintf(w, "%d pages written to %s\n", len(files), dir) })
}
