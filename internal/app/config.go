package app

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"time"
)

// config writes counterseal.toml for a new folder, with a word on each choice.
func (n Founding) config() string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("# Counterseal, one provider on one machine. Unknown keys are refused.")
	p("provider = %q", n.Provider)
	p("")
	p("[ledger]")
	p("tick = %q   # one leaf of the journal, busy or idle", cmp.Or(n.Tick, 15*time.Second).String())
	p("batch = %q  # one padded batch of the register", cmp.Or(n.Batch, 24*time.Hour).String())
	p("")
	p("[notice]")
	p("waiting_days = 7  # between the customer's notice and a release, never past the legal date")
	p("contact = %q", n.Contact)
	p("")
	p("[gate]")
	p("address = \"inside\"  # for trying out; unix:PATH for a gate under its own user")
	p("id = %q", cmp.Or(n.GateID, "gate-1"))
	p("region = %q", cmp.Or(n.Region, "main"))
	for _, m := range n.Mail {
		p("")
		p("[[mail]]")
		p("root = %q", m.Root)
		p("file = %q", m.File)
		p("header = %q", m.Header)
		p("quote = %q", m.Quote)
	}
	if !n.Clock.IsZero() {
		p("")
		p("[demo]")
		p("clock = %s  # a demo has its own time", n.Clock.UTC().Format(time.RFC3339))
	}
	return b.String()
}

// SetDemoClock lets a demo's folder go on from a moment when it is opened again.
func (f Folder) SetDemoClock(at time.Time) error {
	text, err := os.ReadFile(f.Config())
	if err != nil {
		return folderProblem(err)
	}
	head, _, _ := strings.Cut(string(text), "[demo]")
	head += fmt.Sprintf("[demo]\nclock = %s  # a demo has its own time\n", at.UTC().Format(time.RFC3339))
	if err := os.WriteFile(f.Config(), []byte(head), 0o644); err != nil {
		return folderProblem(err)
	}
	return nil
}
