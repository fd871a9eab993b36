package book

import (
	"fmt"
	"slices"
	"strings"

	"counterseal/internal/fact"
	"counterseal/internal/law"
)

// Guidelines writes what an authority of a jurisdiction must know, as Markdown in one
// of law.Languages. It is made of the packs: sentences of rules are those that stand
// in our letters.
func Guidelines(packs []*law.Pack, m law.Matrix, jurisdiction, lang string) string {
	g := guide{lang: lang, of: jurisdiction}
	for _, p := range packs {
		switch p.Jurisdiction() {
		case jurisdiction:
			g.own = append(g.own, p)
		case "provider":
			g.house = append(g.house, p)
		}
	}
	g.head(m)
	g.held()
	g.takes(m.Rows)
	g.deadlines()
	g.silence()
	g.emergency()
	g.channels()
	return g.text.String()
}

type guide struct {
	text       strings.Builder
	lang, of   string
	own, house []*law.Pack
}

func (g *guide) say(format string, args ...any) { fmt.Fprintf(&g.text, format, args...) }

func (g *guide) heading(t tongue) { g.say("\n## %s\n\n", t.in(g.lang)) }

func (g *guide) head(m law.Matrix) {
	g.say("# %s: %s\n\n", tongue{"Guidelines for authorities", "Hinweise für Behörden", "Vejledning til myndigheder", "Indicazioni per le autorità"}.in(g.lang), Name(g.of, g.lang))
	g.say("%s %s.\n\n", tongue{
		"Made from the rules by which we check every demand, as they stand for", "Erstellt aus den Regeln, nach denen wir jede Anfrage prüfen, Stand",
		"Dannet af de regler, som vi kontrollerer enhver anmodning efter, pr.", "Redatto dalle regole con cui verifichiamo ogni richiesta, al"}.in(g.lang), m.AsOf)
	for _, p := range m.Packs {
		g.say("- `%s` %s, SHA-256 `%s…`\n", p.Name, p.Version, digest(p))
	}
	g.say("\n%s\n", tongue{
		"They bind nobody and waive no objection. What the paper itself lacks, we say in our answer.",
		"Sie binden niemanden und verzichten auf keinen Einwand. Was einem Schreiben fehlt, sagen wir in unserer Antwort.",
		"De binder ingen og opgiver ingen indsigelse. Hvad et papir mangler, siger vi i vores svar.",
		"Non vincolano nessuno e non comportano rinuncia ad alcuna opposizione. Che cosa manchi a un atto lo diciamo nella risposta."}.in(g.lang))
}

var holdings = []tongue{
	{"who the customer is: name, address, number, payment, kind and length of service", "wer der Kunde ist: Name, Anschrift, Nummer, Zahlung, Art und Dauer des Dienstes", "hvem kunden er: navn, adresse, nummer, betaling, tjenestens art og varighed", "chi è il cliente: nome, indirizzo, numero, pagamento, tipo e durata del servizio"},
	{"what says who used an address: address, port and time", "was zeigt, wer eine Adresse nutzte: Adresse, Port und Zeit", "hvad der viser, hvem der brugte en adresse: adresse, port og tid", "ciò che indica chi ha usato un indirizzo: indirizzo, porta e ora"},
	{"headers, log-ins, times, places and other records about communications", "Kopfzeilen, Anmeldungen, Zeiten, Orte und andere Daten über Kommunikation", "headere, login, tider, steder og andre oplysninger om kommunikation", "intestazioni, accessi, orari, luoghi e altri dati sulle comunicazioni"},
	{"mail, files, messages and calls", "E-Mail, Dateien, Nachrichten und Anrufe", "mail, filer, beskeder og opkald", "posta, file, messaggi e chiamate"},
}

func (g *guide) held() {
	g.heading(tongue{"What we hold", "Was wir haben", "Hvad vi har", "Che cosa abbiamo"})
	for i, c := range law.Categories() {
		g.say("- **%s**: %s\n", word(c, g.lang), holdings[i].in(g.lang))
	}
}

// takes writes the table of instruments, then each with who signs and what else it
// needs.
func (g *guide) takes(rows []law.Instrument) {
	g.heading(tongue{"What it takes, and who must sign", "Was es braucht und wer unterschreibt", "Hvad der kræves, og hvem der underskriver", "Che cosa occorre e chi firma"})
	if len(rows) == 0 {
		g.say("%s\n", nothing.in(g.lang))
		return
	}
	g.say("| |")
	for _, c := range law.Categories() {
		g.say(" %s |", word(c, g.lang))
	}
	g.say("\n|---|---|---|---|---|\n")
	for _, r := range rows {
		g.say("| %s |", plain(r.Instrument))
		for _, c := range r.Cells {
			g.say(" %s |", word(string(c.Answer), g.lang))
		}
		g.say("\n")
	}
	for _, r := range rows {
		g.instrument(r)
	}
}

var nothing = tongue{"The packs say nothing of it.", "Dazu sagen die Regeln nichts.", "Det siger reglerne intet om.", "Le regole non ne dicono nulla."}

func (g *guide) instrument(r law.Instrument) {
	signed := slices.ContainsFunc(r.Cells, func(c law.Cell) bool { return len(c.Signers) > 0 })
	if r.Rule == "" && !signed && len(r.Conditions) == 0 {
		return // the table has said it
	}
	g.say("\n### %s\n", plain(r.Instrument))
	if r.Rule != "" {
		g.say("\n%s (%s)\n", r.Says.In(g.lang), g.source(r.Cite, r.Checked))
	}
	if signed {
		g.say("\n")
	}
	for _, c := range r.Cells {
		if len(c.Signers) == 0 {
			continue
		}
		g.say("- %s, %s: %s", word(c.Category, g.lang), tongue{"signed by", "unterschrieben von", "underskrevet af", "firmato da"}.in(g.lang), wordList(c.Signers, g.lang))
		if len(c.Validators) > 0 {
			g.say("; %s %s", tongue{"or validated by", "oder bestätigt von", "eller godkendt af", "oppure convalidato da"}.in(g.lang), wordList(c.Validators, g.lang))
		}
		g.say("\n")
	}
	if len(r.Conditions) > 0 {
		g.say("\n%s\n\n", tongue{"What we answer where something is missing:", "Was wir antworten, wenn etwas fehlt:", "Hvad vi svarer, hvis noget mangler:", "Che cosa rispondiamo se manca qualcosa:"}.in(g.lang))
	}
	for _, c := range r.Conditions {
		g.say("- %s (%s)\n", c.Letter.In(g.lang), g.source(c.Cite, c.Checked))
	}
}

func (g *guide) source(cite string, c law.Checked) string {
	return fmt.Sprintf("%s; %s, %s", cite, word(string(c.Level), g.lang), c.On)
}

func (g *guide) deadlines() {
	g.heading(tongue{"Deadlines", "Fristen", "Frister", "Termini"})
	said := false
	for _, p := range g.own {
		for i := range p.Deadlines {
			g.deadline(&p.Deadlines[i])
			said = true
		}
	}
	if !said {
		g.say("%s\n", nothing.in(g.lang))
	}
}

func (g *guide) deadline(d *law.DeadlineRule) {
	length := tongue{"on the paper's face", "wie auf dem Schreiben", "som anført på papiret", "come indicato nell'atto"}.in(g.lang)
	if !d.Until {
		length = fmt.Sprintf("%d %s, %s %s", d.N, word(string(d.Unit), g.lang), tongue{"from", "ab", "fra", "da"}.in(g.lang), word(d.Event, g.lang))
	}
	papers := ""
	if len(d.Instruments) > 0 {
		papers = plainList(d.Instruments) + ": "
	}
	g.say("- %s**%s**: %s (%s)\n", papers, word(string(d.Kind), g.lang), length, g.source(d.Cite, d.Checked))
}

// silence lists the rules that look at secrecy or at notice.
func (g *guide) silence() {
	g.heading(tongue{"Silence, and notice to the customer", "Schweigen und Mitteilung an den Kunden", "Tavshed og underretning af kunden", "Segreto e avviso al cliente"})
	g.rules(g.own, fact.SecrecySource, fact.SecrecySigner, fact.SecrecyUntil, fact.SecrecyTerm, fact.SecrecyReasons, fact.SecrecyScope, fact.GovernmentNotice, fact.ControllerTold, fact.SecrecyContested)
}

func (g *guide) emergency() {
	g.heading(tongue{"Danger to life", "Gefahr für Leib und Leben", "Fare for liv", "Pericolo di vita"})
	g.rules(slices.Concat(g.own, g.house), fact.Emergency, fact.WiderThanDanger, fact.PaperReceived)
}

// rules writes the sentences of the rules that look at one of these facts in what
// they require, or that are about emergency requests alone.
func (g *guide) rules(packs []*law.Pack, of ...fact.Key) {
	said := false
	for _, p := range packs {
		for i := range p.Rules {
			r := &p.Rules[i]
			urgent := slices.Contains(of, fact.Emergency) && slices.Equal(r.Instruments, []string{"emergency_request"})
			if !urgent && !slices.ContainsFunc(of, func(k fact.Key) bool { return reads(r, k) }) {
				continue
			}
			g.say("- %s (%s)\n", r.Letter.In(g.lang), g.source(r.Cite, r.Checked))
			said = true
		}
	}
	if !said {
		g.say("%s\n", nothing.in(g.lang))
	}
}

// reads looks for a fact as a word of what is required; for the ones of secrecy and
// notice also of when it applies.
func reads(r *law.Rule, k fact.Key) bool {
	text := r.Requires
	if k != fact.Emergency {
		text += " " + r.Applies
	}
	return slices.Contains(strings.FieldsFunc(text, func(c rune) bool {
		return c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9')
	}), k.String())
}

func (g *guide) channels() {
	g.heading(tongue{"The way to us", "Der Weg zu uns", "Vejen til os", "La via fino a noi"})
	said := false
	for _, p := range g.own {
		for i := range p.Reach {
			r := &p.Reach[i]
			g.say("- %s *%s* (%s)\n", r.Says.In(g.lang), word(string(r.Channel), g.lang), g.source(r.Cite, r.Checked))
			said = true
		}
	}
	if !said {
		g.say("%s\n", nothing.in(g.lang))
	}
}
