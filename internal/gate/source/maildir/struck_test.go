package maildir_test

import (
	"fmt"
	"testing"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/maildir"
	"counterseal/internal/gate/sourcetest"
)

func toStrike(dir string) (source.Source, source.Query, error) {
	s, err := maildir.New(maildir.Config{Root: dir, Folder: "home/{account}/Maildir"})
	return s, source.Query{Account: "acc-alice-1", From: time.Unix(0, 0), Until: time.Now()}, err
}

func layToStrike(t *testing.T, messages int) func() string {
	return func() string {
		dir := t.TempDir()
		for i := range messages {
			at := time.Date(2026, 2, 3, 4, i, 0, 0, time.UTC)
			m := sourcetest.Message(i, "acc-alice-1", fmt.Appendf(nil, "body %d\n", i))
			lay(t, home(dir, "acc-alice-1"), []string{"", ".Archive"}[i%2], fmt.Sprintf("cur/%d.M%09dP7.host,S=%d:2,S", 1_772_000_000+i, i, len(m.Bytes)), at, m.Bytes)
		}
		return dir
	}
}

func TestAMaildirOfWhichACallFailsIsNeverShorter(t *testing.T) {
	sourcetest.Struck(t, toStrike, layToStrike(t, 5))
}

func TestAMaildirOfWhichACallOfAReaderFailsIsNeverShorter(t *testing.T) {
	sourcetest.StruckAside(t, toStrike, layToStrike(t, 400))
}
