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
	var address, found, origin, as string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the office: pages, logs, clerk and, unless it runs by itself, the gate",
		Long: `Serves the staff pages and the public page on loopback, writes the logs, does what
falls due, and runs the gate inside where no other address is configured. It prints a
link that lets one person in once. With --found it first makes the folder: keys, logs
and one local witness.`,
		Example: "  counterseal serve --found \"Example Cloud ApS\" --data ./office\n  counterseal serve --data ./office --as p-halvorsen",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if found != "" {
				if origin == "" {
					return usage{fmt.Errorf("required flag: --origin, the first part of the logs' names, such as example.com")}
				}
				if _, err := app.Found(s.data, app.Founding{Provider: found, Origin: origin}); err != nil {
					return err
				}
				s.say("Founded %s in %s.", found, s.data)
			}
			return s.serve(cmd.Context(), address, as)
		},
	}
	c.Flags().StringVar(&address, "listen", "127.0.0.1:8780", "loopback address of the pages")
	c.Flags().StringVar(&found, "found", "", "make the folder first, for a provider of this name")
	c.Flags().StringVar(&origin, "origin", "", "with --found: the first part of the logs' names")
	c.Flags().StringVar(&as, "as", "staff", "whom the link lets in")
	return c
}

// serve runs the house until ctx ends.
func (s *session) serve(ctx context.Context, address, as string) error {
	o, err := app.Open(ctx, app.Folder(s.data), app.Options{Log: s.log(), Random: s.Random})
	if err != nil {
		return err
	}
	defer o.Close()
	h := app.NewHouse(o)
	token, err := h.Door.Issue(as)
	if err != nil {
		return err
	}
	return h.Serve(ctx, address, func(base string) {
		fmt.Fprintf(s.Out, "Public page   %s/\nStaff, once   %s\n", base, access.EnterURL(base, token))
		s.say("Serving %s on loopback. Stop with Ctrl-C. `counterseal doctor` says which promises hold here.", o.Config.Provider)
	})
}

func (s *session) gateFound() *cobra.Command {
	var dir, id, uplink, listen, token, mailRoot, mailFile, header string
	c := &cobra.Command{
		Use:   "found",
		Short: "Make the folder of a gate that runs by itself, under its own user",
		Long: `Makes the gate's key and configuration in a folder of its own. Hand its gate.pub to
'counterseal gate init --gate-key'; the office's counterseal.toml names the socket
under [gate] address. docs/operations.md shows both users and the rights of each.`,
		Args: cobra.NoArgs,
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
		Use: "run", Short: "Run a gate as its own process", Args: cobra.NoArgs,
		Long: `Runs the gate of a folder made with 'gate found'. It must not be able to read the
office's folder, nor the office the gate's: see docs/operations.md.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			start, err := parseTime("--demo-clock", demoClock)
			if err != nil {
				return err
			}
			if os.Geteuid() == 0 {
				s.say("Note: this gate runs as root. Give it a user of its own.")
			}
			return app.RunGate(cmd.Context(), dir, app.NewClock(start), s.Random, s.log(), func(address string) {
				fmt.Fprintf(s.Out, "The gate answers at %s\n", address)
			})
		},
	}
	c.Flags().StringVar(&dir, "dir", "gate", "the gate's folder")
	c.Flags().StringVar(&demoClock, "demo-clock", "", "for a demo only: begin at this time")
	return c
}
