package demo

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"
	_ "modernc.org/sqlite" // as any program on the machine could open the file

	"counterseal/internal/app"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

// A friend inside tries. The engineer administers every machine and can read and
// write every file of the folder; each of these is really made.

// try is one way in.
type try struct {
	what, code string
	make       func(context.Context, *Play) error
}

var tries = []try{
	{"signs in", "app.roster", func(_ context.Context, p *Play) error {
		_, err := app.NewHouse(p.Office).Admit(Engineer)
		return err
	}},
	{"decides the warrant's first line with an administrator's session", "app.roster", func(ctx context.Context, p *Play) error {
		_, err := p.Do(ctx, Engineer, "line.decide", "warrant", "faster this way", Values{"line": "1", "decision": "comply"})
		return err
	}},
	{"changes a byte of the record by SQL and has it read", "docket.tampered", tamper},
	{"approves at the gate's API with a key of his own", "approval.not_on_roster", func(ctx context.Context, p *Play) error {
		return p.approveAs(ctx, p.Stage.Engineer, "grant")
	}},
	{"asks for the release on one approval", "grant.approvals_missing", func(ctx context.Context, p *Play) error {
		if err := p.Approve(ctx, Counsel, "grant"); err != nil {
			return err
		}
		if err := p.InForce(ctx, Counsel, "grant"); err != nil {
			return err
		}
		_, err := p.Release(ctx, "grant")
		return err
	}},
	{"shows the privacy officer a doctored page, on which she signs another text", "signature.wrong", func(ctx context.Context, p *Play) error {
		text, err := p.doctored(ctx, func(g *grant.Grant) { g.Expires = g.Expires.Add(-time.Hour) })
		if err != nil {
			return err
		}
		return p.approveText(ctx, Privacy, "grant", text)
	}},
	{"offers the grant with one account more, and has both sign it unread", "grant.not_named", offer(func(p *Play, g *grant.Grant) error {
		wide, err := scope.New(append(g.Scope.Selectors(), mailOf(g, "ac-mercer"))...)
		g.Compelled, g.Scope = wide, wide
		return err
	})},
	{"re-points the address to another account, and has both sign it unread", "grant.alias_moved", offer(func(p *Play, g *grant.Grant) error {
		other, err := scope.New(mailOf(g, "ac-mercer"))
		g.Targets = []grant.Target{{Kind: "address", Stated: "june.hartwell@nordwind.example", Account: "ac-mercer"}}
		g.Compelled, g.Scope = other, other
		return err
	})},
	{"puts a key of his own in the recipient's place, and has both sign it unread", "grant.recipient_unknown", offer(func(p *Play, g *grant.Grant) error {
		own, err := age.GenerateX25519Identity()
		if err == nil {
			g.Recipient = own.Recipient().String()
		}
		return err
	})},
}

// mailOf is the mail of another account, as a grant asks for it.
func mailOf(g *grant.Grant, account scope.AccountID) scope.Selector {
	for _, s := range g.Scope.Selectors() {
		if s.Service == scope.Mail {
			s.Account = account
			return s
		}
	}
	return scope.Selector{Account: account}
}

func friend(ctx context.Context, p *Play) error {
	if err := p.Draft(ctx, Reviewer, "warrant", "grant", app.Terms{}); err != nil {
		return err
	}
	p.Told(Reviewer, "drafts grant %s; the gate parses it, asks its own charter, and shows it to the approvers", p.Kept("grant"))
	n, err := p.searched(ctx)
	if err != nil {
		return err
	}
	p.Told(Engineer, "reads all %d rows of the docket's database, and its configuration: no name, no address, no password", n)
	for _, t := range tries {
		if err := p.Refused(Engineer, t.what, t.code, t.make(ctx, p)); err != nil {
			return err
		}
	}
	return nil
}

// searched reads every table of the database and the configuration, and gives the
// number of rows; finding anything is a fault.
func (p *Play) searched(ctx context.Context) (rows int, err error) {
	found := func(where string) error {
		return problem.New(problem.Internal, "demo.found", "what must not be readable was found").At("%s", where)
	}
	config, err := os.ReadFile(p.Stage.Folder.Config())
	if err != nil {
		return 0, stageProblem(err)
	}
	if strings.Contains(strings.ToLower(string(config)), "password") {
		return 0, found("counterseal.toml")
	}
	db, err := sql.Open("sqlite", "file:"+p.Stage.Folder.Database()+"?mode=ro")
	if err != nil {
		return 0, stageProblem(err)
	}
	defer db.Close()
	tables, err := column(ctx, db, "SELECT name FROM sqlite_master WHERE type = 'table'")
	if err != nil {
		return 0, stageProblem(err)
	}
	for _, t := range tables {
		n, text, err := everything(ctx, db, t)
		if err != nil {
			return 0, stageProblem(err)
		}
		rows += n
		for _, secret := range []string{"hartwell", "Hartwell", "13-mj-0417"} {
			if strings.Contains(text, secret) {
				return 0, found(t)
			}
		}
	}
	return rows, nil
}

func column(ctx context.Context, db *sql.DB, query string) (out []string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// everything is all that a table holds, as one text.
func everything(ctx context.Context, db *sql.DB, table string) (n int, text string, err error) {
	rows, err := db.QueryContext(ctx, `SELECT * FROM "`+table+`"`)
	if err != nil {
		return 0, "", err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return 0, "", err
	}
	var b strings.Builder
	for ; rows.Next(); n++ {
		values, into := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return n, "", err
		}
		for _, v := range values {
			if raw, ok := v.([]byte); ok {
				v = string(raw)
			}
			fmt.Fprint(&b, v, " ")
		}
	}
	return n, b.String(), rows.Err()
}

// tamper changes the last byte of the letter's first event in the database, has it
// read, and puts the byte back, as somebody does who hides their tracks.
func tamper(ctx context.Context, p *Play) error {
	db, err := sql.Open("sqlite", "file:"+p.Stage.Folder.Database()+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return stageProblem(err)
	}
	defer db.Close()
	where := " WHERE demand = ? AND seq = 1"
	var sealed []byte
	if err := db.QueryRowContext(ctx, "SELECT sealed FROM events"+where, p.Kept("letter")).Scan(&sealed); err != nil {
		return stageProblem(err)
	}
	changed := append([]byte(nil), sealed...)
	changed[len(changed)-1] ^= 1
	if _, err := db.ExecContext(ctx, "UPDATE events SET sealed = ?"+where, changed, p.Kept("letter")); err != nil {
		return stageProblem(err)
	}
	_, found := p.State(ctx, "letter")
	if _, err := db.ExecContext(ctx, "UPDATE events SET sealed = ?"+where, sealed, p.Kept("letter")); err != nil {
		return stageProblem(err)
	}
	return found
}

// approveAs signs the gate's text with a key that nobody has put on the roster.
func (p *Play) approveAs(ctx context.Context, who Person, name string) error {
	text, err := p.Office.Desk().Text(ctx, p.grants[name].ID)
	if err != nil {
		return err
	}
	signed, err := signature.Sign(who.Key, signature.Grant, text)
	if err != nil {
		return err
	}
	_, err = p.Office.Desk().Approve(ctx, p.grants[name].ID, signed)
	return err
}

// doctored is the text of the waiting grant with a change.
func (p *Play) doctored(ctx context.Context, change func(*grant.Grant)) ([]byte, error) {
	text, err := p.Office.Desk().Text(ctx, p.grants["grant"].ID)
	if err != nil {
		return nil, err
	}
	g, err := grant.Parse(text)
	if err != nil {
		return nil, err
	}
	change(&g)
	return g.Bytes()
}

// offer puts a changed grant before the gate, behind the docket's back, gets both
// approvers to sign it unread, and asks for its release.
func offer(change func(*Play, *grant.Grant) error) func(context.Context, *Play) error {
	return func(ctx context.Context, p *Play) error {
		var failed error
		text, err := p.doctored(ctx, func(g *grant.Grant) {
			failed = change(p, g)
			g.Nonce[0]++
			g.ID = fmt.Sprintf("g-%x", g.Nonce[:5])
		})
		if err != nil || failed != nil {
			return problem.Of(firstOf(failed, err))
		}
		return p.signedUnread(ctx, text)
	}
}

// signedUnread offers a text in the waiting grant's place, has both approvers sign it
// without reading, and asks for the release.
func (p *Play) signedUnread(ctx context.Context, text []byte) error {
	document, err := p.Office.Desk().Document(ctx, p.grants["grant"].ID)
	if err != nil {
		return err
	}
	st, err := p.Office.Desk().Offer(ctx, gate.Offer{Text: text, Document: document})
	if err != nil {
		return err
	}
	p.grants["unread"] = st
	for _, who := range []string{Counsel, Privacy} {
		if err := p.Approve(ctx, who, "unread"); err != nil {
			return err
		}
	}
	if err := p.InForce(ctx, Counsel, "unread"); err != nil {
		return err
	}
	_, err = p.Office.Desk().Release(ctx, st.ID)
	return err
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// again offers the released grant once more under another name: its nonce has been
// used.
func again(ctx context.Context, p *Play) error {
	text, err := p.doctored(ctx, func(g *grant.Grant) { g.ID = "g-again" + g.ID[2:5] })
	if err != nil {
		return err
	}
	return p.signedUnread(ctx, text)
}

// nothingElse asks that the gates hold the one package that was released and no
// other.
func (p *Play) nothingElse() error {
	for _, dir := range []string{p.Stage.Folder.Gate(), p.Stage.Folder.GateOf("gate-dub-1"), p.Stage.Folder.GateOf("gate-fra-1"), p.Stage.Folder.GateOf("gate-cph-1"), p.Stage.Folder.GateOf("gate-mil-1")} {
		begun, err := filepath.Glob(filepath.Join(dir, "staging", "*"))
		if err != nil || len(begun) > 0 {
			return problem.New(problem.Internal, "demo.found", "a gate has begun a package").At("%v", begun).Because(err)
		}
	}
	return nil
}
