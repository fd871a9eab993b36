package app_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/access"
	"counterseal/internal/app"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
	"counterseal/internal/signature/signaturetest"
)

const officeHost = "office.lindworm.example"

// founded is a folder with two of the staff and no charter.
func founded(t *testing.T) app.Folder {
	t.Helper()
	f, err := app.Found(t.TempDir(), app.Founding{
		Provider: "Lindworm Mail", Origin: "lindworm.example", Contact: "privacy@lindworm.example",
		Staff: []app.Member{{ID: "p-okafor", Name: "Ada Okafor", Seats: []string{"reviewer"}}, {ID: "p-lind", Name: "Bo Lind", Seats: []string{"counsel"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// configure puts lines before the demo's section, or at the end of counterseal.toml.
func configure(t *testing.T, f app.Folder, lines string) {
	t.Helper()
	text, err := os.ReadFile(f.Config())
	if err != nil {
		t.Fatal(err)
	}
	head, demo, has := strings.Cut(string(text), "[demo]")
	out := head + "\n" + lines + "\n"
	if has {
		out += "[demo]" + demo
	}
	if err := os.WriteFile(f.Config(), []byte(out), 0o600); err != nil {
		t.Fatal(err)
	}
}

func person(id string, keys ...ssh.PublicKey) string {
	out := "[[sign_in.person]]\nid = \"" + id + "\"\nkeys = ["
	for _, k := range keys {
		out += "\"" + signature.Line(k) + "\","
	}
	return out + "]\n"
}

const (
	signInPage = "[sign_in]\npage = \"https://" + officeHost + "\"\n"
	issuer     = "[sign_in.openid]\nissuer = \"https://id.lindworm.example\"\nclient = \"counterseal\"\n"
)

// known is somebody as the issuer knows them.
func known(id, key, value string) string {
	return "[[sign_in.person]]\nid = \"" + id + "\"\n" + key + " = \"" + value + "\"\n"
}

func TestWhoSignsInIsReadStrictly(t *testing.T) {
	a, b := signaturetest.NewPasskey(officeHost).Public, signaturetest.NewPasskey(officeHost).Public
	elsewhere := signaturetest.NewPasskey("gate.lindworm.example").Public
	gatePage := "[[region]]\nid = \"dub\"\ngate = \"gate-dub\"\npage = \"https://" + officeHost + "\"\npage_listen = \"127.0.0.1:8702\"\n"
	for name, x := range map[string]struct{ lines, code, where string }{
		"well":                          {signInPage + person("p-okafor", a, b), "", ""},
		"a page and nobody yet":         {signInPage, "", ""},
		"to try":                        {"[sign_in]\npage = \"http://localhost:8780\"\n" + person("p-okafor", signaturetest.NewPasskey("localhost").Public), "", ""},
		"people without a page":         {person("p-okafor", a), "app.config", "sign_in.page"},
		"a path":                        {"[sign_in]\npage = \"https://" + officeHost + "/\"\n", "app.config", "sign_in.page"},
		"without TLS":                   {"[sign_in]\npage = \"http://" + officeHost + "\"\n", "app.config", "sign_in.page"},
		"the gate's own host":           {gatePage + signInPage, "app.config", "sign_in.page"},
		"the officers' own host":        {strings.ReplaceAll(gatePage, "page", "pickup") + signInPage, "app.config", "sign_in.page"},
		"nobody of ours":                {signInPage + person("p-nobody", a), "app.config", "p-nobody"},
		"twice":                         {signInPage + person("p-okafor", a) + person("p-okafor", b), "app.config", "sign_in.person 2"},
		"one passkey of two":            {signInPage + person("p-okafor", a) + person("p-lind", a), "app.config", "sign_in.person"},
		"no key":                        {signInPage + person("p-okafor"), "app.config", "sign_in.person 1"},
		"a passkey of another":          {signInPage + person("p-okafor", elsewhere), "app.config", "sign_in.person 1"},
		"an issuer, and nobody yet":     {signInPage + issuer, "", ""},
		"a subject and an address":      {signInPage + issuer + known("p-okafor", "subject", "77") + known("p-lind", "email", "bo@lindworm.example"), "", ""},
		"a passkey and a subject":       {signInPage + issuer + person("p-okafor", a) + "subject = \"77\"\n", "", ""},
		"an issuer without a page":      {issuer, "app.config", "sign_in.page"},
		"an issuer without TLS":         {signInPage + strings.Replace(issuer, "https", "http", 1), "app.config", "sign_in.openid"},
		"an issuer without a client":    {signInPage + strings.Replace(issuer, "client = \"counterseal\"", "", 1), "app.config", "sign_in.openid"},
		"a subject without an issuer":   {signInPage + known("p-okafor", "subject", "77"), "app.config", "sign_in.person 1"},
		"one by subject and by address": {signInPage + issuer + known("p-okafor", "subject", "77") + "email = \"a@lindworm.example\"\n", "app.config", "sign_in.person 1"},
		"an address that is none":       {signInPage + issuer + known("p-okafor", "email", "ada"), "app.config", "sign_in.person 1"},
		"a subject that is too long":    {signInPage + issuer + known("p-okafor", "subject", strings.Repeat("7", 256)), "app.config", "sign_in.person 1"},
		"one subject of two":            {signInPage + issuer + known("p-okafor", "subject", "77") + known("p-lind", "subject", "77"), "app.config", "sign_in.person"},
		"a subject of nobody of ours":   {signInPage + issuer + known("p-nobody", "subject", "77"), "app.config", "p-nobody"},
		"a word that nobody knows":      {signInPage + "colour = 1\n", "app.config", "sign_in.colour"},
	} {
		t.Run(name, func(t *testing.T) {
			f := founded(t)
			configure(t, f, x.lines)
			_, err := f.ReadConfig()
			p := problem.Of(err)
			if problem.Code(err) != x.code || p != nil && !strings.Contains(p.Field, x.where) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestWhoIsTakenOutOfTheFileIsOutByAnIssuerToo(t *testing.T) {
	const name = "https://id.lindworm.example"
	f := founded(t)
	before, err := os.ReadFile(f.Config())
	if err != nil {
		t.Fatal(err)
	}
	write := func(lines string) {
		if err := os.WriteFile(f.Config(), []byte(string(before)+"\n"+signInPage+lines), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	okafor, lind := known("p-okafor", "subject", "77"), known("p-lind", "email", "bo@lindworm.example")
	write(issuer + okafor + lind)
	o, err := app.Open(t.Context(), f, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	in := func(person, by, key string) bool {
		ok, err := app.SessionCounts(o, access.Session{Person: person, By: by, Key: key})
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	subject, address := access.SubjectID(name, "77"), access.EmailID(name, "bo@lindworm.example")
	for what, x := range map[string]struct {
		got, want bool
	}{
		"the subject": {in("p-okafor", access.ByOpenID, subject), true}, "the address": {in("p-lind", access.ByOpenID, address), true},
		"another's subject": {in("p-lind", access.ByOpenID, subject), false}, "another issuer's": {in("p-okafor", access.ByOpenID, access.SubjectID("https://id.example", "77")), false},
		"a subject as a passkey": {in("p-okafor", access.ByPasskey, subject), false}, "no name": {in("p-okafor", access.ByOpenID, ""), false},
	} {
		if x.got != x.want {
			t.Errorf("%s: %t", what, x.got)
		}
	}
	write(issuer + lind)
	if in("p-okafor", access.ByOpenID, subject) || !in("p-lind", access.ByOpenID, address) {
		t.Error("after a line was taken out")
	}
	write(strings.Replace(issuer, "id.lindworm", "id2.lindworm", 1) + okafor + lind)
	if in("p-okafor", access.ByOpenID, subject) || in("p-lind", access.ByOpenID, address) {
		t.Error("after the issuer was changed")
	}
	write(lind)
	ok, err := app.SessionCounts(o, access.Session{Person: "p-lind", By: access.ByOpenID, Key: address})
	if ok || problem.Code(err) != "access.people" {
		t.Error("without the issuer:", ok, err)
	}
}

func TestAKeyThatSignsInNeverStandsInTheCharterNorTheOtherWayRound(t *testing.T) {
	stage, v := nordwind(t)
	c, err := stage.Folder.Charter()
	if err != nil {
		t.Fatal(err)
	}
	member := c.Roster[0]

	// A passkey of the roster is refused when the file is read, under whatever host.
	key := signaturetest.NewPasskey(officeHost)
	draft, err := os.ReadFile(stage.Folder.CharterDraft())
	if err != nil {
		t.Fatal(err)
	}
	with := strings.Replace(string(draft), "keys = [", "keys = [\""+signature.Line(key.Public)+"\", ", 1)
	if with == string(draft) {
		t.Fatal("the draft has no keys")
	}
	at := v.Clock.Now().Add(time.Hour)
	if _, err := stage.Folder.Amend([]byte(with), "", at); err != nil {
		t.Fatal("before it signs in:", err)
	}
	configure(t, stage.Folder, signInPage+person(member.ID, key.Public))
	if _, err := stage.Folder.ReadConfig(); err != nil {
		t.Fatal(err)
	}
	if _, err := stage.Folder.Amend([]byte(with), "", at); problem.Code(err) != "app.sign_in_key" {
		t.Error("into the charter:", err)
	}

	st, err := stage.Folder.Amend(draft, "", at)
	if problem.Code(err) != "charter.unchanged" {
		t.Fatal(st, err)
	}
	st.Number, st.Previous, st.Roster = c.Number+1, c.Head, append(st.Roster, c.Roster...)
	st.Roster[0].Keys = append([]ssh.PublicKey{key.Public}, st.Roster[0].Keys...)
	text, err := st.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(stage.Folder.Pending(), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := stage.Folder.ReadConfig(); problem.Code(err) != "app.sign_in_key" {
		t.Error("a statement that waits:", err)
	}

	// A statement that the whole roster signed while the program runs does not reach the
	// gate either, and nobody signs in with that key.
	if err := os.Remove(stage.Folder.Pending()); err != nil {
		t.Fatal(err)
	}
	v.Close()
	o, err := app.Open(t.Context(), stage.Folder, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if err := os.WriteFile(stage.Folder.Statement("2"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	for id, p := range stage.People {
		signed, err := signature.Sign(p.Key, signature.Charter, text)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(strings.TrimSuffix(stage.Folder.Statement("2"), ".txt")+"."+id+".sig", signed, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.InitGate(t.Context()); problem.Code(err) != "app.sign_in_key" {
		t.Error("to the gate:", err)
	}
	if head, err := o.Desk().CharterHead(t.Context()); err != nil || head.Number != 1 {
		t.Error("the gate has it:", head, err)
	}
	in, err := app.SessionCounts(o, access.Session{Person: member.ID, By: access.ByPasskey, Key: ssh.FingerprintSHA256(key.Public)})
	if in || problem.Code(err) != "access.people" {
		t.Error("it signs in:", in, err)
	}
}

func TestWhoIsTakenOffTheRosterOrOutOfTheFileIsOutAtTheNextRequest(t *testing.T) {
	f := founded(t)
	a, b := signaturetest.NewPasskey(officeHost).Public, signaturetest.NewPasskey(officeHost).Public
	before, err := os.ReadFile(f.Config())
	if err != nil {
		t.Fatal(err)
	}
	configure(t, f, signInPage+person("p-okafor", a)+person("p-lind", b))
	o, err := app.Open(t.Context(), f, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	holds := func() (bool, string) {
		for _, p := range o.Examine(t.Context()).Promises {
			if strings.Contains(p.Says, "signs in") || strings.Contains(p.Says, "sign in to the pages") {
				return p.Holds, p.Says
			}
		}
		t.Fatal("doctor says nothing of signing in")
		return false, ""
	}
	if ok, says := holds(); !ok || !strings.Contains(says, "https://"+officeHost) {
		t.Error(ok, says)
	}
	session := func(id string, k ssh.PublicKey) access.Session {
		return access.Session{Person: id, By: access.ByPasskey, Key: ssh.FingerprintSHA256(k)}
	}
	counts := func(s access.Session) string {
		ok, err := app.SessionCounts(o, s)
		if err != nil {
			return problem.Code(err)
		}
		return map[bool]string{true: "in", false: "out"}[ok]
	}
	for what, x := range map[string]struct {
		s    access.Session
		want string
	}{
		"okafor":             {session("p-okafor", a), "in"},
		"okafor with lind's": {session("p-okafor", b), "out"},
		"a stranger":         {session("p-nobody", a), "out"},
		"a link":             {access.Session{Person: "p-lind", By: access.ByLink}, "in"},
		"a link of nobody's": {access.Session{Person: "p-nobody", By: access.ByLink}, "out"},
		"an onlooker":        {access.Session{Person: app.Onlooker, By: access.ByLink}, "in"},
	} {
		if got := counts(x.s); got != x.want {
			t.Errorf("%s: %s", what, got)
		}
	}

	write := func(text string) {
		if err := os.WriteFile(f.Config(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(string(before) + signInPage + person("p-lind", b)) // okafor's line is out
	if counts(session("p-okafor", a)) != "out" || counts(session("p-lind", b)) != "in" {
		t.Error("after a line was taken out")
	}
	noLind := strings.Replace(string(before), `id = "p-lind"`, `id = "p-other"`, 1)
	write(noLind + signInPage + person("p-okafor", a)) // lind is not of the staff any more
	if counts(session("p-lind", b)) != "out" || counts(access.Session{Person: "p-lind", By: access.ByLink}) != "out" {
		t.Error("after a person was taken out")
	}
	write(string(before) + signInPage + "[[sign_in.") // half written
	if got := counts(session("p-okafor", a)); got != "access.people" {
		t.Error(got)
	}
	write(string(before))
	if counts(session("p-okafor", a)) != "out" {
		t.Error("after the page was taken out")
	}
	if ok, says := holds(); ok || !strings.Contains(says, "Nobody signs in") {
		t.Error(ok, says)
	}
}
