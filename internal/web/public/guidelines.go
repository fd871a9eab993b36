package public

import (
	"context"
	"net/http"
	"strings"

	"counterseal/internal/law/book"
	"counterseal/internal/web/ui"
)

// Guide is what the page reads of the rules in force: the guidelines that are made of
// them. A jurisdiction is that of a pack's name, such as "us".
type Guide interface {
	// Jurisdictions lists those of which there are guidelines, with their names in a
	// language.
	Jurisdictions(ctx context.Context, lang string) ([]Jurisdiction, error)
	// Guidelines are those of a jurisdiction; of kind Missing where there are none.
	Guidelines(ctx context.Context, jurisdiction, lang string) ([]book.Block, error)
}

// Jurisdiction is one, with its name.
type Jurisdiction struct{ Code, Name string }

type guidePage struct {
	At     string // path of the page, for the switch of languages
	Lang   string
	All    []Jurisdiction
	Blocks []book.Block
	words  map[string]string
}

// T is a text of the page.
func (p guidePage) T(key string) string { return p.words[key] }

// Tongues is the switch.
func (p guidePage) Tongues() []Tongue { return switchOf(p.Lang) }

func (p *Pages) lang(r *http.Request) string {
	lang := r.URL.Query().Get("lang")
	if p.frames[lang] == nil {
		return "en"
	}
	return lang
}

// guidelines lists the jurisdictions.
func (p *Pages) guidelines(w http.ResponseWriter, r *http.Request) {
	lang := p.lang(r)
	all, err := p.out.Guide.Jurisdictions(r.Context(), lang)
	if err != nil {
		p.frames[lang].Problem(w, 0, p.page(""), err)
		return
	}
	p.showGuide(w, guidePage{At: "/guidelines", Lang: lang, All: all})
}

// guidelinesOf shows those of one jurisdiction; as a text under CODE.md.
func (p *Pages) guidelinesOf(w http.ResponseWriter, r *http.Request) {
	lang := p.lang(r)
	of, asText := strings.CutSuffix(r.PathValue("law"), ".md")
	blocks, err := p.out.Guide.Guidelines(r.Context(), of, lang)
	if err != nil {
		p.failed(w, lang, err)
		return
	}
	if asText {
		file(w, "guidelines-"+of+"-"+lang+".md", "text/markdown; charset=utf-8", []byte(book.Markdown(blocks)))
		return
	}
	p.showGuide(w, guidePage{At: "/guidelines/" + of, Lang: lang, Blocks: blocks})
}

func (p *Pages) showGuide(w http.ResponseWriter, g guidePage) {
	g.words = guideTexts[g.Lang]
	place := []ui.Crumb{{Name: reportTexts[g.Lang]["promises"], Href: "/"}, {Name: g.words["title"]}}
	if g.Blocks != nil {
		place[1].Href = "/guidelines?lang=" + g.Lang
		place = append(place, ui.Crumb{Name: g.Blocks[0].Text[0].Text})
	}
	p.frames[g.Lang].Show(w, http.StatusOK, "guidelines.html", p.page(g.words["title"], place...), ui.Clock{Now: p.out.Now(), Zone: p.out.Zone}, g)
}

var guideTexts = map[string]map[string]string{
	"en": {"title": "Guidelines", "language": "Language", "headline": "Guidelines for authorities", "lead": "What to know before data are demanded of us, by the law under which it is done. They are made from the rules by which we check every demand.", "file": "As a text", "paper": "Instrument"},
	"de": {"title": "Hinweise", "language": "Sprache", "headline": "Hinweise für Behörden", "lead": "Was zu wissen ist, bevor Daten von uns verlangt werden, nach dem Recht, nach dem es geschieht. Erstellt aus den Regeln, nach denen wir jede Anfrage prüfen.", "file": "Als Text", "paper": "Schreiben"},
	"da": {"title": "Vejledning", "language": "Sprog", "headline": "Vejledning til myndigheder", "lead": "Hvad man skal vide, før der kræves data af os, efter den lov, det sker efter. Dannet af de regler, som vi kontrollerer enhver anmodning efter.", "file": "Som tekst", "paper": "Papir"},
	"it": {"title": "Indicazioni", "language": "Lingua", "headline": "Indicazioni per le autorità", "lead": "Che cosa sapere prima di chiederci dati, secondo il diritto in base al quale li si chiede. Redatte dalle regole con cui verifichiamo ogni richiesta.", "file": "Come testo", "paper": "Atto"},
}
