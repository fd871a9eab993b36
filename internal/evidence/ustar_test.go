package evidence

import (
	"archive/tar"
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"counterseal/internal/scope"
)

func TestHeadersAreThoseOfArchiveTar(t *testing.T) {
	mtime := time.Date(2026, 9, 18, 15, 0, 0, 0, time.UTC)
	u, err := newUstar(mtime)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		account := scope.AccountID(rapid.StringMatching(`[a-z0-9][a-z0-9-]{1,62}[a-z0-9]`).Draw(t, "account"))
		service := rapid.SampledFrom(scope.Services).Draw(t, "service")
		name := Base + "/" + PayloadPath(account, service, rapid.Int64Range(1, 1<<40).Draw(t, "ordinal"), rapid.StringMatching(`[a-z.]{0,120}`).Draw(t, "name"))
		if rapid.Bool().Draw(t, "tag file") {
			name = Base + "/" + rapid.SampledFrom(TagFiles[:]).Draw(t, "tag")
		}
		size := rapid.Int64Range(0, maxUstarSize+2).Draw(t, "size")
		var want bytes.Buffer
		err := tar.NewWriter(&want).WriteHeader(fileHeader(name, size, mtime))
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, headerSize)
		if !u.put(got, []byte(name), size) {
			if want.Len() == 512 {
				t.Fatalf("%q of %d bytes fits and was refused", name, size)
			}
			return
		}
		if diff := cmp.Diff(want.Bytes(), got); diff != "" {
			t.Fatalf("%q of %d bytes (-tar +ours):\n%s", name, size, diff)
		}
	})
}
