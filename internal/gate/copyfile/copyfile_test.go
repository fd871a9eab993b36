package copyfile_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"counterseal/internal/gate/copyfile"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

var errStore = errors.New("the store broke")

func passes(err error) bool { return errors.Is(err, errStore) }

type kept struct {
	Item  copyfile.Item
	Bytes []byte
	Fails bool
}

// written is a copy of these items and rows.
func written(t testing.TB, items []kept, rows []copyfile.Withheld) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := copyfile.NewWriter(&out, "g")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range items {
		var from io.Reader = bytes.NewReader(k.Bytes)
		if k.Fails {
			from = io.MultiReader(from, iotest.ErrReader(errStore))
		}
		whole, err := w.Item(k.Item, from, passes)
		if err != nil || whole == k.Fails {
			t.Fatal(whole, err)
		}
	}
	for _, x := range rows {
		if err := w.Withhold(x); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWhatIsReadIsWhatWasKept(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringN(0, 20, -1)
		at := func(name string) time.Time {
			return time.Unix(rapid.Int64Range(-1e12, 1e12).Draw(rt, name), rapid.Int64Range(0, 999_999_999).Draw(rt, name+" nanos")).UTC()
		}
		var items []kept
		for range rapid.IntRange(0, 4).Draw(rt, "items") {
			size := rapid.SampledFrom([]int{0, 1, 65535, 65536, 65537, 200_000}).Draw(rt, "size")
			items = append(items, kept{Fails: rapid.Bool().Draw(rt, "fails"), Bytes: bytes.Repeat([]byte{byte(size)}, size),
				Item: copyfile.Item{Item: scope.Item{ID: text.Draw(rt, "id"), Account: "acct-a1", Service: scope.Mail, Category: scope.Content, Received: at("received"), Sent: at("sent"),
					ReceivedSpread: time.Duration(rapid.Int64().Draw(rt, "spread")), Lasting: rapid.Bool().Draw(rt, "lasting")}, Size: int64(size), Undated: text.Draw(rt, "undated"), Name: text.Draw(rt, "name"), Filename: text.Draw(rt, "file")}})
		}
		rows := []copyfile.Withheld{{Reason: "near", Ref: "ab", Account: "acct-a1", Service: scope.Mail, Detail: text.Draw(rt, "detail")}}
		file := written(t, items, rows)
		var got []kept
		var gotRows []copyfile.Withheld
		counts, err := copyfile.Read(iotest.HalfReader(bytes.NewReader(file)), "g", func(it copyfile.Item, from io.Reader) error {
			b, err := io.ReadAll(from)
			if b == nil {
				b = []byte{}
			}
			got = append(got, kept{it, b, err != nil})
			return nil
		}, func(x copyfile.Withheld) error { gotRows = append(gotRows, x); return nil })
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(items, got, cmp.Comparer(bytes.Equal)); d != "" {
			t.Fatal(d)
		}
		if d := cmp.Diff(rows, gotRows); d != "" {
			t.Fatal(d)
		}
		if counts.Items+counts.Withheld != int64(len(items)+1) {
			t.Fatalf("%+v", counts)
		}
	})
}

// An item that nobody reads is passed over, and counts all the same.
func TestWhatNobodyReadsIsPassedOver(t *testing.T) {
	file := written(t, []kept{{Bytes: bytes.Repeat([]byte("x"), 200_000)}, {Bytes: []byte("y"), Fails: true}, {Bytes: []byte("z")}}, nil)
	var seen int
	counts, err := copyfile.Read(bytes.NewReader(file), "g", func(copyfile.Item, io.Reader) error { seen++; return nil }, nil)
	if err != nil || seen != 3 || counts != (copyfile.Counts{Items: 2, Bytes: 200_001, Withheld: 1}) {
		t.Fatal(seen, counts, err)
	}
}

func TestACopyThatIsCutOrGoesOnIsNone(t *testing.T) {
	file := written(t, []kept{{Bytes: []byte("hello")}}, []copyfile.Withheld{{Reason: "near"}})
	read := func(b []byte, grant string) error {
		_, err := copyfile.Read(bytes.NewReader(b), grant, func(_ copyfile.Item, r io.Reader) error { _, err := io.Copy(io.Discard, r); return err }, func(copyfile.Withheld) error { return nil })
		return err
	}
	for n := range file {
		if problem.Code(read(file[:n], "g")) != "copy.form" {
			t.Fatalf("cut at %d of %d: accepted", n, len(file))
		}
	}
	for name, err := range map[string]error{"another grant's": read(file, "h"), "with more": read(append(bytes.Clone(file), 'x'), "g"), "twice": read(append(bytes.Clone(file), file...), "g")} {
		if problem.Code(err) != "copy.form" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := read(file, "g"); err != nil {
		t.Error(err)
	}
}

func TestTheFilesErrorsAndTheCallersAreNotMistakenForTheStores(t *testing.T) {
	w, err := copyfile.NewWriter(io.Discard, "g")
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("a stop")
	if _, err := w.Item(copyfile.Item{}, iotest.ErrReader(stop), passes); !errors.Is(err, stop) {
		t.Error(err)
	}
	file := written(t, []kept{{}}, nil)
	if _, err := copyfile.Read(bytes.NewReader(file), "g", func(copyfile.Item, io.Reader) error { return stop }, nil); !errors.Is(err, stop) {
		t.Error(err)
	}
}

// Whatever the bytes are, reading ends in bounded memory, and what is accepted has an
// end that counts it.
func FuzzRead(f *testing.F) {
	f.Add(written(f, []kept{{Bytes: []byte("hello"), Item: copyfile.Item{Item: scope.Item{ID: "m-1", Account: "acct-a1", Service: scope.Mail}}}, {Bytes: []byte("x"), Fails: true}}, []copyfile.Withheld{{Reason: "near", Ref: "ab"}}))
	f.Add([]byte("h\x00\x00\x00\x02{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var items, rows int64
		counts, err := copyfile.Read(bytes.NewReader(b), "g", func(_ copyfile.Item, r io.Reader) error {
			if _, err := io.Copy(io.Discard, r); err == nil {
				items++
			} else {
				rows++
			}
			return nil
		}, func(copyfile.Withheld) error { rows++; return nil })
		if err == nil && (counts.Items != items || counts.Withheld != rows) {
			t.Fatalf("%+v of %d items and %d rows", counts, items, rows)
		}
	})
}
