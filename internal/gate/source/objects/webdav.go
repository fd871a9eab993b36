package objects

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"

	"counterseal/internal/gate/source"
	"counterseal/internal/problem"
)

const propfind = `<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/><getlastmodified/><getetag/></prop></propfind>`

// An entry is one response of a multistatus.
type entry struct {
	Href   string `xml:"DAV: href"`
	Status string `xml:"DAV: status"`
	Stats  []struct {
		Status string `xml:"DAV: status"`
		Prop   struct {
			Length     string `xml:"DAV: getcontentlength"`
			Modified   string `xml:"DAV: getlastmodified"`
			ETag       string `xml:"DAV: getetag"`
			Collection *struct {
				Is *struct{} `xml:"DAV: collection"`
			} `xml:"DAV: resourcetype"`
		} `xml:"DAV: prop"`
	} `xml:"DAV: propstat"`
}

// A member is what a collection holds.
type member struct {
	file
	folder bool
	failed bool
}

func (p *pass) base() string {
	if p.cfg.Base == "" {
		return "/"
	}
	return "/" + p.cfg.Base + "/"
}

func (p *pass) probeDAV() error {
	_, _, err := p.members(p.base(), "")
	if problem.Code(err) == "source.unknown_account" {
		return problem.New(problem.Unavailable, "source.unreadable", "the store's server has no such base").At("%s", p.shown(p.base()))
	}
	return err
}

// collection gives the files of an account's folder.
func (p *pass) collection(folder string) error {
	return p.folder(p.base()+folder+"/", "", 0)
}

// folder gives the files of a folder and of those in it; name is that of the folder
// below the account's own, with a slash at its end, or "".
func (p *pass) folder(path, name string, depth int) error {
	inner, before, err := p.filesOf(path, name, depth)
	if err != nil {
		return err
	}
	for _, m := range inner {
		err := p.folder(m.path+"/", m.name+"/", depth+1)
		if err != nil {
			return err
		}
	}
	_, after, err := p.members(path, name)
	if err != nil {
		return err
	}
	if before != after {
		return p.changed(path)
	}
	return nil
}

// filesOf gives the files of a folder, and the folders in it: all that is kept of its
// list while these are read, and counted when it is kept.
func (p *pass) filesOf(path, name string, depth int) (inner []member, list string, err error) {
	all, list, err := p.members(path, name)
	if err != nil && name != "" && problem.Code(err) == "source.unknown_account" {
		return nil, "", p.changed(path)
	}
	if err != nil {
		return nil, "", err
	}
	for _, m := range all {
		switch {
		case m.failed:
			err = p.gap(source.Gap{Place: p.shown(m.path), Reason: gapList})
		case !askable(m.name) || strings.Contains(m.path[len(path):], "/"):
			err = p.gap(source.Gap{Place: p.shown(m.path), Reason: gapName})
		case m.folder && depth == maxDepth:
			err = p.gap(source.Gap{Place: p.shown(m.path), Reason: gapDeep})
		case m.folder:
			inner = append(inner, m)
		default:
			err = p.give(m.file)
		}
		if err != nil {
			return nil, "", err
		}
	}
	p.folders += len(inner)
	if p.folders > p.limits.folders {
		return nil, "", problem.New(problem.Invalid, "source.too_large", "an account has more than %d folders", p.limits.folders).At("%s", p.shown(path))
	}
	return inner, list, nil
}

// members lists a folder in the order of names' bytes, with a digest of the list.
// Code: also source.unknown_account, where the folder is not there.
func (p *pass) members(path, name string) (out []member, digest string, err error) {
	err = p.try(func() (err error) {
		out, digest, err = p.askMembers(path, name)
		return err
	})
	return out, digest, err
}

func (p *pass) askMembers(path, name string) (out []member, digest string, err error) {
	err = p.ctx.Err()
	if err != nil {
		return nil, "", err
	}
	res, err := p.ask("PROPFIND", path, "", propfind, map[string]string{"Depth": "1", "Content-Type": "application/xml; charset=utf-8"})
	if err != nil {
		return nil, "", err
	}
	switch res.StatusCode {
	case http.StatusMultiStatus:
	case http.StatusNotFound:
		res.Body.Close()
		return nil, "", source.Unknown(p.query.Account)
	default:
		res.Body.Close()
		return nil, "", p.status(path, res)
	}
	itself := false
	err = p.limited(path, res, func(in io.Reader) error {
		return entries(in, func(e entry) error {
			m, own, err := p.member(path, name, e)
			switch {
			case err != nil:
				return err
			case own && !m.folder:
				return problem.New(problem.Invalid, "source.not_a_file", "this is not a folder").At("%s", p.shown(path))
			case own:
				itself = true
				return nil
			}
			out = append(out, m)
			if len(out) > p.limits.entries {
				return problem.New(problem.Invalid, "source.too_large", "a folder holds more than %d names", p.limits.entries).At("%s", p.shown(path))
			}
			return nil
		})
	})
	if err != nil {
		return nil, "", err
	}
	if !itself {
		return nil, "", p.protocol(path, "the folder that was asked for is not in the list")
	}
	sort.Slice(out, func(i, j int) bool { return out[i].path < out[j].path })
	h := sha256.New()
	for i, m := range out {
		if i > 0 && m.path == out[i-1].path {
			return nil, "", p.protocol(m.path, "a name twice")
		}
		fmt.Fprintf(h, "%d %s %t %t", len(m.path), m.path, m.folder, m.failed)
		if !m.folder { // a folder's own time changes with what is in it, which is listed by itself
			fmt.Fprintf(h, " %d %d %s", m.size, m.at.Unix(), m.tag)
		}
		h.Write([]byte{'\n'})
	}
	return out, hex.EncodeToString(h.Sum(nil)), nil
}

// entries reads a multistatus, response by response. encoding/xml would read on behind
// the end of the root, where another one could list what this one does not.
func entries(in io.Reader, each func(entry) error) error {
	d := xml.NewDecoder(in)
	root, ended := false, false
	for {
		t, err := d.Token()
		if err == io.EOF && root {
			return nil
		}
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		start, ok := t.(xml.StartElement)
		_, end := t.(xml.EndElement)
		ended = ended || end // of the root: the others are read below
		switch {
		case !ok:
		case ended:
			return fmt.Errorf("%w: a second root", errForm)
		case !root:
			if start.Name.Local != "multistatus" || start.Name.Space != "DAV:" {
				return fmt.Errorf("%w: %.40q", errForm, start.Name.Local)
			}
			root = true
		case start.Name.Local == "response" && start.Name.Space == "DAV:":
			var e entry
			err := d.DecodeElement(&e, &start)
			if err != nil {
				return err
			}
			err = each(e)
			if err != nil {
				return err
			}
		default:
			err := d.Skip()
			if err != nil {
				return err
			}
		}
	}
}

// member reads one response. own says that it is the folder itself.
func (p *pass) member(path, name string, e entry) (m member, own bool, err error) {
	at, err := p.hrefPath(e.Href)
	if err != nil {
		return m, false, err
	}
	m.size = -1
	m.failed = e.Status != "" && !strings.Contains(e.Status, " 200")
	for _, s := range e.Stats {
		if !strings.Contains(s.Status, " 200") {
			// One that has the property and does not tell it may be a folder.
			m.failed = m.failed || s.Prop.Collection != nil && !strings.Contains(s.Status, " 404")
			continue
		}
		m.folder = m.folder || s.Prop.Collection != nil && s.Prop.Collection.Is != nil
		m.tag = s.Prop.ETag
		if s.Prop.Length != "" {
			m.size, err = strconv.ParseInt(strings.TrimSpace(s.Prop.Length), 10, 64)
			if err != nil || m.size < 0 {
				return m, false, p.protocol(at, "length %.40q", s.Prop.Length)
			}
		}
		if s.Prop.Modified != "" {
			m.file.at, err = http.ParseTime(s.Prop.Modified)
			if err != nil {
				return m, false, p.protocol(at, "date %.60q", s.Prop.Modified)
			}
		}
	}
	if len(at) > maxName*3 {
		return m, false, p.protocol(path, "a name of %d bytes", len(at))
	}
	last := strings.TrimSuffix(at, "/")
	if last == strings.TrimSuffix(path, "/") {
		m.path = path
		return m, true, nil
	}
	rest, ours := strings.CutPrefix(last, path)
	if !ours || rest == "" {
		return m, false, p.protocol(path, "%.200q is not in the folder that was asked for", at)
	}
	m.path, m.name = last, name+rest
	return m, false, nil
}

// hrefPath gives the path of an href, which names this server or none. A slash that
// was escaped in a name makes a path with another segment, which is not asked for.
func (p *pass) hrefPath(href string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(href))
	if err != nil || u.RawQuery != "" || u.Fragment != "" || u.Host != "" && u.Host != p.cfg.Server.Address || !strings.HasPrefix(u.Path, "/") {
		return "", p.protocol(p.base(), "href %.200q", href)
	}
	return u.Path, nil
}
