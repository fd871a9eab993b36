package cli

import (
	"io"
	"slices"

	"github.com/spf13/cobra"

	"counterseal/internal/law"
	"counterseal/internal/problem"
)

func (s *session) lawCommand() *cobra.Command {
	c := group(&cobra.Command{
		Use:   "law",
		Short: "Ask the rule packs",
		Long: `Rule packs are data that a lawyer can read: each rule has its citation, the days on
which it is in force, when it applies and what it requires. They propose; counsel
decides.`,
	})
	assess := &cobra.Command{
		Use:   "assess FACTS.yaml",
		Short: "Say what the rules find in a statement of facts",
		Long: `Reads the facts of a demand (see docs/facts.md) and prints what each rule finds:
holds, violated, or asks for a fact that is not stated. Beside them stand the dates
that follow from the facts, with the arithmetic. An unstated fact is unknown, never
false. A finding is advice to counsel; it decides nothing.`,
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
			engine, err := lawEngine()
			if err != nil {
				return err
			}
			report := law.NewReport(engine.Assess(facts), engine.Deadlines(facts))
			if s.json {
				return report.JSON(s.Out)
			}
			return report.Text(io.Writer(s.Out))
		},
	}
	c.AddCommand(assess, s.lawReachCommand())
	return c
}

func (s *session) lawReachCommand() *cobra.Command {
	lang := "en"
	reach := &cobra.Command{
		Use:   "reach FACTS.yaml",
		Short: "Say whose law reaches the data, and by which channel",
		Long: `Reads facts and, under the keys entities and storage, which companies there are, what
each can open and where the data lie. It prints who may demand the data and by what
paper, what stands against a demand, and the channel by which others must come. With
issuing_country it is about that state's demand; without, about everyone's: what a
customer may ask. A law that is not in the packs is not in the answer.`,
		Example: "  counterseal law reach facts.yaml\n  counterseal law reach facts.yaml --lang da\n  counterseal law reach facts.yaml --json | jq '.reach[].rule'",
		Args:    exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
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
			return s.answer(map[string]any{"reach": results}, func(w io.Writer) { _ = law.WriteReach(w, results, lang) })
		},
	}
	reach.Flags().StringVar(&lang, "lang", lang, "language of the sentences: en, de, da or it")
	return reach
}

// lawEngine compiles the packs that come with the program.
func lawEngine() (*law.Engine, error) {
	packs, err := law.Embedded()
	if err != nil {
		return nil, err
	}
	return law.NewEngine(packs...)
}

// contradiction says in a sentence of its own that facts cannot all be true.
func contradiction(err error) error {
	if problem.Code(err) != "fact.contradiction" {
		return err
	}
	p := problem.Of(err)
	return problem.New(problem.Invalid, "fact.contradiction", "the facts contradict each other: this %s", p.Message).At("%s", p.Field).Fix("correct one, or leave it out")
}
