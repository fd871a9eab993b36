package mail

import "counterseal/internal/intake/paper"

// Remarks are the codes that this package gives, each with its sentence. A letter
// may also have those of paper.Remarks.
var Remarks = map[string]string{
	"mail.address":          "An address could not be read as one.",
	"mail.alternatives":     "The mail has two texts, a plain one and one with layout; they can differ, and both are given.",
	"mail.attachments_cut":  "There are more parts than are listed.",
	"mail.body_unreadable":  "How the mail is put together could not be followed; its text is shown as it stands.",
	"mail.claim":            "A field says that a check of the sender was made. Anybody can write such a field; it was not believed.",
	"mail.claim_elsewhere":  "The field that says so names a machine that is not among yours.",
	"mail.date":             "The date could not be read.",
	"mail.domain_encoded":   "The address is at a domain that is written with other than plain Latin letters.",
	"mail.domain_like":      "The address is at a domain that looks like a known one and is another.",
	"mail.duplicate":        "A field that may stand once stands several times; all are shown and none is preferred.",
	"mail.field_broken":     "A line of the header is not a field; it was passed over.",
	"mail.header_cut":       "The header is longer than is read.",
	"mail.hidden_line":      "An encoded word hides a line end or a character that cannot be seen.",
	"mail.interrupted":      "Reading the mail's inside took too long and was given up; its text is shown as it stands.",
	"mail.multiparts":       "Bodies are packed inside bodies too often; the inner ones are given as they stand.",
	"mail.name_address":     "The name beside the address shows another address.",
	"mail.no_sender":        "Nobody is named as the sender.",
	"mail.outside":          "Text stands outside the parts of the mail, where most programs do not show it.",
	"mail.reply_elsewhere":  "Answers would go to another domain than the one it says it is from.",
	"mail.sender_elsewhere": "It says that another domain sent it for the one it says it is from.",
	"mail.several_senders":  "More than one sender is named.",
	"mail.signed_by_domain": "It carries a DKIM signature, which was not checked; at best it says which domain a mail passed through.",
}

// Says is a remark of a letter as one English sentence.
func Says(r paper.Remark) string {
	if s, ok := Remarks[r.Code]; ok {
		return s
	}
	return r.Says()
}

func (l *Letter) remark(code, where string) {
	for _, have := range l.Remarks {
		if have.Code == code && have.Where == where {
			return
		}
	}
	l.Remarks = append(l.Remarks, paper.Remark{Code: code, Where: where})
}

// Has says whether a remark of this code was made.
func (l Letter) Has(code string) bool {
	for _, r := range l.Remarks {
		if r.Code == code {
			return true
		}
	}
	return false
}
