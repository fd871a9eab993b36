package notice

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/scope"
)

// Terms of categories follow the four language versions of Regulation (EU)
// 2023/1543 Art. 3.
type language struct {
	code         string
	days, months []string
	short        func(w language, t time.Time) string // date in short, with weekday
	shortMonths  []string
	towns        map[string]string // exonyms; else the zone's own name
	thousands    string
	more         string // on paper, for % entries that found no room
	elsewhere    string // on paper, for an end that found none
	letterTitle  string // subject of mail: it tells nothing
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
		code: "en",
		more: "and % more: the text of this letter holds all of them", elsewhere: "The text of this letter goes on.", letterTitle: "Letter from", thousands: ",",
		shortMonths: []string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
		short: func(w language, t time.Time) string {
			return fmt.Sprintf("%s %d %s %d", w.days[t.Weekday()][:3], t.Day(), w.shortMonths[t.Month()-1], t.Year())
		},
		towns:  map[string]string{},
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
		code: "de",
		more: "und % weitere: der Text dieses Schreibens enthält alle", elsewhere: "Der Text dieses Schreibens geht weiter.", letterTitle: "Schreiben von", thousands: ".",
		shortMonths: []string{"Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."},
		short: func(w language, t time.Time) string {
			return fmt.Sprintf("%s. %d. %s %d", w.days[t.Weekday()][:2], t.Day(), w.shortMonths[t.Month()-1], t.Year())
		},
		towns:  map[string]string{"Europe/Copenhagen": "Kopenhagen", "Europe/Rome": "Rom", "Europe/Vienna": "Wien", "Europe/Brussels": "Brüssel", "Europe/Zurich": "Zürich", "Europe/Luxembourg": "Luxemburg", "Europe/Lisbon": "Lissabon", "Europe/Warsaw": "Warschau", "Europe/Prague": "Prag", "Europe/Athens": "Athen"},
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
		code: "da",
		more: "og % flere: brevets tekst indeholder dem alle", elsewhere: "Brevets tekst fortsætter.", letterTitle: "Brev fra", thousands: ".",
		shortMonths: []string{"jan.", "feb.", "marts", "april", "maj", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "dec."},
		short: func(w language, t time.Time) string {
			return fmt.Sprintf("%s. %d. %s %d", string([]rune(w.days[t.Weekday()])[:3]), t.Day(), w.shortMonths[t.Month()-1], t.Year())
		},
		towns:  map[string]string{"Europe/Copenhagen": "København", "Europe/Rome": "Rom", "Europe/Vienna": "Wien", "Europe/Brussels": "Bruxelles", "Europe/Zurich": "Zürich", "Europe/Lisbon": "Lissabon", "Europe/Warsaw": "Warszawa", "Europe/Prague": "Prag", "Europe/Athens": "Athen"},
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
		code: "it",
		more: "e altri %: il testo di questa lettera li contiene tutti", elsewhere: "Il testo di questa lettera continua.", letterTitle: "Lettera di", thousands: ".",
		shortMonths: []string{"gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"},
		short: func(w language, t time.Time) string {
			return fmt.Sprintf("%s %s %s %d", w.days[t.Weekday()][:3], italianDay(t), w.shortMonths[t.Month()-1], t.Year())
		},
		towns:  map[string]string{"Europe/Dublin": "Dublino", "Europe/Berlin": "Berlino", "Europe/Copenhagen": "Copenaghen", "Europe/Rome": "Roma", "Europe/London": "Londra", "Europe/Paris": "Parigi", "Europe/Brussels": "Bruxelles", "Europe/Zurich": "Zurigo", "Europe/Luxembourg": "Lussemburgo", "Europe/Lisbon": "Lisbona", "Europe/Warsaw": "Varsavia", "Europe/Prague": "Praga", "Europe/Athens": "Atene", "Europe/Stockholm": "Stoccolma"},
		days:   []string{"domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"},
		months: []string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
		services: map[scope.Service]string{
			scope.Records: "dati dell'account", scope.Mail: "posta elettronica", scope.Files: "file", scope.Calls: "chiamate e messaggi vocali", scope.Messages: "messaggi"},
		categories: map[scope.Category]string{
			scope.Subscriber: "dati relativi agli abbonati", scope.Identification: "dati per identificare l'utente", scope.Traffic: "dati sul traffico", scope.Content: "dati relativi al contenuto"},
		bases: map[scope.Basis]string{scope.Received: "secondo l'ora di ricezione", scope.Sent: "secondo l'ora di invio"},
		date: func(w language, t time.Time) string {
			return fmt.Sprintf("%s %s %s %d", w.days[t.Weekday()], italianDay(t), w.months[t.Month()-1], t.Year())
		},
		clock: ", ore ", hour: ":", to: " – ",
	},
}

func italianDay(t time.Time) string {
	if t.Day() == 1 {
		return "1º"
	}
	return strconv.Itoa(t.Day())
}

// moment is date and time of day in the zone, and the zone's town: "Fri 18 Sep
// 2026, 17:00 Dublin". Seconds stand only if there are any, the offset only in
// the hour that occurs twice in autumn.
func (w language) moment(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	s := w.short(w, t) + w.clock + t.Format("15"+w.hour+"04")
	if t.Second() != 0 {
		s += t.Format(w.hour + "05")
	}
	s += w.oclock + " " + w.town(zone)
	if twice(t) {
		s += " (" + offset(t) + ")"
	}
	return s
}

func (w language) town(zone *time.Location) string {
	name := zone.String()
	if town, ok := w.towns[name]; ok {
		return town
	}
	return strings.ReplaceAll(name[strings.LastIndex(name, "/")+1:], "_", " ")
}

// twice reports whether the clocks show this date and time twice. Clocks are put
// back by half an hour, an hour or two.
func twice(t time.Time) bool {
	shown := t.Format(time.DateTime)
	for _, d := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour} {
		if t.Add(d).Format(time.DateTime) == shown || t.Add(-d).Format(time.DateTime) == shown {
			return true
		}
	}
	return false
}

// number groups thousands.
func (w language) number(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + w.thousands + s[i:]
	}
	return s
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

// excess puts the kind of an Excess into words, and its days.
func (w language) excess(x Excess) string {
	s := w.services[x.Service] + ": " + w.categories[x.Category]
	if x.From.IsZero() {
		return s
	}
	s += ", " + w.short(w, x.From.UTC())
	if last := w.short(w, x.Until.UTC()); last != w.short(w, x.From.UTC()) {
		s += w.to + last
	}
	return s + " (UTC)"
}
