package notice_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"counterseal/internal/notice"
	"counterseal/internal/problem"
)

// Words of one language that the other three do not have.
var ownWords = map[string]string{
	"en": "the and you your yours were we us our not has which until received asked gave nothing write whom court answer without what this number",
	"de": "die das und sie ihr ihre wir uns unser nicht haben hat wurde bis eingang verlangt nichts schreiben gericht anordnung ohne diese dieses zeitpunkt uhr behörde daten konten",
	"da": "og ikke af os vores jeres har blev indtil modtaget krævet intet skriv domstol kendelse kendelsen uden hvad dette denne nummeret kl myndighed konti dataene på",
	"it": "che non ha ci nostro vostro fino ricevuto chiesto nulla scriva scrivere giudice ordine senza questa questo numero autorità dati della ore",
}

func vocabulary(s string) map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }) {
		words[w] = true
	}
	return words
}

func TestTheListsOfOwnWordsDoNotOverlap(t *testing.T) {
	seen := map[string]string{}
	for language, list := range ownWords {
		for _, w := range strings.Fields(list) {
			if seen[w] != "" && seen[w] != language {
				t.Errorf("%q is in %s and %s", w, seen[w], language)
			}
			seen[w] = language
		}
	}
}

// The facts are drawn without letters, so that each word is the program's own.
func TestNoLetterHasAWordOfAnotherLanguage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		language := rapid.SampledFrom(notice.Languages).Draw(t, "language")
		all := sample(&quiet{t: t}, language)
		l := all[rapid.SampledFrom(names(all)).Draw(t, "letter")]
		poison(reflect.ValueOf(l).Elem(), rapid.StringMatching(`[1-9][0-9./]{0,20}`).Draw(t, "facts"))
		d, err := notice.Write(l)
		if err != nil {
			t.Fatal(err)
		}
		have := vocabulary(d.Wording)
		own := 0
		for other, list := range ownWords {
			for _, w := range strings.Fields(list) {
				if have[w] && other != language {
					t.Fatalf("%s has the word %q of %s:\n%s", language, w, other, d.Wording)
				}
				if have[w] {
					own++
				}
			}
		}
		if own < 3 {
			t.Fatalf("only %d words of %s were found in\n%s", own, language, d.Wording)
		}
	})
}

// quiet lets sample be called from a property.
type quiet struct {
	testing.TB
	t *rapid.T
}

func (q *quiet) Helper()           {}
func (q *quiet) Fatal(args ...any) { q.t.Fatal(args...) }

func TestTimesStandInTheReadersZoneAndTown(t *testing.T) {
	at := utc(2026, 9, 18, 16, 0, 0)
	for language, want := range map[string]string{
		"en": "Fri 18 Sep 2026, 17:00 Dublin", "de": "Fr. 18. Sept. 2026, 18:00 Uhr Berlin", "da": "fre. 18. sep. 2026 kl. 18.00 København", "it": "ven 18 set 2026, ore 18:00 Roma",
	} {
		l := sample(t, language)["duplicate"].(*notice.Duplicate)
		l.FirstReceived = at
		if d := write(t, l); !strings.Contains(d.Wording, want+"\n") {
			t.Errorf("%s: no %q in\n%s", language, want, d.Wording)
		}
	}
}

func TestTheHourThatOccursTwiceIsNamedOnce(t *testing.T) {
	for language, want := range map[string][2]string{
		"en": {"01:30 Dublin (UTC+1)", "01:30 Dublin (UTC)"}, "de": {"02:30 Uhr Berlin (UTC+2)", "02:30 Uhr Berlin (UTC+1)"},
		"da": {"02.30 København (UTC+2)", "02.30 København (UTC+1)"}, "it": {"02:30 Roma (UTC+2)", "02:30 Roma (UTC+1)"},
	} {
		for i, at := range []time.Time{utc(2026, 10, 25, 0, 30, 0), utc(2026, 10, 25, 1, 30, 0)} {
			l := sample(t, language)["secrecy-inquiry"].(*notice.SecrecyInquiry)
			l.Duty.Until, l.TellOn = at, at
			if d := write(t, l); strings.Count(d.Wording, want[i]) != 2 {
				t.Errorf("%s: no %q in\n%s", language, want[i], d.Wording)
			}
		}
	}
}

func TestNumbersAreGroupedAsInTheLanguage(t *testing.T) {
	for n, want := range map[int64][2]string{7: {"7", "7"}, 999: {"999", "999"}, 1000: {"1,000", "1.000"}, 18734211: {"18,734,211", "18.734.211"}} {
		for _, language := range notice.Languages {
			l := sample(t, language)["acknowledgement"].(*notice.Acknowledgement)
			l.Size = n
			w := want[1]
			if language == "en" {
				w = want[0]
			}
			if d := write(t, l); !strings.Contains(d.Wording, fmt.Sprintf(" %s byte", w)) && !strings.Contains(d.Wording, fmt.Sprintf(" %s Byte", w)) {
				t.Errorf("%s: no %q in\n%s", language, w, d.Wording)
			}
		}
	}
}

func TestAZoneNeedsANameThatIsTheSameEverywhere(t *testing.T) {
	for _, z := range []*time.Location{nil, time.Local} {
		l := sample(t, "en")["duplicate"].(*notice.Duplicate)
		l.Zone = z
		if _, err := notice.Write(l); problem.Code(err) != "notice.field" || problem.Of(err).Field != "zone" {
			t.Errorf("%v: got %v", z, err)
		}
	}
}
