package prosody_test

import (
	"testing"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/sourcetest"
)

func TestAnArchiveOfWhichACallFailsIsNeverShorter(t *testing.T) {
	over := func(dir string) (source.Source, source.Query, error) {
		return open(t, config(dir)), source.Query{Account: "acc-alice-1", From: time.Unix(0, 0), Until: time.Now()}, nil
	}
	sourcetest.Struck(t, over, func() string {
		dir := t.TempDir()
		var all []sourcetest.Planted
		for i := range 200 {
			m := sourcetest.Message(i, "acc-alice-1", nil)
			m.Bytes = []byte("<message from='a@far.example' to='acc-alice-1@chat.example'><body>what was said</body></message>")
			all = append(all, m)
		}
		add(t, dir, all)
		return dir
	})
}
