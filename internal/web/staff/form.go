package staff

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"counterseal/internal/problem"
)

// Bounds of a form.
const (
	maxForm     = 64 << 10
	maxText     = 1000 // bytes of a reason
	maxAccounts = 256
)

// draft is what somebody had typed, so that nobody types it twice.
type draft struct {
	Act  string
	No   int
	Rule string
	Text string
}

// fields are the keys that a form may have; all but account come once.
var fields = map[string]bool{"act": true, "no": true, "seen": true, "command": true, "choice": true, "text": true, "resolution": true, "account": true, "rule": true}

func badForm(field, fix string) error {
	return problem.New(problem.Invalid, "staff.form", "this form cannot be read").At("%s", field).Fix("%s", fix)
}

const again = "open the demand again and use the form that is there"

// readForm reads one act. What was typed is given back even where the form
// cannot be taken. Codes: staff.form, staff.too_long, staff.choice.
func readForm(w http.ResponseWriter, r *http.Request) (Act, draft, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return Act{}, draft{}, unread(err, again)
	}
	f := r.PostForm
	d := draft{Act: f.Get("act"), Rule: f.Get("rule"), Text: f.Get("text")}
	for key, values := range f {
		if !fields[key] || len(values) > 1 && key != "account" {
			return Act{}, d, badForm("a field that this form does not have", again)
		}
	}
	n, err := whole(f, "no")
	if err != nil {
		return Act{}, d, err
	}
	d.No = int(n)
	a, err := readAct(f, d.No)
	return a, d, err
}

func readAct(f url.Values, no int) (Act, error) {
	a := Act{Reason: strings.TrimSpace(f.Get("text"))}
	seen, err := whole(f, "seen")
	if err != nil {
		return a, err
	}
	a.Seen = seen
	id, err := hex.DecodeString(f.Get("command"))
	if err != nil || len(id) != len(a.Command) {
		return a, badForm("command", again)
	}
	copy(a.Command[:], id)
	if len(a.Reason) > maxText {
		return a, problem.New(problem.Invalid, "staff.too_long", "a text takes at most %d bytes", maxText).At("%d bytes", len(a.Reason)).Fix("say it shorter")
	}
	a.Deed, err = readDeed(f, no)
	if how, ok := a.Deed.(Authenticate); ok {
		how.How, a.Reason = a.Reason, ""
		a.Deed = how
	}
	return a, err
}

func readDeed(f url.Values, no int) (Deed, error) {
	choice := f.Get("choice")
	switch f.Get("act") {
	case "authenticate":
		if choice != "genuine" && choice != "forged" {
			return nil, badForm("choice", again)
		}
		return Authenticate{Genuine: choice == "genuine"}, nil
	case "resolve":
		return readResolve(f["account"], no, choice)
	case "check":
		at, err := whole(f, "resolution")
		return Check{Target: no, Resolution: at}, err
	case "assess":
		return Assess{}, nil
	case "answer":
		if rule := f.Get("rule"); rule != "" {
			return Answer{Rule: rule}, nil
		}
		return nil, badForm("rule", again)
	case "decide":
		if choice != "comply" && choice != "no_records" && choice != "reject" {
			return nil, badForm("choice", again)
		}
		return Decide{Line: no, Decision: choice}, nil
	case "state_secrecy":
		return StateNoSecrecy{}, nil
	}
	return nil, badForm("act", again)
}

func readResolve(accounts []string, no int, choice string) (Deed, error) {
	switch {
	case len(accounts) > maxAccounts:
		return nil, badForm("account", again)
	case choice == "none" && len(accounts) == 0:
		return Resolve{Target: no}, nil
	case choice == "none":
		return nil, problem.New(problem.Invalid, "staff.choice", "accounts are ticked, and you said that it stands for none").Fix("untick them, or record the ticked ones")
	case choice == "accounts" && len(accounts) > 0:
		return Resolve{Target: no, Accounts: accounts}, nil
	case choice == "accounts":
		return nil, problem.New(problem.Invalid, "staff.choice", "no account is ticked").Fix("tick one, or say that it stands for none")
	}
	return nil, badForm("choice", again)
}

// whole reads a whole number from 0 on; a field that is not there is 0.
func whole(f url.Values, key string) (uint64, error) {
	s := f.Get(key)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		return 0, badForm(key, again)
	}
	return n, nil
}

// newCommand makes the id of one rendered form.
func newCommand(random io.Reader) (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", problem.New(problem.Unavailable, "staff.random", "no randomness is to be had").Because(err)
	}
	return hex.EncodeToString(b[:]), nil
}
