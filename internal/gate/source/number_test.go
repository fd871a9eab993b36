package source

import (
	"math"
	"testing"
)

func TestIdsAreCountedAndBounded(t *testing.T) {
	var s Numbering
	want := map[uint64]uint32{}
	for i := range uint64(20_000) {
		key := i * i % 7919
		if i%2 == 0 {
			key = math.MaxUint64 - i<<20 // the same low bits
		}
		want[key]++
		got, ok := s.Count(key)
		if !ok || got != want[key] {
			t.Fatalf("key %d: %d, want %d", key, got, want[key])
		}
	}
	s.given = MaxItems - 1
	if _, ok := s.Count(1); !ok {
		t.Error("the last item is refused")
	}
	if _, ok := s.Count(1); ok {
		t.Error("one item too many is counted")
	}
}
