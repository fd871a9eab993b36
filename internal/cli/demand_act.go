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

// act is one command on one demand: what to do, given the office and its state.
type act struct {
	use, short, example string
	flags               func(*cobra.Command)
	do                  func(context.Context, *app.Office, demand.ID, []string) (demand.Command, error)
	args                int // beside the demand
}

// demandActs makes the acts' commands. All share --as and --reason.
func (s *session) demandActs() []*cobra.Command {
	acts := []act{actAuthenticate(), actResolve(), actCheck(), actAnswer(), actDecide(), actSecrecy(), actStay(), actLift(), actOutcome(), actRevoke(),
		{use: "close DEMAND", short: "Close a demand of which nothing is left to do",
			do: func(context.Context, *app.Office, demand.ID, []string) (demand.Command, error) {
				return demand.Close{}, nil
			}}}
	out := []*cobra.Command{s.demandAssess(), s.demandGrant()}
	for _, a := range acts {
		out = append(out, s.actCommand(a))
	}
	return out
}

func (s *session) actCommand(a act) *cobra.Command {
	var as, reason string
	c := &cobra.Command{
		Use: a.use, Short: a.short, Example: a.example, Args: exactly(1 + a.args),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				actor, seats, err := s.actor(o, as)
				if err != nil {
					return err
				}
				id := demand.ID(args[0])
				command, err := a.do(ctx, o, id, args[1:])
				if err != nil {
					return err
				}
				r, err := o.Act(ctx, id, actor, seats, reason, command)
				if err != nil {
					return err
				}
				return s.answer(map[string]any{"demand": id, "first_event": r.First, "last_event": r.Last}, func(w io.Writer) {
					if len(r.Events) == 0 {
						fmt.Fprintln(w, "Nothing to record: it was so already.")
					}
					for _, e := range r.Events {
						fmt.Fprintf(w, "✓ recorded as event %d: %s\n", e.Seq, demand.KindOf(e.Event))
					}
				})
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

func actAuthenticate() act {
	var genuine, forged bool
	var how string
	return act{use: "authenticate DEMAND --genuine --how TEXT", short: "Record how the instrument was checked",
		example: `  counterseal demand authenticate k7wq-93 --genuine --how "called back on the number in the court's directory; clerk confirmed No. 13-mj-0417"`,
		flags: func(c *cobra.Command) {
			c.Flags().BoolVar(&genuine, "genuine", false, "it is what it says")
			c.Flags().BoolVar(&forged, "forged", false, "it is not")
			c.Flags().StringVar(&how, "how", "", "how it was checked, and with whom")
			c.MarkFlagsMutuallyExclusive("genuine", "forged")
		},
		do: func(context.Context, *app.Office, demand.ID, []string) (demand.Command, error) {
			if genuine == forged {
				return nil, missingFlag("--genuine or --forged")
			}
			return demand.Authenticate{Genuine: genuine, How: how}, nil
		}}
}

func actResolve() act {
	var target int
	var accounts []string
	var propose, none bool
	return act{use: "resolve DEMAND --target N", short: "Say which accounts an identifier stands for",
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

func actCheck() act {
	var target int
	return act{use: "check DEMAND --target N", short: "Agree, as a second person, with what an identifier stands for",
		flags: func(c *cobra.Command) { c.Flags().IntVar(&target, "target", 1, "which target") },
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

func actAnswer() act {
	return act{use: "answer DEMAND RULE --reason TEXT", short: "Go against a blocking finding; a second person does the same", args: 1,
		do: func(_ context.Context, _ *app.Office, _ demand.ID, args []string) (demand.Command, error) {
			return demand.AnswerFinding{Rule: args[0]}, nil
		}}
}

func actDecide() act {
	var line int
	var comply bool
	var other string
	var part []string
	return act{use: "decide DEMAND --line N --comply", short: "Decide a line",
		example: "  counterseal demand decide k7wq-93 --line 1 --comply\n  counterseal demand decide k7wq-93 --line 2 --as-decision reject --reason \"content needs a warrant\"",
		flags: func(c *cobra.Command) {
			c.Flags().IntVar(&line, "line", 1, "which line")
			c.Flags().BoolVar(&comply, "comply", false, "give all that the line asks")
			c.Flags().StringVar(&other, "as-decision", "", "in_part, no_records, reject, redirect or withdrawn")
			c.Flags().StringArrayVar(&part, "part", nil, "with in_part: a selector line that may be given (see docs/formats.md); may be given more than once")
			c.MarkFlagsMutuallyExclusive("comply", "as-decision")
		},
		do: func(context.Context, *app.Office, demand.ID, []string) (demand.Command, error) {
			d := demand.DecideLine{Line: line, Decision: demand.Comply}
			if !comply {
				d.Decision = demand.Decision(other)
			}
			if d.Decision == demand.Undecided {
				return nil, missingFlag("--comply or --as-decision")
			}
			if len(part) == 0 {
				return d, nil
			}
			var err error
			d.Part, err = scope.ParseLines(part)
			return d, err
		}}
}

func actSecrecy() act {
	var none bool
	var source, until string
	return act{use: "secrecy DEMAND --none", short: "State whether, and until when, the customer may not be told",
		example: "  counterseal demand secrecy k7wq-93 --none\n  counterseal demand secrecy k7wq-93 --source order --until 2014-06-07T04:00:00Z",
		flags: func(c *cobra.Command) {
			c.Flags().BoolVar(&none, "none", false, "no duty of secrecy")
			c.Flags().StringVar(&source, "source", "", "order, statute or certification")
			c.Flags().StringVar(&until, "until", "", "its end (RFC 3339); without one it has none")
			c.MarkFlagsMutuallyExclusive("none", "source")
		},
		do: func(context.Context, *app.Office, demand.ID, []string) (demand.Command, error) {
			end, err := parseTime("--until", until)
			return demand.StateSecrecy{None: none, Source: source, Until: end}, err
		}}
}

func actStay() act {
	var source, until string
	var reach []string
	return act{use: "stay DEMAND --source TEXT", short: "Record a court's stay",
		example: `  counterseal demand stay k7wq-93 --source "S.D.N.Y., order of 31 July 2014, pending appeal"`,
		flags: func(c *cobra.Command) {
			c.Flags().StringVar(&source, "source", "", "the court and its order")
			c.Flags().StringVar(&until, "until", "", "its end (RFC 3339), if it has one")
			c.Flags().StringArrayVar(&reach, "reach", nil, "a selector line that it stops; without any, all that was decided to be given")
		},
		do: func(ctx context.Context, o *app.Office, id demand.ID, _ []string) (demand.Command, error) {
			end, err := parseTime("--until", until)
			if err != nil {
				return nil, err
			}
			st := demand.RecordStay{Source: source, Until: end}
			if len(reach) > 0 {
				st.Reach, err = scope.ParseLines(reach)
				return st, err
			}
			c, err := o.Docket.State(ctx, id)
			if err != nil {
				return nil, err
			}
			st.Reach, _ = c.State.Compelled()
			return st, nil
		}}
}

func actLift() act {
	var event int
	return act{use: "lift DEMAND --stay EVENT --reason TEXT", short: "Record that a court lifted its stay",
		flags: func(c *cobra.Command) {
			c.Flags().IntVar(&event, "stay", 0, "number of the event that recorded the stay")
		},
		do: func(context.Context, *app.Office, demand.ID, []string) (demand.Command, error) {
			return demand.LiftStay{Stay: demand.Seq(max(event, 0))}, nil
		}}
}

func actOutcome() act {
	var released, nothing bool
	return act{use: "outcome DEMAND GRANT", short: "Record how an interrupted release ended", args: 1,
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

func actRevoke() act {
	return act{use: "revoke DEMAND GRANT --reason TEXT", short: "Take a grant back before it is released", args: 1,
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
		return t, problem.New(problem.Invalid, "cli.time", "this is not a time").At("%s %s", flag, s).Fix("write 2014-06-07T04:00:00Z")
	}
	return t.UTC(), nil
}

func (s *session) demandAssess() *cobra.Command {
	var as string
	c := &cobra.Command{
		Use: "assess DEMAND", Short: "Ask the rule packs and record what they find", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				actor, _, err := s.actor(o, as)
				if err != nil {
					return err
				}
				found, err := o.Assess(ctx, demand.ID(args[0]), actor)
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
	c := &cobra.Command{
		Use: "grant DEMAND", Short: "Put what may be collected before the approvers, at the gate", Args: exactly(1),
		Long: `Drafts one grant for everything that was decided to be given and has not been
released, waits until the decisions are in the journal, and offers it to the gate.
Who drafts a grant cannot approve it. Approve with: counterseal approve GRANT`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				actor, _, err := s.actor(o, as)
				if err != nil {
					return err
				}
				wait, cancel := context.WithTimeout(ctx, patience)
				defer cancel()
				if s.Terminal {
					s.say("Waiting for the journal (one leaf every %s) …", o.Config.Ledger.Tick)
				}
				if err := o.AwaitJournaled(wait, demand.ID(args[0])); err != nil {
					return err
				}
				st, err := o.Draft(ctx, demand.ID(args[0]), actor)
				if err != nil {
					return err
				}
				c, err := o.Docket.State(ctx, demand.ID(args[0]))
				if err != nil {
					return err
				}
				return s.answer(st, func(w io.Writer) {
					fmt.Fprintf(w, "✓ grant %s is before the approvers until %s\n  read and approve it: counterseal approve %s --key KEY\n", st.Grant, st.Expires.UTC().Format(time.RFC3339), st.Grant)
					for _, o := range blocked(demand.MayRelease(c.State, st.Grant, c.Env)) {
						if o.Until != nil && o.Until.After(st.Expires) {
							fmt.Fprintf(w, "  in vain       it ends before this does: %s\n", o.Says)
						}
					}
				})
			})
		},
	}
	addActor(c, &as)
	return c
}
