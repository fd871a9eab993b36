package evidence

var words = map[string]labels{
	"en": {
		Title: "Answer to demand", Asked: "What was compelled", Who: "Authority", Instrument: "Instrument", Reference: "Reference", Received: "Received",
		Compelled: "The instrument compels", Approved: "Approved scope", Given: "What is given", Account: "Account", Service: "Service", Items: "Items", Bytes: "Bytes",
		Split: "Of these split", SplitNote: "A split item lies inside by the time that counts and outside by its other time. It is given and marked.",
		Held: "What was withheld, and why", Reason: "Reason", Rows: "Number", Detail: "Detail", Files: "Files", File: "File", Category: "Category",
		ReceivedAt: "Received", SentAt: "Sent", HeldNote: "Near: outside by the time that counts, inside by its other time. Undated: no usable time. Unreadable: found and not readable. A reference names the item to the provider alone.", Ref: "Reference", More: "At most 500 are listed here; all are in", HowChosen: "How the items were chosen",
		ByGate: "The gate judged every item against the approved scope.", ByHand: "Not gate-filtered. A person collected an export by hand with the store's own tools; the gate compared no item with the approved scope. It gave exactly the files that were approved.",
		Collected: "Sealed", Check: "How to check", CheckText: "The file READ-ME-FIRST.txt beside the encrypted package says how to check signature, ledger proof and digests.",
		NoItems: "No item is given.", NothingHeld: "Nothing was withheld.", Digest: "SHA-256",
	},
	"de": {
		Title: "Antwort auf das Ersuchen", Asked: "Was angeordnet wurde", Who: "Behörde", Instrument: "Anordnung", Reference: "Aktenzeichen", Received: "Eingegangen",
		Compelled: "Die Anordnung verlangt", Approved: "Genehmigter Umfang", Given: "Was herausgegeben wird", Account: "Konto", Service: "Dienst", Items: "Objekte", Bytes: "Bytes",
		Split: "Davon geteilt", SplitNote: "Ein geteiltes Objekt liegt nach der maßgeblichen Zeit innerhalb, nach seiner anderen Zeit außerhalb. Es wird herausgegeben und gekennzeichnet.",
		Held: "Was zurückgehalten wurde und warum", Reason: "Grund", Rows: "Anzahl", Detail: "Einzelheit", Files: "Dateien", File: "Datei", Category: "Kategorie",
		ReceivedAt: "Empfangen", SentAt: "Gesendet", HeldNote: "Near: nach der maßgeblichen Zeit außerhalb, nach der anderen innerhalb. Undated: ohne brauchbare Zeit. Unreadable: gefunden und nicht lesbar. Ein Verweis benennt das Objekt nur für den Anbieter.", Ref: "Verweis", More: "Hier stehen höchstens 500; vollständig in", HowChosen: "Wie die Objekte ausgewählt wurden",
		ByGate: "Das Gate hat jedes Objekt am genehmigten Umfang geprüft.", ByHand: "Nicht vom Gate gefiltert. Eine Person hat von Hand, mit den Werkzeugen des Speichers, einen Export erstellt; das Gate hat kein Objekt am genehmigten Umfang geprüft. Herausgegeben werden genau die Dateien, die genehmigt wurden.",
		Collected: "Verschlossen", Check: "Wie man prüft", CheckText: "Die Datei READ-ME-FIRST.txt neben dem verschlüsselten Paket erklärt, wie Signatur, Protokollnachweis und Prüfsummen geprüft werden.",
		NoItems: "Es wird kein Objekt herausgegeben.", NothingHeld: "Es wurde nichts zurückgehalten.", Digest: "SHA-256",
	},
	"da": {
		Title: "Svar på anmodning", Asked: "Hvad der er pålagt", Who: "Myndighed", Instrument: "Afgørelse", Reference: "Sagsnummer", Received: "Modtaget",
		Compelled: "Afgørelsen kræver", Approved: "Godkendt omfang", Given: "Hvad der udleveres", Account: "Konto", Service: "Tjeneste", Items: "Elementer", Bytes: "Byte",
		Split: "Heraf delte", SplitNote: "Et delt element ligger inden for efter det tidspunkt, der tæller, og uden for efter sit andet tidspunkt. Det udleveres og er markeret.",
		Held: "Hvad der er holdt tilbage, og hvorfor", Reason: "Grund", Rows: "Antal", Detail: "Nærmere", Files: "Filer", File: "Fil", Category: "Kategori",
		ReceivedAt: "Modtaget", SentAt: "Sendt", HeldNote: "Near: uden for efter det tidspunkt, der tæller, inden for efter det andet. Undated: intet brugbart tidspunkt. Unreadable: fundet, men ikke læsbart. En henvisning udpeger kun elementet for udbyderen.", Ref: "Henvisning", More: "Her står højst 500; alle står i", HowChosen: "Hvordan elementerne er valgt",
		ByGate: "Gaten har holdt hvert element op mod det godkendte omfang.", ByHand: "Ikke filtreret af gaten. En person har i hånden, med lagerets egne værktøjer, lavet en eksport; gaten har ikke holdt noget element op mod det godkendte omfang. Der udleveres præcis de filer, der er godkendt.",
		Collected: "Forseglet", Check: "Sådan kontrolleres pakken", CheckText: "Filen READ-ME-FIRST.txt ved siden af den krypterede pakke fortæller, hvordan signatur, logbevis og kontrolsummer kontrolleres.",
		NoItems: "Der udleveres ingen elementer.", NothingHeld: "Intet er holdt tilbage.", Digest: "SHA-256",
	},
	"it": {
		Title: "Risposta alla richiesta", Asked: "Che cosa è stato ordinato", Who: "Autorità", Instrument: "Provvedimento", Reference: "Riferimento", Received: "Ricevuta",
		Compelled: "Il provvedimento impone", Approved: "Ambito approvato", Given: "Che cosa viene consegnato", Account: "Account", Service: "Servizio", Items: "Elementi", Bytes: "Byte",
		Split: "Di cui divisi", SplitNote: "Un elemento diviso rientra nell'intervallo secondo l'ora che conta e ne resta fuori secondo l'altra. Viene consegnato e contrassegnato.",
		Held: "Che cosa è stato trattenuto, e perché", Reason: "Motivo", Rows: "Numero", Detail: "Dettaglio", Files: "File", File: "File", Category: "Categoria",
		ReceivedAt: "Ricevuto", SentAt: "Inviato", HeldNote: "Near: fuori secondo l'ora che conta, dentro secondo l'altra. Undated: nessuna ora utilizzabile. Unreadable: trovato ma non leggibile. Un rinvio indica l'elemento al solo fornitore.", Ref: "Rinvio", More: "Qui ne figurano al massimo 500; tutti sono in", HowChosen: "Come sono stati scelti gli elementi",
		ByGate: "Il gate ha valutato ogni elemento rispetto all'ambito approvato.", ByHand: "Non filtrato dal gate. Una persona ha raccolto a mano un'esportazione con gli strumenti dell'archivio; il gate non ha confrontato alcun elemento con l'ambito approvato. Sono consegnati esattamente i file approvati.",
		Collected: "Sigillato", Check: "Come verificare", CheckText: "Il file READ-ME-FIRST.txt accanto al pacchetto cifrato spiega come verificare la firma, la prova del registro e le impronte.",
		NoItems: "Non viene consegnato alcun elemento.", NothingHeld: "Nulla è stato trattenuto.", Digest: "SHA-256",
	},
}
