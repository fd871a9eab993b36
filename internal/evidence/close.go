package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"counterseal/internal/evidence/release"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Order is what the package says about the demand it answers. Texts are one line
// of 1 to 500 bytes of printable UTF-8; those of Compelled may be longer, 4 MiB together.
type Order struct {
	Provider   string    // who answers
	Authority  string    // who demanded
	Instrument string    // by what
	Reference  string    // the authority's own reference; may be empty
	Received   time.Time // when the demand came
	Language   string    // the officer's: en, de, da or it
	Compelled  []string  // what the instrument compels, in words or selector lines; 1 to 1024
	Custody    []Step    // what happened before this package was sealed, in order of time; at most 1024
	Version    string    // of the program that makes the package; may be empty
	Copied     time.Time // when the copy was made from which the items were taken; zero: they come from the stores
	Fields     []Field   // what the items of some stores consist of, for the data dictionary; at most 4096
}

// maxSteps is how many steps may stand before those of the package itself.
const maxSteps = 1024

// line reports whether s is one printable line.
func line(s string) bool { return s != "" && plainText(s, maxDetail) == s }

func (s Step) valid() bool {
	return datable(s.At) && (s.Until.IsZero() || datable(s.Until)) && line(s.By) && line(s.Act) && (s.Detail == "" || line(s.Detail))
}

func (o Order) check() error {
	bad := func(field string) error {
		return problem.New(problem.Invalid, "evidence.order", "a package states this in one printable line of 1 to %d bytes", maxDetail).At("%s", field)
	}
	for _, f := range []struct{ name, value string }{{"provider", o.Provider}, {"authority", o.Authority}, {"instrument", o.Instrument}} {
		if !line(f.value) {
			return bad(f.name)
		}
	}
	if o.Version != "" && !line(o.Version) {
		return bad("version")
	}
	if o.Reference != "" && !line(o.Reference) {
		return bad("reference")
	}
	if !datable(o.Received) {
		return bad("received")
	}
	if !slices.Contains(release.Languages[:], o.Language) {
		return bad("language")
	}
	if len(o.Compelled) == 0 || len(o.Compelled) > 1024 || len(o.Custody) > maxSteps {
		return bad("compelled, custody")
	}
	total := 0
	for i, c := range o.Compelled {
		total += len(c)
		if strings.TrimSpace(c) == "" || total > scope.MaxText || plainText(c, scope.MaxText) != c {
			return bad(fmt.Sprintf("compelled %d", i+1))
		}
	}
	for i, s := range o.Custody {
		if !s.valid() {
			return bad(fmt.Sprintf("custody %d", i+1))
		}
	}
	if len(o.Fields) > 4096 {
		return bad("fields")
	}
	for i, f := range o.Fields {
		for _, text := range []string{string(f.Service), f.Store, string(f.Category), f.Name, f.Means, f.Column, f.Statute} {
			if !line(text) {
				return bad(fmt.Sprintf("field %d", i+1))
			}
		}
	}
	return nil
}

// datable leaves out the zero time and years that JSON cannot carry.
func datable(t time.Time) bool { y := t.UTC().Year(); return y >= 1970 && y <= 9999 }

// Close writes the manifest and the tag files and ends the encryption. The
// package is whole only if it returns no error; making the file durable is the
// caller's part. Codes: evidence.order (Field names it; the writer can be closed
// again with a better order), and those that lose the package.
func (w *Writer) Close(o Order) (Sealed, error) {
	err := w.alive()
	if err != nil {
		return Sealed{}, err
	}
	err = o.check()
	if err != nil {
		return Sealed{}, err
	}
	w.stopped = true
	sent := w.hand()
	close(w.full)
	<-w.bound
	sealed, err := w.seal(o)
	if sent != nil {
		err = sent
	}
	if err != nil {
		w.fail(err)
		<-w.enc.done
		w.freeAll()
		return Sealed{}, stopCause(w.ctx)
	}
	w.fail(errDone)
	w.freeAll()
	return sealed, nil
}

func (w *Writer) seal(o Order) (Sealed, error) {
	err := w.alive()
	if err != nil {
		return Sealed{}, err
	}
	at := w.opt.Now().UTC().Truncate(time.Second)
	tags, custody, err := w.tagFiles(o, at)
	if err != nil {
		return Sealed{}, err
	}
	tagManifest, err := w.writeTags(tags, custody)
	if err != nil {
		return Sealed{}, err
	}
	err = w.bind.tar.Close()
	if err != nil {
		return Sealed{}, tarFailed(err)
	}
	err = w.enc.finish()
	if err != nil {
		return Sealed{}, err
	}
	s := Sealed{TagManifest: tagManifest, AgeHeader: w.enc.header, Size: w.enc.out.n, Items: w.ordinal, Bytes: w.bytes}
	s.Release = w.statement(s, at)
	_, err = s.Release.Bytes()
	return s, err
}

func (w *Writer) statement(s Sealed, at time.Time) release.Release {
	from, until := Hull(w.head.Scope)
	return release.Release{
		Demand: w.head.Demand, GrantSHA256: sha256.Sum256(w.head.Grant), ScopeSHA256: w.head.Scope.Digest(),
		Region: w.head.Region, Gate: w.head.Gate, Recipient: w.recipient,
		TagManifest: s.TagManifest, AgeHeader: s.AgeHeader, Size: s.Size, Items: s.Items, Withheld: w.held,
		Filtered: w.head.Filtered, CollectedFrom: from, CollectedUntil: until, CollectedAt: at,
	}
}

// Hull is the earliest and the latest second that a scope asks for.
func Hull(s scope.Scope) (from, until time.Time) {
	for i, sel := range s.Selectors() {
		if i == 0 || sel.From.Before(from) {
			from = sel.From
		}
		if i == 0 || sel.Until.After(until) {
			until = sel.Until
		}
	}
	return from, until
}

// writeTags writes the tag files in the order of TagFiles and returns the digest
// of the last one, the tag manifest. The custody document names the digests of
// those before it.
func (w *Writer) writeTags(tags map[string]*spool, custody Custody) (digest [sha256.Size]byte, err error) {
	list := w.newSpool()
	tags[TagManifestFile] = list
	for _, name := range TagFiles {
		if name == CustodyName {
			tags[name] = w.newSpool()
			_, err := tags[name].Write(custody.Text())
			if err != nil {
				return digest, err
			}
		}
		sum, err := w.bind.file([]byte(Base+"/"+name), tags[name])
		if err != nil {
			return digest, err
		}
		if name == TagManifestFile {
			return sum, nil
		}
		custody.Files = append(custody.Files, TagSum{Name: name, Size: tags[name].size, SHA256: sum})
		_, err = list.Write(manifestLine(nil, sum, []byte(name)))
		if err != nil {
			return digest, err
		}
	}
	return digest, nil
}

func (w *Writer) tagFiles(o Order, at time.Time) (map[string]*spool, Custody, error) {
	order := w.orderFile(o, at)
	custody := Custody{Order: order, Version: o.Version, Steps: w.custody(o, at)}
	page := pageData{Order: order, Items: w.shown, Withheld: w.heldShow}
	index, err := indexPage(o.Language, page)
	if err != nil {
		return nil, custody, err
	}
	dictionary, err := dictionaryText(o.Fields)
	if err != nil {
		return nil, custody, err
	}
	readme, err := readMe(o.Language, order)
	if err != nil {
		return nil, custody, err
	}
	tags := map[string]*spool{ManifestFile: w.bind.manifest, ItemsFile: w.bind.rows, WithheldFile: w.heldRows}
	for name, text := range map[string][]byte{
		BagItFile: []byte(BagItText), BagInfoFile: BagInfo(order), OrderName: order.Text(),
		IndexFile: index, DictionaryFile: dictionary, ReadMeFile: readme,
	} {
		s := w.newSpool()
		_, err := s.Write(text)
		if err != nil {
			return nil, custody, err
		}
		tags[name] = s
	}
	return tags, custody, nil
}

func (w *Writer) orderFile(o Order, at time.Time) OrderFile {
	grant := sha256.Sum256(w.head.Grant)
	f := OrderFile{
		Format: OrderFormat, Demand: w.head.Demand, Provider: o.Provider, Authority: o.Authority, Instrument: o.Instrument,
		Reference: o.Reference, Received: o.Received.UTC().Truncate(time.Second), Compelled: o.Compelled,
		ApprovedScope: string(w.head.Scope.Bytes()), ScopeSHA256: w.head.Scope.Digest().String(),
		Grant: w.head.Grant, GrantSHA256: hex.EncodeToString(grant[:]), Approvals: w.head.Approvals,
		Region: w.head.Region, Gate: w.head.Gate, Recipient: w.recipient, Filtered: w.head.Filtered, Export: w.head.Export, CollectedAt: at,
		Items: w.ordinal, Bytes: w.bytes, Split: w.split, CustomerKey: w.keyed, Encrypted: w.formed, Withheld: w.held, Counts: []Count{}, WithheldCounts: []ReasonCount{},
	}
	if !o.Copied.IsZero() {
		at := o.Copied.UTC().Truncate(time.Second)
		f.Copied = &at
	}
	for _, c := range w.counts {
		f.Counts = append(f.Counts, *c)
	}
	sort.Slice(f.Counts, func(i, j int) bool {
		a, b := f.Counts[i], f.Counts[j]
		return string(a.Account)+" "+string(a.Service) < string(b.Account)+" "+string(b.Service)
	})
	for reason, n := range w.reasons {
		f.WithheldCounts = append(f.WithheldCounts, ReasonCount{reason, n})
	}
	sort.Slice(f.WithheldCounts, func(i, j int) bool { return f.WithheldCounts[i].Reason < f.WithheldCounts[j].Reason })
	return f
}

// leftAsItIs is the step that says that what is encrypted was not decrypted; a zero step
// where nothing is.
func (w *Writer) leftAsItIs(at time.Time, gate string) Step {
	if w.keyed+w.formed == 0 {
		return Step{}
	}
	return Step{At: at, By: gate, Act: "gave what is encrypted exactly as it is stored, and decrypted nothing",
		Detail: fmt.Sprintf("%d items under a key of the customer's, %d in a known form of encryption", w.keyed, w.formed), Of: OfPayload}
}

// custody is every step, in order of time; those of the gate itself are the last
// of equal time.
func (w *Writer) custody(o Order, at time.Time) []Step {
	gate := "gate " + w.head.Gate
	steps := append(slices.Clone(o.Custody),
		Step{At: w.began, By: gate, Act: "began the package", Detail: "region " + w.head.Region, Of: OfGrant},
		w.leftAsItIs(at, gate),
		Step{At: at, By: gate, Act: "put the last item into the package", Detail: fmt.Sprintf("%d items, %d bytes", w.ordinal, w.bytes), Of: OfPayload},
	)
	steps = slices.DeleteFunc(steps, func(s Step) bool { return s.Act == "" })
	slices.SortStableFunc(steps, func(a, b Step) int { return a.At.Compare(b.At) })
	return steps
}
