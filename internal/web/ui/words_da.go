package ui

// danish are the words that customers and officers read; what only staff read is
// in English.
var danish = &Words{Lang: "da", groups: map[Group]map[string]string{
	Services:   {"records": "kontooplysninger", "mail": "e-mail", "files": "filer", "calls": "opkald og telefonsvarerbeskeder", "messages": "beskeder"},
	Categories: {"subscriber": "abonnentdata", "identification": "data til identifikation af brugeren", "traffic": "trafikdata", "content": "indholdsdata"},
	Bases:      {"received": "efter modtagelsestidspunkt", "sent": "efter det tidspunkt, som afsenderen angiver"},
	Checks:     {"text": "læst i kilden", "secondary": "fra anden hånd", "unchecked": "ikke efterprøvet i kilden"},
	Statuses: {"received": "modtaget", "checking": "under undersøgelse", "waiting for us": "venter på os", "waiting for you": "venter på myndigheden",
		"on hold by law": "standset ifølge lov", "answered in part": "delvist besvaret", "closed": "afsluttet"},
	Channels: {
		"direct": "direkte til selskabet", "representative": "gennem det forretningssted eller den repræsentant, der er udpeget til det", "agreement": "efter en aftale mellem to stater",
		"treaty": "retshjælp mellem stater", "preservation": "en anmodning mellem stater om at sikre data", "consent": "gennem den, der må give dem",
	},
	Papers: {
		"sca_warrant": "kendelse efter 18 USC 2703", "fisa_directive": "påbud efter 50 USC 1881a", "epoc": "europæisk editionskendelse", "treaty_request": "anmodning om gensidig retshjælp",
		"budapest_request": "anmodning efter Budapestkonventionen", "emergency_request": "hasteanmodning ved livsfare", "copo": "britisk overseas production order",
		"ipa_notice": "påbud efter Investigatory Powers Act 2016", "ie_order": "kendelse efter irsk ret", "de_order": "kendelse efter tysk ret",
		"dk_order": "kendelse efter dansk ret", "it_order": "kendelse efter italiensk ret",
		"grand_jury_subpoena": "pålæg om oplysninger (subpoena)", "sca_d_order": "kendelse efter 18 USC 2703(d)",
	},
}}
