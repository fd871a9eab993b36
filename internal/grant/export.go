package grant

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"counterseal/internal/canon"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

const exportHeader = "counterseal-export-v1"

// Bounds of one export.
const (
	MaxExportText  = 8 << 20 // bytes of its text
	MaxExportFiles = 10_000
	MaxExportName  = 500 // bytes of a file's name with its folders
)

// Export is the manifest of files that a person collected with a store's own
// tools: exactly these bytes leave, under the account, service and category that
// the person states for each. Its digest is what a grant by hand names.
type Export struct {
	Provider  string
	Demand    string
	Gate      string      // the one gate that may keep it
	Collector string      // person id
	At        time.Time   // when it was collected
	From      string      // what it was collected from, in words
	How       string      // with which tools, in words
	Covers    scope.Scope // what the person says the export covers
	Files     []ExportFile
}

// ExportFile is one file. The name is a label: it never becomes a path.
type ExportFile struct {
	SHA256   [sha256.Size]byte
	Size     int64
	Account  scope.AccountID
	Service  scope.Service
	Category scope.Category
	Name     string // relative, folders parted by a slash; see ExportName
}

// ExportFacts is what a grant says of the export that it sends.
type ExportFacts struct {
	Manifest  Digest // SHA-256 of Export.Bytes
	Files     int64
	Bytes     int64
	Collector string
	From, How string
	At        time.Time
}

// Bytes is the canonical text that the collector signs. Codes: export.name,
// export.name_twice, export.too_large, export.covers, grant.text, grant.name,
// canon.value.
func (e Export) Bytes() ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	f := []canon.Field{{Key: "provider", Value: e.Provider}, {Key: "demand", Value: e.Demand}, {Key: "gate", Value: e.Gate},
		{Key: "collector", Value: e.Collector}, {Key: "collected", Value: canon.Time(e.At)}, {Key: "from", Value: e.From}, {Key: "how", Value: e.How}}
	for _, l := range e.Covers.Lines() {
		f = append(f, canon.Field{Key: "covers", Value: l})
	}
	for _, w := range InWords(e.Covers) {
		f = append(f, canon.Field{Key: "in-words", Value: w})
	}
	f = append(f, canon.Field{Key: "files", Value: strconv.Itoa(len(e.Files))}, canon.Field{Key: "bytes", Value: strconv.FormatInt(e.size(), 10)})
	for _, x := range e.Files {
		f = append(f, canon.Field{Key: "file", Value: fmt.Sprintf("%x %d %s %s %s %s", x.SHA256, x.Size, x.Account, x.Service, x.Category, x.Name)})
	}
	text, err := canon.Encode(exportHeader, f)
	if err == nil && len(text) > MaxExportText {
		return nil, exportTooLarge()
	}
	return text, err
}

func exportTooLarge() error {
	return problem.New(problem.Invalid, "export.too_large", "an export has 1 to %d files and a manifest of at most %d bytes", MaxExportFiles, MaxExportText).
		Fix("divide it, or put many small files into one archive")
}

func (e Export) size() (n int64) {
	for _, f := range e.Files {
		n += f.Size
	}
	return n
}

// Facts is what a grant says of this export. Codes: those of Bytes.
func (e Export) Facts() (ExportFacts, error) {
	text, err := e.Bytes()
	if err != nil {
		return ExportFacts{}, err
	}
	return ExportFacts{Manifest: sha256.Sum256(text), Files: int64(len(e.Files)), Bytes: e.size(), Collector: e.Collector, From: e.From, How: e.How, At: e.At}, nil
}

func (e Export) check() error {
	if !Name(e.Demand) || !Name(e.Gate) || !word(e.Collector) {
		return problem.New(problem.Invalid, "grant.name", "a name is 1 to 64 of a–z, 0–9 and inner hyphens").At("demand, gate, collector")
	}
	if len(e.From) > 1000 || len(e.How) > 1000 {
		return badText("from, how")
	}
	if len(e.Files) == 0 || len(e.Files) > MaxExportFiles {
		return exportTooLarge()
	}
	return e.checkFiles()
}

// checkFiles holds the files in byte order of their names, each name one that
// every file system can tell from the others, each file under what the export
// covers.
func (e Export) checkFiles() error {
	seen, fold := make(map[string]bool, len(e.Files)), cases.Fold()
	var total int64
	for i, f := range e.Files {
		if err := ExportName(f.Name); err != nil {
			return err
		}
		// Compatibility forms and case together: stricter than any file system.
		same := norm.NFKC.String(fold.String(norm.NFKC.String(f.Name)))
		if seen[same] || (i > 0 && e.Files[i-1].Name >= f.Name) {
			return problem.New(problem.Invalid, "export.name_twice", "two files have one name to some file system, or the files are not in the order of their names").At("%.120q", f.Name).
				Fix("rename one of them and collect again")
		}
		seen[same] = true
		if f.Size < 0 || f.Size > 1<<50 {
			return badText("file size")
		}
		if total += f.Size; total > 1<<50 {
			return badText("bytes")
		}
		if !slices.ContainsFunc(e.Covers.Selectors(), func(s scope.Selector) bool {
			return s.Account == f.Account && s.Service == f.Service && s.Category == f.Category
		}) {
			return problem.New(problem.Invalid, "export.covers", "a file is not of an account, service and category that the export covers").At("%.120q", f.Name).
				Fix("leave it out, or collect for another part of the demand")
		}
	}
	return nil
}

// ExportName refuses a name that could lead elsewhere, mislead who reads it, or
// that a package could not carry. Code: export.name.
func ExportName(name string) error {
	bad := func(why string) error {
		return problem.New(problem.Invalid, "export.name", "a file of an export cannot have this name: %s", why).At("%.120q", name).Fix("rename it and collect again")
	}
	if name == "" || len(name) > MaxExportName {
		return bad(fmt.Sprintf("it has 1 to %d bytes", MaxExportName))
	}
	if strings.ContainsAny(name, "\\:") {
		return bad("it holds a backslash or a colon")
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part == "." || part == ".." || strings.TrimSpace(part) != part {
			return bad("a part of it is empty, a dot, two dots, or begins or ends with a space")
		}
	}
	_, err := canon.Encode(exportHeader, []canon.Field{{Key: "file", Value: name}})
	if err != nil {
		return bad("it is not visible text in UTF-8")
	}
	return nil
}

// ParseExport reads a manifest and accepts only its canonical text. Codes: those
// of Bytes, grant.digest, canon.text, and those of scope.
func ParseExport(text []byte) (Export, error) {
	if len(text) > MaxExportText {
		return Export{}, exportTooLarge()
	}
	fields, err := canon.Decode(exportHeader, text)
	if err != nil {
		return Export{}, err
	}
	var e Export
	var covers []string
	for _, f := range fields {
		if f.Key == "covers" {
			covers = append(covers, f.Value)
			continue
		}
		if err := e.set(f); err != nil {
			return Export{}, err
		}
	}
	e.Covers, err = scope.ParseLines(covers)
	if err != nil {
		return Export{}, err
	}
	return canon.Exact(e, text)
}

func (e *Export) set(f canon.Field) (err error) {
	switch f.Key {
	case "provider":
		e.Provider = f.Value
	case "demand":
		e.Demand = f.Value
	case "gate":
		e.Gate = f.Value
	case "collector":
		e.Collector = f.Value
	case "collected":
		e.At, err = canon.ParseTime(f.Value)
	case "from":
		e.From = f.Value
	case "how":
		e.How = f.Value
	case "in-words", "files", "bytes": // follow from the rest; the comparison holds them to that
	case "file":
		if len(e.Files) == MaxExportFiles {
			return exportTooLarge()
		}
		w := strings.SplitN(f.Value, " ", 6)
		if len(w) != 6 {
			return badText("file")
		}
		d, derr := ParseDigest(w[0])
		size, serr := strconv.ParseInt(w[1], 10, 64)
		if derr != nil || serr != nil {
			return badText("file")
		}
		e.Files = append(e.Files, ExportFile{SHA256: d, Size: size, Account: scope.AccountID(w[2]), Service: scope.Service(w[3]), Category: scope.Category(w[4]), Name: w[5]})
	default:
		return badText(f.Key)
	}
	return err
}

// CheckExport verifies that a person on the roster signed the manifest in their
// own name, for this gate, about accounts that the gate's region keeps, and that
// the policy allows it. Codes: export.not_on_roster, export.other_person,
// export.other_gate, export.future, export.cap, grant.by_hand_barred,
// grant.account_unknown, grant.account_region, and those of ParseExport and
// signature.
func CheckExport(c *Charter, s Signed, gate string, now time.Time) (Export, error) {
	e, err := ParseExport(s.Text)
	if err != nil {
		return Export{}, err
	}
	if err := c.signedBy(s, signature.Export, e.Collector, "export"); err != nil {
		return Export{}, err
	}
	g, ok := c.GateByID(gate)
	switch {
	case !ok || e.Gate != gate || e.Provider != c.Provider:
		return Export{}, refuse("export.other_gate", "this export was collected for another gate").At("%s", e.Gate)
	case e.At.After(now.Add(c.Policy.Skew)):
		return Export{}, refuse("export.future", "this export was collected in the future").Fix("set the clock right")
	case e.size() > c.Policy.ByteCap:
		return Export{}, refuse("export.cap", "the export has more bytes than the policy's cap for one grant").Fix("divide it")
	}
	like := Case{Grant: Grant{Scope: e.Covers, Region: g.Region}, Charter: c}
	if err := checkEstate(like); err != nil {
		return Export{}, err
	}
	return e, c.Policy.barred(g.Region, e.Covers)
}

// Bars reports whether the policy refuses exports by hand of a service in a
// region. NotByHand is "everything", or a list of SERVICE (in each region) and
// REGION/SERVICE, joined by commas.
func (p Policy) Bars(region string, service scope.Service) bool {
	for bar := range strings.SplitSeq(p.NotByHand, ",") {
		if bar == "everything" || bar == string(service) || bar == region+"/"+string(service) {
			return true
		}
	}
	return false
}

func (p Policy) barred(region string, s scope.Scope) error {
	for _, sel := range s.Selectors() {
		if p.Bars(region, sel.Service) {
			return refuse("grant.by_hand_barred", "the policy does not let %s be collected by hand here", sel.Service).
				Fix("connect a store, or change the policy in the charter")
		}
	}
	return nil
}

func validBars(list string) bool {
	if list == "" || list == "everything" {
		return true
	}
	bars := strings.Split(list, ",")
	for i, b := range bars {
		region, service, both := strings.Cut(b, "/")
		if !both {
			region, service = "any", b
		}
		if !Name(region) || !slices.Contains(scope.Services, scope.Service(service)) || (i > 0 && bars[i-1] >= b) {
			return false
		}
	}
	return true
}

// checkByHand: an export leaves where the policy allows it, and somebody of the
// roster answers for it.
func checkByHand(c Case) error {
	g := c.Grant
	if !g.ByHand() {
		return nil
	}
	if _, ok := c.Charter.PersonByID(g.Export.Collector); !ok {
		return refuse("grant.collector", "who collected this export is not on the roster").At("%s", g.Export.Collector)
	}
	if g.Export.Bytes > g.ByteCap {
		return refuse("grant.export_cap", "the export has more bytes than the grant allows").Fix("draft a grant with a higher cap, or divide the export")
	}
	return c.Charter.Policy.barred(g.Region, g.Scope)
}
