package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"counterseal/internal/evidence"
	"counterseal/internal/evidence/release"
	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/maildir"
	"counterseal/internal/gate/source/mbox"
	"counterseal/internal/scope"
)

// A collection is one run of ours, in a process of its own.
type collection struct{ store, form, to, out, from, until, people string }

func (c *collection) flags() {
	flag.StringVar(&c.store, "collect", "", "internal: collect from this mbox file, or from this folder of Maildirs")
	flag.StringVar(&c.form, "form", "mbox", "internal: mbox or maildir")
	flag.StringVar(&c.to, "to", "", "internal: recipient")
	flag.StringVar(&c.out, "out", "", "internal: package")
	flag.StringVar(&c.from, "from", "", "internal: first day")
	flag.StringVar(&c.until, "until", "", "internal: last day")
	flag.StringVar(&c.people, "with", "", "internal: participants")
}

const account scope.AccountID = "acc-1"

func (c *collection) run(ctx context.Context) error {
	to, err := age.ParseX25519Recipient(c.to)
	if err != nil {
		return err
	}
	asked, err := c.scope()
	if err != nil {
		return err
	}
	src, err := c.source()
	if err != nil {
		return err
	}
	f, err := os.Create(c.out)
	if err != nil {
		return err
	}
	err = pack(ctx, f, to, asked, src)
	return errors.Join(err, f.Close())
}

func (c *collection) source() (source.Source, error) {
	if c.form == "maildir" {
		return maildir.New(maildir.Config{Root: c.store, Folder: source.Mark})
	}
	return mbox.New(mbox.Config{Root: filepath.Dir(c.store), Flavour: mbox.MboxO, SeparatorUTC: true,
		Accounts: map[scope.AccountID][]string{account: {filepath.Base(c.store)}}})
}

func (c *collection) scope() (scope.Scope, error) {
	s := scope.Selector{Account: account, Service: scope.Mail, Category: scope.Content, Basis: scope.Received}
	var err error
	s.From, err = time.Parse(time.DateOnly, c.from)
	if err != nil {
		return scope.Scope{}, err
	}
	s.Until, err = time.Parse(time.DateOnly, c.until)
	if err != nil {
		return scope.Scope{}, err
	}
	s.Until = s.Until.Add(24*time.Hour - time.Second)
	if c.people != "" {
		s.Participants = strings.Split(c.people, ",")
	}
	return scope.New(s)
}

// pack is the gate's loop: ask the source, judge, give or withhold, close.
func pack(ctx context.Context, f *os.File, to *age.X25519Recipient, asked scope.Scope, src source.Source) error {
	w, err := evidence.NewWriter(ctx, f, to, evidence.Header{
		Demand: "bench", Region: "bench", Gate: "bench", Scope: asked, Filtered: release.ByGate,
		Grant: []byte("bench"), Approvals: [][]byte{[]byte("one"), []byte("two")},
	}, evidence.Options{Now: time.Now, Rand: rand.Reader, SpoolDir: filepath.Dir(f.Name()), ByteCap: math.MaxInt64})
	if err != nil {
		return err
	}
	defer w.Abort()
	row := asked.Selectors()[0]
	withheld := 0
	err = src.Items(ctx, source.Query{Account: account, From: row.From, Until: row.Until}, func(it source.Item) error {
		switch v := asked.Judge(it.Item); v {
		case scope.Inside, scope.Split:
			return w.Add(evidence.Item{Item: it.Item, Filename: it.Filename, Open: it.Open})
		case scope.Near, scope.Undated:
			withheld++
			return w.Withhold(v.String(), it.ID, it.Undated)
		}
		return nil
	}, func(g source.Gap) error {
		withheld++
		return w.Withhold(strings.TrimPrefix(g.Reason, "source."), g.Place, "")
	})
	if err != nil {
		return err
	}
	sealed, err := w.Close(evidence.Order{Provider: "Bench", Authority: "Bench", Instrument: "Bench", Received: time.Now(), Language: "en", Compelled: asked.Lines()})
	if err != nil {
		return err
	}
	_, err = fmt.Printf("%d %d %d\n", sealed.Items, withheld, sealed.Bytes)
	return err
}
