package demo

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/gate"
	"counterseal/internal/problem"
)

// Step is one thing that somebody did.
type Step struct {
	Story string    `json:"story"`
	At    time.Time `json:"at"`
	Who   string    `json:"who"`
	What  string    `json:"what"`
}

// Telling is how stories are told in one folder.
type Telling struct {
	Tell  func(Step)                                        // hears each step as it is done
	After func(ctx context.Context, p *Play, row Row) error // hears of each row once it has been done; nil: nobody asks
	Until time.Time                                         // rows after it are not played; zero: all are
}

// Play is one story in a folder. Its rows are played one after the other; what happens
// in one row may happen at once.
type Play struct {
	Story  Story
	Stage  *Stage
	Office *app.Office

	tell   func(Step)
	mu     sync.Mutex
	kept   map[string]string // ids and files, by the names that the story gave them; guarded by mu
	grants map[string]gate.Status
}

// Ceremony signs the charter, if nobody has, and hands it to the gates. After it the
// house can be opened.
func Ceremony(ctx context.Context, s *Stage, o *app.Office) error {
	if _, err := os.Stat(s.Folder.Statement("1")); err == nil {
		return nil
	}
	if err := s.Sign(o.Clock.Now()); err != nil {
		return err
	}
	go func() { _, _ = o.Law() }() // compiled by the time it is asked for, which says what was wrong
	_, err := o.InitGate(ctx)
	return err
}

// Tell plays stories in one folder, their rows by date, and gives their plays. It
// ends at the first row that does not go as written; the plays hold what came before.
func Tell(ctx context.Context, s *Stage, o *app.Office, stories []Story, t Telling) ([]*Play, error) {
	if err := Ceremony(ctx, s, o); err != nil {
		return nil, err
	}
	type part struct {
		play *Play
		row  Row
	}
	var plays []*Play
	var parts []part
	for _, story := range stories {
		p := &Play{Story: story, Stage: s, Office: o, tell: t.Tell, kept: map[string]string{}, grants: map[string]gate.Status{}}
		plays = append(plays, p)
		for _, r := range story.Rows {
			parts = append(parts, part{p, r})
		}
	}
	slices.SortStableFunc(parts, func(a, b part) int { return a.row.At.Compare(b.row.At) })
	day := ""
	for _, x := range parts {
		if !t.Until.IsZero() && x.row.At.After(t.Until) {
			break
		}
		if err := x.play.play(ctx, x.row, &day); err != nil {
			return plays, err
		}
		if t.After == nil {
			continue
		}
		if err := o.Shown(ctx); err != nil {
			return plays, err
		}
		if err := t.After(ctx, x.play, x.row); err != nil {
			return plays, err
		}
	}
	if !t.Until.IsZero() {
		if err := o.MoveTo(ctx, t.Until); err != nil {
			return plays, err
		}
	}
	return plays, o.Written()
}

// play plays one row. The register takes what waits for it on the first row of a new
// day. What the logs are given is written while the play goes on.
func (p *Play) play(ctx context.Context, row Row, day *string) error {
	if err := p.Office.MoveTo(ctx, row.At); err != nil {
		return err
	}
	if today := row.At.Format(time.DateOnly); today != *day {
		*day = today
		if err := p.Office.BatchWaiting(ctx); err != nil {
			return err
		}
	}
	if err := row.Do(ctx, p); err != nil {
		return problem.Of(err)
	}
	return p.Office.Round(ctx)
}

// Told tells a step that somebody did now.
func (p *Play) Told(who, format string, args ...any) {
	if p.tell != nil {
		p.tell(Step{Story: p.Story.Name, At: p.Office.Clock.Now().UTC(), Who: nameOf(who), What: fmt.Sprintf(format, args...)})
	}
}

// Keep remembers an id or a file under a name of the story's.
func (p *Play) Keep(name, value string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept[name] = value
}

// Kept is what was kept under a name.
func (p *Play) Kept(name string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	v, ok := p.kept[name]
	if !ok {
		panic("the story " + p.Story.Name + " has kept nothing as " + name)
	}
	return v
}

// ID is a stream that was kept under a name.
func (p *Play) ID(name string) demand.ID { return demand.ID(p.Kept(name)) }

// Names lists everything that was kept.
func (p *Play) Names() map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.kept)
}

// Page is the address of a kept stream's page.
func (p *Play) Page(name string) string {
	id := p.ID(name)
	switch demand.StreamOf(id) {
	case demand.ContestStream:
		return "/contest/" + string(id)
	case demand.SecrecyStream:
		return "/secrecy/" + string(id)
	case demand.MatterStream:
		return "/matter/" + string(id)
	case demand.CaseStream:
		return "/case/" + string(id)
	}
	return "/demand/" + string(id)
}
