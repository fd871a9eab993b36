package imap_test

import (
	"bytes"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/imap"
	"counterseal/internal/gate/sourcetest"
	"counterseal/internal/gate/sourcetest/servers"
	"counterseal/internal/problem"
)

func TestALineToDovecotThatBreaksIsTakenUpAndNothingIsOther(t *testing.T) {
	d := serve(t, t.TempDir(), servers.Alone)
	for i := range 8 {
		m := sourcetest.Message(i, "acc-alice-1", bytes.Repeat([]byte("a line of it\n"), 1+1000*(i%4)))
		folder := ""
		if i > 5 {
			folder = ".Archive"
		}
		d.Deliver(t, "acc-alice-1", folder, m.Received, m.Bytes)
	}
	d.Chown(t)
	sourcetest.Broken(t, fmt.Sprint("127.0.0.1:", d.Port), func(address string) (source.Source, source.Query) {
		s := d.source(t, func(c *imap.Config) { c.Server.Address = address })
		return s, source.Query{Account: "acc-alice-1", From: time.Unix(0, 0), Until: sourcetest.Start.AddDate(1, 0, 0)}
	})
}

// with is the server as it should be, but for one command.
func with(command, answer string) script {
	s := maps.Clone(well)
	s[command] = answer
	return s
}

func TestAfterALineBrokeEverythingMustBeAsItWas(t *testing.T) {
	list, header, body := "UID FETCH 1:*", "UID FETCH 5 (UID BODY.PEEK[HEADER]", "UID FETCH 5 (UID BODY.PEEK[])"
	half := "BREAK " + strings.TrimSuffix(well[body], "dy\r\n)\r\nTAG OK done\r\n")
	for name, c := range map[string]struct {
		first, then script
		code        string
	}{
		"as it was":                 {with(body, half), well, ""},
		"at a list":                 {with("LIST", "BREAK * LIST () "), well, ""},
		"at opening":                {with("EXAMINE", "BREAK * 1 EXI"), well, ""},
		"at the messages":           {with(list, "BREAK * 1 FETCH (UID 5"), well, ""},
		"at a header":               {with(header, "BREAK * 1 FETCH (UID 5 BODY[HEADER]<0> {50}\r\nFrom"), well, ""},
		"by BYE":                    {with(body, "BREAK * BYE I go down\r\n"), well, ""},
		"after the last byte":       {with(body, "BREAK "+strings.TrimSuffix(well[body], "TAG OK done\r\n")), well, ""},
		"before logging in":         {with("AUTHENTICATE", "BREAK +"), well, "source.unreadable"},
		"other bytes":               {with(body, half), with(body, strings.Replace(well[body], "From: a@", "From: b@", 1)), "source.changed"},
		"another length":            {with(body, half), with(body, strings.Replace(well[body], fmt.Sprintf("{%d}", len(whole)), "{3}", 1)), "source.size"},
		"other UIDs":                {with(body, half), with("EXAMINE", strings.Replace(well["EXAMINE"], "UIDVALIDITY 7", "UIDVALIDITY 8", 1)), "source.changed"},
		"fewer UIDs":                {with(body, half), with("EXAMINE", strings.Replace(well["EXAMINE"], "UIDNEXT 10", "UIDNEXT 9", 1)), "source.changed"},
		"open for writing":          {with(body, half), with("EXAMINE", strings.Replace(well["EXAMINE"], "READ-ONLY", "READ-WRITE", 1)), "source.protocol"},
		"the message gone":          {with(body, half), with(body, "TAG OK done\r\n"), "source.changed"},
		"another message":           {with(body, half), with(body, strings.Replace(well[body], "UID 5", "UID 6", 1)), "source.protocol"},
		"nobody let in":             {with(body, half), with("AUTHENTICATE", "+ \r\nTAG NO\r\n"), "source.login"},
		"nobody let in for a while": {with(body, half), with("AUTHENTICATE", "+ \r\nTAG NO [UNAVAILABLE] soon\r\n"), "source.login"},
		"always":                    {with(body, half), with(body, half), "source.unreadable"},
		"silence":                   {with(body, half), with(body, "HANG"), "source.unreadable"},
	} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			n, err := ask(t, play(t, "* OK hello\r\n", c.first, c.then), 600*time.Millisecond)
			if problem.Code(err) != c.code || (n == 1) != (err == nil) || time.Since(begin) > 10*time.Second {
				t.Errorf("%d, %v after %v", n, err, time.Since(begin))
			}
		})
	}
}

func TestAServerThatIsAwayForAWhileIsAskedAgainAndOneThatRefusesIsNot(t *testing.T) {
	body := "UID FETCH 5 (UID BODY.PEEK[])"
	soon := with("AUTHENTICATE", "+ \r\nTAG NO [UNAVAILABLE] soon\r\n")
	if n, err := ask(t, play(t, "* OK hello\r\n", with(body, "BREAK "), soon, with("EXAMINE", "BREAK "), well), time.Minute); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	begin := time.Now()
	no := with("AUTHENTICATE", "+ \r\nTAG NO\r\n")
	if _, err := ask(t, play(t, "* OK hello\r\n", with(body, "BREAK "), no), time.Minute); problem.Code(err) != "source.login" || time.Since(begin) > 5*time.Second {
		t.Errorf("%v after %v", err, time.Since(begin))
	}
}
