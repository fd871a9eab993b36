package ui

// italian are the words that customers and officers read; what only staff read is
// in English.
var italian = &Words{Lang: "it", groups: map[Group]map[string]string{
	Services:   {"records": "dati dell’account", "mail": "posta elettronica", "files": "file", "calls": "chiamate e messaggi vocali", "messages": "messaggi"},
	Categories: {"subscriber": "dati relativi agli abbonati", "identification": "dati per identificare l’utente", "traffic": "dati sul traffico", "content": "dati relativi al contenuto"},
	Bases:      {"received": "secondo l’ora di ricezione", "sent": "secondo l’ora indicata dal mittente"},
	Checks:     {"text": "letto nella fonte", "secondary": "da fonte secondaria", "unchecked": "non verificato nella fonte"},
	Statuses: {"received": "ricevuta", "checking": "in esame", "waiting for us": "in attesa di noi", "waiting for you": "in attesa dell’autorità",
		"on hold by law": "sospesa per legge", "answered in part": "risposta in parte", "closed": "chiusa"},
	Channels: {
		"direct": "direttamente alla società", "representative": "tramite lo stabilimento o il rappresentante designato", "agreement": "in base a un accordo tra due Stati",
		"treaty": "assistenza giudiziaria tra Stati", "preservation": "una richiesta tra Stati di conservare i dati", "consent": "tramite chi può darli",
	},
	Papers: {
		"sca_warrant": "mandato ai sensi di 18 USC 2703", "sca_d_order": "ordine ai sensi di 18 USC 2703(d)", "admin_subpoena": "subpoena amministrativa",
		"grand_jury_subpoena": "subpoena di una grand jury", "trial_subpoena": "subpoena dibattimentale", "civil_subpoena": "subpoena di una parte privata",
		"preservation_letter": "richiesta di conservazione ai sensi di 18 USC 2703(f)", "emergency_request": "richiesta d’emergenza per pericolo di vita",
		"nsl": "national security letter ai sensi di 18 USC 2709", "pen_trap_order": "ordine ai sensi di 18 USC 3123 (contatti futuri)",
		"wiretap_order": "ordine di intercettazione ai sensi di 18 USC 2518", "fisa_directive": "direttiva ai sensi di 50 USC 1881a",
		"all_writs_order": "ordine ai sensi dell’All Writs Act", "executive_agreement_order": "ordine in base a un accordo ai sensi di 18 USC 2523",
		"epoc": "ordine europeo di produzione", "epoc_pr": "ordine europeo di conservazione", "treaty_request": "richiesta di assistenza giudiziaria",
		"foreign_order": "ordine di un altro Stato, inviato direttamente a noi", "dsa_order": "ordine di fornire informazioni ai sensi del regolamento (UE) 2022/2065",
		"copo": "overseas production order britannico", "ipa_warrant": "warrant ai sensi dell’Investigatory Powers Act 2016",
		"ipa_notice": "ordine ai sensi dell’Investigatory Powers Act 2016", "ipa_authorisation": "autorizzazione ai sensi dell’Investigatory Powers Act 2016",
		"ipa_urgent_authorisation": "autorizzazione urgente ai sensi dell’Investigatory Powers Act 2016",
		"ipa_technical_notice":     "technical capability notice ai sensi dell’Investigatory Powers Act 2016",
		"budapest_request":         "richiesta ai sensi della Convenzione di Budapest", "ie_order": "ordine di diritto irlandese", "de_order": "ordine di diritto tedesco",
		"dk_order": "ordine di diritto danese", "it_order": "ordine di diritto italiano", "state_warrant": "mandato di perquisizione di uno Stato degli Stati Uniti",
		"state_order": "ordine giudiziario di uno Stato degli Stati Uniti", "state_grand_jury_subpoena": "subpoena di una grand jury di uno Stato degli Stati Uniti",
		"state_admin_subpoena": "subpoena amministrativa di uno Stato degli Stati Uniti", "customer_consent": "consenso del cliente",
		"telemarketing_request": "richiesta scritta per frode nelle vendite telefoniche", "other": "un altro atto", "none": "nessun atto",
	},
}}
