package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"filippo.io/age"

	"counterseal/e2e/realmail/corpus"
)

// whole measures a whole account out of the two forms of one mail store.
func (o options) whole(ctx context.Context) error {
	dir, err := os.MkdirTemp(o.dir, "whole-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	self, err := os.Executable()
	if err != nil {
		return err
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	size, err := lay(dir, o.count)
	if err != nil {
		return err
	}
	out, to := filepath.Join(dir, "out.age"), id.Recipient().String()
	ours := func(form, store string) []string {
		return []string{self, "-collect", filepath.Join(dir, store), "-form", form, "-to", to, "-out", out, "-from", "1970-01-01", "-until", "2099-12-31"}
	}
	tar := func(name string) []string {
		return []string{"sh", "-c", `tar c -C "$1" "$4" | age -r "$2" > "$3"`, "sh", dir, to, out, name}
	}
	all := []*contestant{{name: "tar | age, mbox", args: tar("all.mbox")}, {name: "Counterseal, mbox", args: ours("mbox", "all.mbox")},
		{name: "tar | age, Maildir", args: tar("maildirs")}, {name: "Counterseal, Maildir", args: ours("maildir", "maildirs")}}
	for range o.pairs {
		for _, c := range all { // in turns, so that a busy machine hurts all
			err := errors.Join(c.run(ctx), os.Remove(out))
			if err != nil {
				return err
			}
		}
	}
	fmt.Printf("%d messages, %d MiB, medians of %d\n", o.count, size>>20, o.pairs)
	for i, c := range all {
		fmt.Printf("%-22s %8v  %6d KiB at most  %s\n", c.name, median(c.times).Round(time.Millisecond), c.peak, c.said)
		if i%2 == 1 {
			fmt.Printf("%-22s %8.2f\n", "  against tar | age", float64(median(c.times))/float64(median(all[i-1].times)))
		}
	}
	return nil
}

func median(d []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(d))
	return s[len(s)/2]
}

// lay writes n messages as an mbox and as a Maildir, and gives their size.
func lay(dir string, n int) (size int64, err error) {
	home := filepath.Join(dir, "maildirs", string(account))
	for _, d := range []string{"cur", "new", "tmp"} {
		err := os.MkdirAll(filepath.Join(home, d), 0o700)
		if err != nil {
			return 0, err
		}
	}
	f, err := os.Create(filepath.Join(dir, "all.mbox"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	some := corpus.Generate(2000, 1)
	filler := bytes.Repeat([]byte("a line as long as most lines of the letters that people write are\n"), 60)
	at := time.Date(2002, 8, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		m := some[i%len(some)]
		b := append(bytes.TrimRight(m.Bytes, "\n"), '\n')
		b = append(b, filler...)
		size += int64(len(b))
		w.WriteString(m.Separator + "\n")
		w.Write(b)
		w.WriteString("\n")
		path := filepath.Join(home, "cur", fmt.Sprintf("%d.M%dP1.host:2,S", at.Unix()+int64(i), i))
		when := at.Add(time.Duration(i) * time.Second)
		err := errors.Join(os.WriteFile(path, b, 0o600), os.Chtimes(path, when, when))
		if err != nil {
			return 0, err
		}
	}
	return size, w.Flush()
}
