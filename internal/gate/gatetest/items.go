package gatetest

import (
	"context"
	"io"

	"counterseal/internal/gate/source"
)

// Items gives everything that the store holds, whatever is asked.
func (s *Store) Items(ctx context.Context, _ source.Query, item func(source.Item) error, gap func(source.Gap) error) error {
	s.mu.Lock()
	s.asked++
	s.mu.Unlock()
	for i, it := range s.Held {
		if s.Before != nil {
			if err := s.Before(i); err != nil {
				return err
			}
		}
		if it.Open == nil {
			it.Open = func() (io.ReadCloser, error) {
				s.mu.Lock()
				s.opened++
				s.mu.Unlock()
				return io.NopCloser(Body(it.ID, int(it.Size))), nil
			}
		}
		if err := item(it); err != nil {
			return err
		}
	}
	for _, g := range s.Gaps {
		if err := gap(g); err != nil {
			return err
		}
	}
	return s.Fail
}
