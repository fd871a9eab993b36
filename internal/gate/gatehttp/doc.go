// Package gatehttp lets persons and the docket reach a gate over HTTP, on a Unix
// socket or on loopback.
//
// Its words. The *handler* serves a gate.Desk; the *client* is one.
//
// Its promises. No sign-in, because nothing counts here but signatures over
// texts that the gate parsed itself: whoever reaches the socket can ask for what
// is pending, and can start a release for which approvals and a fresh "still in
// force" lie ready, and no more. So that a web page in somebody's browser is not
// "whoever reaches the socket", requests from another origin or for another host
// than loopback are refused. Bodies are bounded, and large ones are taken a few at a
// time; a release goes on when the caller goes away; a download that a stop ends is cut
// off short of its length. Nobody is waited for without limit: at the handler who sends
// or reads too slowly, at the client a gate that says nothing.
// Errors are problems (gate.Fault) with their codes, at both ends.
//
//	GET  /v1/charter                     POST /v1/charter            {text, signatures}
//	GET  /v1/offers                      POST /v1/offers             {text, document}
//	GET  /v1/offers/{id}                 POST /v1/offers/{id}/approvals {signature}
//	GET  /v1/offers/{id}/text            POST /v1/offers/{id}/release {}
//	GET  /v1/offers/{id}/document        POST /v1/offers/{id}/files/{file} {by}
//	GET  /v1/stops                       POST /v1/stops              {text, signature}
//	GET  /v1/interrupted                 POST /v1/in-force           {text, signature}
//	GET  /v1/copies                      POST /v1/offers/{id}/keep   {}
//	                                     POST /v1/offers/{id}/link   {by}
//	GET  /v1/copies/{id}/text            (a copy itself has no address)
//	                                     POST /v1/offers/{id}/stamp  {signature}: the authority's answer
//
// Byte strings are base64 in JSON; text, document and files are raw bytes.
//
// Imports: standard library, problem, grant, gate.
package gatehttp
