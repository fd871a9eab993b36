package app

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/estate"
	"counterseal/internal/fact"
	"counterseal/internal/notice"
	"counterseal/internal/problem"
	"counterseal/internal/report"
	"counterseal/internal/scope"
	"counterseal/internal/web/customer"
)

// Customers shows customers their pages. What it says of demands comes from the
// shelf of letters that were sent, and from nowhere else: it asks the docket only
// about a demand of which this customer was told. It implements customer.Desk.
type Customers struct{ *Office }

func (o *Office) shelf() shelf { return shelf{o.Folder.Shelf()} }

// Link makes a link's token for a customer, to be given to them and nobody else: of
// an organisation, to the representative whom it named. It works once, for
// access.LinkLife, on this machine. Codes: customer.unknown,
// customer.no_representative, access.person, access.random.
func (v Customers) Link(id string) (token, givenTo string, err error) {
	c, ok := v.Estate.Now().Customer(id)
	if !ok {
		return "", "", unknownCustomer()
	}
	givenTo = c.Name
	if c.Kind == "organisation" {
		rep, named := v.Estate.Now().Representative(id)
		if !named {
			return "", "", problem.New(problem.Refused, "customer.no_representative", "this organisation has named nobody who may read for it").Fix("add its representative to the estate")
		}
		givenTo = rep.Name
	}
	links, err := v.customerLinks()
	if err != nil {
		return "", "", err
	}
	token, err = links.Issue(id)
	return token, givenTo, err
}

func unknownCustomer() *problem.Error {
	return problem.New(problem.Missing, "customer.unknown", "there is no such customer").Fix("use an id of the estate")
}

// Customer implements customer.Desk. Codes: customer.unknown, customer.shelf,
// law.setting, and those of the published figures.
func (v Customers) Customer(ctx context.Context, id, lang string) (customer.View, error) {
	e, now := v.Estate.Now(), v.Clock.Now()
	c, ok := e.Customer(id)
	if !ok {
		return customer.View{}, unknownCustomer()
	}
	out := customer.View{Name: c.Name, Language: c.Language, Organisation: c.Kind == "organisation"}
	if rep, named := e.Representative(id); named {
		out.Representative, out.Language = rep.Name, rep.Language
	}
	owners := ownersOf(e, id)
	out.Kept = keptOf(e, owners, now)
	var err error
	out.Laws, out.Unread, err = v.lawsOf(e, owners, c, lang, now)
	if err != nil {
		return customer.View{}, err
	}
	out.Figures, err = v.figures(ctx, now)
	if err != nil {
		return customer.View{}, err
	}
	letters, err := v.shelf().list(ctx, id)
	if err != nil {
		return customer.View{}, err
	}
	for _, l := range letters {
		n, err := shown(l, lang)
		if err != nil {
			return customer.View{}, err
		}
		n.Blocks = nil
		out.Notices = append(out.Notices, n)
	}
	return out, nil
}

// ownersOf are a customer's accounts and the folders that these made.
func ownersOf(e *estate.Estate, id string) (out []scope.AccountID) {
	for _, a := range e.AccountsOf(id) {
		out = append(out, a.ID)
		for _, f := range e.FoldersOf(a.ID, estate.Interval{}) {
			if f.Owner == a.ID && !slices.Contains(out, f.ID) {
				out = append(out, f.ID)
			}
		}
	}
	return out
}

// keptOf puts together what lies and is held alike.
func keptOf(e *estate.Estate, owners []scope.AccountID, now time.Time) (out []customer.Kept) {
	type alike struct{ service, region, contract, role, keys string }
	at := map[alike]int{}
	for _, id := range owners {
		for _, w := range e.Where(id, now) {
			k := alike{string(w.Service), w.Region.ID, w.Contract.ID, w.Role, w.Keys}
			i, there := at[k]
			if !there {
				i = len(out)
				at[k] = i
				row := customer.Kept{Service: string(w.Service), City: w.Region.City, Country: w.Region.Country, Region: w.Region.ID, Contract: w.Contract.Name, Ciphertext: w.Ciphertext(), Controller: w.Role}
				for _, n := range w.Reach {
					row.Opens = append(row.Opens, n.Name)
				}
				out = append(out, row)
			}
			out[i].Accounts++
		}
	}
	slices.SortStableFunc(out, func(a, b customer.Kept) int { return order(a.Service) - order(b.Service) })
	return out
}

func order(service string) int { return slices.Index(scope.Services, scope.Service(service)) }

// lawsOf asks the packs the customer's question: whose law reaches these data, by
// anyone's authority? What a customer is not asked, as whether they are a United
// States person, stays unknown, and the answer says that it depends.
func (v Customers) lawsOf(e *estate.Estate, owners []scope.AccountID, c estate.Customer, lang string, now time.Time) (out []customer.Law, unread []string, err error) {
	if len(owners) == 0 {
		return nil, nil, nil
	}
	g := groundOf(e, owners, nil, now)
	g.holders = []estate.Customer{c}
	var f fact.Facts
	err = f.Set(fact.AsOf.String(), now.UTC().Format(time.DateOnly))
	if err != nil {
		return nil, nil, factsAmiss(err)
	}
	_, err = g.knows(&f)
	if err != nil {
		return nil, nil, factsAmiss(err)
	}
	engine, err := v.Law()
	if err != nil {
		return nil, nil, err
	}
	found, err := engine.Reach(f, g.Setting)
	if err != nil {
		return nil, nil, err
	}
	unread, err = engine.Unread(f, g.Setting)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range found {
		out = append(out, customer.Law{Role: string(r.Role), Law: r.Law, Certain: r.Outcome == "reaches", Says: r.Says.In(lang), Cite: r.Cite, Quote: r.Quote, Paper: r.Paper,
			By: r.By, NotBy: r.NotBy, Storage: r.Storage, Reaches: r.Categories, Channel: string(r.Channel), Checked: string(r.Checked.Level), On: r.Checked.On})
	}
	return out, unread, nil
}

// figures are those of the last two closed half-years, as far as they are published.
func (v Customers) figures(ctx context.Context, now time.Time) (out []customer.Figures, err error) {
	all, err := v.Published(ctx)
	if err != nil {
		return nil, err
	}
	last := report.PeriodOf(now).Before()
	for _, r := range all {
		p, err := report.ParsePeriod(r.Period)
		if err != nil {
			return nil, err
		}
		if p == last || p == last.Before() {
			out = append(out, customer.Figures{Period: r.Period, From: p.Begin(), To: p.Last(), Received: r.Total.Text(), Refused: r.Told(report.Refused), Given: r.Told(report.Full, report.Part)})
		}
	}
	return out, nil
}

// Notice implements customer.Desk. Codes: customer.no_notice, customer.shelf.
func (v Customers) Notice(_ context.Context, id, letter, lang string) (customer.Notice, error) {
	l, err := v.shelf().get(id, letter)
	if err != nil {
		return customer.Notice{}, err
	}
	return shown(l, lang)
}

// shown words a letter that was sent, in the language of the page.
func shown(l told, lang string) (customer.Notice, error) {
	head := notice.HeadOf(l.Facts)
	draft, err := notice.Write(notice.InLanguage(l.Facts, lang))
	if err != nil {
		return customer.Notice{}, err
	}
	n := customer.Notice{ID: l.ID, At: head.Date.In(head.Zone)}
	for _, b := range draft.Blocks() {
		if b.Title {
			n.Title = b.Heading
		}
		n.Blocks = append(n.Blocks, customer.Block(b))
	}
	if o, some := openingOf(l.Facts); some {
		n.Leaf = o.Leaf
	}
	if d, ok := l.Facts.(*notice.DemandNotice); ok && !d.ObjectUntil.IsZero() {
		n.Until = d.ObjectUntil.In(head.Zone)
	}
	return n, nil
}

// openingOf is what a letter opens in the journal; false where it opens nothing.
func openingOf(l notice.Letter) (notice.Opening, bool) {
	switch l := l.(type) {
	case *notice.DemandNotice:
		return l.Opening, true
	case *notice.SecrecyEnded:
		if l.Opening != nil {
			return *l.Opening, true
		}
	}
	return notice.Opening{}, false
}

// Proof implements customer.Desk. Codes: customer.no_notice, customer.no_opening,
// and those of ProveReceipt.
func (v Customers) Proof(ctx context.Context, id, letter string) ([]byte, error) {
	l, err := v.shelf().get(id, letter)
	if err != nil {
		return nil, err
	}
	opens, some := openingOf(l.Facts)
	if !some {
		return nil, problem.New(problem.Missing, "customer.no_opening", "this notice opens no entry of the log")
	}
	wait, cancel := context.WithTimeout(ctx, proofPatience)
	defer cancel()
	text, digest, err := v.ProveReceipt(wait, notice.HeadOf(l.Facts).Demand, false)
	if err != nil {
		return nil, err
	}
	if digest != opens.Leaf { // the letter stands; the record beneath it has changed
		return nil, problem.New(problem.Unverified, "customer.other_leaf", "the entry in the log is not the one that the notice names").Fix("keep the notice, and ask for an explanation")
	}
	return text, nil
}

// proofPatience is how long a page waits for the journal.
const proofPatience = 10 * time.Second

// Objections of one customer that one demand's file takes: more are a matter for a
// letter, not for a form.
const maxObjections = 10

// objectionChannel is how such a message came, in the thread.
const objectionChannel = "customer page"

// counselReads is within what time counsel is asked to read an objection where no
// waiting period ends sooner.
const counselReads = 72 * time.Hour

// Object implements customer.Desk: the text becomes a document beside the demand,
// a message of its thread and a task for counsel. Nothing else is changed by it: no
// release is stopped and none is made. Codes: customer.no_notice, customer.enough,
// and those of docket.KeepDocument and docket.Do.
func (v Customers) Object(ctx context.Context, id string, in customer.Objection) error {
	l, err := v.shelf().get(id, in.Notice)
	if err != nil {
		return err
	}
	of := demand.ID(notice.HeadOf(l.Facts).Demand)
	c, err := v.Docket.State(ctx, of)
	if err != nil {
		return err
	}
	document, err := v.keepObjection(ctx, c, id, in)
	if err != nil {
		return err
	}
	due := v.Clock.Now().Add(counselReads)
	if d, ok := l.Facts.(*notice.DemandNotice); ok && d.ObjectUntil.After(v.Clock.Now()) && d.ObjectUntil.Before(due) {
		due = d.ObjectUntil
	}
	// The form's id makes the acts' ids, so that the same objection sent again is one.
	actor := demand.Person("customer:" + canon.Text(id))
	for i, act := range []demand.Command{
		demand.KeepMessage{Party: canon.Text(id), Channel: objectionChannel, Subject: "objection", Document: document},
		demand.SetTask{What: "read the customer’s objection " + document.String()[:16], Seat: "counsel", Due: due.UTC().Truncate(time.Minute)},
	} {
		_, err = v.Docket.Do(ctx, docket.Act{ID: of, CommandID: objectionID(id, in, i), Actor: actor, Reason: "the customer objects", Command: act})
		if err != nil && !(i == 1 && problem.Code(err) == "docket.conflict") { // the task stands, with an earlier due day
			return err
		}
	}
	return nil
}

func (v Customers) keepObjection(ctx context.Context, c docket.Case, id string, in customer.Objection) (demand.Digest, error) {
	text := []byte(in.Text)
	digest := demand.Digest(sha256.Sum256(text))
	n := 0
	for _, m := range c.State.Thread {
		if m.Channel == objectionChannel && m.Party == canon.Text(id) {
			n++
		}
		if m.Channel == objectionChannel && m.Document == digest {
			return digest, nil
		}
	}
	if n >= maxObjections {
		return digest, problem.New(problem.Refused, "customer.enough", "there are many objections of this customer in this file already").Fix("write to the provider instead")
	}
	return v.Docket.KeepDocument(ctx, c.ID, text, "text/plain; charset=utf-8")
}

func objectionID(id string, in customer.Objection, n int) [16]byte {
	s := sha256.Sum256([]byte(strings.Join([]string{"counterseal-objection-v1", id, in.Notice, string(in.Form[:]), string(rune('0' + n))}, "\n")))
	return [16]byte(s[:])
}

// putOnShelf keeps a letter that went to a customer where they can read it again.
func (o *Office) putOnShelf(account scope.AccountID, letter string, facts []byte) error {
	holder, ok := o.Estate.Now().Holder(account)
	if !ok {
		return problem.New(problem.Refused, "notice.no_holder", "nobody is named as the holder of this account").At("%s", account).Fix("add the customer to estate.toml")
	}
	return o.shelf().put(holder.ID, letter, facts)
}
