// Package problem is the one typed error of the program: what went wrong, in a
// form that every edge (command line, API, page, letter) can render alike.
//
// Its words. A *problem* has a stable *code* ("scope.empty"): scripts and
// documents rely on it, so a code never changes meaning and is never reused.
// Its *kind* says whose turn it is and decides the exit code and the HTTP
// status. *Field* names what was wrong in the caller's own terms, *fix* what to
// do about it. A *cause* is internal detail: it goes to the log (errors.Unwrap)
// and is never part of Error(), so it cannot reach a screen.
//
// It imports the standard library only, and every package may import it. The
// kinds follow the problem types of RFC 9457.
package problem

import (
	"errors"
	"fmt"
)

// Kind says whose turn it is after a problem. The zero Kind is Internal: an
// error nobody classified is ours.
type Kind uint8

const (
	Internal    Kind = iota // a defect or failure of ours; the log has the detail
	Invalid                 // the input cannot be accepted as it is
	Missing                 // what was named does not exist, or is not for this reader (the same answer for both)
	Conflict                // somebody or something came first; reload and try again
	Refused                 // the act is understood and not allowed now
	Unavailable             // a part that is needed does not answer; nothing was done
	Unverified              // a proof, signature or digest does not hold
)

var kinds = [...]string{"internal", "invalid", "missing", "conflict", "refused", "unavailable", "unverified"}

func (k Kind) String() string {
	if int(k) < len(kinds) {
		return kinds[k]
	}
	return "internal"
}

// ExitCode is the process exit status for a problem of this kind, as
// documented in docs/exit-codes.md. 2 is left to usage errors.
func (k Kind) ExitCode() int {
	return [...]int{1, 3, 4, 5, 6, 7, 8}[min(int(k), int(Unverified))]
}

// HTTPStatus is the status under which an HTTP edge renders the kind.
func (k Kind) HTTPStatus() int {
	return [...]int{500, 422, 404, 409, 403, 503, 422}[min(int(k), int(Unverified))]
}

// Error is a problem. Values are immutable: At, Fix and Because return copies.
type Error struct {
	Kind    Kind
	Code    string // stable, lower case, dotted: room.reason
	Message string // one sentence for a person, without internal detail
	Field   string // what was wrong, in the caller's terms; may be empty
	Remedy  string // what the caller can do; may be empty
	cause   error
}

// New makes a problem. The message is for people outside: no paths of ours, no
// driver text, no customer data.
func New(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// At returns a copy that names the offending field or file.
func (e *Error) At(format string, args ...any) *Error {
	c := *e
	c.Field = fmt.Sprintf(format, args...)
	return &c
}

// Fix returns a copy that says what the caller can do.
func (e *Error) Fix(format string, args ...any) *Error {
	c := *e
	c.Remedy = fmt.Sprintf(format, args...)
	return &c
}

// Because returns a copy that carries an internal cause for the log.
func (e *Error) Because(err error) *Error {
	c := *e
	c.cause = err
	return &c
}

// Error is what a person may see: code, sentence, field and remedy.
func (e *Error) Error() string {
	s := e.Code + ": " + e.Message
	if e.Field != "" {
		s += " (" + e.Field + ")"
	}
	if e.Remedy != "" {
		s += "; " + e.Remedy
	}
	return s
}

// Unwrap gives the cause, for logs and errors.Is only.
func (e *Error) Unwrap() error { return e.cause }

// Is makes two problems equal when their codes are.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Code == e.Code
}

// Of finds the problem in an error chain. Any other error becomes
// "internal.unexpected" with the error as its cause, so an edge can render
// whatever it is given. Of(nil) is nil.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return New(Internal, "internal.unexpected", "something failed inside; the log has the detail").Because(err)
}

// Code is the stable code of err, or "" for nil.
func Code(err error) string {
	if err == nil {
		return ""
	}
	return Of(err).Code
}
