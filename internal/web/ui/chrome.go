package ui

import (
	"strconv"
	"time"
)

// chrome is what stands on every page around its content.
var chrome = map[string]map[string]string{
	"en": {"skip": "Skip to content", "main": "Main", "where": "Where you are", "leave": "End session", "footer": "Counterseal: a second seal beside the first.",
		"reader": "Findings and dates are advice; people decide.", "promises": "Our promises, and what does not hold here"},
	"de": {"skip": "Zum Inhalt", "main": "Hauptmenü", "where": "Wo Sie sind", "leave": "Sitzung beenden", "footer": "Counterseal: ein zweites Siegel neben dem ersten.",
		"reader": "Hinweise sind Rat; Menschen entscheiden.", "promises": "Was wir versprechen, und was hier nicht gilt"},
	"da": {"skip": "Til indholdet", "main": "Hovedmenu", "where": "Hvor du er", "leave": "Afslut", "footer": "Counterseal: et andet segl ved siden af det første.",
		"reader": "Det er råd; mennesker afgør.", "promises": "Hvad vi lover, og hvad der ikke gælder her"},
	"it": {"skip": "Al contenuto", "main": "Menu principale", "where": "Dove si trova", "leave": "Chiudi la sessione", "footer": "Counterseal: un secondo sigillo accanto al primo.",
		"reader": "Sono consigli; decidono le persone.", "promises": "Che cosa promettiamo, e che cosa qui non vale"},
}

// Chrome is a text that stands around the content of every page.
func (w *Words) Chrome(key string) string { return chrome[w.Lang][key] }

var months = map[string][]string{
	"en": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	"de": {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
	"da": {"januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december"},
	"it": {"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
}

// Date is a day in the language of the words, in the time's own zone.
func (w *Words) Date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	day := strconv.Itoa(t.Day())
	switch {
	case w.Lang == "de" || w.Lang == "da":
		day += "."
	case w.Lang == "it" && t.Day() == 1:
		day += "º"
	}
	return day + " " + months[w.Lang][t.Month()-1] + " " + strconv.Itoa(t.Year())
}
