package ledger

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"

	flog "github.com/transparency-dev/formats/log"
	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/tessera/client"
	"golang.org/x/mod/sumdb/note"
)

const (
	witnessTimeout = 5 * time.Second
	maxWitnessSays = 8 << 10 // bytes of one answer: a signature line, or a size
)

// cosigners are the witnesses of one log. Each has a goroutine of its own that asks it
// for the newest checkpoint there is, one at a time, so that one that is slow or hangs
// holds up nobody else, and one that was too late for a checkpoint still follows the log.
// Tessera's own asking ends every question as soon as enough have answered, which a
// distant witness then never does, and reads whatever a witness sends.
type cosigners struct {
	signer note.Signer
	most   time.Duration // that a round waits
	late   chan struct{} // holds one: a cosignature has come for a checkpoint that was given out
	work   sync.WaitGroup

	mu        sync.Mutex
	policy    proof.Policy
	emergency proof.Policy
	all       []*cosigner
	now       *round          // the one that was begun last
	life      context.Context // of all asking; nil before run
	end       context.CancelFunc
	ended     bool
}

// cosigner is one witness. size belongs to its goroutine.
type cosigner struct {
	verifier note.Verifier
	url      string
	http     *http.Client
	patience time.Duration
	tiles    client.TileFetcherFunc
	size     uint64      // that it has cosigned, as far as is known
	next     chan *round // holds the newest one that it was not asked for yet
}

// round is one checkpoint that is being cosigned. mu of the cosigners guards what follows
// answered.
type round struct {
	size     uint64
	signed   []byte // by the log alone
	answered chan struct{}

	lines map[string]string // by the witness's name and key
	left  int               // who have not answered
	given bool              // it was given out
}

// newCosigners begins to ask nobody yet; run does.
func (c Config) newCosigners(signer note.Signer, group []*cosigner) *cosigners {
	return &cosigners{policy: c.Policy, emergency: c.Emergency, signer: signer, all: group, most: c.WitnessTimeout, late: make(chan struct{}, 1)}
}

// witnesses are those of the configuration. Code: ledger.config.
func (c Config) witnesses(tiles client.TileFetcherFunc) ([]*cosigner, error) {
	bad := problem.New(problem.Invalid, "ledger.config", "the log's settings do not fit together").At("witnesses")
	counts := map[string]bool{}
	for _, k := range c.Policy.Witnesses() {
		counts[k] = true
	}
	var out []*cosigner
	keys, urls, enough := map[string]bool{}, map[string]bool{}, 0
	for _, w := range c.Witnesses {
		u, err := url.Parse(w.URL)
		if err != nil || keys[w.Key] || w.HTTP == nil && urls[w.URL] { // a way of its own may go by any name
			return nil, bad.Because(err)
		}
		keys[w.Key], urls[w.URL] = true, true
		v, err := fnote.NewVerifierForCosignatureV1(w.Key)
		if err != nil {
			return nil, bad.Because(err)
		}
		if counts[w.Key] {
			enough++
		}
		asks := w.HTTP
		if asks == nil {
			asks = c.HTTP
		}
		out = append(out, &cosigner{verifier: v, url: u.JoinPath("add-checkpoint").String(), http: asks, patience: c.WitnessTimeout, tiles: tiles, next: make(chan *round, 1)})
	}
	if enough < c.Policy.K() {
		return nil, bad.Fix("name at least as many witnesses as the policy's threshold")
	}
	return out, nil
}

// run asks until ctx ends; wait waits for that.
func (c *cosigners) run(ctx context.Context) (wait func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.life = ctx
	c.begin()
	return func() {
		c.mu.Lock()
		c.ended = true
		c.mu.Unlock()
		c.work.Wait()
	}
}

// reset asks others from now on, and takes their answers under other policies. What was
// asked before and not answered is given up, and asked again in the next round.
func (c *cosigners) reset(policy, emergency proof.Policy, group []*cosigner) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return
	}
	c.end()
	c.policy, c.emergency, c.all = policy, emergency, group
	c.begin()
}

// begin lets each witness be asked; mu is held.
func (c *cosigners) begin() {
	ctx, end := context.WithCancel(c.life)
	c.end = end
	for _, w := range c.all {
		c.work.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case r := <-w.next:
					line, err := w.ask(ctx, r)
					c.take(r, w, line, err)
				}
			}
		})
	}
}

// cosign signs a checkpoint and asks everybody. It gives it as soon as the policy holds;
// what comes later is in the text that again gives. Beside an error the text is one for
// which the emergency policy alone holds.
func (c *cosigners) cosign(ctx context.Context, size uint64, root []byte) ([]byte, error) {
	signed, err := note.Sign(&note.Note{Text: string(flog.Checkpoint{Origin: c.signer.Name(), Size: size, Hash: root}.Marshal())}, c.signer)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	all := c.all
	r := &round{size: size, signed: signed, answered: make(chan struct{}, len(all)), lines: map[string]string{}, left: len(all)}
	c.now = r
	c.mu.Unlock()
	for _, w := range all {
		w.hand(r)
	}
	ctx, cancel := context.WithTimeout(ctx, c.most)
	defer cancel()
	for {
		select {
		case <-ctx.Done():
			return c.inEmergency(r), tooFew().Because(ctx.Err())
		case <-r.answered:
		}
		c.mu.Lock()
		text, left := r.text(), r.left
		_, err := c.policy.OpenCheckpoint(text)
		r.given = err == nil
		c.mu.Unlock()
		if err == nil {
			return text, nil
		}
		if left == 0 {
			return c.inEmergency(r), tooFew().Because(err)
		}
	}
}

// inEmergency is a round's text where the emergency policy holds for it; nil: it does not.
func (c *cosigners) inEmergency(r *round) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := r.text()
	if _, err := c.emergency.OpenCheckpoint(text); err != nil {
		return nil
	}
	return text
}

func tooFew() *problem.Error {
	return problem.New(problem.Unavailable, "ledger.unwitnessed", "too few witnesses have cosigned; nothing is published")
}

// hand gives a witness the newest round in the place of an older one.
func (w *cosigner) hand(r *round) {
	for {
		select {
		case w.next <- r:
			return
		default:
		}
		select {
		case <-w.next:
		default:
		}
	}
}

func (c *cosigners) take(r *round, w *cosigner, line string, err error) {
	c.mu.Lock()
	r.left--
	if err == nil {
		r.lines[fmt.Sprintf("%s %08x", w.verifier.Name(), w.verifier.KeyHash())] = line
	}
	late := err == nil && r.given && r == c.now
	c.mu.Unlock()
	r.answered <- struct{}{}
	if late {
		select {
		case c.late <- struct{}{}:
		default: // it was told, and looks at all of them
		}
	}
}

func (c *cosigners) later() <-chan struct{} { return c.late }

// again is the checkpoint that was given out last with all that have cosigned it by now.
func (c *cosigners) again() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now == nil || !c.now.given {
		return nil
	}
	return c.now.text()
}

// text is the checkpoint with its cosignatures. The cosigners' mu is held.
func (r *round) text() []byte {
	out := bytes.Clone(r.signed)
	for _, line := range r.lines {
		out = append(out, line...)
	}
	return out
}

// ask asks for one checkpoint. A witness that says how far it is is asked from there,
// once more and no more often.
func (w *cosigner) ask(ctx context.Context, r *round) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, w.patience)
	defer cancel()
	for range 3 {
		old := min(w.size, r.size)
		hashes, err := consistency(ctx, w.tiles, old, r.size)
		if err != nil {
			return "", err
		}
		said, at, err := addCheckpoint(ctx, w.http, w.url, old, hashes, r.signed)
		if err != nil {
			return "", err
		}
		if said == nil {
			if at > r.size || at == old {
				return "", refused("it has cosigned %d leaves and was shown %d", at, r.size)
			}
			w.size = at
			continue
		}
		n, err := note.Open(append(bytes.Clone(r.signed), said...), note.VerifierList(w.verifier))
		if err != nil {
			return "", refused("its signature does not verify").Because(err)
		}
		w.size = r.size
		return fmt.Sprintf("— %s %s\n", n.Sigs[0].Name, n.Sigs[0].Base64), nil
	}
	return "", refused("it says another size each time")
}

func refused(format string, args ...any) *problem.Error {
	return problem.New(problem.Refused, "ledger.witness_refuses", "the witness does not cosign: %s", fmt.Sprintf(format, args...))
}

// consistency gives the hashes that lead from one size to another.
func consistency(ctx context.Context, tiles client.TileFetcherFunc, from, to uint64) ([]proof.Hash, error) {
	if from == 0 || from == to {
		return nil, nil
	}
	b, err := client.NewProofBuilder(ctx, to, tiles)
	if err != nil {
		return nil, unreadable(err)
	}
	hashes, err := b.ConsistencyProof(ctx, from, to)
	if err != nil {
		return nil, unreadable(err)
	}
	return toHashes(hashes)
}

// addCheckpoint makes the call of c2sp.org/tlog-witness: the signature lines, or nil and
// the size that the witness has cosigned.
func addCheckpoint(ctx context.Context, c *http.Client, url string, old uint64, hashes []proof.Hash, checkpoint []byte) (lines []byte, size uint64, err error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", old)
	for _, h := range hashes {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	b.WriteByte('\n')
	b.Write(checkpoint)
	silent := problem.New(problem.Unavailable, "ledger.witness_silent", "the witness does not answer")
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, &b)
	if err != nil {
		return nil, 0, silent.Because(err)
	}
	req.Header.Set("Content-Type", "text/plain; charset=utf-8")
	resp, err := c.Do(req)
	if err != nil {
		return nil, 0, silent.Because(err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, maxWitnessSays+1))
	if err != nil || len(said) > maxWitnessSays {
		return nil, 0, silent.Because(err)
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case resp.StatusCode == http.StatusOK && len(said) > 0:
		return said, 0, nil
	case resp.StatusCode == http.StatusConflict && kind == "text/x.tlog.size":
		size, err := strconv.ParseUint(strings.TrimSuffix(string(said), "\n"), 10, 63)
		if err != nil {
			return nil, 0, refused("its answer cannot be read").Because(err)
		}
		return nil, size, nil
	}
	return nil, 0, refused("status %d", resp.StatusCode)
}

// Probe asks a witness how far it has cosigned a log, by the log's published checkpoint:
// one that knows the log says so, or cosigns what was published from the beginning on.
// Codes: ledger.witness_silent, ledger.witness_refuses.
func Probe(ctx context.Context, c *http.Client, at WitnessAt, published Head) (size uint64, err error) {
	u, err := url.Parse(at.URL)
	if err != nil {
		return 0, problem.New(problem.Unavailable, "ledger.witness_silent", "the witness does not answer").Because(err)
	}
	lines, size, err := addCheckpoint(ctx, c, u.JoinPath("add-checkpoint").String(), 0, nil, published.Text)
	if err != nil || lines == nil {
		return size, err
	}
	return published.Size, nil
}
