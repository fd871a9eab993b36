package witness

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

const (
	maxRequest = 64 << 10
	maxHashes  = 63 // tlog-witness
)

// Request is the body of an add-checkpoint call.
type Request struct {
	Old        uint64
	Hashes     []proof.Hash
	Checkpoint []byte
}

// Marshal gives the body.
func (r Request) Marshal() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", r.Old)
	for _, h := range r.Hashes {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	b.WriteByte('\n')
	b.Write(r.Checkpoint)
	return b.Bytes()
}

// ParseRequest reads the body of an add-checkpoint call, strictly. Problem:
// witness.malformed.
func ParseRequest(body []byte) (Request, error) {
	head, checkpoint, found := strings.Cut(string(body), "\n\n")
	if !found || len(body) > maxRequest {
		return Request{}, malformed()
	}
	lines := strings.Split(head, "\n")
	number, ok := strings.CutPrefix(lines[0], "old ")
	old, err := strconv.ParseUint(number, 10, 63)
	if !ok || err != nil || len(lines) > 1+maxHashes {
		return Request{}, malformed()
	}
	r := Request{Old: old, Checkpoint: []byte(checkpoint)}
	for _, line := range lines[1:] {
		h, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(h) != 32 {
			return Request{}, malformed()
		}
		r.Hashes = append(r.Hashes, proof.Hash(h))
	}
	if !bytes.Equal(r.Marshal(), body) {
		return Request{}, malformed()
	}
	return r, nil
}

// Handler serves POST /add-checkpoint as c2sp.org/tlog-witness says. A refusal
// other than a size conflict carries "code: sentence" as text.
func (w *Witness) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", w.serveAdd)
	return mux
}

func (w *Witness) serveAdd(rw http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, req.Body, maxRequest))
	if err != nil {
		http.Error(rw, malformed().Error(), http.StatusBadRequest)
		return
	}
	r, err := ParseRequest(body)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	line, err := w.AddCheckpoint(req.Context(), r.Old, r.Hashes, r.Checkpoint)
	if err != nil {
		w.refuse(rw, r, err)
		return
	}
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	rw.Write(line)
}

// refuse maps codes to the status codes that tlog-witness fixes.
func (w *Witness) refuse(rw http.ResponseWriter, r Request, err error) {
	status := http.StatusServiceUnavailable
	switch problem.Code(err) {
	case "witness.malformed":
		status = http.StatusBadRequest
	case "witness.unknown_log":
		status = http.StatusNotFound
	case "witness.bad_signature":
		status = http.StatusForbidden
	case "witness.inconsistent":
		status = http.StatusUnprocessableEntity
	case "witness.forked", "witness.against":
		status = http.StatusConflict
	case "witness.rolled_back", "witness.stale":
		w.refuseSize(rw, r)
		return
	}
	http.Error(rw, problem.Of(err).Error(), status)
}

func (w *Witness) refuseSize(rw http.ResponseWriter, r Request) {
	parsed, err := proof.ParseCheckpoint(r.Checkpoint)
	if err != nil {
		http.Error(rw, malformed().Error(), http.StatusBadRequest)
		return
	}
	last, err := w.Last(parsed.Origin)
	if err != nil {
		http.Error(rw, problem.Of(err).Error(), http.StatusServiceUnavailable)
		return
	}
	if r.Old == last.Size {
		// The asker knows the size and still shows a smaller log.
		http.Error(rw, malformed().At("old").Error(), http.StatusBadRequest)
		return
	}
	rw.Header().Set("Content-Type", "text/x.tlog.size")
	rw.WriteHeader(http.StatusConflict)
	fmt.Fprintf(rw, "%d\n", last.Size)
}
