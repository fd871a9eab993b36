package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/gate"
	"counterseal/internal/problem"
)

func (s *session) demandKeep() *cobra.Command {
	var as, until string
	var terms app.KeepTerms
	c := &cobra.Command{
		Use: "keep DEMAND --until DAY", Short: "Put before an approver that the gate keeps a copy of what is asked", Args: exactly(1),
		Long: `Drafts a grant by which the gate copies, in its own region, what the demand asks for and
is not kept yet: an answer to a request to preserve (18 USC 2703(f), EPOC-PR), or a
precaution while a demand is contested. Nothing leaves. One person approves it, who did
not draft it; then 'gate keep' makes the copy. It is encrypted to a key that only a
release grant opens which names the copy, and the key is destroyed at the end.

One grant keeps for 91 days at most. --longer moves the end of a copy, up to what the
charter allows from the day on which it was made (180 days where it says nothing).
The last day counts whole, by the clock of the provider's own zone.`,
		Example: "  counterseal demand keep k7wq-93 --until 2026-06-30 --as p-halvorsen\n  counterseal demand keep k7wq-93 --longer c-1f2e3d4c5b --until 2026-09-28 --as p-halvorsen",
		RunE: func(cmd *cobra.Command, args []string) error {
			if until == "" {
				return missingFlag("--until DAY")
			}
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				actor, err := s.actor(o, as, "grant.draft")
				if err != nil {
					return err
				}
				terms.Until, err = lastMoment("--until", until, o.Zone())
				if err != nil {
					return err
				}
				st, err := o.DraftKeeping(o.As(ctx, string(actor)), demand.ID(args[0]), actor, terms)
				if err != nil {
					return err
				}
				return s.answer(st, func(w io.Writer) {
					fmt.Fprintf(w, "✓ grant %s, to keep until %s, is before an approver until %s\n  read and approve it: counterseal approve %s --key KEY\n  then: counterseal gate keep %s --key KEY\n",
						st.Grant, s.told.End(st.Until).Text, s.told.End(st.Expires).Text, st.Grant, st.Grant)
				})
			})
		},
	}
	c.Flags().StringVar(&until, "until", "", "the last day on which it is kept, or a time with its offset (required)")
	c.Flags().StringVar(&terms.Longer, "longer", "", "keep this copy longer instead of making one; by the grant that made it")
	c.Flags().StringVar(&terms.Region, "region", "", "whose gate keeps it; left out: the first in which something is not kept yet")
	addActor(c, &as)
	return c
}

// lastMoment reads a day, whose end counts, or a time with its offset.
func lastMoment(flag, s string, zone *time.Location) (time.Time, error) {
	if day, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		return day.AddDate(0, 0, 1).UTC(), nil
	}
	return momentOf(flag, s, zone)
}

func (s *session) gateKeep() *cobra.Command {
	var key, as string
	var yes, progress bool
	c := &cobra.Command{
		Use:   "keep GRANT",
		Short: "Make the copy that a grant to keep asks for, or keep one longer",
		Long: `Asks every check that a release asks, then copies from the stores inside the gate's
region. Nothing leaves, and no command or page gives a copy out. With --key it first
says, signed, that the request still stands. Running it again returns what was recorded.`,
		Example: "  counterseal gate keep c-1f2e3d4c5b --key ~/.ssh/id_ed25519 --as p-okafor",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				err := s.standsFirst(ctx, o, args[0], as, key, yes)
				if err != nil {
					return err
				}
				if s.Terminal {
					s.say("Copying; every step waits for the journal (one leaf every %s) …", o.Config.Ledger.Tick)
				}
				stop := s.watch(ctx, o.Desk(), args[0], progress)
				out, err := o.Keep(ctx, args[0])
				stop()
				if err != nil {
					return err
				}
				return s.answer(out, func(w io.Writer) {
					fmt.Fprintf(w, "✓ kept %d items (%d bytes) until %s; %d could not be kept and are listed\n  a release takes from it with: counterseal demand grant DEMAND --copy %s\n",
						out.Items, out.Bytes, s.told.End(out.Until).Text, out.Withheld, out.Grant)
				})
			})
		},
	}
	addActor(c, &as)
	addSigner(c, &key, nil, &yes)
	addProgress(c, &progress)
	return c
}

func (s *session) gateCopies() *cobra.Command {
	var of string
	c := &cobra.Command{
		Use: "copies", Short: "Every copy that the gate keeps or has kept, and when it ends", Args: none,
		Long: `Lists copies by their end, with what they cover and which grants have drawn on them.
A copy whose end has come is opened by nothing; its key is destroyed as soon as the
journal has confirmed the time. --demand shows those that are kept for one demand.`,
		Example: "  counterseal gate copies --demand k7wq-93",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				all, err := o.Desk().Copies(ctx)
				if err != nil {
					return err
				}
				list := []gate.Copy{}
				for _, k := range all {
					if of == "" || k.Demand == of {
						list = append(list, k)
					}
				}
				return s.answer(map[string]any{"copies": list}, func(w io.Writer) {
					for _, k := range list {
						s.copyWords(w, k)
					}
					if len(list) == 0 {
						fmt.Fprintln(w, "No copy is kept.")
					}
				})
			})
		},
	}
	c.Flags().StringVar(&of, "demand", "", "those of one demand")
	return c
}

func (s *session) copyWords(w io.Writer, k gate.Copy) {
	fmt.Fprintf(w, "Copy %s of demand %s: %s\n  made          %s, in %s\n", k.Grant, k.Demand, k.State, s.told.At(k.Made).Text, k.Region)
	if k.State == gate.CopyEnded {
		fmt.Fprintf(w, "  destroyed     %s: %s\n", s.told.At(k.Ended).Text, k.Why)
	} else {
		fmt.Fprintf(w, "  ends          %s\n", s.told.End(k.Until).Text)
	}
	fmt.Fprintf(w, "  holds         %d items, %d bytes; %d could not be kept\n", k.Items, k.Bytes, k.Withheld)
	for _, g := range k.Opened {
		fmt.Fprintf(w, "  opened by     grant %s\n", g)
	}
	fmt.Fprintf(w, "  copy          %s\n", k.Copy)
}

// reachOfCopy is what a stop of a copy reaches, if nothing forbids to end it.
func (s *session) reachOfCopy(ctx context.Context, o *app.Office, name string) (string, error) {
	k, err := o.CopyNamed(ctx, name)
	if err != nil {
		return "", err
	}
	if k.State == gate.CopyEnded {
		return "", problem.New(problem.Refused, "gate.copy_ended", "this copy has ended; its key is destroyed")
	}
	return "copy " + k.Copy, o.EndCopyAllowed(ctx, k)
}
