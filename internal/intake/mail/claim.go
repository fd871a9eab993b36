package mail

import (
	"slices"
	"strings"

	"github.com/emersion/go-message/textproto"

	"counterseal/internal/canon"
)

const maxClaims = 100

// claims records what fields say of checks that somebody made.
func (l *Letter) claims(h textproto.Header, o Options) {
	for f := h.Fields(); f.Next(); {
		if len(l.Claims) == maxClaims {
			return
		}
		c := Claim{Field: f.Key(), Says: shown(f.Value())}
		switch c.Field {
		case "Authentication-Results", "Arc-Authentication-Results":
			c.By = server(f.Value(), c.Field)
			l.remark("mail.claim", c.Field)
			if !slices.ContainsFunc(o.Ours, func(s string) bool { return lowerASCII(s) == c.By }) {
				l.remark("mail.claim_elsewhere", c.By)
			}
		case "Received-Spf", "X-Spam-Status", "Arc-Seal", "Arc-Message-Signature":
			l.remark("mail.claim", c.Field)
		case "Dkim-Signature":
			c.By = tag(f.Value(), "d")
			l.remark("mail.signed_by_domain", c.By)
		default:
			continue
		}
		l.Claims = append(l.Claims, c)
	}
}

// server is the authserv-id (RFC 8601, 2.5); an ARC field has "i=1;" before it.
func server(value, field string) string {
	first, rest, _ := strings.Cut(value, ";")
	if field == "Arc-Authentication-Results" {
		first, _, _ = strings.Cut(rest, ";")
	}
	words := strings.Fields(first)
	if len(words) == 0 {
		return ""
	}
	return lowerASCII(clip(words[0]))
}

// tag is the value of a tag in a list (RFC 6376, 3.2).
func tag(value, name string) string {
	for part := range strings.SplitSeq(value, ";") {
		k, v, ok := strings.Cut(part, "=")
		if ok && strings.TrimSpace(k) == name {
			return lowerASCII(clip(strings.TrimSpace(v)))
		}
	}
	return ""
}

func clip(s string) string { return canon.Text(s[:min(len(s), 255)]) }
