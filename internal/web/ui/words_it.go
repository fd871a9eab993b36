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
		"sca_warrant": "mandato ai sensi di 18 USC 2703", "fisa_directive": "direttiva ai sensi di 50 USC 1881a", "epoc": "ordine europeo di produzione", "treaty_request": "richiesta di assistenza giudiziaria",
		"budapest_request": "richiesta ai sensi della Convenzione di Budapest", "emergency_request": "richiesta d’emergenza per pericolo di vita", "copo": "overseas production order britannico",
		"ipa_notice": "ordine ai sensi dell’Investigatory Powers Act 2016", "ie_order": "ordine di diritto irlandese", "de_order": "ordine di diritto tedesco",
		"dk_order": "ordine di diritto danese", "it_order": "ordine di diritto italiano",
		"grand_jury_subpoena": "ordine di esibizione (subpoena)", "sca_d_order": "ordine ai sensi di 18 USC 2703(d)",
	},
}}
