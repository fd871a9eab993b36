package ui

// englishPages are the words for parts of pages, registers and documents.
var englishPages = map[Group]map[string]string{
	Kinds: {
		"data": "stored data", "preservation": "preservation", "prospective": "live interception", "assistance": "assistance", "testimony": "testimony", "informal": "no instrument",
		"private": "a private litigant’s", "about_us": "our own records", "demand": "Demand", "contest": "Contest", "secrecy": "Duty of secrecy", "matter": "Matter", "case": "Sealed case", "": "not stated",
	},
	Links: {
		"preserves": "preserves data for", "follows": "follows", "amends": "amends", "supersedes": "supersedes", "duplicates": "duplicates", "confirms_emergency": "confirms the emergency of",
		"returns_by_treaty": "returns by treaty from", "back.preserves": "has its data preserved by", "back.follows": "is followed by", "back.amends": "is amended by", "back.supersedes": "is superseded by",
		"back.duplicates": "is duplicated by", "back.confirms_emergency": "has its emergency confirmed by", "back.returns_by_treaty": "comes back by treaty as",
	},
	Parts: {
		"papers": "Papers and service", "callbacks": "Call-backs", "parties": "Parties", "deadlines": "Deadlines", "contests": "Contests and stays", "secrecy": "Secrecy", "preservation": "Preservation", "previews": "Previews",
		"holds": "Holds", "links": "Links and matter", "seal": "Court seal", "thread": "Correspondence", "tasks": "Tasks", "costs": "Costs", "notes": "Counsel’s notes", "facts": "Facts",
		"end": "How it ends", "asks": "What it asks", "instances": "Instances", "stays": "Stays", "contempt": "Contempt", "filings": "Filings of others", "unsealed": "What was unsealed", "covers": "What it covers",
		"renewals": "Renewals", "telling": "Who may be told", "asked": "Asking the authority", "arming": "The notice at its end", "demands": "Demands", "members": "Members", "productions": "Productions",
	},
	Letters: {
		"acknowledgement": "Acknowledgement", "clarification-request": "Questions", "no-records": "No records", "answer-in-part": "Answer in part", "rejection": "Rejection", "redirect": "Redirection", "duplicate": "Duplicate",
		"no-instrument": "No instrument", "call-back-failed": "Call-back failed", "preserved": "Kept on request", "recall": "Recall", "annex-three": "Annex III: not carried out",
		"objection-recognition": "Objection to enforcement", "objection-law": "Objection: another state’s law", "motion-cover": "Motion under 2703(h): cover sheet",
	},
	Languages: {"en": "English", "de": "German", "da": "Danish", "it": "Italian"},
	Queues: {
		"": "all that is open", "yours": "needs me", "others": "waits for others", "emergency": "emergencies", "unread": "unread", "authority": "waits for the authority", "held": "on hold by law",
		"sealed": "under seal, open to me", "closed": "closed",
	},
	Registers: {
		"duties": "What falls due", "contests": "Contests", "secrecy": "Duties of secrecy", "preservation": "Preservation", "notices": "Notices", "grants": "Grants and productions", "matters": "Matters",
		"cases": "Sealed cases", "imports": "Past demands",
	},
	Filters: {
		"": "all", "pending": "pending", "stayed": "with a stay in force", "ended": "ended", "in_force": "in force", "unsettled": "to settle", "not_armed": "not armed", "review": "without an end", "kept": "kept",
		"reviewer": "for a reviewer", "counsel": "for counsel", "privacy": "for the privacy officer", "clerk": "for the program", "overdue": "overdue", "waiting": "waiting", "released": "released", "by_hand": "by hand",
		"malformed": "cannot be taken", "conflict": "says something else than what is on file", "duplicate": "on file already",
	},
	Documents: {
		"empty": "empty file", "pdf": "PDF", "text": "text", "html": "web page", "mail": "mail", "image": "picture", "office": "office document", "archive": "archive", "signed": "signed envelope", "program": "program",
		"unknown": "unknown kind",
	},
	Rulings: {
		"": "no ruling yet", "upheld": "upheld", "denied": "denied", "granted": "granted", "granted_in_part": "granted in part", "reversed": "reversed", "vacated": "vacated", "remanded": "remanded", "moot": "moot",
		"withdrawn": "withdrawn",
	},
	Deadlines: {
		"answer": "to answer", "object": "to object", "review": "to review", "confirm": "to have it confirmed", "preserve": "to preserve", "respond": "to respond", "notify": "to notify",
	},
}
