package evidence_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"filippo.io/age"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"counterseal/internal/evidence"
	"counterseal/internal/evidence/release"
	"counterseal/internal/openpgp"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if problem.Code(err) != code {
		t.Fatalf("got %v (cause %v), want %q", err, errors.Unwrap(err), code)
	}
}

func closed(t testing.TB, w *evidence.Writer, language string) evidence.Sealed {
	t.Helper()
	s, err := w.Close(order(language))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// open decrypts and gives the bag's files in order.
func open(t testing.TB, pkg []byte, id *age.X25519Identity) (names []string, files map[string][]byte, heads []tar.Header) {
	t.Helper()
	plain, err := age.Decrypt(bytes.NewReader(pkg), id)
	if err != nil {
		t.Fatal(err)
	}
	files = map[string][]byte{}
	for tr := tar.NewReader(plain); ; {
		h, err := tr.Next()
		if err == io.EOF {
			return names, files, heads
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(h.Name, "package/")
		names, files[name], heads = append(names, name), b, append(heads, *h)
	}
}

func TestAPackageHoldsWhatWasGivenAndSaysWhatWasNot(t *testing.T) {
	id := newKey(t)
	w, out := begin(t, id.Recipient(), header(t), options(t))
	fill(t, w, 20)
	for i := range 3 {
		if err := w.Withhold("near", fmt.Sprintf("msg-9%d", i), "received\n2026-04-01 \u202e"); err != nil {
			t.Fatal(err)
		}
	}
	s := closed(t, w, "de")
	names, files, _ := open(t, out.Bytes(), id)
	if want := 1 + 23 + len(evidence.TagFiles); len(names) != want || len(files) != want {
		t.Fatalf("%d entries, %d names, want %d", len(names), len(files), want)
	}
	if s.Size != int64(out.Len()) || s.Items != 23 || s.TagManifest != sha256.Sum256(files[evidence.TagManifestFile]) {
		t.Fatalf("%+v", s)
	}
	head, _, err := release.AgeHeader(bytes.NewReader(out.Bytes()))
	if err != nil || head != s.AgeHeader {
		t.Fatalf("age header %x, %v", head, err)
	}
	if got := string(files["data/acct-rossi/mail/00000001-Message_0.eml"]); got != "body " {
		t.Fatalf("first item %q", got)
	}
	if got := files["data/acct-rossi/mail/00000021-large.eml"]; !bytes.Equal(got, bytes.Repeat([]byte("0123456789abcdef"), 3<<16)) {
		t.Fatalf("the spooled item has %d other bytes", len(got))
	}
	var o evidence.OrderFile
	if err := json.Unmarshal(files[evidence.OrderName], &o); err != nil {
		t.Fatal(err)
	}
	if o.Items != 23 || o.Split != 1 || o.Withheld != 3 || string(o.Grant) != string(header(t).Grant) || len(o.Approvals) != 2 || len(o.Counts) != 2 {
		t.Fatalf("%+v", o)
	}
	if got, want := string(files[evidence.WithheldFile][:70]), `{"reason":"near","ref":"msg-90","detail":"received 2026-04-01"}`; !strings.HasPrefix(got, want) {
		t.Fatalf("withheld row %q", got)
	}
	if !strings.Contains(string(files[evidence.ReadMeFile]), "beantwortet das Ersuchen m2fd-10") {
		t.Fatal("the README is not in the officer's language")
	}
	if got := s.Release; got.Items != 23 || got.Withheld != 3 || got.Recipient != id.Recipient().String() || got.GrantSHA256 != sha256.Sum256(header(t).Grant) {
		t.Fatalf("%+v", got)
	}
}

func TestTheSameItemsMakeTheSameTar(t *testing.T) {
	id := newKey(t)
	var tars [2][]byte
	for i := range tars {
		w, out := begin(t, id.Recipient(), header(t), options(t))
		fill(t, w, 9)
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
		t.Fatal("the two differ")
	}
}

func TestAnEmptyPackageIsStillABag(t *testing.T) {
	id := newKey(t)
	w, out := begin(t, id.Recipient(), header(t), options(t))
	s := closed(t, w, "it")
	names, files, _ := open(t, out.Bytes(), id)
	if names[0] != "data/" || s.Items != 0 || len(files[evidence.ManifestFile]) != 0 {
		t.Fatalf("%v %+v", names, s)
	}
}

func TestOnlyWhatTheScopeAsksForCanBeAdded(t *testing.T) {
	id := newKey(t)
	w, _ := begin(t, id.Recipient(), header(t), options(t))
	april := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	other := item("acct-rossi", "a", march(1), march(1), "", nil)
	other.Category = scope.Traffic
	for name, it := range map[string]evidence.Item{
		"another account":  item("acct-bianchi", "a", march(1), march(1), "", nil),
		"another category": other,
		"later":            item("acct-rossi", "a", april, april, "", nil),
		"near":             item("acct-rossi", "a", april, march(31), "", nil),
		"undated":          item("acct-rossi", "a", time.Time{}, march(31), "", nil),
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, w.Add(it), "evidence.outside") })
	}
	hand := header(t)
	hand.Filtered = release.ByHand
	if _, err := evidence.NewWriter(t.Context(), io.Discard, id.Recipient(), hand, options(t)); problem.Code(err) != "evidence.header" {
		t.Fatal("by hand, and without the manifest of an export:", err)
	}
	hand.Export = []byte("a manifest")
	w2, _ := begin(t, id.Recipient(), hand, options(t))
	wantCode(t, w2.Add(item("acct-rossi", "a", time.Time{}, time.Time{}, "", nil)), "")
	wantCode(t, w2.Add(other), "evidence.outside")
	if s := closed(t, w, "en"); s.Items != 0 {
		t.Fatalf("%d items", s.Items)
	}
	if s := closed(t, w2, "en"); s.Items != 1 || s.Release.Filtered != release.ByHand {
		t.Fatalf("%+v", s)
	}
}

func TestAnUnreadableItemLeavesThePackageAsItWas(t *testing.T) {
	id := newKey(t)
	w, out := begin(t, id.Recipient(), header(t), options(t))
	fill(t, w, 2)
	for _, n := range []int{0, 100, 3 << 20} { // before, within memory, after the spool went to disk
		it := item("acct-rossi", "bad", march(2), march(2), "", nil)
		it.Open = func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(bytes.NewReader(make([]byte, n)), iotest.ErrReader(errors.New("disk: /srv/mail")))), nil
		}
		err := w.Add(it)
		wantCode(t, err, "evidence.item")
		if strings.Contains(err.Error(), "/srv") {
			t.Fatal("the store's own words reached the message")
		}
	}
	it := item("acct-rossi", "bad", march(2), march(2), "", nil)
	it.Open = func() (io.ReadCloser, error) { return nil, os.ErrPermission }
	wantCode(t, w.Add(it), "evidence.item")
	it.Open = nil
	wantCode(t, w.Add(it), "evidence.item")
	wantCode(t, w.Add(item("acct-rossi", "", march(2), march(2), "", nil)), "evidence.item")
	for name, change := range map[string]func(*evidence.Item){
		"an id that is no text":  func(it *evidence.Item) { it.ID = "m-\xff" },
		"an id of 513 bytes":     func(it *evidence.Item) { it.ID = strings.Repeat("x", 513) },
		"a name that is no text": func(it *evidence.Item) { it.Name = "a\xff.eml" },
		"a name of 4097 bytes":   func(it *evidence.Item) { it.Name = strings.Repeat("x", 4097) },
	} {
		it := item("acct-rossi", "m-1", march(2), march(2), "", nil)
		change(&it)
		it.Open = func() (io.ReadCloser, error) { t.Error(name, "was read"); return nil, io.ErrUnexpectedEOF }
		wantCode(t, w.Add(it), "evidence.item")
	}
	if s := closed(t, w, "en"); s.Items != 5 {
		t.Fatalf("%d items", s.Items)
	}
	if names, _, _ := open(t, out.Bytes(), id); len(names) != 1+5+len(evidence.TagFiles) {
		t.Fatalf("%v", names)
	}
}

func TestOverTheByteCapThePackageIsLost(t *testing.T) {
	for _, sizes := range [][]int{{1001}, {400, 601}, {1000, 1}, {3 << 20}} {
		id, o := newKey(t), options(t)
		o.ByteCap = 1000
		w, out := begin(t, id.Recipient(), header(t), o)
		for i, n := range sizes {
			err := w.Add(item("acct-rossi", "x", march(2), march(2), "", make([]byte, n)))
			if i == len(sizes)-1 {
				wantCode(t, err, "evidence.cap")
			} else {
				wantCode(t, err, "")
			}
		}
		wantCode(t, w.Add(item("acct-rossi", "y", march(2), march(2), "", nil)), "evidence.cap")
		_, err := w.Close(order("en"))
		wantCode(t, err, "evidence.cap")
		w.Abort()
		unusable(t, out.Bytes(), id)
	}
	o := options(t)
	o.ByteCap = 1000
	w, _ := begin(t, newKey(t).Recipient(), header(t), o)
	wantCode(t, w.Add(item("acct-rossi", "x", march(2), march(2), "", make([]byte, 1000))), "")
	closed(t, w, "en")
}

// unusable: what was written does not decrypt to its end.
func unusable(t *testing.T, pkg []byte, id *age.X25519Identity) {
	t.Helper()
	plain, err := age.Decrypt(bytes.NewReader(pkg), id)
	if err == nil {
		_, err = io.Copy(io.Discard, plain)
	}
	if err == nil {
		t.Fatalf("%d bytes of an unfinished package decrypt to their end", len(pkg))
	}
}

func TestAnUnclosedPackageDoesNotDecryptToItsEnd(t *testing.T) {
	for _, n := range []int{0, 3, 40} {
		id := newKey(t)
		w, out := begin(t, id.Recipient(), header(t), options(t))
		fill(t, w, n)
		w.Abort()
		w.Abort()
		unusable(t, out.Bytes(), id)
		wantCode(t, w.Add(item("acct-rossi", "x", march(2), march(2), "", nil)), "evidence.stopped")
		_, err := w.Close(order("en"))
		wantCode(t, err, "evidence.stopped")
	}
}

// failing fails for good after n bytes.
type failing struct {
	n   int
	out bytes.Buffer
}

func (f *failing) Write(p []byte) (int, error) {
	if f.out.Len()+len(p) > f.n {
		return 0, errors.New("no space left on device")
	}
	return f.out.Write(p)
}

func TestAFullDiskAtAnyPointLosesThePackage(t *testing.T) {
	id := newKey(t)
	w, whole := begin(t, id.Recipient(), header(t), options(t))
	fill(t, w, 10)
	closed(t, w, "en")
	for n := 0; n < whole.Len(); n += whole.Len()/40 + 1 {
		f := &failing{n: n}
		w, err := evidence.NewWriter(context.Background(), f, id.Recipient(), header(t), options(t))
		if err == nil {
			for i := range 30 {
				err = errors.Join(err, w.Add(item("acct-rossi", fmt.Sprint(i), march(3), march(3), "", make([]byte, 110_000))))
			}
			_, err = w.Close(order("en"))
			w.Abort()
		}
		wantCode(t, err, "evidence.write")
		unusable(t, f.out.Bytes(), id)
	}
}

func TestAFullSpoolFolderLosesThePackage(t *testing.T) {
	o := options(t)
	o.SpoolDir += "/gone"
	w, _ := begin(t, newKey(t).Recipient(), header(t), o)
	wantCode(t, w.Add(item("acct-rossi", "small", march(2), march(2), "", make([]byte, 1000))), "")
	wantCode(t, w.Add(item("acct-rossi", "large", march(2), march(2), "", make([]byte, 2<<20))), "evidence.spool")
	_, err := w.Close(order("en"))
	wantCode(t, err, "evidence.spool")
}

func TestAStopEndsThePackage(t *testing.T) {
	id := newKey(t)
	ctx, cancel := context.WithCancel(context.Background())
	var out bytes.Buffer
	w, err := evidence.NewWriter(ctx, &out, id.Recipient(), header(t), options(t))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	fill(t, w, 5)
	cancel()
	wantCode(t, w.Add(item("acct-rossi", "x", march(2), march(2), "", nil)), "evidence.stopped")
	_, err = w.Close(order("en"))
	wantCode(t, err, "evidence.stopped")
	w.Abort()
	unusable(t, out.Bytes(), id)
}

func TestNothingIsLeftInTheSpoolFolderAndNothingIsReadable(t *testing.T) {
	o := options(t)
	id := newKey(t)
	w, _ := begin(t, id.Recipient(), header(t), o)
	fill(t, w, 5)
	es, err := os.ReadDir(o.SpoolDir)
	if err != nil || len(es) != 0 {
		t.Fatalf("while writing: %v, %v", es, err)
	}
	closed(t, w, "en")
}

func TestABadHeaderOrOrderIsNamed(t *testing.T) {
	id := newKey(t)
	for name, change := range map[string]func(*evidence.Header, *evidence.Options){
		"demand": func(h *evidence.Header, _ *evidence.Options) { h.Demand = "../x" }, "region": func(h *evidence.Header, _ *evidence.Options) { h.Region = "" },
		"gate": func(h *evidence.Header, _ *evidence.Options) { h.Gate = "" }, "scope": func(h *evidence.Header, _ *evidence.Options) { h.Scope = scope.Scope{} },
		"filtered": func(h *evidence.Header, _ *evidence.Options) { h.Filtered = "" }, "grant": func(h *evidence.Header, _ *evidence.Options) { h.Grant = nil },
		"approvals": func(h *evidence.Header, _ *evidence.Options) { h.Approvals = nil }, "last approval": func(h *evidence.Header, _ *evidence.Options) { h.Approvals[1] = nil },
		"clock": func(_ *evidence.Header, o *evidence.Options) { o.Now = nil }, "rand": func(_ *evidence.Header, o *evidence.Options) { o.Rand = nil },
		"spool": func(_ *evidence.Header, o *evidence.Options) { o.SpoolDir = "" }, "cap": func(_ *evidence.Header, o *evidence.Options) { o.ByteCap = 0 },
	} {
		h, o := header(t), options(t)
		change(&h, &o)
		_, err := evidence.NewWriter(context.Background(), io.Discard, id.Recipient(), h, o)
		if problem.Code(err) != "evidence.header" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	w, _ := begin(t, id.Recipient(), header(t), options(t))
	for name, change := range map[string]func(*evidence.Order){
		"provider": func(o *evidence.Order) { o.Provider = "" }, "authority": func(o *evidence.Order) { o.Authority = "a\nb" },
		"instrument": func(o *evidence.Order) { o.Instrument = "\u202e" }, "reference": func(o *evidence.Order) { o.Reference = "\x00" },
		"received": func(o *evidence.Order) { o.Received = time.Time{} }, "language": func(o *evidence.Order) { o.Language = "fr" },
		"compelled": func(o *evidence.Order) { o.Compelled = nil }, "last compelled": func(o *evidence.Order) { o.Compelled = append(o.Compelled, "") },
		"last step": func(o *evidence.Order) { o.Custody = append(o.Custody, evidence.Step{}) },
	} {
		o := order("en")
		change(&o)
		_, err := w.Close(o)
		if problem.Code(err) != "evidence.order" || problem.Of(err).Field == "" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	wantCode(t, w.Withhold("Not a reason", "x", ""), "evidence.row")
	closed(t, w, "en")
	_, err := w.Close(order("en"))
	wantCode(t, err, "evidence.closed")
}

func TestNoNameFromOutsideBecomesAPath(t *testing.T) {
	seen := map[string]bool{}
	ordinal := int64(0)
	rapid.Check(t, func(t *rapid.T) {
		ordinal++
		name := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"../../etc/passwd", "CON", "a/b", "..", "", "-rf", "A.eml", "a.eml", "x\x00y", strings.Repeat("n", 300)})).Draw(t, "name")
		path := evidence.PayloadPath("acct-rossi", scope.Mail, ordinal, name)
		account, service, n, ok := evidence.ParsePayloadPath(path)
		if !ok || account != "acct-rossi" || service != scope.Mail || n != ordinal {
			t.Fatalf("%q does not parse", path)
		}
		base := path[len("data/acct-rossi/mail/"):]
		if strings.ContainsAny(base, "/\\:*?\"<>|\x00 %~") || strings.Contains(base, "..") && strings.Contains(path, "/../") || len(base) > 100 || base[0] == '.' {
			t.Fatalf("%q", path)
		}
		if low := strings.ToLower(path); seen[low] {
			t.Fatalf("%q twice", low)
		} else {
			seen[low] = true
		}
	})
	for _, bad := range []string{"", "data", "data/acct-rossi/mail/1-x", "data/acct-rossi/mail/00000001-", "data/acct-rossi/mail/00000001-.x", "data/acct-rossi/post/00000001-x",
		"data/../mail/00000001-x", "data/acct-rossi/mail/00000000-x", "data/acct-rossi/mail/000000001-x", "data/acct-rossi/mail/00000001-a b", "data/acct-rossi/mail/00000001-x/y", "/data/acct-rossi/mail/00000001-x"} {
		if _, _, _, ok := evidence.ParsePayloadPath(bad); ok {
			t.Errorf("%q parses", bad)
		}
	}
}

func TestTheIndexLoadsNothingAndEscapes(t *testing.T) {
	for _, language := range release.Languages {
		id := newKey(t)
		w, out := begin(t, id.Recipient(), header(t), options(t))
		fill(t, w, 1)
		if err := w.Withhold("near", "<img src=https://evil.example>", "\"><script>alert(1)</script>"); err != nil {
			t.Fatal(err)
		}
		o := order(language)
		o.Authority = "<script>alert(2)</script>"
		if _, err := w.Close(o); err != nil {
			t.Fatal(err)
		}
		_, files, _ := open(t, out.Bytes(), id)
		page := string(files[evidence.IndexFile])
		for _, bad := range []string{"<script", "<img", "<link", "src=", "url(", "@import", "ZgotmplZ", "<dt></dt>", "<th></th>", "<h2></h2>"} {
			if strings.Contains(strings.ReplaceAll(page, "&lt;img src=", ""), bad) {
				t.Errorf("%s: the page contains %q", language, bad)
			}
		}
		if !strings.Contains(page, "default-src 'none'") || !strings.Contains(page, `lang="`+language+`"`) {
			t.Errorf("%s: policy or language is missing", language)
		}
	}
}

func TestAPackageForACertificateSaysSoAndItsHeadIsNamed(t *testing.T) {
	c := certificate(t)
	var out bytes.Buffer
	w, err := evidence.NewWriter(context.Background(), &out, c, header(t), options(t))
	if err != nil {
		t.Fatal(err)
	}
	fill(t, w, 5)
	s := closed(t, w, "en")
	head, err := openpgp.Head(bytes.NewReader(out.Bytes()))
	if err != nil || s.AgeHeader != sha256.Sum256(head) || s.Size != int64(out.Len()) || s.Release.Recipient != c.Recipient() {
		t.Fatalf("%v %+v", err, s)
	}
	text, err := s.Release.Bytes()
	if err != nil || !strings.HasPrefix(string(text), "counterseal-release-v2\n") {
		t.Fatalf("%v %.40q", err, text)
	}
	// A certificate that is not in force at the package's time begins nothing.
	o := options(t)
	o.Now = func() time.Time { return time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC) }
	out.Reset()
	if _, err := evidence.NewWriter(context.Background(), &out, c, header(t), o); problem.Code(err) != "openpgp.unusable" || out.Len() > 0 {
		t.Fatalf("%v, %d bytes", err, out.Len())
	}
	if _, err := evidence.NewWriter(context.Background(), &out, (*openpgp.Certificate)(nil), header(t), options(t)); problem.Code(err) != "evidence.header" {
		t.Fatalf("%v", err)
	}
}

func TestMemoryStaysFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 200 MiB")
	}
	for name, to := range map[string]evidence.Recipient{"age": newKey(t).Recipient(), "OpenPGP": certificate(t)} {
		t.Run(name, func(t *testing.T) { staysFlat(t, to) })
	}
}

// certificate is one that GnuPG made.
func certificate(t testing.TB) *openpgp.Certificate {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "openpgp", "testdata", "curve.asc"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := openpgp.Dearmor(string(text))
	if err != nil {
		t.Fatal(err)
	}
	c, err := openpgp.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func staysFlat(t *testing.T, to evidence.Recipient) {
	o := options(t)
	o.ByteCap = 1 << 40
	w, err := evidence.NewWriter(context.Background(), io.Discard, to, header(t), o)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	body := make([]byte, 2000)
	var after [2]uint64
	for round := range after {
		for i := range 50_000 {
			it := item("acct-rossi", fmt.Sprintf("message-%d-with-a-rather-long-identifier@example.org", i), march(3), march(3), "message.eml", body)
			if err := w.Add(it); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		after[round] = m.HeapAlloc
	}
	closed(t, w, "en")
	if after[1] > after[0]+2<<20 || after[1] > 60<<20 {
		t.Fatalf("heap %d KiB after 50,000 items, %d after 100,000", after[0]>>10, after[1]>>10)
	}
}
