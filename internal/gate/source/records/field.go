package records

import (
	"slices"

	"counterseal/internal/gate/source/table"
	"counterseal/internal/scope"
)

// Field is a kind of data that a statute names, with the categories in which it may
// be given.
type Field struct {
	table.Field
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
	{table.Field{Name: "name", Means: "The subscriber's name, as given.", Statute: sca + "(A); " + er9 + "(a)"}, subscriber},
	{table.Field{Name: "birth_date", Means: "The subscriber's date of birth, as given.", Statute: er9 + "(a)"}, subscriber},
	{table.Field{Name: "postal_address", Means: "The subscriber's postal or geographic address.", Statute: sca + "(B); " + er9 + "(a)"}, subscriber},
	{table.Field{Name: "email_address", Means: "An address at which the subscriber said to be reached.", Statute: er9 + "(a)"}, subscriber},
	{table.Field{Name: "phone_number", Means: "A telephone number of the subscriber.", Statute: sca + "(E); " + er9 + "(a)"}, subscriber},
	{table.Field{Name: "instrument_number", Means: "The number of an instrument, such as an IMEI.", Statute: sca + "(E); " + er9 + "(b)"}, subscriber},
	{table.Field{Name: "subscriber_identity", Means: "Another number or name under which the provider knows the subscriber.", Statute: sca + "(E); " + er9 + "(a)"}, subscriber},
	{table.Field{Name: "registration_address", Means: "The network address from which the account was registered.", Statute: sca + "(E); " + er9 + "(b)"}, subscriber},
	{table.Field{Name: "service_type", Means: "A type of service that the subscriber used.", Statute: sca + "(D); " + er9 + "(b)"}, subscriber},
	{table.Field{Name: "service_start", Means: "When the service began.", Statute: sca + "(D); " + er9 + "(b)", Time: true}, subscriber},
	{table.Field{Name: "service_end", Means: "When the service ended.", Statute: sca + "(D); " + er9 + "(b)", Time: true}, subscriber},
	{table.Field{Name: "payment_means", Means: "By what means the service was paid.", Statute: sca + "(F); " + er9 + "(a)"}, subscriber},
	{table.Field{Name: "payment_source", Means: "From where it was paid, such as a card's or an account's number.", Statute: sca + "(F); " + er9 + "(a)"}, subscriber},
	{table.Field{Name: "validation", Means: "How the use of the service was validated; never a password.", Statute: er9 + "(b)"}, subscriber},
	{table.Field{Name: "session_start", Means: "When a session began, or the account was used.", Statute: sca + "(C); " + er10, Time: true}, identify},
	{table.Field{Name: "network_address", Means: "The network address that was assigned or used in it.", Statute: sca + "(E); " + er10}, identify},
	{table.Field{Name: "source_port", Means: "The source port that goes with the network address.", Statute: er10}, identify},
	{table.Field{Name: "device", Means: "A technical equivalent of these that tells a user's device.", Statute: er10}, identify},
	{table.Field{Name: "session_end", Means: "When the session ended.", Statute: sca + "(C); " + er11, Time: true}, traffic},
	{table.Field{Name: "session_duration", Means: "How long it lasted, in the store's unit.", Statute: sca + "(C); " + er11}, traffic},
	{table.Field{Name: "event", Means: "What happened, such as log-in or log-off.", Statute: others + "; " + er11}, traffic},
	{table.Field{Name: "source", Means: "From where an interaction came.", Statute: others + "; " + er11}, traffic},
	{table.Field{Name: "destination", Means: "Where it went.", Statute: others + "; " + er11}, traffic},
	{table.Field{Name: "location", Means: "Where the device was.", Statute: others + "; " + er11}, traffic},
	{table.Field{Name: "size", Means: "How much was carried, in the store's unit.", Statute: others + "; " + er11}, traffic},
	{table.Field{Name: "protocol", Means: "The protocol or format that was used.", Statute: others + "; " + er11}, traffic},
}

// field finds a field by its name.
func field(name string) (Field, bool) {
	i := slices.IndexFunc(Vocabulary, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return Vocabulary[i], true
}
