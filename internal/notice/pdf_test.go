package notice_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"counterseal/internal/notice"
)

var onePage = regexp.MustCompile(`/Type /Page\b[^s]`)

// isOneSheet checks the file's own structure, and with pdftotext, where it is
// installed, that it can be read; it returns what was read.
func isOneSheet(t *testing.T, pdf []byte) string {
	t.Helper()
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(pdf), []byte("%%EOF")) {
		t.Fatal("not a PDF")
	}
	if n := len(onePage.FindAll(pdf, -1)); n != 1 || !bytes.Contains(pdf, []byte("/Count 1")) {
		t.Fatalf("%d pages", n)
	}
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		return ""
	}
	path := filepath.Join(t.TempDir(), "letter.pdf")
	if err = os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, "-enc", "UTF-8", path, "-").CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("Error")) {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestEachLetterIsOneSheetThatSaysWhatTheTextSays(t *testing.T) {
	each(t, func(t *testing.T, _, _ string, l notice.Letter) {
		d := write(t, l)
		r := render(t, l)
		read := isOneSheet(t, r.PDF)
		if read == "" {
			t.Skip("pdftotext is not installed")
		}
		read = words(read)
		for line := range strings.Lines(d.Wording) {
			line = strings.TrimLeft(strings.TrimSpace(line), "-# ")
			if !strings.Contains(read, words(line)) {
				t.Errorf("the sheet does not say %q", line)
			}
		}
	})
}

func TestEqualLettersAreEqualSheetsAndOthersAreNot(t *testing.T) {
	first := render(t, sample(t, "da")["secrecy-ended"]).PDF
	for range 5 {
		if !bytes.Equal(first, render(t, sample(t, "da")["secrecy-ended"]).PDF) {
			t.Fatal("the bytes differ")
		}
	}
	other := sample(t, "da")["secrecy-ended"].(*notice.SecrecyEnded)
	other.Date = other.Date.AddDate(0, 0, 1)
	if bytes.Equal(first, render(t, other).PDF) {
		t.Fatal("the bytes of another letter are the same")
	}
}

// full makes the largest letter that the bounds allow.
func full(t *testing.T, language string) *notice.SecrecyEnded {
	l := sample(t, language)["secrecy-ended"].(*notice.SecrecyEnded)
	long := strings.Repeat("Österreichisch-Ungarische ", 12)[:290]
	l.Provider, l.To, l.Authority, l.Instrument, l.Ask = long, long, long, strings.Repeat("x", 300), long
	for range notice.MaxAccounts {
		l.Accounts = append(l.Accounts, strings.Repeat("a", 290))
	}
	for len(l.Asked) < notice.MaxLines {
		l.Asked = append(l.Asked, l.Asked[0])
	}
	l.Given[0].Lines = l.Asked
	for len(l.Given) < 8 {
		l.Given = append(l.Given, l.Given[0])
	}
	for len(l.Duties) < notice.MaxDuties {
		l.Duties = append(l.Duties, notice.Secrecy{Source: long, From: l.Duties[0].From, Until: l.Duties[0].Until})
	}
	return l
}

func TestTheLargestLetterIsOneSheetThatSaysWhereTheRestStands(t *testing.T) {
	for language, rest := range map[string]string{"en": "the text of this letter", "de": "der Text dieses Schreibens", "da": "brevets tekst", "it": "il testo di questa lettera"} {
		l := full(t, language)
		r := render(t, l)
		if read := isOneSheet(t, r.PDF); read != "" && !strings.Contains(strings.ToLower(words(read)), strings.ToLower(rest)) {
			t.Errorf("%s: the sheet does not say that something is missing:\n%s", language, read)
		}
		if len(r.PDF) > 200_000 || len(r.Text) > 60_000 {
			t.Errorf("%s: %d and %d bytes", language, len(r.PDF), len(r.Text))
		}
		if n := strings.Count(string(r.Text), "22.59.59") + strings.Count(string(r.Text), "59:59") + strings.Count(string(r.Text), "59.59"); n < notice.MaxLines {
			t.Errorf("%s: the text holds only %d lines", language, n)
		}
	}
}

func TestFortyAccountsFitOnOneSheetUncut(t *testing.T) {
	l := sample(t, "it")["demand-notice-representative"].(*notice.DemandNotice)
	l.Accounts = nil
	for range notice.MaxAccounts {
		l.Accounts = append(l.Accounts, "nome.cognome.lungo@reparto.esempio.example")
	}
	if read := isOneSheet(t, render(t, l).PDF); read != "" && (strings.Count(read, "nome.cognome.lungo") != 40 || !strings.Contains(read, "40 account")) {
		t.Errorf("%s", read)
	}
	l.Accounts = append(l.Accounts, "a")
	if _, err := notice.Write(l); err == nil {
		t.Error("forty-one were taken")
	}
}

func TestWhatTheFontsLackIsShownAsMissingAndHostileTextStaysOnTheSheet(t *testing.T) {
	l := sample(t, "en")["rejection"].(*notice.Rejection)
	l.To = "王伟 \u202eEve\u2066 שלום <b>\x00"
	r := render(t, l)
	if read := isOneSheet(t, r.PDF); read != "" && !strings.Contains(read, "□□ Eve") {
		t.Errorf("%q", read)
	}
	if !strings.Contains(string(r.Text), "王伟") || !strings.Contains(string(r.HTML), "王伟") {
		t.Error("text and page have lost a name")
	}
}

func BenchmarkPDF(b *testing.B) {
	l := sample(b, "en")["secrecy-ended"]
	for b.Loop() {
		if len(render(b, l).PDF) == 0 {
			b.Fatal("no sheet")
		}
	}
}
