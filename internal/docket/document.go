package docket

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"

	"counterseal/internal/demand"
	"counterseal/internal/problem"
)

// MaxDocuments bounds the documents that are kept beside one stream's history.
const MaxDocuments = 200

// document is what is sealed of one: the digest of its bytes as they came, and
// where they lie among Originals, sealed.
type document struct {
	Digest    demand.Digest `json:"digest"`
	MediaType string        `json:"media_type"`
	Kind      string        `json:"kind"` // "" or form: what a later delivery stated
	At        Digest        `json:"at"`
}

func documentPlace(id demand.ID, digest []byte) []byte { return place("document", []byte(id), digest) }

func documentRow(id demand.ID, token Digest) []byte {
	return place("document row", []byte(id), token[:])
}

func (v *vault) documentToken(id demand.ID, digest demand.Digest) Digest {
	return v.name(place("document name", []byte(id), digest[:]))
}

// KeepDocument keeps bytes beside a stream's history, sealed under its key, and
// names them by the SHA-256 of what they are. They are on disk when it returns;
// the same bytes again are the same document. MediaType is as somebody stated it.
// Problems: docket.document, docket.documents (MaxDocuments), docket.not_found, and
// those of store, keys and blob.
func (d *Docket) KeepDocument(ctx context.Context, id demand.ID, b []byte, mediaType string) (digest demand.Digest, err error) {
	defer func() { d.refused(ctx, "keep document", id, err) }()
	if err = d.admit(ctx, id); err != nil {
		return digest, err
	}
	v, err := d.vaultOf(ctx, id)
	if err != nil {
		return digest, err
	}
	return d.keep(ctx, v, id, b, mediaType, "")
}

func (d *Docket) keep(ctx context.Context, v *vault, id demand.ID, b []byte, mediaType, kind string) (demand.Digest, error) {
	if len(b) == 0 || len(b) > MaxOriginal || len(mediaType) > 4*maxName {
		return demand.Digest{}, problem.New(problem.Invalid, "docket.document", "this cannot be kept as it is").Fix("a document has 1 byte to %d MiB", MaxOriginal>>20)
	}
	digest := demand.Digest(sha256.Sum256(b))
	token := v.documentToken(id, digest)
	_, found, err := d.Store.Document(ctx, id, token)
	if err != nil || found {
		return digest, err
	}
	doc := document{Digest: digest, MediaType: mediaType, Kind: kind}
	sealed, err := v.seal(d.Rand, documentPlace(id, digest[:]), b)
	if err != nil {
		return demand.Digest{}, err
	}
	if doc.At, err = d.Originals.Put(ctx, sealed); err != nil {
		return demand.Digest{}, err
	}
	plain, err := json.Marshal(doc)
	if err != nil {
		return demand.Digest{}, broken(err)
	}
	row := Document{Token: token}
	if row.Sealed, err = v.seal(d.Rand, documentRow(id, token), plain); err != nil {
		return demand.Digest{}, err
	}
	err = d.Store.Update(ctx, func(ctx context.Context, tx Tx) error { return tx.PutDocument(ctx, id, row, MaxDocuments) })
	if p := problem.Of(err); p != nil && p.Code == ErrFull.Code {
		_ = d.Originals.Remove(ctx, doc.At)
	}
	return digest, err
}

// Document gives a document and its media type as it was stated. Its bytes are
// those that its digest names. Problems: docket.no_document, docket.tampered,
// docket.not_found, blob.missing, blob.corrupt, and those of store and keys.
func (d *Docket) Document(ctx context.Context, id demand.ID, digest demand.Digest) (b []byte, mediaType string, err error) {
	defer func() { d.refused(ctx, "document", id, err) }()
	if err = d.admit(ctx, id); err != nil {
		return nil, "", err
	}
	v, err := d.vaultOf(ctx, id)
	if err != nil {
		return nil, "", err
	}
	row, found, err := d.Store.Document(ctx, id, v.documentToken(id, digest))
	if err != nil {
		return nil, "", err
	}
	if !found {
		return nil, "", noDocument()
	}
	doc, err := v.openDocument(id, row)
	if err != nil {
		return nil, "", err
	}
	b, err = d.bytesOf(ctx, v, id, doc)
	return b, doc.MediaType, err
}

func noDocument() *problem.Error {
	return problem.New(problem.Missing, "docket.no_document", "no such document is kept here")
}

func (v *vault) openDocument(id demand.ID, row Document) (doc document, err error) {
	plain, err := v.open(documentRow(id, row.Token), row.Sealed)
	if err != nil {
		return doc, err
	}
	if err = json.Unmarshal(plain, &doc); err != nil || v.documentToken(id, doc.Digest) != row.Token {
		return doc, tampered(err)
	}
	return doc, nil
}

func (d *Docket) bytesOf(ctx context.Context, v *vault, id demand.ID, doc document) ([]byte, error) {
	sealed, err := d.Originals.Get(ctx, doc.At)
	if err != nil {
		return nil, err
	}
	b, err := v.open(documentPlace(id, doc.Digest[:]), sealed)
	if err != nil {
		return nil, err
	}
	if sha256.Sum256(b) != doc.Digest {
		return nil, tampered(nil)
	}
	return b, nil
}

// auditDocuments reads every document, and asks that those which the history
// names are there.
func (d *Docket) auditDocuments(ctx context.Context, o *opened) error {
	rows, err := d.Store.Documents(ctx, o.id)
	if err != nil {
		return err
	}
	kept := map[demand.Digest]bool{o.state.Original: true}
	for _, row := range rows {
		doc, err := o.vault.openDocument(o.id, row)
		if err != nil {
			return err
		}
		if _, err = d.bytesOf(ctx, o.vault, o.id, doc); err != nil {
			return err
		}
		kept[doc.Digest] = true
	}
	for _, p := range o.state.Papers {
		if p.Document != (demand.Digest{}) && !kept[p.Document] {
			return noDocument().At("paper %d", p.No)
		}
	}
	for _, m := range o.state.Thread {
		if !kept[m.Document] {
			return noDocument().At("message %d", m.No)
		}
	}
	return nil
}

// stated is what a delivery says beside its original: the form as it came, or
// else the demand as its channel read it; nothing where nobody has read it.
func (s Submission) stated() (b []byte, mediaType string, err error) {
	if len(s.Form) > 0 {
		return s.Form, "application/octet-stream", nil
	}
	if s.Receive.Unread {
		return nil, "", nil
	}
	b, err = json.Marshal(s.Receive)
	if err != nil {
		return nil, "", broken(err)
	}
	return b, "application/json", nil
}

// keepStated keeps what a later delivery states, unless the first one said that
// very thing.
func (d *Docket) keepStated(ctx context.Context, s Submission, v *vault, a *Accepted) error {
	b, mediaType, err := s.stated()
	if err != nil || len(b) == 0 {
		return err
	}
	same, err := d.sameAsFirst(ctx, s, v, *a, b)
	if err != nil || same {
		return err
	}
	a.Stated, err = d.keep(ctx, v, a.ID, b, mediaType, "form")
	return err
}

func (d *Docket) sameAsFirst(ctx context.Context, s Submission, v *vault, a Accepted, stated []byte) (bool, error) {
	if len(s.Form) > 0 {
		if a.FormAt == (Digest{}) {
			return false, nil
		}
		form, err := d.getSealed(ctx, v, a.ID, "form", a.FormAt)
		return bytes.Equal(form, stated), err
	}
	o, err := d.read(ctx, a.ID)
	if err != nil {
		return false, err
	}
	first, ok := o.history[0].Event.(demand.Received)
	if !ok {
		return false, tampered(nil)
	}
	was, is := demand.Receive(first), s.Receive
	was.Channel, is.Channel = "", ""
	if is.Kind == "" {
		is.Kind = demand.ForData
	}
	x, errX := json.Marshal(was)
	y, errY := json.Marshal(is)
	return errX == nil && errY == nil && bytes.Equal(x, y), nil
}

// findStated names, for a delivery that came before, the document of what it
// stated then.
func (d *Docket) findStated(ctx context.Context, s Submission, a *Accepted) error {
	b, _, err := s.stated()
	if err != nil || len(b) == 0 {
		return err
	}
	v, err := d.vaultOf(ctx, a.ID)
	if err != nil {
		return err
	}
	digest := demand.Digest(sha256.Sum256(b))
	_, found, err := d.Store.Document(ctx, a.ID, v.documentToken(a.ID, digest))
	if found {
		a.Stated = digest
	}
	return err
}
