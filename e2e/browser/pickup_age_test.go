package browser_test

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	agetest "c2sp.org/CCTV/age"
	"filippo.io/age"
	"github.com/chromedp/chromedp"
	"golang.org/x/crypto/chacha20poly1305"

	"counterseal/internal/gate/pickup"
)

// lab is the officers' page without a gate, with its scripts and its policy, and files
// that a test lays beside them.
type lab struct {
	t    *testing.T
	ctx  context.Context
	mu   sync.Mutex
	data map[string][]byte
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{t: t, ctx: chromium(t), data: map[string][]byte{}}
	var pages http.Handler
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		b, there := l.data[strings.TrimPrefix(r.URL.Path, "/data/")]
		l.mu.Unlock()
		if there {
			w.Write(b)
			return
		}
		pages.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	p, err := pickup.New(pickup.Outside{Origin: strings.Replace(srv.URL, "127.0.0.1", "localhost", 1), Provider: "Lindworm Mail", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	pages = p.Handler()
	do(t, l.ctx, chromedp.Navigate(strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)+"/en"))
	return l
}

func (l *lab) lay(name string, b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.data[name] = b
}

const helpers = `const m = await import("/static/age.js"); const raw = async (n) => new Uint8Array(await (await fetch("/data/" + n)).arrayBuffer());
	const bin = (s) => Uint8Array.from(s.match(/../g) || [], (x) => parseInt(x, 16));
	const tried = async (n, key) => { try { const ids = await m.identities(key), source = new m.Source((await fetch("/data/" + n)).body), { key: k } = await m.open(source, ids), sum = new m.SHA256(); let size = 0;
		for await (const p of m.plain(source, k)) { sum.add(p); size += p.length; } return m.hex(sum.end()) + " " + size; } catch (e) { return e.code || "internal: " + e; } };`

// run gives what a script returns that knows the page's own.
func run[T any](l *lab, script string) T {
	l.t.Helper()
	return get(l.t, l.ctx, chromedp.Evaluate[T]("(async () => {"+helpers+script+"})()", chromedp.EvalAwaitPromise))
}

func quoted(v any) string { return string(must(json.Marshal(v))) }

func sum(b []byte) string { d := sha256.Sum256(b); return hex.EncodeToString(d[:]) }

func TestTheBrowsersCipherIsThatOfTheRFC(t *testing.T) {
	l := newLab(t)
	// RFC 8439, 2.4.2: ChaCha20 over 114 bytes, counter 1.
	sunscreen := "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."
	got := run[string](l, `const d = new Int32Array(32); new Uint8Array(d.buffer).set(new TextEncoder().encode(`+quoted(sunscreen)+`));
		m.chacha20(bin("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"), 1, bin("000000000000004a00000000"), d); return m.hex(new Uint8Array(d.buffer, 0, 114));`)
	if want := "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0bf91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d807ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab77937365af90bbf74a35be6b40b8eedf2785e42874d"; got != want {
		t.Error(got)
	}
	// RFC 8439, 2.8.2: the AEAD; and the same with a byte of each part changed.
	const key, nonce, extra = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7"
	const box = "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"
	got = run[string](l, `return new TextDecoder().decode(m.unseal(bin("`+key+`"), bin("`+nonce+`"), bin("`+box+`"), bin("`+extra+`")))`)
	if got != sunscreen {
		t.Error(got)
	}
	if n := run[int](l, `let opened = 0; const box = bin("`+box+`"); for (let i = 0; i < 8 * box.length; i++) { box[i >> 3] ^= 1 << (i & 7); if (m.unseal(bin("`+key+`"), bin("`+nonce+`"), box, bin("`+extra+`"))) opened++; box[i >> 3] ^= 1 << (i & 7); } return opened;`); n != 0 {
		t.Errorf("%d changed boxes are opened", n)
	}
	// RFC 8439, A.3: the vectors of whole blocks, which carry at the edges of 2^130-5.
	for i, v := range [][3]string{
		{strings.Repeat("00", 32), strings.Repeat("00", 64), strings.Repeat("00", 16)},
		{"02" + strings.Repeat("00", 31), strings.Repeat("ff", 16), "03000000000000000000000000000000"},
		{"02" + strings.Repeat("00", 15) + strings.Repeat("ff", 16), "02" + strings.Repeat("00", 15), "03000000000000000000000000000000"},
		{"01" + strings.Repeat("00", 31), strings.Repeat("ff", 16) + "f0" + strings.Repeat("ff", 15) + "11" + strings.Repeat("00", 15), "05000000000000000000000000000000"},
		{"01" + strings.Repeat("00", 31), strings.Repeat("ff", 16) + "fb" + strings.Repeat("fe", 15) + strings.Repeat("01", 16), strings.Repeat("00", 16)},
		{"02" + strings.Repeat("00", 31), "fd" + strings.Repeat("ff", 15), "faffffffffffffffffffffffffffffff"},
		{"0100000000000000040000000000000000000000000000000000000000000000", "e33594d7505e43b900000000000000003394d7505e4379cd01000000000000000000000000000000000000000000000001000000000000000000000000000000", "14000000000000005500000000000000"},
		{"0100000000000000040000000000000000000000000000000000000000000000", "e33594d7505e43b900000000000000003394d7505e4379cd010000000000000000000000000000000000000000000000", "13000000000000000000000000000000"},
	} {
		if got := run[string](l, `return m.hex(m.poly1305(bin("`+v[0]+`"), [new Int32Array(bin("`+v[1]+`").buffer)]))`); got != v[2] {
			t.Errorf("A.3 %d: %s", i+1, got)
		}
	}
	// Go's own implementation, over every length around the blocks and extreme keys.
	type sample struct{ Key, Nonce, Box, Plain string }
	var all []sample
	for n := range 300 {
		var k [32]byte
		plain, nonce := make([]byte, n), make([]byte, 12)
		rand.Read(nonce)
		rand.Read(plain)
		if n%3 == 0 {
			plain = bytes.Repeat([]byte{0xff}, n)
		}
		rand.Read(k[:])
		a, err := chacha20poly1305.New(k[:])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, sample{hex.EncodeToString(k[:]), hex.EncodeToString(nonce), hex.EncodeToString(a.Seal(nil, nonce, plain, nil)), hex.EncodeToString(plain)})
	}
	l.lay("samples", []byte(quoted(all)))
	if wrong := run[[]int](l, `const all = JSON.parse(new TextDecoder().decode(await raw("samples"))), wrong = []; all.forEach((s, i) => { const p = m.unseal(bin(s.Key), bin(s.Nonce), bin(s.Box)); if (!p || m.hex(p) !== s.Plain) wrong.push(i); }); return wrong;`); len(wrong) > 0 {
		t.Error("other than Go's:", wrong)
	}
}

func TestTheBrowsersDigestInPiecesIsSHA256(t *testing.T) {
	l := newLab(t)
	b := make([]byte, 5000)
	rand.Read(b)
	l.lay("b", b)
	var want []string
	for n := range 260 {
		want = append(want, sum(b[:n*19]))
	}
	l.lay("want", []byte(quoted(want)))
	if wrong := run[int](l, `const b = await raw("b"), want = JSON.parse(new TextDecoder().decode(await raw("want"))); let wrong = 0;
		want.forEach((w, n) => { const s = new m.SHA256(), all = b.subarray(0, n * 19); for (let at = 0, step = 1; at < all.length; at += step, step = step * 3 % 130 + 1) s.add(all.subarray(at, at + step)); if (m.hex(s.end()) !== w) wrong++; }); return wrong;`); wrong != 0 {
		t.Error(wrong, "wrong")
	}
	// The constants come from roots of primes: FIPS 180-4, B.1.
	if got := run[string](l, `return m.hex(new m.SHA256().add(new TextEncoder().encode("abc")).end())`); got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Error(got)
	}
}

func TestTheBrowserReadsBech32AsTheBIPSays(t *testing.T) {
	l := newLab(t)
	valid := []string{"A12UEL5L", "a12uel5l", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j", "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w"}
	invalid := []string{"\x201nwldj5", "\x7f1axkwrx", "pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3", "A1G7SGD8", "10a06t8", "1qzzfhee", "a12UEL5L", "de1lg7wt\xff", ""}
	// Valid Bech32 of another number of bits than bytes have is none of ours.
	got := run[[]string](l, `return `+quoted(valid)+`.map((s) => { const b = m.unbech32(s); return b ? m.bech32(b.prefix, b.bytes) : "bits"; })`)
	for i, s := range valid {
		if got[i] != strings.ToLower(s) && got[i] != "bits" {
			t.Errorf("%s: %s", s, got[i])
		}
	}
	if n := run[int](l, `return `+quoted(invalid)+`.filter((s) => m.unbech32(s) !== null).length`); n != 0 {
		t.Error(n, "invalid ones are read")
	}
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	if got := run[string](l, `return (await m.identities("# a remark\n\n`+key.String()+`\n"))[0].recipient`); got != key.Recipient().String() {
		t.Error(got)
	}
	s := key.String()
	for name, text := range map[string]string{"nothing": "", "a recipient": key.Recipient().String(), "lower case": strings.ToLower(s), "a letter changed": strings.Replace(s, s[30:31], map[bool]string{true: "P", false: "Q"}[s[30] == 'Q'], 1), "cut": s[:len(s)-1],
		"something beside it": s + "\nssh-ed25519 AAAA", "a plugin's": "AGE-PLUGIN-YUBIKEY-1QQQQ"} {
		if got := run[string](l, `try { await m.identities(`+quoted(text)+`); return "read" } catch (e) { return e.code }`); got != "pickup.no_key" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// Every vector of age's own suite: what must fail fails, and what is for an X25519 key
// and not armored opens to the byte. Scrypt, hybrid keys and armor are not what a gate
// writes, and open nothing.
func TestTheBrowserDecryptsAsAgesOwnVectorsSay(t *testing.T) {
	l := newLab(t)
	names := must(fs.Glob(agetest.Vectors, "*"))
	good, bad := 0, 0
	for _, name := range names {
		head, body, _ := bytes.Cut(must(fs.ReadFile(agetest.Vectors, name)), []byte("\n\n"))
		fields, identities := map[string]string{}, ""
		for lines := bufio.NewScanner(bytes.NewReader(head)); lines.Scan(); {
			k, v, _ := strings.Cut(lines.Text(), ": ")
			fields[k] = v
			if k == "identity" {
				identities += v + "\n"
			}
		}
		if fields["compressed"] == "zlib" {
			r, err := zlib.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(name, err)
			}
			body = must(io.ReadAll(r))
		}
		ours := fields["expect"] == "success" && fields["armored"] != "yes" && strings.Contains(identities, "AGE-SECRET-KEY-1") && fields["passphrase"] == ""
		if !strings.Contains(identities, "AGE-SECRET-KEY-1") {
			// Whoever has some key gets nothing of a file that is for a passphrase.
			identities = must(age.GenerateX25519Identity()).String()
		}
		l.lay("v", body)
		got := run[string](l, `return tried("v", `+quoted(identities)+`)`)
		digest, _, _ := strings.Cut(got, " ")
		switch {
		case strings.HasPrefix(got, "internal"):
			t.Errorf("%s: %s", name, got)
		case ours && digest != fields["payload"]:
			t.Errorf("%s: %s, not %s", name, got, fields["payload"])
		case !ours && len(digest) == 64:
			t.Errorf("%s: opened, where %s", name, fields["expect"])
		case ours:
			good++
		default:
			bad++
		}
	}
	if good < 10 || bad < 60 {
		t.Errorf("%d opened, %d refused: the vectors are not those that were meant", good, bad)
	}
	t.Logf("%d vectors opened, %d refused", good, bad)
}

func TestTheBrowserOpensWhatRealAgeMadeAroundTheBordersOfChunks(t *testing.T) {
	program, err := exec.LookPath("age")
	if err != nil {
		t.Skip("age is not installed: nothing of its making was opened")
	}
	l := newLab(t)
	key := must(age.GenerateX25519Identity())
	for _, n := range []int{0, 1, 65535, 65536, 65537, 131072, 10_000_000} {
		plain := make([]byte, n)
		rand.Read(plain)
		in := filepath.Join(t.TempDir(), "plain")
		if err := os.WriteFile(in, plain, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := exec.Command(program, "-r", key.Recipient().String(), in).Output()
		if err != nil {
			t.Fatal(err)
		}
		l.lay("f", file)
		if got := run[string](l, `return tried("f", `+quoted(key.String())+`)`); got != fmt.Sprintf("%s %d", sum(plain), n) {
			t.Errorf("%d bytes: %s", n, got)
		}
		// Cut off at, before and after each border near the end, and lengthened.
		for _, less := range []int{1, 15, 16, 17, n%65536 + 16, n%65536 + 17, 65536 + 16} {
			if less >= len(file)-250 {
				continue
			}
			l.lay("f", file[:len(file)-less])
			if got := run[string](l, `return tried("f", `+quoted(key.String())+`)`); got != "pickup.cut" && got != "pickup.changed" {
				t.Errorf("%d bytes less %d: %s", n, less, got)
			}
		}
		l.lay("f", append(bytes.Clone(file), 0))
		if got := run[string](l, `return tried("f", `+quoted(key.String())+`)`); got != "pickup.changed" && got != "pickup.cut" {
			t.Errorf("%d bytes and one more: %s", n, got)
		}
	}
}
