package intake

import (
	"regexp"
	"strings"
)

// naming is a phrase that names a kind of instrument. Where with is given, the
// letter must also hold that, since the phrase alone is said of many things.
type naming struct {
	kind, phrase, with string
}

// namings are in lower case; a space stands for any white space. A kind is named by
// its own title, by the provision that it rests on, or by the words that the
// provision uses.
var namings = []naming{
	{"sca_warrant", `search (?:and seizure )?warrant`, `2703`},
	{"sca_d_order", `2703\(d\)`, ""},
	{"preservation_letter", `2703\(f\)`, ""},
	{"preservation_letter", `preservation (?:request|letter|demand)`, ""},
	{"preservation_letter", `request (?:for (?:the )?preservation|to preserve)`, ""},
	{"preservation_letter", `sicherungsersuchen`, ""},
	{"preservation_letter", `(?:umgehende|vorläufige) sicherung (?:der|von|gespeicherter)`, `daten`},
	{"preservation_letter", `(?:hastesikring|hastesikre)`, ""},
	{"preservation_letter", `(?:richiesta di (?:conservazione|congelamento)|conservazione rapida|congelamento) (?:dei|di|rapida)`, `dati`},
	{"emergency_request", `emergency (?:disclosure )?request`, ""},
	{"emergency_request", `(?:imminent )?danger of death or serious physical injury`, ""},
	{"emergency_request", `notfall(?:anfrage|ersuchen|auskunft)`, ""},
	{"emergency_request", `gefahr für leib(?:,| und| oder) leben`, ""},
	{"emergency_request", `(?:overhængende|umiddelbar) fare for (?:menneskers )?liv`, ""},
	{"emergency_request", `(?:richiesta di emergenza|pericolo (?:imminente|attuale) per la vita)`, ""},
	{"grand_jury_subpoena", `grand jury subpoena|subpoena to testify before a grand jury`, ""},
	{"admin_subpoena", `administrative subpoena`, ""},
	{"nsl", `national security letter`, ""},
	{"pen_trap_order", `pen register|trap and trace`, ""},
	{"ipa_warrant", `warrant`, `investigatory powers act 2016`},
	{"copo", `overseas production order`, ""},
	{"epoc", `european production order`, ""},
	{"epoc", `europäischen? herausgabeanordnung(?:en)?`, ""},
	{"epoc", `europæiske? editionskendelser?`, ""},
	{"epoc", `ordin[ei] europe[oi] di produzione`, ""},
	{"epoc", `epoc`, ""},
	{"epoc_pr", `european preservation order`, ""},
	{"epoc_pr", `europäischen? sicherungsanordnung(?:en)?`, ""},
	{"epoc_pr", `europæiske? sikringskendelser?`, ""},
	{"epoc_pr", `ordin[ei] europe[oi] di conservazione`, ""},
	{"epoc_pr", `epoc-pr`, ""},
	{"de_order", `(?:durchsuchungs|beschlagnahme)?beschluss`, `stpo`},
	{"dk_order", `(?:editions)?kendelse`, `retsplejelov`},
	{"it_order", `decreto di (?:acquisizione|sequestro|esibizione)|ordine di esibizione`, ""},
	{"treaty_request", `mutual legal assistance`, ""},
	{"treaty_request", `rechtshilfeersuchen`, ""},
	{"treaty_request", `retshjælpsanmodning|anmodning om (?:international )?retshjælp`, ""},
	{"treaty_request", `(?:commissione )?rogatoria|assistenza giudiziaria`, ""},
}

var phrases = func() []*regexp.Regexp {
	out := make([]*regexp.Regexp, len(namings))
	for i, n := range namings {
		out[i] = regexp.MustCompile(strings.ReplaceAll(n.phrase, " ", `\s+`))
	}
	return out
}()

// instruments finds each kind where it is first named.
func (l letter) instruments() []ProposedInstrument {
	first, whole := map[string]ProposedInstrument{}, oneLine(l.low)
	for i, n := range namings {
		if n.with != "" && !strings.Contains(whole, n.with) {
			continue
		}
		for _, m := range phrases[i].FindAllStringIndex(l.low, maxProposals) {
			if !l.alone(m[0], m[1]) || n.phrase == "epoc" && strings.HasPrefix(l.low[m[1]:], "-pr") {
				continue
			}
			have, found := first[n.kind]
			if !found || m[0] < have.Place.Begin {
				first[n.kind] = ProposedInstrument{Kind: n.kind, Stated: oneLine(l.text[m[0]:m[1]]), Place: l.place(m[0], m[1])}
			}
			break
		}
	}
	var out []ProposedInstrument
	for _, n := range namings {
		if p, found := first[n.kind]; found {
			out = append(out, p)
			delete(first, n.kind)
		}
	}
	return byPlace(out, func(p ProposedInstrument) Place { return p.Place })
}
