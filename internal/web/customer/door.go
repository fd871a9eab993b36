package customer

import (
	"net/http"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/web/ui"
)

// Door draws the pages at the customers' door, for package access. Whoever stands
// before it is not known yet, so it says what it says in every language.
type Door struct {
	frame    *ui.Frame
	provider string
}

// NewDoor makes them.
func NewDoor(provider string) Door {
	return Door{frame: ui.NewFrame(templates, "templates", ui.WordsFor("en")), provider: provider}
}

// said is one text of the door in one language.
type said struct{ Lang, Text string }

func inAll(key string) (out []said) {
	for _, l := range Languages {
		out = append(out, said{l, texts[l][key]})
	}
	return out
}

type doorway struct {
	Action, Token, Code string
	Says, Begin         []said
}

// Confirm asks whether to begin; a POST of the token to action does. It names
// nobody: the link alone does not say who opened it.
func (d Door) Confirm(w http.ResponseWriter, action, token, _ string, _ time.Duration) {
	p := ui.Page{Title: "Counterseal", Provider: d.provider}
	d.frame.Show(w, http.StatusOK, "enter.html", p, ui.Clock{}, doorway{Action: action, Token: token, Says: inAll("door.enter"), Begin: inAll("door.begin")})
}

// Problem says that the door is shut, and how it opens.
func (d Door) Problem(w http.ResponseWriter, status int, err error) {
	closed(d.frame, w, status, d.provider, err)
}

func closed(f *ui.Frame, w http.ResponseWriter, status int, provider string, err error) {
	e := problem.Of(err)
	if status == 0 {
		status = e.Kind.HTTPStatus()
	}
	f.Show(w, status, "closed.html", ui.Page{Title: "Counterseal", Provider: provider}, ui.Clock{}, doorway{Code: e.Code, Says: inAll("door.closed")})
}
