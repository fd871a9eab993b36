package gate_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// bringAsChild takes the export that lies beside the gate to it.
func bringAsChild(t *testing.T, g *gate.Gate, dir string) {
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	out, err := g.AnnounceExport(ctx, grant.Signed{Text: read("manifest"), Signature: read("manifest.sig")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.BringExport(ctx, out.Export, bytes.NewReader(read("files"))); err != nil {
		t.Fatal(err)
	}
}

func killed(t *testing.T, child *exec.Cmd) {
	t.Helper()
	child.Wait()
	if s, ok := child.ProcessState.Sys().(syscall.WaitStatus); !ok || s.Signal() != syscall.SIGKILL {
		t.Fatalf("the child was not killed: %v", child.ProcessState)
	}
}

func TestAKillDuringAnUploadLeavesTheExportWholeOrNotAtAll(t *testing.T) {
	for _, c := range []struct {
		at   string
		kept int
	}{{"export-file", 0}, {"export-renamed", 0}, {"export", 1}} {
		t.Run(c.at, func(t *testing.T) {
			t.Parallel()
			v := newVictim(t)
			v.gate.Close()
			e, files := v.Collected()
			m := v.Manifest("emil", e)
			for name, b := range map[string][]byte{"manifest": m.Text, "manifest.sig": m.Signature, "files": files} {
				if err := os.WriteFile(filepath.Join(v.base, name), b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			killed(t, v.child(c.at, "COUNTERSEAL_CHILD_BRINGS=1"))
			v.open()
			list, err := v.gate.Exports(ctx)
			if err != nil || len(list) != c.kept {
				t.Fatalf("kept: %+v, %v", list, err)
			}
			if left, err := filepath.Glob(filepath.Join(v.dir, "exports", "*")); err != nil || len(left) != c.kept {
				t.Errorf("the folder holds %v", left)
			}
			if left, err := filepath.Glob(filepath.Join(v.dir, "exports", ".new-*")); err != nil || len(left) != 0 {
				t.Errorf("left in the making: %v", left)
			}
			// It can be brought again, and leaves whole.
			if err := v.brought("emil", e, files); err != nil {
				t.Fatal(err)
			}
			if _, err := v.released(v.HandGrant(1, e)); err != nil {
				t.Fatal(err)
			}
			if r := v.verified("k7wq-93_g-1", v.Agency); !r.Complete || r.Items != 3 || r.Release.Filtered != release.ByHand {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestAKillDuringAReleaseByHandLeavesNothingOrExactlyWhatWasApproved(t *testing.T) {
	for _, c := range []struct {
		at   string
		want gate.State
	}{
		{"begun", gate.Interrupted}, {"collecting", gate.Interrupted}, {"sealed", gate.Interrupted}, {"permitted", gate.Unknown},
		{"renamed", gate.Released}, {"visible", gate.Released},
	} {
		t.Run(c.at, func(t *testing.T) {
			t.Parallel()
			v := newVictim(t)
			e, files := v.Collected()
			if err := v.brought("emil", e, files); err != nil {
				t.Fatal(err)
			}
			v.mustReady(v.HandGrant(1, e))
			v.gate.Close()
			killed(t, v.child(c.at))
			v.open()
			st, err := v.gate.Status(ctx, "g-1")
			if err != nil || st.State != c.want || v.staging() != 0 {
				t.Fatalf("%+v, %v; staging %d", st, err, v.staging())
			}
			left, err := filepath.Glob(filepath.Join(v.dir, "exports", "*"))
			if err != nil {
				t.Fatal(err)
			}
			if c.want == gate.Released {
				if r := v.verified("k7wq-93_g-1", v.Agency); !r.Complete || r.Items != 3 || r.Release.Filtered != release.ByHand {
					t.Errorf("%+v", r)
				}
				if len(left) != 0 {
					t.Errorf("the plain export is left: %v", left)
				}
				if err := v.brought("emil", e, files); problem.Code(err) != "gate.export_used" {
					t.Errorf("the export that has left: %v", err)
				}
				return
			}
			if len(v.out()) != 0 || len(left) != 1 {
				t.Errorf("visible %v, exports %v", v.out(), left)
			}
			if _, err := v.released(v.HandGrant(2, e)); err != nil {
				t.Errorf("the next grant: %v", err)
			}
		})
	}
}
