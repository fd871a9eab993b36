package records

import (
	"slices"

	"counterseal/internal/scope"
)

// Field is a kind of data that a statute names.
type Field struct {
	Name       string
	Means      string
	Statute    string
	Time       bool // its values are times
	Categories []scope.Category
}

// The provisions, as they are cited. SCA: 18 USC 2703(c)(2)(A)–(F); ER: Regulation
// (EU) 2023/1543, Art. 3.
const (
	sca    = "18 USC 2703(c)(2)"
	er9    = "Reg. (EU) 2023/1543 Art. 3(9)"
	er10   = "Reg. (EU) 2023/1543 Art. 3(10)"
	er11   = "Reg. (EU) 2023/1543 Art. 3(11)"
	others = "18 USC 2703(c)(1)" // record or other information that is neither content nor in (c)(2)
)

var (
	subscriber = []scope.Category{scope.Subscriber}
	identify   = []scope.Category{scope.Identification, scope.Traffic}
	traffic    = []scope.Category{scope.Traffic}
)

// Vocabulary lists every field that a column can be mapped to, in the order in
// which a data dictionary tells them. There is none for a password or for what
// was created in place of one: Art. 3(9)(b) excludes them.
var Vocabulary = []Field{
	{"name", "The subscriber's name, as given.", sca + "(A); " + er9 + "(a)", false, subscriber},
	{"birth_date", "The subscriber's date of birth, as given.", er9 + "(a)", false, subscriber},
	{"postal_address", "The subscriber's postal or geographic address.", sca + "(B); " + er9 + "(a)", false, subscriber},
	{"email_address", "An address at which the subscriber said to be reached.", er9 + "(a)", false, subscriber},
	{"phone_number", "A telephone number of the subscriber.", sca + "(E); " + er9 + "(a)", false, subscriber},
	{"instrument_number", "The number of an instrument, such as an IMEI.", sca + "(E); " + er9 + "(b)", false, subscriber},
	{"subscriber_identity", "Another number or name under which the provider knows the subscriber.", sca + "(E); " + er9 + "(a)", false, subscriber},
	{"registration_address", "The network address from which the account was registered.", sca + "(E); " + er9 + "(b)", false, subscriber},
	{"service_type", "A type of service that the subscriber used.", sca + "(D); " + er9 + "(b)", false, subscriber},
	{"service_start", "When the service began.", sca + "(D); " + er9 + "(b)", true, subscriber},
	{"service_end", "When the service ended.", sca + "(D); " + er9 + "(b)", true, subscriber},
	{"payment_means", "By what means the service was paid.", sca + "(F); " + er9 + "(a)", false, subscriber},
	{"payment_source", "From where it was paid, such as a card's or an account's number.", sca + "(F); " + er9 + "(a)", false, subscriber},
	{"validation", "How the use of the service was validated; never a password.", er9 + "(b)", false, subscriber},
	{"session_start", "When a session began, or the account was used.", sca + "(C); " + er10, true, identify},
	{"network_address", "The network address that was assigned or used in it.", sca + "(E); " + er10, false, identify},
	{"source_port", "The source port that goes with the network address.", er10, false, identify},
	{"device", "A technical equivalent of these that tells a user's device.", er10, false, identify},
	{"session_end", "When the session ended.", sca + "(C); " + er11, true, traffic},
	{"session_duration", "How long it lasted, in the store's unit.", sca + "(C); " + er11, false, traffic},
	{"event", "What happened, such as log-in or log-off.", others + "; " + er11, false, traffic},
	{"source", "From where an interaction came.", others + "; " + er11, false, traffic},
	{"destination", "Where it went.", others + "; " + er11, false, traffic},
	{"location", "Where the device was.", others + "; " + er11, false, traffic},
	{"size", "How much was carried, in the store's unit.", others + "; " + er11, false, traffic},
	{"protocol", "The protocol or format that was used.", others + "; " + er11, false, traffic},
}

// field finds a field by its name.
func field(name string) (Field, bool) {
	i := slices.IndexFunc(Vocabulary, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return Vocabulary[i], true
}
