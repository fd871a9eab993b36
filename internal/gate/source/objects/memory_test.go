package objects_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/objects"
)

// What a folder holds is not kept while the folders in it are read.
func TestDeepFoldersOfManyFilesDoNotGrowTheMemory(t *testing.T) {
	const levels, files = 10, 10_000
	var first, deepest uint64
	s := answer(t, objects.WebDAV, func(w http.ResponseWriter, r *http.Request) {
		depth := strings.Count(r.URL.Path, "/") - 2
		if depth == 1 && first == 0 || depth == levels {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if first == 0 {
				first = m.HeapAlloc
			} else {
				deepest = max(deepest, m.HeapAlloc)
			}
		}
		w.WriteHeader(http.StatusMultiStatus)
		_, _ = io.WriteString(w, `<D:multistatus xmlns:D="DAV:">`+response(r.URL.Path, isFolder))
		if depth < levels {
			_, _ = io.WriteString(w, response(r.URL.Path+"again/", isFolder))
		}
		for i := range files {
			_, _ = io.WriteString(w, response(fmt.Sprintf("%sfile-%06d", r.URL.Path, i), isFile))
		}
		_, _ = io.WriteString(w, `</D:multistatus>`)
	}, "")
	from := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC) // no file is of then
	_, _, err := collect(t, s, source.Query{Account: owner, From: from, Until: from.Add(time.Hour)})
	if err != nil || deepest == 0 || deepest > first+(16<<20) {
		t.Errorf("%d MiB, and %d MiB at the deepest: %v", first>>20, deepest>>20, err)
	}
}
