package notice

import "reflect"

// HeadOf is what a letter says at its head.
func HeadOf(l Letter) Head { return *l.head() }

// InLanguage is the same letter for a reader of another language. Sentences of
// findings that it carries stay as they were written. Code as for Write, there.
func InLanguage(l Letter, language string) Letter {
	to := reflect.New(reflect.TypeOf(l).Elem())
	to.Elem().Set(reflect.ValueOf(l).Elem())
	out := to.Interface().(Letter)
	out.head().Language = language
	return out
}

// Block is a paragraph, a heading or a list of a letter.
type Block struct {
	Heading string
	Title   bool // the letter's own heading
	Text    string
	List    []string
}

// Blocks is the wording for a page that lays it out itself.
func (d Draft) Blocks() []Block {
	var out []Block
	for _, b := range parse(d.Wording) {
		out = append(out, Block(b))
	}
	return out
}
