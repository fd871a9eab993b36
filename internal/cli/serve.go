package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"counterseal/internal/access"
	"counterseal/internal/app"
)

func (s *session) serveCommand() *cobra.Command {
	var address string
	var as []string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the office: pages, logs, clerk and, unless it runs by itself, the gate",
		Long: `Serves the staff pages and the public page on loopback, writes the logs, does what
falls due, and runs the gate inside where no other address is configured. It prints a
link for each person named with --as, which lets them in once. Other commands work
beside it. Stop it with Ctrl-C. Where counterseal.toml names a page under [sign_in], staff
sign in there with passkeys; TLS ends in front of it, on this machine.`,
		Example: "  counterseal serve --data ./office --as p-halvorsen --as p-okafor",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.serve(cmd.Context(), address, as...)
		},
	}
	c.Flags().StringVar(&address, "listen", "127.0.0.1:8780", "loopback address of the pages")
	c.Flags().StringArrayVar(&as, "as", nil, "a person on the charter's roster whom a link lets in, once; may be given more than once.\nWithout it the link lets somebody in who can read and not act (or set COUNTERSEAL_AS)")
	return c
}

// serve runs the house until ctx ends.
func (s *session) serve(ctx context.Context, address string, as ...string) error {
	o, err := app.Open(ctx, app.Folder(s.data), s.officeOptions())
	if err != nil {
		return err
	}
	defer o.Close()
	h := app.NewHouse(o)
	if env := os.Getenv("COUNTERSEAL_AS"); len(as) == 0 {
		as = []string{env}
	}
	tokens := make([]string, len(as))
	for i, person := range as {
		tokens[i], err = h.Admit(person)
		if err != nil {
			return err
		}
	}
	return h.Serve(ctx, address, func(base string) {
		links := map[string]string{}
		for i, person := range as {
			links[person] = access.EnterURL(base, tokens[i])
		}
		answer := map[string]any{"public": base + "/", "staff_once": access.EnterURL(base, tokens[0]), "links": links}
		page := o.Config.SignIn.Page
		if page != "" {
			answer["sign_in"] = page + "/enter"
		}
		_ = s.answer(answer, func(w io.Writer) {
			fmt.Fprintf(w, "Public page   %s/\n", base)
			if page != "" {
				fmt.Fprintf(w, "Sign in       %s/enter\n", page)
			}
			for i, person := range as {
				fmt.Fprintf(w, "Staff, once   %s%s\n", access.EnterURL(base, tokens[i]), linkFor(person))
			}
		})
		s.say("Serving %s on loopback. Stop with Ctrl-C. `counterseal doctor` says which promises hold here.", o.Config.Provider)
	})
}

// linkFor says whom a link lets in.
func linkFor(person string) string {
	if person == "" {
		return "  (to read; name a person with --as to act)"
	}
	return "  (" + person + ")"
}

func (s *session) gateFound() *cobra.Command {
	var dir, id, uplink, listen, token, mailRoot, mailFile, header string
	c := &cobra.Command{
		Use:   "found",
		Short: "Make the folder of a gate that runs by itself, under its own user",
		Long: `Makes the gate's key and configuration in a folder of its own. Hand its gate.pub to
'counterseal gate init --gate-key'; the office's counterseal.toml names the socket
under [gate] address. docs/operations.md shows both users and the rights of each.`,
		Example: `  counterseal gate found --dir /var/lib/counterseal-gate --id gate-1 --token /etc/counterseal/uplink \
    --uplink unix:/run/counterseal/uplink.sock --listen unix:/run/counterseal/gate.sock --mail-root /srv/mail`,
		Args: none,
		RunE: func(*cobra.Command, []string) error {
			t, err := readFile(token, 1<<12)
			if err != nil {
				return err
			}
			config := fmt.Sprintf("id = %q\nlisten = %q\nuplink = %q\n", id, listen, uplink)
			if mailRoot != "" {
				config += fmt.Sprintf("\n[[mail]]\nroot = %q\nfile = %q\nheader = %q\nquote = \"mboxo\"\n", mailRoot, mailFile, header)
			}
			line, err := app.FoundGate(dir, config, t, s.Random)
			if err != nil {
				return err
			}
			return s.answer(map[string]string{"folder": dir, "public_key": line}, func(w io.Writer) {
				fmt.Fprintf(w, "✓ %s\n  public key: %s\n  run it: counterseal gate run --dir %s\n", dir, line, dir)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&dir, "dir", "gate", "the gate's folder")
	f.StringVar(&id, "id", "gate-1", "its id in the charter")
	f.StringVar(&uplink, "uplink", "", "the office's uplink: unix:PATH")
	f.StringVar(&listen, "listen", "", "where the gate answers: unix:PATH")
	f.StringVar(&token, "token", "", "file with the uplink's token: keys/uplink of the office's folder")
	f.StringVar(&mailRoot, "mail-root", "", "folder of a mail store")
	f.StringVar(&mailFile, "mail-file", "mail.mbox", "the shared mbox in it")
	f.StringVar(&header, "mail-header", "Delivered-To", "the header that says whose a message is")
	return c
}

func (s *session) gateRun() *cobra.Command {
	var dir string
	var demoClock string
	c := &cobra.Command{
		Use: "run", Short: "Run a gate as its own process", Args: none,
		Long: `Runs the gate of a folder made with 'gate found'. It must not be able to read the
office's folder, nor the office the gate's: see docs/operations.md. Stop it with Ctrl-C.`,
		Example: "  counterseal gate run --dir /var/lib/counterseal-gate",
		RunE: func(cmd *cobra.Command, _ []string) error {
			start, err := parseTime("--demo-clock", demoClock)
			if err != nil {
				return err
			}
			if os.Geteuid() == 0 {
				s.say("Note: this gate runs as root. Give it a user of its own.")
			}
			return app.RunGate(cmd.Context(), dir, app.NewClock(start), s.Random, s.log(), func(address string) {
				_ = s.answer(map[string]string{"address": address}, func(w io.Writer) { fmt.Fprintf(w, "The gate answers at %s\n", address) })
			})
		},
	}
	c.Flags().StringVar(&dir, "dir", "gate", "the gate's folder")
	c.Flags().StringVar(&demoClock, "demo-clock", "", "for a demo only: begin at this time")
	return c
}
