// Package house is an office's docket on real files, as `counterseal serve` has
// it, for the programs that measure it: store, keys and segments of originals in
// one folder, every event counted as published as soon as it is in the journal.
package house

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"counterseal/internal/blob"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/keys"
	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/scope"
	"counterseal/internal/store/sqlite"
)

// House is an open folder.
type House struct {
	*docket.Docket
	DB        *sqlite.DB
	Keys      *keys.Folder
	Originals *blob.Packed
	Dir       string
}

// Around lets a program stand between the docket and what it writes to; nil
// fields leave it as it is.
type Around struct {
	Store     func(docket.Store) docket.Store
	Keys      func(docket.Keys) docket.Keys
	Originals func(docket.Originals) docket.Originals
}

// Open opens or makes a docket in a folder.
func Open(ctx context.Context, dir string, a Around) (h *House, err error) {
	for _, name := range []string{"keys", "originals"} {
		if err = os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			return nil, err
		}
	}
	h = &House{Dir: dir}
	if h.DB, err = sqlite.Open(ctx, filepath.Join(dir, "docket.db")); err != nil {
		return nil, err
	}
	if h.Keys, err = keys.Open(filepath.Join(dir, "keys"), rand.Reader, time.Now); err != nil {
		return nil, errors.Join(err, h.DB.Close())
	}
	if h.Originals, err = blob.OpenPacked(filepath.Join(dir, "originals"), rand.Reader); err != nil {
		return nil, errors.Join(err, h.Keys.Close(), h.DB.Close())
	}
	h.Docket, err = docket.New(ctx, h.config(a))
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

func (h *House) config(a Around) docket.Config {
	c := docket.Config{Store: h.DB.Docket(), Keys: h.Keys, Originals: h.Originals, Journal: published{h.DB.Ledger()},
		Clock: time.Now, Rand: rand.Reader, Policy: demand.Policy{Waiting: 7 * 24 * time.Hour, Approvals: 2},
		Bounds: docket.Bounds{Ahead: 10 * 365 * 24 * time.Hour}, // a folder may lie for long between two runs
		Log:    slog.New(slog.DiscardHandler),
		Fields: func(r demand.Receive) (proof.Fields, error) {
			return proof.Fields{Instrument: proof.InstrumentWarrant, Band: proof.BandOf(len(r.Targets)), Class: proof.ClassOrdinary}, nil
		}}
	if a.Store != nil {
		c.Store = a.Store(c.Store)
	}
	if a.Keys != nil {
		c.Keys = a.Keys(c.Keys)
	}
	if a.Originals != nil {
		c.Originals = a.Originals(c.Originals)
	}
	return c
}

// Close closes the folder.
func (h *House) Close() error {
	return errors.Join(h.Originals.Close(), h.Keys.Close(), h.DB.Close())
}

// published counts every sequenced leaf as published.
type published struct{ sqlite.Ledger }

func (p published) Published(ctx context.Context) (ordinary, emergency uint64, err error) {
	n, err := p.Size(ctx, ledger.InJournal)
	return n, n, err
}

// Demand makes the nth demand of a series: a document of about size bytes, a
// form, one target and one line. The same name and n make the same demand.
func Demand(name string, n, size int) docket.Submission {
	// Due days lie from a month ago to eleven months ahead, in no order.
	spread := time.Duration(n%7919*7919%(365*24)) * time.Hour
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	r := demand.Receive{Instrument: demand.Instrument{Kind: "us.warrant", Title: "Search warrant, 18 USC 2703(a)", Number: fmt.Sprintf("26-mj-%d", n),
		Agency: "agency-north", Officer: "Special Agent Example", Due: time.Now().UTC().Truncate(time.Hour).Add(spread - 30*24*time.Hour)},
		Targets: []demand.StatedTarget{{No: 1, Kind: "address", Stated: fmt.Sprintf("person%d@example.org", n)}},
		Lines: []demand.StatedLine{{No: 1, Target: 1, Service: scope.Mail, Category: scope.Content, From: begin.Add(-90 * 24 * time.Hour),
			Until: begin, Basis: scope.Received}}}
	original := make([]byte, size)
	copy(original, fmt.Sprintf("%%PDF-1.7 %s %d\n", name, n))
	return docket.Submission{Channel: "portal", Key: sha256.Sum256(fmt.Appendf(nil, "%s %d", name, n)), Original: original,
		MediaType: "application/pdf", Form: fmt.Appendf(nil, "number = \"26-mj-%d\"\nofficer = \"Special Agent Example\"\n", n), By: "portal", Receive: r}
}
