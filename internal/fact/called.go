package fact

import "strings"

// called are words by which people look for a fact that its name and meaning do not
// hold, apart by semicolons. They are for searching alone.
var called = [Count]string{
	Kind: "type of demand; nature of request; freeze; stored; existing", Requester: "sender; applicant; who demands; party", IssuingCountry: "nation; foreign; from which country; jurisdiction",
	Authority: "agency name; office", AuthorityKind: "agency type; police force; body", Signer: "signature by; signed by; ordered by; issued by; rank; who issued; who ordered; magistrate; Richter; giudice; dommer; juge; juez; Staatsanwalt; procureur; fiscal; officier van justitie; rechter-commissaris",
	Validator: "confirmed by; approved by; authorised by; validated by; endorsed by; agreed by; leave of; authorisation; authorization; validation; approval; countersigned; ratified; magistrate; investigating judge; convalida; rechter-commissaris", Instrument: "document; order type; warrant; subpoena; paper type; legal process", Forum: "venue; tribunal; district; circuit",
	EntityServed: "subsidiary; which company; addressee", EntityCountry: "place of incorporation; establishment; seat of the company", Control: "possession; custody; holds the data; access to data",
	ProviderRole: "data protection role", CustomerKind: "type of customer; business; enterprise; consumer; private person; lawyer; doctor", CustomerCountry: "residence; domicile; nationality; where the customer lives",
	CustomerUSPerson: "american; citizen; nationality; green card", AsksSubscriber: "basic subscriber information; BSI; user data; account data; name and address; account holder; registration data", AsksIdentification: "IP address; port; sole purpose of identifying the user; identify the user; who used; login; access data; user data",
	AsksTraffic: "metadata; headers; logs; login; call records; connection data; traffic data; user data; non-content; pen register", AsksContent: "messages; mail bodies; mailbox; e-mails; files; communications; substance", Fields: "categories; data types; items; records; passwords; location",
	ContentAge: "180 days; stored how long; old mail", TargetsNamed: "particularity; number of targets; accounts; persons named", DatesStated: "period; time range; date range; timeframe",
	Prospective: "live; future; real time; real-time; interception; intercepted; not exist yet; transmitted; wiretap; tap; monitor; monitoring; ongoing; surveillance", StorageCountry: "data location; server; data centre; where stored",
	OffenceMaxMonths: "maximum penalty; highest penalty; penalty; punishable; punishment; sentence; gravity; serious crime; years of imprisonment; felony", Signed: "when issued; date of issue; date of issuance; date of the order; dated; signature", Served: "when executed; execute; execution; service; delivered; notified",
	Received: "arrived; receipt; got", ReceivedAt: "hour of receipt; arrival; time received; 8 hours; 48 hours", Effective: "start; begins; commencement; in effect from", Expiry: "end; expires; runs out; until; validity",
	AsOf: "today; now; current date; day in question; relevant day", SecrecySource: "gag; gag order; nondisclosure; non-disclosure; confidentiality; secrecy order; delayed notice", SecrecySigner: "gag signed by; who ordered the gag",
	SecrecyUntil: "gag ends; end of nondisclosure; gag expires", SecrecyTerm: "length of the gag; duration; indefinite gag", SecrecyReasons: "grounds of the gag; findings; justification", SecrecyScope: "gag exceptions; counsel; lawyer; whom may we tell",
	Emergency: "danger to life; danger; exigent; urgent; urgency; threat to life; imminent; periculum", Verified: "authentic; genuine; called back; identity checked", GovernmentNotice: "notice to the subscriber; delayed notice; notification", Geofence: "area search; tower dump; cell tower; reverse location",
	Assistance: "technical assistance; backdoor; decrypt; unlock; help; break in", Binding: "compulsory; mandatory; compelled; voluntary; obligation", Bulk: "mass; dragnet; indiscriminate; keyword; reverse search", DirectAccess: "backdoor; portal into our systems; remote access",
	Renewed: "extended; extension; prolonged; renewal", ConflictCountry: "blocking statute; foreign law; conflict of laws", EnforcingCountry: "executing state; enforcing state", AuthorityNotified: "notification of the state; notified",
	EnforcingReply: "grounds for refusal; answer of the enforcing authority", OffenceCountry: "place of the crime; locus", OffenceList: "list of crimes; catalogue offence; listed offence", ByInformationSystem: "committed by means of; committed with; computer; terminal; cybercrime; computer crime; hacking; online",
	ProcessorGround: "why not the controller", ControllerTold: "customer informed; controller informed", Privilege: "legal privilege; attorney; journalist; immunity; professional secret", PrivilegeWaived: "waiver; released from secrecy",
	Channel: "route; delivery; e-mail; post; how sent; MLAT", ChannelExcused: "wrong channel", LanguageAccepted: "translation; language of the order; translated", ClarificationAsked: "question to the authority; query sent", Clarification: "question; query",
	Conflict: "conflict of laws; comity; blocking statute", ObjectionRaised: "motion to quash; challenge; appeal; opposition; contest", ProductionAnnounced: "follow-up order; production order to come", MLAAgreement: "MLAT; treaty; mutual legal assistance; CLOUD Act",
	GDPRBasis: "lawful basis; Article 6; legal ground", TransferGround: "third country transfer; Article 49; adequacy", LegalBasisStated: "statute cited; legal authority stated", ReasonsStated: "motivation; reasoning; grounds; justification", ReasonsExcused: "reasons withheld; secret reasons",
	RedressStated: "remedy; appeal information; legal remedies", Granted: "issued; issue; issuance; made; authorised; ordered; when granted", Cancelled: "revoked; withdrawn; rescinded; quashed; lifted", Due: "deadline; time limit; return date; answer by", Answered: "replied; complied; produced; response",
	AnsweredAt: "time of reply; when answered", PaperReceived: "follow-up paperwork; written confirmation", SenderFlagged: "fake; forged; impersonation; fraud; suspicious", WiderThanDanger: "overbroad; proportionate; excessive; too much",
	EnterpriseAsked: "go to the customer first; company asked; redirect", SecrecyContested: "gag challenged; nondisclosure challenged", StayRecorded: "suspended; stay; injunction", ReviewAsked: "reciprocal notice; judicial review", NoticeGiven: "customer notified; user informed; notification",
	AuthorityLevel: "federal; state; local; county", ContentKeys: "encryption; end-to-end; decrypt; key", ProvisionNamed: "statute cited; section cited; article", OffenceHere: "dual criminality; double criminality",
	USState: "state court; Texas; California; which State; county; state law", EntityUSState: "incorporated; Delaware; headquarters; domestic company; foreign corporation", Attested: "attestation; affidavit; sworn; declaration", ProtectedConduct: "abortion; reproductive; gender-affirming; shield law",
	Proceedings: "trial; investigation; execution of a sentence; fugitive", Publication: "transparency report; warrant canary; statistics", Library: "public library", Costs: "reimbursement; fees; expenses; payment", Heard: "hearing; adversarial; right to be heard", RetainedOnly: "data retention; retained data",
	LargeAnswer: "size; volume; megabytes", ThreatSuspected: "duty to report; suspicion of crime", ThreatReported: "report made; told the police", Enforcement: "execution; penalty; enforcement stage", EnforcementAsked: "transfer; when enforcement began", EnforcementDue: "deadline of enforcement; time to object",
	ForOtherState: "on behalf of a foreign state; passed on; third state", BackupCopy: "backup; copy; preservation copy",
}

// papers say what each word of the fact instrument stands for, with words by which it is
// looked for after a bar.
var papers = map[string]string{
	"none":        "no paper of a court or authority: a mere letter, mail or call, of a private claimant, too | informal; phone call; oral; private party; claimant's letter; lawyer's letter; civil party; cease and desist; Abmahnung",
	"other":       "a paper that is none of these, a private party's too | private party; civil party",
	"sca_warrant": "United States: search warrant for stored content, 18 USC 2703(a) | search warrant; federal warrant; Rule 41", "sca_d_order": "United States: court order under 18 USC 2703(d) | d-order; specific and articulable facts",
	"admin_subpoena": "United States: subpoena of an agency, without a court | administrative subpoena; summons; DEA; SEC", "grand_jury_subpoena": "United States: subpoena of a federal grand jury",
	"trial_subpoena": "United States: subpoena for a criminal trial | duces tecum; Rule 17", "civil_subpoena": "United States: subpoena of a party to a civil case | duces tecum; Rule 45; litigation; discovery; private party; plaintiff; claimant; civil party",
	"preservation_letter": "United States: request to preserve, 18 USC 2703(f) | freeze; retain; preservation request", "emergency_request": "request without compulsion, for danger to life | exigent; EDR; voluntary disclosure",
	"nsl": "United States: National Security Letter, 18 USC 2709 | FBI; counterintelligence", "pen_trap_order": "United States: pen register and trap and trace order, 18 USC 3123 | metadata; real time; live",
	"wiretap_order": "United States: interception order, 18 USC 2518 | Title III; live; interception; tap; real time", "fisa_directive": "United States: directive or order under FISA | 702; foreign intelligence; surveillance",
	"all_writs_order": "United States: order under the All Writs Act, 28 USC 1651 | technical assistance; unlock", "executive_agreement_order": "order under an executive agreement, 18 USC 2523 | CLOUD Act; United Kingdom; Australia; OPO",
	"epoc": "European Union: European Production Order Certificate, Reg. 2023/1543 | EPO; e-evidence; production order", "epoc_pr": "European Union: European Preservation Order Certificate, Reg. 2023/1543 | preservation; freeze; e-evidence",
	"treaty_request": "request under a treaty on mutual legal assistance | MLAT; letters rogatory; rogatory; EIO; European Investigation Order", "foreign_order": "order of another state's authority, that has no word of its own here | foreign court; Belgium; Bulgaria; France; Netherlands; Spain; vordering; bevel; réquisition; oficio",
	"dsa_order": "European Union: order under the Digital Services Act, Reg. 2022/2065 | Article 9; Article 10; illegal content", "copo": "United Kingdom: overseas production order | COPO; 2019 Act; Britain",
	"ipa_warrant": "United Kingdom: warrant under the Investigatory Powers Act 2016 | interception; live; tap; Britain; real time", "ipa_notice": "United Kingdom: notice under the Investigatory Powers Act 2016 | communications data; Britain",
	"ie_order": "Ireland: order of an Irish court or officer | Irish; Garda", "de_order": "Germany: Anordnung of a German court, prosecutor or police | German; Beschluss; StPO; Auskunft; interception",
	"dk_order": "Denmark: kendelse of a Danish court, or pålæg | Danish; edition; retsplejeloven; interception", "it_order": "Italy: decreto of an Italian judge or public prosecutor | Italian; decreto; intercettazione; interception; search warrant; pubblico ministero; GIP",
	"ipa_authorisation": "United Kingdom: authorisation to obtain communications data, Investigatory Powers Act 2016 | Britain; part 3", "ipa_urgent_authorisation": "United Kingdom: the same, granted in urgency | Britain; urgent",
	"ipa_technical_notice": "United Kingdom: technical capability notice, Investigatory Powers Act 2016 | Britain; TCN; encryption", "budapest_request": "request under the Budapest Convention or its second protocol | cybercrime convention; Council of Europe",
	"state_warrant": "a State of the United States: search warrant | state search warrant; county; Texas; California", "state_order": "a State of the United States: court order | county; Texas; California",
	"state_grand_jury_subpoena": "a State of the United States: subpoena of a grand jury", "state_admin_subpoena": "a State of the United States: subpoena of an agency or prosecutor | administrative",
	"customer_consent": "consent of the customer | permission; authorisation by the user", "telemarketing_request": "United States: request about telemarketing fraud, 18 USC 2703(c)(1)(D)",
}

// stateNames are those of usStates, in that order, apart by semicolons.
const stateNames = "Alabama;Alaska;Arizona;Arkansas;California;Colorado;Connecticut;Delaware;District of Columbia;Florida;Georgia;Hawaii;Idaho;Illinois;Indiana;Iowa;Kansas;Kentucky;Louisiana;Maine;Maryland;Massachusetts;Michigan;Minnesota;Mississippi;Missouri;Montana;Nebraska;Nevada;New Hampshire;New Jersey;New Mexico;New York;North Carolina;North Dakota;Ohio;Oklahoma;Oregon;Pennsylvania;Rhode Island;South Carolina;South Dakota;Tennessee;Texas;Utah;Vermont;Virginia;Washington;West Virginia;Wisconsin;Wyoming"

// StateName is the name of a State of the United States by its two letters; what is none
// stays.
func StateName(code string) string {
	i, ok := schema[USState].Index(code)
	if !ok {
		return code
	}
	return strings.Split(stateNames, ";")[i]
}

// courtStates are the States and territories by the names that district courts have.
var courtStates = map[string]string{
	"ala": "Alabama", "alaska": "Alaska", "ariz": "Arizona", "ark": "Arkansas", "cal": "California", "colo": "Colorado", "conn": "Connecticut", "del": "Delaware", "fla": "Florida", "ga": "Georgia", "guam": "Guam",
	"haw": "Hawaii", "idaho": "Idaho", "ill": "Illinois", "ind": "Indiana", "iowa": "Iowa", "kan": "Kansas", "ky": "Kentucky", "la": "Louisiana", "mass": "Massachusetts", "md": "Maryland", "me": "Maine", "mich": "Michigan",
	"minn": "Minnesota", "miss": "Mississippi", "mo": "Missouri", "mont": "Montana", "nc": "North Carolina", "nd": "North Dakota", "neb": "Nebraska", "nev": "Nevada", "nh": "New Hampshire", "nj": "New Jersey", "nm": "New Mexico",
	"nmi": "Northern Mariana Islands", "ny": "New York", "ohio": "Ohio", "okla": "Oklahoma", "or": "Oregon", "pa": "Pennsylvania", "pr": "Puerto Rico", "ri": "Rhode Island", "sc": "South Carolina", "sd": "South Dakota",
	"tenn": "Tennessee", "tex": "Texas", "utah": "Utah", "va": "Virginia", "vi": "Virgin Islands", "vt": "Vermont", "wash": "Washington", "wis": "Wisconsin", "wva": "West Virginia", "wyo": "Wyoming", "dc": "District of Columbia",
}

var otherCourts = map[string]string{
	"us.supreme": "Supreme Court of the United States", "us.fisc": "Foreign Intelligence Surveillance Court", "us.state": "the courts of a State of the United States; which State: the fact us_state", "us.military": "courts-martial of the United States",
	"eu": "courts of the European Union | Luxembourg", "ie": "Ireland | Irish; Dublin", "de": "Germany | German", "dk": "Denmark | Danish; Copenhagen", "it": "Italy | Italian; Rome; Milan", "uk": "United Kingdom | Britain; England; Scotland; Wales; London", "other": "any other court",
	"us.ddc": "District of Columbia", "us.dc_cir": "Court of Appeals, District of Columbia Circuit", "us.fed_cir": "Court of Appeals, Federal Circuit",
}

// courtName says which court a word of the fact forum is.
func courtName(word string) string {
	if name := otherCourts[word]; name != "" {
		return name
	}
	short := strings.TrimPrefix(word, "us.")
	if n, ok := strings.CutSuffix(short, "_cir"); ok {
		return "Court of Appeals, " + n + " Circuit"
	}
	if state, ok := strings.CutPrefix(short, "d_"); ok {
		return "District of " + courtStates[state]
	}
	part := map[string]string{"e": "Eastern", "w": "Western", "n": "Northern", "s": "Southern", "m": "Middle", "c": "Central"}[short[:1]]
	return part + " District of " + courtStates[short[2:]]
}
