package intake

// What a letter asks is told by few words. Each expression is matched in lower case;
// a space stands for any white space. They err to the side of finding: what is found
// twice over, keeping and giving, is left to the reader.
var (
	// keeping asks that data be kept.
	keeping = words(`preserv(?:e|ed|ing|ation)|` +
		`(?:vorläufig|umgehend|unverzüglich|schnellstmöglich)e[nr]? (?:daten)?sicherung|sicherung (?:der|von|aller|sämtlicher|gespeicherter)|(?:zu|vorläufig|umgehend) sichern|sichern sie|um sicherung|gesichert|sicherungs(?:ersuchen|anordnung|anordnungen|verlangen)|quick[- ]freeze|einfrieren|einzufrieren|` +
		`hastesikr(?:e|es|et|ing|ingen)|sikring(?:en)?|sikres|sikret|sikre (?:alle|data|de|elektroniske|indholdet|oplysninger)|sikringskendelsen?|sikringspålæg(?:get)?|` +
		`conservazione (?:rapida|urgente|immediata|dei dati|dei contenuti|di)|(?:ordine|certificato|richiesta) (?:europeo )?di conservazione|conservare|conservat[aeio]|congelamento|congelare|preservare|preservazione`)

	// giving asks that data be given.
	giving = words(`produce|disclose|provide|furnish|surrender|hand over|turn over|supply|send us|give us|production of (?:the|all|any|records|data)|` +
		`herausgeben|herausgibt|herauszugeben|herausgabe|übermitteln|übermittlung|übersenden|auszuhändigen|vorzulegen|mitzuteilen|teilen sie|auskunft|` +
		`udlevere[rs]?|udlevering|fremsende[rs]?|videregive[rs]?|at oplyse|oplyses|sende os|` +
		`esibire|esibizione|produrre|consegnare|consegna|fornire|trasmettere|trasmissione|comunicare|inviare|inviarci|fornirci|acquisizione`)

	// An answer about the asking itself is none about data.
	acknowledgement = words(`^ (?:[^\s.;]+ ){0,4}(?:confirmation|acknowledge?ments?|receipt|ticket|reference|bestätigung|empfangsbestätigung|eingangsbestätigung|bekræftelse|kvittering|conferma|riscontro|ricevuta)\b`)

	// asking is a request and no more.
	asking = words(`please|(?:we|i) (?:kindly |would like to |would |hereby |write to )?(?:ask|request)|would be (?:most |very |really )?(?:helpful|grateful|appreciated)|could you|` +
		`bitte|wir bitten|bitten wir|wird gebeten|erbitten|wir ersuchen|wären (?:wir )?(?:ihnen )?(?:sehr )?dankbar|` +
		`(?:vi|jeg) beder|bedes|venligst|(?:vi|jeg) anmoder|anmodes|vi vil gerne (?:bede|have)|må vi bede|` +
		`si chiede|si richiede|si prega|chiediamo|vi preghiamo|preghiamo|vorremmo|saremmo grati|vi chiediamo`)

	// aboutData tells that a sentence asks about customers at all.
	aboutData = words(`\b(?:e?mails?|mailbox(?:es)?|accounts?|data|records|logs?|log-ins|messages|subscribers?|customers?|users?|` +
		`konto|konten|kontos|daten|e-mails|nachrichten|postfach|kunden?|kundin|nutzers?|verbindungsdaten|bestandsdaten|` +
		`kontoen|mailen|postkassen?|oplysninger|beskeder|kunden|bruger(?:en|ne)?|abonnenten|` +
		`dati|caselle?|messaggi|utenza|utente|cliente|intestatario|registri|posta)\b`)

	// papers are the words for what orders: without one of them, and without a
	// provision, a letter is a mere request.
	papers = words(`(?:court |production |judicial |disclosure )?orders?|ordered|commanded|subpoenas?|subpoenaed|warrants?|summons|certificates?|directive|authori[sz]ation|national security letters?|(?:retention|capability|communications data) notice|notice (?:is )?(?:given )?(?:under|pursuant to)|` +
		`(?:durchsuchungs|beschlagnahme|gerichts)?beschl(?:uss|usses|üsse)|(?:sicherungs|herausgabe|beschlagnahme)?anordnung(?:en)?|angeordnet|verfügung(?:en)?|bescheid(?:s|es)?|urteil|zertifikat|epoc|epoc-pr|` +
		`(?:rets|editions|sikrings)?kendelser?n?|pålæg|pålægges|sikringspålæg|dom|editionspålæg|certifikat|` +
		`decret[oi]|ordin[ei]|ordinanz[ae]|mandat[oi]|sequestro|certificat[oi]|ordina|dispone|rogatoria`)

	// In order to, Ordnung and the like: words that only look like papers.
	noPaper = words(`^(?:in order|in short order|orders? of (?:magnitude|business)|in ordine (?:a|al|alla)|purchase orders?|your orders?|gift certificates?)\b`)

	// provisions are how statutes are cited.
	provisions = words(`§|u\.? ?s\.? ?c\.?|\bacts? (?:of )?[12][0-9]{3}|\bsections? [0-9]|\bsec\. ?[0-9]|\bart(?:icles?|ikel|icol[oi]|t)?\.? ?[0-9]+|\bregulation \(e|\bverordnung \(e|\bforordning \(e|\bregolamento \(u|\bstpo\b|\bretsplejelov|\bc\.p\.p\b|\bd\.? ?lgs\b|\bcodice (?:privacy|di procedura|in materia)|cybercrime|budapest|\brule [0-9]+`)
)
