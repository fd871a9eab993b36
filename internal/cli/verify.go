package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"counterseal/internal/evidence/release"
	"counterseal/internal/evidence/sealedzip"
	"counterseal/internal/evidence/verify"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

func (s *session) verifyCommand() *cobra.Command {
	var trustFile string
	var identities []string
	var decrypted, passphrase string
	c := &cobra.Command{
		Use:   "verify FOLDER",
		Short: "Check a package offline, against a trust file obtained elsewhere",
		Long: `Checks the gate's signature, the proof that the release was committed to the
public journal, and the encrypted package. With the recipient's age identity the
content is checked as well: every file against its manifest, and everything
against what was approved. A custodian's declaration beside the package is checked
where there is one, and so is a time stamp. Needs no network and no account.

A package for an OpenPGP certificate is decrypted with your own program first:
  gpg --decrypt --output package.tar FOLDER/package.tar.gpg
  counterseal verify FOLDER --trust trust.txt --decrypted package.tar

A package that is a ZIP opens with the passphrase that was read out on a call. On a
terminal it is asked for; otherwise name a file that holds it, or - for standard input.
Never write it on the command line: others on this machine see that. Without it, what
stands outside the ZIP is checked. A program such as 7-Zip opens it too:
  7z x FOLDER/package.zip

The trust file names the provider's gates and the journal's policy. Do not take it
from the place that the package came from.`,
		Example: "  counterseal verify out/k7wq-93-g1 --trust trust.txt --identity officer.agekey",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if trustFile == "" {
				return missingFlag("--trust FILE")
			}
			trust, err := readTrust(trustFile)
			if err != nil {
				return err
			}
			check, spare, err := proofCheckers(trust)
			if err != nil {
				return err
			}
			options := verify.Options{Proof: check, Emergency: spare, Now: time.Now()}
			options.Identities, err = readIdentities(identities)
			if err != nil {
				return err
			}
			if decrypted != "" {
				f, err := openFile(decrypted)
				if err != nil {
					return err
				}
				defer f.Close()
				options.Decrypted = f
			}
			options.Passphrase, err = s.passphrase(passphrase)
			if err != nil {
				return err
			}
			if !s.json {
				options.Step = func(step verify.Step) { fmt.Fprintf(s.Out, "%s %s\n", mark(step.Checked), step.Words) }
			}
			folder := args[0]
			if slices.Contains(release.Packages[:], filepath.Base(folder)) { // the package in its folder
				folder = filepath.Dir(folder)
			}
			if info, err := os.Stat(folder); err != nil || !info.IsDir() {
				return problem.New(problem.Invalid, "cli.file", "this is not a folder that can be opened").At("%s", args[0]).
					Fix("name the folder with release.txt in it").Because(err)
			}
			report, err := verify.Verify(cmd.Context(), folder, trust, options)
			if err != nil {
				return err
			}
			return s.answer(verifyAnswer(report), func(w io.Writer) { verifyWords(w, report) })
		},
	}
	c.Flags().StringVar(&trustFile, "trust", "", "trust file (required)")
	c.Flags().StringVar(&decrypted, "decrypted", "", "the package as gpg or another program decrypted it (a tar), in place of --identity")
	c.Flags().StringArrayVar(&identities, "identity", nil, "file with the recipient's age identity; may be given more than once")
	c.Flags().StringVar(&passphrase, "passphrase-file", "", "file with the passphrase of a ZIP; - is standard input")
	c.MarkFlagsMutuallyExclusive("identity", "decrypted", "passphrase-file")
	return c
}

// passphrase gives the passphrase of a ZIP: of a file or standard input at once, of who
// sits at the terminal when it is needed; nil where there is nobody to ask.
func (s *session) passphrase(file string) (func() (string, error), error) {
	if file == "" {
		if !s.Terminal || s.json {
			return nil, nil
		}
		return func() (string, error) {
			fmt.Fprint(s.Err, "Passphrase, as it was read out (nothing: check what is outside alone): ")
			return s.typed(true)
		}, nil
	}
	if file == "-" {
		p, err := s.typed(false)
		return func() (string, error) { return p, nil }, err
	}
	b, err := readFile(file, maxPassphrase)
	if err != nil {
		return nil, err
	}
	p, err := heard(string(b))
	return func() (string, error) { return p, nil }, in(file, err)
}

// heard reads what somebody wrote down. A letter that does not fit its group is told
// before anything is tried.
func heard(typed string) (string, error) {
	p, wrong := sealedzip.ReadPassphrase(strings.TrimSpace(typed))
	if wrong != 0 {
		return "", problem.New(problem.Invalid, "cli.passphrase", "group %d of the passphrase does not fit its last sign", wrong).Fix("ask who reads it out for that group again")
	}
	return p, nil
}

// maxPassphrase bounds what is read of one; it has 41 bytes.
const maxPassphrase = 1 << 10

func (s *session) typed(orNothing bool) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(s.In, maxPassphrase)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", problem.New(problem.Invalid, "cli.passphrase", "the passphrase cannot be read").Because(err)
	}
	if orNothing && strings.TrimSpace(line) == "" {
		return "", nil
	}
	return heard(line)
}

func mark(checked bool) string {
	if checked {
		return "✓"
	}
	return "–"
}

type verified struct {
	Demand   string     `json:"demand"`
	Gate     string     `json:"gate"`
	Region   string     `json:"region"`
	Key      string     `json:"key"`
	LoggedAt *time.Time `json:"logged_at,omitempty"`
	Items    int64      `json:"items"`
	Withheld int64      `json:"withheld"`
	Filtered string     `json:"filtered"` // gate, or by-hand: not gate-filtered
	Complete bool       `json:"complete"`
	Declared string     `json:"declared_by,omitempty"` // who signed the declaration beside the package
	Stamped  *time.Time `json:"stamped_at,omitempty"`  // by the time stamp beside the package
	Stamper  string     `json:"stamped_by,omitempty"`  // … and whose it is

	Witnesses string `json:"witnesses,omitempty"` // of the emergency lane: ordinary, emergency or late
	Steps     []step `json:"steps"`
}

type step struct {
	Name    string `json:"name"`
	Checked bool   `json:"checked"`
	Words   string `json:"words"`
}

func verifyAnswer(r verify.Report) verified {
	v := verified{Demand: r.Release.Demand, Gate: r.Release.Gate, Region: r.Release.Region, Key: r.Key, Items: r.Release.Items,
		Withheld: r.Release.Withheld, Filtered: string(r.Release.Filtered), Complete: r.Complete}
	v.Witnesses = string(r.Witnesses)
	if !r.LoggedAt.IsZero() {
		v.LoggedAt = &r.LoggedAt
	}
	if r.Declared != nil {
		v.Declared = r.Declared.Name
	}
	if s := r.Stamped; !s.At.IsZero() {
		v.Stamped, v.Stamper = &s.At, s.By
	}
	for _, st := range r.Steps {
		v.Steps = append(v.Steps, step{st.Name, st.Checked, st.Words})
	}
	return v
}

func verifyWords(w io.Writer, r verify.Report) {
	fmt.Fprintln(w)
	if r.Release.Filtered == release.ByHand {
		fmt.Fprintln(w, "Not gate-filtered: a person collected an export by hand; the gate compared no item with the approved scope.")
	}
	if !slices.ContainsFunc(r.Steps, func(s verify.Step) bool { return s.Name == "timestamp" }) {
		fmt.Fprintln(w, "No time stamp lies beside the package.")
	}
	if r.Witnesses == verify.InEmergency {
		fmt.Fprintln(w, "Held under the emergency policy of the provider's charter; the cosignatures of its other witnesses are owed.")
	}
	if r.Complete {
		fmt.Fprintf(w, "Everything holds: demand %s, %d items, released by %s in %s.\n", r.Release.Demand, r.Release.Items, r.Release.Gate, r.Release.Region)
		return
	}
	fmt.Fprintf(w, "What was checked holds: demand %s, released by %s in %s. What is marked – was not checked.\n", r.Release.Demand, r.Release.Gate, r.Release.Region)
}

func readTrust(path string) (verify.Trust, error) {
	text, err := readFile(path, verify.MaxTrust)
	if err != nil {
		return verify.Trust{}, err
	}
	t, err := verify.ParseTrust(text)
	return t, in(path, err)
}

// proofCheckers check ledger proofs under the trust file's policy, and older ones under
// the policy of their time; the second under the emergency policies in their place.
func proofCheckers(t verify.Trust) (ordinary, emergency verify.ProofChecker, err error) {
	policies, err := proof.ParsePolicies(t.LogPolicy)
	if err != nil {
		return nil, nil, err
	}
	checker := func(holds func(proof.Proof, [32]byte) (proof.Verified, error)) verify.ProofChecker {
		return func(text []byte, digest [32]byte) (time.Time, error) {
			p, err := proof.ParseProof(text)
			if err != nil {
				return time.Time{}, err
			}
			v, err := holds(p, digest)
			return v.Tick, err
		}
	}
	return checker(policies.Verify), checker(policies.VerifyEmergency), nil
}

func readIdentities(paths []string) ([]age.Identity, error) {
	var out []age.Identity
	for _, path := range paths {
		text, err := readFile(path, 1<<20)
		if err != nil {
			return nil, err
		}
		ids, err := age.ParseIdentities(strings.NewReader(string(text)))
		if err != nil {
			return nil, problem.New(problem.Invalid, "cli.identity", "this is not a file of age identities").At("%s", path).
				Fix("it holds a line that begins AGE-SECRET-KEY-1; age-keygen makes one").Because(err)
		}
		out = append(out, ids...)
	}
	return out, nil
}
