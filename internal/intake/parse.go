package intake

import (
	"errors"
	"slices"
	"time"

	"github.com/pelletier/go-toml/v2"

	"counterseal/internal/calendar"
	"counterseal/internal/canon"
	"counterseal/internal/demand"
	"counterseal/internal/fact"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Kinds lists what a target may be stated as. Every kind is resolved to accounts
// by people, "account" and "name" included.
var Kinds = []string{"account", "address", "phone", "ip", "imei", "device", "payment", "name"}

// FormFacts is what the form states as facts, with the line of each.
type FormFacts struct {
	Facts fact.Facts
	Lines map[string]int
}

// Parse reads a form. Channel and Original of the result are left to Read. Codes:
// intake.too_large, intake.utf8, intake.toml, intake.unknown_key,
// intake.missing, intake.text, intake.instrument_kind, intake.targets,
// intake.target_kind, intake.lines, intake.line_target, intake.service,
// intake.category, intake.basis, intake.participant, intake.zone, intake.date,
// intake.interval, intake.year, intake.fact, intake.contradiction.
func Parse(text []byte, name string) (demand.Receive, FormFacts, error) {
	r := &reader{name: display(name), lines: map[place]int{}, count: map[string]int{}}
	f, err := r.decode(text)
	if err != nil {
		return demand.Receive{}, FormFacts{}, err
	}
	var out demand.Receive
	out.Instrument, err = r.instrument(f)
	if err != nil {
		return demand.Receive{}, FormFacts{}, err
	}
	out.Targets, err = r.targets(f.Targets)
	if err != nil {
		return demand.Receive{}, FormFacts{}, err
	}
	out.Lines, err = r.askedLines(f)
	if err != nil {
		return demand.Receive{}, FormFacts{}, err
	}
	facts, err := r.facts(f)
	if err != nil {
		return demand.Receive{}, FormFacts{}, err
	}
	out.Facts, out.Emergency = facts.Facts.Encode(nil), urgent(facts.Facts)
	if kind, stated, _ := facts.Facts.Get(fact.Kind.String()); stated {
		out.Kind = demand.DemandKind(kind.(string))
	}
	if !out.Kind.Stored() { // it is for counsel, and nothing is ever given on it
		out.Lines = nil
	}
	return out, facts, nil
}

// urgent reports whether the form is an emergency: danger to life or limb, on a
// paper that does not bind or of which nobody has said that it does. It then rests
// on a call-back, and the paper follows (invariant 8).
func urgent(f fact.Facts) bool {
	danger, _, _ := f.Get(fact.Emergency.String())
	binding, _, _ := f.Get(fact.Binding.String())
	return danger == "death_or_serious_injury" && binding != true
}

func (r *reader) instrument(f form) (demand.Instrument, error) {
	in := f.Instrument
	at := func(key string) place { return place{"instrument", 1, key} }
	for _, t := range []struct {
		key, value string
		needed     bool
	}{{"kind", in.Kind, true}, {"number", in.Number, false}, {"agency", in.Agency, true}, {"officer", in.Officer, false}} {
		if err := r.text(at(t.key), t.value, t.needed); err != nil {
			return demand.Instrument{}, err
		}
	}
	key, _ := fact.Lookup("instrument")
	if _, known := key.Def().Index(in.Kind); !known || in.Kind == "none" {
		return demand.Instrument{}, r.wrong("intake.instrument_kind", at("kind"), "there is no such instrument").Fix("use a word of the fact instrument in docs/facts.md, or other")
	}
	title := canon.Text(in.Title) // identifies nothing, so what cannot be seen becomes a space
	if title == "" || len(in.Title) > demand.MaxStated {
		return demand.Instrument{}, r.wrong("intake.missing", at("title"), "an instrument has a title of at most %d bytes", demand.MaxStated).Fix("state what the document calls itself")
	}
	signed, err := r.moment(at("signed"), in.Signed, in.Zone, firstSecond)
	if err != nil {
		return demand.Instrument{}, err
	}
	due, err := r.moment(at("due"), in.Due, in.Zone, dueMoment)
	if err != nil {
		return demand.Instrument{}, err
	}
	return demand.Instrument{Kind: in.Kind, Title: title, Number: in.Number, Agency: in.Agency, Officer: in.Officer, Signed: signed, Due: due}, nil
}

// text refuses an identifier that could pass for another: one with characters
// that cannot be seen, or with spaces where nobody sees how many.
func (r *reader) text(p place, s string, needed bool) error {
	switch {
	case s == "" && needed:
		return r.wrong("intake.missing", p, "this is needed").Fix("state it as the document does")
	case len(s) > demand.MaxStated:
		return r.wrong("intake.text", p, "this is longer than %d bytes", demand.MaxStated).Fix("state the identifier alone")
	case canon.Text(s) != s:
		return r.wrong("intake.text", p, "this holds characters that cannot be seen, or needless spaces").Fix("type it anew instead of pasting it")
	}
	return nil
}

func (r *reader) targets(ts []formTarget) ([]demand.StatedTarget, error) {
	if len(ts) == 0 {
		return nil, r.bad("intake.targets", 1, "target", "a demand names at least one target").Fix("add a [[target]] for each account, address or other identifier")
	}
	var out []demand.StatedTarget
	for i, t := range ts {
		p := place{"target", i + 1, "kind"}
		if !slices.Contains(Kinds, t.Kind) {
			return nil, r.wrong("intake.target_kind", p, "there is no such kind of identifier").Fix("use %s", join(Kinds))
		}
		p.key = "stated"
		if err := r.text(p, t.Stated, true); err != nil {
			return nil, err
		}
		out = append(out, demand.StatedTarget{No: i + 1, Kind: t.Kind, Stated: t.Stated})
	}
	return out, nil
}

func (r *reader) askedLines(f form) ([]demand.StatedLine, error) {
	if len(f.Lines) == 0 {
		return nil, r.bad("intake.lines", 1, "line", "a demand says what it asks for").Fix("add a [[line]] for each service, category and interval")
	}
	var out []demand.StatedLine
	for i, l := range f.Lines {
		one, err := r.line(l, i+1, len(f.Targets))
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func (r *reader) line(l formLine, no, targets int) (demand.StatedLine, error) {
	at := func(key string) place { return place{"line", no, key} }
	fail := func(err error) (demand.StatedLine, error) { return demand.StatedLine{}, err }
	if l.Target < 1 || l.Target > int64(targets) {
		return fail(r.wrong("intake.line_target", at("target"), "a line names a target by its number, 1 to %d", targets).Fix("count the [[target]] tables from the top"))
	}
	if !has(scope.Services, l.Service) {
		return fail(r.wrong("intake.service", at("service"), "there is no such service").Fix("use %s", join(scope.Services)))
	}
	if !has(scope.Categories, l.Category) {
		return fail(r.wrong("intake.category", at("category"), "there is no such data category").Fix("use %s", join(scope.Categories)))
	}
	if !has(bases, l.Basis) {
		return fail(r.wrong("intake.basis", at("basis"), "the basis on which times are read is not stated").Fix("use %s", join(bases)))
	}
	for i, a := range l.Participants {
		if _, err := scope.NormalAddress(a); err != nil || canon.Text(a) != a {
			return fail(r.wrong("intake.participant", at("participants"), "participant %d is not an address", i+1).Fix("state addresses without spaces or commas"))
		}
	}
	from, until, err := r.interval(l, at)
	if err != nil {
		return fail(err)
	}
	return demand.StatedLine{No: no, Target: int(l.Target), Service: scope.Service(l.Service), Category: scope.Category(l.Category),
		From: from, Until: until, Basis: scope.Basis(l.Basis), Participants: l.Participants}, nil
}

func (r *reader) interval(l formLine, at func(string) place) (from, until time.Time, err error) {
	if l.From == nil || l.Until == nil {
		key := "from"
		if l.From != nil {
			key = "until"
		}
		return from, until, r.wrong("intake.missing", at(key), "a line has an interval with two ends").Fix("state the days that the instrument states")
	}
	from, err = r.moment(at("from"), l.From, l.Zone, firstSecond)
	if err != nil {
		return from, until, err
	}
	until, err = r.moment(at("until"), l.Until, l.Zone, lastSecond)
	if err != nil {
		return from, until, err
	}
	if until.Before(from) {
		return from, until, r.wrong("intake.interval", at("until"), "the interval ends before it begins").Fix("put the earlier day first")
	}
	// What scope bounds as a whole (years, seconds) it says itself.
	_, err = scope.New(scope.Selector{Account: "any-account", Service: scope.Service(l.Service), Category: scope.Category(l.Category), From: from, Until: until, Basis: scope.Basis(l.Basis)})
	if err != nil {
		return from, until, r.wrong("intake.year", at("until"), "an interval lies between 1970 and 2099").Fix("state the interval that the instrument states").Because(err)
	}
	return from, until, nil
}

// reading says which moment of a day, and which side of an ambiguous local time.
type reading struct {
	end   bool // the day's end, not its beginning
	whole bool // the last second inside, not the end itself
	side  calendar.Side
	none  *time.Location // the zone of a day stated without one; nil where that is refused
}

var (
	firstSecond = reading{side: calendar.Later}
	lastSecond  = reading{end: true, whole: true, side: calendar.Earlier}
	dueMoment   = reading{end: true, side: calendar.Earlier, none: time.FixedZone("UTC+14", 14*3600)}
)

// moment reads a date, a local time or a time with its offset, in UTC. Nothing
// stated is the zero time.
func (r *reader) moment(p place, v any, zone string, how reading) (time.Time, error) {
	switch v := v.(type) {
	case nil:
		return time.Time{}, nil
	case time.Time:
		return r.bounded(p, v)
	case toml.LocalDate:
		loc, err := r.zone(p, zone, how.none)
		if err != nil {
			return time.Time{}, err
		}
		day := calendar.Day{Year: v.Year, Month: time.Month(v.Month), Day: v.Day}
		hour := 0
		if how.end {
			hour = 24
		}
		return r.at(p, day, hour, 0, 0, loc, how)
	case toml.LocalDateTime:
		loc, err := r.zone(p, zone, nil)
		if err != nil {
			return time.Time{}, err
		}
		if v.Nanosecond != 0 {
			return time.Time{}, r.wrong("intake.date", p, "times are stated in whole seconds").Fix("leave out the fraction")
		}
		how.whole = false // a stated second is itself the last one inside
		day := calendar.Day{Year: v.Year, Month: time.Month(v.Month), Day: v.Day}
		return r.at(p, day, v.Hour, v.Minute, v.Second, loc, how)
	}
	return time.Time{}, r.wrong("intake.date", p, "this is not a date").Fix("write 2013-04-01, or 2013-04-01T10:00:00, without quotes")
}

func (r *reader) at(p place, d calendar.Day, hour, minute, second int, loc *time.Location, how reading) (time.Time, error) {
	t, err := calendar.At(d, hour, minute, second, loc, how.side)
	if err != nil {
		return time.Time{}, r.wrong("intake.year", p, "this day does not exist, or is out of range").Fix("state the day that the instrument states").Because(err)
	}
	if how.whole {
		t = t.Add(-time.Second)
	}
	return r.bounded(p, t)
}

func (r *reader) bounded(p place, t time.Time) (time.Time, error) {
	t = t.UTC()
	if t.Nanosecond() != 0 {
		return time.Time{}, r.wrong("intake.date", p, "times are stated in whole seconds").Fix("leave out the fraction")
	}
	if t.Year() < 1970 || t.Year() > 2099 {
		return time.Time{}, r.wrong("intake.year", p, "days lie between 1970 and 2099").Fix("state the day that the instrument states")
	}
	return t, nil
}

func (r *reader) zone(p place, name string, none *time.Location) (*time.Location, error) {
	if name == "" && p.table == "instrument" && p.key == "signed" {
		return time.UTC, nil // a civil date, which nothing is counted from
	}
	if name == "" && none != nil {
		return none, nil
	}
	loc, err := calendar.Zone(name)
	if err != nil {
		p.key = "zone"
		return nil, r.wrong("intake.zone", p, "a local time is read in a time zone").Fix("state an IANA name such as Europe/Dublin").Because(err)
	}
	return loc, nil
}

// facts sets what the form states and what the instrument's own table says, and
// refuses what cannot all be true.
func (r *reader) facts(f form) (FormFacts, error) {
	out := FormFacts{Lines: map[string]int{}}
	names := make([]string, 0, len(f.Facts))
	for name := range f.Facts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return r.lines[place{"facts", 1, a}] - r.lines[place{"facts", 1, b}] })
	for _, name := range names {
		p := place{"facts", 1, name}
		out.Lines[name] = r.lines[p]
		if err := out.Facts.Set(name, plain(f.Facts[name])); err != nil {
			why := problem.Of(err)
			return FormFacts{}, r.wrong("intake.fact", p, "%s", why.Message).Fix("see docs/facts.md for the list").Because(err)
		}
	}
	derived := map[string]any{"instrument": f.Instrument.Kind}
	if d, ok := f.Instrument.Signed.(toml.LocalDate); ok {
		derived["signed"] = d.String()
	}
	for _, name := range []string{"instrument", "signed"} {
		want, said := derived[name]
		if !said {
			continue
		}
		have, known, _ := out.Facts.Get(name)
		if known && have != want {
			return FormFacts{}, r.wrong("intake.contradiction", place{"facts", 1, name}, "the fact says otherwise than [instrument]").Fix("state it once")
		}
		if err := out.Facts.Set(name, want); err != nil {
			return FormFacts{}, r.wrong("intake.fact", place{"instrument", 1, name}, "%s", problem.Of(err).Message).Because(err)
		}
	}
	if err := out.Facts.Validate(); err != nil {
		var why *problem.Error
		errors.As(err, &why)
		return FormFacts{}, r.wrong("intake.contradiction", place{"facts", 1, why.Field}, "the facts contradict each other: this %s", why.Message).
			Fix("correct one, or leave it out").Because(err)
	}
	return out, nil
}

// plain turns what TOML gives into what a fact takes; anything else is left for
// the fact to refuse.
func plain(v any) any {
	switch v := v.(type) {
	case toml.LocalDate:
		return v.String()
	case time.Time:
		return v.Format(time.RFC3339Nano)
	case []any:
		out := make([]string, 0, len(v))
		for _, e := range v {
			s, ok := e.(string)
			if !ok {
				return v
			}
			out = append(out, s)
		}
		return out
	}
	return v
}
