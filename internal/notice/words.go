package notice

import (
	"fmt"
	"strconv"
	"time"

	"counterseal/internal/scope"
)

// Terms of categories follow the four language versions of Regulation (EU)
// 2023/1543 Art. 3.
type language struct {
	days, months []string
	services     map[scope.Service]string
	categories   map[scope.Category]string
	bases        map[scope.Basis]string
	date         func(w language, t time.Time) string
	clock        string // before the time of day
	hour         string // between hours and minutes
	oclock       string // after it
	to           string
}

var languages = map[string]language{
	"en": {
		days:   []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		months: []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		services: map[scope.Service]string{
			scope.Records: "account records", scope.Mail: "mail", scope.Files: "files", scope.Calls: "calls and voicemail", scope.Messages: "messages"},
		categories: map[scope.Category]string{
			scope.Subscriber: "subscriber data", scope.Identification: "data to identify the user", scope.Traffic: "traffic data", scope.Content: "content data"},
		bases: map[scope.Basis]string{scope.Received: "by time of receipt", scope.Sent: "by time of sending"},
		date: func(w language, t time.Time) string {
			return fmt.Sprintf("%s, %d %s %d", w.days[t.Weekday()], t.Day(), w.months[t.Month()-1], t.Year())
		},
		clock: ", ", hour: ":", to: " to ",
	},
	"de": {
		days:   []string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
		months: []string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
		services: map[scope.Service]string{
			scope.Records: "Kontodaten", scope.Mail: "E-Mail", scope.Files: "Dateien", scope.Calls: "Anrufe und Sprachnachrichten", scope.Messages: "Nachrichten"},
		categories: map[scope.Category]string{
			scope.Subscriber: "Teilnehmerdaten", scope.Identification: "Daten zur Identifizierung des Nutzers", scope.Traffic: "Verkehrsdaten", scope.Content: "Inhaltsdaten"},
		bases: map[scope.Basis]string{scope.Received: "nach Empfangszeit", scope.Sent: "nach Sendezeit"},
		date: func(w language, t time.Time) string {
			return fmt.Sprintf("%s, %d. %s %d", w.days[t.Weekday()], t.Day(), w.months[t.Month()-1], t.Year())
		},
		clock: ", ", hour: ":", oclock: " Uhr", to: " bis ",
	},
	"da": {
		days:   []string{"søndag", "mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag"},
		months: []string{"januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december"},
		services: map[scope.Service]string{
			scope.Records: "kontooplysninger", scope.Mail: "e-mail", scope.Files: "filer", scope.Calls: "opkald og telefonsvarerbeskeder", scope.Messages: "beskeder"},
		categories: map[scope.Category]string{
			scope.Subscriber: "abonnentdata", scope.Identification: "data til identifikation af brugeren", scope.Traffic: "trafikdata", scope.Content: "indholdsdata"},
		bases: map[scope.Basis]string{scope.Received: "efter modtagelsestidspunkt", scope.Sent: "efter afsendelsestidspunkt"},
		date: func(w language, t time.Time) string {
			return fmt.Sprintf("%s den %d. %s %d", w.days[t.Weekday()], t.Day(), w.months[t.Month()-1], t.Year())
		},
		clock: " kl. ", hour: ".", to: " til ",
	},
	"it": {
		days:   []string{"domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"},
		months: []string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
		services: map[scope.Service]string{
			scope.Records: "dati dell'account", scope.Mail: "posta elettronica", scope.Files: "file", scope.Calls: "chiamate e messaggi vocali", scope.Messages: "messaggi"},
		categories: map[scope.Category]string{
			scope.Subscriber: "dati relativi agli abbonati", scope.Identification: "dati per identificare l'utente", scope.Traffic: "dati sul traffico", scope.Content: "dati relativi al contenuto"},
		bases: map[scope.Basis]string{scope.Received: "secondo l'ora di ricezione", scope.Sent: "secondo l'ora di invio"},
		date: func(w language, t time.Time) string {
			day := strconv.Itoa(t.Day())
			if t.Day() == 1 {
				day = "1º"
			}
			return fmt.Sprintf("%s %s %s %d", w.days[t.Weekday()], day, w.months[t.Month()-1], t.Year())
		},
		clock: ", ore ", hour: ":", to: " – ",
	},
}

// moment is date and time of day in the zone, with the offset, so that the hour
// that occurs twice in autumn is named once. Seconds stand only if there are any.
func (w language) moment(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	return w.local(t) + " (" + zone.String() + ", " + offset(t) + ")"
}

func (w language) local(t time.Time) string {
	s := w.date(w, t) + w.clock + t.Format("15"+w.hour+"04")
	if t.Second() != 0 {
		s += t.Format(w.hour + "05")
	}
	return s + w.oclock
}

func offset(t time.Time) string {
	_, seconds := t.Zone()
	if seconds == 0 {
		return "UTC"
	}
	sign, minutes := "+", seconds/60
	if minutes < 0 {
		sign, minutes = "−", -minutes
	}
	s := "UTC" + sign + strconv.Itoa(minutes/60)
	if minutes%60 != 0 {
		s += fmt.Sprintf(":%02d", minutes%60)
	}
	return s
}

// line puts a Line into words; both ends carry the zone.
func (w language) line(l Line, zone *time.Location) string {
	return w.services[l.Service] + ": " + w.categories[l.Category] + ", " + w.moment(l.From, zone) + w.to + w.moment(l.Until, zone) + ", " + w.bases[l.Basis]
}
