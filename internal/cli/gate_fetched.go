package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"

	"counterseal/internal/app"
	"counterseal/internal/evidence/release"
	"counterseal/internal/problem"
)

// fetchAll fetches the package, in the one of its forms that it has, and what proves it.
func fetchAll(ctx context.Context, o *app.Office, id, by, to string) (files []string, err error) {
	files = slices.Clone(release.Files[:])
	for _, form := range release.Packages {
		files[0] = form
		err = fetchOne(ctx, o, id, form, by, filepath.Join(to, form))
		if problem.Code(err) != "gate.no_file" {
			break
		}
	}
	for _, name := range files[1:] {
		if err != nil {
			break
		}
		err = fetchOne(ctx, o, id, name, by, filepath.Join(to, name))
	}
	return files, err
}

func fetchOne(ctx context.Context, o *app.Office, id, name, by, path string) error {
	r, _, err := o.Desk().Fetch(ctx, id, name, by)
	if err != nil {
		return err
	}
	defer r.Close()
	return saveWhole(r, path)
}

// saveWhole writes a file, or none: a part of a package, which a stop cut off, is not
// left under its name.
func saveWhole(r io.Reader, path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return problem.New(problem.Unavailable, "cli.output", "the file could not be written").At("%s", path).Because(err)
	}
	_, err = io.Copy(f, r)
	if err := errors.Join(err, f.Close()); err != nil {
		os.Remove(path)
		if problem.Code(err) != "internal.unexpected" {
			return err
		}
		return problem.New(problem.Unavailable, "cli.output", "the file could not be written whole").At("%s", path).Because(err)
	}
	return nil
}
