package act

// Wording is what the command line says of an act: one line on what it does, and an
// example of its own, as somebody types it after "counterseal". Pages have labels
// in each language beside their templates.
type Wording struct {
	Short   string
	Example string
}

// Wording gives what is said of an act.
func (a Act) Wording() Wording { return actWords[a.Name] }

// Says tells what one of an act's fields is for; where fields of several acts share
// a name and a meaning, they share the words.
func (a Act) Says(f Field) string {
	if own, ok := fieldWords[a.Name+"."+f.Name]; ok {
		return own
	}
	return fieldWords[f.Name]
}

var actWords = map[string]Wording{
	"demand.read":     {"Record what a paper that came without a form is, who demands with it, and by when", `demand read k7wq-93 --kind data --instrument sca_warrant --title "Search warrant" --agency us-harbor --number 26-mj-104 --due 2026-03-16`},
	"demand.ask":      {"Record one thing that a paper asks: an identifier, a service, a category, an interval", `demand ask k7wq-93 --identifier address --stated june@example.com --service mail --category content --from 2026-01-01 --until 2026-01-31`},
	"demand.link":     {"Link a demand to another that it preserves, follows, amends, repeats or confirms", `demand link k7wq-93 --type follows --other m2fd-34`},
	"demand.conclude": {"Say how a demand ended for which no line decides it", `demand conclude k7wq-93 --how to_counsel --reason "live interception; counsel answers"`},
	"demand.close":    {"Close a demand of which nothing is left to do", `demand close k7wq-93 --as p-halvorsen`},

	"line.decide":         {"Decide that a line is given, in full or in part, or not", `line decide k7wq-93 --line 1 --decision comply --reason "a warrant with account and dates"`},
	"stay.record":         {"Record a court's stay of lines of one demand", `stay record k7wq-93 --lines 1,2 --source "Harbor District, order of 10 March 2026"`},
	"stay.lift":           {"Record that a court lifted its stay", `stay lift k7wq-93 --stay 9 --reason "vacated on 4 August 2026"`},
	"preservation.make":   {"Record what is kept by hand for an order that may follow, and until when", `preservation make k7wq-93 --copy keep-1 --lines 1 --region main --until 2026-06-30`},
	"preservation.extend": {"Keep a copy longer, on a renewed request", `preservation extend k7wq-93 --copy keep-1 --until 2026-09-28 --source "letter of 20 June 2026"`},
	"preservation.end":    {"Record how a copy ended", `preservation end k7wq-93 --copy keep-1 --end destroyed`},
	"release.ask":         {"Ask that a grant be released by itself once nothing stands in its way", `release ask k7wq-93 --grant g-1f2e3d4c5b`},
	"release.acknowledge": {"Record that the recipient has a package", `release acknowledge k7wq-93 --grant g-1f2e3d4c5b --by "officer R. Sample, by telephone"`},
	"production.recall":   {"Ask back what was given in error", `production recall k7wq-93 --grant g-1f2e3d4c5b --reason "the wrong account was resolved"`},
	"paper.add":           {"Add a paper that amends or supersedes one, with the document", `paper add k7wq-93 amendment.pdf --amends 1 --instrument sca_warrant --title "Amended warrant" --agency us-harbor`},
	"paper.authenticate":  {"Record how an instrument was checked", `paper authenticate k7wq-93 --outcome genuine --how "called back on the number in the court's directory"`},
	"service.record":      {"Record when, how and on which entity a paper was served", `service record k7wq-93 --entity "Example Cloud ApS" --manner "by hand" --at "2026-03-02 10:15"`},
	"party.name":          {"Name somebody who has a part in a demand", `party name k7wq-93 --role issuing --name "Tribunale di Esempio" --note "judge L. Ferri"`},
	"callback.record":     {"Record a call to an agency on a contact found independently", `callback record k7wq-93 --contact "+1 555 0100" --reached "clerk of the court" --at "2026-03-02 10:30" --answer confirmed`},
	"deadline.set":        {"Set a deadline that the program does not know of itself", `deadline set k7wq-93 --deadline object --kind object --latest 2026-03-20 --says "objection to the court"`},
	"deadline.suspend":    {"Record an order that suspends a deadline", `deadline suspend k7wq-93 --deadline object --source "order of 10 March 2026"`},
	"deadline.resume":     {"Let a suspended deadline run on, to a new day", `deadline resume k7wq-93 --deadline object --latest 2026-04-20 --says "the suspension ended"`},
	"deadline.meet":       {"Record how a deadline was met", `deadline meet k7wq-93 --deadline object --how "objection filed"`},
	"deadline.clear":      {"Take a deadline away that no longer binds", `deadline clear k7wq-93 --deadline object --source "the demand was withdrawn"`},
	"message.keep":        {"Keep a message to or from somebody about a demand, as a file", `message keep k7wq-93 letter.eml --direction in --party "Harbor District" --channel mail --subject "dates"`},
	"task.set":            {"Set somebody a task, with a day", `task set k7wq-93 --what "translate the annex" --seat reviewer --due 2026-03-05`},
	"task.finish":         {"Record that a task is done", `task finish k7wq-93 --task 1`},
	"cost.note":           {"Note a cost, and whether it was billed, paid or waived", `cost note k7wq-93 --what "search of archives" --minor 12500 --currency DKK --state noted`},
	"hold.place":          {"Hold a demand: no act goes on, or nothing of it is destroyed", `hold place k7wq-93 --kind retention --why "litigation is expected"`},
	"hold.lift":           {"Lift a hold", `hold lift k7wq-93 --hold 7`},
	"silence.ask":         {"Record that the authority asks for silence without an order", `silence ask k7wq-93 --reason "the letter asks for it"`},
	"matter.file":         {"File a demand under an investigation", `matter file k7wq-93 --matter m-p9rx-42`},
	"matter.open":         {"Open an investigation, which links demands", `matter open --title "Operation Harbour" --reference 2026-114`},
	"contest.open":        {"Contest a demand, a duty of secrecy or a statute before a court", `contest open k7wq-93 --title "Motion to quash" --against production --court "Harbor District" --filed 2026-03-04 --lines 1,2`},
	"contest.widen":       {"Let a contest cover a further demand", `contest widen m2fd-34 c-t4vb-65 --lines 1`},
	"contest.move":        {"Record that a contest went to another court", `contest move c-t4vb-65 --court "Court of Appeals" --filed 2026-05-02`},
	"contest.rule":        {"Record a ruling", `contest rule c-t4vb-65 --ruling upheld --on 2026-04-25 --says "the order is upheld"`},
	"contest.stay":        {"Record a court's stay of everything that a contest is about", `contest stay c-t4vb-65 --source "Harbor District, order of 31 July 2026" --on 2026-07-31`},
	"contest.lift_stay":   {"Record that a court lifted the stay of a contest", `contest lift-stay c-t4vb-65 --stay 4 --source "order of 30 August 2026" --on 2026-08-30`},
	"contest.contempt":    {"Record that a court held the provider in contempt", `contest contempt c-t4vb-65 --court "Harbor District" --on 2026-09-08 --terms "no fine until the appeal is decided"`},
	"contest.filing":      {"Record a filing in a contest", `contest filing c-t4vb-65 --who "Example Press Association" --what "brief as amicus" --on 2026-06-10`},
	"contest.unseal":      {"Record what a court unsealed", `contest unseal c-t4vb-65 --what "the motion and the order" --on 2026-06-12`},
	"contest.end":         {"Record how a contest ended", `contest end c-t4vb-65 --how moot --on 2026-10-17`},
	"secrecy.open":        {"Record a duty of secrecy, with what it rests on", `secrecy open k7wq-93 --source order --cite "18 USC 2705(b)" --authority "Harbor District" --signed 2026-03-02 --until 2027-03-01`},
	"secrecy.renew":       {"Record that a duty of secrecy is renewed", `secrecy renew s-r5gh-28 --signed "2027-02-20 09:00" --served "2027-02-21 10:00" --until 2027-08-31`},
	"secrecy.settle":      {"Decide whether a renewal that came late or unclear binds", `secrecy settle s-r5gh-28 --renewal 5 --answer does_not_bind --reason "served after the end"`},
	"secrecy.ease":        {"Record that somebody may be told, or that an account is free of a duty", `secrecy ease s-r5gh-28 --source "order of 1 May 2026" --on 2026-05-01 --who "general counsel of the customer"`},
	"secrecy.lift":        {"Record that a court or the authority lifted a duty of secrecy", `secrecy lift s-r5gh-28 --source "order of 1 June 2026" --on "2026-06-01 12:00"`},
	"secrecy.review":      {"Say when a duty without an end is looked at again", `secrecy review s-r5gh-28 --next 2026-12-01`},
	"secrecy.arm":         {"Arm the notice that goes when a duty ends", `secrecy arm s-r5gh-28 --end 2027-03-01`},
	"secrecy.disarm":      {"Take the arming of a notice back", `secrecy disarm s-r5gh-28 --reason "a renewal is before the court"`},
	"case.open":           {"Open a sealed case and name its members", `case open --why "under court seal" --members p-okafor,p-brandt`},
	"case.seal":           {"Put a demand into a sealed case", `case seal k7wq-93 --case x-n3km-57`},
	"case.member":         {"Add or remove a member of a sealed case", `case member x-n3km-57 --person p-halvorsen --change add`},
	"note.write":          {"Write a privileged note of counsel about a demand; - reads standard input", `note write k7wq-93 --text "we should contest the dates"`},
}

var fieldWords = map[string]string{
	"accounts": "account ids, parted by commas", "agency": "who demands: an id of agencies.toml", "amends": "number of the paper that it amends",
	"answer": "what the agency said", "answers": "number of the message that this answers", "at": "when", "authority": "the court or agency behind it",
	"basis": "by when it was received or sent", "binds": "what may not be told: existence, contents, identity, answer", "by": "who said so, and how", "case": "the sealed case",
	"category": "which data", "change": "add or remove", "channel": "how it came or went: mail, portal, post, telephone", "cite": "the order or provision", "contact": "the number or address that was called",
	"copy": "a name for what is kept", "court": "the court", "currency": "three letters, such as DKK", "deadline": "a name for it", "decision": "what is decided",
	"demand": "demands that it concerns; none: all of the duty", "demands": "demands that it concerns; none: all of the contest", "direction": "to us or from us", "document": "the file", "due": "by when; the whole day counts",
	"duties": "duties of secrecy that are contested", "effective": "when it begins to bind, if not when it is served", "emergency": "danger to life", "end": "how it ended", "entity": "the company that was served",
	"filed": "when it was filed", "from": "begin of the interval", "grant": "the grant", "hold": "number of the event that placed it", "how": "how it ended", "identifier": "what kind of identifier",
	"instance": "number of the instance; none: the present one", "instrument": "what the paper is, such as sca_warrant or epoc", "kind": "which kind", "latest": "its last day", "line": "number of the line",
	"lines": "numbers of lines, parted by commas", "manner": "how it was served", "matter": "the investigation", "may_tell": "who may be told all the same, parted by commas", "members": "ids of people, parted by commas",
	"minor": "the amount in the smallest unit, such as øre", "name": "the name", "next": "when it is looked at again", "not_before": "nothing before this moment", "note": "a word on it",
	"number": "the court's or agency's own number", "officer": "who signs or serves it", "on": "the day", "other": "the other demand", "outcome": "what was found out", "paper": "number of the paper; none: the first",
	"participants": "other parties of a message, parted by commas", "party": "who wrote, or was written to", "person": "a person's id", "question": "it asks something that waits for an answer", "reached": "whom the call reached",
	"reasons": "how the order gives its reasons", "reference": "the investigation's own number", "region": "where it is kept", "renewal": "number of the event that recorded the renewal", "review": "when one without an end is looked at again",
	"role": "which part", "ruling": "what was ruled", "says": "what it says, in words", "seat": "whose it is", "served": "when it was served", "service": "which service", "signed": "when it was signed", "source": "the order, letter or provision",
	"start": "when it began to run", "state": "how it stands", "stated": "the identifier as the paper states it", "stay": "number of the event that recorded the stay", "subject": "what it is about",
	"supersedes": "numbers of the papers that it takes the place of", "task": "number of the task", "terms": "what was ordered", "text": "the text; - reads standard input", "title": "what people call it",
	"type": "how they belong together", "until": "its end; the whole day counts", "what": "what, in words", "who": "who, in words", "why": "why",

	"demand.ask.basis": "by when a message was received (so unless stated) or sent", "line.decide.from": "with in_part: nothing before it", "line.decide.until": "with in_part: nothing after it",
	"line.decide.accounts": "with in_part: of these accounts alone", "line.decide.participants": "with in_part: with these parties alone", "contest.open.against": "what is contested", "contest.open.lines": "lines that are contested; none where it is about secrecy alone",
	"deadline.set.lines": "lines that it is about; none: the demand", "deadline.meet.how": "how it was met", "paper.authenticate.how": "how it was checked, and with whom", "secrecy.arm.end": "the duty's end, as the notice is armed for it",
	"secrecy.open.source": "what it rests on", "secrecy.settle.answer": "whether it binds", "secrecy.ease.who": "who may be told, parted by commas", "secrecy.ease.accounts": "accounts that are free of it, parted by commas",
	"secrecy.open.accounts": "accounts that it is about, parted by commas; none: all of the demand", "case.open.why": "what it is sealed for", "preservation.make.lines": "lines of which it is kept", "hold.place.kind": "no act goes on, or nothing is destroyed",
}

// Groups says what the acts of a group are about: those whose names begin with the
// same word.
var Groups = map[string]string{
	"line": "Decide what is asked, line by line", "stay": "Stays of lines of one demand", "preservation": "Copies that are kept for an order that may follow",
	"release": "A grant that goes by itself, and what became of a package after it left", "production": "Ask back what was given in error", "paper": "The papers of a demand: add, check",
	"service": "When and on whom a paper was served", "party": "Who has a part in a demand", "callback": "Calls to agencies", "deadline": "Deadlines beside those that the rules find",
	"message": "Messages about a demand", "task": "Tasks of the team", "cost": "Costs and their billing", "hold": "Holds on acts or on destruction", "silence": "A request to stay silent that binds nobody",
	"matter": "Investigations, which link demands", "contest": "Contests before courts", "secrecy": "Duties of secrecy, and the notice at their end", "case": "Sealed cases and their members",
	"note": "Counsel's privileged notes", "demand": "Demands",
}
