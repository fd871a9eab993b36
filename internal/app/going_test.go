package app

import (
	"testing"
	"time"
)

func TestASlowReleaseKeepsNoOtherWaitingAndIsBegunOnce(t *testing.T) {
	var g going
	slow, end := make(chan struct{}), make(chan struct{})
	over := g.begin("slow", func() { close(slow); <-end })
	<-slow
	select {
	case <-g.begin("another", func() {}):
	case <-time.After(10 * time.Second):
		t.Fatal("another waits for the slow one")
	}
	if again := g.begin("slow", func() { t.Error("it was begun twice") }); again != over {
		t.Error("who asks again waits for something else")
	}
	close(end)
	g.wait()
	<-over
	<-g.begin("slow", func() {}) // it may be asked for again
	g.all.Wait()
}

func TestNoMoreReleasesGoByThemselvesAtOnceThanMay(t *testing.T) {
	var g going
	end := make(chan struct{})
	for i := range byItself {
		if g.begin(string(rune('a'+i)), func() { <-end }) == nil {
			t.Fatalf("only %d go at once", i)
		}
	}
	if g.begin("one more", func() { t.Error("it was begun") }) != nil {
		t.Error("one more goes")
	}
	if g.begin("a", func() {}) == nil {
		t.Error("one that is under way is not found")
	}
	close(end)
	g.all.Wait()
	<-g.begin("one more", func() {})
	g.all.Wait()
}
