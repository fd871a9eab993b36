package grant_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/signature"
)

// A grant's every check, from its text on, beside the bare arithmetic of its two
// approvers' signatures. They run in turns, and the ratio is of medians, since no two
// seconds of a shared machine are alike.
func BenchmarkCheckAGrantOfTwoApprovers(b *testing.B) {
	w := gatetest.NewWorld()
	keys := map[string]*ecdsa.PrivateKey{}
	st := w.First
	st.Roster = slices.Clone(st.Roster)
	for i, p := range st.Roster {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		s, err := ssh.NewSignerFromKey(k)
		if err != nil {
			b.Fatal(err)
		}
		keys[p.ID], w.Keys[p.ID], st.Roster[i].Keys = k, s, []ssh.PublicKey{s.PublicKey()}
	}
	w.Reword(st)
	g := w.Grant(1)
	text := gatetest.Text(g)
	approvals := [][]byte{w.Sign("anna", signature.Grant, text), w.Sign("bo", signature.Grant, text)}
	charter := w.Charter()
	digest := sha256.Sum256(text)
	var bare [][]byte
	for _, p := range []string{"anna", "bo"} {
		s, err := ecdsa.SignASN1(rand.Reader, keys[p], digest[:])
		if err != nil {
			b.Fatal(err)
		}
		bare = append(bare, s)
	}
	var ours, theirs []time.Duration
	for b.Loop() {
		begin := time.Now()
		for i, p := range []string{"anna", "bo"} {
			if !ecdsa.VerifyASN1(&keys[p].PublicKey, digest[:], bare[i]) {
				b.Fatal("a bare signature does not hold")
			}
		}
		between := time.Now()
		parsed, err := grant.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		if err := grant.Check(grant.Case{Grant: parsed, Text: text, Charter: charter, Approvals: approvals, Gate: "gate-1", Now: w.Clock.Now()}); err != nil {
			b.Fatal(err)
		}
		theirs, ours = append(theirs, between.Sub(begin)), append(ours, time.Since(between))
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	b.ReportMetric(float64(ours[len(ours)/2].Nanoseconds()), "ns/check")
	b.ReportMetric(float64(theirs[len(theirs)/2].Nanoseconds()), "ns/bare")
	b.ReportMetric(float64(ours[len(ours)/2])/float64(theirs[len(theirs)/2]), "times-bare")
}
