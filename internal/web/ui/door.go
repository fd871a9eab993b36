package ui

import (
	"net/http"
	"time"

	"counterseal/internal/problem"
)

// Door draws the pages of sign-in, for package access.
type Door struct {
	frame    *Frame
	provider string
	enter    string // where people sign in; "": by links alone
}

// NewDoor makes the pages of sign-in.
func NewDoor(words *Words, provider string) Door {
	return Door{frame: NewFrame(nil, "", words), provider: provider}
}

// At is the door of a page on which people sign in, of this origin.
func (d Door) At(page string) Door {
	d.enter = page + "/enter"
	return d
}

type confirmation struct {
	Person, Token, Action string
	Hours                 int
}

// Confirm asks whether to start a session; a POST of the token to action starts it.
func (d Door) Confirm(w http.ResponseWriter, action, token, person string, life time.Duration) {
	p := Page{Title: "Enter", Provider: d.provider, Place: []Crumb{{Name: "Enter"}}}
	d.frame.Show(w, http.StatusOK, "enter.html", p, Clock{}, confirmation{person, token, action, int(life / time.Hour)})
}

// Problem says why there is no session.
func (d Door) Problem(w http.ResponseWriter, status int, err error) {
	here := Page{Provider: d.provider, Place: []Crumb{{Name: "Enter"}}}
	if d.enter == "" || problem.Code(err) != "access.session" {
		d.frame.Problem(w, status, here, err)
		return
	}
	t := TroubleOf(err)
	t.Way, t.WayAt = "Sign in", d.enter
	here.Title = t.Heading
	d.frame.Show(w, problem.Of(err).Kind.HTTPStatus(), "problem.html", here, Clock{}, t)
}
