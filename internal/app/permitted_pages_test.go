package app_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	catalogue "counterseal/internal/act"
	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/policy"
	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
)

// court is an office in which everything lies that somebody could ask for: a demand, a
// contest, a duty, a matter and a case, open to all, in a sealed case of theirs and in
// one of others'; demands also closed.
type court struct {
	t      *testing.T
	v      app.Staff
	house  *app.House
	mux    *routes
	things []thing
}

type thing struct {
	kind   string // of web/staff
	id     demand.ID
	digest string // of a demand's document
	policy.Resource
}

// roles are who asks, with their seats.
var roles = map[string][]string{"": nil, "p-reviewer": {"reviewer"}, "p-counsel": {"counsel"}, "p-privacy": {"privacy"}}

// absent is an id of each kind that nothing has.
var absent = map[string]demand.ID{"demand": "b3xt-77", "contest": "c-b3xt-77", "secrecy": "s-b3xt-77", "matter": "m-b3xt-77", "case": "x-b3xt-77"}

func newCourt(t *testing.T) *court {
	stage, v := nordwind(t)
	v.Close()
	configure(t, stage.Folder, "[[staff]]\nid = \"p-reviewer\"\nname = \"R\"\nseats = [\"reviewer\"]\n[[staff]]\nid = \"p-counsel\"\nname = \"C\"\nseats = [\"counsel\"]\n[[staff]]\nid = \"p-privacy\"\nname = \"P\"\nseats = [\"privacy\"]\n")
	o, err := app.Open(t.Context(), stage.Folder, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	c := &court{t: t, v: app.Staff{Office: o}, house: app.NewHouse(o), mux: &routes{ServeMux: http.NewServeMux()}}
	app.Mount(c.house, c.mux)
	for i, at := range []policy.Resource{{}, {Sealed: true, Member: true}, {Sealed: true}} {
		var of demand.ID
		if at.Sealed {
			members := "p-okafor"
			if at.Member {
				members += ",p-reviewer,p-counsel,p-privacy"
			}
			of = c.do("case.open", "", map[string][]string{"why": {"under court seal"}, "members": strings.Split(members, ",")})
			c.things = append(c.things, thing{"case", of, "", at})
		}
		for j, closed := range []bool{false, true} {
			id := submit(t, stage, c.v, 1+2*i+j)
			if of != "" {
				c.do("case.seal", id, map[string][]string{"case": {string(of)}})
			}
			if !closed {
				for name, x := range map[string]map[string][]string{
					"contest.open": {"title": {"Motion"}, "against": {"statute"}, "court": {"a court"}, "filed": {"2013-06-02"}},
					"secrecy.open": {"source": {"order"}, "cite": {"18 USC 2705(b)"}, "authority": {"a court"}},
					"matter.open":  {"title": {"Matter"}},
				} {
					kind, _, _ := strings.Cut(name, ".")
					c.things = append(c.things, thing{kind, c.do(name, id, x), "", at})
				}
			} else {
				rejectAll(t, c.v, id)
				c.do("demand.close", id, nil)
			}
			at.Closed = closed
			c.things = append(c.things, thing{"demand", id, c.state(id).Original.String(), at})
			at.Closed = false
		}
	}
	return c
}

func (c *court) do(name string, page demand.ID, values map[string][]string) demand.ID {
	c.t.Helper()
	command, err := c.v.NewCommandID()
	if err != nil {
		c.t.Fatal(err)
	}
	p, err := c.v.Perform(c.t.Context(), "p-okafor", app.Deed{Act: name, Page: page, Command: command, Values: values, Reason: "for this"})
	if err != nil {
		c.t.Fatal(name, err)
	}
	return p.ID
}

func (c *court) state(id demand.ID) *demand.State {
	c.t.Helper()
	x, err := c.v.Docket.State(c.t.Context(), id)
	if err != nil {
		c.t.Fatal(err)
	}
	return x.State
}

// ask sends a request with a session and gives the whole answer.
func (c *court) ask(session *http.Cookie, method, path, form string) (int, string, string) {
	r := httptest.NewRequest(method, path, strings.NewReader(form))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.RemoteAddr, r.Host = "127.0.0.1:50000", "127.0.0.1:8780"
	r.AddCookie(session)
	w := httptest.NewRecorder()
	c.mux.ServeHTTP(w, r)
	var b bytes.Buffer
	if err := w.Result().Header.Write(&b); err != nil {
		c.t.Fatal(err)
	}
	code := ""
	if m := codeOnPage.FindStringSubmatch(w.Body.String()); m != nil {
		code = m[1]
	}
	return w.Code, code, w.Result().Status + "\n" + b.String() + "\n" + w.Body.String()
}

var codeOnPage = regexp.MustCompile(`<code>([a-z]+\.[a-z_]+)</code>`)

// actsOf are the acts that the pages of a kind of stream could be asked for; "" is the
// pages of none.
func actsOf(kind string) (out []string) {
	for _, a := range catalogue.All() {
		if kind == "" && !a.NeedsPage() || kind == string(a.From) {
			out = append(out, a.Name)
		}
	}
	if kind == "demand" {
		out = append(out, "facts.state")
	}
	return out
}

// paths are what a route stands for: every act, a register, a letter, a document.
func (c *court) paths(path string, x thing) map[string]string {
	path = strings.NewReplacer("{id}", string(x.id), "{name}", "duties", "{kind}", "no-records", "{digest}", x.digest).Replace(path)
	if !strings.Contains(path, "{act}") {
		return map[string]string{path: ""}
	}
	out := map[string]string{}
	for _, a := range actsOf(x.kind) {
		out[strings.Replace(path, "{act}", a, 1)] = a
	}
	return out
}

// refusal is the code with which seats are refused an action by the table; "" where
// they are not.
func refusal(row string, seats []string) string {
	switch {
	case may(row, seats, policy.Resource{}):
		return ""
	case len(seats) == 0:
		return "app.roster"
	}
	return "app.seat"
}

func TestEveryRouteAnswersEachSeatAndMemberAsTheTableSays(t *testing.T) {
	c := newCourt(t)
	rows := permits(t)
	count := map[string]int{}
	for person, seats := range roles {
		session := enter(t, c.house, c.mux, person)
		for _, pattern := range c.mux.patterns {
			if isOpenToAll(pattern) {
				continue
			}
			row, known := rows[pattern]
			if !known {
				t.Errorf("the route %q has no row in the table", pattern)
				continue
			}
			method, path, _ := strings.Cut(pattern, " ")
			first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
			things := []thing{{kind: ""}}
			if strings.Contains(path, "{id}") {
				things = slices.DeleteFunc(slices.Clone(c.things), func(x thing) bool { return x.kind != first })
			}
			for _, x := range things {
				at := x.Resource
				at.Member = at.Member && person != ""
				for path, act := range c.paths(path, x) {
					status, code, answer := c.ask(session, method, path, "")
					want := refusal(row, seats)
					switch {
					case want != "":
						count["route refused"]++
						_, _, nothing := c.ask(session, method, strings.Replace(path, string(x.id), string(absent[x.kind]), 1), "")
						if code != want || status != http.StatusForbidden || answer != nothing {
							t.Errorf("%s %s by %q: %d %s", method, path, person, status, code)
						}
					case at.Sealed && !at.Member: // to the byte what is not there
						count["absent"]++
						_, _, nothing := c.ask(session, method, strings.Replace(path, string(x.id), string(absent[x.kind]), 1), "")
						if status != http.StatusNotFound || answer != nothing {
							t.Errorf("%s %s by %q is told from what is not there: %s\n%s", method, path, person, answer, nothing)
						}
					case act != "" && refusal(rows[act], seats) != "":
						count["act refused"]++
						if code != refusal(rows[act], seats) || status != http.StatusForbidden {
							t.Errorf("%s %s by %q: %d %s", method, path, person, status, code)
						}
					default:
						count["let in"]++
						if strings.HasPrefix(code, "app.") || code == "docket.not_found" || method == http.MethodGet && status != http.StatusOK {
							t.Errorf("%s %s by %q is refused: %d %s", method, path, person, status, code)
						}
					}
				}
			}
		}
	}
	for what, n := range map[string]int{"route refused": 100, "absent": 500, "act refused": 200, "let in": 500} {
		if count[what] < n {
			t.Errorf("%s: only %d", what, count[what])
		}
	}
	for pattern := range rows { // nothing stands in the table that is not there
		if strings.Contains(pattern, " /") && !slices.Contains(c.mux.patterns, pattern) {
			t.Errorf("there is no route %q", pattern)
		}
	}
	t.Log(count)
}

var offeredOnPage = regexp.MustCompile(`/demand/[a-z0-9-]+/act/([a-z_.]+)`)

func TestAPageOffersWhatTheTablePermitsAndOnAClosedDemandNoWork(t *testing.T) {
	c := newCourt(t)
	rows := permits(t)
	offered := map[bool]int{}
	for person, seats := range roles {
		session := enter(t, c.house, c.mux, person)
		for _, x := range c.things {
			at := x.Resource
			at.Member = at.Member && person != ""
			if x.kind != "demand" || at.Sealed && !at.Member {
				continue
			}
			_, _, page := c.ask(session, http.MethodGet, "/demand/"+string(x.id), "")
			for _, m := range offeredOnPage.FindAllStringSubmatch(page, -1) {
				offered[at.Closed]++
				if !may(rows[m[1]], seats, at) {
					t.Errorf("%s is offered to %q on %+v", m[1], person, at)
				}
			}
			for _, form := range []string{"authenticate", "resolve", "assess", "decide", "state_secrecy"} {
				if strings.Contains(page, `value="`+form+`"`) && !may(rows[map[string]string{"authenticate": "paper.authenticate", "resolve": "identifier.resolve", "assess": "demand.assess", "decide": "line.decide", "state_secrecy": "secrecy.none"}[form]], seats, at) {
					t.Errorf("the form %s is offered to %q on %+v", form, person, at)
				}
			}
		}
	}
	if offered[false] < 50 || offered[true] < 5 {
		t.Errorf("the pages offer little: %v", offered)
	}
}

// What the command line does with a demand beside the catalogue, and the forms on a
// demand's own page.
func TestEveryActBesideTheCatalogueIsAskedOfTheTable(t *testing.T) {
	c := newCourt(t)
	rows := permits(t)
	commands := map[string]demand.Command{
		"paper.authenticate": demand.Authenticate{}, "facts.state": demand.StateFacts{}, "identifier.resolve": demand.Resolve{Target: 99}, "identifier.check": demand.Check{Target: 99},
		"finding.answer": demand.AnswerFinding{Rule: "none"}, "line.decide": demand.DecideLine{Line: 99}, "secrecy.none": demand.StateSecrecy{None: true},
		"release.outcome": demand.EndRelease{Grant: "none"}, "grant.revoke": demand.RevokeGrant{Grant: "none"},
	}
	forms := map[string]staff.Deed{
		"paper.authenticate": staff.Authenticate{}, "identifier.resolve": staff.Resolve{Target: 99}, "identifier.check": staff.Check{Target: 99}, "finding.answer": staff.Answer{Rule: "none"},
		"line.decide": staff.Decide{Line: 99}, "secrecy.none": staff.StateNoSecrecy{}, "demand.assess": staff.Assess{},
	}
	ctx, tried := t.Context(), 0
	for person, seats := range roles {
		for _, x := range c.things {
			at := x.Resource
			at.Member = at.Member && person != ""
			if x.kind != "demand" {
				continue
			}
			expect := func(act string, err error) {
				t.Helper()
				tried++
				code, want := problem.Code(err), refusal(rows[act], seats)
				switch {
				case at.Sealed && !at.Member:
					want = "docket.not_found"
				case want == "" && !may(rows[act], seats, at):
					want = "demand.closed"
				case want == "":
					if strings.HasPrefix(code, "app.") && code != "app.no_charter" || code == "docket.not_found" || code == "demand.closed" && !at.Closed {
						t.Errorf("%s by %q on %+v: %s", act, person, at, code)
					}
					return
				}
				if code != want {
					t.Errorf("%s by %q on %+v: %s, not %s", act, person, at, code, want)
				}
			}
			reads := c.v.As(ctx, person)
			for act, command := range commands {
				_, err := c.v.Act(reads, x.id, demand.Person(person), "why", command)
				expect(act, err)
			}
			_, err := c.v.Assess(reads, x.id, demand.Person(person))
			expect("demand.assess", err)
			_, err = c.v.Draft(reads, x.id, demand.Person(person))
			expect("grant.draft", err)
			for act, deed := range forms {
				command, err := c.v.NewCommandID()
				if err != nil {
					t.Fatal(err)
				}
				_, err = c.v.Do(ctx, person, staff.Act{Demand: string(x.id), Seen: uint64(c.state(x.id).Last), Command: command, Deed: deed})
				expect(act, err)
			}
		}
		for action, row := range rows {
			if strings.Contains(action, " ") {
				continue
			}
			tried++
			if got := problem.Code(c.v.MayAct(person, action)); got != refusal(row, seats) {
				t.Errorf("%s by %q: %s", action, person, got)
			}
		}
	}
	if err := c.v.MayAct("p-counsel", "demand.burn"); problem.Code(err) != "app.policy" {
		t.Errorf("what no rule knows: %v", err)
	}
	if err := c.v.MayOpen("p-counsel", "DELETE /demand/{id}"); problem.Code(err) != "app.policy" {
		t.Errorf("a route that no rule knows: %v", err)
	}
	if tried < 600 {
		t.Errorf("only %d were tried", tried)
	}
}
