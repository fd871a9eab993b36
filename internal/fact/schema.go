package fact

import "strings"

// Type is how a fact is stated and kept.
type Type uint8

const (
	Bool    Type = iota // true or false
	Enum                // one word from a closed list
	Int                 // a whole number between Min and Max
	Date                // a civil date, YYYY-MM-DD
	Instant             // a moment, RFC 3339 with seconds and offset; kept in UTC, whole seconds
	Set                 // any number of words from a closed list, none included
	Country             // two capital letters, ISO 3166-1 alpha-2 form; GB for the United Kingdom
	Token               // an identifier of ours, lower case: letters, digits and single . _ - between them
)

var typeNames = [...]string{"bool", "enum", "integer", "date", "instant", "set", "country", "token"}

func (t Type) String() string { return typeNames[t] }

// Limits that hold for every Facts value.
const (
	MaxToken = 64   // bytes of a token
	MinYear  = 1970 // first year of dates and instants
	MaxYear  = 2199 // last year of dates and instants
	MaxFacts = 128  // slots the binary form has room for
	MaxInput = 64 << 10
)

// Def is one line of the schema.
type Def struct {
	Name     string
	Type     Type
	Values   []string // Enum and Set: the closed list, in slot order
	Min, Max int64    // Int
	Meaning  string
}

// Key is the slot number of a fact.
type Key uint8

// Count is the number of facts in the schema.
const Count = int(end)

// Slots. The order is the binary form: add at the end, never remove or move.
const (
	Kind Key = iota
	Requester
	IssuingCountry
	Authority
	AuthorityKind
	Signer
	Validator
	Instrument
	Forum
	EntityServed
	EntityCountry
	Control
	ProviderRole
	CustomerKind
	CustomerCountry
	CustomerUSPerson
	AsksSubscriber
	AsksIdentification
	AsksTraffic
	AsksContent
	Fields
	ContentAge
	TargetsNamed
	DatesStated
	Prospective
	StorageCountry
	OffenceMaxMonths
	Signed
	Served
	Received
	ReceivedAt
	Effective
	Expiry
	AsOf
	SecrecySource
	SecrecySigner
	SecrecyUntil
	SecrecyTerm
	SecrecyReasons
	SecrecyScope
	Emergency
	Verified
	GovernmentNotice
	Geofence
	Assistance
	Binding
	Bulk
	DirectAccess
	Renewed
	ConflictCountry
	EnforcingCountry
	AuthorityNotified
	EnforcingReply
	OffenceCountry
	OffenceList
	ByInformationSystem
	ProcessorGround
	ControllerTold
	Privilege
	PrivilegeWaived
	Channel
	ChannelExcused
	LanguageAccepted
	ClarificationAsked
	Clarification
	Conflict
	ObjectionRaised
	ProductionAnnounced
	MLAAgreement
	GDPRBasis
	TransferGround
	LegalBasisStated
	ReasonsStated
	ReasonsExcused
	RedressStated
	Granted
	Cancelled
	Due
	Answered
	AnsweredAt
	PaperReceived
	SenderFlagged
	WiderThanDanger
	EnterpriseAsked
	SecrecyContested
	StayRecorded
	ReviewAsked
	NoticeGiven
	AuthorityLevel
	ContentKeys
	ProvisionNamed
	OffenceHere
	USState
	EntityUSState
	Attested
	ProtectedConduct
	Proceedings
	Publication
	Library
	Costs
	Heard
	RetainedOnly
	LargeAnswer
	ThreatSuspected
	ThreatReported
	Enforcement
	EnforcementAsked
	EnforcementDue
	ForOtherState
	BackupCopy
	end
)

var signers = words(`judge magistrate_judge investigating_judge prosecutor police_officer agency_official
	supervisory_official minister attorney court_clerk none`)

var schema = [Count]Def{
	Kind: enum("kind", "what is demanded",
		"data preservation prospective assistance testimony informal private about_us"),
	Requester: enum("requester", "who asks",
		"government private_litigant defence data_subject regulator"),
	IssuingCountry: country("issuing_country", "state whose authority issued the instrument"),
	Authority:      token("authority", "our identifier of the issuing authority"),
	AuthorityKind: enum("authority_kind", "what the issuing authority is",
		"court prosecutor police intelligence agency regulator minister private_party"),
	Signer: {Name: "signer", Type: Enum, Values: signers, Meaning: "who signed the instrument; a magistrate of a State counts as magistrate_judge"},
	Validator: enum("validator", "who validated an instrument issued by another authority",
		"none judge court investigating_judge prosecutor"),
	Instrument: enum("instrument", "the paper relied on; none when there is none",
		`none sca_warrant sca_d_order admin_subpoena grand_jury_subpoena trial_subpoena civil_subpoena
		preservation_letter emergency_request nsl pen_trap_order wiretap_order fisa_directive all_writs_order
		executive_agreement_order epoc epoc_pr treaty_request foreign_order dsa_order copo ipa_warrant ipa_notice
		ie_order de_order dk_order it_order other
		ipa_authorisation ipa_urgent_authorisation ipa_technical_notice budapest_request
		state_warrant state_order state_grand_jury_subpoena state_admin_subpoena customer_consent telemarketing_request`),
	Forum:            {Name: "forum", Type: Enum, Values: forums(), Meaning: "court that issued or would enforce the instrument"},
	EntityServed:     token("entity_served", "our identifier of the company served"),
	EntityCountry:    country("entity_country", "state in which the company served is established"),
	Control:          boolean("control", "the company served has possession, custody or control of the data"),
	ProviderRole:     enum("provider_role", "our role for the data under the GDPR", "controller processor"),
	CustomerKind:     enum("customer_kind", "who the customer is", "consumer enterprise public_body professional"),
	CustomerCountry:  country("customer_country", "state in which the customer resides or is established"),
	CustomerUSPerson: boolean("customer_us_person", "the customer is a United States person (18 USC 2523)"),

	AsksSubscriber:     boolean("asks_subscriber", "subscriber data are asked for; who the user is: name, address, number, payment, services used"),
	AsksIdentification: boolean("asks_identification", "data solely to identify a user are asked for; the IP address, port and time of a use, and no more (Reg. 2023/1543 Art. 3(10))"),
	AsksTraffic:        boolean("asks_traffic", "traffic data are asked for; and any other records about communications: who communicated when, with whom, how long and from where, log-ins"),
	AsksContent:        boolean("asks_content", "content is asked for"),
	Fields: {Name: "fields", Type: Set, Meaning: "records asked for, by name; the first nine are those of 18 USC 2703(c)(2)",
		Values: words(`name address connection_records session_times service_length service_types number network_address
		payment headers access_logs location contacts other_records passwords`)},
	ContentAge:   enum("content_age", "how long the content has been in storage", "within_180_days older both"),
	TargetsNamed: integer("targets_named", "how many accounts or persons the instrument names", 0, 1_000_000),
	DatesStated:  boolean("dates_stated", "the instrument states from when to when"),
	Prospective:  boolean("prospective", "data that do not exist yet are asked for"),

	StorageCountry:   country("storage_country", "state in which the data are stored"),
	OffenceMaxMonths: integer("offence_max_months", "maximum custodial penalty of the offence in months; life is 1200", 0, 1200),
	Signed:           date("signed", "when the instrument was signed"),
	Served:           date("served", "when it was served"),
	Received:         date("received", "when it reached us"),
	ReceivedAt:       {Name: "received_at", Type: Instant, Meaning: "the moment it reached us, where hours count"},
	Effective:        date("effective", "when it takes effect"),
	Expiry:           date("expiry", "last day on which it has effect"),
	AsOf:             date("as_of", "the day for which the question is asked"),

	SecrecySource: enum("secrecy_source", "what silence is said to rest on",
		`none us_2705b us_2705a us_3123d us_2709c us_fisa uk_ipa uk_copo de_95a de_tddg eu_epoc other_order other_statute request ca_1546_2`),
	SecrecySigner:    {Name: "secrecy_signer", Type: Enum, Values: signers, Meaning: "who signed the paper that imposes silence"},
	SecrecyUntil:     date("secrecy_until", "last day of silence"),
	SecrecyTerm:      enum("secrecy_term", "whether silence has an end", "fixed indefinite"),
	SecrecyReasons:   enum("secrecy_reasons", "the reasons the paper gives for silence", "individual boilerplate none"),
	SecrecyScope:     enum("secrecy_scope", "whom silence binds us towards", "anyone excepts_counsel excepts_representative"),
	Emergency:        enum("emergency", "the danger the requester states", "none death_or_serious_injury property other"),
	Verified:         boolean("verified", "the sender was verified out of band, on a contact held independently"),
	GovernmentNotice: enum("government_notice", "notice that the government owes the customer", "owed not_owed delayed given"),
	Geofence:         boolean("geofence", "everyone in an area and a time is asked for"),
	Assistance:       enum("assistance", "help that is asked for beside data", "none break_in weaken_encryption other master_key unlock_device"),
	Binding:          boolean("binding", "the paper binds in law; false for a mere request"),
	Bulk:             boolean("bulk", "persons or accounts are asked for without a selector of their own"),
	DirectAccess:     boolean("direct_access", "access to our systems is asked for, in place of an answer"),
	Renewed:          boolean("renewed", "a renewed preservation request has come in"),
	ConflictCountry:  country("conflict_country", "state whose law an answer would risk breaking"),

	EnforcingCountry:  country("enforcing_country", "state of the designated establishment or representative that a certificate is addressed to (Reg. 2023/1543 Art. 3(16))"),
	AuthorityNotified: boolean("authority_notified", "the enforcing authority is notified (Reg. 2023/1543 Art. 8)"),
	EnforcingReply:    enum("enforcing_reply", "what the notified enforcing authority has answered", "silent cleared refused conditions"),
	OffenceCountry:    country("offence_country", "state in which the offence is said to have been committed"),
	OffenceList: enum("offence_list", "list of Reg. 2023/1543 Art. 5(4) in which the offence stands",
		"none fraud_2019_713 child_abuse_2011_93 attacks_2013_40 terrorism_2017_541"),
	ByInformationSystem: boolean("by_information_system", "the offence was wholly or partly committed by means of an information system"),
	ProcessorGround: boolean("processor_ground",
		"the paper confirms that the controller cannot be identified, or that addressing it or the privileged professional might harm the investigation"),
	ControllerTold:   boolean("controller_told", "the controller has been told by us, its processor"),
	Privilege:        enum("privilege", "what may protect the data, judged from the paper alone", "none professional press immunity"),
	PrivilegeWaived:  boolean("privilege_waived", "the privilege was waived"),
	Channel:          enum("channel", "how the demand came", "decentralised_it portal mail paper api central_authority other"),
	ChannelExcused:   boolean("channel_excused", "a reason for another channel is stated (Reg. 2023/1543 Art. 19(5))"),
	LanguageAccepted: boolean("language_accepted", "the paper is in a language that we have declared, or translated into one"),

	ClarificationAsked:  date("clarification_asked", "when the authority received our request for clarification"),
	Clarification:       enum("clarification", "where a request of ours for clarification stands", "none asked given"),
	Conflict:            enum("conflict", "what a conflict with a third state's law rests on", "none obligation location_only procedure_only"),
	ObjectionRaised:     boolean("objection_raised", "our objection, or motion to modify or quash, has been made"),
	ProductionAnnounced: boolean("production_announced", "the authority has confirmed that a request for production was issued"),

	MLAAgreement: boolean("mla_agreement", "the demand rests on an international agreement in force with the requesting state (GDPR Art. 48)"),
	GDPRBasis: enum("gdpr_basis", "basis recorded for an answer (GDPR Art. 6(1))",
		"none legal_obligation vital_interests public_task legitimate_interests"),
	TransferGround: enum("transfer_ground", "ground recorded for a transfer to a third country (GDPR Chapter V)",
		"none adequacy safeguards vital_interests public_interest"),
	LegalBasisStated: boolean("legal_basis_stated", "the paper states its legal basis"),
	ReasonsStated:    boolean("reasons_stated", "the paper states its reasons"),
	ReasonsExcused:   boolean("reasons_excused", "the paper withholds its reasons for the sake of a criminal investigation"),
	RedressStated:    boolean("redress_stated", "the paper states the redress that is open"),

	Granted:         date("granted", "when the authorisation or order behind the paper was granted or made"),
	Cancelled:       boolean("cancelled", "the authorisation behind the paper was cancelled"),
	Due:             date("due", "last day for an answer, on the paper's face"),
	Answered:        boolean("answered", "an answer has left us"),
	AnsweredAt:      {Name: "answered_at", Type: Instant, Meaning: "the moment at which our answer left"},
	PaperReceived:   boolean("paper_received", "the paper that confirms an emergency request has come"),
	SenderFlagged:   boolean("sender_flagged", "the mailbox or officer it came from is flagged: a demand from there was found not to be genuine"),
	WiderThanDanger: boolean("wider_than_danger", "more is asked for than the danger needs"),

	EnterpriseAsked:  boolean("enterprise_asked", "the customer organisation was asked for the data first, or the paper says why not"),
	SecrecyContested: boolean("secrecy_contested", "silence is contested before a court"),
	StayRecorded:     boolean("stay_recorded", "a court has stayed the duty to produce"),
	ReviewAsked:      date("review_asked", "when the government received our wish that a court review silence (18 USC 3511(b)(1)(A))"),
	NoticeGiven:      date("notice_given", "when the customer was told"),
	AuthorityLevel:   enum("authority_level", "level of the issuing authority in a federal state", "federal state local"),
	ContentKeys:      enum("content_keys", "who holds the keys of encrypted content", "provider customer"),
	ProvisionNamed:   boolean("provision_named", "the paper names the provision that it relies on"),
	OffenceHere:      boolean("offence_here", "the act is an offence under the law of the state that would help, too"),

	USState:       {Name: "us_state", Type: Enum, Values: usStates, Meaning: "State of the United States whose court or officer issued the paper"},
	EntityUSState: {Name: "entity_us_state", Type: Enum, Values: usStates, Meaning: "State of the United States under whose law the company served is organised, or where its principal offices are"},
	Attested:      boolean("attested", "the paper attests that the evidence is unrelated to a prohibited violation (Cal. Penal Code 1524.2(c))"),
	ProtectedConduct: boolean("protected_conduct",
		"what is investigated is conduct that the law of the State of the company served protects, a prohibited violation (Cal. Penal Code 629.51)"),
	Proceedings: enum("proceedings", "what a certificate serves: an investigation or trial, or a custodial sentence of four months or more on a convict who absconded and was not convicted in absentia, or another sentence",
		"investigation sentence_absconded sentence_other"),
	Publication:  enum("publication", "what would be published about national security process", "none bands exact"),
	Library:      enum("library", "whether the company served is a library, and one that provides an electronic communication service (18 USC 2709(g))", "no without_service with_service"),
	Costs:        enum("costs", "what the authority says of our costs", "silent offered refused"),
	Heard:        boolean("heard", "the court heard us before it ordered"),
	RetainedOnly: boolean("retained_only", "the data are kept only because a statute has them retained"),
	LargeAnswer:  boolean("large_answer", "the answer is larger than 25 MB"),

	ThreatSuspected: boolean("threat_suspected",
		"the demand, or what was found in answering it, raises the suspicion of an offence that threatens somebody's life or safety, and the authority that asks is not the one concerned (Reg. 2022/2065 Art. 18)"),
	ThreatReported: boolean("threat_reported", "an authority of the Member State concerned, of our own, or Europol has been told of that suspicion"),
	Enforcement: enum("enforcement", "where enforcement of a certificate stands (Reg. 2023/1543 Art. 16): the issuing authority has asked for it, the enforcing authority has required us to comply, we have objected, it has confirmed or denied enforcement",
		"none requested required objected confirmed denied"),
	EnforcementAsked: date("enforcement_asked", "when we were told that the order was transferred for enforcement"),
	EnforcementDue:   date("enforcement_due", "last day to comply or to object that the enforcing authority set"),
	ForOtherState:    boolean("for_other_state", "the order was made at the request of another government, or to hand it what is given"),
	BackupCopy:       boolean("backup_copy", "the paper requires a backup copy to be made (18 USC 2704(a)(1))"),
}

var usStates = words(`AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT
	VA WA WV WI WY`)

func words(s string) []string { return strings.Fields(s) }

func enum(name, meaning, values string) Def {
	return Def{Name: name, Type: Enum, Values: words(values), Meaning: meaning}
}
func boolean(name, meaning string) Def { return Def{Name: name, Type: Bool, Meaning: meaning} }
func date(name, meaning string) Def    { return Def{Name: name, Type: Date, Meaning: meaning} }
func country(name, meaning string) Def { return Def{Name: name, Type: Country, Meaning: meaning} }
func token(name, meaning string) Def   { return Def{Name: name, Type: Token, Meaning: meaning} }
func integer(name, meaning string, min, max int64) Def {
	return Def{Name: name, Type: Int, Min: min, Max: max, Meaning: meaning}
}

var byName = func() map[string]Key {
	m := make(map[string]Key, Count)
	for k := range schema {
		m[schema[k].Name] = Key(k)
	}
	return m
}()

// Lookup finds the slot of a fact.
func Lookup(name string) (Key, bool) {
	k, ok := byName[name]
	return k, ok
}

// Def is the schema line of the slot. It panics on a Key that Lookup did not give.
func (k Key) Def() Def { return schema[k] }

// String is the name of the fact.
func (k Key) String() string { return schema[k].Name }

// Schema lists all facts in slot order. The caller owns the slice, not the
// lists inside it.
func Schema() []Def { return append([]Def(nil), schema[:]...) }

// Index is the place of a word in the closed list of an Enum or Set fact.
func (d Def) Index(word string) (int, bool) {
	for i, v := range d.Values {
		if v == word {
			return i, true
		}
	}
	return 0, false
}
