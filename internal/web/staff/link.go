package staff

import (
	"context"
	"net/http"
	"strings"
	"time"

	"counterseal/internal/web/ui"
)

// PickUps makes the links with which officers pick packages up.
type PickUps interface {
	// LinkForm says which packages of a demand a link can be made for. What is not for the
	// reader to see, or to do, is an error of kind problem.Missing or problem.Refused.
	LinkForm(ctx context.Context, reader, demand string) (LinkForm, error)
	// MakeLink makes one, in the place of the one before. Nobody can be shown it again.
	MakeLink(ctx context.Context, reader string, a LinkAsked) (PickUpLink, error)
}

// LinkForm is what a link can be made for.
type LinkForm struct {
	Title  string // of the demand
	Grants []Option
}

// LinkAsked is one form as it was sent.
type LinkAsked struct {
	Demand, Grant string
	For           string // who picks the package up, in words
}

// PickUpLink is a link; URL has a secret, and stands on the page that answers the form
// and nowhere else.
type PickUpLink struct {
	Grant, For, URL string
	Until           time.Time
}

// linkPage is what the page shows.
type linkPage struct {
	LinkForm
	Demand, At string
	Act, Zone  string // for the fields
	Fields     []Field
	Made       *PickUpLink
	Trouble    *Told
}

const linkAct = "gate.link"

// link shows the form. The grant of the demand's page is chosen already.
func (p *Pages) link(w http.ResponseWriter, r *http.Request) {
	f, ok := p.linkForm(w, r)
	if ok {
		p.showLink(w, r, f, LinkAsked{Grant: r.URL.Query().Get("grant")}, nil, nil)
	}
}

// linkForm is asked before a form is read.
func (p *Pages) linkForm(w http.ResponseWriter, r *http.Request) (LinkForm, bool) {
	here, id := p.letterPlace(r), r.PathValue("id")
	here.Title, here.Place[2].Name = "Link", "Link"
	if here.Reader == "" || !streamOf("demand", id) {
		p.frame.Absent(w, here)
		return LinkForm{}, false
	}
	f, err := p.out.PickUps.LinkForm(r.Context(), here.Reader, id)
	if err != nil {
		p.orAbsent(w, here, err)
		return LinkForm{}, false
	}
	return f, true
}

// makeLink answers with the link itself: to be sent on to where the page is loaded anew
// would take the secret there.
func (p *Pages) makeLink(w http.ResponseWriter, r *http.Request) {
	f, ok := p.linkForm(w, r)
	if !ok {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	a := LinkAsked{Demand: r.PathValue("id"), Grant: r.PostForm.Get(fieldPrefix + "grant"), For: strings.TrimSpace(r.PostForm.Get(fieldPrefix + "for"))}
	if err != nil {
		p.showLink(w, r, f, a, nil, unread(err, again))
		return
	}
	if len(r.PostForm) > 2 || a.Grant == "" || a.For == "" {
		p.showLink(w, r, f, a, nil, badForm("the package, and who picks it up", "say which package it is for, and who gets the link"))
		return
	}
	made, err := p.out.PickUps.MakeLink(r.Context(), p.out.Reader(r), a)
	if err != nil {
		p.showLink(w, r, f, a, nil, err)
		return
	}
	p.showLink(w, r, f, a, &made, nil)
}

func (p *Pages) showLink(w http.ResponseWriter, r *http.Request, f LinkForm, a LinkAsked, made *PickUpLink, failed error) {
	here, id := p.letterPlace(r), r.PathValue("id")
	here.Title = p.words.Of(ui.Deeds, linkAct)
	here.Place[1], here.Place[2].Name = ui.Crumb{Name: id, Href: "/demand/" + id}, here.Title
	grant, to := Field{Name: "grant", Kind: "choice", Required: true, Choices: f.Grants}, Field{Name: "for", Kind: "line", Required: true}
	if a.Grant != "" {
		grant.Values = []string{a.Grant}
	} else if len(f.Grants) == 1 {
		grant.Values = []string{f.Grants[0].Value}
	}
	if a.For != "" {
		to.Values = []string{a.For}
	}
	page := linkPage{LinkForm: f, Demand: id, At: "/demand/" + id + "/link", Act: linkAct, Zone: p.out.Zone.String(), Fields: []Field{grant, to}, Made: made}
	status := http.StatusOK
	if failed != nil {
		status, page.Trouble = (&trouble{err: failed}).on(Demand{})
		page.Trouble.Not = "no link was made"
	}
	p.frame.Show(w, status, "link.html", here, p.clock(), page)
}
