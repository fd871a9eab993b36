package release_test

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"counterseal/internal/evidence/release"
	"counterseal/internal/problem"
)

var update = flag.Bool("update", false, "write the vectors and golden notes anew")

func sample() release.Release {
	return release.Release{
		Demand: "m2fd-10", GrantSHA256: sha256.Sum256([]byte("grant")), ScopeSHA256: sha256.Sum256([]byte("scope")), Region: "mil", Gate: "gate-mil-1",
		Recipient:   "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
		TagManifest: sha256.Sum256([]byte("tags")), AgeHeader: sha256.Sum256([]byte("header")), Size: 123456, Items: 214, Withheld: 0, Filtered: release.ByGate,
		CollectedFrom: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), CollectedUntil: time.Date(2026, 4, 30, 21, 59, 59, 0, time.UTC),
		CollectedAt: time.Date(2026, 9, 18, 15, 0, 0, 0, time.UTC),
	}
}

func text(t testing.TB, r release.Release) []byte {
	t.Helper()
	b, err := r.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// The vectors: texts, each followed by the SHA-256 that the ledger holds.
func TestVectorsHold(t *testing.T) {
	second := sample()
	second.Filtered, second.Withheld, second.Items = release.ByHand, 7, 0
	var b bytes.Buffer
	for _, r := range []release.Release{sample(), second} {
		fmt.Fprintf(&b, "%ssha256 %x\n\n", text(t, r), sha256.Sum256(text(t, r)))
	}
	golden(t, "testdata/vectors.txt", b.Bytes())
}

// openPGP is the second version of the text.
func openPGP() release.Release {
	r := sample()
	r.Recipient = "openpgp:BF41D106FA2B7297C342C2B6F3BB05B840C3799E"
	return r
}

func TestVectorsOfTheSecondVersionHold(t *testing.T) {
	b := text(t, openPGP())
	golden(t, "testdata/vectors-v2.txt", fmt.Appendf(nil, "%ssha256 %x\n\n", b, sha256.Sum256(b)))
	got, err := release.Parse(b)
	if d := cmp.Diff(openPGP(), got); err != nil || d != "" {
		t.Fatal(err, d)
	}
	for name, bad := range map[string]string{
		"the first version's header": strings.Replace(string(b), "-v2", "-v1", 1),
		"the first version's field":  strings.Replace(string(b), "openpgp-header", "age-header", 1),
		"an age recipient":           strings.Replace(string(b), openPGP().Recipient, sample().Recipient, 1),
		"small letters":              strings.Replace(string(b), openPGP().Recipient, strings.ToLower(openPGP().Recipient), 1),
		"a short fingerprint":        strings.Replace(string(b), "openpgp:BF41", "openpgp:", 1),
		"first version with this":    strings.Replace(string(text(t, sample())), sample().Recipient, openPGP().Recipient, 1),
	} {
		if _, err := release.Parse([]byte(bad)); err == nil || bad == string(b) {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestTheNoteOfAnOpenPGPPackageNamesItsOwnTools(t *testing.T) {
	for _, language := range release.Languages {
		b, err := release.ReadMe(language, openPGP())
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "testdata/READ-ME-FIRST."+language+".openpgp.txt", b)
		if strings.Contains(string(b), "age -d") || !strings.Contains(string(b), "gpg --decrypt --output package.tar package.tar.gpg") {
			t.Errorf("%s: %s", language, b)
		}
	}
}

// zipped is the third version of the text.
func zipped() release.Release {
	r := sample()
	r.Recipient = fmt.Sprintf("zip:%x", r.GrantSHA256)
	return r
}

func TestVectorsOfTheThirdVersionHold(t *testing.T) {
	b := text(t, zipped())
	golden(t, "testdata/vectors-v3.txt", fmt.Appendf(nil, "%ssha256 %x\n\n", b, sha256.Sum256(b)))
	got, err := release.Parse(b)
	if d := cmp.Diff(zipped(), got); err != nil || d != "" {
		t.Fatal(err, d)
	}
	for name, bad := range map[string]string{
		"the first version's header":  strings.Replace(string(b), "-v3", "-v1", 1),
		"the second version's header": strings.Replace(string(b), "-v3", "-v2", 1),
		"the first version's field":   strings.Replace(string(b), "zip-header", "age-header", 1),
		"an age recipient":            strings.Replace(string(b), zipped().Recipient, sample().Recipient, 1),
		"another grant's ZIP":         strings.Replace(string(b), "recipient: zip:", "recipient: zip:0", 1),
		"a ZIP of no grant":           strings.Replace(string(b), zipped().Recipient, "zip:", 1),
		"capitals":                    strings.Replace(string(b), zipped().Recipient, "zip:"+strings.ToUpper(zipped().Recipient[4:]), 1),
		"first version with this":     strings.Replace(string(text(t, sample())), sample().Recipient, zipped().Recipient, 1),
	} {
		if _, err := release.Parse([]byte(bad)); err == nil || bad == string(b) {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestTheNoteOfAZipSaysHowThePassphraseComesAndHowToOpenIt(t *testing.T) {
	for _, language := range release.Languages {
		b, err := release.ReadMe(language, zipped())
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "testdata/READ-ME-FIRST."+language+".zip.txt", b)
		if strings.Contains(string(b), "age -d") || strings.Contains(string(b), "gpg") || !strings.Contains(string(b), "7z x package.zip && tar xf package.tar") || !strings.Contains(string(b), "--passphrase-file") {
			t.Errorf("%s: %s", language, b)
		}
	}
}

func TestOnlyTheCanonicalTextIsAccepted(t *testing.T) {
	good := string(text(t, sample()))
	if _, err := release.Parse([]byte(good)); err != nil {
		t.Fatal(err)
	}
	bad := map[string]string{
		"empty":           "",
		"no last feed":    strings.TrimSuffix(good, "\n"),
		"extra feed":      good + "\n",
		"carriage return": strings.ReplaceAll(good, "\n", "\r\n"),
		"other version":   strings.Replace(good, "-v1", "-v2", 1),
		"upper-case hex":  strings.Replace(good, "grant-sha256: ", "grant-sha256: A", 1),
		"short digest":    strings.Replace(good, "scope-sha256: ", "scope-sha256: 00\nx: ", 1),
		"leading zero":    strings.Replace(good, "size: 123456", "size: 0123456", 1),
		"plus sign":       strings.Replace(good, "items: 214", "items: +214", 1),
		"minus zero":      strings.Replace(good, "withheld: 0", "withheld: -0", 1),
		"negative":        strings.Replace(good, "withheld: 0", "withheld: -1", 1),
		"two spaces":      strings.Replace(good, "region: mil", "region:  mil", 1),
		"zone":            strings.Replace(good, "15:00:00Z", "15:00:00+00:00", 1),
		"fraction":        strings.Replace(good, "15:00:00Z", "15:00:00.5Z", 1),
		"fields swapped":  strings.Replace(good, "region: mil\ngate: gate-mil-1", "gate: gate-mil-1\nregion: mil", 1),
		"last field gone": good[:strings.Index(good, "collected-at")],
		"extra field":     good + "note: x\n",
		"long":            good + strings.Repeat("x", release.MaxText),
		"filtered":        strings.Replace(good, "filtered: gate", "filtered: none", 1),
		"recipient":       strings.Replace(good, "age1", "age2", 1),
		"recipient form":  strings.Replace(good, "age1q", "age1b", 1),
		"demand":          strings.Replace(good, "m2fd-10", "M2FD", 1),
		"region":          strings.Replace(good, "region: mil", "region: -mil", 1),
		"gate":            strings.Replace(good, "gate-mil-1", "gate/mil", 1),
		"backwards":       strings.Replace(good, "collected-from: 2026-03", "collected-from: 2027-03", 1),
		"size: zero":      strings.Replace(good, "size: 123456", "size: 0", 1),
	}
	for name, b := range bad {
		if b == good {
			t.Errorf("%s: the case changes nothing", name)
		}
		_, err := release.Parse([]byte(b))
		if c := problem.Code(err); c != "release.text" && c != "release.field" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestParseUndoesBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := sample()
		name := rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?`)
		r.Demand, r.Gate, r.Region = name.Draw(t, "demand"), name.Draw(t, "gate"), name.Draw(t, "region")
		r.Size, r.Items, r.Withheld = rapid.Int64Min(1).Draw(t, "size"), rapid.Int64Min(0).Draw(t, "items"), rapid.Int64Min(0).Draw(t, "withheld")
		copy(r.TagManifest[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "tags"))
		r.CollectedAt = time.Unix(rapid.Int64Range(0, 1<<36).Draw(t, "at"), 0).UTC()
		b, err := r.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		again, err := release.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, again); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestTheNoteFollowsFromTheRelease(t *testing.T) {
	for _, language := range release.Languages {
		b, err := release.ReadMe(language, sample())
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "testdata/READ-ME-FIRST."+language+".txt", b)
		hand := sample()
		hand.Filtered = release.ByHand
		b2, err := release.ReadMe(language, hand)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "testdata/READ-ME-FIRST."+language+".by-hand.txt", b2)
		other := sample()
		other.Items++
		c, err := release.ReadMe(language, other)
		if err != nil || bytes.Equal(b, c) {
			t.Fatalf("%s: the note of another release is the same (%v)", language, err)
		}
	}
	for _, language := range []string{"", "fr", "../en", "en.txt"} {
		_, err := release.ReadMe(language, sample())
		if problem.Code(err) != "release.language" {
			t.Fatalf("%q: got %v", language, err)
		}
	}
	_, err := release.ReadMe("en", release.Release{})
	if problem.Code(err) != "release.field" {
		t.Fatalf("got %v", err)
	}
}

func TestAgeHeaderEndsWithItsMACLine(t *testing.T) {
	head := "age-encryption.org/v1\n-> X25519 abc\nbody\n--- mac\n"
	sum, n, err := release.AgeHeader(strings.NewReader(head + "\x00payload\n--- not this\n"))
	if err != nil || n != len(head) || sum != sha256.Sum256([]byte(head)) {
		t.Fatalf("%x %d %v", sum, n, err)
	}
	for _, bad := range []string{"", "age-encryption.org/v2\n--- x\n", head[:len(head)-1], "age-encryption.org/v1\n" + strings.Repeat("x\n", 1<<16) + "--- m\n"} {
		_, _, err := release.AgeHeader(strings.NewReader(bad))
		if problem.Code(err) != "release.age_header" {
			t.Fatalf("%.40q: got %v", bad, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(text(f, sample()))
	f.Add([]byte("counterseal-release-v1\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := release.Parse(b)
		if err != nil {
			return
		}
		if !bytes.Equal(text(t, r), b) {
			t.Fatal("two texts for one release")
		}
	})
}

func TestTheLineAboutWitnessesStandsWhereItIsSetAndNowhereElse(t *testing.T) {
	r := sample()
	plain, err := r.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []release.Witnesses{release.Ordinary, release.Emergency} {
		r.Witnesses = w
		text, err := r.Bytes()
		if err != nil || string(text) != string(plain)+"witnesses-at-start: "+string(w)+"\n" {
			t.Fatalf("%v\n%s", err, text)
		}
		back, err := release.Parse(text)
		if err != nil || back != r {
			t.Fatalf("%+v, %v", back, err)
		}
		for _, language := range release.Languages {
			with, err := release.ReadMe(language, r)
			without, err2 := release.ReadMe(language, sample())
			if err != nil || err2 != nil || !strings.Contains(string(with), release.LateProofFile) || strings.Contains(string(without), release.LateProofFile) {
				t.Errorf("%s: the note: %v, %v\n%s", language, err, err2, with)
			}
		}
	}
	for _, bad := range []string{"witnesses-at-start: \n", "witnesses-at-start: none\n", "witnesses-at-start: ordinary\nwitnesses-at-start: ordinary\n", "witness: ordinary\n"} {
		if _, err := release.Parse([]byte(string(plain) + bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}
