package stories_test

import (
	"testing"
	"time"

	"counterseal/internal/demo"
)

func TestLondonGoesAsItIsWritten(t *testing.T) {
	openHouse(t).play(time.Time{}, demo.London())
}
