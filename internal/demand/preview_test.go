package demand_test

import (
	"slices"
	"testing"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/scope"
)

var previewV1 = demand.DraftPreview{Grant: "v-1", Digest: digestG, Scope: whole("acc-one"), Region: "iad", Expires: later.Add(time.Hour)}

func TestAGrantToPreviewIsRefusedForEachReason(t *testing.T) {
	preview := func(f func(*demand.DraftPreview)) demand.Command { c := previewV1; f(&c); return c }
	ask(t, pair, []askCase{
		{name: "preview", on: theDemand, cmd: previewV1},
		{name: "without an id", on: theDemand, cmd: preview(func(c *demand.DraftPreview) { c.Grant = "" }), code: "grant.incomplete"},
		{name: "without a text", on: theDemand, cmd: preview(func(c *demand.DraftPreview) { c.Digest = demand.Digest{} }), code: "grant.incomplete"},
		{name: "nowhere", on: theDemand, cmd: preview(func(c *demand.DraftPreview) { c.Region = "" }), code: "grant.incomplete"},
		{name: "nothing", on: theDemand, cmd: preview(func(c *demand.DraftPreview) { c.Scope = scope.Scope{} }), code: "grant.incomplete"},
		{name: "that is over", on: theDemand, cmd: preview(func(c *demand.DraftPreview) { c.Expires = later }), code: "grant.incomplete"},
		{name: "twice", before: []given{{theDemand, previewV1}}, on: theDemand, cmd: previewV1, code: "grant.exists"},
		{name: "under a release's name", on: theDemand, cmd: preview(func(c *demand.DraftPreview) { c.Grant = "g1" }), code: "grant.exists"},
		{name: "under a keeping's name", before: []given{{theDemand, keepC1}}, on: theDemand, cmd: preview(func(c *demand.DraftPreview) { c.Grant = "c-1" }), code: "grant.exists"},
		{name: "more than is asked", on: theDemand, cmd: preview(func(c *demand.DraftPreview) { c.Scope = whole("acc-one", "acc-four") }), code: "target.not_named"},
	})
}

func TestEachObstacleAloneBlocksAPreview(t *testing.T) {
	for name, c := range map[string]struct {
		scene *scene
		part  scope.Scope
		code  string
	}{
		"nothing":    {ready(), whole("acc-one"), ""},
		"forged":     {ready().change("authentic", demand.Authenticated{How: "call"}), whole("acc-one"), "instrument.forged"},
		"unverified": {ready().drop("authentic"), whole("acc-one"), "instrument.unverified"},
		"not asked":  {ready(), scope.Scope{}, "preservation.not_asked"},
		"stayed":     {ready().then(demand.Stayed{Reach: whole("acc-one").Lines(), Source: "court"}), whole("acc-one"), "release.stayed"},
		"closed":     {ready().then(demand.Closed{}), whole("acc-one"), "demand.closed"},
	} {
		s, e := c.scene.play()
		got := demand.MayPreview(s, c.part, e)
		if c.code == "" && len(got) > 0 || c.code != "" && !slices.ContainsFunc(got, func(o demand.Obstacle) bool { return o.Code == c.code }) {
			t.Errorf("%s: %v", name, got)
		}
	}
	s, e := ready().play()
	for _, id := range []string{"v-9", "g1"} { // none, and a release's
		if got := demand.MayPreviewBy(s, id, e); len(got) != 1 || got[0].Code != "grant.missing" {
			t.Error(id, got)
		}
	}
}
