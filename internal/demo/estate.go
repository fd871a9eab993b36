package demo

import (
	"fmt"
	"strings"

	"counterseal/internal/estate"
)

// enterpriseAccounts is how many accounts Brambilla Tessuti has, those included that
// the estate names one by one.
const enterpriseAccounts = 3000

// writeEstate writes the map, with the enterprise's accounts that nobody names.
func (s *Stage) writeEstate() error {
	var b strings.Builder
	b.WriteString(text("estate.toml"))
	b.WriteString("\n# --- the enterprise's further accounts, by number\n")
	for n := 4; n <= enterpriseAccounts; n++ {
		fmt.Fprintf(&b, "\n[[account]]\nid = \"ac-bt-%04d\"\ncustomer = \"c-brambilla\"\nregion = \"iad\"\nservices = [\"mail\"]\n", n)
		fmt.Fprintf(&b, "\n[[alias]]\naccount = \"ac-bt-%04d\"\nkind = \"address\"\nvalue = \"u%04d@brambilla.example\"\nfrom = 2014-01-01T00:00:00Z\n", n, n)
	}
	return s.write(s.Folder.Estate(), []byte(b.String()))
}

// named is the embedded map, without those accounts.
func named() (*estate.Estate, error) { return estate.Parse([]byte(text("estate.toml"))) }
