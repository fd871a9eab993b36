package app_test

import (
	"context"
	"strings"
	"testing"

	"counterseal/internal/app"
)

// A command that ends soon may have the logs while an office is started. The office has to
// come to write them, or nothing is published any more.
func TestAnOfficeTakesTheLogsOverFromAProcessThatHadThemAndEnds(t *testing.T) {
	stage, command := freshStage(t)
	o, err := app.Open(t.Context(), stage.Folder, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- o.Run(ctx) }()
	journal := func() string {
		for _, c := range o.Examine(t.Context()).Checks {
			if c.About == "journal" {
				return c.Says
			}
		}
		return ""
	}
	if by := journal(); !strings.Contains(by, "another process") {
		t.Errorf("while another process has the logs: %s", by)
	}
	if err := command.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the logs", func() bool { return strings.HasSuffix(journal(), "written by this process") })
	size := journal()
	eventually(t, "a leaf more", func() bool { return journal() != size })
	late, err := app.Open(t.Context(), stage.Folder, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := late.Close(); err != nil {
		t.Error(err)
	}
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
