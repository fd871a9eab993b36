package ui

// german are the words that customers and officers read; what only staff read is
// in English.
var german = &Words{Lang: "de", groups: map[Group]map[string]string{
	Services:   {"records": "Kontodaten", "mail": "E-Mail", "files": "Dateien", "calls": "Anrufe und Sprachnachrichten", "messages": "Nachrichten"},
	Categories: {"subscriber": "Teilnehmerdaten", "identification": "Daten zur Identifizierung des Nutzers", "traffic": "Verkehrsdaten", "content": "Inhaltsdaten"},
	Bases:      {"received": "nach Empfangszeit", "sent": "nach der Zeit, die der Absender angibt"},
	Checks:     {"text": "in der Quelle gelesen", "secondary": "aus zweiter Hand", "unchecked": "nicht an der Quelle geprüft"},
	Statuses: {"received": "eingegangen", "checking": "in Prüfung", "waiting for us": "wartet auf uns", "waiting for you": "wartet auf die Behörde",
		"on hold by law": "von Gesetzes wegen angehalten", "answered in part": "teilweise beantwortet", "closed": "abgeschlossen"},
	Channels: {
		"direct": "unmittelbar an die Gesellschaft", "representative": "über die dafür benannte Niederlassung oder Vertretung", "agreement": "nach einem Abkommen zweier Staaten",
		"treaty": "Rechtshilfe zwischen Staaten", "preservation": "ein Ersuchen zwischen Staaten, die Daten zu sichern", "consent": "durch die Person, die sie geben darf",
	},
	Papers: {
		"sca_warrant": "Beschluss nach 18 USC 2703", "fisa_directive": "Weisung nach 50 USC 1881a", "epoc": "Europäische Herausgabeanordnung", "treaty_request": "Rechtshilfeersuchen",
		"budapest_request": "Ersuchen nach dem Budapester Übereinkommen", "emergency_request": "Eilanfrage bei Lebensgefahr", "copo": "Overseas Production Order des Vereinigten Königreichs",
		"ipa_notice": "Anordnung nach dem Investigatory Powers Act 2016", "ie_order": "Anordnung nach irischem Recht", "de_order": "Anordnung nach deutschem Recht",
		"dk_order": "Anordnung nach dänischem Recht", "it_order": "Anordnung nach italienischem Recht",
		"grand_jury_subpoena": "Vorlageverfügung (Subpoena)", "sca_d_order": "Anordnung nach 18 USC 2703(d)",
	},
}}
