package app

import (
	"testing"
	"time"

	"counterseal/internal/authority"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

func TestAnAgencyGetsAZipWhereItHasNoKeyOrSomebodyAsksForIt(t *testing.T) {
	key := []authority.Recipient{{Key: "age1old"}, {Key: "age1new"}}
	zip := &authority.Zip{Content: true}
	for _, c := range []struct {
		agency authority.Agency
		asked  bool
		want   string
		code   string
	}{
		{authority.Agency{Recipients: key}, false, "age1new", ""},
		{authority.Agency{Recipients: key, Zip: zip}, false, "age1new", ""},
		{authority.Agency{Recipients: key, Zip: zip}, true, grant.ByZip, ""},
		{authority.Agency{Zip: zip}, false, grant.ByZip, ""},
		{authority.Agency{Recipients: key}, true, "", "grant.zip_not_said"},
		{authority.Agency{}, false, "", "grant.recipient_unknown"},
	} {
		got, err := recipientOf(c.agency, "us-harbor", c.asked)
		if got != c.want || problem.Code(err) != c.code {
			t.Errorf("%+v, asked %v: %q, %v", c.agency, c.asked, got, err)
		}
	}
}

// What the charter knows keeps its day, and another word about content begins anew.
func TestADraftDatesAZipFromTheCharterOrFromToday(t *testing.T) {
	old, now := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	c := &grant.Charter{Agencies: []grant.Agency{{ID: "us-harbor", Recipients: []grant.Recipient{{Since: old, Key: grant.ByZip}}}}}
	for content, want := range map[bool]time.Time{false: old, true: now} {
		st := grant.Statement{At: now, Agencies: []grant.Agency{{ID: "us-harbor", Recipients: []grant.Recipient{{Since: old.AddDate(-1, 0, 0), Key: grant.ByZip, Content: content}}}}}
		Folder("").datedFrom(c, &st)
		if got := st.Agencies[0].Recipients[0].Since; !got.Equal(want) {
			t.Errorf("content %v: since %v", content, got)
		}
	}
}
