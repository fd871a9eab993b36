package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"counterseal/internal/law"
)

// written says where the rule stands, what it still lacks, and what else the check says of its pack.
func (s *session) written(a *author) error {
	dir := filepath.Dir(filepath.Dir(a.file))
	sources, own, err := lawSources([]string{dir})
	if err != nil {
		return err
	}
	others := len(own) - 1
	own = map[string]bool{a.shown: true} // the folder's other packs are there to be compared with
	found := law.CheckOf(sources, func(x law.Source) bool { return own[x.File] })
	if !s.json {
		fmt.Fprintf(s.Out, "\n%s stands in %s.\n%s", a.draft.ID, a.shown, a.owed(found))
	}
	err = s.checked(found, own, false, map[string]any{"rule": a.draft.ID, "file": a.shown}, a.owes)
	if err != nil || s.json {
		return err
	}
	facts := strings.TrimSuffix(a.shown, ".yaml") + strings.TrimPrefix(a.draft.ID, a.draft.Pack) + ".facts"
	if others > 0 {
		fmt.Fprintf(s.Out, "Of the folder's other packs nothing is said here: counterseal law check %s\n", dir)
	}
	fmt.Fprintf(s.Out, "\nNext, on the facts of case 1: counterseal law assess %s --packs %s --only %s\n", facts, dir, a.draft.Pack)
	return nil
}

// owes says whether a remark is one that most new rules get, which owed says in a few words.
func (a *author) owes(r law.Remark) bool {
	return r.Rule == a.draft.ID && slices.Contains([]string{"law.untranslated", "law.unchecked", "law.overruled"}, r.Code)
}

// owed says what the rule lacks before it counts, and which rules on its papers block already
// wherever it applies; law check says it by line, and of rules on other papers, too.
func (a *author) owed(found []law.Remark) string {
	var before, block []string
	for _, r := range found {
		switch {
		case !a.owes(r):
		case r.Code == "law.untranslated":
			before = append(before, "its sentence is translated (the same command asks for it)")
		case r.Code == "law.unchecked":
			before = append(before, "its source is read")
		case a.onItsPapers(r.Other):
			block = append(block, r.Other)
		}
	}
	out := ""
	if len(before) > 0 {
		out = fmt.Sprintf("Before it counts, %s.\n", strings.Join(before, ", and "))
	}
	if len(block) > 0 {
		out += fmt.Sprintf("Wherever it applies, these block already: %s.\n", strings.Join(block, ", "))
	}
	return out
}

// onItsPapers says whether a rule of another pack is about all papers of the draft.
func (a *author) onItsPapers(id string) bool {
	return slices.ContainsFunc(a.packs(), func(p *law.Pack) bool {
		return slices.ContainsFunc(p.Rules, func(r law.Rule) bool { return r.ID == id && r.AboutPapersOf(&a.draft.Entry) })
	})
}
