package notice_test

import (
	"bytes"
	"testing"
)

func BenchmarkPDF(b *testing.B) {
	l := sample(b, "en")["secrecy-ended"]
	for b.Loop() {
		if !bytes.HasPrefix(render(b, l).PDF, []byte("%PDF-")) {
			b.Fatal("not a PDF")
		}
	}
}
