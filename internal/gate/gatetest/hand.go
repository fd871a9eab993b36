package gatetest

import (
	"bytes"
	"crypto/sha256"
	"io"

	"counterseal/internal/grant"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

// Contact is what the charter holds to call the agency back.
const Contact = "+353 1 555 0142"

// Collected is an export by hand of three files of acct-a1's mail, as Emil
// collected it, with its files one behind the other.
func (w *World) Collected() (grant.Export, []byte) {
	e := grant.Export{Provider: "Lindworm Mail", Demand: "k7wq-93", Gate: "gate-1", Collector: "emil", At: w.Clock.Now(),
		From: "the mail server mail-1", How: "its own export of a mailbox, January 2031", Covers: must(scope.New(Mail("acct-a1")))}
	var all bytes.Buffer
	for _, name := range []string{"inbox/first.eml", "inbox/second.eml", "sent.mbox"} {
		body := must(io.ReadAll(Body(name, 3000)))
		e.Files = append(e.Files, grant.ExportFile{SHA256: sha256.Sum256(body), Size: int64(len(body)), Account: "acct-a1", Service: scope.Mail, Category: scope.Content, Name: name})
		all.Write(body)
	}
	return e, all.Bytes()
}

// Manifest is the export's text, signed by a person.
func (w *World) Manifest(person string, e grant.Export) grant.Signed {
	text := must(e.Bytes())
	return grant.Signed{Text: text, Signature: w.Sign(person, signature.Export, text)}
}

// HandGrant is Grant with an export by hand.
func (w *World) HandGrant(n byte, e grant.Export) grant.Grant {
	g := w.Grant(n)
	g.Production, g.Export = grant.First, must(e.Facts())
	g.Compelled, g.Scope = e.Covers, e.Covers
	return g
}

// Call is Frida's word that she called the agency back about the demand of Grant
// and had the young key read back.
func (w *World) Call() grant.Call {
	return grant.Call{Provider: "Lindworm Mail", Demand: "k7wq-93", Agency: "garda", Contact: Contact, Reached: "Sergeant Sample, duty desk", Caller: "frida", At: w.Clock.Now(),
		Confirmed: true, Key: w.New.Recipient().String()}
}

// Word is the call, signed by a person.
func (w *World) Word(person string, c grant.Call) grant.Signed {
	text := must(c.Bytes())
	return grant.Signed{Text: text, Signature: w.Sign(person, signature.Caller, text)}
}

// EmergencyGrant is Grant in the emergency lane, to the agency's young key.
func (w *World) EmergencyGrant(n byte, c grant.Call) grant.Grant {
	g := w.Grant(n)
	g.Production, g.Emergency, g.Recipient = grant.First, true, w.New.Recipient().String()
	g.Caller, g.Call = c.Caller, sha256.Sum256(must(c.Bytes()))
	return g
}
