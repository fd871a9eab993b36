// Package channeltest is the contract of a channel that delivers letters
// (notice.Dispatch). Every implementation passes it.
package channeltest

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"counterseal/internal/notice"
	"counterseal/internal/problem"
)

// Channel is what the contract is about.
type Channel interface {
	Deliver(ctx context.Context, d notice.Dispatch) error
	Unsent(ctx context.Context, before time.Time) ([]string, error)
}

// Opened is a channel of a test's own.
type Opened struct {
	Channel Channel
	// Reopen opens it again on what it has kept, as after a restart.
	Reopen func(t *testing.T) Channel
	// Handed lists the texts that the channel has handed over, once for each time.
	Handed func(t *testing.T) [][]byte
	// Break makes the channel unable to deliver, so that nothing is handed over;
	// Mend ends that.
	Break, Mend func(t *testing.T)
}

// At is when the suite's letters are accepted.
var At = time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)

// Dispatch is a letter that says the word, under the id.
func Dispatch(id, word string) notice.Dispatch {
	return notice.Dispatch{ID: id, To: "marta@esempio.example", At: At, Letter: notice.Rendered{Language: "it", Sender: "Nordlys Cloud A/S",
		Text: []byte(word + "\n"), HTML: []byte("<p>" + word + "</p>\n"), PDF: []byte("%PDF-1.3\n%" + word + "\n")}}
}

// Run tests the contract on channels that open opens.
func Run(t *testing.T, open func(t *testing.T) Opened) {
	t.Run("the same letter is handed over once", func(t *testing.T) { once(t, open(t)) })
	t.Run("another letter under the id is a conflict", func(t *testing.T) { conflict(t, open(t)) })
	t.Run("of many at once one letter is handed over", func(t *testing.T) { race(t, open(t)) })
	t.Run("what cannot be delivered is an error and hands nothing over", func(t *testing.T) { broken(t, open(t)) })
	t.Run("a stopped delivery hands nothing over", func(t *testing.T) { stopped(t, open(t)) })
	t.Run("what is no dispatch is refused", func(t *testing.T) { refused(t, open(t)) })
}

func deliver(t *testing.T, c Channel, d notice.Dispatch, code string) {
	t.Helper()
	err := c.Deliver(context.Background(), d)
	if problem.Code(err) != code {
		t.Fatalf("got %v, want %q", err, code)
	}
}

func unsent(t *testing.T, c Channel, before time.Time, want ...string) {
	t.Helper()
	got, err := c.Unsent(context.Background(), before)
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("unsent: %q, %v, want %q", got, err, want)
	}
}

func handed(t *testing.T, o Opened, words ...string) {
	t.Helper()
	got := o.Handed(t)
	if len(got) != len(words) {
		t.Fatalf("handed over %d times, not %d: %q", len(got), len(words), got)
	}
	for _, w := range words {
		if !slices.ContainsFunc(got, func(b []byte) bool { return bytes.Contains(b, []byte(w)) }) {
			t.Fatalf("%q was not handed over: %q", w, got)
		}
	}
}

func once(t *testing.T, o Opened) {
	deliver(t, o.Channel, Dispatch("m2fd-10-1", "first"), "")
	deliver(t, o.Channel, Dispatch("m2fd-10-1", "first"), "")
	later := Dispatch("m2fd-10-1", "first")
	later.At = At.Add(time.Hour)
	deliver(t, o.Reopen(t), later, "")
	deliver(t, o.Channel, Dispatch("m2fd-10-2", "second"), "")
	handed(t, o, "first", "second")
	unsent(t, o.Channel, At.Add(24*time.Hour))
}

func conflict(t *testing.T, o Opened) {
	deliver(t, o.Channel, Dispatch("a", "first"), "")
	deliver(t, o.Channel, Dispatch("a", "second"), "notice.conflict")
	deliver(t, o.Reopen(t), Dispatch("a", "second"), "notice.conflict")
	handed(t, o, "first")
}

func race(t *testing.T, o Opened) {
	var wg sync.WaitGroup
	codes := make([]string, 16)
	for i := range codes {
		wg.Go(func() {
			codes[i] = problem.Code(o.Channel.Deliver(context.Background(), Dispatch("one", [2]string{"even", "odd"}[i%2])))
		})
	}
	wg.Wait()
	won := slices.Index(codes, "") % 2
	for i, c := range codes {
		want := ""
		if i%2 != won {
			want = "notice.conflict"
		}
		if c != want {
			t.Fatalf("%d: got %q, want %q", i, c, want)
		}
	}
	handed(t, o, [2]string{"even", "odd"}[won])
}

func broken(t *testing.T, o Opened) {
	o.Break(t)
	err := o.Channel.Deliver(context.Background(), Dispatch("a", "first"))
	if p := problem.Of(err); p == nil || p.Kind != problem.Unavailable || p.Remedy == "" {
		t.Fatalf("got %v", err)
	}
	o.Mend(t)
	handed(t, o)
	deliver(t, o.Reopen(t), Dispatch("a", "changed"), "")
	deliver(t, o.Channel, Dispatch("a", "first"), "notice.conflict")
	handed(t, o, "changed")
	unsent(t, o.Channel, At.Add(24*time.Hour))
}

func stopped(t *testing.T, o Opened) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := o.Channel.Deliver(ctx, Dispatch("a", "first"))
	if p := problem.Of(err); p == nil || p.Kind != problem.Unavailable {
		t.Fatalf("got %v", err)
	}
	handed(t, o)
	deliver(t, o.Channel, Dispatch("a", "first"), "")
	handed(t, o, "first")
}

func refused(t *testing.T, o Opened) {
	for _, id := range []string{"", "..", "../x", "a/b", "-a", "a-", "A", "a.b", string(bytes.Repeat([]byte("a"), 65)), ".incoming-a"} {
		deliver(t, o.Channel, Dispatch(id, "first"), "notice.id")
	}
	for _, spoil := range []func(*notice.Dispatch){
		func(d *notice.Dispatch) { d.Letter.Text = nil }, func(d *notice.Dispatch) { d.Letter.HTML = nil },
		func(d *notice.Dispatch) { d.Letter.PDF = nil }, func(d *notice.Dispatch) { d.At = time.Time{} },
	} {
		d := Dispatch("a", "first")
		spoil(&d)
		deliver(t, o.Channel, d, "notice.dispatch")
	}
	handed(t, o)
	unsent(t, o.Channel, At.Add(24*time.Hour))
}
