package gatepage_test

import (
	"context"
	"html"
	"strings"
	"testing"
	"time"

	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/scope"
)

// traffic is a grant that may be approved with others.
func (h *house) traffic(n byte) grant.Grant {
	h.t.Helper()
	sel := gatetest.Mail("acct-a1")
	sel.Category = scope.Traffic
	s, err := scope.New(sel)
	if err != nil {
		h.t.Fatal(err)
	}
	g := h.Grant(n)
	g.Compelled, g.Scope = s, s
	return g
}

// holds holds that a page has all of these words.
func (h *house) holds(path string, words ...string) string {
	h.t.Helper()
	page := html.UnescapeString(h.ask("GET", path, nil, nil).Body.String())
	for _, want := range words {
		if !strings.Contains(page, want) {
			h.t.Errorf("%s does not say %q:\n%s", path, want, page)
		}
	}
	return page
}

// A grant that names a stop goes on despite it. In its text the stop is a digest; on every
// page on which people approve they read who stopped what, and why.
func TestWhoApprovesReadsTheStopsThatAGrantGoesOnDespite(t *testing.T) {
	h := newHouse(t)
	stop := h.Stop("dan", "demand k7wq-93")
	if _, err := h.gate.Stop(context.Background(), stop); err != nil {
		t.Fatal(err)
	}
	h.Clock.Add(time.Minute)
	g, other := h.traffic(1), h.traffic(2)
	g.Stops, other.Stops = []grant.Digest{stop.Digest()}, []grant.Digest{stop.Digest()}
	id, second := h.offer(g), h.offer(other)
	h.enter()
	for _, path := range []string{"/", "/grant/" + id, "/batch?grant=" + id + "&grant=" + second} {
		page := h.holds(path, "dan stopped demand k7wq-93", "the court has stayed the order", "goes on despite it")
		if path != "/grant/"+id && strings.Count(page, "dan stopped") != 2 {
			t.Errorf("%s tells of the stop %d times", path, strings.Count(page, "dan stopped"))
		}
	}
}

// Several grants that one signature approves are read as each by itself.
func TestABatchShowsOfEachGrantWhatItsOwnPageShows(t *testing.T) {
	h := newHouse(t)
	e, files := h.Collected()
	g := h.traffic(1)
	e.Covers = g.Scope
	for i := range e.Files {
		e.Files[i].Category = scope.Traffic
	}
	m := h.Manifest("emil", e)
	if _, err := h.gate.AnnounceExport(context.Background(), m); err != nil {
		t.Fatal(err)
	}
	if _, err := h.gate.BringExport(context.Background(), m.Digest().String(), strings.NewReader(string(files))); err != nil {
		t.Fatal(err)
	}
	hand := h.HandGrant(2, e)
	hand.Drafter = "carla"
	id, second := h.offer(g), h.offer(hand)
	h.enter()
	h.holds("/batch?grant="+id+"&grant="+second, "by hand by emil, not gate-filtered", "address ada@lindworm.example, which the gate’s estate knows as account acct-a1", "The order compels", "Drafted by", "carla",
		"nonce: 01000000", "nonce: 02000000", "export-from: the mail server mail-1", "inbox/second.eml", "nobody has compared")
	h.holds("/grant/"+second, "exactly these leave", "inbox/second.eml", "sent.mbox")
}

func TestAGrantThatCountsIsShownAsThatAndAZipAsWhatItIs(t *testing.T) {
	h := newHouse(t, func(h *house) {
		a := &h.First.Agencies[0]
		a.Recipients = append(a.Recipients, grant.Recipient{Since: gatetest.Start.AddDate(-1, 0, 0), Key: grant.ByZip, Content: true})
	})
	h.enter()
	page := h.holds("/grant/"+h.offer(h.PreviewGrant(1)), "This gate would count, in rounded numbers, once 1 person has approved; nothing leaves, and Police of Nowhere is given nothing")
	for _, no := range []string{"would be given", "Encrypted to"} {
		if strings.Contains(page, no) {
			t.Errorf("of what is only counted the page says %q", no)
		}
	}
	g := h.Grant(2)
	g.Recipient = grant.ByZip
	page = h.holds("/grant/"+h.offer(g), "Whoever hears it opens the package.")
	if strings.Contains(page, "Encrypted to") {
		t.Error("a ZIP is shown as encrypted to somebody")
	}
}

func TestTheCallOfAnEmergencyIsReadBesideTheGrant(t *testing.T) {
	h := newHouse(t)
	c := h.Call()
	if _, err := h.gate.Called(context.Background(), h.Word("frida", c)); err != nil {
		t.Fatal(err)
	}
	id := h.offer(h.EmergencyGrant(1, c))
	h.enter()
	h.holds("/grant/"+id, "danger to life; frida called the agency back", "reached: Sergeant Sample, duty desk", "confirmed: yes")
}

// The estate has a customer whose address differs from the one in the order by a letter
// that looks the same.
func TestAnAddressThatLooksLikeAnothersIsTold(t *testing.T) {
	const alike = "\u0430da@lindworm.example"
	h := newHouse(t, func(h *house) {
		h.First.Aliases = append(h.First.Aliases, grant.Alias{Account: "acct-b2", Kind: "address", From: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), Value: alike})
	})
	s, err := scope.New(gatetest.Mail("acct-b2"))
	if err != nil {
		t.Fatal(err)
	}
	g := h.Grant(1)
	g.Targets, g.Compelled, g.Scope = []grant.Target{{Kind: "address", Stated: alike, Account: "acct-b2"}}, s, s
	id := h.offer(g)
	h.enter()
	h.holds("/grant/"+id, "Compare with the order, letter by letter:", alike+" has letters beyond a–z: \u0430 (Cyrillic, U+0430)")
	if page := h.holds("/grant/" + h.offer(h.Grant(2))); strings.Contains(page, "letter by letter") {
		t.Error("an address in ASCII is remarked on")
	}
}

// What an order's document holds unseen is seen on the page.
func TestWhatADocumentHoldsUnseenIsSeen(t *testing.T) {
	h := newHouse(t)
	h.Order = []byte("\ufeffOrder\r\nmail\u00a0of ada\u200b@lindworm.example\f\nnot \u202eelpmaxe.mrowdnil@aeb\u202c\n")
	id := h.offer(withOrder(h, 1))
	h.enter()
	h.holds("/grant/"+id, "holds characters that nobody sees", "Order\nmail\u00a0of ada⟨U+200B⟩@lindworm.example", "not ⟨U+202E⟩elpmaxe.mrowdnil@aeb⟨U+202C⟩")
	h.Order = []byte("An order,\r\n\tof m\u00e4rz\n")
	id = h.offer(withOrder(h, 2))
	if page := h.holds("/grant/"+id, "An order,\n\tof m\u00e4rz\n"); strings.Contains(page, "nobody sees") {
		t.Error("a plain document is remarked on")
	}
}

func withOrder(h *house, n byte) grant.Grant {
	g := h.Grant(n)
	g.OrderDigest = grant.Signed{Text: h.Order}.Digest()
	return g
}

// Each line of what is signed is an element of its own, so that the words of a long value
// never stand where a line begins.
func TestTheLinesOfWhatIsSignedAreToldFromTheirWords(t *testing.T) {
	h := newHouse(t)
	g := h.Grant(1)
	g.Order = "Search warrant 12/2031 " + strings.Repeat("x ", 60) + "collect: nothing"
	id := h.offer(g)
	h.enter()
	page := h.holds("/grant/"+id, `<pre class="whole"><span class="line">counterseal-grant-v1`)
	lines := strings.Count(string(gatetest.Text(g)), "\n")
	_, text, _ := strings.Cut(page, `<pre class="whole">`)
	text, _, _ = strings.Cut(text, "</pre>")
	if got := strings.Count(text, `<span class="line">`); got != lines || strings.Contains(text, `<span class="line">collect: nothing`) {
		t.Errorf("%d lines, want %d:\n%s", got, lines, text)
	}
}
