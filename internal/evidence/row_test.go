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
		at := func(label string) time.Time {
			if !rapid.Bool().Draw(t, label+" known") {
				return time.Time{}
			}
			return known(time.Unix(rapid.Int64Range(-62135596800, 253402300799).Draw(t, label), 0))
		}
		path := PayloadPath("acct-rossi", scope.Mail, rapid.Int64Min(1).Draw(t, "ordinal"), rapid.String().Draw(t, "name"))
		f := framed{
			id: rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~]{1,20}`)).Draw(t, "id"), category: scope.Content,
			called: rapid.String().Draw(t, "name"), received: at("received"), until: at("until"), sent: at("sent"), size: rapid.Int64().Draw(t, "size"), verdict: "split",
		}
		want, err := json.Marshal(f.row([]byte(path)))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(f.appendRow(nil, []byte(path))); got != string(want) {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	})
}
