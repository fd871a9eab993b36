package blob

import (
	"context"
	"crypto/sha256"

	"counterseal/internal/problem"
)

// Max is the most bytes that a blob may hold.
const Max = 64 << 20

// Address is the SHA-256 of a blob.
type Address = [sha256.Size]byte

func acceptable(ctx context.Context, b []byte) error {
	if len(b) > Max {
		return problem.New(problem.Invalid, "blob.too_large", "a document has at most %d MiB", Max>>20).Fix("divide it")
	}
	if err := ctx.Err(); err != nil {
		return unavailable(err)
	}
	return nil
}

func missing() *problem.Error {
	return problem.New(problem.Missing, "blob.missing", "a document is not where it was put").
		Fix("restore the documents' directory from its backup")
}

func corrupt() *problem.Error {
	return problem.New(problem.Unverified, "blob.corrupt", "a document was changed after it was put").
		Fix("restore the documents' directory from its backup")
}

func unavailable(cause error) *problem.Error {
	return problem.New(problem.Unavailable, "blob.unavailable", "documents cannot be stored or read now").
		Fix("see that their disk has room and can be written, then try again").Because(cause)
}
