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
		"sca_warrant": "Beschluss nach 18 USC 2703", "sca_d_order": "Anordnung nach 18 USC 2703(d)", "admin_subpoena": "behördliche Subpoena",
		"grand_jury_subpoena": "Subpoena einer Grand Jury", "trial_subpoena": "Subpoena im Hauptverfahren", "civil_subpoena": "Subpoena einer privaten Partei",
		"preservation_letter": "Sicherungsersuchen nach 18 USC 2703(f)", "emergency_request": "Eilanfrage bei Lebensgefahr",
		"nsl": "National Security Letter nach 18 USC 2709", "pen_trap_order": "Anordnung nach 18 USC 3123 (Verbindungsdaten ab jetzt)",
		"wiretap_order": "Abhörbeschluss nach 18 USC 2518", "fisa_directive": "Weisung nach 50 USC 1881a", "all_writs_order": "Anordnung nach dem All Writs Act",
		"executive_agreement_order": "Anordnung nach einem Abkommen gemäß 18 USC 2523", "epoc": "Europäische Herausgabeanordnung",
		"epoc_pr": "Europäische Sicherungsanordnung", "treaty_request": "Rechtshilfeersuchen", "foreign_order": "Anordnung eines anderen Staates, direkt an uns",
		"dsa_order": "Auskunftsanordnung nach Verordnung (EU) 2022/2065", "copo": "Overseas Production Order des Vereinigten Königreichs",
		"ipa_warrant": "Warrant nach dem Investigatory Powers Act 2016", "ipa_notice": "Anordnung nach dem Investigatory Powers Act 2016",
		"ipa_authorisation": "Ermächtigung nach dem Investigatory Powers Act 2016", "ipa_urgent_authorisation": "Eilermächtigung nach dem Investigatory Powers Act 2016",
		"ipa_technical_notice": "Technical Capability Notice nach dem Investigatory Powers Act 2016", "budapest_request": "Ersuchen nach dem Budapester Übereinkommen",
		"ie_order": "Anordnung nach irischem Recht", "de_order": "Anordnung nach deutschem Recht", "dk_order": "Anordnung nach dänischem Recht",
		"it_order": "Anordnung nach italienischem Recht", "state_warrant": "Durchsuchungsbeschluss eines US-Bundesstaates",
		"state_order": "Gerichtsbeschluss eines US-Bundesstaates", "state_grand_jury_subpoena": "Subpoena einer Grand Jury eines US-Bundesstaates",
		"state_admin_subpoena": "behördliche Subpoena eines US-Bundesstaates", "customer_consent": "Einwilligung des Kunden",
		"telemarketing_request": "schriftliches Ersuchen wegen Betrugs im Telefonverkauf", "other": "ein anderes Schreiben", "none": "keine Anordnung",
	},
}}
