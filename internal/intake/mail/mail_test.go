package mail_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"counterseal/internal/intake/mail"
	"counterseal/internal/intake/paper"
	"counterseal/internal/problem"
)

var house = mail.Options{Ours: []string{"mx.nordwind.example"}, Known: []string{"police.example", "ministry-of-justice.example"}}

func read(t *testing.T, text string) mail.Letter {
	t.Helper()
	original := []byte(strings.ReplaceAll(text, "\n", "\r\n"))
	before := slices.Clone(original)
	l, err := mail.Read(context.Background(), original, house)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, original) || l.SHA256 != sha256.Sum256(before) {
		t.Fatal("the original changed")
	}
	return l
}

func codes(l mail.Letter) (out []string) {
	for _, r := range l.Remarks {
		out = append(out, r.Code)
	}
	return out
}

const plain = "From: Inspector Example <inspector@police.example>\nTo: legal@nordwind.example\nDate: Mon, 14 Sep 2026 15:10:00 +0100\n" +
	"Message-ID: <1@police.example>\nSubject: Request\n\nPlease send the records.\n"

func TestAPlainLetterIsReadWithoutRemarks(t *testing.T) {
	l := read(t, plain)
	want := mail.Letter{SHA256: l.SHA256, Size: l.Size,
		Senders:    []mail.Mailbox{{Field: "From", Stated: "Inspector Example <inspector@police.example>", Name: "Inspector Example", Address: "inspector@police.example", Domain: "police.example"}},
		Recipients: []mail.Mailbox{{Field: "To", Stated: "legal@nordwind.example", Address: "legal@nordwind.example", Domain: "nordwind.example"}},
		Subject:    "Request", Stated: "Mon, 14 Sep 2026 15:10:00 +0100", Date: time.Date(2026, 9, 14, 14, 10, 0, 0, time.UTC), MessageID: "<1@police.example>",
		Text: "Please send the records."}
	if d := cmp.Diff(want, l); d != "" {
		t.Error(d)
	}
}

func TestWhatIsNoMailIsRefused(t *testing.T) {
	for _, c := range []struct {
		name, code string
		bytes      []byte
	}{
		{"nothing", "mail.empty", nil},
		{"a PDF", "mail.not_mail", []byte("%PDF-1.7\n1 0 obj\n")},
		{"words", "mail.not_mail", []byte("Dear all,\n\nplease: do it.\n")},
		{"a header of strange fields", "mail.not_mail", []byte("X-One: 1\n\nbody")},
		{"too much", "mail.too_large", make([]byte, mail.MaxMail+1)},
	} {
		_, err := mail.Read(context.Background(), c.bytes, house)
		if problem.Code(err) != c.code {
			t.Errorf("%s: got %v, want %s", c.name, err, c.code)
		}
	}
}

// The last of several senders is the only bad one.
func TestNoSenderIsPreferred(t *testing.T) {
	l := read(t, "From: a@police.example\nSubject: x\nFrom: b@police.example\nfrom: evil@elsewhere.example\n\nx")
	var got []string
	for _, s := range l.Senders {
		got = append(got, s.Address)
	}
	if d := cmp.Diff([]string{"a@police.example", "b@police.example", "evil@elsewhere.example"}, got); d != "" {
		t.Error(d)
	}
	for _, want := range []string{"mail.duplicate", "mail.several_senders"} {
		if !l.Has(want) {
			t.Errorf("no remark %s", want)
		}
	}
}

func TestTricksOfSendersAreRemarkedOn(t *testing.T) {
	for _, c := range []struct{ name, header, code string }{
		{"another address as name", "From: \"chief@police.example\" <x@evil.example>", "mail.name_address"},
		{"another address as encoded name", "From: =?utf-8?q?chief=40police=2Eexample?= <x@evil.example>", "mail.name_address"},
		{"a wide at sign", "From: =?utf-8?q?chief=EF=BC=A0police=2Eexample?= <x@evil.example>", "mail.name_address"},
		{"a hidden line end", "From: =?utf-8?q?Chief=0D=0ABcc:_x?= <x@police.example>", "mail.hidden_line"},
		{"a hidden line end in the subject", "From: x@police.example\nSubject: =?utf-8?b?" + base64.StdEncoding.EncodeToString([]byte("a\r\nFrom: y@police.example")) + "?=", "mail.hidden_line"},
		{"text that runs backwards", "From: x@police.example\nSubject: =?utf-8?q?=E2=80=AEdesrever?=", "mail.hidden_line"},
		{"answers elsewhere", "From: x@police.example\nReply-To: x@police-example.example", "mail.reply_elsewhere"},
		{"only the last answer elsewhere", "From: x@police.example\nReply-To: a@police.example, b@police.example, c@evil.example", "mail.reply_elsewhere"},
		{"sent by another", "From: x@police.example\nSender: y@evil.example", "mail.sender_elsewhere"},
		{"the name of a domain in front of another", "From: x@police.example.evil.example", "mail.domain_like"},
		{"one letter changed", "From: x@po1ice.example", "mail.domain_like"},
		{"two letters for one", "From: x@rninistry-of-justice.example", "mail.domain_like"},
		{"letters swapped", "From: x@polcie.example", "mail.domain_like"},
		{"a letter left out", "From: x@polic.example", "mail.domain_like"},
		{"a hyphen left out", "From: x@ministryof-justice.example", "mail.domain_like"},
		{"Cyrillic", "From: x@p\u043elice.example", "mail.domain_like"},
		{"Cyrillic, encoded", "From: x@xn--plice-jye.example", "mail.domain_like"},
		{"the Kelvin sign", "From: x@\u212a.example", "mail.domain_encoded"},
		{"a dot of another script", "From: x@police\u3002example", "mail.domain_encoded"},
		{"nobody", "Subject: x", "mail.no_sender"},
		{"nobody at all", "From: \nSubject: x", "mail.no_sender"},
		{"no address", "From: the police", "mail.address"},
		{"an unclosed address", "From: \"x <a@police.example>", "mail.address"},
		{"no date", "From: x@police.example\nDate: yesterday", "mail.date"},
		{"two dates", "From: x@police.example\nDate: Mon, 14 Sep 2026 15:10:00 +0100\nDate: Mon, 14 Sep 2026 15:10:00 +0100", "mail.duplicate"},
		{"a claim of ours", "From: x@police.example\nAuthentication-Results: mx.nordwind.example; dkim=pass header.d=police.example", "mail.claim"},
		{"a claim of somebody else", "From: x@police.example\nAuthentication-Results: mx.police.example; dkim=pass header.d=police.example", "mail.claim_elsewhere"},
		{"a signature", "From: x@police.example\nDKIM-Signature: v=1; a=rsa-sha256; d=police.example; b=AAAA", "mail.signed_by_domain"},
		{"a line that is no field", "From: x@police.example\nno field at all\nSubject: x", "mail.field_broken"},
	} {
		l := read(t, c.header+"\n\nbody\n")
		if !l.Has(c.code) {
			t.Errorf("%s: no %s in %v", c.name, c.code, codes(l))
		}
		for _, m := range slices.Concat(l.Senders, l.Recipients) {
			if strings.ContainsAny(m.Name+m.Stated+m.Address+l.Subject, "\r\n\u202e\x00") {
				t.Errorf("%s: %+v holds what cannot be seen", c.name, m)
			}
		}
	}
}

func TestAnOrdinaryDomainLooksLikeNone(t *testing.T) {
	for _, d := range []string{"police.example", "north.police.example", "POLICE.EXAMPLE", "nordwind.example", "court.example", ""} {
		if got := mail.LooksLike(d, house.Known); got != "" {
			t.Errorf("%s looks like %s", d, got)
		}
	}
}

func TestAClaimIsRecordedAndNothingFollowsFromIt(t *testing.T) {
	l := read(t, "Authentication-Results: mx.nordwind.example;\n dkim=pass header.d=police.example\n"+plain)
	want := []mail.Claim{{Field: "Authentication-Results", By: "mx.nordwind.example", Says: "mx.nordwind.example; dkim=pass header.d=police.example"}}
	if d := cmp.Diff(want, l.Claims); d != "" {
		t.Error(d)
	}
	bare := read(t, plain)
	l.Claims, l.Remarks, l.SHA256, l.Size = nil, nil, bare.SHA256, bare.Size
	if d := cmp.Diff(bare, l); d != "" {
		t.Errorf("the claim changed the letter: %s", d)
	}
}

func multipart(parts ...string) string {
	return "From: x@police.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b1\n\npreamble\n--b1\n" + strings.Join(parts, "\n--b1\n") + "\n--b1--\n"
}

func TestAttachmentsKeepTheirBytes(t *testing.T) {
	latin := []byte("caf\xe9 \x00\xff")
	pdf := []byte("%PDF-1.7\nnot really\n%%EOF\n")
	l := read(t, multipart(
		"Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe",
		"Content-Type: text/plain; charset=iso-8859-1; name=notes.txt\nContent-Disposition: attachment; filename=notes.txt\nContent-Transfer-Encoding: base64\n\n"+base64.StdEncoding.EncodeToString(latin),
		"Content-Type: application/pdf; name=\"../../order.pdf\"\nContent-Transfer-Encoding: base64\n\n"+base64.StdEncoding.EncodeToString(pdf),
		"Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"=?utf-8?q?letter=E2=80=AEfdp=2Eexe?=\"\nContent-Transfer-Encoding: base64\n\n"+base64.StdEncoding.EncodeToString([]byte("MZ\x90\x00\x03"))))
	if l.Text != "Grüße" {
		t.Errorf("text %q", l.Text)
	}
	if len(l.Attachments) != 3 {
		t.Fatalf("%d attachments", len(l.Attachments))
	}
	for i, want := range [][]byte{latin, pdf, []byte("MZ\x90\x00\x03")} {
		a := l.Attachments[i]
		if !bytes.Equal(a.Bytes, want) || a.SHA256 != sha256.Sum256(want) {
			t.Errorf("attachment %d is %q, want %q", i, a.Bytes, want)
		}
	}
	if a := l.Attachments[1]; a.Name != "order.pdf" || a.Kind != paper.PDF || a.Stated != "application/pdf" {
		t.Errorf("%+v", a.Paper)
	}
	if a := l.Attachments[2]; a.Kind != paper.Program || !a.Paper.Has("paper.not_as_stated") || !a.Paper.Has("paper.program") || !a.Paper.Has("paper.name_changed") {
		t.Errorf("%+v", a.Paper)
	}
}

func TestBothTextsAreGivenWhereThereAreTwo(t *testing.T) {
	l := read(t, "From: x@police.example\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nOne account.\n--b\nContent-Type: text/html\n\n<p>All <b>accounts</b>.<script>x()</script></p>\n--b--\n")
	if l.Text != "One account." || l.Layout != "All accounts." || !l.Has("mail.alternatives") || !l.Has("paper.active") {
		t.Errorf("%q, %q, %v", l.Text, l.Layout, codes(l))
	}
}

func TestAMailThatCannotBeTakenApartKeepsItsText(t *testing.T) {
	deep := "From: x@police.example\nContent-Type: multipart/mixed; boundary=b0\n\n"
	for i := range 60 {
		deep += fmt.Sprintf("--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n", i, i+1)
	}
	for _, c := range []struct{ name, text, code, holds string }{
		{"no boundary", "From: x@police.example\nContent-Type: multipart/mixed\n\nwords\n", "", "words"},
		{"a boundary that never comes", "From: x@police.example\nContent-Type: multipart/mixed; boundary=never\n\nwords\n", "", "words"},
		{"sixty bodies deep", deep + "words\n", "mail.multiparts", ""},
		{"more parts than a mail has", multipart(strings.Repeat("\n\n--b1\n", 30_000)), "mail.body_unreadable", "preamble"},
		{"many parts", multipart(strings.Repeat("Content-Type: application/x-nothing\n\nx\n--b1\n", 5000)), "mail.attachments_cut", ""},
		{"a broken transfer encoding", multipart("Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nd29yZHM=!!!\x00"), "", "words"},
		{"an unknown character set", "From: x@police.example\nContent-Type: text/plain; charset=klingon\n\nwords\n", "paper.encoding", "words"},
		{"text after the parts", multipart("Content-Type: text/plain\n\nwords") + "and also\n", "mail.outside", "words"},
		{"a header without end", "From: x@police.example\nX: " + strings.Repeat("y", 300<<10) + "\n\nwords", "mail.header_cut", ""},
	} {
		start := time.Now()
		l := read(t, c.text)
		if c.code != "" && !l.Has(c.code) {
			t.Errorf("%s: no %s in %v", c.name, c.code, codes(l))
		}
		if !strings.Contains(l.Text, c.holds) {
			t.Errorf("%s: the text is %q", c.name, l.Text)
		}
		if spent := time.Since(start); spent > 20*time.Second {
			t.Errorf("%s took %v", c.name, spent)
		}
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	l, err := mail.Read(ctx, []byte(multipart("Content-Type: text/plain\n\nwords")), house)
	if err != nil || !l.Has("mail.interrupted") || !strings.Contains(l.Text, "words") {
		t.Errorf("%+v, %v", l, err)
	}
}

func TestEveryRemarkHasASentence(t *testing.T) {
	for code, says := range mail.Remarks {
		if !strings.HasPrefix(code, "mail.") || !strings.HasSuffix(says, ".") {
			t.Errorf("%s: %q", code, says)
		}
	}
}

// Whatever stands around them, an attachment's bytes come back as they were.
func TestNoAttachmentIsLostOrChanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		files := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 1, 300), 1, 6).Draw(t, "files")
		text := "From: x@police.example\r\nContent-Type: multipart/mixed; boundary=\"=_x\"\r\n\r\n"
		for i, f := range files {
			text += fmt.Sprintf("--=_x\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=f%d\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n",
				i, base64.StdEncoding.EncodeToString(f))
		}
		l, err := mail.Read(context.Background(), []byte(text+"--=_x--\r\n"), mail.Options{})
		if err != nil || len(l.Attachments) != len(files) {
			t.Fatalf("%d of %d, %v", len(l.Attachments), len(files), err)
		}
		for i, f := range files {
			if !bytes.Equal(l.Attachments[i].Bytes, f) || l.Attachments[i].Name != fmt.Sprintf("f%d", i) {
				t.Fatalf("file %d came back as %q", i, l.Attachments[i].Bytes)
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{plain, multipart("Content-Type: text/plain\n\nwords", "Content-Type: message/rfc822\n\nFrom: a@b\n\nx"),
		"From: =?utf-8?q?=0D=0A?= <a@b>\nFrom: c@d\n\nx", "From: a@b\nContent-Type: text/html; charset=utf-16\n\n<p onclick=x>\xff",
		"From: a@b\nContent-Type: multipart/mixed; boundary=\"=?utf-8?q?b?=\"\n\n--b\n\n--b--\n", "From: \u212a@\u3002\nDate: 31 Feb 2026\n\n",
		"From a\nFrom: a@b\n\tfolded\nContent-Type: multipart/mixed; boundary*0=a; boundary*1=b\n\n--ab\nContent-Type: multipart/x; boundary=ab\n\n--ab--"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		l, err := mail.Read(ctx, b, house)
		if err != nil {
			return
		}
		for _, s := range []string{l.Subject, l.MessageID, l.Stated} {
			if strings.ContainsAny(s, "\r\n\x00\u202e") {
				t.Errorf("%q is not inert", s)
			}
		}
		for _, s := range slices.Concat(l.Senders, l.Recipients) {
			if strings.ContainsAny(s.Stated+s.Name+s.Address+s.Domain, "\r\n\x00\u202e") {
				t.Errorf("%+v is not inert", s)
			}
		}
		if _, u := paper.Inert(l.Text+l.Layout, 4*paper.MaxText); u != (paper.Unseen{}) {
			t.Errorf("the text is not inert: %+v", u)
		}
		if len(l.Attachments) > mail.MaxAttachments || len(l.Text) > paper.MaxText {
			t.Error("a bound does not hold")
		}
		for _, r := range l.Remarks {
			if mail.Says(r) == "" {
				t.Errorf("%s has no sentence", r.Code)
			}
		}
		again, err := mail.Read(ctx, b, house)
		if err != nil || ctx.Err() == nil && !cmp.Equal(l, again) {
			t.Errorf("read twice, it is another letter: %v", err)
		}
	})
}

func TestALargeMailIsReadInBoundedTime(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 60 MiB")
	}
	deep := "From: x@police.example\nContent-Type: multipart/mixed; boundary=b0\n\n"
	for i := range 11 {
		deep += fmt.Sprintf("--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n", i, i+1)
	}
	start := time.Now()
	l, err := mail.Read(context.Background(), []byte(deep+strings.Repeat("some words\n", 60<<20/11)), house)
	if spent := time.Since(start); err != nil || !l.Has("mail.multiparts") || spent > 90*time.Second {
		t.Errorf("%v, %v after %v", err, codes(l), spent)
	}
}

func TestTheTopTraceAndTheSendersDateAreGivenAsStated(t *testing.T) {
	const text = "Received: from out.police.example by mx.nordwind.example;\r\n Mon, 14 Sep 2026 10:02:11 +0200\r\n" +
		"Received: from desk by out.police.example; Sat, 1 Jan 2000 00:00:00 +0000\r\n" +
		"From: a@police.example\r\nDate: Fri, 11 Sep 2026 09:00:00 +0100\r\n\r\nhello\r\n"
	l, err := mail.Read(t.Context(), []byte(text), mail.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if l.Received != "from out.police.example by mx.nordwind.example; Mon, 14 Sep 2026 10:02:11 +0200" {
		t.Errorf("the top trace is %q", l.Received)
	}
	if l.Stated != "Fri, 11 Sep 2026 09:00:00 +0100" {
		t.Errorf("the sender's date is %q", l.Stated)
	}
}
