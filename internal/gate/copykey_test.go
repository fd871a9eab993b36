package gate

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"os"
	"testing"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

// Files with keys, as versions 1 and 2 wrote them for the gate of vectorGate. They lie in
// gates' folders: what opens them today must open them always.
var keyVectors = []struct{ dir, holds, file string }{
	{"copykeys", "AGE-SECRET-KEY-126MNANEAVQN4PC843R5WJ0CY3W5LHJN9VWSAGT8N33NY5RNW6YTSVYCN4J",
		"636f756e7465727365616c2d636f70792d6b65792d76310aac1a4d0a5c1b64c182d5314e270367bef702c9afaff51ec520a7f09778f58d97a56156eed52264890b83d22e56b43195beffcd100cae3a16edd09521fe6c85e5ea1d2755cab97c61f39a9736bd12234b49bc3a404ae61a1d3c3b32543c91d526678938357b9a13b43baa2179c7941c91da6f51229afcbdb202f9c39c49b85d78e84764683469"},
	{"listkeys", "AGE-SECRET-KEY-165XH9FXKQUWCZG54QJ5SCQCNZKUF3DRJFX6DNFXDA9T73YPCNKPSAZ87S8",
		"636f756e7465727365616c2d6c6973742d6b65792d76310a4e2eb42ba3a93356ec6887716c629a3c7792a02706285248910abac55152b858b088458c480fa6a490f24cc14f9200c621e8f05635dfe5cf355dfead9743fc96f83dcc292913b544cf3f3fc2ec2222475fa1208c74e85fcad3273a6accfee8e3e6ac95fd730885593f10a91bb354c493ece59337ba31d5bff73ee0718c02d0375dbb7965a74a"},
	{"copykeys", "AGE-SECRET-KEY-1P6M5MH0M5N4JJLQRJ9S4SWCQ2LESPTDJHLNE07453JYDVVYSKL0QW24NM8",
		"636f756e7465727365616c2d636f70792d6b65792d76320a0037fb7f29f4af290377616127e653c2202fe157023c6ec159ba3825a524fdcdd82b375cba03bb5cc70b6a2dca1111a87e70e1b4eb06b7be8b8d8ff63ee31d88cb2f1ec916bb137710480fbbf6637aa0272110b08e16c4a088c99dd03e939e49807b60d1646b64f9b56cb788d4322b13b3b7500ac7ffb59c1e96b5ba52b761aed71ce2d033ec"},
	{"listkeys", "AGE-SECRET-KEY-1FE6MAUU8SQK3NA8Z22WSRV5FSU7CVMC2CUTYCYJYD2H37TU9YXXSWYJ8EJ",
		"636f756e7465727365616c2d6c6973742d6b65792d76320a9180b61fb439b9b33ea3d36fa85029fc1aebbc7b859a33097452dfcf61d46420d1b0b4f791a27431c529df4f080674d26dc72d715877659c86c69612b584ce15eea77b52ffb6eddabfc62f7ec7c0478fe2115be889ae14ebb7c5da3c1c1b4aecd7e2ae20de13b7faa1332c8828120a6ecf2c5e4d50da9fdd2b9dc171e9ad27ec485b6d38a36f"},
}

const vectorID = "0123abcd"

func vectorGate(t *testing.T, seed byte) *Gate {
	t.Helper()
	key, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize)))
	if err != nil {
		t.Fatal(err)
	}
	g := &Gate{cfg: Config{ID: "gate-1", Dir: t.TempDir(), Key: key, Rand: rand.Reader}}
	for _, p := range []keyPlace{copyKeys, listKeys} {
		if err := os.Mkdir(g.path(p.dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

func TestAKeyOfEachVersionStillOpens(t *testing.T) {
	places := map[string]keyPlace{"copykeys": copyKeys, "listkeys": listKeys}
	for _, v := range keyVectors {
		file, err := hex.DecodeString(v.file)
		if err != nil {
			t.Fatal(err)
		}
		line, _, _ := bytes.Cut(file, []byte("\n"))
		t.Run(string(line), func(t *testing.T) {
			g := vectorGate(t, 7)
			if err := os.WriteFile(g.path(v.dir, vectorID), file, 0o600); err != nil {
				t.Fatal(err)
			}
			key, err := g.unwrap(places[v.dir], vectorID)
			if err != nil || key.String() != v.holds {
				t.Fatalf("%v", err)
			}
			// Not another gate's, not under another name, not as the other version, and not
			// with another byte anywhere.
			other := vectorGate(t, 8)
			changed := [][]byte{}
			for at := range file {
				c := bytes.Clone(file)
				c[at] ^= 1
				changed = append(changed, c)
			}
			swapped := bytes.Clone(file)
			swapped[len(line)-1] ^= '1' ^ '2'
			for name, c := range map[*Gate][][]byte{other: {file}, g: append(changed, swapped, file[:60], nil)} {
				for _, b := range c {
					if err := os.WriteFile(name.path(v.dir, vectorID), b, 0o600); err != nil {
						t.Fatal(err)
					}
					if _, err := name.unwrap(places[v.dir], vectorID); problem.Of(err) == nil || problem.Of(err).Kind != problem.Unverified {
						t.Errorf("it opens, or says %v: %x", err, b)
					}
				}
			}
		})
	}
}

func TestAKeyIsWrittenAsTheNewestVersionAndOpens(t *testing.T) {
	for _, p := range []keyPlace{copyKeys, listKeys} {
		g := vectorGate(t, 7)
		made, err := g.makeKey(p, vectorID)
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(g.path(p.dir, vectorID))
		if err != nil || !bytes.HasPrefix(b, []byte(p.kind+"-v2\n")) {
			t.Errorf("%.30q, %v", b, err)
		}
		if again, err := g.unwrap(p, vectorID); err != nil || again.String() != made.String() {
			t.Errorf("%v", err)
		}
	}
}

// What version 1 derived from is what Sign gives with the library of today; should that
// come to differ, armorOf1 is what counts, and the vectors hold it.
func TestTheArmorOfVersion1IsTheLibrarys(t *testing.T) {
	key := vectorGate(t, 7).cfg.Key
	raw, err := signature.Raw(key, signature.CopyKey, []byte("a text\n"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := signature.Sign(key, signature.CopyKey, []byte("a text\n"))
	if got := armorOf1(key.PublicKey(), raw); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s\n%s\n%v", got, want, err)
	}
}
