package mail

import (
	netmail "net/mail"
	"slices"
	"strings"

	"github.com/emersion/go-message/textproto"

	"counterseal/internal/canon"
)

// senders reads every mailbox of every From, Sender and Reply-To, then of To and
// Cc, and says what does not fit together.
func (l *Letter) senders(h textproto.Header, o Options) {
	for _, field := range []string{"From", "Sender", "Reply-To"} {
		for _, v := range h.Values(field) {
			l.Senders = append(l.Senders, l.mailboxes(field, v)...)
		}
	}
	for _, field := range []string{"To", "Cc"} {
		for _, v := range h.Values(field) {
			l.Recipients = append(l.Recipients, l.mailboxes(field, v)...)
		}
	}
	l.Senders = l.Senders[:min(len(l.Senders), maxMailboxes)]
	l.Recipients = l.Recipients[:min(len(l.Recipients), maxMailboxes)]
	for _, m := range l.Senders {
		l.tricks(m, o.Known)
	}
	from := l.domains("From")
	switch {
	case len(from) == 0:
		l.remark("mail.no_sender", "")
		return
	case len(l.of("From")) > 1:
		l.remark("mail.several_senders", "")
	}
	for _, d := range l.domains("Reply-To") {
		if !slices.Contains(from, d) {
			l.remark("mail.reply_elsewhere", d)
		}
	}
	for _, d := range l.domains("Sender") {
		if !slices.Contains(from, d) {
			l.remark("mail.sender_elsewhere", d)
		}
	}
}

func (l *Letter) of(field string) (out []Mailbox) {
	for _, m := range l.Senders {
		if m.Field == field && m.Address != "" {
			out = append(out, m)
		}
	}
	return out
}

func (l *Letter) domains(field string) (out []string) {
	for _, m := range l.of(field) {
		out = append(out, m.Domain)
	}
	return out
}

// mailboxes reads one value (RFC 5322, 3.4). A value that does not hold together
// gives one mailbox without an address: a guess at who wrote would be a promise.
func (l *Letter) mailboxes(field, value string) []Mailbox {
	stated := shown(value)
	parser := netmail.AddressParser{WordDecoder: &decoder}
	list, err := parser.ParseList(bounded(value))
	if err != nil || len(list) == 0 {
		if strings.TrimSpace(value) != "" && !strings.HasSuffix(strings.TrimSpace(value), ":;") {
			l.remark("mail.address", field)
		}
		return []Mailbox{{Field: field, Stated: l.words(field, value)}}
	}
	var out []Mailbox
	for _, a := range list[:min(len(list), maxMailboxes)] {
		m := Mailbox{Field: field, Stated: stated, Name: canon.Text(a.Name)}
		if strings.ContainsFunc(a.Name, unseen) {
			l.remark("mail.hidden_line", field)
		}
		address := canon.Text(a.Address)
		if address != a.Address || len(address) > 320 {
			l.remark("mail.address", field)
		} else {
			m.Address = address
			m.Domain = Domain(address)
		}
		out = append(out, m)
	}
	return out
}

// Domain is what follows the last @ of an address, its ASCII letters in lower
// case and without a final dot; everything else stays as it is.
func Domain(address string) string {
	i := strings.LastIndexByte(address, '@')
	if i < 0 {
		return ""
	}
	return strings.TrimSuffix(lowerASCII(address[i+1:]), ".")
}

// lowerASCII does not fold the Kelvin sign into k, or the long s into s.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// tricks remarks on what makes one mailbox look like another.
func (l *Letter) tricks(m Mailbox, known []string) {
	if m.Domain == "" {
		return
	}
	if shownDomain, ok := addressIn(m.Name); ok && shownDomain != m.Domain {
		l.remark("mail.name_address", m.Field)
	}
	if strings.ContainsFunc(m.Domain, func(r rune) bool { return r > '~' }) || strings.HasPrefix(m.Domain, "xn--") || strings.Contains(m.Domain, ".xn--") {
		l.remark("mail.domain_encoded", m.Domain)
	}
	if LooksLike(m.Domain, known) != "" {
		l.remark("mail.domain_like", m.Domain)
	}
}

// addressIn finds an address in a display name.
func addressIn(name string) (domain string, found bool) {
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune(" \t<>()[],;:\"'", r) }) {
		if i := strings.LastIndexAny(w, "@\uff20\ufe6b"); i > 0 && strings.Contains(w[i:], ".") {
			return Domain(strings.NewReplacer("\uff20", "@", "\ufe6b", "@").Replace(w)), true
		}
	}
	return "", false
}
