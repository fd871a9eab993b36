package public

// SetUp is what this set-up has. Its zero value has nothing, so that what nobody
// stated is shown as a limit.
type SetUp struct {
	SeparateGate   bool // the gate runs on a host of its own, under other administrators
	StoreConnected bool // the gate reads the data stores itself; nothing is exported by hand
	TwoPersons     bool // a grant of content needs two persons
	OutsideWitness bool // somebody outside the provider cosigns the logs
	NoticeOnTime   bool // letters go by themselves, so a notice goes when secrecy ends
	ReportProven   bool // the published report is proven against the register
}

// promise is one of the five, as a customer reads it.
type promise struct {
	Title  string
	Means  string
	Check  []string
	Always []string // what holds on no set-up
	limits []limit
}

// limit is what does not hold unless the set-up has something.
type limit struct {
	gone func(SetUp) bool
	says string
}

// in gives the limits of this set-up.
func (p promise) in(s SetUp) []string {
	var out []string
	for _, l := range p.limits {
		if !l.gone(s) {
			out = append(out, l.says)
		}
	}
	return out
}

var promises = []promise{
	{
		Title: "One door, one demand at a time",
		Means: "No government has a standing way in. Each demand is about named accounts, comes through one door and is handled by people. Your data is read for one demand only, and only as far as that demand was approved.",
		Check: []string{
			"Read the format of a permission to read, in the source of this program: it must list accounts, kinds of data and dates. It has no way of writing “everyone”.",
			"If you were told of a demand, your notice lets you check that it was in the journal from the day it came.",
		},
		limits: []limit{
			{func(s SetUp) bool { return s.SeparateGate }, "The part that reads data runs on the same machine as everything else. Whoever administers this machine can read what it can read."},
			{func(s SetUp) bool { return s.StoreConnected }, "No data store is connected. A person exports the data by hand, and the program cannot check that the export holds no more than was approved. The package says so."},
		},
	},
	{
		Title: "Only what the law compels",
		Means: "A demand is checked: who makes it, by what law, through which channel, and how far it may reach. What goes further is narrowed, refused or contested. Nothing is built here to break into a customer’s systems or to weaken encryption.",
		Check: []string{
			"The rules that demands are checked against come with the program, each with its citation. You can read them, and so can your lawyer.",
			"A package says what was compelled, what was given, and what was withheld and why.",
		},
		limits: []limit{
			{func(s SetUp) bool { return s.TwoPersons }, "A single person can approve here."},
		},
		Always: []string{"Rules propose and people decide. No program can promise that a court’s order was rightly made."},
	},
	{
		Title: "A stayed demand is a stopped demand",
		Means: "When a court stays a demand, the part that it stays does not leave until the court lifts the stay, whatever was approved before.",
		Check: []string{
			"A stay is an event of the demand’s record and is committed to the journal like every other step. If the demand was about you, its record can be checked against the journal.",
		},
		limits: []limit{
			{func(s SetUp) bool { return s.SeparateGate }, "Stay and release are decided on one machine here. A gate on a host of its own would obey a stop even if this machine did not."},
		},
		Always: []string{"What had left before a person recorded the stay cannot be called back."},
	},
	{
		Title: "Secrecy ends",
		Means: "Where a demand may not be told, that rests on an order or a law, with its reason and its end or a day of review. When it ends, the customer is told. A mere request to stay silent binds nobody.",
		Check: []string{
			"A notice says what was asked, by whom, what was given and how to object. It comes with a proof that you can check without us.",
		},
		limits: []limit{
			{func(s SetUp) bool { return s.NoticeOnTime }, "Letters are posted by a person here, so a notice goes as soon after the end of secrecy as somebody posts it."},
		},
		Always: []string{
			"A notice at the end of secrecy needs a named person’s word beforehand, given when every channel was asked for a renewal. Where nobody gives it in time, the notice waits and others are called.",
			"Some secrecy duties have no end in law. They are reviewed, and this page cannot speak of them.",
		},
	},
	{
		Title: "Nobody has to trust us",
		Means: "Every step is committed to a public log before it takes effect. The log can only grow. Packages and notices can be checked by others, offline.",
		Check: []string{
			"Take a copy of a log and check it offline, as shown below.",
			"Keep a checkpoint from today. Any later one must contain it.",
		},
		limits: []limit{
			{func(s SetUp) bool { return s.OutsideWitness }, "Nobody outside the provider cosigns these logs yet. So the provider could show different logs to different people, and you would notice only by comparing checkpoints."},
			{func(s SetUp) bool { return s.ReportProven }, "No report is proven against the register yet."},
		},
		Always: []string{
			"A log proves what was written and when. It cannot prove that what was written is true, or that nothing was left out. Authorities and customers can: they hold proofs of their own demands.",
			"The cryptography as a whole has not been reviewed from outside. The right word is “checkable”, not “proven”.",
		},
	},
}
