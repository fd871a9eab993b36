package uplink

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"counterseal/internal/gate"
	"counterseal/internal/problem"
)

// Handler serves one gate: the token is that gate's, and it commits counters in
// no other name. An empty token or gate serves nobody. What is refused before the journal
// or the docket is asked leaves one line in the log, with its code alone.
func Handler(j gate.Journal, d gate.Docket, gateID, token string, log *slog.Logger) http.Handler {
	proven := Proven(j, d, gateID, log)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if gateID == "" || token == "" || !bears(r, token) {
			server{log: log}.refuse(w, problem.New(problem.Refused, "uplink.token", "this is not the gate's token"))
			return
		}
		proven.ServeHTTP(w, r)
	})
}

// Proven serves one gate on connections that have proven that it is the gate, by its
// key (package pinned). An empty gate serves nobody. Its log is that of Handler.
func Proven(j gate.Journal, d gate.Docket, gateID string, log *slog.Logger) http.Handler {
	s := server{http.NewServeMux(), log}
	serve(s, "commit", func(ctx context.Context, in commitCall) (none, error) {
		return none{}, j.Commit(ctx, in.Digest, in.Urgent)
	})
	serve(s, "proof", func(ctx context.Context, in proofCall) (textAnswer, error) {
		text, err := j.Proof(ctx, in.Digest)
		return textAnswer{text}, err
	})
	serve(s, "checkpoint", func(ctx context.Context, _ none) (textAnswer, error) {
		text, err := j.Checkpoint(ctx)
		return textAnswer{text}, err
	})
	serve(s, "emergency-proof", func(ctx context.Context, in proofCall) (textAnswer, error) {
		text, err := j.EmergencyProof(ctx, in.Digest)
		return textAnswer{text}, err
	})
	serve(s, "emergency-checkpoint", func(ctx context.Context, _ none) (textAnswer, error) {
		text, err := j.EmergencyCheckpoint(ctx)
		return textAnswer{text}, err
	})
	serve(s, "consistency", func(ctx context.Context, in consistencyCall) (hashesAnswer, error) {
		hashes, err := j.Consistency(ctx, in.From, in.To)
		out := hashesAnswer{Hashes: []sum{}}
		for _, h := range hashes {
			out.Hashes = append(out.Hashes, h)
		}
		return out, err
	})
	serve(s, "counter", func(ctx context.Context, in counterCall) (counterAnswer, error) {
		if err := own(in.Gate, gateID); err != nil {
			return counterAnswer{}, err
		}
		n, digest, err := j.Counter(ctx, in.Gate)
		return counterAnswer{n, digest}, err
	})
	serve(s, "commit-counter", func(ctx context.Context, in commitCounterCall) (none, error) {
		if err := own(in.Gate, gateID); err != nil {
			return none{}, err
		}
		return none{}, j.CommitCounter(ctx, in.Gate, in.N, in.Digest)
	})
	serve(s, "permit-keep", func(ctx context.Context, in permitKeepCall) (none, error) {
		return none{}, d.PermitKeep(ctx, in.Demand, in.Grant)
	})
	serve(s, "permit-preview", func(ctx context.Context, in permitKeepCall) (none, error) {
		return none{}, d.PermitPreview(ctx, in.Demand, in.Grant)
	})
	serve(s, "permit", func(ctx context.Context, in permitCall) (none, error) {
		return none{}, d.Permit(ctx, in.Demand, in.Grant, in.Release, in.Items)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if gateID == "" {
			s.refuse(w, problem.New(problem.Refused, "uplink.gate", "this token is another gate's"))
			return
		}
		s.mux.ServeHTTP(w, r)
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

type server struct {
	mux *http.ServeMux
	log *slog.Logger
}

func serve[In, Out any](s server, name string, f func(context.Context, In) (Out, error)) {
	s.mux.HandleFunc("POST /v1/uplink/"+name, func(w http.ResponseWriter, r *http.Request) {
		var in In
		if !s.read(w, r, &in) {
			return
		}
		out, err := f(r.Context(), in)
		s.answer(w, out, err)
	})
}

// read reads a request; where it cannot be read, it is refused.
func (s server) read(w http.ResponseWriter, r *http.Request, in any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest))
	d.DisallowUnknownFields()
	err := d.Decode(in)
	if err == nil {
		if _, end := d.Token(); end != io.EOF {
			err = io.ErrUnexpectedEOF
		}
	}
	if problem.Code(err) == "gatehttp.busy" {
		s.refuse(w, err)
		return false
	}
	if err != nil {
		s.refuse(w, problem.New(problem.Invalid, "uplink.request", "this request cannot be read").Because(err))
	}
	return err == nil
}

func (s server) answer(w http.ResponseWriter, out any, err error) {
	if err != nil {
		s.refuse(w, err)
		return
	}
	b, err := json.Marshal(out)
	if err != nil {
		s.refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(b)
}

func (s server) refuse(w http.ResponseWriter, err error) {
	if code := problem.Code(err); strings.HasPrefix(code, "uplink.") {
		s.log.Warn("refused", "act", "uplink", "code", code)
	}
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
