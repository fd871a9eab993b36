package app

import (
	"context"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/web/staff"
)

// pageWaits is how long a page waits for gates to say how far they have come. A page
// without it is better than one that is late.
const pageWaits = 300 * time.Millisecond

// moving puts on a page how far the gate has come with a grant that it collects for. A
// gate that does not answer at once, or of which nothing runs, puts nothing there.
func (o *Office) moving(ctx context.Context, list []staff.Grant) {
	if o.Desk() == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, pageWaits)
	defer cancel()
	for i, g := range list {
		if g.Revoked || g.Outcome != "" || len(g.Approvals) == 0 {
			continue // it has ended, or cannot have begun
		}
		st, err := o.Desk().Status(ctx, g.Digest)
		if err == nil && st.State == gate.Running && st.Progress != nil {
			list[i].Collecting = &staff.Collecting{Items: int(st.Progress.Items), MiB: st.Progress.Bytes >> 20, Withheld: int(st.Progress.Withheld)}
		}
	}
}
