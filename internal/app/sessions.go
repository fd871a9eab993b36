package app

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"time"

	"counterseal/internal/access"
	"counterseal/internal/problem"
)

// OpenSessions lists who is signed in, the first one first. It asks for no more of the
// folder than that there is one: who looks may be looking because something is amiss.
// Codes: app.no_folder, access.sessions.
func (f Folder) OpenSessions(now time.Time) ([]*access.Session, error) {
	err := f.there()
	if err != nil {
		return nil, err
	}
	return access.Open(access.Folder(f.Sessions()), now)
}

// EndSessions ends the session of an id, or every session of a person, whichever
// process runs the pages, and says which it ended. Codes: app.no_folder,
// app.no_session, access.sessions.
func (f Folder) EndSessions(id, person string) ([]*access.Session, error) {
	err := f.there()
	if err != nil {
		return nil, err
	}
	ended, err := access.End(access.Folder(f.Sessions()), func(s access.Session) bool {
		return id != "" && s.ID == id || person != "" && s.Person == person
	})
	if err == nil && len(ended) == 0 {
		return nil, problem.New(problem.Missing, "app.no_session", "no such session is open").At("%.64q", cmp.Or(id, person)).Fix("counterseal session list shows those that are")
	}
	return ended, err
}

func (f Folder) there() error {
	_, err := os.Stat(f.Config())
	if errors.Is(err, fs.ErrNotExist) {
		return noFolder(f)
	}
	if err != nil {
		return folderProblem(err)
	}
	return nil
}

func noFolder(f Folder) error {
	return problem.New(problem.Missing, "app.no_folder", "there is no Counterseal folder here").At("%s", string(f)).
		Fix("make one with: counterseal init --data DIR --provider NAME --origin DOMAIN")
}
