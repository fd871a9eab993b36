package stories_test

import (
	"testing"
	"time"

	"counterseal/internal/demo"
)

func TestOpenDoorGoesAsItIsWritten(t *testing.T) {
	openHouse(t).play(time.Time{}, demo.OpenDoor())
}
