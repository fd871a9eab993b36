package internal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each row of the threat model names what holds it: tests by their names, and
// attacks of the gate's red team in italics.
func TestTheThreatModelNamesTestsThatExist(t *testing.T) {
	model, err := os.ReadFile("../docs/threat-model.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := testFiles(t)
	redTeam := redTeamFiles(t)
	rows := 0
	for line := range strings.Lines(string(model)) {
		cells := strings.Split(line, "|")
		if len(cells) != 6 || strings.Contains(cells[1], "---") || strings.Contains(cells[1], "In hostile hands") {
			continue
		}
		rows++
		named := 0
		for _, m := range regexp.MustCompile("`(Test[A-Za-z]+)`").FindAllStringSubmatch(line, -1) {
			named++
			if !strings.Contains(tests, "func "+m[1]+"(") {
				t.Errorf("no such test: %s", m[1])
			}
		}
		for _, m := range regexp.MustCompile(`\*([a-z][^*]+)\*`).FindAllStringSubmatch(cells[3], -1) {
			named++
			if !strings.Contains(redTeam, `{name: "`+m[1]+`"`) {
				t.Errorf("no such attack in the red team: %s", m[1])
			}
		}
		if named == 0 && strings.TrimSpace(cells[3]) != "–" {
			t.Errorf("a row names nothing that holds it: %s", cells[1])
		}
	}
	if rows < 10 {
		t.Fatalf("%d rows were read", rows)
	}
}

func redTeamFiles(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("gate/redteam*_test.go")
	if err != nil || len(files) < 3 {
		t.Fatal("the red team was not found", files, err)
	}
	var all strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	return all.String()
}

func testFiles(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		all.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
