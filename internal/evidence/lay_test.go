package evidence_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"filippo.io/age"

	"counterseal/internal/evidence"
)

// Sizes at which an item just fits a block, fills it, or goes to a spool and
// from there to a file, and the small ones that share a block with them.
func edges() (sizes []int) {
	for _, edge := range []int{256 << 10, 512 << 10, 1 << 20, 3 << 20} {
		for _, d := range []int{-1024, -513, -512, -511, -1, 0, 1, 512} {
			sizes = append(sizes, 0, edge+d, 1, 511, 100<<10, 512, edge/2+d, 513, 5000)
		}
	}
	return sizes
}

func TestItemsOfAnySizeKeepTheirBytesAndTheirOrder(t *testing.T) {
	id := newKey(t)
	o := options(t)
	o.ByteCap = 1 << 40
	w, out := begin(t, id.Recipient(), header(t), o)
	random := rand.NewChaCha8([32]byte{1})
	want := map[string][]byte{}
	given := 0
	for i, size := range edges() {
		body := make([]byte, size)
		random.Read(body)
		it := item("acct-rossi", fmt.Sprintf("m%d", i), march(3), march(3), "a.eml", body)
		readers := []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.HalfReader, iotest.DataErrReader}
		broken := i%4 == 3 // and in between, items that fail at their end leave nothing
		it.Open = func() (io.ReadCloser, error) {
			r := readers[i%len(readers)](bytes.NewReader(body))
			if broken {
				r = io.MultiReader(r, iotest.ErrReader(errors.New("a broken disk")))
			}
			return io.NopCloser(r), nil
		}
		err := w.Add(it)
		if broken {
			wantCode(t, err, "evidence.item")
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		given++
		want[evidence.PayloadPath("acct-rossi", it.Service, int64(given), "a.eml")] = body
	}
	sealed := closed(t, w, "en")
	names, files, _ := open(t, out.Bytes(), id)
	payload := names[1 : 1+given] // behind data/
	for i, name := range payload {
		_, _, ordinal, ok := evidence.ParsePayloadPath(name)
		if !ok || ordinal != int64(i+1) {
			t.Fatalf("file %d of the payload is %q", i+1, name)
		}
		if !bytes.Equal(files[name], want[name]) {
			t.Fatalf("%s: %d bytes came out of %d, or other bytes", name, len(files[name]), len(want[name]))
		}
	}
	if sealed.Items != int64(given) || len(want) != given {
		t.Fatalf("%d items sealed, %d paths, %d given", sealed.Items, len(want), given)
	}
}

// scribbler leaves rubbish in the room that it was lent and did not use.
type scribbler struct{ r io.Reader }

func (s scribbler) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	for i := n; i < min(len(p), n+4096); i++ {
		p[i] = 'x'
	}
	return n, err
}

func TestWhatASourceLeavesBehindItsBytesIsNotInThePackage(t *testing.T) {
	id := newKey(t)
	var tars [2][]byte
	for i := range tars {
		w, out := begin(t, id.Recipient(), header(t), options(t))
		for n := range 3000 { // each block is used more than once
			body := bytes.Repeat([]byte{'a'}, n%1500)
			it := item("acct-rossi", fmt.Sprintf("m%d", n), march(3), march(3), "a.eml", body)
			it.Open = func() (io.ReadCloser, error) {
				if i == 1 {
					return io.NopCloser(scribbler{bytes.NewReader(body)}), nil
				}
				return io.NopCloser(bytes.NewReader(body)), nil
			}
			if err := w.Add(it); err != nil {
				t.Fatal(err)
			}
		}
		closed(t, w, "en")
		plain, err := age.Decrypt(out, id)
		if err != nil {
			t.Fatal(err)
		}
		tars[i], err = io.ReadAll(plain)
		if err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(tars[0], tars[1]) {
		t.Fatal("the two tars differ")
	}
}
