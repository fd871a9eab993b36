package identifier

import (
	"net/url"
	"strings"
	"unicode"
)

// readURL reads the address of a shared folder or a user's page. What is compared
// is host and path (RFC 3986 §6.2.2: case of the host, percent signs where none
// is needed); scheme, query, fragment and a slash at the end are not.
func readURL(s string) (Identifier, error) {
	if strings.ContainsFunc(s, unicode.IsSpace) || strings.ContainsRune(s, '\\') {
		return Identifier{}, malformed("a URL has no space and no backslash")
	}
	lower := lowerASCII(s)
	if !strings.HasPrefix(lower, "https://") && !strings.HasPrefix(lower, "http://") {
		if strings.Contains(strings.SplitN(s, "/", 2)[0], "@") || strings.Contains(s, "://") {
			return Identifier{}, malformed("a URL is of https or http")
		}
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return Identifier{}, malformed("this is no URL").Because(err)
	}
	if u.User != nil {
		return Identifier{}, malformed("what stands before an @ in a URL is not its host").Fix("ask which host is meant")
	}
	if p := u.Port(); u.Host != u.Hostname() && p != "80" && p != "443" {
		return Identifier{}, malformed("a URL of a folder or a page has no port of its own")
	}
	host, notes, err := readDomain(u.Hostname())
	if err != nil {
		return Identifier{}, err
	}
	if !strings.Contains(host, ".") {
		return Identifier{}, malformed("a URL begins with a host and its domain")
	}
	path, err := normalPath(u)
	if err != nil {
		return Identifier{}, err
	}
	if u.RawQuery != "" || u.Fragment != "" {
		notes = append(notes, "What follows ? or # in the URL was not compared.")
	}
	return Identifier{Normal: host + path, Notes: append(notes, beyondASCII(u.Path)...)}, nil
}

// normalPath writes each segment with the escapes that it needs and no others.
func normalPath(u *url.URL) (string, error) {
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	if path == "" {
		return "", nil
	}
	segments := strings.Split(path[1:], "/")
	for i, seg := range segments {
		plain, err := url.PathUnescape(seg)
		if err != nil {
			return "", malformed("this URL has an escape that is none").Because(err)
		}
		if plain == "" || plain == "." || plain == ".." {
			return "", ambiguous("programs take empty segments and dots out of a path, or do not").Fix("ask for the URL as the page shows it")
		}
		if _, bad := unprintable(plain); bad || strings.ContainsFunc(plain, unicode.IsControl) {
			return "", malformed("its path holds a character that cannot be seen")
		}
		segments[i] = url.PathEscape(plain)
	}
	return "/" + strings.Join(segments, "/"), nil
}
