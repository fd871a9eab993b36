package app

import (
	"cmp"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// config writes counterseal.toml for a new folder, with a word on each choice.
func (n Founding) config() string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("# Counterseal, one provider on one machine. Unknown keys are refused.")
	p("provider = %q", n.Provider)
	p("zone = %q  # in which staff state days", cmp.Or(n.Zone, "UTC"))
	p("")
	p("[ledger]")
	p("tick = %q   # one leaf of the journal, busy or idle", cmp.Or(n.Tick, 15*time.Second).String())
	p("batch = %q  # one padded batch of the register", cmp.Or(n.Batch, 24*time.Hour).String())
	p("")
	p("[notice]")
	p("waiting_days = 7  # between the customer's notice and a release, never past the day on the instrument")
	p("contact = %q  # how a customer reaches you; every letter states it", n.Contact)
	p("")
	p("[gate]")
	p("address = \"inside\"  # for trying out; unix:PATH for a gate under its own user")
	p("id = %q", cmp.Or(n.GateID, "gate-1"))
	p("region = %q", cmp.Or(n.Region, "main"))
	p("# The gate's own page, on which people approve with passkeys. It stands in the charter.")
	p("# page = \"http://localhost:8702\"")
	p("# page_listen = \"127.0.0.1:8702\"")
	for _, r := range n.Regions {
		p("")
		p("[[region]]")
		p("id = %q", r.ID)
		p("gate = %q", r.Gate)
	}
	for _, m := range n.Staff {
		p("")
		p("[[staff]]")
		p("id = %q", m.ID)
		p("name = %q", m.Name)
		p("seats = [%s]", quoted(m.Seats))
	}
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
		p("%s", demoSection(n.Clock))
	}
	return b.String()
}

func quoted(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = strconv.Quote(w)
	}
	return strings.Join(out, ", ")
}

// demoSection says what time it is in a demo now.
func demoSection(at time.Time) string {
	return fmt.Sprintf("[demo]\nclock = %s  # a demo has its own time: it was this when …\nsince = %s  # … the machine's clock said this",
		at.UTC().Format(time.RFC3339Nano), time.Now().UTC().Format(time.RFC3339Nano))
}

// SetDemoClock lets a demo's folder go on from a moment when it is opened again.
func (f Folder) SetDemoClock(at time.Time) error {
	text, err := os.ReadFile(f.Config())
	if err != nil {
		return folderProblem(err)
	}
	head, _, _ := strings.Cut(string(text), "[demo]")
	if err := os.WriteFile(f.Config(), []byte(head+demoSection(at)+"\n"), 0o644); err != nil {
		return folderProblem(err)
	}
	return nil
}
