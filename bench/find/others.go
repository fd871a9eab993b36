package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// script is what people write: it reads each message with mailbox, takes the file's time
// as the time of receipt, and looks for addresses.
const script = `import mailbox, os, sys, email.utils
box, first, last, people = mailbox.Maildir(sys.argv[1], create=False), int(sys.argv[2]), int(sys.argv[3]), set(sys.argv[4:])
for key in box.keys():
    message = box[key]
    if not first <= message.get_date() <= last:
        continue
    if people:
        fields = [str(v) for k in ("from", "to", "cc", "bcc", "sender") for v in message.get_all(k, [])]
        if not people & {a.lower() for _, a in email.utils.getaddresses(fields)}:
            continue
    print(key)
`

// dovecot writes a configuration that needs no running server.
func dovecot(dir string) (string, error) {
	conf := filepath.Join(dir, "dovecot.conf")
	index := filepath.Join(dir, "dovecot-index")
	if err := os.MkdirAll(index, 0o777); err != nil {
		return "", err
	}
	if err := os.Chmod(index, 0o777); err != nil {
		return "", err
	}
	text := fmt.Sprintf("base_dir = %[1]s/run\nlog_path = /dev/stderr\nssl = no\nfirst_valid_uid = 1\nmail_location = maildir:%[1]s/%[2]s:INDEX=%[3]s:CONTROL=%[3]s\nnamespace inbox {\n  inbox = yes\n  separator = /\n}\n", dir, account, index)
	return conf, os.WriteFile(conf, []byte(text), 0o644)
}

func contestants(self, dir, conf string, people []string) []*contestant {
	store := filepath.Join(dir, account)
	sh := func(text string, args ...string) []string { return append([]string{"sh", "-ec", text, "sh"}, args...) }
	// Nobody reads mail as root with Dovecot.
	search := []string{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=" + dir, "USER=nobody", "doveadm", "-c", conf, "search", "mailbox", "INBOX", "SINCE", "2002-08-01", "BEFORE", "2002-09-01"}
	mu, notmuch := "date:20020801..20020831", "date:2002-08-01..2002-08-31"
	if len(people) > 0 {
		var d, m, n []string
		for _, p := range people {
			d = append(d, "FROM", p, "OR", "TO", p, "OR", "CC", p, "OR")
			m = append(m, "from:"+p, "to:"+p, "cc:"+p)
			n = append(n, "from:"+p, "to:"+p)
		}
		search = append(append(append(search, "("), d[:len(d)-1]...), ")")
		mu += " and (" + strings.Join(m, " or ") + ")"
		notmuch += " and (" + strings.Join(n, " or ") + ")"
	}
	muhome, config := filepath.Join(dir, "mu"), filepath.Join(dir, "notmuch-config")
	indexMu := `rm -rf "$1"; mu init --quiet --muhome="$1" --maildir="$2"; mu index --quiet --muhome="$1"`
	indexNotmuch := `rm -rf "$2/.notmuch"; printf '[database]\npath=%s\n[user]\nname=x\nprimary_email=x@x.example\n[new]\ntags=\n' "$2" > "$1"; notmuch --config="$1" new --quiet; `
	findMu := []string{"mu", "find", "--muhome=" + muhome, "--fields=l", mu}
	findNotmuch := []string{"notmuch", "--config=" + config, "search", "--output=files", notmuch}
	ours := []string{self, "-ours", dir, "-people", strings.Join(people, ",")}
	py := append([]string{"python3", filepath.Join(dir, "script.py"), store, fmt.Sprint(from.Unix()), fmt.Sprint(until.Unix())}, people...)
	dropDovecot := sh(`rm -rf "$1"/* "$1"/.[a-z]*; true`, filepath.Join(dir, "dovecot-index"))
	// notmuch lays its index into the store, and goes last.
	return []*contestant{
		{name: "Counterseal, no index", args: ours},
		{name: "doveadm search, cold", needs: "doveadm", args: search, before: dropDovecot, cold: true},
		{name: "doveadm search, warm", needs: "doveadm", args: search},
		{name: "mu find, cold", needs: "mu", args: findMu, before: sh(indexMu, muhome, store), cold: true, slow: true},
		{name: "mu find, warm", needs: "mu", args: findMu},
		{name: "the script, Python's mailbox", needs: "python3", args: py},
		{name: "notmuch search, cold", needs: "notmuch", args: findNotmuch, before: sh(indexNotmuch, config, store), cold: true, slow: true},
		{name: "notmuch search, warm", needs: "notmuch", args: findNotmuch},
	}
}
