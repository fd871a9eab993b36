package mbox_test

import (
	"bytes"
	"testing"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/mbox"
	"counterseal/internal/gate/sourcetest"
	"counterseal/internal/scope"
)

func TestAnMboxOfWhichACallFailsIsNeverShorter(t *testing.T) {
	over := func(dir string) (source.Source, source.Query, error) {
		s, err := mbox.New(mbox.Config{Root: dir, Flavour: mbox.MboxO, SeparatorUTC: true, Accounts: map[scope.AccountID][]string{"acc-alice-1": {"acc-alice-1.mbox"}}})
		return s, source.Query{Account: "acc-alice-1", From: time.Unix(0, 0), Until: time.Now()}, err
	}
	sourcetest.Struck(t, over, func() string {
		dir := t.TempDir()
		var all []sourcetest.Planted
		for i := range 6 {
			all = append(all, sourcetest.Message(i, "acc-alice-1", bytes.Repeat([]byte("a line of it\n"), 20_000)))
		}
		write(t, dir, all, ownFile)
		return dir
	})
}
