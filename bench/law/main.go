// Command law measures all rule packs on one demand against the same rules in
// OPA, in one run, and then a whole docket of compact facts on all cores.
//
//	go run ./law [-demands 200000] [-each 2s]
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"counterseal/internal/fact"
	"counterseal/internal/law"
)

func main() {
	demands := flag.Int("demands", 200_000, "demands of the docket; the aim is set for 2000000")
	each := flag.Duration("each", 500*time.Millisecond, "time of one round of one side")
	flag.Parse()
	err := run(*demands, *each)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(demands int, each time.Duration) error {
	packs, err := law.Embedded()
	if err != nil {
		return err
	}
	engine, err := law.NewEngine(packs...)
	if err != nil {
		return err
	}
	query, err := prepare(packs)
	if err != nil {
		return err
	}
	sets, inputs, err := draw(500)
	if err != nil {
		return err
	}
	rules := 0
	for _, p := range packs {
		rules += len(p.Rules)
	}
	const rounds = 5
	ours, opas, ratios := make([]float64, rounds), make([]float64, rounds), make([]float64, rounds)
	var out []law.Result
	for i := range rounds { // the sides take turns, so that a busy machine hurts both
		ours[i] = rate(each, func(n int) error { out = engine.Evaluate(&sets[n%len(sets)], out[:0]); return nil })
		opas[i] = rate(each, func(n int) error {
			_, err := query.Eval(context.Background(), rego.EvalParsedInput(inputs[n%len(inputs)]))
			return err
		})
		ratios[i] = ours[i] / opas[i]
	}
	fmt.Printf("%d rules, one core, demands a second, median of %d rounds: ours %.0f, OPA prepared %.0f, ratio %.1f (rounds %.1f)\n",
		rules, rounds, median(ours), median(opas), median(ratios), ratios)
	return docket(engine, sets, demands)
}

// prepare compiles the rules in OPA once.
func prepare(packs []*law.Pack) (rego.PreparedEvalQuery, error) {
	text, err := module(packs)
	if err != nil {
		return rego.PreparedEvalQuery{}, err
	}
	return rego.New(rego.Query("data.law.out"), rego.Module("law.rego", text)).PrepareForEval(context.Background())
}

func draw(n int) (sets []fact.Facts, inputs []ast.Value, err error) {
	r := rand.New(rand.NewPCG(1, 2))
	for range n {
		f := demand(r)
		v, err := input(&f)
		if err != nil {
			return nil, nil, err
		}
		sets, inputs = append(sets, f), append(inputs, v)
	}
	return sets, inputs, nil
}

// rate runs one call after another for a while and gives calls a second.
func rate(d time.Duration, call func(n int) error) float64 {
	start := time.Now()
	n := 0
	for time.Since(start) < d {
		for range 50 {
			err := call(n)
			if err != nil {
				panic(err)
			}
			n++
		}
	}
	return float64(n) / time.Since(start).Seconds()
}

func median(x []float64) float64 {
	s := slices.Clone(x)
	slices.Sort(s)
	return s[len(s)/2]
}

// docket decodes and evaluates n compact vectors on all cores. Reading and
// decrypting them is not part of it.
func docket(engine *law.Engine, sets []fact.Facts, n int) error {
	encoded := make([][]byte, len(sets))
	size := 0
	for i := range sets {
		encoded[i] = sets[i].Encode(nil)
		size += len(encoded[i])
	}
	workers := runtime.GOMAXPROCS(0)
	counts := make([]int, workers)
	errs := make([]error, workers)
	start := time.Now()
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			var out []law.Result
			for i := w; i < n; i += workers {
				f, err := fact.Decode(encoded[i%len(encoded)])
				if err != nil {
					errs[w] = err
					return
				}
				out = engine.Evaluate(&f, out[:0])
				counts[w] += len(out)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	took := time.Since(start)
	total := 0
	for _, c := range counts {
		total += c
	}
	fmt.Printf("docket: %d demands of %d bytes on average, %d cores, decode and evaluate: %.1f s, %.0f a second, %d results\n",
		n, size/len(sets), workers, took.Seconds(), float64(n)/took.Seconds(), total)
	return nil
}
