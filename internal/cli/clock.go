package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/signature"
)

func (s *session) clockCommand() *cobra.Command {
	c := group(&cobra.Command{
		Use:   "clock",
		Short: "Say, signed by a quorum, that the clock is right after it jumped",
		Long: `When the office's clock goes back, runs far ahead, or the office stood still for more
than a week, everything that depends on time waits. Set the clock right; if it is
right, a quorum says so:

  counterseal clock text --reason "server was moved" > clock.txt
  ssh-keygen -Y sign -n counterseal-clock-v1 -f KEY clock.txt      each person, into a file of their own
  counterseal clock trust clock.txt --signature A.sig --signature B.sig`,
	})
	c.AddCommand(s.clockText(), s.clockTrust())
	return c
}

func (s *session) clockText() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use: "text --reason TEXT", Short: "Print the text that a quorum signs", Args: none,
		Example: "  counterseal clock text --reason \"the server was moved\" > clock.txt",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.withOffice(cmd.Context(), func(_ context.Context, o *app.Office) error {
				text, err := o.ClockText(reason)
				if err != nil {
					return err
				}
				return s.answer(map[string]string{"text": string(text)}, func(w io.Writer) { fmt.Fprintf(w, "%s", text) })
			})
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why the clock jumped (required)")
	return c
}

func (s *session) clockTrust() *cobra.Command {
	var signatures, keys []string
	c := &cobra.Command{
		Use: "trust TEXT", Short: "Take the clock for right, on the quorum's signatures", Args: exactly(1),
		Example: "  counterseal clock trust clock.txt --signature A.sig --signature B.sig",
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := readFile(args[0], 1<<16)
			if err != nil {
				return err
			}
			signed, err := s.signaturesOver(text, signature.Clock, signatures, keys)
			if err != nil {
				return err
			}
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				if err := o.TrustClock(ctx, text, signed); err != nil {
					return err
				}
				return s.answer(map[string]bool{"trusted": true}, func(w io.Writer) { fmt.Fprintln(w, "✓ the clock is taken for right") })
			})
		},
	}
	c.Flags().StringArrayVar(&signatures, "signature", nil, "a person's signature; once for each")
	c.Flags().StringArrayVar(&keys, "key", nil, "or a person's private key, to sign here")
	return c
}

// signaturesOver reads signatures from files and makes those of the keys.
func (s *session) signaturesOver(text []byte, ns signature.Namespace, files, keys []string) ([][]byte, error) {
	var out [][]byte
	for _, file := range files {
		b, err := readFile(file, signature.MaxArmor)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	for _, file := range keys {
		key, err := readKey(file)
		if err != nil {
			return nil, err
		}
		b, err := signature.Sign(key, ns, text)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}
