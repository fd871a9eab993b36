package cli

import (
	"io"

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
holds, violated, or asks for a fact that is not stated. An unstated fact is
unknown, never false. A finding is advice to counsel; it decides nothing.`,
		Example: "  counterseal law assess facts.yaml\n  counterseal law assess facts.yaml --json | jq '.findings[].cite'",
		Args:    exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := readFile(args[0], 1<<20)
			if err != nil {
				return err
			}
			facts, err := law.ParseFactsYAML(args[0], text)
			if problem.Code(err) == "fact.contradiction" {
				p := problem.Of(err)
				return problem.New(problem.Invalid, "fact.contradiction", "the facts contradict each other: this %s", p.Message).At("%s", p.Field).Fix("correct one, or leave it out")
			}
			if err != nil {
				return err
			}
			packs, err := law.Embedded()
			if err != nil {
				return err
			}
			engine, err := law.NewEngine(packs...)
			if err != nil {
				return err
			}
			report := law.NewReport(engine.Assess(facts))
			if s.json {
				return report.JSON(s.Out)
			}
			return report.Text(io.Writer(s.Out))
		},
	}
	c.AddCommand(assess)
	return c
}
