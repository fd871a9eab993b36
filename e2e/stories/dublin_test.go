package stories_test

import (
	"testing"
	"time"

	"counterseal/internal/demo"
)

func TestDublinGoesAsItIsWritten(t *testing.T) {
	openHouse(t).play(time.Time{}, demo.Dublin())
}
