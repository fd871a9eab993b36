package objects

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"counterseal/internal/gate/source"
	"counterseal/internal/problem"
)

// A listing is an answer to ListObjectsV2.
type listing struct {
	XMLName   xml.Name `xml:"ListBucketResult"`
	Encoding  string   `xml:"EncodingType"`
	Truncated bool     `xml:"IsTruncated"`
	Next      string   `xml:"NextContinuationToken"`
	Contents  []struct {
		Key      string `xml:"Key"`
		Modified string `xml:"LastModified"`
		ETag     string `xml:"ETag"`
		Size     string `xml:"Size"`
	} `xml:"Contents"`
}

// bucket gives the files under a prefix, and lists them again when it has.
func (p *pass) bucket(prefix string) error {
	found, before, err := p.list(prefix, p.give, p.gap)
	if err != nil {
		return err
	}
	if found == 0 {
		return source.Unknown(p.query.Account)
	}
	_, after, err := p.list(prefix, func(file) error { return p.ctx.Err() }, func(source.Gap) error { return nil })
	if err != nil {
		return err
	}
	if before != after {
		return p.changed(prefix)
	}
	return nil
}

// list goes through the pages under a prefix, and gives how many objects there are
// and a digest of what was listed.
func (p *pass) list(prefix string, give func(file) error, gap func(source.Gap) error) (found int, digest string, err error) {
	h := sha256.New()
	token := ""
	for pages := 1; ; pages++ {
		l, err := p.page(prefix, token, 1000)
		if err != nil {
			return 0, "", err
		}
		for _, c := range l.Contents {
			found++
			err := p.object(l, prefix, c.Key, c.Size, c.Modified, c.ETag, h, give, gap)
			if err != nil {
				return 0, "", err
			}
		}
		switch {
		case !l.Truncated && l.Next != "":
			return 0, "", p.protocol(prefix, "a list that has ended and goes on")
		case !l.Truncated:
			return found, hex.EncodeToString(h.Sum(nil)), nil
		case l.Next == "" || l.Next == token || len(l.Contents) == 0:
			return 0, "", p.protocol(prefix, "a list that does not go on")
		case pages == p.limits.pages:
			return 0, "", problem.New(problem.Invalid, "source.too_large", "the list of one account has more than %d pages", p.limits.pages).At("%s", p.shown(prefix))
		}
		token = l.Next
	}
}

// object reads one entry of a list. One that stands for the folder itself, or for a
// folder in it, is no file.
func (p *pass) object(l listing, prefix, key, size, modified, tag string, h io.Writer, give func(file) error, gap func(source.Gap) error) error {
	if l.Encoding == "url" {
		plain, err := url.QueryUnescape(key)
		if err != nil {
			return p.protocol(prefix, "key %.200q", key)
		}
		key = plain
	}
	name, ours := strings.CutPrefix(key, prefix)
	if !ours || len(key) > maxName {
		return p.protocol(prefix, "key %.200q is not in the folder that was asked for", key)
	}
	f := file{path: "/" + p.cfg.Bucket + "/" + key, name: name, tag: tag}
	var err error
	f.size, err = strconv.ParseInt(size, 10, 64)
	if err != nil || f.size < 0 {
		return p.protocol(key, "size %.40q", size)
	}
	f.at, err = time.Parse(time.RFC3339, modified)
	if err != nil {
		return p.protocol(key, "date %.60q", modified)
	}
	fmt.Fprintf(h, "%d %s %d %d %s\n", len(key), key, f.size, f.at.UnixMilli(), tag)
	if name == "" || strings.HasSuffix(name, "/") && f.size == 0 {
		return nil
	}
	if !askable(name) || l.Encoding != "url" && strings.ContainsRune(name, utf8.RuneError) {
		return gap(source.Gap{Place: p.shown(key), Reason: gapName})
	}
	return give(f)
}

// page asks for one page of a list.
func (p *pass) page(prefix, token string, most int) (l listing, err error) {
	err = p.try(func() (err error) {
		l, err = p.askPage(prefix, token, most)
		return err
	})
	return l, err
}

func (p *pass) askPage(prefix, token string, most int) (l listing, err error) {
	query := ""
	if token != "" {
		query = "continuation-token=" + encode(token, false) + "&"
	}
	query += fmt.Sprintf("encoding-type=url&list-type=2&max-keys=%d&prefix=%s", most, encode(prefix, false)) // sorted, as the signature has it
	path := "/" + p.cfg.Bucket
	res, err := p.ask(http.MethodGet, path, query, "", nil)
	if err != nil {
		return l, err
	}
	if res.StatusCode != http.StatusOK {
		res.Body.Close()
		return l, p.status(path, res)
	}
	err = p.limited(prefix, res, func(in io.Reader) error { return decode(in, &l) })
	if err == nil && len(l.Contents) > most {
		err = p.protocol(prefix, "a page of %d", len(l.Contents))
	}
	return l, err
}

// decode reads one list, behind whose root nothing else is listed.
func decode(in io.Reader, l *listing) error {
	d := xml.NewDecoder(in)
	err := d.Decode(l)
	for err == nil {
		var t xml.Token
		t, err = d.Token()
		if _, more := t.(xml.StartElement); more {
			return fmt.Errorf("%w: a second root", errForm)
		}
	}
	if err == io.EOF && l.XMLName.Local != "" {
		return nil
	}
	return err
}

// emptySHA256 is the digest of a request without a body.
const emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// sign adds the signature, version 4, of a request without a body.
func (p *pass) sign(r *http.Request) {
	now := time.Now().UTC()
	day, stamp := now.Format("20060102"), now.Format("20060102T150405Z")
	r.Header.Set("X-Amz-Date", stamp)
	r.Header.Set("X-Amz-Content-Sha256", emptySHA256)
	canonical := strings.Join([]string{r.Method, r.URL.EscapedPath(), r.URL.RawQuery,
		"host:" + r.URL.Host, "x-amz-content-sha256:" + emptySHA256, "x-amz-date:" + stamp, "",
		"host;x-amz-content-sha256;x-amz-date", emptySHA256}, "\n")
	sum := sha256.Sum256([]byte(canonical))
	within := day + "/" + p.cfg.Region + "/s3/aws4_request"
	key := []byte("AWS4" + p.secret)
	for _, part := range []string{day, p.cfg.Region, "s3", "aws4_request", "AWS4-HMAC-SHA256\n" + stamp + "\n" + within + "\n" + hex.EncodeToString(sum[:])} {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(part))
		key = m.Sum(nil)
	}
	r.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=%x", p.cfg.User, within, key))
}
