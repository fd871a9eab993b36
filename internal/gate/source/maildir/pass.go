package maildir

import (
	"context"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/letter"
	"counterseal/internal/gate/source/rooted"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Reasons for a gap, beside those of package letter.
const (
	gapLink   = "source.link"          // a symbolic link
	gapKind   = "source.not_a_file"    // something else that is no file
	gapLayout = "source.folder_layout" // a directory with mail that is no mail folder
	gapPlain  = "source.not_plain"     // compressed or encrypted at rest
	gapKey    = "source.key_form"      // a message without a key
	gapTwice  = "source.key_twice"     // two files with one key: which one the store means is not known
)

const maxFolders = 10_000

// A pass is one reading of an account's Maildir for one query.
type pass struct {
	ctx         context.Context
	limits      limits
	root        *os.Root
	query       source.Query
	from, until int64
	first       int // bytes that are read of a message at first
	item        func(source.Item) error
	gap         func(source.Gap) error
	ids         *source.IDs
	room        []byte          // for the longest header block
	own         look            // of the message that is looked at alone
	queue       [batches]*batch // made for the first mail folder that needs them
	people      letter.People
}

// all reads the inbox, then each mail folder, and then looks for what came meanwhile.
func (p *pass) all() error {
	names, err := p.folders(p.gap)
	if err != nil {
		return err
	}
	before := make([]*folder, len(names))
	for i, name := range names {
		before[i], err = p.list(name, p.gap)
		if err != nil {
			return err
		}
		err = p.read(before[i])
		before[i].forget()
		if err != nil {
			return err
		}
	}
	after, err := p.folders(quiet)
	if err != nil {
		return err
	}
	if !slices.Equal(names, after) {
		return rooted.Changed(". (its mail folders)")
	}
	for _, f := range before {
		err := p.since(f)
		if err != nil {
			return err
		}
	}
	return nil
}

func quiet(source.Gap) error { return nil }

// folders lists the mail folders: "" is the inbox, the others are in the order of
// their names' bytes.
func (p *pass) folders(gap func(source.Gap) error) ([]string, error) {
	out := []string{""}
	entries, err := p.entries(".", ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		err := p.ctx.Err()
		if err != nil {
			return nil, err
		}
		name := e.Name()
		if name == "cur" || name == "new" || name == "tmp" {
			continue
		}
		info, err := p.root.Lstat(name)
		if err != nil {
			return nil, rooted.Unreadable(shown(name), err)
		}
		dotted := strings.HasPrefix(name, ".")
		switch {
		case info.Mode()&fs.ModeSymlink != 0 && dotted:
			err = gap(source.Gap{Place: shown(name), Reason: gapLink})
		case !info.IsDir() || !p.holds(name):
		case !dotted:
			err = gap(source.Gap{Place: shown(name), Reason: gapLayout})
		default:
			out = append(out, name)
			err = p.nested(name, gap)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(out) > p.limits.folders {
		return nil, problem.New(problem.Invalid, "source.too_large", "a Maildir has more than %d mail folders", p.limits.folders).At(".")
	}
	return out, nil
}

// nested reports directories with mail in a mail folder, which Maildir++ does not have.
func (p *pass) nested(folder string, gap func(source.Gap) error) error {
	inner, err := p.entries(folder, shown(folder))
	if err != nil {
		return err
	}
	for _, e := range inner {
		name := e.Name()
		if e.IsDir() && name != "cur" && name != "new" && name != "tmp" && p.holds(folder+"/"+name) {
			err := gap(source.Gap{Place: shown(folder + "/" + name), Reason: gapLayout})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// holds reports whether a directory has cur or new in it, whatever they are.
func (p *pass) holds(name string) bool {
	for _, d := range []string{"cur", "new"} {
		if _, err := p.root.Lstat(name + "/" + d); err == nil {
			return true
		}
	}
	return false
}

func (p *pass) entries(name, shown string) ([]fs.DirEntry, error) {
	in, err := rooted.Step(p.root, name, shown)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	d, err := in.Open(".")
	if err != nil {
		return nil, rooted.Unreadable(shown, err)
	}
	defer d.Close()
	var out []fs.DirEntry
	for {
		some, err := d.ReadDir(1024)
		out = append(out, some...)
		if len(out) > p.limits.messages {
			return nil, problem.New(problem.Invalid, "source.too_large", "a folder holds more than %d names", p.limits.messages).At("%s", shown)
		}
		if err == io.EOF {
			slices.SortFunc(out, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
			return out, nil
		}
		if err != nil {
			return nil, rooted.Unreadable(shown, err)
		}
	}
}

// since looks for messages that came while the store was read.
func (p *pass) since(f *folder) error {
	for n := range 2 { // as often as a list is read before it counts
		again, err := p.again(f)
		if err != nil {
			return err
		}
		if !again {
			break
		}
		if n == 1 {
			return nil
		}
	}
	now, err := p.list(f.name, quiet)
	if err != nil {
		return err
	}
	defer now.forget()
	for i := range now.messages {
		if _, had := f.find(now.messages[i].key()); had {
			continue
		}
		err := p.message(now, i, func(f *folder, at int, _ *look) error { return rooted.Changed(f.shown(f.messages[at].key())) })
		if err != nil {
			return err
		}
	}
	return nil
}

// give gives one message as an item.
func (p *pass) give(f *folder, at int, l *look) error {
	key := f.messages[at].key()
	people, ok := p.people.Of(&l.head)
	if !ok {
		return p.gap(source.Gap{Place: f.shown(key), Reason: letter.GapAddresses})
	}
	id, err := p.ids.Of(string(p.query.Account), f.name, key)
	if err != nil {
		return err
	}
	name := f.shown(key)
	it := source.Item{
		Item: scope.Item{ID: id, Account: p.query.Account, Service: scope.Mail, Category: scope.Content, Participants: people},
		Size: l.leaf.Size, Name: name, Filename: id + ".eml",
	}
	l.times.Put(&it)
	b := &body{look: l, shown: name}
	it.Open = b.open
	err = p.item(it)
	b.closed = true
	return err
}

func shown(name string) string { return source.Escape(name, 500) }
