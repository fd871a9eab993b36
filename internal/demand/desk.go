package demand

import (
	"fmt"
	"slices"
	"time"

	"counterseal/internal/problem"
)

// Message is one piece of the thread with an authority or anybody else. Its text
// is a document beside the history.
type Message struct {
	No       int
	Seq      Seq
	At       time.Time
	Out      bool // from us
	Party    string
	Channel  string
	Subject  string
	Document Digest
	Letter   string // kind of letter, where it is one of ours
	Question bool   // it waits for an answer
	Answers  int    // the message that this one answers; 0 for none
}

// MessageKept adds a message to the thread.
type MessageKept struct {
	Out      bool
	Party    string
	Channel  string
	Subject  string
	Document Digest
	Letter   string
	Question bool
	Answers  int
}

func (e MessageKept) apply(s *State, m Meta) {
	s.Thread = append(s.Thread, Message{No: len(s.Thread) + 1, Seq: m.Seq, At: m.At, Out: e.Out, Party: e.Party, Channel: e.Channel, Subject: e.Subject,
		Document: e.Document, Letter: e.Letter, Question: e.Question, Answers: e.Answers})
}

// KeepMessage adds one. Codes: message.form, message.answers.
type KeepMessage MessageKept

func (c KeepMessage) decide(s *State, _ Env) ([]Event, error) {
	if !text(c.Party) || !text(c.Channel) || !text(c.Subject) || len(c.Letter) > MaxStated || c.Document == (Digest{}) {
		return nil, problem.New(problem.Invalid, "message.form", "a message has a party, a channel, a subject and its document").At("message")
	}
	if c.Answers < 0 || c.Answers > len(s.Thread) {
		return nil, problem.New(problem.Missing, "message.answers", "the thread has no such message").At("message %d", c.Answers)
	}
	return []Event{MessageKept(c)}, nil
}

// asked are the questions of ours that nobody has answered.
func (s *State) asked() []Message {
	var out []Message
	for _, m := range s.Thread {
		if m.Out && m.Question && !slices.ContainsFunc(s.Thread, func(x Message) bool { return !x.Out && x.Answers == m.No }) {
			out = append(out, m)
		}
	}
	return out
}

// Task is something that a person does by a day, beside what the law asks.
type Task struct {
	No   int
	Seq  Seq
	What string
	Seat string
	Due  time.Time
	Done Seq
}

// TaskSet sets a task.
type TaskSet struct {
	What string
	Seat string
	Due  time.Time
}

func (e TaskSet) apply(s *State, m Meta) {
	s.Tasks = append(s.Tasks, Task{No: len(s.Tasks) + 1, Seq: m.Seq, What: e.What, Seat: e.Seat, Due: e.Due})
}

// SetTask sets one. Codes: task.form, task.too_many.
type SetTask TaskSet

func (c SetTask) decide(s *State, _ Env) ([]Event, error) {
	if !text(c.What) || !text(c.Seat) || len(c.Seat) > MaxStated || c.Due.IsZero() {
		return nil, problem.New(problem.Invalid, "task.form", "a task says what, for which seat and by when").At("what")
	}
	if len(s.Tasks) >= MaxTargets {
		return nil, problem.New(problem.Refused, "task.too_many", "a demand has at most %d tasks", MaxTargets)
	}
	own := TaskSet(c)
	own.Due = instant(c.Due)
	return []Event{own}, nil
}

// TaskDone ends one.
type TaskDone struct{ Task int }

func (e TaskDone) apply(s *State, m Meta) {
	if e.Task < 1 || e.Task > len(s.Tasks) || s.Tasks[e.Task-1].Done > 0 {
		s.misfit(m)
		return
	}
	s.Tasks[e.Task-1].Done = m.Seq
}

// FinishTask ends one. Code: task.missing.
type FinishTask TaskDone

func (c FinishTask) decide(s *State, _ Env) ([]Event, error) {
	if c.Task < 1 || c.Task > len(s.Tasks) || s.Tasks[c.Task-1].Done > 0 {
		return nil, problem.New(problem.Missing, "task.missing", "no such task is open").At("task %d", c.Task)
	}
	return []Event{TaskDone(c)}, nil
}

func (s *State) taskDuties() []Duty {
	var out []Duty
	for _, t := range s.Tasks {
		if t.Done == 0 {
			out = append(out, Duty{Kind: "task", At: t.Due, About: fmt.Sprintf("%d %s", t.No, t.What), Seat: t.Seat})
		}
	}
	return out
}

// Cost is what answering cost and who pays. Minor counts the currency's smallest
// unit.
type Cost struct {
	Seq      Seq
	What     string
	Minor    int64
	Currency string // ISO 4217
	State    string // noted, billed, paid, waived
	Basis    string // 18 USC 2706, Art. 14 …
}

// CostNoted records a cost or what became of it.
type CostNoted struct {
	What     string
	Minor    int64
	Currency string
	State    string
	Basis    string
}

func (e CostNoted) apply(s *State, m Meta) {
	for i := range s.Costs {
		if s.Costs[i].What == e.What {
			s.Costs[i] = Cost{Seq: m.Seq, What: e.What, Minor: e.Minor, Currency: e.Currency, State: e.State, Basis: e.Basis}
			return
		}
	}
	s.Costs = append(s.Costs, Cost{Seq: m.Seq, What: e.What, Minor: e.Minor, Currency: e.Currency, State: e.State, Basis: e.Basis})
}

// CostStates are what can become of a cost.
var CostStates = []string{"noted", "billed", "paid", "waived"}

// NoteCost records it; again under the same words says what became of it. Codes:
// cost.form, cost.too_many.
type NoteCost CostNoted

func (c NoteCost) decide(s *State, _ Env) ([]Event, error) {
	if !text(c.What) || c.Minor < 0 || len(c.Currency) != 3 || !slices.Contains(CostStates, c.State) || len(c.Basis) > MaxText {
		return nil, problem.New(problem.Invalid, "cost.form", "a cost says what for, how much in the smallest unit of a currency, and whether it is noted, billed, paid or waived").At("cost")
	}
	if c.State != "noted" && c.Basis == "" {
		return nil, problem.New(problem.Invalid, "cost.form", "a bill names the provision that allows it").At("basis")
	}
	if len(s.Costs) >= MaxTargets {
		return nil, problem.New(problem.Refused, "cost.too_many", "a demand has at most %d costs", MaxTargets)
	}
	return []Event{CostNoted(c)}, nil
}

// Conclusion is how a demand ends that has no lines to decide: a letter without
// an instrument, an order for what is not stored, one that went to counsel.
type Conclusion struct {
	Seq Seq
	How string // refused, withdrawn, to_counsel, answered, imported
}

const imported = "imported"

// Conclusions are how such a demand can end.
var Conclusions = []string{"refused", "withdrawn", "to_counsel", "answered", imported}

// Concluded records it.
type Concluded struct{ How string }

func (e Concluded) apply(s *State, m Meta) { s.Conclusion = Conclusion{Seq: m.Seq, How: e.How} }

// worked reports whether the demand was taken up here.
func (s *State) worked() bool {
	return s.Authentic.Seq > 0 || len(s.Grants) > 0 || slices.ContainsFunc(s.Lines, func(l Line) bool { return l.Decision != Undecided })
}

// Conclude says what became of a demand without lines, or of one of former days
// that was answered elsewhere (imported). Codes: conclusion.form, conclusion.lines,
// conclusion.reason.
type Conclude Concluded

func (c Conclude) decide(s *State, e Env) ([]Event, error) {
	if !slices.Contains(Conclusions, c.How) {
		return nil, problem.New(problem.Invalid, "conclusion.form", "no such end").At("%.40q", c.How)
	}
	if e.Reason == "" {
		return nil, problem.New(problem.Invalid, "conclusion.reason", "an end has a reason")
	}
	if len(s.Lines) > 0 && (c.How != imported || s.worked()) {
		return nil, problem.New(problem.Refused, "conclusion.lines", "this demand has lines; each is decided")
	}
	return []Event{Concluded(c)}, nil
}

// SilenceAsked is a bare request to tell nobody. It binds nobody; notice waits a
// published short time while an order is asked for (design §10).
type SilenceAsked struct{ Until time.Time }

func (e SilenceAsked) apply(s *State, _ Meta) { s.Silence = e.Until }

// AskSilence records such a request, once; it is not drawn out by asking again.
// Code: secrecy.asked.
type AskSilence struct{}

func (AskSilence) decide(s *State, e Env) ([]Event, error) {
	if !s.Silence.IsZero() {
		return nil, problem.New(problem.Conflict, "secrecy.asked", "this was asked; only an order makes notice wait longer")
	}
	return []Event{SilenceAsked{Until: e.Now.Add(e.Policy.silence())}}, nil
}

const silenceUnlessSet = 48 * time.Hour

func (p Policy) silence() time.Duration {
	if p.Silence == 0 {
		return silenceUnlessSet
	}
	return p.Silence
}
