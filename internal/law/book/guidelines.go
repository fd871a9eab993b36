package book

import (
	"fmt"
	"slices"
	"strings"

	"counterseal/internal/fact"
	"counterseal/internal/law"
)

// Guidelines writes what an authority of a jurisdiction must know, in one of
// law.Languages. It is made of the packs: sentences of rules are those that stand in
// our letters. papers says how an instrument is called in the language.
func Guidelines(packs []*law.Pack, m law.Matrix, jurisdiction, lang string, papers func(string) string) []Block {
	g := guide{lang: lang, of: jurisdiction, papers: papers}
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
	return g.blocks
}

type guide struct {
	blocks     []Block
	lang, of   string
	papers     func(string) string // an instrument, as it is called in the language
	own, house []*law.Pack
}

func (g *guide) heading(t tongue) { g.title(2, t.in(g.lang)) }

func (g *guide) title(level int, text string) {
	g.blocks = append(g.blocks, Block{Heading: level, Text: []Span{{Text: text}}})
}

func (g *guide) say(format string, args ...any) {
	g.blocks = append(g.blocks, Block{Text: []Span{{Text: fmt.Sprintf(format, args...)}}})
}

// item goes on with the list that stands last, or begins one.
func (g *guide) item(spans ...Span) {
	last := len(g.blocks) - 1
	if last < 0 || g.blocks[last].Items == nil {
		g.blocks = append(g.blocks, Block{})
		last++
	}
	g.blocks[last].Items = append(g.blocks[last].Items, spans)
}

func text(format string, args ...any) Span { return Span{Text: fmt.Sprintf(format, args...)} }

func (g *guide) head(m law.Matrix) {
	g.title(1, fmt.Sprintf("%s: %s", tongue{"Guidelines for authorities", "Hinweise für Behörden", "Vejledning til myndigheder", "Indicazioni per le autorità"}.in(g.lang), Name(g.of, g.lang)))
	g.say("%s %s.", tongue{
		"Made from the rules by which we check every demand, as they stand for", "Erstellt aus den Regeln, nach denen wir jede Anfrage prüfen, Stand",
		"Dannet af de regler, som vi kontrollerer enhver anmodning efter, pr.", "Redatto dalle regole con cui verifichiamo ogni richiesta, al"}.in(g.lang), m.AsOf)
	for _, p := range m.Packs {
		g.item(Span{p.Name, Code}, text(" %s, SHA-256 ", p.Version), Span{digest(p) + "…", Code})
	}
	g.say("%s", tongue{
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
		g.item(Span{word(c, g.lang), Strong}, text(": %s", holdings[i].in(g.lang)))
	}
}

// takes writes the table of instruments, then each with who signs and what else it
// needs.
func (g *guide) takes(rows []law.Instrument) {
	g.heading(tongue{"What it takes, and who must sign", "Was es braucht und wer unterschreibt", "Hvad der kræves, og hvem der underskriver", "Che cosa occorre e chi firma"})
	if len(rows) == 0 {
		g.say("%s", nothing.in(g.lang))
		return
	}
	table := Block{Head: []string{""}}
	for _, c := range law.Categories() {
		table.Head = append(table.Head, word(c, g.lang))
	}
	for _, r := range rows {
		row := []string{g.papers(r.Instrument)}
		for _, c := range r.Cells {
			row = append(row, word(string(c.Answer), g.lang))
		}
		table.Rows = append(table.Rows, row)
	}
	g.blocks = append(g.blocks, table)
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
	g.title(3, g.papers(r.Instrument))
	if r.Rule != "" {
		g.say("%s (%s)", r.Says.In(g.lang), g.source(r.Cite, r.Checked))
	}
	for _, c := range r.Cells {
		if len(c.Signers) == 0 {
			continue
		}
		who := fmt.Sprintf("%s, %s: %s", word(c.Category, g.lang), tongue{"signed by", "unterschrieben von", "underskrevet af", "firmato da"}.in(g.lang), wordList(c.Signers, g.lang))
		if len(c.Validators) > 0 {
			who += fmt.Sprintf("; %s %s", tongue{"or validated by", "oder bestätigt von", "eller godkendt af", "oppure convalidato da"}.in(g.lang), wordList(c.Validators, g.lang))
		}
		g.item(Span{Text: who})
	}
	if len(r.Conditions) > 0 {
		g.say("%s", tongue{"What we answer where something is missing:", "Was wir antworten, wenn etwas fehlt:", "Hvad vi svarer, hvis noget mangler:", "Che cosa rispondiamo se manca qualcosa:"}.in(g.lang))
	}
	for _, c := range r.Conditions {
		g.item(text("%s (%s)", c.Letter.In(g.lang), g.source(c.Cite, c.Checked)))
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
		g.say("%s", nothing.in(g.lang))
	}
}

func (g *guide) deadline(d *law.DeadlineRule) {
	length := tongue{"on the paper's face", "wie auf dem Schreiben", "som anført på papiret", "come indicato nell'atto"}.in(g.lang)
	if !d.Until {
		length = fmt.Sprintf("%d %s, %s %s", d.N, word(string(d.Unit), g.lang), tongue{"from", "ab", "fra", "da"}.in(g.lang), word(d.Event, g.lang))
	}
	papers := ""
	if len(d.Instruments) > 0 {
		for _, i := range d.Instruments {
			papers += ", " + g.papers(i)
		}
		papers = strings.TrimPrefix(papers, ", ") + ": "
	}
	g.item(Span{Text: papers}, Span{word(string(d.Kind), g.lang), Strong}, text(": %s (%s)", length, g.source(d.Cite, d.Checked)))
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
			g.item(text("%s (%s)", r.Letter.In(g.lang), g.source(r.Cite, r.Checked)))
			said = true
		}
	}
	if !said {
		g.say("%s", nothing.in(g.lang))
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
			g.item(text("%s ", r.Says.In(g.lang)), Span{word(string(r.Channel), g.lang), Emph}, text(" (%s)", g.source(r.Cite, r.Checked)))
			said = true
		}
	}
	if !said {
		g.say("%s", nothing.in(g.lang))
	}
}
