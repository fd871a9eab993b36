package book

import (
	"cmp"
	"strings"

	"counterseal/internal/law"
)

// tongue holds what a page says beside the packs' own sentences: headings, and the
// words of closed lists. In the order of law.Languages.
type tongue [4]string

func (t tongue) in(lang string) string {
	for i, l := range law.Languages {
		if l == lang {
			return t[i]
		}
	}
	return t[0]
}

// names of jurisdictions, by the first word of their packs.
var names = map[string]tongue{
	"us":       {"United States", "Vereinigte Staaten", "USA", "Stati Uniti"},
	"eu":       {"European Union", "Europäische Union", "Den Europæiske Union", "Unione europea"},
	"uk":       {"United Kingdom", "Vereinigtes Königreich", "Storbritannien", "Regno Unito"},
	"ie":       {"Ireland", "Irland", "Irland", "Irlanda"},
	"de":       {"Germany", "Deutschland", "Tyskland", "Germania"},
	"dk":       {"Denmark", "Dänemark", "Danmark", "Danimarca"},
	"it":       {"Italy", "Italien", "Italien", "Italia"},
	"be":       {"Belgium", "Belgien", "Belgien", "Belgio"},
	"us_state": {"States of the United States", "Bundesstaaten der Vereinigten Staaten", "Delstater i USA", "Stati degli Stati Uniti"},
	"coe":      {"Council of Europe", "Europarat", "Europarådet", "Consiglio d'Europa"},
	"provider": {"The provider's own policy", "Regeln des Anbieters", "Udbyderens egne regler", "Regole del fornitore"},
}

// Name is a jurisdiction in a language; one that has none keeps its word.
func Name(jurisdiction, lang string) string {
	return cmp.Or(names[jurisdiction].in(lang), jurisdiction)
}

// wordsOf are closed lists of the packs and of the facts.
var wordsOf = map[string]tongue{
	"subscriber":     {"subscriber", "Bestandsdaten", "abonnent", "abbonato"},
	"identification": {"identification", "Identifizierung", "identifikation", "identificazione"},
	"traffic":        {"traffic", "Verkehr", "trafik", "traffico"},
	"content":        {"content", "Inhalt", "indhold", "contenuto"},

	"yes": {"yes", "ja", "ja", "sì"}, "if": {"on conditions", "unter Bedingungen", "på betingelser", "a condizioni"}, "no": {"no", "nein", "nej", "no"},
	"-": {"ask us", "bitte fragen", "spørg os", "chiedere"},

	"judge": {"a judge", "Richter", "dommer", "giudice"}, "magistrate_judge": {"a magistrate judge", "Magistrate Judge", "magistrate judge", "magistrate judge"},
	"investigating_judge": {"an investigating judge", "Ermittlungsrichter", "undersøgelsesdommer", "giudice istruttore"}, "court": {"a court", "Gericht", "domstol", "tribunale"},
	"prosecutor": {"a prosecutor", "Staatsanwaltschaft", "anklager", "pubblico ministero"}, "police_officer": {"a police officer", "Polizei", "politi", "polizia"},
	"agency_official": {"an official of an agency", "Behördenbedienstete", "embedsmand", "funzionario"}, "supervisory_official": {"a supervising official", "vorgesetzte Bedienstete", "overordnet embedsmand", "funzionario superiore"},
	"minister": {"a minister", "Minister", "minister", "ministro"}, "attorney": {"an attorney", "Anwalt", "advokat", "avvocato"}, "court_clerk": {"a clerk of the court", "Geschäftsstelle des Gerichts", "retssekretær", "cancelliere"},
	"none": {"nobody", "niemand", "ingen", "nessuno"},

	"direct":         {"directly to the company that holds or controls the data", "unmittelbar an die Gesellschaft, die die Daten führt", "direkte til det selskab, der råder over dataene", "direttamente alla società che dispone dei dati"},
	"representative": {"to the designated establishment or representative", "an die benannte Niederlassung oder den Vertreter", "til det udpegede etableringssted eller den retlige repræsentant", "allo stabilimento designato o al rappresentante legale"},
	"agreement":      {"under the agreement between the two states", "nach dem Abkommen der beiden Staaten", "efter aftalen mellem de to stater", "in base all'accordo tra i due Stati"},
	"treaty":         {"by mutual assistance between the states", "im Wege der Rechtshilfe", "ved gensidig retshjælp", "tramite assistenza giudiziaria"},
	"preservation":   {"a request between states to keep the data", "ein Ersuchen um Sicherung zwischen Staaten", "en anmodning mellem stater om sikring", "una richiesta di conservazione tra Stati"},
	"consent":        {"through the person who may give the data", "über die Person, die über die Daten verfügen darf", "gennem den, der må give dataene", "tramite la persona che può dare i dati"},

	"answer": {"our answer", "unsere Antwort", "vores svar", "la nostra risposta"}, "object": {"our objection", "unser Einwand", "vores indsigelse", "la nostra opposizione"},
	"review": {"a review", "eine Überprüfung", "en fornyet vurdering", "un riesame"}, "await": {"what the authority owes", "was die Behörde schuldet", "hvad myndigheden skylder", "quanto deve l'autorità"},
	"confirm": {"the paper that must follow", "das Schreiben, das folgen muss", "det papir, der skal følge", "l'atto che deve seguire"}, "notice": {"the customer's time to object", "Frist des Kunden für Einwände", "kundens frist til indsigelse", "termine del cliente per opporsi"},
	"secrecy_end": {"silence ends", "Schweigepflicht endet", "tavshed ophører", "fine del segreto"}, "preserve_end": {"the duty to keep ends", "Sicherungspflicht endet", "pligten til sikring ophører", "fine dell'obbligo di conservazione"},

	"signature": {"signature", "Unterzeichnung", "underskrift", "firma"}, "service": {"service", "Zustellung", "forkyndelse", "notifica"}, "receipt": {"receipt", "Eingang", "modtagelse", "ricezione"},
	"taking effect": {"taking effect", "Inkrafttreten", "ikrafttræden", "efficacia"}, "receipt of our form": {"receipt of our form", "Eingang unseres Formblatts", "modtagelse af vores formular", "ricezione del nostro modulo"},
	"the grant": {"the grant", "der Anordnung", "udstedelsen", "l'emissione"}, "our answer": {"our answer", "unserer Antwort", "vores svar", "la nostra risposta"}, "our notice": {"our notice", "unserer Mitteilung", "vores meddelelse", "la nostra comunicazione"},
	"notice to the customer": {"notice to the customer", "Mitteilung an den Kunden", "underretning af kunden", "avviso al cliente"}, "the last day of silence": {"the last day of silence", "dem letzten Tag der Schweigepflicht", "den sidste dag med tavshed", "l'ultimo giorno di segreto"},
	"the date on its face": {"the date on its face", "dem Datum auf dem Schreiben", "datoen på papiret", "la data sull'atto"}, "expiry": {"expiry", "Ablauf", "udløb", "scadenza"},

	"hours": {"hours", "Stunden", "timer", "ore"}, "days": {"days", "Tage", "dage", "giorni"}, "working_days": {"working days", "Werktage", "arbejdsdage", "giorni lavorativi"}, "months": {"months", "Monate", "måneder", "mesi"},
	"text": {"read in the text itself", "im Wortlaut gelesen", "læst i selve teksten", "letto nel testo"}, "secondary": {"from a secondary source", "aus zweiter Quelle", "fra en sekundær kilde", "da fonte secondaria"},
	"unchecked": {"from memory, not read in a source", "aus dem Gedächtnis, in keiner Quelle gelesen", "fra hukommelsen, ikke læst i en kilde", "a memoria, non letto in una fonte"},
}

// word says a word of a closed list; one that is not here stays plain.
func word(s, lang string) string { return cmp.Or(wordsOf[s].in(lang), plain(s)) }

func wordList(words []string, lang string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = word(w, lang)
	}
	return strings.Join(out, ", ")
}
