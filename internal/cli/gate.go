package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/evidence/declaration"
	"counterseal/internal/evidence/release"
	"counterseal/internal/evidence/timestamp"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

func (s *session) gateCommand() *cobra.Command {
	c := group(&cobra.Command{
		Use:   "gate",
		Short: "The gate: ceremony, grants, release, pick-up",
		Long: `The gate alone reads customers' data. It trusts people's own signatures over texts
that it parsed itself, the public journal, and its own charter; not the docket.`,
	})
	c.AddCommand(s.gateInit(), s.gateAmend(), s.gateFound(), s.gatePin(), s.gateWitness(), s.gateRun(), s.gateList(), s.gateStatus(), s.gateCollect(), s.gateCalled(), s.gateInForce(), s.gateRelease(), s.gateKeep(), s.gatePreview(), s.gateCopies(), s.gateFetch(), s.gateLink(), s.gatePassphrase(), s.gateIncident(), s.gateStamp())
	return c
}

func (s *session) gateInit() *cobra.Command {
	var keyFile, gateKey string
	var finish bool
	c := &cobra.Command{
		Use:   "init",
		Short: "The first ceremony: everybody on the roster signs the charter",
		Long: `Run it three times:

  counterseal gate init                 writes charter/1.txt from charter.toml, estate.toml
                                        and agencies.toml: read it, it is short
  counterseal gate init --key KEY       each person signs it (or: ssh-keygen -Y sign
                                        -n counterseal-charter-v1, saved as charter/1.NAME.sig)
  counterseal gate init --finish        the gate checks every signature and takes it

It also writes trust.txt, which outsiders need to verify packages. charter.toml is
described in docs/operations.md.`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f := app.Folder(s.data)
			switch {
			case finish:
				return s.finishCeremony(cmd.Context())
			case keyFile != "":
				return s.signCharter(f.Statement("1"), nil, keyFile)
			}
			return s.draftCharter(f, gateKey)
		},
	}
	c.Flags().StringVar(&keyFile, "key", "", "sign the charter with this private key")
	c.Flags().StringVar(&gateKey, "gate-key", "", "public key of a gate that runs by itself (its folder's gate.pub)")
	c.Flags().BoolVar(&finish, "finish", false, "hand the signed charter to the gate")
	c.MarkFlagsMutuallyExclusive("key", "finish")
	return c
}

func (s *session) draftCharter(f app.Folder, gateKey string) error {
	draft, err := readFile(f.CharterDraft(), 1<<20)
	if err != nil {
		return problem.Of(err).Fix("write charter.toml first; docs/operations.md has one to begin with")
	}
	public, err := gatePublicKey(f, gateKey)
	if err != nil {
		return err
	}
	config, err := f.ReadConfig()
	if err != nil {
		return err
	}
	st, err := f.Draft(draft, public, config.NewClock().Now())
	if err != nil {
		return err
	}
	text, err := st.Bytes()
	if err != nil {
		return err
	}
	path := f.Statement("1")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return problem.New(problem.Unavailable, "app.folder", "the folder cannot be written").Because(err)
	}
	if err := writeNew(path, text); err != nil {
		return err
	}
	return s.answer(map[string]any{"statement": path, "persons": len(st.Roster)}, func(w io.Writer) {
		fmt.Fprintf(w, "✓ %s\n  Read it. Then each of the %d persons on the roster signs it:\n", path, len(st.Roster))
		for _, p := range st.Roster {
			fmt.Fprintf(w, "    %-14s counterseal gate init --key KEY\n", p.ID)
		}
		fmt.Fprintln(w, "  At last: counterseal gate init --finish")
	})
}

// gatePublicKey reads the key that the charter will name: of a gate of its own
// process from its file, of the gate inside from the folder.
func gatePublicKey(f app.Folder, file string) (string, error) {
	if file != "" {
		b, err := readFile(file, 1<<16)
		return string(b), err
	}
	config, err := f.ReadConfig()
	if err != nil {
		return "", err
	}
	if config.Gate.Key != "" {
		return config.Gate.Key, nil
	}
	if config.Gate.Address != "inside" {
		return "", problem.New(problem.Invalid, "cli.gate_key", "the gate runs by itself, so the charter names its own key").
			At("counterseal.toml: gate.address").Fix("add --gate-key with the gate.pub of the gate's folder, or write it as key in counterseal.toml")
	}
	b, err := readFile(f.Secret("gate"), 1<<16)
	if err != nil {
		return "", err
	}
	key, err := signature.ReadKey(b)
	if err != nil {
		return "", err
	}
	return signature.Line(key.PublicKey()), nil
}

// writeNew writes a file that is not there yet.
func writeNew(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return problem.New(problem.Conflict, "cli.exists", "this file is there already; nothing was overwritten").At("%s", path).Fix("move it away if it is to be made anew")
	}
	if err == nil {
		_, err = f.Write(b)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return problem.New(problem.Unavailable, "cli.output", "the file could not be written").At("%s", path).Because(err)
	}
	return nil
}

// signCharter signs a statement as whoever on the roster has the key; without a
// roster, as somebody on the statement's own, as at the first ceremony.
func (s *session) signCharter(statement string, roster []grant.Person, keyFile string) error {
	text, err := readFile(statement, 64<<20)
	if err != nil {
		return err
	}
	st, err := grant.ParseStatement(text)
	if err != nil {
		return err
	}
	key, err := readKey(keyFile)
	if err != nil {
		return err
	}
	if roster == nil {
		roster = st.Roster
	}
	for _, p := range roster {
		for _, k := range p.Keys {
			if signature.Line(k) != signature.Line(key.PublicKey()) {
				continue
			}
			signed, err := signature.Sign(key, signature.Charter, text)
			if err != nil {
				return err
			}
			path := strings.TrimSuffix(statement, ".txt") + "." + p.ID + ".sig"
			if err := writeNew(path, signed); err != nil {
				return err
			}
			return s.answer(map[string]string{"signed_by": p.ID, "signature": path}, func(w io.Writer) { fmt.Fprintf(w, "✓ signed by %s\n", p.Name) })
		}
	}
	return problem.New(problem.Refused, "charter.not_on_roster", "this key is nobody's on the roster").At("%s", keyFile)
}

func (s *session) finishCeremony(ctx context.Context) error {
	return s.withOffice(ctx, func(ctx context.Context, o *app.Office) error {
		head, err := o.InitGate(ctx)
		if err != nil {
			return err
		}
		return s.answer(head, func(w io.Writer) {
			fmt.Fprintf(w, "✓ the gate has the charter of %s, statement %d\n  head %s\n  outsiders verify with %s\n", head.Provider, head.Number, head.Head, o.Folder.Trust())
		})
	})
}

func (s *session) gateList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "Every grant that the gate knows, and every stop", Args: none,
		Long: `Lists grants with their approvals and what the gate still waits for, stops with who sent
them, releases that were interrupted, and exports by hand that wait for their release.
Releases by hand are counted apart: no gate filtered them.`,
		Example: "  counterseal gate list",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				list, err := o.Desk().List(ctx)
				if err != nil && len(list) == 0 {
					return err
				}
				down := err // of one gate; the others have answered
				stops, err := o.Desk().Stops(ctx)
				if err != nil {
					return err
				}
				interrupted, err := o.Desk().Interrupted(ctx)
				down = cmp.Or(down, err)
				exports, err := o.Desk().Exports(ctx)
				down = cmp.Or(down, err)
				released := releasedBy(list)
				err = s.answer(map[string]any{"grants": list, "stops": stops, "interrupted": interrupted, "exports": exports, "released": released}, func(w io.Writer) {
					for _, st := range list {
						s.statusWords(w, st)
					}
					for _, h := range stops {
						fmt.Fprintf(w, "Stop %s by %s, %s: %s\n", h.Reach, h.Person, s.told.At(h.At).Text, h.Reason)
					}
					for _, i := range interrupted {
						fmt.Fprintf(w, "Interrupted: grant %s of demand %s: %s\n", i.Grant, i.Demand, i.State)
					}
					for _, e := range exports {
						s.exportWords(w, e)
					}
					if released["gate"]+released["by_hand"] > 0 {
						fmt.Fprintf(w, "Released: %d gate-filtered, %d by hand (not gate-filtered)\n", released["gate"], released["by_hand"])
					}
					if len(list)+len(stops)+len(exports) == 0 {
						fmt.Fprintln(w, "No grant has been offered to this gate.")
					}
				})
				return cmp.Or(err, down)
			})
		},
	}
}

// releasedBy counts releases by who chose the items, never together.
func releasedBy(list []gate.Status) map[string]int {
	n := map[string]int{"gate": 0, "by_hand": 0}
	for _, st := range list {
		switch {
		case st.State != gate.Released:
		case st.Collection == string(release.ByHand):
			n["by_hand"]++
		default:
			n["gate"]++
		}
	}
	return n
}

func (s *session) gateStatus() *cobra.Command {
	return &cobra.Command{
		Use: "status GRANT", Short: "Where a grant stands", Args: exactly(1),
		Example: "  counterseal gate status g-1f2e3d4c5b",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				st, err := o.Desk().Status(ctx, args[0])
				if err != nil {
					return err
				}
				return s.answer(st, func(w io.Writer) { s.statusWords(w, st) })
			})
		},
	}
}

func (s *session) gateInForce() *cobra.Command {
	var key, as string
	var textOnly, yes bool
	c := &cobra.Command{
		Use:   "in-force GRANT",
		Short: "Say, signed, that the order behind a grant still stands",
		Long: `A collection starts only within minutes of a person's signed word that the order is
still in force. 'gate release --key' says it and releases in one step.`,
		Example: "  counterseal gate in-force g-1f2e3d4c5b --key ~/.ssh/id_ed25519 --as p-okafor",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				text, err := s.inForceText(ctx, o, args[0], as)
				if err != nil {
					return err
				}
				if textOnly {
					return s.answerText(text)
				}
				st, err := s.sayInForce(ctx, o, text, key, yes)
				if err != nil {
					return err
				}
				return s.answer(st, func(w io.Writer) { s.statusWords(w, st) })
			})
		},
	}
	addActor(c, &as)
	addSigner(c, &key, nil, &yes)
	c.Flags().BoolVar(&textOnly, "text", false, "print the text to be signed and nothing else")
	return c
}

func (s *session) inForceText(ctx context.Context, o *app.Office, id, as string) ([]byte, error) {
	actor, err := s.actor(o, as, "gate.in_force")
	if err != nil {
		return nil, err
	}
	text, err := o.Desk().Text(ctx, id)
	if err != nil {
		return nil, err
	}
	g, err := grant.Parse(text)
	if err != nil {
		return nil, err
	}
	return grant.InForce{Grant: g.Digest(), Demand: g.Demand, Person: string(actor), At: o.Clock.Now().UTC().Truncate(time.Second)}.Bytes()
}

func (s *session) sayInForce(ctx context.Context, o *app.Office, text []byte, key string, yes bool) (gate.Status, error) {
	signed, err := s.sign(key, "", signature.InForce, text, "say that the order stands", yes)
	if err != nil {
		return gate.Status{}, err
	}
	return o.Desk().InForce(ctx, grant.Signed{Text: text, Signature: signed})
}

// standsFirst says, before a grant is run, that the order still stands, where a key to
// sign it is given.
func (s *session) standsFirst(ctx context.Context, o *app.Office, id, as, key string, yes bool) error {
	if key == "" {
		return nil
	}
	text, err := s.inForceText(ctx, o, id, as)
	if err != nil {
		return err
	}
	_, err = s.sayInForce(ctx, o, text, key, yes)
	return err
}

func (s *session) gateRelease() *cobra.Command {
	var key, as string
	var yes, progress bool
	c := &cobra.Command{
		Use:   "release GRANT",
		Short: "Collect exactly what was approved, seal it, and let the officer fetch it",
		Long: `With --key it first says, signed, that the order still stands. Then the gate checks
everything again, commits to the journal, collects, encrypts to the recipient, asks
the docket, commits the package, and only then makes it visible. Running it again
returns the recorded outcome: a grant is used once.`,
		Example: "  counterseal gate release g-1f2e3d4c5b --key ~/.ssh/id_ed25519 --as p-okafor",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				err := s.standsFirst(ctx, o, args[0], as, key, yes)
				if err != nil {
					return err
				}
				if s.Terminal {
					s.say("Collecting; every step waits for the journal (one leaf every %s) …", o.Config.Ledger.Tick)
				}
				stop := s.watch(ctx, o.Desk(), args[0], progress)
				out, err := o.Release(ctx, args[0])
				stop()
				if err != nil {
					return err
				}
				return s.answer(out, func(w io.Writer) {
					if out.Collection == string(release.ByHand) {
						fmt.Fprintln(w, "By hand, not gate-filtered: exactly the files that were approved.")
					}
					fmt.Fprintf(w, "✓ released %d items (%d bytes), %d withheld and listed\n  the officer fetches it with: counterseal gate fetch %s --to FOLDER\n", out.Items, out.Bytes, out.Withheld, out.Grant)
					if st, err := o.Desk().Status(ctx, out.ID); err == nil {
						s.passphraseWords(w, st)
					}
				})
			})
		},
	}
	addActor(c, &as)
	addSigner(c, &key, nil, &yes)
	addProgress(c, &progress)
	return c
}

func (s *session) gateFetch() *cobra.Command {
	var to, by string
	c := &cobra.Command{
		Use:   "fetch GRANT --to FOLDER",
		Short: "Fetch a released package, as the officer does",
		Long: `Writes the package and what proves it into a new folder. 
Every fetch is logged with who fetched, and stops when a stop arrives.`,
		Example: "  counterseal gate fetch g-1f2e3d4c5b --to package --by \"R. Sample, Harbor District\"",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if to == "" || by == "" {
				return missingFlag("--to FOLDER and --by NAME")
			}
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				if err := os.Mkdir(to, 0o700); err != nil {
					return problem.New(problem.Invalid, "cli.folder", "the folder must be new, in a folder that is there").At("%s", to).Fix("name another with --to").Because(err)
				}
				files, err := fetchAll(ctx, o, args[0], by, to)
				if err != nil {
					return err
				}
				for _, name := range declaration.Files {
					err := fetchOne(ctx, o, args[0], name, by, filepath.Join(to, name))
					if problem.Code(err) == "gate.no_file" {
						break
					}
					if err != nil {
						return err
					}
					files = append(files, name)
				}
				for _, name := range []string{timestamp.File, release.LateProofFile} {
					err = fetchOne(ctx, o, args[0], name, by, filepath.Join(to, name))
					if err == nil {
						files = append(files, name)
					} else if problem.Code(err) != "gate.no_file" { // none lies there, or not yet
						return err
					}
				}
				return s.answer(map[string]any{"folder": to, "files": files}, func(w io.Writer) {
					fmt.Fprintf(w, "✓ %s\n  check it: counterseal verify %s --trust trust.txt %s\n", to, to, howToOpen(files[0]))
				})
			})
		},
	}
	c.Flags().StringVar(&to, "to", "", "a new folder")
	c.Flags().StringVar(&by, "by", "", "who fetches, in words")
	return c
}

// howToOpen is the flag with which verify looks into a package.
func howToOpen(file string) string {
	switch file {
	case release.OpenPGPFile:
		return "--decrypted WHAT-GPG-DECRYPTED"
	case release.ZipFile:
		return "--passphrase-file FILE"
	}
	return "--identity KEY"
}
