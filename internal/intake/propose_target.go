package intake

import (
	"net/netip"
	"slices"
	"strings"
)

var (
	addressForm = expressed(`[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.)+[A-Za-z]{2,24}`)
	phoneForm   = expressed(`\+[1-9](?:[ ./-]?\(?[0-9]\)?){6,14}`)
	ip4Form     = expressed(`[0-9]{1,3}(?:\.[0-9]{1,3}){3}`)
	ip6Form     = expressed(`[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4}){2,7}`)
	imeiForm    = expressed(`[0-9](?:[ -]?[0-9]){14}`)
	portForm    = expressed(`^(?::|\]:|\s*,?\s*\(?(?:source |src )?(?:port|porta)[ :]*)([0-9]{1,5})`)
	// A moment beside an address of the network: a day, a time of day, and its zone
	// where one is stated.
	momentForm = expressed(`(?:[12][0-9]{3}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[./-][0-9]{1,2}[./-][12][0-9]{3})(?:t|,?\s+(?:at |um |kl\.? ?|alle(?: ore)? |ore )?)[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2})?(?:\s?(?:z|utc|gmt|cet|cest|mez|mesz|bst|e[sd]t|c[sd]t|m[sd]t|p[sd]t)\b)?(?:\s?[+-][0-9]{2}:?[0-9]{2})?`)
	ipWord     = expressed(`\bip(?:v[46])?\b`)
	// A line that begins so states how to reach whoever writes.
	contactWord = expressed(`^\W*(?:tel|telephone|phone|fax|mobile|cell|direct|telefon|durchwahl|mobil|tlf|telefono|cellulare|recapito)\b[^:+]{0,12}[.:]?\s*\+?`)
)

// targets finds identifiers. Addresses at the writer's own domain, and numbers on
// a line that says how to reach the writer, are the writer's own.
func (l letter) targets(from []string) []ProposedTarget {
	var own []string
	for _, f := range from {
		if d, ok := mailDomain(f); ok {
			own = append(own, d)
		}
	}
	out := slices.Concat(l.addresses(own), l.phones(), l.networks(), l.devices())
	out = byPlace(out, func(t ProposedTarget) Place { return t.Place })
	seen := map[[4]string]bool{}
	return slices.DeleteFunc(out, func(t ProposedTarget) bool { // the first place is enough
		k := [4]string{t.Kind, t.Stated, t.Port, t.Time}
		again := seen[k]
		seen[k] = true
		return again
	})
}

func (l letter) addresses(own []string) (out []ProposedTarget) {
	for _, m := range addressForm().FindAllStringIndex(l.text, 4*maxProposals) {
		domain, ok := mailDomain(l.text[m[0]:m[1]])
		if ok && l.alone(m[0], m[1]) && !slices.Contains(own, domain) && (m[0] == 0 || !strings.ContainsRune(".+-@%", rune(l.text[m[0]-1]))) {
			out = append(out, ProposedTarget{Kind: "address", Stated: l.text[m[0]:m[1]], Place: l.place(m[0], m[1])})
		}
	}
	return out
}

func (l letter) phones() (out []ProposedTarget) {
	for _, m := range phoneForm().FindAllStringIndex(l.text, 4*maxProposals) {
		line, _ := l.line(m[0])
		if l.alone(m[0], m[1]) && !contactWord().MatchString(line) {
			out = append(out, ProposedTarget{Kind: "phone", Stated: l.text[m[0]:m[1]], Place: l.place(m[0], m[1])})
		}
	}
	return out
}

// networks finds addresses of the network, where the line speaks of IP or states a
// port or a moment: 2.5.1.3 may be a section.
func (l letter) networks() (out []ProposedTarget) {
	for _, form := range []expression{ip4Form, ip6Form} {
		for _, m := range form().FindAllStringIndex(l.text, 4*maxProposals) {
			begin, end := m[0], m[1]
			a, err := netip.ParseAddr(l.text[begin:end])
			if err != nil || a.IsUnspecified() || a.IsLoopback() || !l.alone(begin, end) || joined(l.text, begin, end) {
				continue
			}
			t := ProposedTarget{Kind: "ip", Stated: l.text[begin:end], Place: l.place(begin, end)}
			line, start := l.line(begin)
			if p := portForm().FindStringSubmatch(line[end-start:]); p != nil {
				t.Port = p[1]
			}
			if at := momentForm().FindAllStringIndex(line, 2); len(at) == 1 && onlyOne(line) {
				t.Time = oneLine(l.text[start+at[0][0] : start+at[0][1]])
			}
			if t.Port != "" || t.Time != "" || ipWord().MatchString(line) {
				out = append(out, t)
			}
		}
	}
	return out
}

// joined: part of a longer dotted number or of a time.
func joined(s string, begin, end int) bool {
	return begin > 1 && (s[begin-1] == '.' || s[begin-1] == ':') || end+1 < len(s) && s[end] == '.' && s[end+1] >= '0' && s[end+1] <= '9'
}

// onlyOne says that a line has one address of the network, so that the moment on it
// belongs to that one.
func onlyOne(line string) bool {
	n := 0
	for _, form := range []expression{ip4Form, ip6Form} {
		for _, s := range form().FindAllString(line, 20) {
			if _, err := netip.ParseAddr(s); err == nil {
				n++
			}
		}
	}
	return n == 1
}

// devices finds numbers of handsets: 15 digits with a good check digit (3GPP TS
// 23.003, annex B) on a line that says IMEI.
func (l letter) devices() (out []ProposedTarget) {
	for _, m := range imeiForm().FindAllStringIndex(l.text, 4*maxProposals) {
		line, _ := l.line(m[0])
		if l.alone(m[0], m[1]) && strings.Contains(line, "imei") && luhn(l.text[m[0]:m[1]]) {
			out = append(out, ProposedTarget{Kind: "imei", Stated: l.text[m[0]:m[1]], Place: l.place(m[0], m[1])})
		}
	}
	return out
}

func luhn(s string) bool {
	sum, twice := 0, false
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] < '0' || s[i] > '9' {
			continue
		}
		d := int(s[i] - '0')
		if twice {
			d = d*2 - d*2/10*9
		}
		sum, twice = sum+d, !twice
	}
	return sum%10 == 0
}
