package declaration

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"strings"
	"text/template"
	"time"

	"counterseal/internal/evidence/release"
	"counterseal/internal/problem"
)

//go:embed templates/*.txt
var templates embed.FS

// Facts are what a draft may state.
type Facts struct {
	Release   release.Release
	Provider  string
	Authority string   // who demanded, with its country
	Country   string   // of the authority, two letters
	Language  string   // of the statement where the country is not the US: en, de, da or it
	Order     string   // the instrument in words
	Scope     []string // what was approved to be collected, in words
	Export    string   // of a package by hand: who collected what, when, from where and how; else ""
	Person    string   // id on the roster
	Name      string
	At        time.Time
}

// Draft writes the declaration of a person, with its open places. Codes:
// declaration.language, declaration.text, canon.value.
func Draft(f Facts) ([]byte, error) {
	text, err := f.Release.Bytes()
	if err != nil {
		return nil, err
	}
	name := f.Language
	if f.Country == "US" {
		name = "us"
	}
	t, err := template.New(name+".txt").Option("missingkey=error").Funcs(template.FuncMap{"time": when, "day": day, "hex": func(d [sha256.Size]byte) string { return hex.EncodeToString(d[:]) }}).
		ParseFS(templates, "templates/"+name+".txt")
	if err != nil || strings.ContainsAny(name, "/.*[") {
		return nil, problem.New(problem.Invalid, "declaration.language", "a declaration is drafted in en, de, da or it").At("%.10q", f.Language)
	}
	var b bytes.Buffer
	err = t.Execute(&b, f)
	if err != nil {
		return nil, problem.New(problem.Internal, "declaration.draft", "the declaration could not be drafted").Because(err)
	}
	return Declaration{Release: sha256.Sum256(text), Demand: f.Release.Demand, Person: f.Person, Name: f.Name, At: f.At, Body: wrap(b.String())}.Bytes()
}

func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
func day(t time.Time) string  { return t.UTC().Format("2006-01-02") }

// maxLine is where a line of a draft is broken; plain takes 1,000 bytes.
const maxLine = 900

// wrap breaks lines that are too long at a space.
func wrap(body string) string {
	var b strings.Builder
	for line := range strings.SplitAfterSeq(body, "\n") {
		for len(line) > maxLine {
			i := strings.LastIndexByte(line[:maxLine], ' ')
			if i < len(indent)+1 {
				break
			}
			b.WriteString(line[:i] + "\n")
			line = indent + line[i+1:]
		}
		b.WriteString(line)
	}
	return b.String()
}

const indent = "   "
