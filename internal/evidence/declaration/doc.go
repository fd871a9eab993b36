// Package declaration is the custodian's declaration about one package: a text
// that the program drafts from the facts of the release, that counsel may edit,
// and that a named person signs.
//
// Its words. The *declaration* is a text with a head of fixed lines (which
// release, whose word, when) and a body in plain words. An *open* place is one
// that the program cannot know: "[ ]" before a sentence to be confirmed or struck
// out, "____" for words to be filled in. The *word of the gate* says that the
// person who signed was on the gate's roster; it is signed by the gate, whose key
// an officer has, who has not the roster's.
//
// Its promises. A draft states only what the release, the grant and the charter
// state; everything else is an open place, and a declaration with an open place
// is not accepted (declaration.open). The head is accepted in one form only; the
// body is lines of visible characters, so what is read is what was signed. The
// declaration lies beside the package, not under its manifest, so it can come
// later.
//
// For a demand from the United States the draft follows FRE 902(11), (13), (14)
// and 28 USC 1746; otherwise it says how the package was made, in English,
// German, Danish or Italian, and refers to no law.
//
// Codes: declaration.text, declaration.open, declaration.too_large,
// declaration.language, declaration.word.
//
// Imports: standard library, problem, canon, evidence/release.
package declaration
