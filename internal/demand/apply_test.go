package demand_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"counterseal/internal/demand"
)

// pool has one event of every kind, with the kind of stream it belongs to.
func pool() (events []demand.Event, of []demand.Stream) {
	seen := map[string]bool{}
	for name, history := range corpora() {
		for _, r := range history {
			if k := demand.KindOf(r.Event); !seen[k] {
				seen[k] = true
				events, of = append(events, r.Event), append(of, streamNamed(name))
			}
		}
	}
	return events, of
}

func streamNamed(corpus string) demand.Stream {
	if corpus == "unread" || corpus == "keeping" || corpus == "preview" || corpus == "incident" || corpus == "witnesses" || corpus == "correction" {
		return demand.DemandStream
	}
	return demand.Stream(corpus)
}

// lookAt asks everything that can be asked of a state: nothing panics.
func lookAt(s *demand.State) map[string]demand.Blocked {
	e := ready().env
	demand.Agenda(s, e.Policy)
	demand.Moments(s, e.Policy)
	demand.InTheWay(s, e)
	s.Status(later)
	s.Covered()
	demand.MayKeepBy(s, "c-1", e)
	demand.MayPreviewBy(s, "v-1", e)
	for _, a := range world {
		s.Silenced(a, later)
	}
	for line := range 7 {
		s.Asked(line)
	}
	return map[string]demand.Blocked{"decide": demand.MayDecide(s, 1, e), "grant": demand.MayGrant(s, whole("acc-one"), e), "notify": demand.MayNotify(s, "acc-one", e), "correct": demand.MayCorrect(s, "acc-one", demand.Holder, e), "close": demand.MayClose(s, e),
		"release": demand.MayRelease(s, "g1", e), "keep": demand.MayKeep(s, whole("acc-one"), e), "preview": demand.MayPreview(s, whole("acc-one"), e)}
}

// Every kind of event at every place of every kind of history: where it belongs to
// another kind of history, or begins one that has begun, the history is unsound.
func TestNoEventAtAnyPlacePanicsAndAStrangeOneIsNoticed(t *testing.T) {
	events, of := pool()
	for name, history := range corpora() {
		own := streamNamed(name)
		for place := range len(history) + 1 {
			if len(history) > 30 && place%5 != 0 && place < len(history)-2 {
				continue // the long one, at every fifth place
			}
			for i, e := range events {
				s := demand.Fold(history[:place])
				before := s.Unsound
				s.Apply(demand.Recorded{Meta: demand.Meta{Seq: s.Last + 1, At: later, By: "eve"}, Event: e})
				opens := strings.HasSuffix(demand.KindOf(e), ".opened") || demand.KindOf(e) == "demand.received"
				strange := place > 0 && (of[i] != own || (opens && own != demand.NotesStream)) || place == 0 && !opens && of[i] != demand.NotesStream
				if strange && s.Unsound != s.Last {
					t.Fatalf("%s at place %d of %s is not noticed", demand.KindOf(e), place, name)
				}
				if before > 0 {
					t.Fatalf("%s is unsound by itself", name)
				}
				lookAt(s)
			}
		}
	}
}

// A state that joins what it should not, or a stream that cannot be read, opens
// nothing.
func TestADossierWithAStreamOfTheWrongKindOrAnUnsoundOneOpensNothing(t *testing.T) {
	duty, contest := demand.Fold(secrecyHistory()), demand.Fold(contestHistory())
	broken := demand.Fold(secrecyHistory()[1:])
	for name, beside := range map[string]*demand.State{"nothing": nil, "a duty for a contest": duty, "an unsound one": broken, "an empty one": demand.NewState("c-k7wq-93"), "a demand": demand.Fold(readHistory())} {
		s, _ := ready().then(demand.Joined{Stream: aContest}).play()
		s.ID = theDemand
		if beside != nil {
			s.Join(aContest, beside)
		}
		for guard, b := range lookAt(s) {
			if len(b) == 0 || b[0].Code != "dossier.incomplete" {
				t.Errorf("%s: %s %v", name, guard, codes(b))
			}
		}
	}
	s, _ := ready().then(demand.Joined{Stream: aContest}).play()
	s.ID = theDemand
	s.Join(aContest, contest)
	if b := lookAt(s)["decide"]; len(b) > 0 {
		t.Fatalf("the right one is refused: %v", codes(b))
	}
}

func TestEveryKindIsReadStrictly(t *testing.T) {
	for _, history := range corpora() {
		for _, r := range history {
			b, err := demand.Encode("k7wq-93", r.Meta, r.Event)
			if err != nil {
				t.Fatal(err)
			}
			i := bytes.Index(b, []byte(`"data":{`)) + len(`"data":{`)
			head, data := string(b[:i]), string(b[i:])
			var fields map[string]json.RawMessage
			if err := json.Unmarshal([]byte("{"+data[:len(data)-1]), &fields); err != nil {
				t.Fatal(err)
			}
			sep := ","
			if len(fields) == 0 {
				sep = ""
			}
			bad := map[string]string{"an unknown key": head + `"Extra":1` + sep + data, "something after it": string(b) + " "}
			for k, v := range fields {
				pair := `"` + k + `":` + string(v)
				bad["no "+k] = strings.Replace(strings.Replace(string(b), pair+",", "", 1), ","+pair, "", 1)
				bad[k+" twice"] = head + pair + "," + data
				bad[k+" in another case"] = head + strings.Replace(data, `"`+k+`"`, `"`+strings.ToLower(k)+`"`, 1)
				bad[k+" of another type"] = head + strings.Replace(data, pair, `"`+k+`":{"a":[true]}`, 1)
			}
			for name, text := range bad {
				if text == string(b) || (len(fields) == 1 && strings.HasPrefix(name, "no ")) {
					continue // the only field is left out below
				}
				_, _, err := demand.Decode([]byte(text))
				if err == nil {
					t.Errorf("%s: %s is accepted:\n%s", demand.KindOf(r.Event), name, text)
					continue
				}
				wantCode(t, err, "event.form")
			}
			if len(fields) > 0 {
				_, _, err := demand.Decode([]byte(head + "}}"))
				wantCode(t, err, "event.form")
			}
		}
	}
}

// FuzzHistory makes histories of any events in any order, each with a contest and a
// duty of any events beside it. Nothing panics, and what is unsound opens nothing.
func FuzzHistory(f *testing.F) {
	events, of := pool()
	order := make([]int, len(events))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(demand.KindOf(events[a]), demand.KindOf(events[b])) })
	index := map[string]byte{}
	for at, i := range order {
		index[demand.KindOf(events[i])] = byte(at)
	}
	for _, history := range corpora() {
		var seed []byte
		for _, r := range history {
			seed = append(seed, index[demand.KindOf(r.Event)])
		}
		f.Add(seed)
		f.Add(append([]byte{index["demand.received"], index["stream.joined"]}, seed...))
	}
	f.Fuzz(func(t *testing.T, picks []byte) {
		all := map[demand.Stream]*demand.State{demand.DemandStream: demand.NewState(theDemand), demand.ContestStream: demand.NewState(aContest), demand.SecrecyStream: demand.NewState(theDuty)}
		for _, p := range picks[:min(len(picks), 300)] {
			i := order[int(p)%len(order)]
			to := of[i]
			if all[to] == nil || p >= 200 { // now and then where it does not belong
				to = demand.DemandStream
			}
			s := all[to]
			s.Apply(demand.Recorded{Meta: demand.Meta{Seq: s.Last + 1, At: later, By: demand.Person("abc"[p%3 : p%3+1])}, Event: events[i]})
		}
		s := all[demand.DemandStream]
		s.Join(aContest, all[demand.ContestStream])
		s.Join(theDuty, all[demand.SecrecyStream])
		for guard, b := range lookAt(s) {
			if s.Unsound > 0 && (len(b) == 0 || (b[0].Code != "history.unsound" && b[0].Code != "grant.missing")) {
				t.Fatalf("%s opens an unsound history: %v", guard, codes(b))
			}
		}
		for _, x := range all {
			lookAt(x)
		}
	})
}
