package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"counterseal/internal/access"
	"counterseal/internal/app"
	"counterseal/internal/gate"
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
	o, err := app.Open(ctx, app.Folder(s.data), s.servingOptions())
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
	var dir, id, uplink, listen, token, officePin, mailRoot, mailFile, header string
	c := &cobra.Command{
		Use:   "found",
		Short: "Make the folder of a gate that runs by itself, under its own user",
		Long: `Makes the gate's key and configuration in a folder of its own. Hand its gate.pub to
'counterseal gate init --gate-key'; the office's counterseal.toml names the socket
under [gate] address. docs/operations.md shows both users and the rights of each.`,
		Example: `  counterseal gate found --dir /var/lib/counterseal-gate --id gate-1 --token /etc/counterseal/uplink \
    --uplink unix:/run/counterseal/uplink.sock --listen unix:/run/counterseal/gate.sock --mail-root /srv/mail
  counterseal gate found --dir /var/lib/counterseal-gate --id gate-fra-1 --office-pin sha256:… \
    --uplink tls://office.nordwind.example:8702 --listen tls://0.0.0.0:8701 --mail-root /srv/mail`,
		Args: none,
		RunE: func(*cobra.Command, []string) error {
			var t []byte
			if token != "" || officePin == "" {
				var err error
				t, err = readFile(token, 1<<12)
				if err != nil {
					return err
				}
			}
			config := fmt.Sprintf("id = %q\nlisten = %q\nuplink = %q\n", id, listen, uplink)
			if officePin != "" {
				config += fmt.Sprintf("office_pin = %q\n", officePin)
			}
			if mailRoot != "" {
				config += fmt.Sprintf("\n[[mail]]\nroot = %q\nfile = %q\nheader = %q\nquote = \"mboxo\"\n", mailRoot, mailFile, header)
			}
			line, err := app.FoundGate(dir, config, t, s.Random)
			if err != nil {
				return err
			}
			answer := map[string]string{"folder": dir, "public_key": line}
			if officePin != "" {
				own, err := app.GateFolder(dir).Line()
				if err != nil {
					return err
				}
				answer["pin"] = own.Pin().String()
			}
			return s.answer(answer, func(w io.Writer) {
				fmt.Fprintf(w, "✓ %s\n  public key: %s\n", dir, line)
				if officePin != "" {
					fmt.Fprintf(w, "  pin:        %s\n", answer["pin"])
				}
				fmt.Fprintf(w, "  run it: counterseal gate run --dir %s\n", dir)
			})
		},
	}
	f := c.Flags()
	f.StringVar(&dir, "dir", "gate", "the gate's folder")
	f.StringVar(&id, "id", "gate-1", "its id in the charter")
	f.StringVar(&uplink, "uplink", "", "the office's uplink: unix:PATH, or tls://HOST:PORT of an office on another host")
	f.StringVar(&listen, "listen", "", "where the gate answers: unix:PATH, or tls://HOST:PORT for an office on another host")
	f.StringVar(&token, "token", "", "file with the uplink's token: keys/uplink of the office's folder; on a host of its own none is needed")
	f.StringVar(&officePin, "office-pin", "", "on a host of its own: what 'counterseal gate pin' prints at the office")
	f.StringVar(&mailRoot, "mail-root", "", "folder of a mail store")
	f.StringVar(&mailFile, "mail-file", "mail.mbox", "the shared mbox in it")
	f.StringVar(&header, "mail-header", "Delivered-To", "the header that says whose a message is")
	return c
}

func (s *session) gatePin() *cobra.Command {
	dir := ""
	c := &cobra.Command{
		Use:   "pin",
		Short: "Print what the other end of a line between two hosts knows this one by",
		Long: `An office and a gate on another host talk over TLS 1.3, and each knows the other by its key
and by nothing else. This prints the digest of the office's key, or with --dir of a gate's.
Read it to whoever sets up the other end, whole. The key is made when it is first asked for.`,
		Example: "  counterseal gate pin\n  counterseal gate pin --dir /var/lib/counterseal-gate",
		Args:    none,
		RunE: func(*cobra.Command, []string) error {
			own := app.Folder(s.data).Line
			if dir != "" {
				own = app.GateFolder(dir).Line
			} else if _, err := app.Folder(s.data).ReadConfig(); err != nil {
				return err
			}
			i, err := own()
			if err != nil {
				return err
			}
			return s.answer(map[string]string{"pin": i.Pin().String()}, func(w io.Writer) { fmt.Fprintln(w, i.Pin()) })
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "a gate's folder; without it, the office's")
	return c
}

func (s *session) gateRun() *cobra.Command {
	var dir string
	var demoClock string
	var unconfined bool
	c := &cobra.Command{
		Use: "run", Short: "Run a gate as its own process", Args: none,
		Long: `Runs the gate of a folder made with 'gate found'. It must not be able to read the
office's folder, nor the office the gate's: see docs/operations.md. Stop it with Ctrl-C.
The kernel holds the process to what gate.toml needs, as far as it can; what it cannot is
said here and by 'counterseal doctor'. Other stores count from the next start.`,
		Example: "  counterseal gate run --dir /var/lib/counterseal-gate",
		RunE: func(cmd *cobra.Command, _ []string) error {
			start, err := parseTime("--demo-clock", demoClock)
			if err != nil {
				return err
			}
			if os.Geteuid() == 0 {
				s.say("Note: this gate runs as root. Give it a user of its own.")
			}
			confined := s.Confine
			if unconfined {
				confined = nil
			}
			return app.RunGate(cmd.Context(), dir, app.NewClock(start), s.Random, s.log(), confined, func(address string, walls []gate.Wall) {
				_ = s.answer(map[string]any{"address": address, "walls": walls}, func(w io.Writer) { runsWords(w, address, walls) })
			})
		},
	}
	c.Flags().StringVar(&dir, "dir", "gate", "the gate's folder")
	c.Flags().StringVar(&demoClock, "demo-clock", "", "for a demo only: begin at this time")
	c.Flags().BoolVar(&unconfined, "unconfined", false, "do not have the kernel hold the process back; for finding out why a store's program fails")
	return c
}

// runsWords says where a gate answers, and what the kernel holds it back from.
func runsWords(w io.Writer, address string, walls []gate.Wall) {
	for _, x := range walls {
		sign := "✓"
		if !x.Holds {
			sign = "–"
		}
		fmt.Fprintf(w, "%s %s\n", sign, x.Says)
	}
	if len(walls) == 0 {
		fmt.Fprintln(w, "– The kernel was not asked to hold this process back from anything")
	}
	fmt.Fprintf(w, "The gate answers at %s\n", address)
}
