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
		"sca_warrant": "kendelse efter 18 USC 2703", "sca_d_order": "påbud efter 18 USC 2703(d)", "admin_subpoena": "administrativ subpoena",
		"grand_jury_subpoena": "subpoena fra en grand jury", "trial_subpoena": "subpoena under retssagen", "civil_subpoena": "subpoena fra en privat part",
		"preservation_letter": "anmodning om sikring efter 18 USC 2703(f)", "emergency_request": "hasteanmodning ved livsfare",
		"nsl": "national security letter efter 18 USC 2709", "pen_trap_order": "kendelse efter 18 USC 3123 (forbindelser fremover)",
		"wiretap_order": "aflytningskendelse efter 18 USC 2518", "fisa_directive": "påbud efter 50 USC 1881a", "all_writs_order": "kendelse efter All Writs Act",
		"executive_agreement_order": "kendelse efter en aftale i henhold til 18 USC 2523", "epoc": "europæisk editionskendelse", "epoc_pr": "europæisk sikringskendelse",
		"treaty_request": "anmodning om gensidig retshjælp", "foreign_order": "en anden stats kendelse, sendt direkte til os",
		"dsa_order": "påbud om oplysninger efter forordning (EU) 2022/2065", "copo": "britisk overseas production order",
		"ipa_warrant": "warrant efter Investigatory Powers Act 2016", "ipa_notice": "påbud efter Investigatory Powers Act 2016",
		"ipa_authorisation": "bemyndigelse efter Investigatory Powers Act 2016", "ipa_urgent_authorisation": "hastebemyndigelse efter Investigatory Powers Act 2016",
		"ipa_technical_notice": "technical capability notice efter Investigatory Powers Act 2016", "budapest_request": "anmodning efter Budapestkonventionen",
		"ie_order": "kendelse efter irsk ret", "de_order": "kendelse efter tysk ret", "dk_order": "kendelse efter dansk ret", "it_order": "kendelse efter italiensk ret",
		"state_warrant": "ransagningskendelse fra en amerikansk delstat", "state_order": "retskendelse fra en amerikansk delstat",
		"state_grand_jury_subpoena": "subpoena fra en grand jury i en amerikansk delstat", "state_admin_subpoena": "administrativ subpoena fra en amerikansk delstat",
		"customer_consent": "kundens samtykke", "telemarketing_request": "skriftlig anmodning om svindel ved telefonsalg", "other": "et andet papir", "none": "ingen kendelse",
	},
}}
