package evidence

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"filippo.io/age"

	"counterseal/internal/evidence/release"
	"counterseal/internal/evidence/sealedzip"
	"counterseal/internal/openpgp"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Bounds on what a header may hold, in bytes.
const (
	MaxGrant    = 1 << 20
	MaxApproval = 64 << 10
	MaxExport   = 8 << 20
	maxID       = 512
	maxName     = 4096
	maxReasons  = 64
	maxDetail   = 500
)

// Header is what stands fast before the first item.
type Header struct {
	Demand    string // release.Name
	Region    string // release.Name
	Gate      string // release.Name
	Scope     scope.Scope
	Filtered  release.Filtered
	Grant     []byte   // the grant's canonical bytes, as approved
	Approvals [][]byte // signatures on the grant, as the gate received them
	Export    []byte   // of a package by hand: the manifest of the export, as its collector signed it
}

// Options are the outside world.
type Options struct {
	Now      func() time.Time
	Rand     io.Reader // keys of the spool files
	SpoolDir string    // a folder on a local disk, for files without a name
	ByteCap  int64     // payload bytes that the grant allows; above zero

	// Packed, where it is set, hears the size and SHA-256 of each item in the order in
	// which Add took them, from a goroutine of the writer's own; all of it before Close
	// returns. An error loses the package.
	Packed func(size int64, sum [sha256.Size]byte) error
}

// Item is one stored thing on its way into the bag.
type Item struct {
	scope.Item
	Filename string                        // reduced to a plain name; may be empty
	Key      bool                          // the provider says that it is encrypted under a key of the customer's
	Name     string                        // what the store calls it, up to 4,096 bytes of UTF-8; may be empty
	Open     func() (io.ReadCloser, error) // the bytes exactly as stored; called at most once
}

// Sealed describes a closed package.
type Sealed struct {
	TagManifest [sha256.Size]byte // SHA-256 of tagmanifest-sha256.txt
	AgeHeader   [sha256.Size]byte // SHA-256 of the age header with its MAC line
	Size        int64             // bytes of ciphertext
	Items       int64
	Bytes       int64           // payload bytes
	Release     release.Release // ready for the gate's signature
}

// Writer writes one package. One goroutine at a time may use it. After an error
// other than evidence.outside, evidence.item and evidence.row the package is
// lost: every later call returns that error.
type Writer struct {
	head      Header
	opt       Options
	recipient string
	began     time.Time

	ctx   context.Context
	fail  context.CancelCauseFunc
	enc   *encryptor
	bind  *binder
	full  chan *block
	cur   *block      // what Add lays items into; nil after it was handed on
	free  chan *spool // for items that outgrow a block
	bound chan struct{}

	ordinal  int64
	bytes    int64
	split    int64
	keyed    int64  // under a key of the customer's, as the provider says
	formed   int64  // in a known form of encryption
	form     string // of the item that was laid last
	held     int64
	counts   map[pair]*Count
	last     *Count // of the item before
	reasons  map[string]int64
	heldRows *spool
	shown    []ItemRow     // the first ones, for index.html
	heldShow []WithheldRow // the first ones
	stopped  bool
}

type pair struct {
	account scope.AccountID
	service scope.Service
}

// errDone marks a writer that was closed or aborted.
var errDone = problem.New(problem.Conflict, "evidence.closed", "this package is closed")

// Recipient is whom a package is encrypted to: an *age.X25519Recipient, an
// *openpgp.Certificate or a *sealedzip.Recipient. String is how grant, release and order.json name it.
type Recipient interface{ String() string }

// NewWriter begins a package for one recipient. The header of the encryption goes
// to w at once. When ctx ends, the package is lost. Call Abort when done with the
// Writer; after Close it does nothing. Codes: evidence.header (Field names it),
// evidence.write, evidence.stopped, openpgp.unusable.
func NewWriter(ctx context.Context, w io.Writer, to Recipient, h Header, o Options) (*Writer, error) {
	err := checkHeader(to, h, o)
	if err != nil {
		return nil, err
	}
	began := o.Now().UTC().Truncate(time.Second)
	heads, err := newUstar(began)
	if err != nil {
		return nil, tarFailed(err)
	}
	ctx, fail := context.WithCancelCause(ctx)
	enc, err := startEncryptor(ctx, fail, w, to, o)
	if err != nil {
		fail(err)
		return nil, err
	}
	pw := &Writer{
		head: h, opt: o, recipient: to.String(), began: began, ctx: ctx, fail: fail, enc: enc,
		full: make(chan *block, blocksAhead), free: make(chan *spool, largeAhead), bound: make(chan struct{}),
		counts: map[pair]*Count{}, reasons: map[string]int64{},
	}
	pw.heldRows = pw.newSpool()
	pw.bind = &binder{out: enc, tar: tar.NewWriter(enc), heads: heads, packed: o.Packed, mtime: began, manifest: pw.newSpool(), rows: pw.newSpool(), copybuf: make([]byte, blockSize)}
	for range cap(pw.free) {
		pw.free <- pw.newSpool()
	}
	// RFC 8493 wants data/ even where nothing is given.
	err = pw.bind.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: Base + "/data/", Mode: 0o755, ModTime: began})
	if err != nil {
		pw.fail(tarFailed(err))
	}
	go pw.bind.run(ctx, fail, pw.full, pw.free, pw.bound)
	return pw, nil
}

func checkHeader(to Recipient, h Header, o Options) error {
	bad := func(field, want string) error {
		return problem.New(problem.Invalid, "evidence.header", "a package cannot begin like this: %s", want).At("%s", field)
	}
	switch {
	case absent(to):
		return bad("recipient", "it needs the recipient's key")
	case !release.Name(h.Demand), !release.Name(h.Region), !release.Name(h.Gate):
		return bad("demand, region, gate", "names are 1 to 64 of a–z, 0–9 and inner hyphens")
	case h.Scope.Empty():
		return bad("scope", "it needs the approved scope")
	case h.Filtered != release.ByGate && h.Filtered != release.ByHand:
		return bad("filtered", "items are filtered by the gate or chosen by hand")
	case len(h.Grant) == 0 || len(h.Grant) > MaxGrant:
		return bad("grant", "it needs the grant's text, at most 1 MiB")
	case len(h.Approvals) == 0 || len(h.Approvals) > 64 || slices.ContainsFunc(h.Approvals, func(a []byte) bool { return len(a) == 0 || len(a) > MaxApproval }):
		return bad("approvals", "it needs 1 to 64 approvals of at most 64 KiB")
	case (h.Filtered == release.ByHand) != (len(h.Export) > 0) || len(h.Export) > MaxExport:
		return bad("export", "a package by hand, and no other, has the manifest of the export")
	case o.Now == nil || o.Rand == nil || o.SpoolDir == "":
		return bad("options", "clock, randomness and spool folder are needed")
	case o.ByteCap <= 0:
		return bad("byte cap", "the grant's byte cap is above zero")
	}
	return nil
}

// absent reports whether there is no recipient, be it a nil of its type.
func absent(to Recipient) bool {
	switch to := to.(type) {
	case nil:
		return true
	case *age.X25519Recipient:
		return to == nil
	case *openpgp.Certificate:
		return to == nil
	case *sealedzip.Recipient:
		return to == nil
	}
	return false
}

func (w *Writer) newSpool() *spool { return &spool{dir: w.opt.SpoolDir, rand: w.opt.Rand} }

// alive returns the error that lost or ended the package, if any.
func (w *Writer) alive() error { return stopCause(w.ctx) }

func stopCause(ctx context.Context) error {
	err := context.Cause(ctx)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return problem.New(problem.Unavailable, "evidence.stopped", "the package was stopped before it was whole").Because(err)
	}
	return err
}

// Add reads one item and puts it into the bag. Of a gate-filtered package the
// scope judges it again: Inside and Split are given (Split is listed), anything
// else is refused with evidence.outside. Of a package made by hand the scope
// must name account, service and category. Other codes: evidence.item (the item
// cannot be read or listed; nothing of it is in the bag, and the caller may
// withhold it), evidence.cap, evidence.spool, evidence.write, evidence.stopped.
func (w *Writer) Add(it Item) error {
	err := w.alive()
	if err != nil {
		return err
	}
	verdict, err := w.judge(it)
	if err != nil {
		return err
	}
	if it.ID == "" || len(it.ID) > maxID || !utf8.ValidString(it.ID) || len(it.Name) > maxName || !utf8.ValidString(it.Name) || it.Open == nil {
		return problem.New(problem.Invalid, "evidence.item", "an item has an id of 1 to %d bytes of UTF-8 and can be opened", maxID)
	}
	err = w.room()
	if err != nil {
		return err
	}
	at, size, err := w.lay(it)
	if err != nil {
		return err
	}
	w.list(it, verdict, at, size)
	if w.cur.large != nil {
		return w.hand()
	}
	return nil
}

func (w *Writer) judge(it Item) (string, error) {
	if w.head.Filtered == release.ByHand {
		for _, s := range w.head.Scope.Selectors() {
			if s.Account == it.Account && s.Service == it.Service && s.Category == it.Category {
				return string(release.ByHand), nil
			}
		}
	} else if v := w.head.Scope.Judge(it.Item); v == scope.Inside || v == scope.Split {
		return v.String(), nil
	}
	return "", problem.New(problem.Refused, "evidence.outside", "the approved scope does not ask for this item").Fix("withhold it")
}

// after says whether a read, with which the item has that size, was the last one.
func (w *Writer) after(size int64, err error) (bool, error) {
	if size > w.opt.ByteCap-w.bytes {
		over := problem.New(problem.Refused, "evidence.cap", "the items exceed the %d bytes that the grant allows", w.opt.ByteCap).
			Fix("discard what was written; ask for a grant with a higher cap or a narrower scope")
		w.fail(over)
		return true, over
	}
	if err == io.EOF {
		return true, nil
	}
	if err != nil {
		return true, unreadable(err)
	}
	if w.ctx.Err() != nil {
		return true, stopCause(w.ctx)
	}
	return false, nil
}

func unreadable(err error) error {
	if p := problem.Of(err); p.Code == "source.changed" || p.Code == "source.outside" {
		return err
	}
	return problem.New(problem.Unavailable, "evidence.item", "an item cannot be read from its store").Because(err)
}

// list counts an item that lies in the current block, and notes what its row says.
func (w *Writer) list(it Item, verdict string, at int, size int64) {
	k := w.cur
	from := len(k.text)
	k.text = append(k.text, Base+"/"...)
	k.text = appendPath(k.text, it.Account, it.Service, w.ordinal+1, it.Filename)
	f := framed{
		at: at, from: from, to: len(k.text), size: size, id: it.ID, called: it.Name, verdict: verdict, category: it.Category,
		received: known(it.Received), sent: known(it.Sent), keyed: it.Key, form: w.form,
	}
	if f.keyed {
		w.keyed++
	}
	if f.form != "" {
		w.formed++
	}
	if it.Lasting && !f.received.IsZero() {
		f.until = known(it.Received.Add(it.ReceivedSpread))
	}
	k.items = append(k.items, f)
	w.ordinal++
	w.bytes += size
	if w.last == nil || w.last.Account != it.Account || w.last.Service != it.Service {
		p := pair{it.Account, it.Service}
		if w.counts[p] == nil {
			w.counts[p] = &Count{Account: it.Account, Service: it.Service}
		}
		w.last = w.counts[p]
	}
	w.last.Items++
	w.last.Bytes += size
	if verdict == scope.Split.String() {
		w.last.Split++
		w.split++
	}
	if len(w.shown) < maxShown {
		w.shown = append(w.shown, f.row(k.text[from+len(Base)+1:]))
	}
}

// plausible leaves out what RFC 3339 cannot carry.
func plausible(t time.Time) bool { y := t.UTC().Year(); return !t.IsZero() && y >= 0 && y <= 9999 }

// known gives the time as rows state it, or the zero time.
func known(t time.Time) time.Time {
	if !plausible(t) {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Second)
}

// Withhold records what was not given. reason is a short stable word (release.Name
// with underscores for hyphens allowed), such as undated, near, unreadable; ref
// names the thing in the store's terms; detail is plain words, cut at 500 bytes.
// Code: evidence.row for a reason out of form or the 65th different one.
func (w *Writer) Withhold(reason, ref, detail string) error {
	err := w.alive()
	if err != nil {
		return err
	}
	_, seen := w.reasons[reason]
	if !release.Name(strings.ReplaceAll(reason, "_", "-")) || (!seen && len(w.reasons) == maxReasons) {
		return problem.New(problem.Invalid, "evidence.row", "a reason is a short plain word, and a package has at most %d of them", maxReasons)
	}
	row := WithheldRow{Reason: reason, Ref: plainText(ref, maxID), Detail: plainText(detail, maxDetail)}
	line, err := json.Marshal(row)
	if err != nil {
		return problem.New(problem.Internal, "evidence.row", "a row could not be written").Because(err)
	}
	_, err = w.heldRows.Write(append(line, '\n'))
	if err != nil {
		w.fail(err)
		return err
	}
	w.reasons[reason]++
	w.held++
	if len(w.heldShow) < maxShown {
		w.heldShow = append(w.heldShow, row)
	}
	return nil
}

// plainText keeps printable characters of valid UTF-8, on one line; format
// characters (among them those that turn the direction of text) go.
func plainText(s string, limit int) string {
	var b strings.Builder
	for _, r := range s {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			r = ' '
		}
		if b.Len()+utf8.RuneLen(r) > limit {
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

// Abort ends the writer and frees what it holds; an unclosed package stays
// without its end. After Close it does nothing.
func (w *Writer) Abort() {
	if w.stopped {
		return
	}
	w.stopped = true
	w.fail(problem.New(problem.Unavailable, "evidence.stopped", "the package was stopped before it was whole"))
	<-w.bound
	<-w.enc.done
	w.freeAll()
}

func (w *Writer) freeAll() {
	for _, s := range []*spool{w.bind.manifest, w.bind.rows, w.heldRows} {
		s.close()
	}
	for {
		select {
		case k, more := <-w.full:
			if !more {
				w.full = nil
				continue
			}
			if k.large != nil {
				k.large.close()
			}
		case s := <-w.free:
			s.close()
		default:
			return
		}
	}
}
