package stories_test

import (
	"testing"
	"time"

	"counterseal/internal/demo"
)

func TestBrusselsGoesAsItIsWritten(t *testing.T) {
	openHouse(t).play(time.Time{}, demo.Brussels())
}
