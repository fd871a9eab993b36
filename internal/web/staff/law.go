package staff

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"counterseal/internal/problem"
	"counterseal/internal/web/ui"
)

// Conflict is whose law reaches what a demand asks for: who may compel it and by
// which paper, what stands against that, and which way is right. Every law is a
// proposal of the packs, asked of what the record and the map say now.
type Conflict struct {
	ID         string    `json:"demand"`
	Instrument string    `json:"instrument"` // as it calls itself
	Paper      string    `json:"paper"`      // the word of the fact instrument; "" while unknown
	Agency     string    `json:"agency"`
	Country    string    `json:"country"`    // whose authority asks; "" while unknown: then it is about everyone's
	Categories []string  `json:"categories"` // asked for; none while nobody has read it
	AsOf       string    `json:"as_of"`      // the day for which the packs were asked, YYYY-MM-DD
	Customer   string    `json:"customer"`   // state in which the customer lives; "" while unknown
	Resolved   bool      `json:"resolved"`   // the accounts are known, so the map was asked
	Companies  []Company `json:"companies"`
	Storage    []Store   `json:"storage"`
	FromMap    []string  `json:"from_map"` // facts that nobody stated and the map knows
	Compels    []Law     `json:"compels"`
	Forbids    []Law     `json:"forbids"`
	Permits    []Law     `json:"permits"`
	Ways       []Law     `json:"ways"`
	Unread     []string  `json:"unread"`  // states whose own demands no pack looks at
	Missing    []string  `json:"missing"` // facts that would settle what is open
}

// Company is one of the provider's, as far as the law looks at it.
type Company struct {
	Name       string   `json:"name"`
	Country    string   `json:"country"`
	Opens      []string `json:"opens"` // countries in which it can open these data
	Designated bool     `json:"designated"`
}

// Store is where data lie.
type Store struct {
	Region  string `json:"region"`
	City    string `json:"city,omitempty"`
	Country string `json:"country,omitempty"`
}

// Law is one law of the answer.
type Law struct {
	Rule      string   `json:"rule"`
	Law       string   `json:"law"`                  // whose, by code
	Certain   bool     `json:"certain"`              // false: facts are missing
	ThisPaper bool     `json:"this"`                 // by the very paper of the demand
	Paper     string   `json:"paper"`                // by which it works; "" for none
	Through   []string `json:"through"`              // companies
	Storage   []string `json:"storage"`              // countries
	Reaches   []string `json:"reaches"`              // categories
	Short     []string `json:"short"`                // categories asked for that it does not reach
	Channel   string   `json:"channel"`              // a code of law.Channel
	Says      string   `json:"says"`                 // in English
	Cite      string   `json:"cite"`                 //
	Quote     string   `json:"quote"`                // "" where the pack has none
	Checked   string   `json:"checked"`              // text, secondary, unchecked
	CheckedOn string   `json:"on"`                   // YYYY-MM-DD
	Source    string   `json:"source"`               // what was read
	Missing   []string `json:"missing"`              // facts to state
	LeavesOut []string `json:"leaves_out,omitempty"` // what is left to a person, as no fact says it
	Digest    string   `json:"digest"`               // of the pack
	ByAnybody bool     `json:"anybody"`              // serves every authority
}

// Who answers the first question: who may compel this?
func (c Conflict) Who() string {
	switch by := certain(c.Compels); {
	case len(by) > 0 && slices.ContainsFunc(by, func(l Law) bool { return l.ThisPaper }):
		return "By a paper of this kind it may be compelled, as far as the packs know: " + cites(filter(by, func(l Law) bool { return l.ThisPaper })) + "."
	case len(by) > 0 && c.Paper != "":
		return "It may be compelled, but by another paper than this one: " + cites(by) + "."
	case len(by) > 0:
		return "It may be compelled: " + cites(by) + "."
	case len(c.Compels) > 0:
		return "It may be that it can be compelled; facts are missing."
	case c.Country != "":
		return "No law of the packs lets this authority compel it directly."
	}
	return "No law of the packs compels it."
}

// Against answers the second: what forbids it?
func (c Conflict) Against() string {
	switch against := certain(c.Forbids); {
	case len(against) > 0:
		return "Against giving it on this demand alone stands " + cites(against) + "."
	case len(c.Forbids) > 0:
		return "Something may stand against it; facts are missing."
	}
	return "Nothing in the packs stands against it."
}

// Way answers the third: which way is right?
func (c Conflict) Way() string {
	this := slices.ContainsFunc(certain(c.Compels), func(l Law) bool { return l.ThisPaper })
	ways := certain(c.Ways)
	switch {
	case this && len(certain(c.Forbids)) == 0:
		return "The way that was taken, if the paper is what it says."
	case this:
		return "Two laws pull in two directions. Counsel decides whether to contest, to ask for another way, or to answer."
	case len(ways) > 0:
		return "Point the authority to: " + cites(ways) + "."
	case len(certain(c.Permits)) > 0:
		return "Only what a law permits without compelling: " + cites(certain(c.Permits)) + "."
	}
	return "The packs know no way. Ask counsel."
}

func certain(all []Law) []Law { return filter(all, func(l Law) bool { return l.Certain }) }

func filter(all []Law, keep func(Law) bool) []Law {
	return slices.DeleteFunc(slices.Clone(all), func(l Law) bool { return !keep(l) })
}

func cites(all []Law) string {
	var out []string
	for _, l := range all {
		out = append(out, l.Cite)
	}
	return strings.Join(out, "; ")
}

// Lawyer says whose law reaches what a demand asks for. A demand that the reader
// may not see is missing.
type Lawyer interface {
	Conflict(ctx context.Context, reader, id string) (Conflict, error)
}

// LawPage is the page /demand/{id}/law. It answers one question: who may compel
// this, what forbids it, and which way is right?
type LawPage struct {
	out    Outside
	lawyer Lawyer
	frame  *ui.Frame
}

// NewLawPage makes it; of out it uses what every page does.
func NewLawPage(out Outside, l Lawyer) *LawPage {
	return &LawPage{out: out, lawyer: l, frame: ui.NewFrame(templates, "templates", ui.WordsFor("en"))}
}

// Mount adds the page to a mux, under the same guard as the other pages.
func (p *LawPage) Mount(mux ui.Mux, guard func(http.Handler) http.Handler) {
	mux.Handle("GET /demand/{id}/law", guard(http.HandlerFunc(p.show)))
}

func (p *LawPage) show(w http.ResponseWriter, r *http.Request) {
	reader, id := p.out.Reader(r), r.PathValue("id")
	here := p.out.page(r, "Demand", ui.Crumb{Name: "Queue", Href: "/queue"}, ui.Crumb{Name: "Demand"})
	if reader == "" || !caseNumber.MatchString(id) {
		p.frame.Absent(w, here)
		return
	}
	c, err := p.lawyer.Conflict(r.Context(), reader, id)
	if e := problem.Of(err); e != nil {
		if e.Kind == problem.Missing || e.Kind == problem.Refused {
			p.frame.Absent(w, here)
			return
		}
		p.frame.Problem(w, 0, here, err)
		return
	}
	here.Title = "Whose law reaches " + c.ID
	here.Place[1] = ui.Crumb{Name: c.ID, Href: "/demand/" + c.ID}
	here.Place = append(here.Place, ui.Crumb{Name: "Whose law"})
	p.frame.Show(w, http.StatusOK, "law.html", here, ui.Clock{Now: p.out.Now(), Zone: p.out.Zone}, c)
}
