package intake

// Quote is what stands in the letter, and where.
type Quote struct {
	Stated string `json:"stated"`
	Place  Place  `json:"place"`
}

// ProposalRemark says why something is not proposed, or what a person should know
// of what is, with the words of the letter that it rests on.
type ProposalRemark struct {
	Code   string  `json:"code"` // stable, as in ProposalRemarks
	Quotes []Quote `json:"quotes"`
}

// Says is the remark as one English sentence.
func (r ProposalRemark) Says() string { return ProposalRemarks[r.Code] }

// ProposalRemarks are the codes that Proposed gives, each with its sentence.
var ProposalRemarks = map[string]string{
	"reading.backwards":           "A period ends before it begins; no period is proposed of it.",
	"reading.keep_and_give":       "It speaks of keeping data and of giving data; which it asks for has to be read in it, and no kind is proposed.",
	"reading.long":                "It is too long to say what it asks; no kind, instrument or number is proposed.",
	"reading.no_order":            "It names no order.",
	"reading.several_due":         "It sets more than one day for an answer; none is proposed.",
	"reading.several_instruments": "It names more than one kind of instrument; none is proposed.",
	"reading.several_numbers":     "It has more than one number; none is proposed.",
	"reading.several_periods":     "It states more than one period; none is proposed.",
	"reading.several_signed":      "It states more than one day of signing; none is proposed.",
	"reading.to_follow":           "It speaks of a paper that is still to come; what has not come is not counted.",
	"reading.today":               "A period ends today, and the letter does not say of which day it is; no period is proposed of it.",
}

// maxQuotes bounds the words that one remark repeats.
const maxQuotes = 20

func (p *Proposals) remark(code string, quotes ...Quote) {
	p.Remarks = append(p.Remarks, ProposalRemark{Code: code, Quotes: quotes[:min(len(quotes), maxQuotes)]})
}
