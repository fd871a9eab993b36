package evidence

import (
	"bytes"
	"crypto/sha1" // of names alone, as RFC 9562 §5.5 wants it
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Step is one act on the way from the store to the package.
type Step struct {
	At     time.Time
	Until  time.Time // when an act that lasted was over; zero: it did not last
	By     string    // a person's id, "gate " and its id, or Journal
	Act    string    // what was done, in plain words
	Detail string
	Of     Subject
}

// Journal is By of what the journal holds.
const Journal = "journal"

// Subject is what a step is about.
type Subject string

const (
	OfDemand  Subject = ""        // the demand and its instrument
	OfGrant   Subject = "grant"   // the grant and its approvals
	OfPayload Subject = "payload" // what was collected
)

// Custody is what custody.jsonld says: who demanded, who did what and when, with
// which program, and what came of it. It is CASE/UCO 1.4 in JSON-LD.
type Custody struct {
	Order   OrderFile
	Version string // of the program
	Steps   []Step
	Files   []TagSum // those that stand before it in the bag
}

// TagSum is a tag file's digest.
type TagSum struct {
	Name   string
	Size   int64
	SHA256 [sha256.Size]byte
}

// node is any object of the graph. Which fields it has follows from its type.
type node struct {
	ID      string   `json:"@id"`
	Type    string   `json:"@type"`
	Name    string   `json:"uco-core:name,omitempty"`
	Says    string   `json:"uco-core:description,omitempty"`
	Spec    string   `json:"uco-core:specVersion,omitempty"`
	Version string   `json:"uco-tool:version,omitempty"`
	Tool    string   `json:"uco-tool:toolType,omitempty"`
	Kind    string   `json:"case-investigation:authorizationType,omitempty"`
	Numbers []string `json:"case-investigation:authorizationIdentifier,omitempty"`
	Status  string   `json:"case-investigation:investigationStatus,omitempty"`
	Allows  []string `json:"case-investigation:relevantAuthorization,omitempty"`
	Start   string   `json:"uco-action:startTime,omitempty"`
	End     string   `json:"uco-action:endTime,omitempty"`
	Who     string   `json:"uco-action:performer,omitempty"`
	With    string   `json:"uco-action:instrument,omitempty"`
	On      []string `json:"uco-action:object,omitempty"`
	Result  []string `json:"uco-action:result,omitempty"`
	Exhibit string   `json:"case-investigation:exhibitNumber,omitempty"`
	Holds   []string `json:"uco-core:object,omitempty"`
	Facets  []node   `json:"uco-core:hasFacet,omitempty"`
	File    string   `json:"uco-observable:fileName,omitempty"`
	Size    *int64   `json:"uco-observable:sizeInBytes,omitempty"`
	Hash    *node    `json:"uco-observable:hash,omitempty"`
	Method  string   `json:"uco-types:hashMethod,omitempty"`
	Value   string   `json:"uco-types:hashValue,omitempty"`
}

type document struct {
	Context json.RawMessage `json:"@context"`
	Graph   []node          `json:"@graph"`
}

// vocabularies names the vocabularies, which need not be fetched to read the rest.
const vocabularies = `{
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "case-investigation:relevantAuthorization": { "@type": "@id" },
    "uco-action:startTime": { "@type": "xsd:dateTime" },
    "uco-action:endTime": { "@type": "xsd:dateTime" },
    "uco-action:performer": { "@type": "@id" },
    "uco-action:instrument": { "@type": "@id" },
    "uco-action:object": { "@type": "@id" },
    "uco-action:result": { "@type": "@id" },
    "uco-core:object": { "@type": "@id" },
    "uco-types:hashValue": { "@type": "xsd:hexBinary" }
  }`

// Kinds of tool, by which a step's By is told from a person.
const (
	gateTool    = "gate"
	journalTool = "journal"
)

// Text is the one form of custody.jsonld. Every object has a name-based UUID
// (RFC 9562 §5.5) in the namespace of the grant, whose name is the first half of its digest, so equal facts have equal bytes.
func (c Custody) Text() []byte {
	g := graph{c: c, ids: map[string]string{}}
	g.parties()
	g.files()
	for i, s := range c.Steps {
		g.step(i+1, s)
	}
	g.whole()
	return indented(document{Context: json.RawMessage(vocabularies), Graph: g.nodes})
}

// graph is a custody document in the making.
type graph struct {
	c       Custody
	nodes   []node
	ids     map[string]string // of persons
	records []string          // the provenance records
	payload []string          // the files of this package
}

// id names an object of this grant.
func (g *graph) id(name string) string {
	grant := sha256.Sum256(g.c.Order.Grant)
	sum := sha1.Sum(append(grant[:16], name...))
	u := sum[:16]
	u[6], u[8] = u[6]&0x0f|0x50, u[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

func (g *graph) add(n node, name string) string {
	n.ID = g.id(name)
	g.nodes = append(g.nodes, n)
	return n.ID
}

// parties are the two organizations, what each has decided, and the programs.
func (g *graph) parties() {
	o := g.c.Order
	g.add(node{Type: "uco-identity:Organization", Name: o.Authority, Says: "the authority that demanded"}, "authority")
	g.add(node{Type: "uco-identity:Organization", Name: o.Provider, Says: "the provider that answers"}, "provider")
	numbers := []string{"demand " + o.Demand}
	if o.Reference != "" {
		numbers = append(numbers, o.Reference)
	}
	g.add(node{Type: "case-investigation:Authorization", Name: "Demand " + o.Demand, Says: "demanded by " + o.Authority + ", received " + o.Received.UTC().Format(time.RFC3339),
		Kind: o.Instrument, Numbers: numbers}, "demand")
	g.add(node{Type: "case-investigation:Authorization", Name: "Grant for demand " + o.Demand, Says: "the provider's own permission to collect, with its approvals in order.json",
		Kind: "grant", Numbers: []string{"sha256 " + o.GrantSHA256, "scope sha256 " + o.ScopeSHA256}}, "grant")
	g.add(node{Type: "uco-tool:Tool", Name: "gate " + o.Gate, Says: "Counterseal, in region " + o.Region, Version: g.c.Version, Tool: gateTool}, "gate")
	g.add(node{Type: "uco-tool:Tool", Name: Journal, Says: "the provider's journal, a transparency log", Tool: journalTool}, "journal")
}

func (g *graph) files() {
	for _, f := range g.c.Files {
		size := f.Size
		hash := node{ID: g.id("hash " + f.Name), Type: "uco-types:Hash", Method: "SHA256", Value: hex.EncodeToString(f.SHA256[:])}
		g.payload = append(g.payload, g.add(node{Type: "uco-observable:File", Name: f.Name, Facets: []node{
			{ID: g.id("file " + f.Name), Type: "uco-observable:FileFacet", File: f.Name, Size: &size},
			{ID: g.id("content " + f.Name), Type: "uco-observable:ContentDataFacet", Hash: &hash},
		}}, "of "+f.Name))
	}
}

// step is an action and the record of where it belongs.
func (g *graph) step(n int, s Step) {
	a := node{Type: "case-investigation:InvestigativeAction", Name: s.Act, Says: s.Detail, Start: stamp(s.At), End: stamp(s.Until)}
	switch s.By {
	case "gate " + g.c.Order.Gate:
		a.Who, a.With = g.id("provider"), g.id("gate")
	case Journal:
		a.Who, a.With = g.id("provider"), g.id("journal")
	default:
		a.Who = g.person(s.By)
	}
	of := []string{g.id("demand")}
	switch s.Of {
	case OfGrant:
		of = []string{g.id("grant")}
	case OfPayload:
		a.On, of = of, g.payload
	}
	record := fmt.Sprintf("record %d", n)
	a.Result = []string{g.id(record)}
	act := g.add(a, fmt.Sprintf("step %d", n))
	g.records = append(g.records, g.add(node{Type: "case-investigation:ProvenanceRecord", Name: fmt.Sprintf("Step %d", n),
		Exhibit: fmt.Sprintf("%s/%d", g.c.Order.Demand, n), Holds: append([]string{act}, of...)}, record))
}

func (g *graph) person(name string) string {
	id, ok := g.ids[name]
	if !ok {
		id = g.add(node{Type: "uco-identity:Person", Name: name, Says: "named as the provider's roster names them"}, "person "+name)
		g.ids[name] = id
	}
	return id
}

// whole is what holds the rest together.
func (g *graph) whole() {
	o := g.c.Order
	g.add(node{Type: "case-investigation:Investigation", Name: "Demand " + o.Demand, Says: fmt.Sprintf("%d items with %d bytes were given, %d were withheld; filtered: %s", o.Items, o.Bytes, o.Withheld, o.Filtered),
		Status: "answered", Allows: []string{g.id("demand"), g.id("grant")}, Holds: g.records}, "investigation")
	var all []string
	for _, n := range g.nodes {
		all = append(all, n.ID)
	}
	g.add(node{Type: "uco-core:Bundle", Name: "Chain of custody of a package", Says: "Written by the gate when it sealed the package. The digest of this file stands in " + TagManifestFile + ".",
		Spec: "CASE 1.4.0, UCO 1.4.0", Holds: all}, "bundle")
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Truncate(time.Second).Format(time.RFC3339)
}

// ParseCustody reads the steps and the version out of a custody.jsonld that says
// what order.json and the digests of the files before it say, in its one form.
// Whatever else it holds, ok is false.
func ParseCustody(text []byte, order OrderFile, files []TagSum) (c Custody, ok bool) {
	var d document
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if dec.Decode(&d) != nil {
		return Custody{}, false
	}
	c = Custody{Order: order, Files: files}
	by := map[string]node{}
	for _, n := range d.Graph {
		by[n.ID] = n
		if n.Tool == gateTool {
			c.Version = n.Version
		}
	}
	for _, n := range d.Graph {
		if n.Type == "case-investigation:InvestigativeAction" {
			c.Steps = append(c.Steps, stepOf(n, by))
		}
	}
	return c, plausibleSteps(c.Steps) && bytes.Equal(c.Text(), text)
}

func plausibleSteps(steps []Step) bool {
	return len(steps) > 0 && len(steps) <= maxSteps+2 && !slices.ContainsFunc(steps, func(s Step) bool { return !s.valid() })
}

func stepOf(n node, by map[string]node) Step {
	s := Step{By: by[n.Who].Name, Act: n.Name, Detail: n.Says}
	if n.With != "" {
		s.By = by[n.With].Name
	}
	s.At, _ = time.Parse(time.RFC3339, n.Start)
	s.Until, _ = time.Parse(time.RFC3339, n.End)
	switch {
	case len(n.On) > 0:
		s.Of = OfPayload
	case len(n.Result) == 1 && len(by[n.Result[0]].Holds) == 2 && by[by[n.Result[0]].Holds[1]].Kind == "grant":
		s.Of = OfGrant
	}
	return s
}
