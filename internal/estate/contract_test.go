package estate_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"counterseal/internal/estate"
	"counterseal/internal/estate/estatetest"
)

// tomlFile is a medium.
type tomlFile string

func (f tomlFile) Set(t *testing.T, rows []estatetest.Row) {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "[[%s]]\n", r.Table)
		for k, v := range r.Fields {
			switch v := v.(type) {
			case []string:
				fmt.Fprintf(&b, "%s = [%q", k, v[0])
				for _, w := range v[1:] {
					fmt.Fprintf(&b, ", %q", w)
				}
				b.WriteString("]\n")
			case int64:
				fmt.Fprintf(&b, "%s = %d\n", k, v)
			case string:
				if k == "from" || k == "until" || k == "since" {
					fmt.Fprintf(&b, "%s = %s\n", k, v) // TOML has times of its own
					continue
				}
				fmt.Fprintf(&b, "%s = %q\n", k, v)
			}
		}
	}
	f.write(t, b.String())
}

func (f tomlFile) write(t *testing.T, text string) {
	if err := os.WriteFile(string(f), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (f tomlFile) Break(t *testing.T)              { f.write(t, "[[alias]\n\xff") }
func (f tomlFile) Source(*testing.T) estate.Source { return estate.File(string(f)) }

func TestAFileIsASource(t *testing.T) {
	estatetest.Run(t, func(t *testing.T) estatetest.Medium { return tomlFile(filepath.Join(t.TempDir(), "estate.toml")) })
}

func TestAFileThatIsNotThereIsAnEmptyMap(t *testing.T) {
	e, err := estate.Load(t.Context(), estate.File(filepath.Join(t.TempDir(), "none.toml")))
	if err != nil || e.Len() != 0 {
		t.Fatalf("got %v", err)
	}
}
