package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// demandStep is one command on one demand that the catalogue of acts does not have: what
// to do, given the office and its state.
type demandStep struct {
	use, short, long, example string
	act                       string // its name in the policy
	flags                     func(*cobra.Command)
	do                        func(context.Context, *app.Office, demand.ID, []string) (demand.Command, error)
	args                      int // beside the demand
}

// demandSteps makes the steps' commands. All share --as and --reason.
func (s *session) demandSteps() []*cobra.Command {
	acts := []demandStep{stepFacts(), stepResolve(), stepCheck(), stepAnswer(), stepSecrecy(), stepOutcome(), stepRevoke()}
	out := []*cobra.Command{s.demandAssess(), s.demandGrant(), s.demandKeep(), s.demandPreview()}
	for _, a := range acts {
		out = append(out, s.stepCommand(a))
	}
	return out
}

func (s *session) stepCommand(a demandStep) *cobra.Command {
	var as, reason string
	c := &cobra.Command{
		Use: a.use, Short: a.short, Long: a.long, Example: a.example, Args: exactly(1 + a.args),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				actor, err := s.actor(o, as, a.act)
				if err != nil {
					return err
				}
				ctx, id := o.As(ctx, string(actor)), demand.ID(args[0])
				command, err := a.do(ctx, o, id, args[1:])
				if err != nil {
					return err
				}
				r, err := o.Act(ctx, id, actor, reason, command)
				if err != nil {
					return err
				}
				return s.answerResult(id, false, r)
			})
		},
	}
	addActor(c, &as)
	c.Flags().StringVar(&reason, "reason", "", "why; kept with the event")
	if a.flags != nil {
		a.flags(c)
	}
	return c
}

func addActor(c *cobra.Command, as *string) {
	c.Flags().StringVar(as, "as", "", "who acts (or set COUNTERSEAL_AS)")
}

func stepResolve() demandStep {
	var target int
	var accounts []string
	var propose, none bool
	return demandStep{act: "identifier.resolve", use: "resolve DEMAND --target N", short: "Say which accounts an identifier stands for",
		long: `Records which accounts an identifier of the instrument stood for during the interval.
--propose takes what estate.toml says if that is exactly one account. None and several
are for a person to say: an address may have had two holders, and a name alone is no
identifier. A second person checks it.`,
		example: "  counterseal demand resolve k7wq-93 --target 1 --account ac-hartwell\n  counterseal demand resolve k7wq-93 --target 1 --propose   # take what the estate says",
		flags: func(c *cobra.Command) {
			c.Flags().IntVar(&target, "target", 1, "which target")
			c.Flags().StringArrayVar(&accounts, "account", nil, "an account that it stands for; may be given more than once")
			c.Flags().BoolVar(&propose, "propose", false, "take what the estate says for the interval of the lines")
			c.Flags().BoolVar(&none, "none", false, "it stands for no account")
			c.MarkFlagsMutuallyExclusive("account", "propose", "none")
		},
		do: func(ctx context.Context, o *app.Office, id demand.ID, _ []string) (demand.Command, error) {
			r := demand.Resolve{Target: target}
			switch {
			case propose:
				found, err := o.Propose(ctx, id, target)
				if err != nil {
					return nil, err
				}
				r.Accounts = found
			case len(accounts) > 0:
				for _, a := range accounts {
					r.Accounts = append(r.Accounts, scope.AccountID(a))
				}
			case !none:
				return nil, missingFlag("--account, --propose or --none")
			}
			return r, nil
		}}
}

func stepCheck() demandStep {
	var target int
	return demandStep{act: "identifier.check", use: "check DEMAND --target N", short: "Agree, as a second person, with what an identifier stands for",
		long: `Records that a second person looked the identifier up and came to the same accounts. Who
resolved a target cannot check it.`,
		example: "  counterseal demand check k7wq-93 --target 1 --as p-brandt",
		flags:   func(c *cobra.Command) { c.Flags().IntVar(&target, "target", 1, "which target") },
		do: func(ctx context.Context, o *app.Office, id demand.ID, _ []string) (demand.Command, error) {
			c, err := o.Docket.State(ctx, id)
			if err != nil {
				return nil, err
			}
			for _, t := range c.State.Targets {
				if t.No == target {
					return demand.Check{Target: target, Resolution: t.Resolved}, nil
				}
			}
			return demand.Check{Target: target}, nil
		}}
}

func stepAnswer() demandStep {
	return demandStep{act: "finding.answer", use: "answer DEMAND RULE --reason TEXT", short: "Go against a blocking finding; a second person does the same", args: 1,
		long: `A blocking finding that a rule is violated stops the demand. It can be gone against with
a reason, by two persons. Both answers stay in the history.`,
		example: "  counterseal demand answer k7wq-93 us.sca.warrant_dates --reason \"the annex states the dates\" --as p-okafor",
		do: func(_ context.Context, _ *app.Office, _ demand.ID, args []string) (demand.Command, error) {
			return demand.AnswerFinding{Rule: args[0]}, nil
		}}
}

func stepSecrecy() demandStep {
	var none bool
	return demandStep{act: "secrecy.none", use: "secrecy DEMAND --none", short: "State that no duty of secrecy is known, so that the customer may be told",
		long: `Without a duty the customer is told at once, and nothing leaves before the waiting period
is over. A duty rests on an order, a statute, or a certification that a statute gives
force, and is recorded as such: counterseal secrecy open --help`,
		example: "  counterseal demand secrecy k7wq-93 --none",
		flags: func(c *cobra.Command) {
			c.Flags().BoolVar(&none, "none", false, "no duty of secrecy is known (required)")
		},
		do: func(context.Context, *app.Office, demand.ID, []string) (demand.Command, error) {
			if !none {
				return nil, missingFlag("--none, or record a duty: counterseal secrecy open")
			}
			return demand.StateSecrecy{None: true}, nil
		}}
}

func stepOutcome() demandStep {
	var released, nothing bool
	return demandStep{act: "release.outcome", use: "outcome DEMAND GRANT --released|--nothing", short: "Record how an interrupted release ended", args: 1,
		long: `When a release breaks off after the gate was permitted to go on, it is not known whether
the package left. It is never sent again by itself: a person finds out with the
recipient and records it.`,
		example: "  counterseal demand outcome k7wq-93 g-1f2e3d4c5b --nothing --reason \"the officer has nothing\" --as p-okafor",
		flags: func(c *cobra.Command) {
			c.Flags().BoolVar(&released, "released", false, "the recipient has the package")
			c.Flags().BoolVar(&nothing, "nothing", false, "nothing left")
			c.MarkFlagsMutuallyExclusive("released", "nothing")
		},
		do: func(_ context.Context, _ *app.Office, _ demand.ID, args []string) (demand.Command, error) {
			if released == nothing {
				return nil, missingFlag("--released or --nothing")
			}
			outcome := demand.Nothing
			if released {
				outcome = demand.Released
			}
			return demand.EndRelease{Grant: args[0], Outcome: outcome}, nil
		}}
}

func stepRevoke() demandStep {
	return demandStep{act: "grant.revoke", use: "revoke DEMAND GRANT --reason TEXT", short: "Take a grant back before it is released", args: 1,
		long: `The docket permits no release of a grant that was taken back. To halt the gate itself,
at once, use: counterseal stop`,
		example: "  counterseal demand revoke k7wq-93 g-1f2e3d4c5b --reason \"the agency withdrew\" --as p-halvorsen",
		do: func(_ context.Context, _ *app.Office, _ demand.ID, args []string) (demand.Command, error) {
			return demand.RevokeGrant{Grant: args[0]}, nil
		}}
}

func parseTime(flag, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, problem.New(problem.Invalid, "cli.time", "this is not a time").At("%s %s", flag, s).Fix("write 2014-06-07T04:00:00Z, with the hour and its offset")
	}
	return t.UTC(), nil
}

func (s *session) demandAssess() *cobra.Command {
	var as string
	c := &cobra.Command{
		Use: "assess DEMAND", Short: "Ask the rule packs and record what they find", Args: exactly(1),
		Long: `Asks every rule about the facts that the form stated, and records the findings. A rule
holds, is violated, or needs to know a fact that nobody stated. Findings propose;
counsel decides.`,
		Example: "  counterseal demand assess k7wq-93 --as p-halvorsen",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				actor, err := s.actor(o, as, "demand.assess")
				if err != nil {
					return err
				}
				found, err := o.Assess(o.As(ctx, string(actor)), demand.ID(args[0]), actor)
				if err != nil {
					return err
				}
				return s.answer(map[string]any{"findings": plain(found)}, func(w io.Writer) { findingWords(w, found) })
			})
		},
	}
	addActor(c, &as)
	return c
}

func findingWords(w io.Writer, found []demand.Finding) {
	for _, f := range found {
		fmt.Fprintf(w, "%-8s %-11s %-34s %s\n", f.Outcome, f.Severity, f.Rule, f.Cite)
		if len(f.Missing) > 0 {
			fmt.Fprintf(w, "%-20s needs to know: %s\n", "", strings.Join(f.Missing, ", "))
		}
	}
	if len(found) == 0 {
		fmt.Fprintln(w, "No rule applies.")
	}
}

func (s *session) demandGrant() *cobra.Command {
	var as string
	var how grantFlags
	c := &cobra.Command{
		Use: "grant DEMAND", Short: "Put what may be collected before the approvers, at the gate", Args: exactly(1),
		Long: `Drafts one grant for everything that was decided to be given and has not been
released, waits until the decisions are in the journal, and offers it to the gate.
Who drafts a grant cannot approve it. It lives a day at most, so draft it when the
customer's waiting period is over.

Where no store is connected, --by-hand sends an export that was brought with 'gate
collect'. In danger to life, --emergency rests on a call recorded with 'gate called';
who called does not approve. --copy takes from a copy that the gate keeps, and not from
the stores: what the customer has deleted since is in it.`,
		Example: "  counterseal demand grant k7wq-93 --as p-halvorsen\n  counterseal demand grant k7wq-93 --by-hand --production supplement --as p-halvorsen",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				actor, err := s.actor(o, as, "grant.draft")
				if err != nil {
					return err
				}
				ctx = o.As(ctx, string(actor))
				wait, cancel := context.WithTimeout(ctx, patience)
				defer cancel()
				if s.Terminal {
					s.say("Waiting for the journal (one leaf every %s) …", o.Config.Ledger.Tick)
				}
				if err := o.AwaitJournaled(wait, demand.ID(args[0]), how.emergency); err != nil {
					return err
				}
				terms, err := how.terms(ctx, o, demand.ID(args[0]))
				if err != nil {
					return err
				}
				st, err := o.DraftOn(ctx, demand.ID(args[0]), actor, terms)
				if err != nil {
					return err
				}
				c, err := o.Docket.State(ctx, demand.ID(args[0]))
				if err != nil {
					return err
				}
				return s.answer(st, func(w io.Writer) {
					fmt.Fprintf(w, "✓ grant %s is before the approvers until %s\n  read and approve it: counterseal approve %s --key KEY\n", st.Grant, s.told.End(st.Expires).Text, st.Grant)
					for _, o := range s.blocked(demand.MayRelease(c.State, st.Grant, c.Env)) {
						if o.Until != nil && o.Until.After(st.Expires) {
							fmt.Fprintf(w, "  in vain       it ends before this does: %s\n", o.Says)
						}
					}
				})
			})
		},
	}
	how.add(c)
	addActor(c, &as)
	return c
}
