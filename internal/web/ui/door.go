package ui

import (
	"net/http"
	"time"
)

// Door draws the pages of sign-in, for package access.
type Door struct {
	frame    *Frame
	provider string
}

// NewDoor makes the pages of sign-in.
func NewDoor(words *Words, provider string) Door {
	return Door{frame: NewFrame(nil, "", words), provider: provider}
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
	d.frame.Problem(w, status, Page{Provider: d.provider, Place: []Crumb{{Name: "Enter"}}}, err)
}
