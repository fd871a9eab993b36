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
	Signer: {Name: "signer", Type: Enum, Values: signers, Meaning: "who signed the instrument"},
	Validator: enum("validator", "who validated an instrument issued by another authority",
		"none judge court investigating_judge prosecutor"),
	Instrument: enum("instrument", "the paper relied on; none when there is none",
		`none sca_warrant sca_d_order admin_subpoena grand_jury_subpoena trial_subpoena civil_subpoena
		preservation_letter emergency_request nsl pen_trap_order wiretap_order fisa_directive all_writs_order
		executive_agreement_order epoc epoc_pr treaty_request foreign_order dsa_order copo ipa_warrant ipa_notice
		ie_order de_order dk_order it_order other`),
	Forum:            {Name: "forum", Type: Enum, Values: forums(), Meaning: "court that issued or would enforce the instrument"},
	EntityServed:     token("entity_served", "our identifier of the company served"),
	EntityCountry:    country("entity_country", "state in which the company served is established"),
	Control:          boolean("control", "the company served has possession, custody or control of the data"),
	ProviderRole:     enum("provider_role", "our role for the data under the GDPR", "controller processor"),
	CustomerKind:     enum("customer_kind", "who the customer is", "consumer enterprise public_body professional"),
	CustomerCountry:  country("customer_country", "state in which the customer resides or is established"),
	CustomerUSPerson: boolean("customer_us_person", "the customer is a United States person (18 USC 2523)"),

	AsksSubscriber:     boolean("asks_subscriber", "subscriber data are asked for"),
	AsksIdentification: boolean("asks_identification", "data to identify a user only are asked for (address, port, time)"),
	AsksTraffic:        boolean("asks_traffic", "traffic data or other records about communications are asked for"),
	AsksContent:        boolean("asks_content", "content is asked for"),
	Fields: {Name: "fields", Type: Set, Meaning: "records asked for, by name; the first nine are those of 18 USC 2703(c)(2)",
		Values: words(`name address connection_records session_times service_length service_types number network_address
		payment headers access_logs location contacts other_records`)},
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
		`none us_2705b us_2705a us_3123d us_2709c us_fisa uk_ipa uk_copo de_95a de_tddg eu_epoc other_order other_statute request`),
	SecrecySigner:    {Name: "secrecy_signer", Type: Enum, Values: signers, Meaning: "who signed the paper that imposes silence"},
	SecrecyUntil:     date("secrecy_until", "last day of silence"),
	SecrecyTerm:      enum("secrecy_term", "whether silence has an end", "fixed indefinite"),
	SecrecyReasons:   enum("secrecy_reasons", "the reasons the paper gives for silence", "individual boilerplate none"),
	SecrecyScope:     enum("secrecy_scope", "whom silence binds us towards", "anyone excepts_counsel excepts_representative"),
	Emergency:        enum("emergency", "the danger the requester states", "none death_or_serious_injury property other"),
	Verified:         boolean("verified", "the sender was verified out of band, on a contact held independently"),
	GovernmentNotice: enum("government_notice", "notice that the government owes the customer", "owed not_owed delayed given"),
	Geofence:         boolean("geofence", "everyone in an area and a time is asked for"),
	Assistance:       enum("assistance", "help that is asked for beside data", "none break_in weaken_encryption other"),
	Binding:          boolean("binding", "the paper binds in law; false for a mere request"),
	Bulk:             boolean("bulk", "persons or accounts are asked for without a selector of their own"),
	DirectAccess:     boolean("direct_access", "access to our systems is asked for, in place of an answer"),
	Renewed:          boolean("renewed", "a renewed preservation request has come in"),
	ConflictCountry:  country("conflict_country", "state whose law an answer would risk breaking"),
}

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
