package grant

import (
	"fmt"
	"slices"
	"strconv"

	"counterseal/internal/canon"
)

// manner is the part of a grant's text that came with version 2: what kind of
// answer it is, who chooses the items, and the lane.
func (g Grant) manner() []canon.Field {
	f := []canon.Field{{Key: "production", Value: string(g.Production)}}
	if x := g.Export; g.ByHand() {
		f = append(f,
			canon.Field{Key: "collection", Value: "by-hand"},
			canon.Field{Key: "not-gate-filtered", Value: x.InWords()},
			canon.Field{Key: "export-sha256", Value: x.Manifest.String()},
			canon.Field{Key: "export-files", Value: strconv.FormatInt(x.Files, 10)},
			canon.Field{Key: "export-bytes", Value: strconv.FormatInt(x.Bytes, 10)},
			canon.Field{Key: "export-collector", Value: x.Collector},
			canon.Field{Key: "export-collected", Value: canon.Time(x.At)},
			canon.Field{Key: "export-from", Value: x.From},
			canon.Field{Key: "export-how", Value: x.How})
	} else if g.Purpose == FromCopy {
		f = append(f, canon.Field{Key: "collection", Value: "copy"})
	} else {
		f = append(f, canon.Field{Key: "collection", Value: "gate"})
	}
	lane := "ordinary"
	if g.Emergency {
		lane = "emergency"
	}
	f = append(f, canon.Field{Key: "lane", Value: lane})
	if g.Caller != "" {
		f = append(f, canon.Field{Key: "caller", Value: g.Caller}, canon.Field{Key: "call-sha256", Value: g.Call.String()})
	}
	return f
}

// checkManner refuses what version 1 has no words for, and halves.
func (g Grant) checkManner() error {
	if g.Production == "" && (g.Export != ExportFacts{} || g.Emergency || g.Caller != "" || g.Call != Digest{}) {
		return badText("production")
	}
	if g.Production != "" && !slices.Contains(Productions, g.Production) {
		return badText("production")
	}
	if !g.ByHand() && g.Export != (ExportFacts{}) {
		return badText("export-sha256")
	}
	if g.ByHand() && (g.Export.Files < 1 || g.Export.Bytes < 0 || !word(g.Export.Collector)) {
		return badText("export")
	}
	if (g.Caller == "") != (g.Call == Digest{}) {
		return badText("caller")
	}
	return nil
}

func (g *Grant) setManner(f canon.Field) (err error) {
	x := &g.Export
	switch f.Key {
	case "production":
		g.Production = Production(f.Value)
	case "collection", "not-gate-filtered": // follow from the export; the comparison in Parse holds them to that
	case "export-sha256":
		x.Manifest, err = ParseDigest(f.Value)
	case "export-files":
		x.Files, err = parseInt(f)
	case "export-bytes":
		x.Bytes, err = parseInt(f)
	case "export-collector":
		x.Collector = f.Value
	case "export-collected":
		x.At, err = canon.ParseTime(f.Value)
	case "export-from":
		x.From = f.Value
	case "export-how":
		x.How = f.Value
	case "lane":
		g.Emergency = f.Value == "emergency"
	case "caller":
		g.Caller = f.Value
	case "call-sha256":
		g.Call, err = ParseDigest(f.Value)
	default:
		return g.setPurpose(f)
	}
	return err
}

// InWords says what the approvers are told about an export.
func (x ExportFacts) InWords() string {
	return fmt.Sprintf("%d files with %d bytes, collected by hand by %s on %s UTC; no item was compared with the scope by the gate",
		x.Files, x.Bytes, x.Collector, x.At.UTC().Format("2 January 2006 15:04:05"))
}
