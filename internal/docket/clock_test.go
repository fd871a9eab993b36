package docket_test

import (
	"database/sql"
	"testing"
	"time"

	"counterseal/internal/demand"
)

func TestAClockThatJumpsStopsActsUntilItIsSetRight(t *testing.T) {
	const day = 24 * time.Hour
	cases := map[string]struct {
		wall, steady time.Duration // since the last act
		restart      bool
		sound        bool
	}{
		"a quiet hour":                    {wall: time.Hour, steady: time.Hour, sound: true},
		"a quiet week while running":      {wall: 6 * day, steady: 6 * day, sound: true},
		"a little back":                   {wall: -5 * time.Second, sound: true},
		"back":                            {wall: -time.Minute},
		"back over a restart":             {wall: -time.Minute, restart: true},
		"forward while running":           {wall: 2 * time.Hour, steady: time.Minute},
		"some days of standstill":         {wall: 5 * day, restart: true, sound: true},
		"far forward over a restart":      {wall: 30 * day, restart: true},
		"far forward and nobody beat":     {wall: 30 * day, steady: 30 * day},
		"a steady clock without the wall": {wall: 0, steady: 2 * time.Hour},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			h := build(t)
			a := h.submit("one")
			h.now, h.steady = h.now.Add(c.wall), h.steady+c.steady
			if c.restart {
				h.steady = 0
				h.reopen()
			}
			_, err := h.Do(t.Context(), h.act(a.ID, "ann", demand.Authenticate{Genuine: true, How: "called"}))
			sound, beatErr := h.Beat(t.Context())
			must(t, beatErr)
			if got := h.state(a.ID).Env.ClockSane; got != c.sound || sound != c.sound || (err == nil) != c.sound {
				t.Fatalf("sound: %v %v, act: %v", got, sound, err)
			}
			if c.sound {
				return
			}
			wantCode(t, err, "clock.unsound")
			_, err = h.Submit(t.Context(), submission("two"))
			wantCode(t, err, "clock.unsound")
			// A stay is recorded all the same, and not at a time that a wrong clock made up.
			h.do(a.ID, "carl", demand.RecordStay{Source: "court", Reach: h.stayOf(a.ID)})
			if got := h.state(a.ID).State.Stays; len(got) != 1 {
				t.Fatalf("%d stays", len(got))
			}
			h.now, h.steady = start.Add(time.Minute), h.steady+time.Minute
			if !c.restart {
				h.steady = time.Minute
			}
			if c.restart {
				h.steady = 0
				h.reopen()
			}
			h.do(a.ID, "ann", demand.Authenticate{Genuine: true, How: "called"})
		})
	}
}

func TestAPersonCanTakeAClockForRight(t *testing.T) {
	h := build(t)
	a := h.submit("one")
	h.pass(60 * 24 * time.Hour)
	_, err := h.Do(t.Context(), h.act(a.ID, "ann", demand.Authenticate{Genuine: true, How: "called"}))
	wantCode(t, err, "clock.unsound")
	must(t, h.TrustClock(t.Context()))
	h.do(a.ID, "ann", demand.Authenticate{Genuine: true, How: "called"})
	h.reopen()
	h.do(a.ID, "ann", demand.StateFacts{Facts: []byte{1, 0}})
}

func TestAnOldClockMarkDoesNotHideAClockSetBack(t *testing.T) {
	h := build(t)
	var highest int64
	var seal []byte
	h.raw(func(db *sql.DB) { must(t, db.QueryRow(`SELECT highest, seal FROM clock`).Scan(&highest, &seal)) })
	must(t, h.open())
	h.pass(5 * time.Hour)
	a := h.submit("one")
	h.raw(func(db *sql.DB) {
		_, err := db.Exec(`UPDATE clock SET highest = $1, seal = $2`, highest, seal)
		must(t, err)
	})
	h.now, h.steady = start, 0
	must(t, h.open())
	if h.state(a.ID).Env.ClockSane {
		t.Fatal("the clock is behind the demand's own history")
	}
	_, err := h.Do(t.Context(), h.act(a.ID, "ann", demand.Authenticate{Genuine: true, How: "called"}))
	wantCode(t, err, "clock.unsound")
}
