package letter

import (
	"testing"
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
	for _, in := range []string{"&", "a&b", "&AMY", "&AMY-&AMY-", "&AGE-", "&2D0-", "&3gA-", "&A-", "&AMZ-", "æ", "\x7f", "\x00", "&AMY=-", "&AM-", "a\n"} {
		if got, ok := DecodeFolder(in); ok {
			t.Errorf("%q is accepted as %q", in, got)
		}
	}
}

func FuzzFolder(f *testing.F) {
	for _, s := range []string{"&AOY-lv", "&2D3eAA-", "&-", "&U,BTFw-/x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := DecodeFolder(s)
		if !ok && got != "" || !utf8.ValidString(got) || len(got) > len(s) {
			t.Fatalf("%q gives %q, %v", s, got, ok)
		}
	})
}
