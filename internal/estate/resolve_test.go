package estate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/estate"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// wide is a map with everything that an identifier can run into.
const wide = good + `
[[customer]]
id = "c-3"
name = "Famiglia Esempio"
kind = "organisation"
class = "consumer"
country = "IT"
residence = "IT"
language = "it"
zone = "Europe/Rome"

[[account]]
id = "ac-old"
customer = "c-3"
region = "mil"
services = ["mail", "files"]

[[validity]]
account = "ac-old"
from = 2010-01-01T00:00:00Z
until = 2010-12-31T23:59:59Z

[[validity]]
account = "ac-old"
from = 2012-01-01T00:00:00Z
until = 2012-12-31T23:59:59Z

[[alias]]
account = "ac-old"
kind = "phone"
value = "+39 02 555 0100"
from = 2009-01-01T00:00:00Z

[[folder]]
id = "fo-esempio"
owner = "ac-old"
service = "files"
region = "mil"

[[share]]
folder = "fo-esempio"
account = "ac-old"
from = 2010-01-01T00:00:00Z

[[share]]
folder = "fo-esempio"
account = "ac-falk"
from = 2012-06-01T00:00:00Z

[[alias]]
account = "fo-esempio"
kind = "url"
value = "https://files.nordwind.example/s/Ab3"
from = 2010-01-01T00:00:00Z

[[alias]]
account = "ac-rask"
kind = "imei"
value = "49-015420-323751"
from = 2012-01-01T00:00:00Z

[[session]]
account = "ac-falk"
ip = "198.51.100.7"
first_port = 4000
last_port = 4999
from = 2012-05-01T10:00:00Z
until = 2012-05-01T11:00:00Z

[[session]]
account = "ac-rask"
ip = "::ffff:198.51.100.7"
first_port = 5000
last_port = 5999
from = 2012-05-01T09:00:00Z

[[session]]
account = "ac-old"
ip = "2001:db8::1"
from = 2012-05-01T10:00:00Z
until = 2012-05-01T10:00:00Z
`

func parsed(t *testing.T, text string) *estate.Estate {
	t.Helper()
	e, err := estate.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAResolutionSaysWhomWhenAndWhyAndNeverGuesses(t *testing.T) {
	e := parsed(t, wide)
	year := func(y int) (time.Time, time.Time) { return day(y, 1, 1), day(y+1, 1, 1).Add(-time.Second) }
	type ids = []scope.AccountID
	for _, c := range []struct {
		name, kind, stated string
		year               int
		want               ids
		reason             estate.Reason
		why                string // a part of it
	}{
		{"throughout", "address", "Team@nordwind.example", 2013, ids{"ac-rask"}, estate.ReasonOne, "since 2012-01-01T00:00:00Z"},
		{"at another time", "address", "team@nordwind.example", 2008, nil, estate.ReasonElsewhen, "stood for nobody in the interval asked; at other times for ac-falk from 2010-01-01T00:00:00Z until 2011-12-31T23:59:59Z; ac-rask since 2012-01-01T00:00:00Z."},
		{"never", "address", "nobody@nordwind.example", 2013, nil, estate.ReasonUnknown, "is not in our map"},
		{"a look-alike", "address", "te\u0430m@nordwind.example", 2013, nil, estate.ReasonUnknown, "is not in our map"},
		{"a look-alike dot", "address", "team@nordwind\u3002example", 2013, nil, estate.ReasonAmbiguous, "U+3002"},
		{"the Kelvin sign", "address", "ras\u212a@nordwind.example", 2013, nil, estate.ReasonUnknown, ""},
		{"a name", "name", "Ada Falk", 2013, nil, estate.ReasonName, "identifies nobody"},
		{"a number as it was dialled from abroad", "phone", "+39 02-5550100", 2012, ids{"ac-old"}, estate.ReasonOne, "from 2010-01-01T00:00:00Z until 2010-12-31T23:59:59Z and from 2012-01-01T00:00:00Z"},
		{"between two validities of its account", "phone", "+39025550100", 2011, nil, estate.ReasonElsewhen, "at other times for ac-old"},
		{"no country", "phone", "02 5550100", 2012, nil, estate.ReasonAmbiguous, "country code"},
		{"an account by its id", "account", "ac-falk", 2012, ids{"ac-falk"}, estate.ReasonOne, "at all times"},
		{"an account that was closed then", "account", "ac-old", 2011, nil, estate.ReasonElsewhen, ""},
		{"an account's id in capitals", "account", "AC-FALK", 2011, nil, estate.ReasonMalformed, ""},
		{"a folder by its URL", "url", "files.nordwind.example/s/Ab3/?dl=1", 2013, ids{"fo-esempio"}, estate.ReasonOne, "a folder shared by 2 accounts"},
		{"a device by its IMEI with check digit", "imei", "490154203237518", 2013, ids{"ac-rask"}, estate.ReasonOne, ""},
		{"an IMEI with a wrong one", "imei", "490154203237510", 2013, nil, estate.ReasonMalformed, "check digit"},
		{"a network address and its port", "ip", "198.51.100.7:4711 2012-05-01T12:30:00+02:00", 1999, ids{"ac-falk"}, estate.ReasonOne, "at 2012-05-01T10:30:00Z"},
		{"another port of the carrier", "ip", "198.51.100.7:5711 2012-05-01T10:30:00Z", 1999, ids{"ac-rask"}, estate.ReasonOne, ""},
		{"no port", "ip", "198.51.100.7 2012-05-01T10:30:00Z", 1999, ids{"ac-falk", "ac-rask"}, estate.ReasonNoPort, "2 accounts then"},
		{"a port of nobody", "ip", "198.51.100.7:80 2012-05-01T10:30:00Z", 1999, nil, estate.ReasonUnknown, ""},
		{"the last second of a session", "ip", "198.51.100.7:4711 2012-05-01T11:00:00Z", 1999, ids{"ac-falk"}, estate.ReasonOne, ""},
		{"the second after", "ip", "198.51.100.7:4711 2012-05-01T11:00:01Z", 1999, nil, estate.ReasonUnknown, ""},
		{"a session of one second", "ip", "2001:0db8::1 2012-05-01T10:00:00Z", 1999, ids{"ac-old"}, estate.ReasonOne, ""},
		{"no time", "ip", "198.51.100.7:4711", 2012, nil, estate.ReasonAmbiguous, "without the time"},
		{"no such kind", "everyone", "x", 2012, nil, estate.ReasonMalformed, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			from, until := year(c.year)
			r := e.Resolve(c.kind, c.stated, from, until)
			if d := cmp.Diff(c.want, r.Accounts()); d != "" || r.Reason != c.reason || !strings.Contains(r.Why, c.why) {
				t.Fatalf("%s\n%s: %s", d, r.Reason, r.Why)
			}
		})
	}
}

func TestAPartOfTheIntervalIsSaidToBeOne(t *testing.T) {
	e := parsed(t, wide)
	r := e.Resolve("address", "team@nordwind.example", day(2013, 1, 1), day(2013, 2, 1))
	if !r.Held[0].Throughout {
		t.Fatalf("got %+v", r)
	}
	r = e.Resolve("phone", "+39025550100", day(2012, 6, 1), day(2013, 6, 1))
	if r.Held[0].Throughout || r.Reason != estate.ReasonPart || !strings.Contains(r.Why, "a part of the interval asked") {
		t.Fatalf("got %+v", r)
	}
}

func TestAFolderConcernsAllWhoSharedItThen(t *testing.T) {
	e := parsed(t, wide)
	names := func(from time.Time) (out []string) {
		for _, c := range e.Concerned("fo-esempio", estate.Interval{From: from, Until: from}) {
			out = append(out, c.Name)
		}
		return out
	}
	if d := cmp.Diff([]string{"Famiglia Esempio"}, names(day(2011, 1, 1))); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"Famiglia Esempio", "Ada Falk"}, names(day(2013, 1, 1))); d != "" {
		t.Error(d)
	}
	if f := e.FoldersOf("ac-falk", estate.Interval{From: day(2013, 1, 1), Until: day(2013, 1, 1)}); len(f) != 1 || f[0].ID != "fo-esempio" {
		t.Errorf("got %+v", f)
	}
}

func TestBadRowsOfTheNewTablesAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ add, code string }{
		"a class that is none":                 {"[[customer]]\nid='c-9'\nname='N'\nclass='vip'\ncountry='DK'\nlanguage='da'\nzone='UTC'\n", "estate.customer"},
		"a residence that is none":             {"[[customer]]\nid='c-9'\nname='N'\nresidence='dk'\ncountry='DK'\nlanguage='da'\nzone='UTC'\n", "estate.customer"},
		"a role that is none":                  {"[[account]]\nid='ac-x'\ncustomer='c-1'\nregion='iad'\nservices=['mail']\nrole='owner'\n", "estate.account"},
		"a region that is not listed":          {"[[region]]\nid='iad'\ncountry='US'\ncity='Ashburn'\n", "estate.account"},
		"a region twice":                       {"[[region]]\nid='iad'\ncountry='US'\ncity='A'\n[[region]]\nid='iad'\ncountry='US'\ncity='B'\n", "estate.region"},
		"an entity of nowhere":                 {"[[entity]]\nid='inc'\nname='Inc.'\ncountry='Virginia'\n", "estate.entity"},
		"a contract with nobody":               {"[[contract]]\ncustomer='c-1'\nentity='inc'\nfrom=2012-01-01T00:00:00Z\n", "estate.contract"},
		"two contracts at one time":            {"[[entity]]\nid='inc'\nname='Inc.'\ncountry='US'\n[[contract]]\ncustomer='c-1'\nentity='inc'\nfrom=2012-01-01T00:00:00Z\nuntil=2013-01-01T00:00:00Z\n[[contract]]\ncustomer='c-1'\nentity='inc'\nfrom=2013-01-01T00:00:00Z\n", "estate.contract"},
		"a representative of nobody":           {"[[representative]]\ncustomer='c-9'\nname='N'\naddress='A'\nlanguage='it'\nreach='x@y.example'\nsince=2012-01-01T00:00:00Z\n", "estate.representative"},
		"a representative not reached":         {"[[representative]]\ncustomer='c-1'\nname='N'\naddress='A'\nlanguage='it'\nsince=2012-01-01T00:00:00Z\n", "estate.representative"},
		"a place of a service twice":           {"[[place]]\naccount='ac-falk'\nservice='mail'\nregion='iad'\n[[place]]\naccount='ac-falk'\nservice='mail'\nregion='dub'\n", "estate.place"},
		"a place of no service":                {"[[place]]\naccount='ac-falk'\nservice='fax'\nregion='iad'\n", "estate.place"},
		"validities that overlap":              {"[[validity]]\naccount='ac-falk'\nfrom=2012-01-01T00:00:00Z\n[[validity]]\naccount='ac-falk'\nfrom=2013-01-01T00:00:00Z\n", "estate.validity"},
		"a folder with an account's id":        {"[[folder]]\nid='ac-rask'\nowner='ac-falk'\nservice='files'\nregion='mil'\n", "estate.folder"},
		"a share of no folder":                 {"[[share]]\nfolder='fo-x'\naccount='ac-falk'\nfrom=2012-01-01T00:00:00Z\n", "estate.share"},
		"an alias of a closed account":         {"[[alias]]\naccount='ac-old'\nkind='address'\nvalue='x@y.example'\nfrom=2011-02-01T00:00:00Z\nuntil=2011-03-01T00:00:00Z\n", "estate.alias"},
		"an alias of kind account":             {"[[alias]]\naccount='ac-falk'\nkind='account'\nvalue='ac-falk'\nfrom=2011-02-01T00:00:00Z\n", "estate.alias"},
		"an alias with part of a second":       {"[[alias]]\naccount='ac-falk'\nkind='address'\nvalue='x@y.example'\nfrom=2011-02-01T00:00:00.5Z\n", "estate.alias"},
		"an alias without a zone":              {"[[alias]]\naccount='ac-falk'\nkind='address'\nvalue='x@y.example'\nfrom=2011-02-01T00:00:00\n", "estate.row"},
		"an alias that reads in two ways":      {"[[alias]]\naccount='ac-falk'\nkind='phone'\nvalue='0045 55501010'\nfrom=2011-02-01T00:00:00Z\n", "identifier.ambiguous"},
		"an alias of a kind that is none":      {"[[alias]]\naccount='ac-falk'\nkind='fax'\nvalue='1'\nfrom=2011-02-01T00:00:00Z\n", "identifier.kind"},
		"a session's ports the wrong way":      {"[[session]]\naccount='ac-falk'\nip='198.51.100.7'\nfirst_port=9\nlast_port=8\nfrom=2011-02-01T00:00:00Z\n", "estate.session"},
		"a session with a port in its address": {"[[session]]\naccount='ac-falk'\nip='198.51.100.7:80'\nfrom=2011-02-01T00:00:00Z\n", "identifier.form"},
	} {
		if _, err := estate.Parse([]byte(wide + c.add)); problem.Code(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}
