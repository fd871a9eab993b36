package estate

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"counterseal/internal/identifier"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// MaxRows bounds a map, over all its tables.
const MaxRows = 8 << 20

// New checks the rows and draws up the map. The rows are the map's own from then
// on. Codes: those of the package.
func New(t Tables) (*Estate, error) {
	if t.len() > MaxRows {
		return nil, tooLarge()
	}
	e := &Estate{rows: t}
	for _, check := range []func() error{e.checkRegions, e.checkEntities, e.checkCustomers, e.checkRepresentatives, e.checkContracts,
		e.checkAccounts, e.checkPlaces, e.checkValidities, e.checkFolders, e.checkShares, e.checkAliases, e.checkSessions} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func tooLarge() error {
	return problem.New(problem.Invalid, "estate.too_large", "a map has at most %d rows", MaxRows)
}

func country(c string) bool {
	return len(c) == 2 && c[0] >= 'A' && c[0] <= 'Z' && c[1] >= 'A' && c[1] <= 'Z'
}

// orUnstated reports whether a word is one of the list, or left out.
func orUnstated(w string, list []string) bool { return w == "" || slices.Contains(list, w) }

// name reports a region's name as the charter can hold it (grant.Name).
func name(s string) bool { return scope.ValidAccount("x-" + s) }

func (e *Estate) checkRegions() error {
	e.regions = map[string]int32{}
	for i, r := range e.rows.Regions {
		if _, twice := e.regions[r.ID]; twice || !name(r.ID) || !country(r.Country) || r.City == "" {
			return problem.New(problem.Invalid, "estate.region", "a region has its own id, a country of two capital letters and a city").At("region %d", i+1)
		}
		e.regions[r.ID] = int32(i)
	}
	return nil
}

// knownRegion: where the map lists regions, each row that names one names one of
// those.
func (e *Estate) knownRegion(id string) bool {
	_, ok := e.regions[id]
	return id != "" && (ok || len(e.rows.Regions) == 0)
}

func (e *Estate) checkEntities() error {
	e.entities = map[string]int32{}
	for i, n := range e.rows.Entities {
		if _, twice := e.entities[n.ID]; twice || n.ID == "" || n.Name == "" || !country(n.Country) {
			return problem.New(problem.Invalid, "estate.entity", "an entity has its own id, a name and a country of two capital letters").At("entity %d", i+1)
		}
		for _, r := range n.Controls {
			if !e.knownRegion(r) {
				return problem.New(problem.Invalid, "estate.entity", "an entity controls regions that the map lists").At("entity %d: %.40q", i+1, r)
			}
		}
		for _, p := range n.Designated {
			if !slices.Contains(papers, p) {
				return problem.New(problem.Invalid, "estate.entity", "an entity is designated for papers that may be addressed to one for all").At("entity %d: %.40q", i+1, p).Fix("write %s", strings.Join(papers, ", "))
			}
		}
		e.entities[n.ID] = int32(i)
	}
	return nil
}

func (e *Estate) checkCustomers() error {
	e.customers = make(map[string]int32, len(e.rows.Customers))
	zones := map[string]bool{} // many customers, few zones
	for i := range e.rows.Customers {
		c := e.rows.Customers[i]
		if _, twice := e.customers[c.ID]; twice || c.ID == "" || c.Name == "" || len(c.Country) != 2 || !slices.Contains(languages, c.Language) {
			return problem.New(problem.Invalid, "estate.customer", "a customer has its own id, a name, a country of two letters and a language (en, de, da, it)").At("customer %d", i+1)
		}
		if !zones[c.Zone] && !zone(c.Zone) {
			return problem.New(problem.Invalid, "estate.customer", "a customer's zone is an IANA time zone").At("customer %d: zone", i+1).Fix("write, for example, America/New_York")
		}
		zones[c.Zone] = true
		for _, w := range []struct {
			field, value string
			list         []string
		}{{"kind", c.Kind, kinds}, {"class", c.Class, classes}, {"role", c.Role, roles}, {"keys", c.Keys, custodies}} {
			if !orUnstated(w.value, w.list) {
				return problem.New(problem.Invalid, "estate.customer", "there is no such word for a customer").At("customer %d: %s", i+1, w.field).Fix("write %s", strings.Join(w.list, ", "))
			}
		}
		if c.Residence != "" && !country(c.Residence) {
			return problem.New(problem.Invalid, "estate.customer", "a residence is a country of two capital letters").At("customer %d: residence", i+1)
		}
		e.customers[c.ID] = int32(i)
	}
	return nil
}

func zone(z string) bool {
	_, err := time.LoadLocation(z)
	return z != "" && err == nil
}

func (e *Estate) checkRepresentatives() error {
	e.reps = map[string]int32{}
	for i := range e.rows.Representatives {
		r := &e.rows.Representatives[i]
		_, known := e.customers[r.Customer]
		_, twice := e.reps[r.Customer]
		if !known || twice || r.Name == "" || r.Address == "" || r.Reach == "" || r.Since.IsZero() || !slices.Contains(languages, r.Language) {
			return problem.New(problem.Invalid, "estate.representative", "a customer's one representative has a name, an address, a language, a way to be reached, and the day since when").At("representative %d", i+1)
		}
		utc(&r.Since)
		e.reps[r.Customer] = int32(i)
	}
	return nil
}

func (e *Estate) checkContracts() error {
	e.contracts = map[string][]int32{}
	for i := range e.rows.Contracts {
		c := &e.rows.Contracts[i]
		_, customer := e.customers[c.Customer]
		_, entity := e.entities[c.Entity]
		if !customer || !entity || c.From.IsZero() || !(Interval{c.From, c.Until}).rightWay() {
			return problem.New(problem.Invalid, "estate.contract", "a contract has a known customer, a known entity, and a time that begins before it ends").At("contract %d", i+1)
		}
		utc(&c.From)
		utc(&c.Until)
		for _, o := range e.contracts[c.Customer] {
			if other := e.rows.Contracts[o]; (Interval{c.From, c.Until}).meets(Interval{other.From, other.Until}) {
				return problem.New(problem.Invalid, "estate.contract", "one entity at a time contracts with a customer").At("contract %d and %d", o+1, i+1)
			}
		}
		e.contracts[c.Customer] = append(e.contracts[c.Customer], int32(i))
	}
	return nil
}

func (e *Estate) checkAccounts() error {
	e.accounts, e.of = make(map[scope.AccountID]int32, len(e.rows.Accounts)), map[string][]int32{}
	for i, a := range e.rows.Accounts {
		_, twice := e.accounts[a.ID]
		_, customer := e.customers[a.Customer]
		if !scope.ValidAccount(string(a.ID)) || twice || !customer || a.Region == "" || len(a.Services) == 0 {
			return problem.New(problem.Invalid, "estate.account", "an account has its own id, a known customer, a region and services").At("account %d", i+1)
		}
		if !e.knownRegion(a.Region) {
			return problem.New(problem.Invalid, "estate.account", "an account lies in a region that the map lists").At("account %d: %.40q", i+1, a.Region)
		}
		for _, s := range a.Services {
			if !slices.Contains(scope.Services, s) {
				return problem.New(problem.Invalid, "estate.account", "no such service").At("account %d: %.40q", i+1, string(s))
			}
		}
		if !orUnstated(a.Role, roles) || !orUnstated(a.Keys, custodies) {
			return problem.New(problem.Invalid, "estate.account", "an account's role is controller or processor, its keys are the provider's or the customer's").At("account %d", i+1).
				Fix("write role controller or processor, keys provider or customer, or leave them to the customer's row")
		}
		e.accounts[a.ID], e.of[a.Customer] = int32(i), append(e.of[a.Customer], int32(i))
	}
	return nil
}

func (e *Estate) checkPlaces() error {
	e.places = map[scope.AccountID][]int32{}
	for i, p := range e.rows.Places {
		_, known := e.accounts[p.Account]
		twice := slices.ContainsFunc(e.places[p.Account], func(o int32) bool { return e.rows.Places[o].Service == p.Service })
		if !known || twice || !slices.Contains(scope.Services, p.Service) || !e.knownRegion(p.Region) {
			return problem.New(problem.Invalid, "estate.place", "a place has a known account, one of its services, once, and a known region").At("place %d", i+1)
		}
		e.places[p.Account] = append(e.places[p.Account], int32(i))
	}
	return nil
}

func (e *Estate) checkValidities() error {
	e.valid = map[scope.AccountID][]Interval{}
	for i, v := range e.rows.Validities {
		_, known := e.accounts[v.Account]
		span := Interval{v.From.UTC(), v.Until}
		utc(&span.Until)
		if !known || v.From.IsZero() || !span.rightWay() || len(cutAll(span, e.valid[v.Account])) > 0 {
			return problem.New(problem.Invalid, "estate.validity", "a validity has a known account, a time that begins before it ends, and no other of that account in that time").At("validity %d", i+1)
		}
		e.valid[v.Account] = append(e.valid[v.Account], span)
	}
	for id, v := range e.valid {
		e.valid[id] = joined(v)
	}
	return nil
}

func (e *Estate) checkFolders() error {
	e.folders = map[scope.AccountID]int32{}
	for i, f := range e.rows.Folders {
		_, owner := e.accounts[f.Owner]
		if !scope.ValidAccount(string(f.ID)) || e.Owns(f.ID) || !owner || !slices.Contains(scope.Services, f.Service) || !e.knownRegion(f.Region) {
			return problem.New(problem.Invalid, "estate.folder", "a folder has an id that no account has, a known account that made it, a service and a known region").At("folder %d", i+1)
		}
		e.folders[f.ID] = int32(i)
	}
	return nil
}

func (e *Estate) checkShares() error {
	e.shares, e.shared = map[scope.AccountID][]int32{}, map[scope.AccountID][]int32{}
	for i := range e.rows.Shares {
		s := &e.rows.Shares[i]
		_, folder := e.folders[s.Folder]
		_, account := e.accounts[s.Account]
		if !folder || !account || s.From.IsZero() || !(Interval{s.From, s.Until}).rightWay() {
			return problem.New(problem.Invalid, "estate.share", "a share has a known folder, a known account, and a time that begins before it ends").At("share %d", i+1)
		}
		utc(&s.From)
		utc(&s.Until)
		e.shares[s.Folder], e.shared[s.Account] = append(e.shares[s.Folder], int32(i)), append(e.shared[s.Account], int32(i))
	}
	return nil
}

func (e *Estate) checkAliases() error {
	e.first, e.next = make(map[string]int32, len(e.rows.Aliases)), make([]int32, len(e.rows.Aliases))
	for i := range e.rows.Aliases {
		a := &e.rows.Aliases[i]
		if !e.Owns(a.Account) || a.Kind == "" || a.Value == "" || a.From.IsZero() || !(Interval{a.From, a.Until}).rightWay() {
			return problem.New(problem.Invalid, "estate.alias", "an alias has a known account, a kind, a value, and a time that begins before it ends").At("alias %d", i+1)
		}
		if a.Kind == identifier.Account || a.Kind == identifier.Name {
			return problem.New(problem.Invalid, "estate.alias", "an account's id needs no alias, and a name identifies nobody").At("alias %d", i+1).Fix("leave the row out")
		}
		v, err := identifier.Normal(a.Kind, a.Value)
		if err != nil {
			return problem.Of(err).At("alias %d", i+1)
		}
		a.Value = v
		utc(&a.From)
		utc(&a.Until)
		if valid, some := e.valid[a.Account]; some && len(cutAll(Interval{a.From, a.Until}, valid)) == 0 {
			return problem.New(problem.Invalid, "estate.alias", "this alias holds only at times in which its account was not valid").At("alias %d", i+1)
		}
		key := a.Kind + " " + v
		e.next[i] = -1
		if before, ok := e.first[key]; ok {
			e.next[i] = before
		}
		e.first[key] = int32(i)
	}
	return nil
}

func (e *Estate) checkSessions() error {
	for i := range e.rows.Sessions {
		s := &e.rows.Sessions[i]
		_, known := e.accounts[s.Account]
		if !known || s.From.IsZero() || !(Interval{s.From, s.Until}).rightWay() {
			return problem.New(problem.Invalid, "estate.session", "a session has a known account, a network address, and a time that begins before it ends").At("session %d", i+1)
		}
		all := s.FirstPort == 0 && s.LastPort == 0
		if !all && (s.FirstPort < 1 || s.LastPort < s.FirstPort || s.LastPort > 65535) {
			return problem.New(problem.Invalid, "estate.session", "a session's ports are two from 1 to 65535, the lower first, or both left out").At("session %d", i+1)
		}
		ip, err := identifier.Normal(identifier.IP, s.IP)
		if err != nil {
			return problem.Of(err).At("session %d", i+1)
		}
		s.IP = ip
		utc(&s.From)
		utc(&s.Until)
	}
	e.drawSessions()
	return nil
}

// span is the stretch of sessions of one network address, in the order of their
// beginning, and how long the longest of them lasted.
type span struct {
	from, until int32
	longest     time.Duration
}

const forever = time.Duration(1<<63 - 1)

func (e *Estate) drawSessions() {
	rows := e.rows.Sessions
	slices.SortStableFunc(rows, func(a, b Session) int {
		if c := strings.Compare(a.IP, b.IP); c != 0 {
			return c
		}
		return a.From.Compare(b.From)
	})
	e.sessions = map[netip.Addr]span{}
	for i := range rows {
		ip := netip.MustParseAddr(rows[i].IP) // checked with its normal form
		s, ok := e.sessions[ip]
		if !ok {
			s.from = int32(i)
		}
		s.until = int32(i + 1)
		lasted := forever
		if !rows[i].Until.IsZero() {
			lasted = rows[i].Until.Sub(rows[i].From)
		}
		s.longest = max(s.longest, lasted)
		e.sessions[ip] = s
	}
}

// sessionsAt lists the sessions of an address and port that held at an instant;
// port 0 means that none was stated.
func (e *Estate) sessionsAt(ip netip.Addr, port uint16, at time.Time) []Session {
	s, ok := e.sessions[ip]
	if !ok {
		return nil
	}
	rows := e.rows.Sessions[s.from:s.until]
	n, _ := slices.BinarySearchFunc(rows, at, func(r Session, at time.Time) int {
		if r.From.After(at) {
			return 1
		}
		return -1
	})
	var out []Session
	for i := n - 1; i >= 0; i-- {
		r := rows[i]
		if s.longest != forever && at.Sub(r.From) > s.longest {
			break
		}
		inPorts := port == 0 || r.FirstPort == 0 || (int(port) >= r.FirstPort && int(port) <= r.LastPort)
		if inPorts && (Interval{r.From, r.Until}).meets(Interval{at, at}) {
			out = append(out, r)
		}
	}
	return out
}
