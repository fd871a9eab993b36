package fact

import "strings"

// meanings say what each word of a closed list stands for, by fact: a word, a colon and
// its meaning on a line. The words of instrument, forum and the States have their own
// tables (called.go).
var meanings = map[Key]string{
	Kind: `data: data that are there already
preservation: that data be kept, and not yet given
prospective: data that do not exist yet
assistance: help, such as unlocking a device
testimony: that somebody speaks for us before a court
informal: a question of an authority that relies on no paper
private: a wish of a private person or company
about_us: data about ourselves, or what we publish`,
	Requester: `government: police, prosecutor, court, ministry or service of a state
private_litigant: a party to a civil case, or who prepares one; a private claimant
defence: the accused, or counsel for the defence
data_subject: the person whom the data are about
regulator: an authority of supervision, such as one of data protection`,
	AuthorityKind: `court: a court or judge
prosecutor: a public prosecutor's office
police: police, a police force of a province or customs
intelligence: a secret service
agency: another office of the administration
regulator: an authority of supervision
minister: a minister or ministry
private_party: no authority: a company, a lawyer or a person`,
	Signer: signerMeanings, SecrecySigner: signerMeanings,
	Validator: `none: nobody validated it
judge: a judge, after another had issued it
court: a court as such, where no judge is named
investigating_judge: a judge of the investigation, or examining magistrate (Ermittlungsrichter, GIP, juge d'instruction, rechter-commissaris)
prosecutor: a public prosecutor, of a paper that the police issued`,
	ProviderRole: `controller: we decide why and how the data are processed
processor: we process them for the customer`,
	CustomerKind: `consumer: a private person
enterprise: a company or other organisation
public_body: an authority or other public body
professional: a lawyer, doctor or other bound to professional secrecy`,
	Fields: `name: the customer's name
address: postal or other address
connection_records: when and with whom there was a connection
session_times: beginning and length of sessions
service_length: since when there is an account
service_types: which services are used
number: telephone number or account's name
network_address: IP address, temporary or not
payment: means and source of payment, card and account numbers too
headers: who wrote to whom, and when
access_logs: log-ins and what was opened
location: where a device or person was
contacts: address book and the like
other_records: any other record that is no content
passwords: passwords and other keys to an account`,
	ContentAge: `within_180_days: all of it for 180 days or less
older: all of it for longer
both: some of each`,
	SecrecySource: `none: nothing imposes silence
us_2705b: order of a court, 18 USC 2705(b)
us_2705a: delayed notice, 18 USC 2705(a)
us_3123d: order for a pen register, 18 USC 3123(d)
us_2709c: National Security Letter, 18 USC 2709(c)
us_fisa: order or directive under FISA
uk_ipa: Investigatory Powers Act 2016
uk_copo: overseas production order, 2019 Act
de_95a: § 95a StPO
de_tddg: the German act on data protection in telecommunications (TDDDG)
eu_epoc: Regulation 2023/1543, Art. 13
other_order: another order of a court
other_statute: another statute
request: a mere request
ca_1546_2: Cal. Penal Code 1546.2`,
	SecrecyTerm: `fixed: it ends on a day
indefinite: no end is stated`,
	SecrecyReasons: `individual: of this case
boilerplate: a formula that fits every case
none: no reasons`,
	SecrecyScope: `anyone: towards everybody
excepts_counsel: our counsel may know
excepts_representative: a representative of the customer's organisation may know`,
	Emergency: `none: no danger is stated
death_or_serious_injury: danger to life, or of serious injury | danger to life; threat to life; danger for life
property: danger to property
other: another danger`,
	GovernmentNotice: `owed: the government must tell the customer
not_owed: it need not
delayed: it may do so later
given: it has`,
	Assistance: `none: no help beside data
break_in: breaking into a device or account
weaken_encryption: weakening encryption, or building a way in
other: other help
master_key: a key that opens more than what is sought
unlock_device: unlocking a device`,
	EnforcingReply: `silent: nothing yet
cleared: it raises no ground
refused: it raised a ground for refusal
conditions: yes, on conditions`,
	OffenceList: `none: in none of them
fraud_2019_713: fraud and means of payment, Directive 2019/713
child_abuse_2011_93: sexual abuse of children, Directive 2011/93
attacks_2013_40: attacks on information systems, Directive 2013/40
terrorism_2017_541: terrorism, Directive 2017/541`,
	Privilege: `none: nothing protects them
professional: professional secrecy, of lawyers, doctors or clergy
press: protection of the press and its sources
immunity: immunity, such as that of a member of parliament or a diplomat`,
	Channel: `decentralised_it: the decentralised IT system of Reg. 2023/1543
portal: our portal
mail: e-mail
paper: post or by hand
api: our interface for machines
central_authority: through the central authority of a state
other: another way`,
	Clarification: `none: we have asked for none
asked: we have asked, and wait
given: we have asked, and were answered`,
	Conflict: `none: there is no conflict
obligation: an obligation under the law of a third state
location_only: only that the data are stored there
procedure_only: only that its law would have another procedure`,
	GDPRBasis: `none: none is recorded
legal_obligation: Art. 6(1)(c)
vital_interests: Art. 6(1)(d)
public_task: Art. 6(1)(e)
legitimate_interests: Art. 6(1)(f)`,
	TransferGround: `none: none is recorded
adequacy: a decision on adequacy, Art. 45
safeguards: appropriate safeguards, Art. 46
vital_interests: vital interests, Art. 49(1)(f)
public_interest: important reasons of public interest, Art. 49(1)(d)`,
	AuthorityLevel: `federal: of the federation
state: of one of its states
local: of a county, city or other community`,
	ContentKeys: `provider: we can decrypt it
customer: the customer alone can`,
	Proceedings: `investigation: an investigation or a trial
sentence_absconded: a custodial sentence of four months or more on a convict who absconded, not convicted in absentia
sentence_other: another sentence`,
	Publication: `none: nothing is published
bands: numbers in the ranges that the law allows
exact: exact numbers`,
	Library: `no: no library
without_service: a library without an electronic communication service
with_service: a library that provides one`,
	Costs: `silent: nothing
offered: it offers to pay
refused: it refuses to pay`,
	Enforcement: `none: nobody has asked for it
requested: the issuing authority has asked for it
required: the enforcing authority has required us to comply
objected: we have objected
confirmed: the enforcing authority has confirmed it
denied: the enforcing authority has denied it`,
}

const signerMeanings = `judge: a judge of any court
magistrate_judge: a United States magistrate judge, or a magistrate of a State
investigating_judge: a judge of the investigation, or examining magistrate (Ermittlungsrichter, GIP, juge d'instruction, rechter-commissaris)
prosecutor: a public prosecutor (Staatsanwaltschaft, pubblico ministero, DPP)
police_officer: a police officer of any rank
agency_official: an official of another office, customs or tax too
supervisory_official: a senior officer whom the law names, such as a superintendent
minister: a minister or secretary of state
attorney: a lawyer of a party, not of the state
court_clerk: the clerk or registry of a court
none: nobody signed`

// meaningOf is what a word of a fact stands for; "" where no table has it.
func meaningOf(k Key, word string) string {
	for line := range strings.Lines(meanings[k]) {
		if meaning, ok := strings.CutPrefix(strings.TrimSpace(line), word+": "); ok {
			return meaning
		}
	}
	return ""
}
