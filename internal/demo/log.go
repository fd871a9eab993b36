package demo

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
)

// OpenLog opens the folder's own log, in which each refusal is a line, beside what
// else is to hear of it; nil: nothing. Whoever opened it closes it.
func OpenLog(dir string, beside slog.Handler) (*slog.Logger, io.Closer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, stageProblem(err)
	}
	f, err := os.OpenFile(LogFile(dir), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, stageProblem(err)
	}
	h := slog.Handler(slog.NewJSONHandler(f, nil))
	if beside != nil {
		h = slog.NewMultiHandler(h, beside)
	}
	return slog.New(h), f, nil
}

// LogFile is where a demo's folder has its log.
func LogFile(dir string) string { return filepath.Join(dir, "log.jsonl") }
