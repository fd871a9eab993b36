package demo

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/problem"
)

// Submit brings a paper with its form through the portal, as an officer does, and
// keeps the demand's id under name and the receipt under name.receipt.
func (p *Play) Submit(ctx context.Context, name string) error {
	return p.SubmitAs(ctx, name, name)
}

// SubmitAs is Submit of another file, with words in place of what stands there.
func (p *Play) SubmitAs(ctx context.Context, name, file string, replace ...string) error {
	with := strings.NewReplacer(replace...)
	r, err := p.Office.TakeIn(ctx, app.Delivery{Channel: "portal", FormName: name + ".toml", Form: strings.NewReader(with.Replace(text(p.Story.Name, file+".toml"))),
		OriginalName: name + ".txt", Original: strings.NewReader(with.Replace(text(p.Story.Name, file+".txt")))})
	if err != nil {
		return err
	}
	return p.keepReceipt(name, r)
}

// Drop brings a paper that nobody has read yet, such as a letter or a mail, with
// words in place of what stands there.
func (p *Play) Drop(ctx context.Context, name, channel, file string, replace ...string) error {
	b := []byte(strings.NewReplacer(replace...).Replace(text(p.Story.Name, file)))
	r, err := p.Office.TakeUnread(ctx, channel, file, b, "door:"+channel)
	if err != nil {
		return err
	}
	return p.keepReceipt(name, r)
}

func (p *Play) keepReceipt(name string, r app.Receipt) error {
	path := p.Stage.path("officer", p.Story.Name, name, "receipt.txt")
	p.Keep(name, string(r.Demand))
	p.Keep(name+".receipt", path)
	if err := p.Stage.write(path, r.Text); err != nil {
		return err
	}
	return p.Stage.write(path+".sig", r.Signature)
}

// Values are what somebody states for an act, by field.
type Values = map[string]string

// Do does an act of the catalogue in somebody's name, on the page of a kept stream
// ("" for none), and gives the id of the stream on which it was done.
func (p *Play) Do(ctx context.Context, who, act, on, reason string, values Values) (demand.ID, error) {
	var page demand.ID
	if on != "" {
		page = p.ID(on)
	}
	done, err := p.Office.Do(ctx, who, act, page, reason, values)
	return done.ID, err
}

// Attach is Do with a document, which stands in the act's field of that name.
func (p *Play) Attach(ctx context.Context, who, act, on, reason, file string, values Values) (demand.ID, error) {
	id, err := p.Office.NewCommandID()
	if err != nil {
		return "", err
	}
	d := app.Deed{Act: act, Page: p.ID(on), Command: id, Reason: reason, Values: map[string][]string{},
		Documents: map[string]app.Upload{"document": {MediaType: "text/plain", Bytes: []byte(text(p.Story.Name, file))}}}
	for k, v := range values {
		d.Values[k] = []string{v}
	}
	done, err := p.Office.Perform(ctx, who, d)
	return done.ID, err
}

// Open is Do for an act that begins a stream, whose id is kept under name.
func (p *Play) Open(ctx context.Context, who, act, on, name, reason string, values Values) error {
	id, err := p.Do(ctx, who, act, on, reason, values)
	if err == nil {
		p.Keep(name, string(id))
	}
	return err
}

// Command gives a command on a kept demand in somebody's name, for what has a form
// of its own on the pages and a command of its own on the command line.
func (p *Play) Command(ctx context.Context, who, on, reason string, c demand.Command) error {
	ctx = docket.For(ctx, demand.Person(who)) // what somebody may not see, they cannot act on
	_, err := p.Office.Act(ctx, p.ID(on), demand.Person(who), reason, c)
	return err
}

// Genuine records that somebody checked on a contact that is on file that the paper
// is what it says.
func (p *Play) Genuine(ctx context.Context, who, on, how string) error {
	return p.Command(ctx, who, on, "", demand.Authenticate{Genuine: true, How: how})
}

// Resolve lets one person look every target up in the estate and a second one check.
func (p *Play) Resolve(ctx context.Context, on, first, second string) error {
	s, err := p.State(ctx, on)
	if err != nil {
		return err
	}
	for _, t := range s.Targets {
		accounts, err := p.Office.Propose(ctx, p.ID(on), t.No)
		if err != nil && problem.Code(err) != "estate.no_account" {
			return err
		}
		if err := p.Command(ctx, first, on, "", demand.Resolve{Target: t.No, Accounts: accounts}); err != nil {
			return err
		}
		if s, err = p.State(ctx, on); err != nil {
			return err
		}
		if err := p.Command(ctx, second, on, "", demand.Check{Target: t.No, Resolution: s.Targets[t.No-1].Resolved}); err != nil {
			return err
		}
	}
	return nil
}

// Assess lets the rules speak.
func (p *Play) Assess(ctx context.Context, who, on string) ([]demand.Finding, error) {
	return p.Office.Assess(ctx, p.ID(on), demand.Person(who))
}

// Decide is counsel's decision on a line, or on several.
func (p *Play) Decide(ctx context.Context, who, on string, d demand.Decision, reason string, lines ...int) error {
	for _, l := range lines {
		if err := p.Command(ctx, who, on, reason, demand.DecideLine{Line: l, Decision: d}); err != nil {
			return err
		}
	}
	return nil
}

// NoSecrecy says that nothing forbids telling the customer.
func (p *Play) NoSecrecy(ctx context.Context, who, on, reason string) error {
	return p.Command(ctx, who, on, reason, demand.StateSecrecy{None: true})
}

// Close ends the work on kept demands of which nothing is left to do.
func (p *Play) Close(ctx context.Context, who string, demands ...string) error {
	for _, on := range demands {
		if _, err := p.Do(ctx, who, "demand.close", on, "", nil); err != nil {
			return err
		}
	}
	return nil
}

// State reads a kept stream.
func (p *Play) State(ctx context.Context, on string) (*demand.State, error) {
	c, err := p.Office.Docket.State(ctx, p.ID(on))
	return c.State, err
}

// Answer sends a letter to the authority from the record, and keeps it under
// on.kind.
func (p *Play) Answer(ctx context.Context, who, on, kind string, a app.Answer) error {
	sent, err := p.Office.SendAnswer(ctx, who, p.ID(on), kind, a, "")
	if err == nil {
		p.Keep(on+"."+kind, filepath.Join(p.Office.Folder.Spool(), sent.ID, "letter.txt"))
	}
	return err
}

// Letters are the letters that have gone about a kept demand, by their files.
func (p *Play) Letters(on string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(p.Office.Folder.Spool(), "*", "letter.txt"))
	if err != nil {
		return nil, stageProblem(err)
	}
	out := map[string]string{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, stageProblem(err)
		}
		if strings.Contains(string(b), p.Kept(on)) {
			out[f] = string(b)
		}
	}
	return out, nil
}

// KeepLetter keeps the letter about a demand that has all the words under name.
func (p *Play) KeepLetter(on, name string, words ...string) error {
	letters, err := p.Letters(on)
	if err != nil {
		return err
	}
	for f, b := range letters {
		all := true
		for _, w := range words {
			all = all && strings.Contains(b, w)
		}
		if all {
			p.Keep(name, f)
			return nil
		}
	}
	return problem.New(problem.Internal, "demo.letter", "no letter about this demand says so").At("%s: %v", on, words)
}

// Refused asks that something was refused with this code, and tells of it.
func (p *Play) Refused(who, tried, code string, err error) error {
	if problem.Code(err) != code {
		got := problem.Code(err)
		return problem.New(problem.Internal, "demo.not_refused", "this was to be refused with %s", code).At("%s: %s: %q", nameOf(who), tried, got).Because(err)
	}
	p.Told(who, "%s: refused, %s", tried, code)
	return nil
}
