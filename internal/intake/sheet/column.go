package sheet

import (
	"strings"

	"counterseal/internal/canon"
)

// Column is what a column of the table holds.
type Column string

const (
	Agency     Column = "agency"
	Country    Column = "country"
	Instrument Column = "instrument"
	Number     Column = "number"
	Received   Column = "received"
	Answered   Column = "answered"
	Outcome    Column = "outcome"
	Accounts   Column = "accounts"
	Notes      Column = "notes"
)

// Columns are all of them, in the order in which they are shown.
var Columns = []Column{Agency, Country, Instrument, Number, Received, Answered, Outcome, Accounts, Notes}

// required are the columns without which a table says nothing.
var required = []Column{Agency, Received}

// headings are those that are understood without being told.
var headings = map[string]Column{
	"agency": Agency, "authority": Agency, "requester": Agency, "behörde": Agency, "myndighed": Agency, "autorità": Agency,
	"country": Country, "state": Country, "land": Country, "paese": Country,
	"instrument": Instrument, "type": Instrument, "kind": Instrument, "instrument type": Instrument, "art": Instrument, "tipo": Instrument,
	"number": Number, "reference": Number, "case number": Number, "ref": Number, "aktenzeichen": Number, "sagsnummer": Number, "numero": Number, "protocollo": Number,
	"received": Received, "date received": Received, "eingang": Received, "modtaget": Received, "ricevuto": Received,
	"answered": Answered, "date answered": Answered, "closed": Answered, "beantwortet": Answered, "besvaret": Answered, "risposto": Answered,
	"outcome": Outcome, "result": Outcome, "decision": Outcome, "ergebnis": Outcome, "resultat": Outcome, "esito": Outcome,
	"accounts": Accounts, "number of accounts": Accounts, "konten": Accounts, "konti": Accounts, "account": Accounts,
	"notes": Notes, "remarks": Notes, "bemerkungen": Notes, "bemærkninger": Notes, "note": Notes,
}

// outcomes are the words for what became of a demand, and the word of the docket.
var outcomes = map[string]string{
	"comply": "comply", "complied": "comply", "answered": "comply", "disclosed": "comply",
	"in part": "in_part", "in_part": "in_part", "partial": "in_part", "partly": "in_part",
	"no records": "no_records", "no_records": "no_records", "no data": "no_records", "none found": "no_records",
	"reject": "reject", "rejected": "reject", "refused": "reject",
	"redirect": "redirect", "redirected": "redirect",
	"withdrawn": "withdrawn", "superseded": "superseded", "duplicate": "duplicate",
}

// plainKey makes a heading or a word comparable: one line, ASCII letters in lower
// case. It folds nothing else.
func plainKey(s string) string {
	b := []byte(canon.Text(s))
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return strings.TrimRight(string(b), " :.*")
}

// Letter is the name of a column as table programs show it; n counts from 1.
func Letter(n int) string {
	var out string
	for ; n > 0; n = (n - 1) / 26 {
		out = string(rune('A'+(n-1)%26)) + out
	}
	return out
}
