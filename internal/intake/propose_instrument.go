package intake

import (
	"slices"
	"strings"
)

// naming is a phrase that names a kind of instrument. Where with is given, the
// letter must also hold one of its parts, since the phrase alone is said of many
// things; where without is, none of its parts.
type naming struct {
	kind, phrase, with string
	without            string
}

// stored and investigatory are where two kinds of paper are at home.
const (
	stored        = `2703|stored communications act|united states district court|rule 41`
	stateCourts   = `superior court of california|superior court of the state of california|commonwealth of virginia|circuit court of`
	ofAState      = stateCourts + `|penal code|code of virginia|va. code`
	investigatory = `investigatory powers act 2016|ipa 2016`
	danishCode    = `retsplejelov|rpl.|rpl §`
	underThisAct  = `(?:under|pursuant to|in accordance with) (?:(?:section|part|s\.) [0-9]+[a-z]?(?:\([0-9]\))? of )?the investigatory powers act 2016`
)

// namings are in lower case; a space stands for any white space. A kind is named by
// its own title, by the provision that it rests on, or by the words that the
// provision uses.
var namings = []naming{
	{"sca_warrant", `search (?:and seizure )?warrant`, stored, stateCourts},
	{"state_warrant", `search (?:and seizure )?warrant`, ofAState, "united states district court"},
	{"state_order", `court order|order (?:for|compelling) (?:the )?(?:production|disclosure) of`, `1546.1|19.2-70.3`, "united states district court"},
	{"state_grand_jury_subpoena", `grand jury subpoena|subpoena (?:duces tecum )?(?:issued by|of) (?:a|the) (?:special |multi-jurisdiction )?grand jury`, ofAState, "united states district court"},
	{"state_admin_subpoena", `administrative subpoena`, `19.2-10.2`, ""},
	{"sca_d_order", `2703 ?\(d\)`, "", ""},
	{"preservation_letter", `2703 ?\(f\)`, "", ""},
	{"emergency_request", `emergency (?:disclosure )?request`, "", ""},
	{"emergency_request", `(?:imminent )?danger of death or serious physical injury`, "", ""},
	{"emergency_request", `notfall(?:anfrage|ersuchen|auskunft)`, "", ""},
	{"emergency_request", `gefahr für leib(?:,| und| oder) leben`, "", ""},
	{"emergency_request", `(?:overhængende|umiddelbar) fare for (?:menneskers )?liv`, "", ""},
	{"emergency_request", `(?:richiesta di emergenza|pericolo (?:imminente|attuale) per la vita)`, "", ""},
	{"grand_jury_subpoena", `grand jury subpoena|subpoena to testify before a grand jury`, "", stateCourts},
	{"trial_subpoena", `trial subpoena|subpoena to testify at a (?:hearing|trial)`, "", ""},
	{"admin_subpoena", `administrative subpoena`, "", "19.2-10.2"},
	{"civil_subpoena", `civil subpoena|subpoena to produce documents, information, or objects`, "", ""},
	{"nsl", `national security letter`, "", ""},
	{"nsl", `u\.? ?s\.? ?c\.? (?:§ |section )?2709`, "", ""},
	{"pen_trap_order", `pen register|trap and trace`, "", ""},
	{"wiretap_order", `wiretap order`, "", ""},
	{"all_writs_order", `all writs act`, "", ""},
	{"ipa_warrant", `warrant`, investigatory, ""},
	{"ipa_notice", `(?:communications data|data retention) notice|notice (?:is )?(?:given )?` + underThisAct, investigatory, ""},
	{"ipa_notice", `notice (?:is )?(?:given )?(?:under|pursuant to) (?:an|the) authorisation`, investigatory, ""},
	{"ipa_authorisation", `authorisation`, investigatory, ""},
	{"ipa_urgent_authorisation", `urgent (?:oral )?authorisation`, investigatory, ""},
	{"ipa_technical_notice", `technical capability notice`, "", ""},
	{"copo", `overseas production orders?`, "", ""},
	{"budapest_request", `convention on cybercrime|budapest convention|budapester übereinkommens?|budapest-?konventionens?|cybercrime-?konventionens?|convenzione (?:di budapest|sulla criminalità informatica)`, "", ""},
	{"dsa_order", `2022/2065`, "", ""},
	{"epoc", `european production order|epoc`, "", ""},
	{"epoc", `europäischen? herausgabeanordnung(?:en)?`, "", ""},
	{"epoc", `europæiske? editionskendelser?n?`, "", ""},
	{"epoc", `ordin[ei] europe[oi] di produzione`, "", ""},
	{"epoc_pr", `european preservation order(?: certificate)?|epoc-pr`, "", ""},
	{"epoc_pr", `europäischen? sicherungsanordnung(?:en)?`, "", ""},
	{"epoc_pr", `europæiske? sikringskendelser?n?`, "", ""},
	{"epoc_pr", `ordin[ei] europe[oi] di conservazione`, "", ""},
	{"epoc_pr", `(?:annex|anhang|bilag|allegato) ii`, "2023/1543", ""},
	{"de_order", `(?:durchsuchungs|beschlagnahme)?beschluss(?:es)?`, `stpo`, ""},
	{"de_order", `sicherungsanordnung`, `stpo`, ""},
	{"dk_order", `(?:editions|rets)?kendelsen?|editionspålæg|sikringspålæg`, danishCode, ""},
	{"dk_order", `§ ?786 ?a`, "", ""},
	{"it_order", `decreto (?:motivato )?di (?:acquisizione|sequestro|esibizione|conservazione)|ordine di esibizione`, "", ""},
	{"it_order", `(?:decreto motivato|decreto del (?:pubblico ministero|giudice|g\.?i\.?p\.?))`, "", ""},
	{"it_order", `art(?:\.|icolo) ?254-bis`, "", ""},
	{"it_order", `132,? ?(?:comma |co\. ?)?\(?4-ter`, "", ""},
	{"treaty_request", `mutual legal assistance`, "", ""},
	{"treaty_request", `rechtshilfeersuchen`, "", ""},
	{"treaty_request", `retshjælpsanmodning|anmodning om (?:international )?retshjælp`, "", ""},
	{"treaty_request", `(?:commissione )?rogatoria|assistenza giudiziaria`, "", ""},
}

var phrases = func() []expression {
	out := make([]expression, len(namings))
	for i, n := range namings {
		out[i] = words(n.phrase)
	}
	return out
}()

// named is where a kind is named.
type named struct {
	kind string
	span
}

// instruments finds each kind where it is first named as something that has come.
// What stands inside a longer name is part of that: EPOC in EPOC-PR.
func (l letter) instruments() []ProposedInstrument {
	all := l.namings()
	first := map[string]bool{}
	var out []ProposedInstrument
	for _, n := range all {
		inside := slices.ContainsFunc(all, func(o named) bool { return o.kind != n.kind && n.within(o.span) && n.span != o.span })
		if first[n.kind] || inside || l.denied(n.span) || l.yetToCome(n.span) {
			continue
		}
		first[n.kind] = true
		q := l.quote(n.span)
		out = append(out, ProposedInstrument{Kind: n.kind, Stated: q.Stated, Place: q.Place})
	}
	return out
}

// namings are all places at which a kind is named, in the order of the text.
func (l letter) namings() []named {
	var out []named
	whole := oneLine(l.low)
	says := func(parts string) bool {
		return slices.ContainsFunc(strings.Split(parts, "|"), func(part string) bool { return strings.Contains(whole, part) })
	}
	for i, n := range namings {
		if !says(n.with) || n.without != "" && says(n.without) {
			continue
		}
		for _, m := range phrases[i]().FindAllStringIndex(l.low, maxMeant) {
			if l.alone(m[0], m[1]) {
				out = append(out, named{n.kind, span{m[0], m[1]}})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b named) int { return a.begin - b.begin })
	return out
}
