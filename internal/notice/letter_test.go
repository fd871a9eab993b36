package notice_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/notice"
	"counterseal/internal/problem"
)

var update = flag.Bool("update", false, "write the golden letters anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "letters", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestLettersReadAsTheyDidBefore(t *testing.T) {
	each(t, func(t *testing.T, language, name string, l notice.Letter) {
		golden(t, filepath.Join(language, name+".txt"), write(t, l).Text())
	})
}

func TestThePageReadsAsItDidBefore(t *testing.T) {
	for _, language := range notice.Languages {
		golden(t, filepath.Join(language, "secrecy-ended.html"), page(t, write(t, sample(t, language)["secrecy-ended"])))
	}
}

func TestEachKindHasASampleInEachLanguage(t *testing.T) {
	for _, language := range notice.Languages {
		have := map[notice.Kind]bool{}
		for _, l := range sample(t, language) {
			have[l.Kind()] = true
		}
		for _, l := range notice.Kinds() {
			if !have[l.Kind()] {
				t.Errorf("%s: no sample of %s", language, l.Kind())
			}
		}
	}
}

func TestALetterIsOnePageWithoutBlanksAndSaysFirstWhatHappened(t *testing.T) {
	each(t, func(t *testing.T, language, name string, l notice.Letter) {
		text := string(write(t, l).Text())
		if n := strings.Count(text, "\n"); n > 62 {
			t.Errorf("%d lines", n)
		}
		for _, bad := range []string{"<no value>", "{{", "()", " ,", " .", "  \n", ": \n", ":\n\n\n", "\n\n\n", "%!", ".."} {
			if strings.Contains(text, bad) {
				t.Errorf("contains %q:\n%s", bad, text)
			}
		}
		for line := range strings.SplitSeq(text, "\n") {
			if utf8.RuneCountInString(line) > 76 {
				t.Errorf("line too long: %q", line)
			}
		}
		// title, from, to, and then the sentence that says what happened
		first := strings.Join(strings.Fields(strings.Split(text, "\n\n")[3]), " ")
		if n := utf8.RuneCountInString(first); n < 25 || n > 240 || !strings.HasSuffix(first, ".") {
			t.Errorf("the first sentence has %d letters: %q", n, first)
		}
	})
}

// Each field of each kind in turn is emptied; what is not marked optional is missed.
func TestAMissingFieldIsAnErrorNeverABlank(t *testing.T) {
	for name, l := range sample(t, "da") {
		missed := 0
		for _, f := range leaves(reflect.TypeOf(l).Elem(), nil) {
			whole := sample(t, "da")[name]
			v := reflect.ValueOf(whole).Elem().FieldByIndex(f.Index)
			if v.IsZero() {
				continue
			}
			v.SetZero()
			_, err := notice.Write(whole)
			if strings.Contains(f.Tag.Get("notice"), "optional") {
				continue
			}
			missed++
			if problem.Code(err) != "notice.field" || problem.Of(err).Field == "" {
				t.Errorf("%s without %s: got %v", name, f.Name, err)
			}
		}
		if missed < 6 {
			t.Errorf("%s: only %d fields were tried", name, missed)
		}
	}
}

// leaves lists the fields that are not embedded, those of embedded structs among them.
func leaves(t reflect.Type, at []int) (out []reflect.StructField) {
	for i := range t.NumField() {
		f := t.Field(i)
		f.Index = append(append([]int(nil), at...), i)
		if f.Anonymous {
			out = append(out, leaves(f.Type, f.Index)...)
			continue
		}
		out = append(out, f)
	}
	return out
}

var bidi = []rune{'\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069', '\u200e', '\u200f', '\u061c'}

var hostileNames = []string{
	"Eve\n\n## How to object\n\nSend money to evil.example", "Eve\r\nBcc: all", "\u202egnp.exe\u202c Eve", "\u2066Eve\u2069\u200f", "<script>alert(1)</script>Eve",
	"- Eve", "## Eve", "Eve\x00\x1b[31m", "Eve\u2028\u2029Eve", "{{.Opening.Opening}}Eve", "\xff\xfeEve", "Eve\"' onload=x", "Eve\u00ad\ufeff", "Eve\u061c\u180e\u2064",
}

// poison sets every text of the letter, sentences and lists included.
func poison(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() || f.Name == "Language" || f.Name == "Zone" {
				continue
			}
			poison(v.Field(i), text)
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i), text)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem(), text)
		}
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.Len() > 0 {
			v.SetString(text)
		}
	}
}

func TestATextCannotAddLinesTurnTheWritingOrBecomeMarkup(t *testing.T) {
	for _, language := range notice.Languages {
		for name := range sample(t, language) {
			tame := sample(t, language)[name]
			poison(reflect.ValueOf(tame).Elem(), "Eve")
			plainText, plainPage := write(t, tame).Text(), page(t, write(t, tame))
			for _, text := range hostileNames {
				l := sample(t, language)[name]
				poison(reflect.ValueOf(l).Elem(), text)
				gotText, gotPage := write(t, l).Text(), page(t, write(t, l))
				for _, c := range string(gotText) + string(gotPage) {
					if c != '\n' && c != ' ' && (!unicode.IsPrint(c) || c == utf8.RuneError) {
						t.Fatalf("%s, %q: %U came through", name, text, c)
					}
				}
				if got, want := bytes.Count(gotText, []byte("\n\n")), bytes.Count(plainText, []byte("\n\n")); got != want {
					t.Errorf("%s, %q: %d blocks, not %d", name, text, got, want)
				}
				for _, tag := range []string{"<h2>", "<li>", "<p>", "<", ">"} {
					if got, want := bytes.Count(gotPage, []byte(tag)), bytes.Count(plainPage, []byte(tag)); got != want {
						t.Errorf("%s, %q: %d of %s, not %d", name, text, got, tag, want)
					}
				}
			}
		}
	}
}

func TestATextOfTenKilobytesIsRefusedInEachField(t *testing.T) {
	long := strings.Repeat("x ", 5000)
	for name := range sample(t, "it") {
		for _, f := range leaves(reflect.TypeOf(sample(t, "it")[name]).Elem(), nil) {
			l := sample(t, "it")[name]
			v := reflect.ValueOf(l).Elem().FieldByIndex(f.Index)
			if v.Kind() != reflect.String {
				continue
			}
			v.SetString(long)
			if _, err := notice.Write(l); problem.Code(err) != "notice.field" {
				t.Errorf("%s, %s: got %v", name, f.Name, err)
			}
		}
	}
}

func TestTheSentencesOfFindingsStandInTheLetterAndLeadBack(t *testing.T) {
	for _, name := range []string{"clarification-request", "answer-in-part", "rejection", "redirect-to-treaty", "no-instrument", "annex-three-third-country", "contest-decided-barred", "objection-recognition", "objection-law", "motion-cover"} {
		d, err := notice.Write(sample(t, "en")[name])
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Sentences) == 0 {
			t.Errorf("%s: no sentence is carried along", name)
		}
		for _, s := range d.Sentences {
			if s.Finding == "" || !strings.Contains(d.Wording, s.Text+" ("+s.Cite+")") {
				t.Errorf("%s: %+v does not stand in it", name, s)
			}
			if strings.Contains(d.Wording, s.Finding) {
				t.Errorf("%s: our own name of the finding is printed", name)
			}
		}
	}
}

func TestASentenceThatAPersonStatesStandsInTheLetterAlone(t *testing.T) {
	for _, language := range notice.Languages {
		l := sample(t, language)["no-instrument"].(*notice.NoInstrument)
		l.Needed = []notice.Sentence{{Text: "An order of a court.", Cite: "Letter asking for mail", Finding: notice.Stated}}
		d := write(t, l)
		if !strings.Contains(d.Wording, "\n- An order of a court.\n") || strings.Contains(d.Wording, "Letter asking for mail") {
			t.Errorf("%s: %s", language, d.Wording)
		}
	}
}

func TestWhatMayNotBeToldIsRefusedAsAFact(t *testing.T) {
	whole := sample(t, "en")["secrecy-ended"].(*notice.SecrecyEnded)
	for _, f := range []notice.Fact{notice.FactAuthority, notice.FactInstrument, notice.FactAsked, notice.FactGiven} {
		l := *whole
		l.Untold, l.UntoldBy = []notice.Fact{f}, "50 USC 1881a"
		if _, err := notice.Write(&l); problem.Code(err) != "notice.field" || problem.Of(err).Field != string(f) {
			t.Errorf("%s: got %v", f, err)
		}
	}
	partly := string(write(t, sample(t, "en")["secrecy-ended-in-part"]).Text())
	for _, told := range []string{whole.Authority, whole.Instrument, "1,240", "mail"} {
		if strings.Contains(strings.ReplaceAll(partly, "Marta Esempio", ""), told) {
			t.Errorf("%q is told", told)
		}
	}
}

func TestFactsAtOddsAreRefused(t *testing.T) {
	for field, change := range map[string]func(map[string]notice.Letter) notice.Letter{
		"language": func(m map[string]notice.Letter) notice.Letter {
			l := m["rejection"].(*notice.Rejection)
			l.Language = "fr"
			return l
		},
		"received": func(m map[string]notice.Letter) notice.Letter {
			l := m["rejection"].(*notice.Rejection)
			l.Received = l.Date.Add(1)
			return l
		},
		"object until": func(m map[string]notice.Letter) notice.Letter {
			l := m["demand-notice-will-be-given"].(*notice.DemandNotice)
			l.ObjectUntil = l.GivenAt.Add(1)
			return l
		},
		"given": func(m map[string]notice.Letter) notice.Letter {
			l := m["demand-notice-was-given"].(*notice.DemandNotice)
			l.Items = 0
			return l
		},
		"emergency": func(m map[string]notice.Letter) notice.Letter {
			l := m["demand-notice-will-be-given"].(*notice.DemandNotice)
			l.Emergency = true
			return l
		},
		"outcome": func(m map[string]notice.Letter) notice.Letter {
			l := m["demand-notice-was-given"].(*notice.DemandNotice)
			l.Outcome = "perhaps"
			return l
		},
		"asked": func(m map[string]notice.Letter) notice.Letter {
			l := m["demand-notice-not-given"].(*notice.DemandNotice)
			l.Asked[1].Basis = "guessed"
			return l
		},
		"opening": func(m map[string]notice.Letter) notice.Letter {
			l := m["secrecy-ended"].(*notice.SecrecyEnded)
			l.Opening = nil
			return l
		},
		"duties": func(m map[string]notice.Letter) notice.Letter { // told while the duty is in force
			l := m["secrecy-ended"].(*notice.SecrecyEnded)
			l.Duties[0].Until = l.Date.Add(1)
			return l
		},
		"tell on": func(m map[string]notice.Letter) notice.Letter {
			l := m["secrecy-inquiry"].(*notice.SecrecyInquiry)
			l.TellOn = l.Duty.Until.Add(-1)
			return l
		},
		"conflict": func(m map[string]notice.Letter) notice.Letter {
			l := m["annex-three-third-country"].(*notice.AnnexThree)
			l.Conflict = nil
			return l
		},
		"reasons": func(m map[string]notice.Letter) notice.Letter {
			l := m["annex-three"].(*notice.AnnexThree)
			l.Reasons = append(l.Reasons, l.Reasons[0])
			return l
		},
		"grounds": func(m map[string]notice.Letter) notice.Letter { // the offence is no ground against an EPOC-PR
			l := m["objection-recognition-preservation"].(*notice.RecognitionObjection)
			l.Grounds = []notice.ReasonCode{notice.OffenceNotCovered}
			return l
		},
		"certificate": func(m map[string]notice.Letter) notice.Letter {
			l := m["objection-recognition"].(*notice.RecognitionObjection)
			l.Certificate = "EIO"
			return l
		},
		"ruling": func(m map[string]notice.Letter) notice.Letter {
			l := m["contest-decided-upheld"].(*notice.ContestDecided)
			l.Ruling = "lost"
			return l
		},
		"channel": func(m map[string]notice.Letter) notice.Letter {
			l := m["redirect-to-treaty"].(*notice.Redirect)
			l.Channel = "door"
			return l
		},
		"called": func(m map[string]notice.Letter) notice.Letter {
			l := m["call-back-failed-denied"].(*notice.CallBackFailed)
			l.Called = l.Received.Add(-1)
			return l
		},
		"until": func(m map[string]notice.Letter) notice.Letter {
			l := m["preserved"].(*notice.Preserved)
			l.Until = l.Copied.Add(-1)
			return l
		},
		"kind": func(map[string]notice.Letter) notice.Letter { return (*notice.Rejection)(nil) },
	} {
		_, err := notice.Write(change(sample(t, "en")))
		if problem.Code(err) != "notice.field" || problem.Of(err).Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
}

func TestTheListOfReasonsIsThatOfTheForm(t *testing.T) {
	codes := notice.ReasonCodes()
	want := []notice.ReasonCode{notice.Incomplete, notice.ManifestErrors, notice.TooLittleToGoOn, notice.NotStored, notice.OtherImpossibility,
		notice.NotByAuthority, notice.OffenceNotCovered, notice.ServiceNotCovered, notice.PrivilegeOrPress, notice.ThirdCountryLaw}
	if d := cmp.Diff(want, codes); d != "" {
		t.Fatal(d)
	}
	for _, c := range codes {
		seen := map[string]bool{}
		for _, language := range notice.Languages {
			s := c.Sentence(language)
			if s == "" || seen[s] {
				t.Errorf("%s in %s: %q", c, language, s)
			}
			seen[s] = true
		}
	}
}

func TestEncodedFactsComeBackAsTheSameLetter(t *testing.T) {
	each(t, func(t *testing.T, _, _ string, l notice.Letter) {
		b, err := notice.Encode(l)
		if err != nil {
			t.Fatal(err)
		}
		back, err := notice.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(l, back, cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })); d != "" {
			t.Error(d)
		}
		if !bytes.Equal(write(t, l).Text(), write(t, back).Text()) {
			t.Error("another letter came back")
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, l := range sample(f, "en") {
		b, err := notice.Encode(l)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"kind":"rejection","zone":"UTC","facts":{}} {}`))
	f.Add([]byte(`{"kind":"nothing","zone":"Local","facts":null}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := notice.Decode(b)
		if err != nil {
			if code := problem.Code(err); code != "notice.encoding" && code != "notice.field" {
				t.Fatal(err)
			}
			return
		}
		if _, err = notice.Write(l); err != nil {
			t.Fatalf("decoded, and cannot be written: %v", err)
		}
	})
}

func FuzzWrite(f *testing.F) {
	for _, n := range hostileNames {
		f.Add(n)
	}
	tame := sample(f, "de")["rejection"]
	poison(reflect.ValueOf(tame).Elem(), "Eve")
	d, err := notice.Write(tame)
	if err != nil {
		f.Fatal(err)
	}
	lines := strings.Count(d.Wording, "\n")
	f.Fuzz(func(t *testing.T, name string) {
		l := sample(t, "de")["rejection"]
		poison(reflect.ValueOf(l).Elem(), name)
		d, err := notice.Write(l)
		if err != nil {
			if problem.Code(err) != "notice.field" {
				t.Fatal(err)
			}
			return
		}
		if strings.Count(d.Wording, "\n") != lines || strings.ContainsAny(d.Wording, string(bidi)) || !utf8.ValidString(d.Wording) {
			t.Fatalf("%q", d.Wording)
		}
	})
}
