package app

import (
	"errors"
	"io/fs"
	"os"
)

// agenciesHead is what stands in agencies.toml before anybody is registered.
const agenciesHead = `# Who demands: one [[agency]] each, with a contact that you found yourselves, not
# on a letter of theirs. docs/operations.md has an example.
`

// BeginAgencies writes an agencies.toml that registers nobody, where there is none.
func (f Folder) BeginAgencies() error {
	w, err := os.OpenFile(f.Agencies(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return folderProblem(err)
	}
	_, err = w.WriteString(agenciesHead)
	if err := errors.Join(err, w.Close()); err != nil {
		return folderProblem(err)
	}
	return nil
}

// Promises says which promises hold on this set-up, and which do not yet.
func (o *Office) Promises() []Promise { return o.promises() }
