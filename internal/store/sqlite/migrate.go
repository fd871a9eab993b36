package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"io/fs"
	"regexp"

	"counterseal/internal/problem"
)

//go:embed migrations/*.sql
var embedded embed.FS

var migrationName = regexp.MustCompile(`^\d{4}_[a-z_]+\.sql$`)

const (
	createMigrations = `CREATE TABLE IF NOT EXISTS migrations (name TEXT NOT NULL PRIMARY KEY, digest BLOB NOT NULL) STRICT`
	listMigrations   = `SELECT name, digest FROM migrations ORDER BY name`
	recordMigration  = `INSERT INTO migrations (name, digest) VALUES ($1, $2)`
)

// migrate applies the files of migrations/ that are not applied yet, in the
// order of their names, all in one transaction. Problem: store.migration.
func migrate(ctx context.Context, db *sql.DB, files fs.FS) error {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return unavailable(err)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return unavailable(err)
	}
	defer tx.Rollback()
	if _, err = tx.ExecContext(ctx, createMigrations); err != nil {
		return unavailable(err)
	}
	applied, err := appliedMigrations(ctx, tx)
	if err != nil {
		return err
	}
	for i, path := range names { // fs.Glob lists in order
		if err = step(ctx, tx, files, path, i, applied); err != nil {
			return err
		}
	}
	if len(applied) > len(names) {
		return refuse("the store was written by a newer version", applied[len(names)].name)
	}
	if err = tx.Commit(); err != nil {
		return unavailable(err)
	}
	return nil
}

type appliedMigration struct {
	name   string
	digest []byte
}

func appliedMigrations(ctx context.Context, tx *sql.Tx) ([]appliedMigration, error) {
	rows, err := tx.QueryContext(ctx, listMigrations)
	if err != nil {
		return nil, unavailable(err)
	}
	defer rows.Close()
	var out []appliedMigration
	for rows.Next() {
		var a appliedMigration
		if err = rows.Scan(&a.name, &a.digest); err != nil {
			return nil, unavailable(err)
		}
		out = append(out, a)
	}
	if err = rows.Err(); err != nil {
		return nil, unavailable(err)
	}
	return out, nil
}

// step compares the i-th file with the i-th applied migration, or applies it.
func step(ctx context.Context, tx *sql.Tx, files fs.FS, path string, i int, applied []appliedMigration) error {
	name := path[len("migrations/"):]
	text, err := fs.ReadFile(files, path)
	if err != nil || !migrationName.MatchString(name) {
		return refuse("a migration cannot be read", name)
	}
	digest := sha256.Sum256(text)
	if i < len(applied) {
		if applied[i].name != name || string(applied[i].digest) != string(digest[:]) {
			return refuse("a step that the store has taken is missing or different in this version", applied[i].name)
		}
		return nil
	}
	if _, err = tx.ExecContext(ctx, string(text)); err != nil {
		return refuse("a migration failed", name).Because(err)
	}
	if _, err = tx.ExecContext(ctx, recordMigration, name, digest[:]); err != nil {
		return unavailable(err)
	}
	return nil
}

func refuse(sentence, name string) *problem.Error {
	return problem.New(problem.Refused, "store.migration", "%s", sentence).At("%.80q", name).
		Fix("start the version that wrote this store, or a newer one")
}
