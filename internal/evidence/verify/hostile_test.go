package verify_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/hiddeco/sshsig"

	"counterseal/internal/evidence"
	"counterseal/internal/evidence/release"
	"counterseal/internal/problem"
)

func signAs(t testing.TB, w world, text []byte, namespace string) []byte {
	t.Helper()
	sig, err := sshsig.Sign(bytes.NewReader(text), w.gate, sshsig.HashSHA512, namespace)
	must(t, err)
	return sshsig.Armor(sig)
}

// entry is a file of a bag, taken apart.
type entry struct {
	head tar.Header
	body []byte
}

type bagParts []entry

func (b bagParts) index(t testing.TB, name string) int {
	t.Helper()
	i := slices.IndexFunc(b, func(e entry) bool { return strings.HasPrefix(e.head.Name, "package/"+name) })
	if i < 0 {
		t.Fatalf("no %s", name)
	}
	return i
}

func takeApart(t testing.TB, w world, pkg []byte) bagParts {
	t.Helper()
	plain, err := age.Decrypt(bytes.NewReader(pkg), w.officer)
	must(t, err)
	tr := tar.NewReader(plain)
	var out bagParts
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		must(t, err)
		body, err := io.ReadAll(tr)
		must(t, err)
		out = append(out, entry{*h, body})
	}
}

// manifests writes both manifests anew, as a dishonest gate would.
func (b bagParts) manifests(t testing.TB) [32]byte {
	t.Helper()
	var payload, tags bytes.Buffer
	set := func(name string, text []byte) {
		e := &b[b.index(t, name)]
		e.body, e.head.Size = bytes.Clone(text), int64(len(text))
	}
	for _, e := range b {
		if name := strings.TrimPrefix(e.head.Name, "package/"); strings.HasPrefix(name, "data/") && name != "data/" {
			fmt.Fprintf(&payload, "%x  %s\n", sha256.Sum256(e.body), name)
		}
	}
	set(evidence.ManifestFile, payload.Bytes())
	for _, e := range b {
		if name := strings.TrimPrefix(e.head.Name, "package/"); !strings.HasPrefix(name, "data/") && name != evidence.TagManifestFile {
			fmt.Fprintf(&tags, "%x  %s\n", sha256.Sum256(e.body), name)
		}
	}
	set(evidence.TagManifestFile, tags.Bytes())
	return sha256.Sum256(tags.Bytes())
}

// reseal encrypts the parts and signs a release that fits the ciphertext.
func (w world) reseal(t testing.TB, parts bagParts, r release.Release, after []byte) string {
	t.Helper()
	var out bytes.Buffer
	enc, err := age.Encrypt(&out, w.officer.Recipient())
	must(t, err)
	tw := tar.NewWriter(enc)
	for _, e := range parts {
		h := e.head
		must(t, tw.WriteHeader(&h))
		_, err = tw.Write(e.body)
		must(t, err)
	}
	must(t, tw.Close())
	_, err = enc.Write(after)
	must(t, err)
	must(t, enc.Close())
	r.AgeHeader, _, err = release.AgeHeader(bytes.NewReader(out.Bytes()))
	must(t, err)
	r.Size = int64(out.Len())
	return w.lay(t, out.Bytes(), r)
}

func (b *bagParts) insert(i int, name string, kind byte, body string) {
	e := (*b)[1]
	e.head = tar.Header{Typeflag: kind, Name: name, Size: int64(len(body)), Mode: 0o644, ModTime: e.head.ModTime}
	if kind != tar.TypeReg {
		e.head.Size, e.head.Linkname, body = 0, "/etc/passwd", ""
	}
	e.body = []byte(body)
	*b = slices.Insert(*b, i, e)
}

// orderAs rewrites order.json in its one form.
func (b bagParts) orderAs(t testing.TB, change func(*evidence.OrderFile)) {
	t.Helper()
	e := &b[b.index(t, evidence.OrderName)]
	var o evidence.OrderFile
	must(t, json.Unmarshal(e.body, &o))
	change(&o)
	e.body = o.Text()
	e.head.Size = int64(len(e.body))
	info := &b[b.index(t, evidence.BagInfoFile)]
	info.body = evidence.BagInfo(o)
	info.head.Size = int64(len(info.body))
}

func (b bagParts) replace(t testing.TB, name, old, with string) {
	t.Helper()
	e := &b[b.index(t, name)]
	if !bytes.Contains(e.body, []byte(old)) {
		t.Fatalf("%s has no %q: %.300s", name, old, e.body)
	}
	e.body = bytes.Replace(e.body, []byte(old), []byte(with), 1)
	e.head.Size = int64(len(e.body))
}

// Each case is a bag that a dishonest gate, or somebody who knows the file key,
// made. honest says that manifests and release were made to fit the change.
var hostile = []struct {
	name   string
	code   string
	honest bool
	change func(t testing.TB, b *bagParts)
	after  string
}{
	{name: "a payload byte changed", code: "verify.payload", change: func(t testing.TB, b *bagParts) { (*b)[5].body[0] ^= 1 }},
	{name: "only the last payload byte changed", code: "verify.payload", change: func(t testing.TB, b *bagParts) {
		e := (*b)[b.index(t, evidence.ManifestFile)-1]
		e.body[len(e.body)-1] ^= 1
	}},
	{name: "payload removed", code: "verify.payload", change: func(t testing.TB, b *bagParts) { *b = slices.Delete(*b, 4, 5) }},
	{name: "last payload removed", code: "verify.payload", change: func(t testing.TB, b *bagParts) {
		i := b.index(t, evidence.ManifestFile) - 1
		*b = slices.Delete(*b, i, i+1)
	}},
	{name: "payload twice", code: "verify.payload", honest: true, change: func(t testing.TB, b *bagParts) { *b = slices.Insert(*b, 4, (*b)[4]) }},
	{name: "two payloads exchanged", code: "verify.payload", honest: true, change: func(t testing.TB, b *bagParts) { (*b)[3], (*b)[4] = (*b)[4], (*b)[3] }},
	{name: "extra payload", code: "verify.payload", change: func(t testing.TB, b *bagParts) {
		b.insert(b.index(t, evidence.ManifestFile), "package/data/acct-rossi/mail/00000012-x", tar.TypeReg, "x")
	}},
	{name: "extra payload, all manifests fit", code: "verify.order", honest: true, change: func(t testing.TB, b *bagParts) {
		b.insert(b.index(t, evidence.ManifestFile), "package/data/acct-rossi/mail/00000012-x", tar.TypeReg, "x")
	}},
	{name: "path escapes", code: "verify.payload", change: func(t testing.TB, b *bagParts) {
		b.insert(1, "package/data/../../00000001-x", tar.TypeReg, "x")
	}},
	{name: "absolute path", code: "verify.tar", change: func(t testing.TB, b *bagParts) { b.insert(1, "/etc/cron.d/x", tar.TypeReg, "x") }},
	{name: "symbolic link", code: "verify.tar", change: func(t testing.TB, b *bagParts) {
		b.insert(1, "package/data/acct-rossi/mail/00000001-x", tar.TypeSymlink, "")
	}},
	{name: "hard link", code: "verify.tar", change: func(t testing.TB, b *bagParts) {
		b.insert(1, "package/data/acct-rossi/mail/00000001-x", tar.TypeLink, "")
	}},
	{name: "first entry is no folder", code: "verify.tar", change: func(t testing.TB, b *bagParts) { *b = (*b)[1:] }},
	{name: "set-uid bit", code: "verify.tar", change: func(t testing.TB, b *bagParts) { (*b)[3].head.Mode = 0o4755 }},
	{name: "an owner's name", code: "verify.tar", change: func(t testing.TB, b *bagParts) { (*b)[3].head.Uname = "someone" }},
	{name: "another time", code: "verify.tar", change: func(t testing.TB, b *bagParts) { (*b)[3].head.ModTime = march(1) }},
	{name: "an attribute with words", code: "verify.tar", change: func(t testing.TB, b *bagParts) {
		(*b)[3].head.Format, (*b)[3].head.PAXRecords = tar.FormatPAX, map[string]string{"DEMO.note": "hidden"}
	}},
	{name: "extra tag file", code: "verify.tags", honest: true, change: func(t testing.TB, b *bagParts) {
		b.insert(b.index(t, evidence.ReadMeFile), "package/NOTES.txt", tar.TypeReg, "x")
	}},
	{name: "tag file missing", code: "verify.tags", honest: true, change: func(t testing.TB, b *bagParts) {
		i := b.index(t, evidence.CustodyName)
		*b = slices.Delete(*b, i, i+1)
	}},
	{name: "file behind the tag manifest", code: "verify.tags", change: func(t testing.TB, b *bagParts) { b.insert(len(*b), "package/late.txt", tar.TypeReg, "x") }},
	{name: "custody changed", code: "verify.tags", change: func(t testing.TB, b *bagParts) {
		b.replace(t, evidence.CustodyName, "began the package", "began the packagE")
	}},
	{name: "custody changed, tag manifest fits, release does not", code: "verify.tags", change: func(t testing.TB, b *bagParts) {
		b.replace(t, evidence.CustodyName, "began the package", "began the packagE")
		b.manifests(t)
	}},
	{name: "custody names another authority", code: "verify.order", honest: true, change: func(t testing.TB, b *bagParts) {
		b.replace(t, evidence.CustodyName, "Tribunale di Milano", "Tribunale di Torino")
	}},
	{name: "custody names another digest", code: "verify.order", honest: true, change: func(t testing.TB, b *bagParts) {
		b.replace(t, evidence.CustodyName, `"uco-types:hashValue": "`, `"uco-types:hashValue": "00`)
	}},
	{name: "tag manifest lies about a file", code: "verify.tags", honest: true, change: nil},
	{name: "another bagit.txt", code: "verify.tags", honest: true, change: func(t testing.TB, b *bagParts) { b.replace(t, evidence.BagItFile, "1.0", "0.9") }},
	{name: "bytes behind the tar", code: "verify.tar", after: "hidden", change: func(t testing.TB, b *bagParts) {}},
	{name: "zero bytes behind the tar", code: "verify.tar", after: "\x00", change: func(t testing.TB, b *bagParts) {}},
	{name: "other grant", code: "verify.order", honest: true, change: func(t testing.TB, b *bagParts) {
		b.orderAs(t, func(o *evidence.OrderFile) {
			o.Grant = []byte("another")
			o.GrantSHA256 = hexOf(sha256.Sum256(o.Grant))
		})
	}},
	{name: "wider scope", code: "verify.order", honest: true, change: func(t testing.TB, b *bagParts) {
		b.orderAs(t, func(o *evidence.OrderFile) {
			s := marchScope(t, "acct-rossi", "acct-verdi", "acct-bianchi")
			o.ApprovedScope, o.ScopeSHA256 = string(s.Bytes()), s.Digest().String()
		})
	}},
	{name: "order counts too few", code: "verify.order", honest: true, change: func(t testing.TB, b *bagParts) {
		b.orderAs(t, func(o *evidence.OrderFile) { o.Items-- })
	}},
	{name: "last count wrong", code: "verify.order", honest: true, change: func(t testing.TB, b *bagParts) {
		b.orderAs(t, func(o *evidence.OrderFile) { o.Counts[len(o.Counts)-1].Bytes++ })
	}},
	{name: "split hidden in the counts", code: "verify.order", honest: true, change: func(t testing.TB, b *bagParts) {
		b.orderAs(t, func(o *evidence.OrderFile) { o.Split = 0 })
	}},
	{name: "ciphertext that no item is", code: "verify.order", honest: true, change: func(t testing.TB, b *bagParts) {
		b.orderAs(t, func(o *evidence.OrderFile) { o.CustomerKey = 1 })
	}},
	{name: "a form of encryption hidden in the counts", code: "verify.order", honest: true, change: func(t testing.TB, b *bagParts) {
		b.replace(t, evidence.ItemsFile, `"verdict":"split"`, `"verdict":"split","encrypted":"age"`)
	}},
	{name: "withheld reason hidden", code: "verify.order", honest: true, change: func(t testing.TB, b *bagParts) {
		b.orderAs(t, func(o *evidence.OrderFile) { o.WithheldCounts = o.WithheldCounts[:1] })
	}},
	{name: "a withheld row lost", code: "verify.order", honest: true, change: func(t testing.TB, b *bagParts) {
		e := &(*b)[b.index(t, evidence.WithheldFile)]
		e.body = e.body[:bytes.IndexByte(e.body, '\n')+1]
		e.head.Size = int64(len(e.body))
	}},
	{name: "no approvals", code: "verify.order", honest: true, change: func(t testing.TB, b *bagParts) {
		b.orderAs(t, func(o *evidence.OrderFile) { o.Approvals = nil })
	}},
	{name: "bag-info differs", code: "verify.order", honest: true, change: func(t testing.TB, b *bagParts) {
		b.replace(t, evidence.BagInfoFile, "m2fd-10", "m2fd-11")
	}},
	{name: "unknown field in order.json", code: "verify.order", honest: true, change: func(t testing.TB, b *bagParts) {
		b.replace(t, evidence.OrderName, "{\n", "{\n  \"note\": 1,\n")
	}},
	{name: "field twice in order.json", code: "verify.order", honest: true, change: func(t testing.TB, b *bagParts) {
		b.replace(t, evidence.OrderName, "{\n", "{\n  \"demand\": \"other\",\n")
	}},
	{name: "items.jsonl lacks a row", code: "verify.order", honest: true, change: func(t testing.TB, b *bagParts) {
		e := &(*b)[b.index(t, evidence.ItemsFile)]
		e.body = e.body[bytes.IndexByte(e.body, '\n')+1:]
		e.head.Size = int64(len(e.body))
	}},
	{name: "an item of another size in items.jsonl", code: "verify.order", honest: true, change: func(t testing.TB, b *bagParts) {
		b.replace(t, evidence.ItemsFile, `"size":262144`, `"size":262145`)
	}},
	{name: "an item of another name in items.jsonl", code: "verify.order", honest: true, change: func(t testing.TB, b *bagParts) {
		b.replace(t, evidence.ItemsFile, `-large.eml`, `-Large.eml`)
	}},
	{name: "last item's time outside the scope", code: "verify.outside", honest: true, change: func(t testing.TB, b *bagParts) {
		b.replace(t, evidence.ItemsFile, `"id":"split","category":"content","received":"2026-03-01`, `"id":"split","category":"content","received":"2026-04-01`)
	}},
	{name: "last item's category outside the scope", code: "verify.outside", honest: true, change: func(t testing.TB, b *bagParts) {
		b.replace(t, evidence.ItemsFile, `"id":"split","category":"content"`, `"id":"split","category":"traffic"`)
	}},
	{name: "by hand where the release says gate", code: "verify.outside", honest: true, change: func(t testing.TB, b *bagParts) {
		b.replace(t, evidence.ItemsFile, `"verdict":"inside"`, `"verdict":"by-hand"`)
	}},
	{name: "split called inside", code: "verify.outside", honest: true, change: func(t testing.TB, b *bagParts) {
		b.replace(t, evidence.ItemsFile, `"verdict":"split"`, `"verdict":"inside"`)
	}},
	{name: "an account outside the scope", code: "verify.outside", honest: true, change: func(t testing.TB, b *bagParts) {
		for i := range *b {
			e := &(*b)[i]
			if strings.HasSuffix(e.head.Name, "-split.eml") {
				e.head.Name = strings.Replace(e.head.Name, "acct-verdi", "acct-bianchi", 1)
			}
		}
	}},
}

func TestAHostileBagIsRefused(t *testing.T) {
	w := newWorld(t)
	var out bytes.Buffer
	s := w.seal(t, &out, "m2fd-10", 8)
	for _, c := range hostile {
		t.Run(c.name, func(t *testing.T) {
			parts, r := takeApart(t, w, out.Bytes()), s.Release
			if c.change != nil {
				c.change(t, &parts)
			} else { // the release names a tag manifest that is not true
				parts.replace(t, evidence.TagManifestFile, "index.html", "index.htm1")
				r.TagManifest = sha256.Sum256(parts[parts.index(t, evidence.TagManifestFile)].body)
			}
			if c.honest && c.change != nil {
				r.TagManifest = parts.manifests(t)
			}
			_, err := w.verify(w.reseal(t, parts, r, []byte(c.after)))
			if problem.Code(err) != c.code {
				t.Fatalf("got %v (cause %v), want %s", err, errors.Unwrap(err), c.code)
			}
		})
	}
	t.Run("unchanged", func(t *testing.T) {
		_, err := w.verify(w.reseal(t, takeApart(t, w, out.Bytes()), s.Release, nil))
		must(t, err)
	})
}
