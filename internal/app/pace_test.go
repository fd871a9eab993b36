package app

import (
	"errors"
	"testing"
)

func TestWhatGoesOnBesideIsDoneInOrderAndItsErrorHeardOnce(t *testing.T) {
	var b beside
	if err := b.wait(); err != nil {
		t.Fatalf("nothing was begun: %v", err)
	}
	var order []int
	held, failed := make(chan struct{}), errors.New("the disk is full")
	b.begin(func() error {
		<-held
		order = append(order, 1)
		return failed
	})
	b.begin(func() error {
		order = append(order, 2)
		return nil
	})
	close(held)
	if err := b.wait(); !errors.Is(err, failed) {
		t.Errorf("the error was lost: %v", err)
	}
	if len(order) != 2 || order[0] != 1 {
		t.Errorf("done as %v", order)
	}
	if err := b.wait(); err != nil {
		t.Errorf("heard twice: %v", err)
	}
}
