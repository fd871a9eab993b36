package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/evidence/release"
	"counterseal/internal/scope"
)

// Base is the bag's directory in the tar. RFC 8493 §2 wants one directory, named
// like the serialization.
const Base = "package"

// Names of the tag files, in the order of the tar. The tag manifest is last.
const (
	ManifestFile    = "manifest-sha256.txt"
	BagItFile       = "bagit.txt"
	BagInfoFile     = "bag-info.txt"
	OrderName       = "order.json"
	ItemsFile       = "items.jsonl"
	WithheldFile    = "withheld.jsonl"
	CustodyName     = "custody.jsonld"
	IndexFile       = "index.html"
	DictionaryFile  = "data-dictionary.txt"
	ReadMeFile      = "README.txt"
	TagManifestFile = "tagmanifest-sha256.txt"
)

// OldCustodyName stood in the place of CustodyName in packages of before; its
// plain record is covered by the tag manifest and not looked into.
const OldCustodyName = "custody.json"

// TagFiles lists the tag files in the order of the tar.
var TagFiles = [...]string{
	ManifestFile, BagItFile, BagInfoFile, OrderName, ItemsFile, WithheldFile, CustodyName,
	IndexFile, DictionaryFile, ReadMeFile, TagManifestFile,
}

// BagItText is bagit.txt (RFC 8493 §2.1.1).
const BagItText = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

// maxPlain bounds the plain name, so that the file's name fits the 100 bytes of
// a ustar name and its directories the 155 of the prefix.
const maxPlain = 80

// PayloadPath is the path of the item within the bag.
func PayloadPath(account scope.AccountID, service scope.Service, ordinal int64, plain string) string {
	return string(appendPath(nil, account, service, ordinal, plain))
}

func appendPath(b []byte, account scope.AccountID, service scope.Service, ordinal int64, plain string) []byte {
	b = append(b, "data/"...)
	b = append(b, account...)
	b = append(b, '/')
	b = append(b, service...)
	b = append(b, '/')
	for n := int64(10_000_000); n > ordinal && n > 1; n /= 10 { // eight digits at least
		b = append(b, '0')
	}
	b = strconv.AppendInt(b, ordinal, 10)
	b = append(b, '-')
	return appendPlain(b, plain)
}

// ParsePayloadPath reads a path as PayloadPath writes it, and nothing else.
func ParsePayloadPath(path string) (account scope.AccountID, service scope.Service, ordinal int64, ok bool) {
	parts := strings.Split(path, "/")
	if len(parts) != 4 || parts[0] != "data" || !scope.ValidAccount(parts[1]) {
		return "", "", 0, false
	}
	number, plain, _ := strings.Cut(parts[3], "-")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 1 {
		return "", "", 0, false
	}
	account, service = scope.AccountID(parts[1]), scope.Service(parts[2])
	known := false
	for _, s := range scope.Services {
		known = known || s == service
	}
	return account, service, n, known && PayloadPath(account, service, n, plain) == path
}

// PlainName reduces any name to ASCII letters, digits, dot, hyphen and
// underscore, at most 80 bytes, without a leading or trailing dot or hyphen.
// The end is kept, because that is where the extension is.
func PlainName(name string) string { return string(appendPlain(nil, name)) }

func appendPlain(to []byte, name string) []byte {
	start := len(to)
	for i := max(0, len(name)-maxPlain); i < len(name); i++ {
		c := name[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '-':
			to = append(to, c)
		case len(to) > start && to[len(to)-1] != '_':
			to = append(to, '_')
		}
	}
	s := bytes.Trim(to[start:], ".-_")
	if len(s) == 0 {
		return append(to[:start], "item"...)
	}
	return append(to[:start], s...)
}

// OrderFile is order.json. Byte strings are base64 (RFC 4648 §4, padded).
type OrderFile struct {
	Format         string           `json:"format"` // OrderFormat
	Demand         string           `json:"demand"`
	Provider       string           `json:"provider"`
	Authority      string           `json:"authority"`
	Instrument     string           `json:"instrument"`
	Reference      string           `json:"reference"`
	Received       time.Time        `json:"received"`
	Compelled      []string         `json:"compelled"`
	ApprovedScope  string           `json:"approved_scope"` // canonical text (package scope)
	ScopeSHA256    string           `json:"approved_scope_sha256"`
	Grant          []byte           `json:"grant_base64"`
	GrantSHA256    string           `json:"grant_sha256"`
	Approvals      [][]byte         `json:"approvals_base64"`
	Region         string           `json:"region"`
	Gate           string           `json:"gate"`
	Recipient      string           `json:"recipient"`
	Filtered       release.Filtered `json:"filtered"`
	Export         []byte           `json:"export_base64,omitempty"` // of a package by hand: the manifest of the export
	CollectedAt    time.Time        `json:"collected_at"`
	Items          int64            `json:"items"`
	Bytes          int64            `json:"bytes"`
	Split          int64            `json:"split"`
	CustomerKey    int64            `json:"customer_key,omitempty"` // items under a key that the provider does not hold, as it says
	Encrypted      int64            `json:"encrypted,omitempty"`    // items that begin as a known form of encryption does
	Copied         *time.Time       `json:"copied_at,omitempty"`    // when the copy was made from which the items were taken
	Withheld       int64            `json:"withheld"`
	Counts         []Count          `json:"counts"`
	WithheldCounts []ReasonCount    `json:"withheld_counts"`
}

// OrderFormat names the form of order.json.
const OrderFormat = "counterseal-order-v1"

// Count is what the package holds of one account and service.
type Count struct {
	Account scope.AccountID `json:"account"`
	Service scope.Service   `json:"service"`
	Items   int64           `json:"items"`
	Bytes   int64           `json:"bytes"`
	Split   int64           `json:"split"`
}

// ReasonCount is how many withheld rows state one reason.
type ReasonCount struct {
	Reason string `json:"reason"`
	Rows   int64  `json:"rows"`
}

// ItemRow is one line of items.jsonl; the lines stand in the order of ordinals.
// A time that is not known is absent. Until stands only with a state of things
// (scope.Item.Lasting), which held from Received to Until.
type ItemRow struct {
	Path     string         `json:"path"`
	ID       string         `json:"id"`
	Name     string         `json:"name,omitempty"` // what the store calls it
	Category scope.Category `json:"category"`
	Received *time.Time     `json:"received,omitempty"`
	Until    *time.Time     `json:"until,omitempty"`
	Sent     *time.Time     `json:"sent,omitempty"`
	Size     int64          `json:"size"`
	Verdict  string         `json:"verdict"` // inside, split, or by-hand

	CustomerKey bool   `json:"customer_key,omitempty"` // as the provider says: it has no key to it
	Encrypted   string `json:"encrypted,omitempty"`    // as the item itself begins: one of ciphertext.Forms
}

// WithheldRow is one line of withheld.jsonl.
type WithheldRow struct {
	Reason string `json:"reason"`
	Ref    string `json:"ref"`
	Detail string `json:"detail,omitempty"`
}

// Text is the one form of order.json: indented by two spaces, fields in the
// order of the type.
func (f OrderFile) Text() []byte { return indented(f) }

func indented(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	if err != nil {
		panic(err) // texts, numbers and times, whose years were checked
	}
	return b.Bytes()
}

// BagInfo is bag-info.txt (RFC 8493 §2.2.2); it follows from order.json.
func BagInfo(f OrderFile) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Source-Organization: %s\n", f.Provider)
	fmt.Fprintf(&b, "External-Identifier: %s\n", f.Demand)
	fmt.Fprintf(&b, "Bagging-Date: %s\n", f.CollectedAt.UTC().Format(time.DateOnly))
	fmt.Fprintf(&b, "Payload-Oxum: %d.%d\n", f.Bytes, f.Items)
	return b.Bytes()
}
