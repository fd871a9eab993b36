package gate

import (
	"encoding/json"

	"counterseal/internal/problem"
)

// Fault is a problem on the wire (RFC 9457, with members of our own): what
// gatehttp and uplink send, and what their clients turn back into a problem.
// The cause stays at home.
type Fault struct {
	Type   string `json:"type"` // urn:counterseal:<code>
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
	Kind   string `json:"kind"`
	Field  string `json:"field,omitempty"`
	Fix    string `json:"fix,omitempty"`
}

// FaultOf renders any error.
func FaultOf(err error) Fault {
	p := problem.Of(err)
	return Fault{Type: "urn:counterseal:" + p.Code, Title: p.Message, Status: p.Kind.HTTPStatus(), Code: p.Code, Kind: p.Kind.String(), Field: p.Field, Fix: p.Remedy}
}

// ParseFault reads a fault of at most 16 KiB and gives its problem; false where
// it is none.
func ParseFault(body []byte) (*problem.Error, bool) {
	var f Fault
	if len(body) > 16<<10 || json.Unmarshal(body, &f) != nil || f.Code == "" || f.Title == "" {
		return nil, false
	}
	for k := problem.Internal; k <= problem.Unverified; k++ {
		if k.String() == f.Kind {
			p := problem.New(k, f.Code, "%s", f.Title)
			p.Field, p.Remedy = f.Field, f.Fix
			return p, true
		}
	}
	return nil, false
}
