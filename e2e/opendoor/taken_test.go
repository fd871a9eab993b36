package opendoor_test

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"counterseal/e2e/opendoor/walk"
	"counterseal/internal/gate"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

// taken is a house whose office, database, network and administrator are in hostile
// hands, with the key of one approver. The paper is forged; in the docket everybody
// has decided, because whoever owns it writes what they like.
func taken(t *testing.T) (h *walk.House, first, second gate.Status) {
	t.Helper()
	h = walk.Nordwind(t)
	ids := h.Decided(march("13-mj-0666", "june.hartwell@nordwind.example"), march("13-mj-0667", "mercer@nordwind.example"))
	first, err := h.Draft(ids[0])
	must(t, err)
	second, err = h.Draft(ids[1])
	must(t, err)
	return h, first, second
}

// approve signs the grant with any key at all.
func approve(t *testing.T, h *walk.House, st gate.Status, key ssh.Signer, space signature.Namespace) error {
	t.Helper()
	text, err := h.Office.Desk().Text(t.Context(), st.ID)
	must(t, err)
	signed, err := signature.Sign(key, space, text)
	must(t, err)
	_, err = h.Office.Desk().Approve(t.Context(), st.ID, signed)
	return err
}

// Each attempt is made in the running program, one after the other in one house, and
// the gate holds nothing after any of them. What is tried at the gate itself, with a
// journal and a docket that lie as well, stands in internal/gate/redteam_test.go.
func TestTheWholeOfficeWithOneApproversKeyGetsNothingOut(t *testing.T) {
	t.Parallel()
	h, st, second := taken(t)
	stranger, _, err := signature.NewKey(rand.Reader, walk.Privacy) // it calls itself as a person of the roster does
	must(t, err)
	must(t, approve(t, h, st, h.Keys[walk.Counsel], signature.Grant))
	for _, try := range []struct {
		name, code string
		do         func() error
	}{
		{"one approval", "grant.approvals_missing", func() error { return releaseIt(t, h, st) }},
		{"the same key once more", "grant.approvals_missing", func() error {
			_ = approve(t, h, st, h.Keys[walk.Counsel], signature.Grant) // it changes nothing
			return releaseIt(t, h, st)
		}},
		{"a key that is nobody's", "approval.not_on_roster", func() error { return approve(t, h, st, stranger, signature.Grant) }},
		{"the drafter's key", "approval.drafter", func() error { return approve(t, h, st, h.Keys[walk.Drafter], signature.Grant) }},
		{"a signature for something else", "signature.namespace", func() error { return approve(t, h, st, h.Keys[walk.Counsel], signature.Stop) }},
		{"an approval of another grant", "signature.wrong", func() error {
			text, err := h.Office.Desk().Text(t.Context(), second.ID)
			must(t, err)
			signed, err := signature.Sign(h.Keys[walk.Counsel], signature.Grant, text)
			must(t, err)
			_, err = h.Office.Desk().Approve(t.Context(), st.ID, signed)
			return err
		}},
		{"the gate's own key as a person's", "approval.not_on_roster", func() error {
			text, err := os.ReadFile(h.Folder.Secret("gate"))
			must(t, err)
			key, err := signature.ReadKey(text)
			must(t, err)
			return approve(t, h, st, key, signature.Grant)
		}},
		{"picking up what is not there", "gate.not_released", func() error {
			_, _, err := h.Office.Desk().Fetch(t.Context(), st.ID, "package.tar.age", "nobody")
			return err
		}},
	} {
		err := try.do()
		if problem.Code(err) != try.code {
			t.Errorf("%s: %v, want %s", try.name, err, try.code)
		}
		if got := h.Visible(); len(got) > 0 {
			t.Errorf("%s: the gate holds %v", try.name, got)
		}
	}
}

// With a second approver who colludes it leaves, as two people can always do what two
// people may do; and they cannot hide it: not from the log, nor from its witness, nor
// from the customer, whatever of the office is put back afterwards.
func TestTwoApproversWhoColludeGetItOutAndCannotHideIt(t *testing.T) {
	t.Parallel()
	h, st, next := taken(t)
	for _, who := range []string{walk.Counsel, walk.Privacy} {
		must(t, approve(t, h, next, h.Keys[who], signature.Grant))
	}
	awaitLeaf(t, h, next)
	h.Close()
	hide := h.Keep("docket", "ledger", "witness", "spool")
	must(t, h.Open())
	must(t, approve(t, h, st, h.Keys[walk.Counsel], signature.Grant))
	must(t, approve(t, h, st, h.Keys[walk.Privacy], signature.Grant))
	must(t, releaseIt(t, h, st))
	folder := h.Fetch(st)

	// It left, and whoever has it has the proof that the journal holds it.
	said := command(t, "verify", folder, "--trust", h.Folder.Trust(), "--identity", h.Officer)
	if said.exit != 0 || !strings.Contains(said.out, `"logged_at"`) {
		t.Fatalf("exit %d: %s%s", said.exit, said.out, said.err)
	}
	// What outsiders keep of it: the published head, the witness's word, the customer's proof.
	proof := filepath.Join(t.TempDir(), "proof.tlog")
	text, digest, err := h.Office.ProveReceipt(t.Context(), st.Demand, false)
	must(t, err)
	write(t, string(text), proof)
	had := leaves(t, h)
	h.Close()
	witnessed := sizesOf(t, h)

	// The office is put back to before the release, to hide it.
	hide()
	if now := leaves(t, h); now >= had {
		t.Fatalf("the log that is shown now has %d leaves, and had %d", now, had)
	}
	if now := sizesOf(t, h); now >= witnessed {
		t.Errorf("the witness has seen %d, and on its own machine still knows of %d", now, witnessed)
	}
	said = command(t, "ledger", "opened", proof, "--digest", digest, "--trust", h.Folder.Trust())
	if said.exit != 0 {
		t.Errorf("the customer's proof does not hold any more: %s", said.err)
	}
	said = command(t, "verify", folder, "--trust", h.Folder.Trust(), "--identity", h.Officer)
	if said.exit != 0 {
		t.Errorf("the package does not verify any more: %s", said.err)
	}
	// The gate knows, and gives nothing more.
	must(t, h.OpenStill())
	list, err := h.Office.Desk().List(t.Context())
	must(t, err)
	released := false
	for _, g := range list {
		released = released || g.ID == st.ID && g.Outcome != nil
	}
	if !released {
		t.Errorf("the gate's record does not show the release: %+v", list)
	}
	refused(t, h, next, "gate.log_rolled_back")
}

// sizesOf adds up what a house's witness remembers of the logs.
func sizesOf(t *testing.T, h *walk.House) (n int) {
	t.Helper()
	states, err := filepath.Glob(filepath.Join(h.Folder.Witness(), "*"))
	must(t, err)
	for _, path := range states {
		lines := strings.Split(read(t, path), "\n")
		if lines[0] != "counterseal-witness-state-v1" {
			continue
		}
		size, err := strconv.Atoi(lines[2])
		must(t, err)
		n += size
	}
	return n
}
