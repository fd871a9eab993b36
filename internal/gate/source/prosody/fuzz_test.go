package prosody

import "testing"

func FuzzStanza(f *testing.F) {
	for _, s := range []string{`<message from="a@b/c" to='d@e'><body>x</body></message>`, "<a/><b/>", "<a", "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", "<a b='&#0;'/>", "<a from='b' from='c'/>", "<a><b></a></b>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		from, to, ok := sides(b)
		if ok && (len(b) == 0 || len(from)+len(to) > 4*len(b)) || !ok && len(b) == 0 && from != "" {
			t.Fatalf("%q: %q %q", b, from, to)
		}
	})
}
