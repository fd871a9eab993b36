package law

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"counterseal/internal/problem"
)

// Limits of what is read.
const (
	MaxPack   = 8 << 20  // bytes of a pack
	MaxFacts  = 64 << 10 // bytes of a facts file
	MaxRules  = 2000     // rules of a pack
	MaxPacks  = 200      // packs of a folder
	MaxFolder = 32 << 20 // bytes of them
	maxMarks  = 600_000  // line ends, commas and brackets of a document, which bound the memory that its parse takes
	maxDepth  = 8        // nesting of a document
	maxScalar = 4096     // bytes of one value
	ruleDepth = 3        // of a rule in its pack
)

// reader walks one YAML document strictly and names file, line and rule in
// every refusal.
type reader struct {
	file string
	rule string   // the rule being read, once known
	all  *[]error // where refusals of single rules are kept; nil: the first one ends the reading

	draft  bool                  // translations may be missing
	names  map[*yaml.Node]string // the fields that values stand in, for refusals
	broken map[*yaml.Node]bool   // entries that were refused before they were read
	ids    map[string]bool       // of entries that were refused
}

// of names the field that a value stands in: kind. It is "this field" where none is known.
func (r *reader) of(n *yaml.Node) string {
	if name := r.names[n]; name != "" {
		return name
	}
	return "this field"
}

func (r *reader) name(n *yaml.Node, field string) {
	if r.names == nil {
		r.names = map[*yaml.Node]string{}
	}
	r.names[n] = field
}

// entryRefused takes down that an entry is not in the pack for a reason that was said.
func (r *reader) entryRefused(n *yaml.Node) {
	if r.broken == nil {
		r.broken, r.ids = map[*yaml.Node]bool{}, map[string]bool{}
	}
	r.broken[n] = true
	r.ids[peekID(n)] = true
}

// kept says that a refusal was taken down and reading may go on.
func (r *reader) kept(err error) bool {
	if r.all == nil {
		return false
	}
	*r.all = append(*r.all, err)
	return true
}

// refusal is a problem that also has its place apart, for who lists many.
type refusal struct {
	problem *problem.Error
	line    int
	rule    string
}

func (r *refusal) Error() string { return r.problem.Error() }
func (r *refusal) Unwrap() error { return r.problem }

func (r *reader) fail(code string, line int, format string, args ...any) error {
	p := problem.New(problem.Invalid, code, format, args...)
	switch {
	case line == 0:
		p = p.At("%s", r.file)
	case r.rule == "":
		p = p.At("%s:%d", r.file, line)
	default:
		p = p.At("%s:%d, rule %s", r.file, line, r.rule)
	}
	return &refusal{p, line, r.rule}
}

func tooLarge(file string) error {
	return problem.New(problem.Invalid, "law.size", "the file or folder is too large").At("%s", file)
}

// document parses exactly one YAML document and refuses what a strict reader
// has no use for: aliases, anchors, tags, deep nesting, long values.
func (r *reader) document(data []byte, limit int) (*yaml.Node, error) {
	if len(data) > limit {
		return nil, tooLarge(r.file)
	}
	if !utf8.Valid(data) {
		return nil, r.fail("law.yaml", 0, "the file is not valid UTF-8")
	}
	if marks(data) > maxMarks {
		return nil, r.fail("law.size", 0, "the file has more than %d lines and values", maxMarks)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	err := dec.Decode(&doc)
	if err != nil || len(doc.Content) != 1 {
		bad := r.fail("law.yaml", 0, "the file is not one YAML document: %s", yamlReason(err))
		return nil, atLine(bad, err)
	}
	err = dec.Decode(&more)
	if !errors.Is(err, io.EOF) {
		return nil, r.fail("law.yaml", more.Line, "something follows the first document")
	}
	root := doc.Content[0]
	return root, r.plain(root, 1)
}

// marks counts what values are set apart by: a file of commas alone is small, and
// its tree is not.
func marks(data []byte) (n int) {
	for _, c := range data {
		switch c {
		case '\n', ',', '[', '{', '?':
			n++
		}
	}
	return n
}

// yamlReason keeps the parser's sentence, which holds a line number and no path.
func yamlReason(err error) string {
	if err == nil {
		return "it is empty"
	}
	s := strings.TrimPrefix(err.Error(), "yaml: ")
	if len(s) > 120 {
		s = s[:120]
	}
	for _, slip := range []string{"did not find expected", "mapping values are not allowed", "could not find expected"} {
		if strings.Contains(s, slip) {
			return s + "; there or below: each field begins under the one above, a sentence stands on one line, and expressions and sentences stand in double quotation marks"
		}
	}
	return strings.ToValidUTF8(s, "?")
}

// atLine takes the line from the parser's sentence, where one stands in it.
func atLine(bad, err error) error {
	var at *refusal
	if errors.As(bad, &at) && err != nil {
		_, _ = fmt.Sscanf(err.Error(), "yaml: line %d:", &at.line)
	}
	return bad
}

// peekID is the id of a rule that is not read yet, so that every refusal inside
// it can name it.
func peekID(n *yaml.Node) string {
	if n.Kind != yaml.MappingNode {
		return ""
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if v := n.Content[i+1]; n.Content[i].Value == "id" && len(v.Value) <= maxID && idForm.MatchString(v.Value) {
			return v.Value
		}
	}
	return ""
}

func (r *reader) plain(n *yaml.Node, depth int) error {
	if depth == ruleDepth {
		r.rule = peekID(n)
		defer func() { r.rule = "" }()
	}
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return r.fail("law.alias", n.Line, "anchors and aliases are not allowed: write the value out")
	}
	if n.Style&yaml.TaggedStyle != 0 {
		return r.fail("law.tag", n.Line, "an expression that begins with ! stands in double quotation marks; tags are not allowed")
	}
	if depth > maxDepth {
		return r.fail("law.depth", n.Line, "the document is nested too deeply")
	}
	if len(n.Value) > maxScalar {
		return r.fail("law.size", n.Line, "a value is longer than %d bytes", maxScalar)
	}
	for _, c := range n.Content {
		err := r.plain(c, depth+1)
		if err != nil && depth+1 == ruleDepth && r.kept(err) {
			r.entryRefused(c)
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pair is one entry of a mapping.
type pair struct {
	key   string
	line  int
	value *yaml.Node
}

func (r *reader) pairs(n *yaml.Node) ([]pair, error) {
	if n.Kind != yaml.MappingNode {
		return nil, r.fail("law.type", n.Line, "fields with a colon are expected for %s: {from: 2026-01-01}, or each on a line of its own", r.of(n))
	}
	seen := make(map[string]bool, len(n.Content)/2)
	out := make([]pair, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if k.Kind != yaml.ScalarNode || k.ShortTag() != "!!str" {
			return nil, r.fail("law.type", k.Line, "a key is a word")
		}
		if seen[k.Value] {
			return nil, r.fail("law.duplicate_key", k.Line, "%q stands twice", k.Value)
		}
		seen[k.Value] = true
		out = append(out, pair{k.Value, k.Line, n.Content[i+1]})
	}
	return out, nil
}

// fields reads a mapping with a closed list of keys; required ones end in "!". With a
// refusal it gives those that it knows, where it is a mapping at all.
func (r *reader) fields(n *yaml.Node, keys ...string) (map[string]*yaml.Node, error) {
	ps, err := r.pairs(n)
	if err != nil {
		return nil, err
	}
	allowed := make(map[string]bool, len(keys))
	for _, k := range keys {
		allowed[strings.TrimSuffix(k, "!")] = true
	}
	m := make(map[string]*yaml.Node, len(ps))
	for _, p := range ps {
		if !allowed[p.key] {
			err = cmp.Or(err, r.fail("law.unknown_field", p.line, "%q is not a field here", p.key))
			continue
		}
		m[p.key] = p.value
		r.name(p.value, p.key)
	}
	if err != nil {
		return m, err
	}
	var missing []string
	for _, k := range keys {
		name, required := strings.CutSuffix(k, "!")
		if required && m[name] == nil {
			missing = append(missing, strconv.Quote(name))
		}
	}
	switch len(missing) {
	case 0:
		return m, nil
	case 1:
		return m, r.fail("law.missing_field", n.Line, "the field %s is missing", missing[0])
	}
	return m, r.fail("law.missing_field", n.Line, "the fields %s are missing", strings.Join(missing, ", "))
}

// text reads a scalar as written; nil gives "". Only words, and dates where
// the parser sees a date, are text.
func (r *reader) text(n *yaml.Node) (string, error) {
	if n == nil {
		return "", nil
	}
	if tag := n.ShortTag(); n.Kind != yaml.ScalarNode || tag != "!!str" && tag != "!!timestamp" {
		return "", r.fail("law.type", n.Line, "text is expected for %s; put what looks like a number or a list in double quotation marks", r.of(n))
	}
	s := strings.TrimSpace(n.Value)
	if s == "" {
		return "", r.fail("law.missing_field", n.Line, "the text of %s is empty", r.of(n))
	}
	return s, nil
}

func (r *reader) list(n *yaml.Node) ([]*yaml.Node, error) {
	if n == nil {
		return nil, nil
	}
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		return nil, r.fail("law.type", n.Line, "a list with at least one entry is expected for %s: %s", r.of(n), r.listed(n))
	}
	return n.Content, nil
}

// listed shows how a list is written: with the word that stands there alone, if one does.
func (r *reader) listed(n *yaml.Node) string {
	entries := slices.Contains([]string{"rules", "deadlines", "reach", "examples", "entities"}, r.names[n])
	switch {
	case n.Kind == yaml.MappingNode || entries:
		return "begin each entry with a dash"
	case n.Kind == yaml.ScalarNode && n.Value != "" && len(n.Value) <= maxID:
		return "write [" + n.Value + "]"
	case sampleLists[r.names[n]] != "":
		return "write for example [" + sampleLists[r.names[n]] + "]"
	}
	return "write it in square brackets, or each entry on a line with a dash"
}

// sampleLists are words that may stand in the lists of a pack.
var sampleLists = map[string]string{
	"sets": "latest", "instruments": "sca_warrant", "inside": "us.2d_cir", "outside": "us.2d_cir", "respond": "clarify", "missing": "asks_content",
	"categories": "content", "by": "US", "not_by": "US", "leaves_out": "whether the offence is in the list of section 5",
}

func (r *reader) texts(n *yaml.Node) ([]string, error) {
	nodes, err := r.list(n)
	if err != nil || n == nil {
		return nil, err
	}
	out := make([]string, 0, len(nodes))
	seen := make(map[string]bool, len(nodes))
	for _, c := range nodes {
		r.name(c, r.of(n))
		s, err := r.text(c)
		if err != nil {
			return nil, err
		}
		if seen[s] {
			return nil, r.fail("law.duplicate_key", c.Line, "%q stands twice", s)
		}
		seen[s] = true
		out = append(out, s)
	}
	return out, nil
}
