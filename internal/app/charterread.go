package app

import (
	"fmt"
	"os"
	"strings"
	"sync"

	"counterseal/internal/grant"
)

// charterRead is the office's last reading of the charter, and what the files of it
// were like then.
type charterRead struct {
	mu      sync.Mutex
	stamp   string
	charter *grant.Charter
}

// charter is Folder.Charter, read and verified again where a file has been added or
// has changed: a map of thousands of accounts is not parsed for every page. Whoever
// can change a file and its time unseen fools the office alone: the gate keeps and
// believes its own charter. Codes: those of Folder.Charter.
func (o *Office) charter() (*grant.Charter, error) {
	stamp := o.Folder.charterStamp()
	o.read.mu.Lock()
	defer o.read.mu.Unlock()
	if stamp != "" && stamp == o.read.stamp {
		return o.read.charter, nil
	}
	c, err := o.Folder.readCharter(&o.readings)
	if err != nil {
		return nil, err
	}
	o.read.stamp, o.read.charter = stamp, c
	return c, nil
}

// charterStamp tells names, sizes and times of the charter's files; "" where they
// cannot be told.
func (f Folder) charterStamp() string {
	entries, err := os.ReadDir(f.path("charter"))
	if err != nil {
		return ""
	}
	var b strings.Builder
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return ""
		}
		fmt.Fprintf(&b, "%s %d %d\n", e.Name(), info.Size(), info.ModTime().UnixNano())
	}
	return b.String()
}
