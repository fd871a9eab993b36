package app

import (
	"context"
	"strings"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/estate"
	"counterseal/internal/estate/command"
	"counterseal/internal/estate/query"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// EstateConfig says where the provider's map comes from: a database, a program,
// or, where neither is named, estate.toml.
type EstateConfig struct {
	Database string        `toml:"database"` // a file of SQLite, opened read-only
	Query    []query.Table `toml:"query"`    // one SELECT a table
	Command  []string      `toml:"command"`  // a program and its arguments
	Env      []string      `toml:"env"`      // its whole environment, NAME=VALUE
	Timeout  string        `toml:"timeout"`  // how long reading may take; 10m
	Reload   string        `toml:"reload"`   // how often serve reads the map again; never where it is unstated
}

func (c EstateConfig) check(bad func(field, fix string) error) error {
	if c.Database != "" && len(c.Command) > 0 {
		return bad("estate", "name a database or a command, not both")
	}
	if (c.Database != "") != (len(c.Query) > 0) {
		return bad("estate.query", "name a database and at least one query, or neither")
	}
	if c.Timeout != "" {
		if d, err := time.ParseDuration(c.Timeout); err != nil || d < time.Second || d > time.Hour {
			return bad("estate.timeout", "write a time between 1s and 1h")
		}
	}
	if c.Reload != "" {
		if d, err := time.ParseDuration(c.Reload); err != nil || d < 10*time.Second {
			return bad("estate.reload", "write a time from 10s on, such as \"5m\"")
		}
	}
	return nil
}

// within is how long reading may take.
func (c EstateConfig) within() time.Duration {
	if d, err := time.ParseDuration(c.Timeout); err == nil { // checked with the configuration
		return d
	}
	return command.MaxTime
}

// timed ends a source that takes too long.
type timed struct {
	estate.Source
	limit time.Duration
}

// Read implements estate.Source.
func (t timed) Read(ctx context.Context) (estate.Tables, error) {
	ctx, cancel := context.WithTimeout(ctx, t.limit)
	defer cancel()
	return t.Source.Read(ctx)
}

// estateSource gives the source that the configuration names, and what ends it.
func (f Folder) estateSource(c EstateConfig) (estate.Source, func() error, error) {
	none := func() error { return nil }
	switch {
	case len(c.Command) > 0:
		return command.Source{Argv: c.Command, Env: c.Env, Dir: string(f), Time: c.within()}, none, nil
	case c.Database != "":
		db, err := query.OpenSQLite(c.Database)
		if err != nil {
			return nil, none, err
		}
		return timed{query.Source{DB: db, Tables: c.Query}, c.within()}, db.Close, nil
	}
	return estate.File(f.Estate()), none, nil
}

// openEstate reads the map for the first time.
func (f Folder) openEstate(ctx context.Context, c EstateConfig) (*estate.Live, func() error, error) {
	source, end, err := f.estateSource(c)
	if err != nil {
		return nil, end, err
	}
	live, err := estate.Open(ctx, source)
	if err == nil {
		return live, end, nil
	}
	switch own := c.Database == "" && len(c.Command) == 0; {
	case own && problem.Code(err) == "estate.unavailable":
		err = unreadable(f.Estate(), err)
	case own:
		err = inFile("estate", err)
	}
	return nil, end, err
}

// readEstate reads the map once, for a statement of the charter.
func (f Folder) readEstate(ctx context.Context) (*estate.Estate, error) {
	config, err := f.ReadConfig()
	if err != nil {
		return nil, err
	}
	live, end, err := f.openEstate(ctx, config.Estate)
	if err != nil {
		_ = end()
		return nil, err
	}
	return live.Now(), end()
}

// reloads reads the map again and again, until ctx ends. A map that is not right
// leaves the one in force where it is; the log says so, and doctor reads it anew.
func (o *Office) reloads(ctx context.Context) error {
	every, err := time.ParseDuration(o.Config.Estate.Reload)
	if err != nil { // never
		return nil
	}
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		if err := o.Estate.Reload(ctx); err != nil && ctx.Err() == nil {
			o.log.Error("estate not reloaded; the map before stays in force", "code", problem.Code(err), "field", problem.Of(err).Field)
		}
	}
}

// LookUp says whom a target stood for during the lines that name it, by the
// office's own map, with the times and why. It records nothing. Code:
// demand.target.
func (o *Office) LookUp(ctx context.Context, id demand.ID, target int) (estate.Resolution, error) {
	c, err := o.Docket.State(ctx, id)
	if err != nil {
		return estate.Resolution{}, err
	}
	r, ok := o.lookUp(c.State, target)
	if !ok {
		return r, problem.New(problem.Missing, "demand.target", "the demand has no such target").At("target %d", target)
	}
	return r, nil
}

func (o *Office) lookUp(s *demand.State, target int) (estate.Resolution, bool) {
	for _, t := range s.Targets {
		if t.No == target {
			from, until := reachOfLines(s, target)
			return o.Estate.Now().Resolve(t.Kind, t.Stated, from, until), true
		}
	}
	return estate.Resolution{}, false
}

// regionsOf names the regions in which an owner's data lie.
func regionsOf(e *estate.Estate, id scope.AccountID) string {
	var out []string
	for _, s := range e.ServicesOf(id) {
		if r, _ := e.RegionOf(id, s); !strings.Contains(" "+strings.Join(out, " ")+" ", " "+r+" ") {
			out = append(out, r)
		}
	}
	return strings.Join(out, ", ")
}
