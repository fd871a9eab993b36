package demand_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/demand"
	"counterseal/internal/scope"
)

var update = flag.Bool("update", false, "write the corpus where there is none")

// corpora are one history for each kind of stream, which together have every kind
// of event in its present version.
func corpora() map[string][]demand.Recorded {
	return map[string][]demand.Recorded{"demand": wholeHistory(), "unread": readHistory(), "contest": contestHistory(), "secrecy": secrecyHistory(), "matter": matterHistory(),
		"case": caseHistory(), "notes": notesHistory(), "keeping": keepingHistory(), "preview": previewHistory(), "incident": incidentHistory(),
		"witnesses": witnessHistory(), "correction": correctionHistory()}
}

// The folder corpus was written by the first version; corpora by later ones, each
// beside what is there. No frozen record is ever written again.
func TestTheFrozenCorpusDecodesAndFoldsToTheRecordedState(t *testing.T) {
	foldsAsRecorded(t, filepath.Join("testdata", "corpus"), nil)
	for name, history := range corpora() {
		foldsAsRecorded(t, filepath.Join("testdata", "corpora", name), history)
	}
}

func foldsAsRecorded(t *testing.T, dir string, written []demand.Recorded) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if *update && len(names) == 0 { // never written again: a frozen record does not change
		writeCorpus(t, dir, written)
		names, _ = filepath.Glob(filepath.Join(dir, "*.json"))
	}
	seen := map[string]bool{}
	var history []demand.Recorded
	for _, name := range names { // in order of their number
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		id, r, err := demand.Decode(b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := demand.Encode(id, r.Meta, r.Event)
		if err != nil || (!bytes.Equal(again, b) && bytes.Contains(again, version(b))) {
			t.Errorf("%s: written again it differs (%v)", name, err)
		}
		seen[demand.KindOf(r.Event)] = true
		history = append(history, r)
	}
	for _, r := range written {
		if k := demand.KindOf(r.Event); !seen[k] {
			t.Errorf("no frozen record of kind %q; freeze one beside the others", k)
		}
	}
	s := demand.Fold(history)
	if s.Unsound > 0 {
		t.Fatalf("%s: event %d does not fit", dir, s.Unsound)
	}
	want, err := os.ReadFile(filepath.Join(dir, "state.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), dump(s)); diff != "" {
		t.Fatalf("%s folds to another state (-recorded +now):\n%s", dir, diff)
	}
}

// version is the part of a record that says its kind and version: one of an
// earlier version is written again in the present one.
func version(b []byte) []byte {
	return b[:bytes.Index(b, []byte(`,"demand"`))]
}

func TestEveryKindIsInTheCorpusHistories(t *testing.T) {
	n := map[string]bool{}
	for _, history := range corpora() {
		for _, r := range history {
			n[demand.KindOf(r.Event)] = true
		}
	}
	src, err := os.ReadFile("kinds.go")
	if err != nil {
		t.Fatal(err)
	}
	if want := bytes.Count(src, []byte("\tof[")); len(n) != want || n[""] {
		t.Fatalf("%d kinds are listed, %d are tried", want, len(n))
	}
}

func writeCorpus(t *testing.T, dir string, history []demand.Recorded) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for i, r := range history {
		b, err := demand.Encode("d-7f3a", r.Meta, r.Event)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d-%s.json", i+1, demand.KindOf(r.Event))), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "state.txt"), []byte(dump(demand.Fold(history))), 0o644); err != nil {
		t.Fatal(err)
	}
}

// dump writes everything in a state that is not zero, one line each, so that a
// field added later does not change what is recorded.
func dump(s *demand.State) string {
	var b strings.Builder
	dumpValue(&b, "state", reflect.ValueOf(*s))
	return b.String()
}

func dumpValue(b *strings.Builder, path string, v reflect.Value) {
	if v.IsZero() {
		return
	}
	switch x := v.Interface().(type) {
	case time.Time:
		fmt.Fprintf(b, "%s %s\n", path, x.Format(time.RFC3339Nano))
		return
	case scope.Scope:
		for _, l := range x.Lines() {
			fmt.Fprintf(b, "%s %s\n", path, l)
		}
		return
	case demand.Digest:
		fmt.Fprintf(b, "%s %s\n", path, x)
		return
	case []byte:
		fmt.Fprintf(b, "%s %s\n", path, hex.EncodeToString(x))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if !v.Type().Field(i).IsExported() {
				continue
			}
			dumpValue(b, path+"."+v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Map: // the reach of a stay, demand by demand
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			dumpValue(b, path+"["+k.String()+"]", v.MapIndex(k))
		}
	case reflect.Slice:
		for i := range v.Len() {
			dumpValue(b, fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
	default:
		fmt.Fprintf(b, "%s %q\n", path, fmt.Sprint(v.Interface()))
	}
}

const goodRecord = `{"kind":"notice.sent","v":3,"demand":"d-1","seq":3,"at":"2026-03-02T09:00:00Z","by":"ann","reason":"","salt":"00112233445566778899aabbccddeeff","data":{"Account":"acc-one","Letter":"l","To":"holder","Knew":0}}`

func TestARecordIsReadOnlyInTheFormInWhichItWasWritten(t *testing.T) {
	if _, _, err := demand.Decode([]byte(goodRecord)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, new, code string }{
		"unknown key":         {`"reason":""`, `"reason":"","extra":1`, "event.form"},
		"unknown inner key":   {`"Letter":"l"`, `"Letter":"l","Extra":1`, "event.form"},
		"key twice":           {`"seq":3`, `"seq":3,"seq":3`, "event.form"},
		"inner key twice":     {`"Letter":"l"`, `"Letter":"l","Letter":"l"`, "event.form"},
		"key in another case": {`"kind"`, `"Kind"`, "event.form"},
		"inner in another":    {`"Account"`, `"account"`, "event.form"},
		"Kelvin sign":         {`"kind"`, "\"\u212aind\"", "event.form"},
		"missing key":         {`,"reason":""`, ``, "event.form"},
		"missing inner key":   {`,"Letter":"l"`, ``, "event.form"},
		"no data":             {`{"Account":"acc-one","Letter":"l","To":"holder","Knew":0}`, `null`, "event.form"},
		"another order":       {`"Account":"acc-one","Letter":"l"`, `"Letter":"l","Account":"acc-one"`, "event.form"},
		"a short salt":        {`ccddeeff`, `ccdd`, "event.form"},
		"a salt in capitals":  {`ccddeeff`, `CCDDEEFF`, "event.form"},
		"no salt":             {`,"salt":"00112233445566778899aabbccddeeff"`, ``, "event.form"},
		"a space":             {`"seq":3`, `"seq": 3`, "event.form"},
		"an inner space":      {`"Letter":"l"`, `"Letter": "l"`, "event.form"},
		"trailing data":       {`"Knew":0}}`, `"Knew":0}}{}`, "event.form"},
		"trailing line":       {`"Knew":0}}`, "\"Knew\":0}}\n", "event.form"},
		"trailing bracket":    {`"Knew":0}}`, `"Knew":0}}]`, "event.form"},
		"huge number":         {`"seq":3`, `"seq":18446744073709551616`, "event.form"},
		"float":               {`"seq":3`, `"seq":3.0`, "event.form"},
		"exponent":            {`"seq":3`, `"seq":3e0`, "event.form"},
		"no place":            {`"seq":3`, `"seq":0`, "event.form"},
		"a zone":              {`09:00:00Z`, `09:00:00+01:00`, "event.form"},
		"zero zone":           {`09:00:00Z`, `09:00:00+00:00`, "event.form"},
		"no year":             {`2026-`, `0000-`, "event.form"},
		"replaced text":       {`"by":"ann"`, "\"by\":\"a\xffn\"", "event.form"},
		"lone surrogate":      {`"by":"ann"`, `"by":"\ud800"`, "event.form"},
		"needless escape":     {`"by":"ann"`, `"by":"\u0061nn"`, "event.form"},
		"unknown kind":        {`notice.sent`, `notice.unsent`, "event.kind"},
		"later version":       {`"v":3`, `"v":4`, "event.kind"},
		"an earlier version":  {`"v":3`, `"v":1`, "event.form"},
	} {
		if !strings.Contains(goodRecord, c.old) {
			t.Fatalf("%s: nothing to change", name)
		}
		_, _, err := demand.Decode([]byte(strings.Replace(goodRecord, c.old, c.new, 1)))
		if err == nil {
			t.Errorf("%s was accepted", name)
			continue
		}
		wantCode(t, err, c.code)
	}
	for name, b := range map[string][]byte{"nothing": nil, "null": []byte("null"), "a list": []byte("[]"),
		"too long": []byte(goodRecord + strings.Repeat(" ", demand.MaxRecord)), "deep": bytes.Repeat([]byte("["), 100_000)} {
		_, _, err := demand.Decode(b)
		if err == nil {
			t.Errorf("%s was accepted", name)
			continue
		}
		wantCode(t, err, "event.form")
	}
}

func TestATimeInAnEventHasNoZone(t *testing.T) {
	const r = `{"kind":"secrecy.stated","v":1,"demand":"d-1","seq":3,"at":"2026-03-02T09:00:00Z","by":"ann","reason":"","salt":"00112233445566778899aabbccddeeff","data":{"None":false,"Source":"order","Until":"2026-03-02T09:00:00Z"}}`
	if _, _, err := demand.Decode([]byte(r)); err != nil {
		t.Fatal(err)
	}
	_, _, err := demand.Decode([]byte(strings.Replace(r, `09:00:00Z"}`, `09:00:00+01:00"}`, 1)))
	wantCode(t, err, "event.form")
	zone := time.FixedZone("", 3600)
	_, err = demand.Encode("d-1", demand.Meta{Seq: 1, At: start}, demand.SecrecyStated{Source: "order", Until: start.In(zone)})
	wantCode(t, err, "demand.time")
}

func TestWhatARecordCannotHoldIsNotWritten(t *testing.T) {
	for name, c := range map[string]struct {
		id   demand.ID
		m    demand.Meta
		e    demand.Event
		code string
	}{
		"id":      {"d\xff", demand.Meta{Seq: 1, At: start}, demand.Closed{}, "event.encode"},
		"actor":   {"d", demand.Meta{Seq: 1, At: start, By: "\xff"}, demand.Closed{}, "event.encode"},
		"reason":  {"d", demand.Meta{Seq: 1, At: start, Reason: "\xff"}, demand.Closed{}, "event.encode"},
		"year":    {"d", demand.Meta{Seq: 1, At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, demand.Closed{}, "event.encode"},
		"letter":  {"d", demand.Meta{Seq: 1, At: start}, demand.NoticeSent{Letter: "\xff"}, "demand.text"},
		"inner":   {"d", demand.Meta{Seq: 1, At: start}, demand.Assessed{Findings: []demand.Finding{{}, {Missing: []string{"a", "\xff"}}}}, "demand.text"},
		"pointer": {"d", demand.Meta{Seq: 1, At: start}, &demand.Closed{}, "event.kind"},
		"size":    {"d", demand.Meta{Seq: 1, At: start}, demand.Authenticated{How: strings.Repeat("x", demand.MaxRecord)}, "event.too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := demand.Encode(c.id, c.m, c.e)
			wantCode(t, err, c.code)
		})
	}
}

func TestALeafCommitsToTheSubjectOrTheStoredBytes(t *testing.T) {
	stored := []byte(goodRecord)
	if d, ok := demand.Leaf(demand.GrantDrafted{Digest: digestG}, stored); !ok || d != digestG {
		t.Error("a grant's leaf is the grant's own digest")
	}
	if d, ok := demand.Leaf(demand.ReleasePermitted{Release: digestR}, stored); !ok || d != digestR {
		t.Error("a permission's leaf is the release statement's digest")
	}
	if d, ok := demand.Leaf(demand.Closed{}, stored); !ok || d != sha256.Sum256(stored) {
		t.Error("another leaf is the digest of what is stored")
	}
	for _, e := range []demand.Event{demand.FactsStated{}, demand.Assessed{}, demand.Resolved{}} {
		if _, ok := demand.Leaf(e, stored); ok {
			t.Errorf("%s is journaled", demand.KindOf(e))
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(goodRecord))
	for _, history := range corpora() {
		for _, r := range history {
			b, err := demand.Encode("d-7f3a", r.Meta, r.Event)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	base := ready().history()
	f.Fuzz(func(t *testing.T, b []byte) {
		id, r, err := demand.Decode(b)
		if err != nil {
			return
		}
		again, err := demand.Encode(id, r.Meta, r.Event)
		if err != nil {
			t.Fatalf("decoded, but not encoded: %v", err)
		}
		if !bytes.Equal(again, b) && bytes.Contains(again, version(b)) {
			t.Fatalf("written again it differs:\n%s\n%s", b, again)
		}
		// Whatever it says, at the end of a history or alone, nothing panics.
		_, e := ready().play()
		for _, h := range [][]demand.Recorded{{r}, append(base[:len(base):len(base)], demand.Recorded{Meta: demand.Meta{Seq: demand.Seq(len(base) + 1)}, Event: r.Event})} {
			s := demand.Fold(h)
			demand.Agenda(s, e.Policy)
			demand.MayRelease(s, "g1", e)
			demand.MayClose(s, e)
			demand.MayDecide(s, 1, e)
			demand.MayNotify(s, "acc-one", e)
			s.Status(later)
		}
	})
}
