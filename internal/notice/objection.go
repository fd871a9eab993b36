package notice

import "slices"

// RecognitionObjection tells the enforcing authority on which grounds the
// addressee objects to enforcement: Article 16(4) of Regulation (EU) 2023/1543
// for an EPOC, 16(5) for an EPOC-PR. A breach of rights is not open to the
// addressee, and the offence is no ground against an EPOC-PR.
type RecognitionObjection struct {
	Head                     // To: the enforcing authority
	Order                    // Reference: the issuing authority's number
	Issuing     string       // the issuing authority
	Certificate Certificate  // which of the two lists is open
	Grounds     []ReasonCode `notice:"max=7"`
	Reasons     []Sentence   `notice:"max=12"`
	Kept        bool         `notice:"optional"`
}

// LawObjection is the reasoned objection of Article 17(2): what the law of a third
// country forbids, why it applies, and what the obligation is. It goes to the
// issuing and to the enforcing authority.
type LawObjection struct {
	Head                 // To: the issuing authority
	Order                //
	Enforcing string     // the enforcing authority, which gets it too
	Reasons   []Sentence `notice:"max=12"`
}

// MotionCover is the sheet that goes with a motion under 18 USC 2703(h). It is not
// the motion.
type MotionCover struct {
	Head                  // To: the court
	Order                 // Received: when the process was served
	Government string     // whose process it is
	Reasons    []Sentence `notice:"max=12"`
}

// Kind implements Letter.
func (*RecognitionObjection) Kind() Kind { return "objection-recognition" }

// Kind implements Letter.
func (*LawObjection) Kind() Kind { return "objection-law" }

// Kind implements Letter.
func (*MotionCover) Kind() Kind { return "motion-cover" }

// openGrounds are the codes that stand for a point of Article 16(4).
var openGrounds = []ReasonCode{NotByAuthority, OffenceNotCovered, ManifestErrors, OtherImpossibility, NotStored, ServiceNotCovered, PrivilegeOrPress}

// Open lists the grounds of an objection to enforcement for the certificate.
func (c Certificate) Open() []ReasonCode {
	out := slices.Clone(openGrounds)
	if c == EPOCPR {
		out = slices.DeleteFunc(out, func(r ReasonCode) bool { return r == OffenceNotCovered })
	}
	return out
}

func (l *RecognitionObjection) agree() string {
	if l.Certificate != EPOC && l.Certificate != EPOCPR {
		return "certificate"
	}
	open, seen := l.Certificate.Open(), map[ReasonCode]bool{}
	for _, g := range l.Grounds {
		if !slices.Contains(open, g) || seen[g] {
			return "grounds"
		}
		seen[g] = true
	}
	return l.inTime(l.Date)
}

func (l *LawObjection) agree() string { return l.inTime(l.Date) }
func (l *MotionCover) agree() string  { return l.inTime(l.Date) }
