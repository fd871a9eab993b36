package paper

import (
	"archive/zip"
	"bytes"
	"strings"
)

// maxMembers bounds how many members of an archive are looked at.
const maxMembers = 10_000

// maxRatio is how many times its size an archive may claim to unpack to before it
// is remarked on.
const maxRatio = 200

// zipKind tells office files from other archives by the names inside.
func zipKind(b []byte) (Kind, string) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if z == nil || err != nil && len(z.File) == 0 {
		return Archive, "application/zip"
	}
	has := func(prefix string) bool {
		for _, f := range z.File[:min(len(z.File), maxMembers)] {
			if strings.HasPrefix(f.Name, prefix) {
				return true
			}
		}
		return false
	}
	const ooxml = "application/vnd.openxmlformats-officedocument."
	switch {
	case has("word/document"):
		return Office, ooxml + "wordprocessingml.document"
	case has("xl/workbook"):
		return Office, ooxml + "spreadsheetml.sheet"
	case has("ppt/presentation"):
		return Office, ooxml + "presentationml.presentation"
	case has("META-INF/manifest.xml") && has("content.xml"):
		return Office, "application/vnd.oasis.opendocument"
	}
	return Archive, "application/zip"
}

// zipRemarks reads the list of an archive and unpacks nothing.
func zipRemarks(b []byte, out *remarks) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if z == nil || err != nil && len(z.File) == 0 {
		return
	}
	seen, size := map[string]bool{}, uint64(0)
	for i, f := range z.File {
		if i >= maxMembers {
			out.add("paper.zip_size", "")
			break
		}
		name := strings.ToLower(strings.ReplaceAll(f.Name, `\`, "/"))
		if seen[name] || strings.HasPrefix(name, "/") || strings.Contains("/"+name+"/", "/../") || len(name) > 1 && name[1] == ':' {
			out.add("paper.zip_names", "")
		}
		seen[name] = true
		if size += f.UncompressedSize64; size < f.UncompressedSize64 || size > maxRatio*uint64(len(b)) {
			out.add("paper.zip_size", "")
			size = 0
		}
		if strings.HasSuffix(name, "vbaproject.bin") {
			out.add("paper.macro", "")
		}
	}
}
