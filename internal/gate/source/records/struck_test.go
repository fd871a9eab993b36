package records_test

import (
	"path/filepath"
	"testing"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/table"
	"counterseal/internal/gate/sourcetest"
)

func TestATableOfWhichACallFailsIsNeverShorter(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		add  func(testing.TB, string, []sourcetest.Planted)
		form func(dir string) table.Config
	}{
		"csv": {"s.csv", appendCSV, func(dir string) table.Config {
			return table.Config{Form: table.CSV, Root: dir, Files: []string{"s.csv"}}
		}},
		"sqlite": {"s.db", appendSQLite, func(dir string) table.Config {
			return table.Config{Form: table.SQLite, Root: dir, Files: []string{"s.db"}, Query: "SELECT * FROM sessions WHERE account = $1 ORDER BY rowid"}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			over := func(dir string) (source.Source, source.Query, error) {
				s := open(t, sessions(c.form(dir)))
				return s, source.Query{Account: "acc-alice-1", From: time.Unix(0, 0), Until: time.Now()}, nil
			}
			sourcetest.Struck(t, over, func() string {
				dir := t.TempDir()
				var all []sourcetest.Planted
				for i := range 400 {
					all = append(all, plant(i, "acc-alice-1", nil))
				}
				c.add(t, filepath.Join(dir, c.file), all)
				return dir
			})
		})
	}
}
