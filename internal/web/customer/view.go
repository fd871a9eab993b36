package customer

import (
	"context"
	"time"
)

// View is what a customer may see on the first page.
type View struct {
	Name           string
	Language       string // theirs
	Representative string // who reads it for an organisation; "" for a person
	Organisation   bool
	Kept           []Kept
	Laws           []Law    // by role, then by rule
	Unread         []string // states whose own demands were not looked at, by code
	Figures        []Figures
	Notices        []Notice // the latest first, without their texts
}

// Kept is data of one service that lie and are held alike.
type Kept struct {
	Service    string // a code of scope.Service
	Accounts   int
	City       string
	Country    string // a code; "" where the map does not say
	Region     string
	Contract   string   // the company that contracts with the customer; "" where the map does not say
	Opens      []string // companies that can open it
	Ciphertext bool     // under the customer's own keys
	Controller string   // controller, processor: what the provider is; "" where the map does not say
}

// Law is one law that reaches the data, or stands before them.
type Law struct {
	Role    string // a code of law.Role
	Law     string // whose, by code
	Certain bool   // false: it depends on the case
	Says    string // in the language of the page
	Cite    string
	Quote   string
	Paper   string   // a word of the fact instrument; "" where it works by none
	By      []string // states whose authorities it serves; none: any
	NotBy   []string // any but these
	Storage []string // states in which the data that it reaches lie
	Reaches []string // categories
	Channel string   // a code of law.Channel
	Checked string   // how well the rule was checked
	On      string   // when, YYYY-MM-DD
}

// Figures is what was published of one closed period.
type Figures struct {
	Period   string // 2026-H1
	From, To time.Time
	Received string // as published: a number, or a bound
	Refused  string
	Given    string // in full or in part
}

// Notice is a letter that was sent.
type Notice struct {
	ID     string
	At     time.Time
	Title  string
	Blocks []Block // on its own page
	Leaf   string  // the digest whose proof can be had; "" where none was given
	Until  time.Time
}

// Block is a paragraph, a heading or a list of a letter.
type Block struct {
	Heading string
	Title   bool
	Text    string
	List    []string
}

// Objection is what somebody writes against a notice. Form is an id that was made
// when the form was drawn.
type Objection struct {
	Notice string
	Form   [16]byte
	Text   string
}

// MaxObjection bounds an objection, in bytes.
const MaxObjection = 8 << 10

// Desk is what the pages need of the office. lang is en, de, da or it. An id that no
// customer has is customer.unknown; a notice that was not sent to this customer is
// of kind Missing. It is safe for concurrent use.
type Desk interface {
	Customer(ctx context.Context, id, lang string) (View, error)
	Notice(ctx context.Context, id, notice, lang string) (Notice, error)
	// Proof is the proof that the notice's leaf has been in the journal.
	Proof(ctx context.Context, id, notice string) ([]byte, error)
	// Object puts an objection into the demand's file and before counsel; durable
	// when it returns.
	Object(ctx context.Context, id string, o Objection) error
}
