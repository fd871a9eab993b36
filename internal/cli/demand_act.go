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
	use, short, long, example string
	flags                     func(*cobra.Command)
	do                        func(context.Context, *app.Office, demand.ID, []string) (demand.Command, error)
	args                      int // beside the demand
}

// demandActs makes the acts' commands. All share --as and --reason.
func (s *session) demandActs() []*cobra.Command {
	acts := []act{actAuthenticate(), actResolve(), actCheck(), actAnswer(), actDecide(), actSecrecy(), actStay(), actLift(), actOutcome(), actRevoke(),
		{use: "close DEMAND", short: "Close a demand of which nothing is left to do",
			long: `Closes a demand when every line is decided, everything that was to be given has left,
and no release is under way. A notice that is still owed to the customer is sent later
all the same.`,
			example: "  counterseal demand close k7wq-93 --as p-halvorsen",
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
		Use: a.use, Short: a.short, Long: a.long, Example: a.example, Args: exactly(1 + a.args),
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
		long: `Records that the instrument is what it says, or is not, and how that was found out. Call
back on a contact that was found independently (agencies.toml has it), never on the
letter's own: a mailbox proves nothing.`,
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

func actCheck() act {
	var target int
	return act{use: "check DEMAND --target N", short: "Agree, as a second person, with what an identifier stands for",
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

func actAnswer() act {
	return act{use: "answer DEMAND RULE --reason TEXT", short: "Go against a blocking finding; a second person does the same", args: 1,
		long: `A blocking finding that a rule is violated stops the demand. It can be gone against with
a reason, by two persons. Both answers stay in the history.`,
		example: "  counterseal demand answer k7wq-93 us.sca.warrant_dates --reason \"the annex states the dates\" --as p-okafor",
		do: func(_ context.Context, _ *app.Office, _ demand.ID, args []string) (demand.Command, error) {
			return demand.AnswerFinding{Rule: args[0]}, nil
		}}
}

func actDecide() act {
	var line int
	var comply bool
	var other string
	var part []string
	return act{use: "decide DEMAND --line N --comply", short: "Decide that a line is given, in full or in part, or not",
		long: `A line is one thing that is asked: an identifier, a service, a category, an interval. To
give all of it, --comply. To give less, in_part with the selector lines that may be
given. A decision to give less than all has a reason.`,
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
		long: `Silence has a source: an order, a statute, or a certification that a statute gives force.
Without one the customer is told at once, and nothing leaves before the waiting period
is over.`,
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
		long: `While a stay stands, nothing that it reaches is granted or released. It ends when a court
lifts it, or on the day that it states. To stop the gate at this moment, whatever the
docket does, use: counterseal stop`,
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
		long: `'demand stay' printed the number of the event that recorded the stay. A stop that a
person sent to the gate is not lifted by this; a later grant names it.`,
		example: "  counterseal demand lift k7wq-93 --stay 9 --reason \"vacated on 4 August 2014\" --as p-okafor",
		flags: func(c *cobra.Command) {
			c.Flags().IntVar(&event, "stay", 0, "number of the event that recorded the stay")
		},
		do: func(context.Context, *app.Office, demand.ID, []string) (demand.Command, error) {
			return demand.LiftStay{Stay: demand.Seq(max(event, 0))}, nil
		}}
}

func actOutcome() act {
	var released, nothing bool
	return act{use: "outcome DEMAND GRANT --released|--nothing", short: "Record how an interrupted release ended", args: 1,
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

func actRevoke() act {
	return act{use: "revoke DEMAND GRANT --reason TEXT", short: "Take a grant back before it is released", args: 1,
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
		return t, problem.New(problem.Invalid, "cli.time", "this is not a time").At("%s %s", flag, s).Fix("write 2014-06-07T04:00:00Z")
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
	var how grantFlags
	c := &cobra.Command{
		Use: "grant DEMAND", Short: "Put what may be collected before the approvers, at the gate", Args: exactly(1),
		Long: `Drafts one grant for everything that was decided to be given and has not been
released, waits until the decisions are in the journal, and offers it to the gate.
Who drafts a grant cannot approve it. It lives a day at most, so draft it when the
customer's waiting period is over.

Where no store is connected, --by-hand sends an export that was brought with 'gate
collect'. In danger to life, --emergency rests on a call recorded with 'gate called';
who called does not approve.`,
		Example: "  counterseal demand grant k7wq-93 --as p-halvorsen\n  counterseal demand grant k7wq-93 --by-hand --production supplement --as p-halvorsen",
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
	how.add(c)
	addActor(c, &as)
	return c
}
