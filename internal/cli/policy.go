package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"counterseal/internal/policy"
	"counterseal/internal/problem"
)

// rules are those that the program carries. They can be read: a test of package
// policy sees to it, and where they could not, nobody would be permitted anything.
func (s *session) rules() *policy.Policy {
	p, err := policy.Office()
	if err != nil {
		return &policy.Policy{}
	}
	return p
}

func (s *session) policyCommand() *cobra.Command {
	c := group(&cobra.Command{
		Use:   "policy",
		Short: "See who of the staff may do what",
		Long: `Every page and every act of the staff is asked of one set of rules, which the program
carries: what no rule permits is denied, and what a rule forbids is denied whatever else
permits it. Grants are another matter: the gate asks for people's own keys.`,
	})
	c.AddCommand(s.policyShow(), s.policyAsk())
	return c
}

func (s *session) policyShow() *cobra.Command {
	var cedar bool
	c := &cobra.Command{
		Use:   "show",
		Short: "Print the rules",
		Long: `Prints the file of the rules as the program carries it. With --cedar it prints the same
rules in the Cedar policy language, for tools that examine it.`,
		Example: "  counterseal policy show\n  counterseal policy show --cedar > office.cedar\n  counterseal policy show --json | jq -r '.rules[] | select(.effect == \"forbid\").says'",
		Args:    none,
		RunE: func(*cobra.Command, []string) error {
			p, err := policy.Office()
			if err != nil {
				return err
			}
			text := policy.Text()
			if cedar {
				text = p.Cedar()
			}
			return s.answer(map[string]any{"rules": p.Rules(), "text": text}, func(w io.Writer) { fmt.Fprint(w, text) })
		},
	}
	c.Flags().BoolVar(&cedar, "cedar", false, "in the Cedar policy language")
	return c
}

func (s *session) policyAsk() *cobra.Command {
	var q policy.Question
	c := &cobra.Command{
		Use:   "ask ACTION",
		Short: "Say whether seats are permitted an action, and by which rule",
		Long: `Answers as the pages and the command line do. An action is an act such as line.decide,
or a route of the pages such as "GET /queue".`,
		Example: "  counterseal policy ask line.decide --seat counsel\n  counterseal policy ask stream.read --seat counsel --sealed\n  counterseal policy ask \"GET /import\" --seat reviewer",
		Args:    exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := policy.Office()
			if err != nil {
				return err
			}
			q.Action = args[0]
			q.Resource.Sealed = q.Resource.Sealed || q.Resource.Member
			d := p.Decide(q)
			seats, anybody := p.Seats(q.Action)
			if len(seats) == 0 && !anybody {
				return problem.New(problem.Missing, "policy.action", "no rule permits this to anybody, so it is denied").At("%.60q", q.Action).Fix("counterseal policy show lists the actions")
			}
			return s.answer(map[string]any{"action": q.Action, "allowed": d.Allowed(), "permits": rulesOf(d.Permits), "forbids": rulesOf(d.Forbids), "seats": seats}, func(w io.Writer) {
				switch {
				case d.Allowed():
					fmt.Fprintf(w, "✓ permitted by the rule %s\n", strings.Join(d.Permits, ", "))
				case len(d.Forbids) > 0:
					fmt.Fprintf(w, "✗ forbidden by the rule %s\n", strings.Join(d.Forbids, ", "))
				default:
					fmt.Fprintf(w, "✗ denied: it is permitted to %s\n", orList(seats))
				}
			})
		},
	}
	c.Flags().StringSliceVar(&q.Seats, "seat", nil, "of whoever asks: reviewer, counsel or privacy; may be given more than once")
	c.Flags().BoolVar(&q.Resource.Sealed, "sealed", false, "it lies in a sealed case of which they are no member")
	c.Flags().BoolVar(&q.Resource.Member, "member", false, "it lies in a sealed case of which they are a member")
	c.Flags().BoolVar(&q.Resource.Closed, "closed", false, "it is a demand that is closed")
	return c
}

func rulesOf(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}
