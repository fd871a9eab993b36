package paper

// Remark is something that a person should know before believing a paper or a
// letter. It is never a reason to accept or refuse by itself.
type Remark struct {
	Code  string `json:"code"`            // stable, as in Remarks
	Where string `json:"where,omitempty"` // a name, a header field or a place in the text; inert, may be empty
}

// Says is the remark as one English sentence.
func (r Remark) Says() string { return Remarks[r.Code] }

// Remarks are the codes that this package gives, each with its sentence.
var Remarks = map[string]string{
	"paper.active":        "It holds a script, a form or something else that acts when it is opened.",
	"paper.cut":           "There is more text than is shown.",
	"paper.direction":     "Characters that turn the direction of writing were left out; what is shown may read differently elsewhere.",
	"paper.empty":         "It has no bytes.",
	"paper.encoding":      "It is not in the character set that it names, or names none; some letters may be wrong.",
	"paper.hidden":        "It holds text that an ordinary program would not show; it is shown here.",
	"paper.invisible":     "Characters that cannot be seen were left out.",
	"paper.macro":         "It holds macros: a program inside the document.",
	"paper.many_kinds":    "It can be read as more than one kind of file; programs may disagree on what it says.",
	"paper.name_changed":  "Its name held characters that can mislead; it is shown without them.",
	"paper.not_as_stated": "It is not the kind of file that it was sent as.",
	"paper.not_opened":    "It was not opened; what is said comes from its bytes alone.",
	"paper.program":       "It is a program.",
	"paper.remote":        "It would fetch something from another place when opened; nothing was fetched.",
	"paper.signed":        "It carries a digital signature, which was not checked.",
	"paper.too_large":     "It is too large to be read here.",
	"paper.zip_names":     "The archive holds names that point elsewhere, or the same name twice.",
	"paper.zip_size":      "The archive says that it unpacks to far more than it is.",

	"paper.pdf_attachments": "The PDF holds other files inside.",
	"paper.pdf_broken":      "The PDF is damaged or not built as a PDF is; other programs may show something else.",
	"paper.pdf_encrypted":   "The PDF is encrypted; it could not be read.",
	"paper.pdf_late":        "The PDF does not begin with its own header; other bytes come first.",
	"paper.pdf_launch":      "The PDF asks to start a program or to open another place.",
	"paper.pdf_limit":       "The PDF took too long, or too much memory, to read.",
	"paper.pdf_no_text":     "No text could be taken from the PDF; it may be a picture of a letter.",
	"paper.pdf_script":      "The PDF holds a script.",
	"paper.pdf_tail":        "Bytes follow the end of the PDF.",
	"paper.pdf_truncated":   "The PDF has no end; part of it may be missing.",
	"paper.pdf_updated":     "The PDF was changed after it was first written; earlier versions are still inside.",
}

// remarks collects each code and place once.
type remarks []Remark

func (r *remarks) add(code, where string) {
	for _, have := range *r {
		if have.Code == code && have.Where == where {
			return
		}
	}
	*r = append(*r, Remark{Code: code, Where: where})
}
