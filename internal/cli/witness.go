package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
)

func (s *session) witnessCommand() *cobra.Command {
	c := group(&cobra.Command{
		Use:   "witness",
		Short: "Witness another provider's logs",
		Long: `A witness remembers the last head of a log that it has cosigned and cosigns another only
when that continues it, so that nobody can be shown another log. It speaks
c2sp.org/tlog-witness, needs nothing of the provider's but its logs' keys, and learns
nothing from them. Run one for somebody else, on a host that is not theirs.`,
	})
	c.AddCommand(s.witnessInit(), s.witnessRun())
	return c
}

func (s *session) witnessInit() *cobra.Command {
	var dir string
	var n app.WitnessFounding
	c := &cobra.Command{
		Use:   "init --name DOMAIN --log KEY",
		Short: "Make a witness's folder: a key, the logs that it follows, an empty memory",
		Long: `Makes the folder and prints the verifier key, which the provider writes under
[[ledger.witness]]. The logs' keys stand behind the word log in the provider's policies.
Never restore the folder, or copy it to another host: a witness that has forgotten what
it signed can be made to sign another history. Lost is ended; begin another.`,
		Example: `  counterseal witness init --dir /var/lib/witness --name witness.fjord.example \
    --log cloud.example/journal+… --log cloud.example/register+…
  counterseal witness init --dir /var/lib/witness --name witness.fjord.example --log cloud.example/journal+… \
    --listen tls://0.0.0.0:8703 --office-pin sha256:…`,
		Args: none,
		RunE: func(*cobra.Command, []string) error {
			if n.Name == "" || len(n.Logs) == 0 {
				return missingFlag("--name DOMAIN and --log KEY")
			}
			made, err := app.FoundWitness(dir, n)
			if err != nil {
				return err
			}
			return s.answer(made, func(w io.Writer) {
				fmt.Fprintf(w, "✓ %s\n  key  %s\n", dir, made.Key)
				if made.Pin != "" {
					fmt.Fprintf(w, "  pin  %s\n", made.Pin)
				}
				fmt.Fprintf(w, "  Give it to the provider. Then: counterseal witness run --dir %s\n", dir)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&dir, "dir", "witness", "the witness's folder")
	f.StringVar(&n.Name, "name", "", "a domain of yours, by which the key is known (required)")
	f.StringArrayVar(&n.Logs, "log", nil, "verifier key of a log to follow; may be given more than once (required)")
	f.StringVar(&n.Listen, "listen", "127.0.0.1:8703", "127.0.0.1:PORT or unix:PATH, with a server in front that ends TLS;\ntls://HOST:PORT for one office alone")
	f.StringVar(&n.OfficePin, "office-pin", "", "with tls://, what 'counterseal gate pin' prints at that office")
	return c
}

func (s *session) witnessRun() *cobra.Command {
	var dir, demoClock string
	c := &cobra.Command{
		Use:   "run",
		Short: "Cosign what continues what was cosigned before",
		Long: `Answers POST /add-checkpoint until Ctrl-C. Its clock goes into every cosignature, and gates
hold theirs against it: keep NTP running. With --log it says what it refuses; a log that
shows another history is a line at level ERROR, and worth telling everybody.`,
		Example: "  counterseal witness run --dir /var/lib/witness --log",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			start, err := parseTime("--demo-clock", demoClock)
			if err != nil {
				return err
			}
			return app.RunWitness(cmd.Context(), dir, app.NewClock(start), s.log(), func(address, key string) {
				_ = s.answer(map[string]string{"address": address, "key": key}, func(w io.Writer) { fmt.Fprintf(w, "The witness answers at %s\n  key  %s\n", address, key) })
			})
		},
	}
	c.Flags().StringVar(&dir, "dir", "witness", "the witness's folder")
	c.Flags().StringVar(&demoClock, "demo-clock", "", "for a demo only: begin at this time")
	return c
}

func (s *session) gateWitness() *cobra.Command {
	var dir, name string
	var logs []string
	c := &cobra.Command{
		Use:   "witness --name DOMAIN --log KEY",
		Short: "Make a gate that runs by itself a witness of the logs as well",
		Long: `Gives the gate a witness's key and memory and prints the key, which the office writes under
[[ledger.witness]] with gate = "ID". From its next start the gate cosigns what continues
both what it has cosigned and what its releases rested on. Its memory lies in the gate's
folder and is never restored; where it is gone, this witness has ended.`,
		Example: "  counterseal gate witness --dir /var/lib/counterseal-gate --name gate.fra.cloud.example --log cloud.example/journal+… --log cloud.example/register+…",
		Args:    none,
		RunE: func(*cobra.Command, []string) error {
			if name == "" || len(logs) == 0 {
				return missingFlag("--name DOMAIN and --log KEY")
			}
			key, err := app.GateFolder(dir).AddWitness(name, logs)
			if err != nil {
				return err
			}
			return s.answer(map[string]string{"key": key}, func(w io.Writer) { fmt.Fprintln(w, key) })
		},
	}
	f := c.Flags()
	f.StringVar(&dir, "dir", "gate", "the gate's folder")
	f.StringVar(&name, "name", "", "a domain by which the key is known (required)")
	f.StringArrayVar(&logs, "log", nil, "verifier key of a log to follow; may be given more than once (required)")
	return c
}
