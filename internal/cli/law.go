package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/law"
	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
	"counterseal/internal/web/ui"
)

func (s *session) lawCommand() *cobra.Command {
	c := group(&cobra.Command{
		Use:   "law",
		Short: "Ask the rule packs",
		Long: `Rule packs are data that a lawyer can read: each rule has its citation, the days on
which it is in force, when it applies and what it requires. They propose; counsel
decides.`,
	})
	var packs []string
	only := ""
	assess := &cobra.Command{
		Use:   "assess FACTS.yaml",
		Short: "Say what the rules find in a statement of facts",
		Long: `Reads the facts of a demand (see docs/facts.md) and prints what each rule finds:
holds, violated, or asks for a fact that is not stated. Beside them stand the dates
that follow from the facts, with the arithmetic. An unstated fact is unknown, never
false. A rule asks only where some answer can make it apply: of an Irish order nobody
asks whether silence rests on 18 USC 2705. A finding is advice to counsel; it decides
nothing.`,
		Example: "  counterseal law assess facts.yaml\n  counterseal law assess facts.yaml --json | jq '.findings[].cite'",
		Args:    exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := readFile(args[0], 1<<20)
			if err != nil {
				return err
			}
			facts, err := law.ParseFactsYAML(args[0], text)
			if err != nil {
				return contradiction(err)
			}
			engine, err := lawEngine(packs...)
			if err != nil {
				return err
			}
			other := func(rule string) bool { return !strings.HasPrefix(rule, only) }
			report := law.NewReport(engine.Open(facts, slices.DeleteFunc(engine.Assess(facts), func(f law.Finding) bool { return other(f.Rule) }),
				slices.DeleteFunc(engine.Deadlines(facts), func(d law.Deadline) bool { return other(d.Rule) })))
			if s.json {
				return report.JSON(s.Out)
			}
			return report.Text(io.Writer(s.Out))
		},
	}
	addPacks(assess, &packs)
	assess.Flags().StringVar(&only, "only", "", "the rules whose ids begin so, such as us.pen")
	c.AddCommand(assess, s.lawReachCommand(), s.lawExplainCommand(), s.lawMatrixCommand(), s.lawGuidelinesCommand(), s.lawDocsCommand(), s.lawWriteCommand(), s.lawCheckCommand(), s.lawBacktestCommand(), s.lawPacksCommand())
	return c
}

func (s *session) lawReachCommand() *cobra.Command {
	lang, id, as := "en", "", ""
	reach := &cobra.Command{
		Use:   "reach FACTS.yaml | --demand ID",
		Short: "Say whose law reaches the data, and by which channel",
		Long: `Reads facts and, under the keys entities and storage, which companies there are, what
each can open and where the data lie. It prints who may demand the data and by what
paper, what stands against a demand, and the channel by which others must come. With
issuing_country it is about that state's demand; without, about everyone's: what a
customer may ask. A law that is not in the packs is not in the answer.

With --demand it asks about a demand: the facts on record, and what the estate says
of the accounts that its targets stand for.`,
		Example: "  counterseal law reach facts.yaml\n  counterseal law reach facts.yaml --lang da\n  counterseal law reach --demand k7wq-93\n  counterseal law reach facts.yaml --json | jq '.reach[].rule'",
		Args: func(c *cobra.Command, args []string) error {
			if id != "" {
				return none(c, args)
			}
			return exactly(1)(c, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if id != "" {
				return s.lawReachDemand(cmd.Context(), id, as)
			}
			if !slices.Contains([]string{"en", "de", "da", "it"}, lang) {
				return problem.New(problem.Invalid, "law.language_unknown", "the sentences are in en, de, da or it").At("--lang").Fix("choose one of the four")
			}
			text, err := readFile(args[0], 1<<20)
			if err != nil {
				return err
			}
			facts, setting, err := law.ParseSettingYAML(args[0], text)
			if err != nil {
				return contradiction(err)
			}
			engine, err := lawEngine()
			if err != nil {
				return err
			}
			results, err := engine.Reach(facts, setting)
			if err != nil {
				return err
			}
			unread, err := engine.Unread(facts, setting)
			if err != nil {
				return err
			}
			return s.answer(map[string]any{"reach": results, "unread": unread}, func(w io.Writer) { _ = law.WriteReach(w, results, unread, lang) })
		},
	}
	reach.Flags().StringVar(&lang, "lang", lang, "language of the sentences: en, de, da or it; not with --demand")
	reach.Flags().StringVar(&id, "demand", "", "ask about this demand")
	reach.Flags().StringVar(&as, "as", "", "with --demand: who reads; what is sealed is open to its members")
	return reach
}

// lawReachDemand answers for a demand what its page of law answers.
func (s *session) lawReachDemand(ctx context.Context, id, as string) error {
	return s.withOffice(ctx, func(ctx context.Context, o *app.Office) error {
		c, err := o.Conflict(ctx, cmp.Or(as, os.Getenv("COUNTERSEAL_AS"), "cli"), id)
		if err != nil {
			return err
		}
		return s.answer(c, func(w io.Writer) { conflictWords(w, c) })
	})
}

func conflictWords(w io.Writer, c staff.Conflict) {
	words := ui.WordsFor("en")
	fmt.Fprintf(w, "%s  %s\n\nWho may compel it    %s\nWhat forbids it      %s\nWhich way is right   %s\n", c.ID, c.Instrument, c.Who(), c.Against(), c.Way())
	for _, heap := range []struct {
		title string
		laws  []staff.Law
	}{{"Who may compel", c.Compels}, {"What forbids", c.Forbids}, {"The way for others", c.Ways}, {"What permits an answer", c.Permits}} {
		if len(heap.laws) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s\n", heap.title)
		for _, l := range heap.laws {
			may := ""
			if !l.Certain {
				may = " (may; state " + strings.Join(l.Missing, ", ") + ")"
			}
			fmt.Fprintf(w, "  %s%s: %s\n    %s\n    %s; %s, %s\n", words.Country(l.Law), may, l.Says, l.Cite, words.Of(ui.Channels, l.Channel), words.Of(ui.Checks, l.Checked), l.CheckedOn)
			if len(l.LeavesOut) > 0 {
				fmt.Fprintf(w, "    left to a person: %s\n", strings.Join(l.LeavesOut, "; "))
			}
		}
	}
	var unread []string
	for _, code := range c.Unread {
		unread = append(unread, words.Country(code))
	}
	if len(unread) > 0 {
		fmt.Fprintf(w, "\nNo pack says what the law of these states lets their own authorities demand: %s.\n", strings.Join(unread, ", "))
	}
	fmt.Fprintln(w, "\nAdvice to counsel; people decide. A law that is in no pack is in no answer.")
}

// contradiction says in a sentence of its own that facts cannot all be true.
func contradiction(err error) error {
	if problem.Code(err) != "fact.contradiction" {
		return err
	}
	p := problem.Of(err)
	return problem.New(problem.Invalid, "fact.contradiction", "the facts contradict each other: this %s", p.Message).At("%s", p.Field).Fix("correct one, or leave it out")
}
