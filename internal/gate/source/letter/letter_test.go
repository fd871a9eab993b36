package letter

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

func TestFolderNamesInModifiedUTF7(t *testing.T) {
	for in, want := range map[string]string{
		"INBOX": "INBOX", "Arkiv &- mere": "Arkiv & mere", "&AOY-lv": "ælv", "~peter/mail/&U,BTFw-/&ZeVnLIqe-": "~peter/mail/台北/日本語", "&2D3eAA-": "😀", "&AOk-&-": "é&",
	} {
		if got, ok := DecodeFolder(in); !ok || got != want {
			t.Errorf("%q: %q %v", in, got, ok)
		}
	}
	for _, in := range []string{"&", "a&b", "&AMY", "&AMY-&AMY-", "&AGE-", "&2D0-", "&3gA-", "&A-", "&AMZ-", "æ", "\x7f", "\x00", "&AMY=-", "&AM-", "a\n", "&\n-", "&AO\r\nY-"} {
		if got, ok := DecodeFolder(in); ok {
			t.Errorf("%q is accepted as %q", in, got)
		}
	}
}

// A name has one encoding (RFC 3501 5.1.3), so that two folders never have
// one name: what was read is written again and is the same. Nine bytes of
// UTF-8 at most come of eight of base64: three UTF-16 units of three bytes.
func FuzzFolder(f *testing.F) {
	for _, s := range []string{"&AOY-lv", "&2D3eAA-", "&-", "&U,BTFw-/x", "&000000000000000000000000-", "&AOk-&-", "&AAA-", "&\n-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := DecodeFolder(s)
		if !ok && got != "" || !utf8.ValidString(got) || 8*len(got) > 9*len(s) {
			t.Fatalf("%q gives %q, %v", s, got, ok)
		}
		if again := encodeFolder(got); ok && again != s {
			t.Fatalf("%q gives %q, which is written %q", s, got, again)
		}
	})
}

// encodeFolder writes a folder's name as RFC 3501 5.1.3 has it.
func encodeFolder(name string) string {
	var out strings.Builder
	var shifted []byte
	end := func() {
		if len(shifted) > 0 {
			out.WriteString("&" + base64IMAP.EncodeToString(shifted) + "-")
			shifted = nil
		}
	}
	for _, r := range name {
		if r < ' ' || r > '~' {
			for _, unit := range utf16.Encode([]rune{r}) {
				shifted = append(shifted, byte(unit>>8), byte(unit))
			}
			continue
		}
		end()
		out.WriteRune(r)
		if r == '&' {
			out.WriteByte('-')
		}
	}
	end()
	return out.String()
}
