package uplink

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"io"
	"net/http"

	"counterseal/internal/gate"
	"counterseal/internal/problem"
)

// Handler serves one gate: the token is that gate's, and it commits counters in
// no other name. An empty token or gate serves nobody.
func Handler(j gate.Journal, d gate.Docket, gateID, token string) http.Handler {
	proven := Proven(j, d, gateID)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if gateID == "" || token == "" || !bears(r, token) {
			refuse(w, problem.New(problem.Refused, "uplink.token", "this is not the gate's token"))
			return
		}
		proven.ServeHTTP(w, r)
	})
}

// Proven serves one gate on connections that have proven that it is the gate, by its
// key (package pinned). An empty gate serves nobody.
func Proven(j gate.Journal, d gate.Docket, gateID string) http.Handler {
	mux := http.NewServeMux()
	serve(mux, "commit", func(ctx context.Context, in commitCall) (none, error) {
		return none{}, j.Commit(ctx, in.Digest, in.Urgent)
	})
	serve(mux, "proof", func(ctx context.Context, in proofCall) (textAnswer, error) {
		text, err := j.Proof(ctx, in.Digest)
		return textAnswer{text}, err
	})
	serve(mux, "checkpoint", func(ctx context.Context, _ none) (textAnswer, error) {
		text, err := j.Checkpoint(ctx)
		return textAnswer{text}, err
	})
	serve(mux, "emergency-proof", func(ctx context.Context, in proofCall) (textAnswer, error) {
		text, err := j.EmergencyProof(ctx, in.Digest)
		return textAnswer{text}, err
	})
	serve(mux, "emergency-checkpoint", func(ctx context.Context, _ none) (textAnswer, error) {
		text, err := j.EmergencyCheckpoint(ctx)
		return textAnswer{text}, err
	})
	serve(mux, "consistency", func(ctx context.Context, in consistencyCall) (hashesAnswer, error) {
		hashes, err := j.Consistency(ctx, in.From, in.To)
		out := hashesAnswer{Hashes: []sum{}}
		for _, h := range hashes {
			out.Hashes = append(out.Hashes, h)
		}
		return out, err
	})
	serve(mux, "counter", func(ctx context.Context, in counterCall) (counterAnswer, error) {
		if err := own(in.Gate, gateID); err != nil {
			return counterAnswer{}, err
		}
		n, digest, err := j.Counter(ctx, in.Gate)
		return counterAnswer{n, digest}, err
	})
	serve(mux, "commit-counter", func(ctx context.Context, in commitCounterCall) (none, error) {
		if err := own(in.Gate, gateID); err != nil {
			return none{}, err
		}
		return none{}, j.CommitCounter(ctx, in.Gate, in.N, in.Digest)
	})
	serve(mux, "permit-keep", func(ctx context.Context, in permitKeepCall) (none, error) {
		return none{}, d.PermitKeep(ctx, in.Demand, in.Grant)
	})
	serve(mux, "permit-preview", func(ctx context.Context, in permitKeepCall) (none, error) {
		return none{}, d.PermitPreview(ctx, in.Demand, in.Grant)
	})
	serve(mux, "permit", func(ctx context.Context, in permitCall) (none, error) {
		return none{}, d.Permit(ctx, in.Demand, in.Grant, in.Release, in.Items)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if gateID == "" {
			refuse(w, problem.New(problem.Refused, "uplink.gate", "this token is another gate's"))
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func own(asked, gateID string) error {
	if asked != gateID {
		return problem.New(problem.Refused, "uplink.gate", "this token is another gate's")
	}
	return nil
}

// bears compares in constant time, whatever the length.
func bears(r *http.Request, token string) bool {
	got, want := sha256.Sum256([]byte(r.Header.Get("Authorization"))), sha256.Sum256([]byte("Bearer "+token))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

func serve[In, Out any](mux *http.ServeMux, name string, f func(context.Context, In) (Out, error)) {
	mux.HandleFunc("POST /v1/uplink/"+name, func(w http.ResponseWriter, r *http.Request) {
		var in In
		if !read(w, r, &in) {
			return
		}
		out, err := f(r.Context(), in)
		answer(w, out, err)
	})
}

// read reads a request; where it cannot be read, it is refused.
func read(w http.ResponseWriter, r *http.Request, in any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest))
	d.DisallowUnknownFields()
	err := d.Decode(in)
	if err == nil {
		if _, end := d.Token(); end != io.EOF {
			err = io.ErrUnexpectedEOF
		}
	}
	if problem.Code(err) == "gatehttp.busy" {
		refuse(w, err)
		return false
	}
	if err != nil {
		refuse(w, problem.New(problem.Invalid, "uplink.request", "this request cannot be read").Because(err))
	}
	return err == nil
}

func answer(w http.ResponseWriter, out any, err error) {
	if err != nil {
		refuse(w, err)
		return
	}
	b, err := json.Marshal(out)
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(b)
}

func refuse(w http.ResponseWriter, err error) {
	f := gate.FaultOf(err)
	b, merr := json.Marshal(f)
	if merr != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(f.Status)
	w.Write(b)
}
