package app

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"counterseal/internal/authority"
	"counterseal/internal/canon"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/intake/mail"
	"counterseal/internal/policy"
	"counterseal/internal/problem"
)

// FlagMailbox says that a mailbox of an agency is in other hands: the flag is written
// into agencies.toml, whatever comes from the mailbox is held at the door, and so is
// what came from it and is still open. It gives the demands that it held, as far as
// the reader may see them. Codes: app.roster, app.seat, those of authority.Flagged,
// app.folder.
func (o *Office) FlagMailbox(ctx context.Context, reader, agency, mailbox, why string) ([]demand.ID, error) {
	w, err := o.reader(reader)
	if err != nil {
		return nil, err
	}
	if err := w.may("mailbox.flag", policy.Resource{}); err != nil {
		return nil, err
	}
	flag := authority.Flag{Mailbox: mailbox, At: o.Clock.Now().UTC().Truncate(time.Second), By: reader, Why: canon.Text(why)}
	if err := o.writeFlag(agency, flag); err != nil {
		return nil, err
	}
	o.log.Info("mailbox flagged", "agency", agency, "by", reader)
	return o.holdOpen(ctx, reader)
}

func (o *Office) writeFlag(agency string, flag authority.Flag) error {
	o.agenciesFile.Lock()
	defer o.agenciesFile.Unlock()
	text, err := readOptional(o.Folder.Agencies())
	if err != nil {
		return err
	}
	text, r, err := authority.Flagged(text, agency, flag)
	if err != nil {
		return inFile("agencies", err)
	}
	if err := replaceFile(o.Folder.Agencies(), text); err != nil {
		return folderProblem(err)
	}
	o.Agencies.Put(r)
	return nil
}

// replaceFile puts a whole file in another's place, durably: whoever reads finds the
// one or the other.
func replaceFile(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if _, err := f.Write(b); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// rereadAgencies takes agencies.toml in when another process or a person has changed
// it: a flag that one process sets holds what another's door takes in. A file that
// is not right leaves the register in force where it is.
func (o *Office) rereadAgencies() {
	o.agenciesFile.Lock()
	defer o.agenciesFile.Unlock()
	info, err := os.Stat(o.Folder.Agencies())
	if err != nil || info.ModTime().Equal(o.agenciesAt) {
		return
	}
	o.agenciesAt = info.ModTime()
	r, err := o.Folder.readAgencies()
	if err != nil {
		o.log.Error("agencies not read again; those before stay in force", "code", problem.Code(err), "field", problem.Of(err).Field)
		return
	}
	o.Agencies.Put(r)
}

// holdOpen holds every open demand that came from a flagged mailbox, in sealed cases
// too, and lists those of them that the reader may see. One that cannot be read keeps
// no other from being held.
func (o *Office) holdOpen(ctx context.Context, reader string) (held []demand.ID, err error) {
	compartments, err := o.Docket.Compartments(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range compartments {
		q := docket.QueryArgs{Compartments: []string{c}, Limit: docket.MaxPage}
		for {
			items, e := o.Docket.Queue(ctx, q)
			if e != nil {
				return held, e
			}
			for _, it := range items {
				if it.Problem != nil || it.Status == demand.StatusClosed {
					continue
				}
				now, e := o.holdIfFlagged(ctx, it.ID)
				if e != nil {
					err = e
				}
				if now && o.sees(ctx, reader, it.ID) {
					held = append(held, it.ID)
				}
			}
			if len(items) < q.Limit {
				break
			}
			last := items[len(items)-1]
			q.Due, q.After = last.Due, last.ID
		}
	}
	return held, err
}

func (o *Office) sees(ctx context.Context, reader string, id demand.ID) bool {
	_, err := o.Docket.State(docket.For(ctx, demand.Person(reader)), id)
	return err == nil
}

func (o *Office) holdIfFlagged(ctx context.Context, id demand.ID) (bool, error) {
	c, err := o.Docket.State(ctx, id)
	if err != nil || c.State.HeldFor(flaggedMailbox) {
		return false, err
	}
	b, media, err := o.Docket.Original(ctx, id)
	if err != nil || media != "message/rfc822" {
		return false, err
	}
	within, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	l, err := mail.Read(within, b, mail.Options{Known: o.knownDomains()})
	if err != nil {
		return false, err
	}
	return o.holdFlagged(ctx, id, l)
}
