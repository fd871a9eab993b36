// Package internal_test holds the test of the layers: which room may import which.
package internal_test

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "counterseal/internal/"

// layers says for each room what it may import of ours, directly. What stands
// nowhere is not allowed. docs/architecture.md explains the table.
var layers = map[string]string{
	"problem":                          "",
	"strict":                           "problem",
	"canon":                            "problem",
	"signature":                        "problem",
	"scope":                            "problem",
	"ciphertext":                       "",
	"fact":                             "problem",
	"calendar":                         "problem",
	"country":                          "",
	"demand":                           "problem scope fact",
	"openpgp":                          "problem",
	"grant":                            "problem scope canon signature identifier openpgp",
	"receipt":                          "problem canon signature",
	"law":                              "problem fact calendar country",
	"law/book":                         "problem fact law",
	"estate":                           "problem scope strict identifier",
	"authority":                        "problem strict identifier openpgp",
	"intake":                           "problem scope fact calendar demand canon strict",
	"ledger/proof":                     "problem",
	"ledger/witness":                   "problem ledger/proof",
	"ledger":                           "problem ledger/proof",
	"keys":                             "problem batch",
	"blob":                             "problem batch",
	"docket":                           "problem scope fact demand ledger ledger/proof",
	"clerk":                            "problem scope demand docket",
	"store/sqlite":                     "problem demand docket ledger ledger/proof batch",
	"gate/source":                      "problem scope",
	"gate/source/rooted":               "problem",
	"gate/source/table":                "problem gate/source gate/source/rooted",
	"gate/source/mbox":                 "problem scope gate/source gate/source/letter gate/source/rooted",
	"gate/source/records":              "problem scope gate/source gate/source/table",
	"gate/record":                      "problem",
	"gate/copyfile":                    "problem scope",
	"gate":                             "problem scope canon signature grant openpgp ledger/proof evidence evidence/release evidence/declaration evidence/sealedzip gate/source gate/record gate/copyfile evidence/timestamp",
	"gate/gatehttp":                    "problem grant gate",
	"gate/gatepage":                    "problem scope canon signature grant gate",
	"gate/pickup":                      "problem signature evidence/declaration evidence/release evidence/timestamp gate gate/gatehttp gate/gatepage",
	"gate/uplink":                      "problem gate",
	"gate/pinned":                      "problem",
	"evidence/release":                 "problem scope canon",
	"evidence/declaration":             "problem canon evidence/release",
	"evidence":                         "problem scope openpgp ciphertext evidence/release evidence/sealedzip",
	"evidence/sealedzip":               "problem",
	"evidence/verify":                  "problem scope canon signature openpgp evidence evidence/release evidence/declaration evidence/sealedzip evidence/timestamp",
	"notice":                           "problem scope calendar",
	"access":                           "problem canon signature",
	"access/openid":                    "problem access",
	"web/ui":                           "problem demand calendar country",
	"web/staff":                        "problem demand web/ui access",
	"report":                           "problem",
	"web/public":                       "problem web/ui report law/book",
	"web/customer":                     "problem web/ui",
	"identifier":                       "problem scope",
	"estate/query":                     "problem estate",
	"estate/command":                   "problem estate",
	"intake/paper":                     "problem canon",
	"intake/mail":                      "problem canon intake/paper",
	"intake/sheet":                     "problem canon calendar intake/paper",
	"notice/mail":                      "problem notice",
	"batch":                            "",
	"confine":                          "",
	"gate/source/files":                "problem scope gate/source gate/source/rooted",
	"gate/source/messages":             "problem scope gate/source gate/source/rooted gate/source/table",
	"gate/source/calls":                "problem scope gate/source gate/source/rooted gate/source/table",
	"intake/paper/pdf":                 "problem confine intake/paper",
	"act":                              "problem scope calendar demand",
	"policy":                           "problem strict",
	"app":                              "*",
	"demo":                             "*",
	"cli":                              "*",
	"docket/storetest":                 "*",
	"blob/blobtest":                    "*",
	"keys/keystest":                    "*",
	"ledger/ledgertest":                "*",
	"gate/sourcetest":                  "*",
	"gate/sourcetest/servers":          "",
	"gate/gatetest":                    "*",
	"signature/signaturetest":          "*",
	"estate/estatetest":                "*",
	"notice/channeltest":               "*",
	"gate/source/letter":               "scope gate/source",
	"gate/source/maildir":              "problem scope gate/source gate/source/letter gate/source/rooted",
	"gate/source/wire":                 "problem",
	"gate/source/imap":                 "problem scope gate/source gate/source/letter gate/source/wire",
	"gate/source/objects":              "problem scope gate/source gate/source/wire",
	"gate/source/provider":             "problem scope gate/source gate/source/table",
	"gate/source/prosody":              "problem scope gate/source gate/source/table",
	"evidence/timestamp":               "problem canon",
	"evidence/timestamp/timestamptest": "evidence/timestamp",
}

// never says what a room must not reach even through others: the gate trusts
// nobody, so nothing of the docket can be linked into what it decides with.
var never = map[string]string{
	"gate":            "docket demand law store/sqlite ledger keys clerk app",
	"gate/gatehttp":   "docket demand law store/sqlite ledger keys clerk app",
	"gate/pickup":     "docket demand law store/sqlite ledger keys clerk app",
	"gate/uplink":     "docket demand law store/sqlite ledger keys clerk app",
	"law":             "demand docket",
	"demand":          "docket law store/sqlite",
	"evidence":        "docket demand gate",
	"ledger/proof":    "ledger store/sqlite docket gate",
	"scope":           "demand grant",
	"evidence/verify": "gate docket",
	"web/customer":    "docket demand notice law estate app",
}

func TestRoomsImportInwardOnly(t *testing.T) {
	for path, imports := range list(t, "{{.ImportPath}} {{join .Imports \" \"}}", "./...") {
		room, ours := strings.CutPrefix(path, module)
		if !ours {
			continue // this folder itself, which holds tests alone
		}
		allowed, known := layers[room]
		if !known {
			t.Errorf("room %s is not in the table of layers", room)
			continue
		}
		for _, i := range imports {
			inner, ours := strings.CutPrefix(i, module)
			if ours && allowed != "*" && !slices.Contains(strings.Fields(allowed), inner) {
				t.Errorf("%s must not import %s", room, inner)
			}
		}
	}
}

func TestWhatARoomMustNeverReach(t *testing.T) {
	for room, banned := range never {
		deps := list(t, "{{.ImportPath}} {{join .Deps \" \"}}", "./"+room)[module+room]
		if len(deps) == 0 {
			t.Fatalf("%s has no dependencies at all: the test looks at nothing", room)
		}
		for _, b := range strings.Fields(banned) {
			if slices.Contains(deps, module+b) {
				t.Errorf("%s reaches %s", room, b)
			}
		}
	}
}

func TestTheTableNamesOnlyRoomsThatStand(t *testing.T) {
	have := list(t, "{{.ImportPath}} {{join .Imports \" \"}}", "./...")
	for room := range layers {
		if _, ok := have[module+room]; !ok {
			t.Errorf("the table of layers names %s, which is not there", room)
		}
	}
}

// list runs go list and returns the words after the first, by the first.
func list(t *testing.T, format, pattern string) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", format, pattern).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	found := map[string][]string{}
	for line := range bytes.Lines(out) {
		if w := strings.Fields(string(line)); len(w) > 0 {
			found[w[0]] = w[1:]
		}
	}
	return found
}
