package cli

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"counterseal/internal/law"
	"counterseal/internal/problem"
)

func (s *session) lawCheckCommand() *cobra.Command {
	strict := false
	c := &cobra.Command{
		Use:   "check [PACKDIR...]",
		Short: "Say all that is amiss in the rule packs, by file, line and rule",
		Long: `Reads the packs that come with the program or, laid over them, those of a folder (a
pack named us.sca is the file us/sca.yaml of it), and then says of the folder's packs:

  error    it does not load, or does not do what it says of itself: unknown fields and
           facts, wrong types, ids that stand twice, costly expressions, examples that
           fail, rules that can never apply or never be violated, rules that contradict
           each other under one condition
  warning  gaps and overlaps in time, sentences that were not translated, the same rule
           twice, requirements that cannot both be met where both rules apply, a pack that
           takes the place of one of the program's
  note     what was not read in a source, what ends and is not followed, and what was
           not decided

What can be is decided by trying the values that the expressions tell apart: words,
countries, sets, numbers, and days for up to three dates. Where there are too many, or
moments are compared, it says that it was not decided. docs/packs.md lists the codes.

Nothing is loaded or recorded. The exit code is 0 where there is no error, 3 where
there is one; with --strict a warning is enough.`,
		Example: "  counterseal law check\n  counterseal law check mypacks\n  counterseal law check mypacks --json | jq '.findings[] | select(.severity==\"error\")'",
		Args:    cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, dirs []string) error {
			sources, own, err := lawSources(dirs)
			if err != nil {
				return err
			}
			found := law.CheckOf(sources, func(x law.Source) bool { return own[x.File] })
			if len(dirs) > 0 {
				base, err := law.EmbeddedSources()
				if err != nil {
					return err
				}
				over := slices.DeleteFunc(sources, func(x law.Source) bool { return !own[x.File] })
				found = append(law.Replaces(base, over), found...)
			}
			return s.checked(found, own, strict, map[string]any{}, nil)
		},
	}
	c.Flags().BoolVar(&strict, "strict", false, "fail on warnings, too")
	return c
}

// checked prints what was found and fails where it must. What the
// caller says in its own words, where it does, is counted.
func (s *session) checked(found []law.Remark, own map[string]bool, strict bool, answer map[string]any, said func(law.Remark) bool) error {
	counts := map[law.Grade]int{}
	var unsaid []law.Remark
	for _, r := range found {
		counts[r.Severity]++
		if said == nil || !said(r) {
			unsaid = append(unsaid, r)
		}
	}
	if found == nil {
		found = []law.Remark{}
	}
	maps.Copy(answer, map[string]any{"findings": found, "packs": len(own), "errors": counts[law.Defect], "warnings": counts[law.Doubt], "notes": counts[law.Note]})
	err := s.answer(answer, func(w io.Writer) {
		for _, r := range unsaid {
			where := r.File
			if r.Line > 0 {
				where = fmt.Sprintf("%s:%d", r.File, r.Line)
			}
			fmt.Fprintf(w, "%-8s %s\n", r.Severity, strings.TrimSpace(where+"  "+r.Rule))
			fmt.Fprintf(w, "         %s  (%s)\n", r.Says, r.Code)
		}
		if said != nil && len(unsaid) == 0 {
			fmt.Fprintln(w, "Nothing else is amiss in its pack.")
			return
		}
		fmt.Fprintf(w, "%s checked: %s, %s, %s.\n", several(len(own), "pack"), several(counts[law.Defect], "error"), several(counts[law.Doubt], "warning"), several(counts[law.Note], "note"))
	})
	if err != nil {
		return err
	}
	if counts[law.Defect] > 0 || strict && counts[law.Doubt] > 0 {
		return problem.New(problem.Invalid, "law.check", "the packs are not in order: %s, %s", several(counts[law.Defect], "error"), several(counts[law.Doubt], "warning")).
			Fix("correct what is listed above, by file and line")
	}
	return nil
}

func several(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// addPacks lets a command look at packs that are not the program's yet.
func addPacks(c *cobra.Command, dirs *[]string) {
	c.Flags().StringArrayVar(dirs, "packs", nil, "a folder of packs to lay over those of the program, to try them out")
}

// lawSources are the embedded packs with those of folders laid over them, and the
// files of the last: all of them where no folder is named.
func lawSources(dirs []string) (sources []law.Source, own map[string]bool, err error) {
	sources, err = law.EmbeddedSources()
	if err != nil {
		return nil, nil, err
	}
	own = map[string]bool{}
	var over []law.Source
	for _, dir := range dirs {
		info, err := os.Stat(dir)
		if err != nil || !info.IsDir() {
			return nil, nil, problem.New(problem.Invalid, "law.folder", "there is no such folder of packs").At("%s", dir).Fix("name a folder with packs in it, such as mypacks with mypacks/us/sca.yaml").Because(err)
		}
		more, err := law.Sources(os.DirFS(dir), ".", dir)
		if err != nil {
			return nil, nil, err
		}
		over = law.Over(over, more)
	}
	for _, x := range over {
		own[x.File] = true
	}
	if len(dirs) > 0 {
		return law.Over(sources, over), own, nil
	}
	for _, x := range sources {
		own[x.File] = true
	}
	return sources, own, nil
}

// lawPacks parses the packs that come with the program, with those of folders laid
// over them.
func lawPacks(dirs ...string) ([]*law.Pack, error) {
	sources, _, err := lawSources(dirs)
	if err != nil {
		return nil, err
	}
	return law.ParseDrafts(sources)
}

// lawEngine compiles them.
func lawEngine(dirs ...string) (*law.Engine, error) {
	packs, err := lawPacks(dirs...)
	if err != nil {
		return nil, err
	}
	return law.NewEngine(packs...)
}
