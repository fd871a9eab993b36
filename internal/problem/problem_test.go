package problem_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"counterseal/internal/problem"
)

func TestErrorNeverShowsItsCause(t *testing.T) {
	secret := errors.New("open /srv/keys/epoch-7: permission denied")
	err := problem.New(problem.Internal, "keys.unreadable", "a key could not be read").At("epoch 7").Fix("see the log").Because(secret)
	if strings.Contains(err.Error(), "srv") {
		t.Fatalf("internal detail reached the message: %q", err)
	}
	if !errors.Is(err, secret) {
		t.Fatal("the log cannot find the cause")
	}
	want := "keys.unreadable: a key could not be read (epoch 7); see the log"
	if err.Error() != want {
		t.Fatalf("got %q, want %q", err, want)
	}
}

func TestProblemsAreEqualByCode(t *testing.T) {
	a := problem.New(problem.Refused, "grant.expired", "the grant ended")
	wrapped := fmt.Errorf("collect: %w", a.At("grant"))
	if !errors.Is(wrapped, problem.New(problem.Refused, "grant.expired", "other words")) {
		t.Fatal("same code must be the same problem")
	}
	if errors.Is(wrapped, problem.New(problem.Refused, "grant.replayed", "x")) {
		t.Fatal("another code is another problem")
	}
}

func TestAnUnclassifiedErrorIsInternalAndSilent(t *testing.T) {
	p := problem.Of(errors.New("pq: secret"))
	if p.Kind != problem.Internal || p.Code != "internal.unexpected" || strings.Contains(p.Error(), "secret") {
		t.Fatalf("got %+v", p)
	}
	if problem.Of(nil) != nil || problem.Code(nil) != "" {
		t.Fatal("nil is no problem")
	}
}

func TestEachKindHasItsOwnExitCode(t *testing.T) {
	seen := map[int]problem.Kind{2: 99}
	for k := problem.Internal; k <= problem.Unverified; k++ {
		if other, dup := seen[k.ExitCode()]; dup {
			t.Fatalf("%v and %v share exit code %d", k, other, k.ExitCode())
		}
		seen[k.ExitCode()] = k
		if k.HTTPStatus() < 400 {
			t.Fatalf("%v renders as %d", k, k.HTTPStatus())
		}
	}
}
