package evidence

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"counterseal/internal/scope"
)

func TestARowIsWrittenAsTheJSONPackageWritesIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := func(label string) *time.Time {
			if !rapid.Bool().Draw(t, label+" known") {
				return nil
			}
			return known(time.Unix(rapid.Int64Range(-62135596800, 253402300799).Draw(t, label), 0))
		}
		r := ItemRow{
			Path: PayloadPath("acct-rossi", scope.Mail, rapid.Int64Min(1).Draw(t, "ordinal"), rapid.String().Draw(t, "name")),
			ID:   rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~]{1,20}`)).Draw(t, "id"), Category: scope.Content,
			Received: at("received"), Sent: at("sent"), Size: rapid.Int64().Draw(t, "size"), Verdict: "split",
		}
		want, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(r.appendTo(nil)); got != string(want) {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	})
}
