package cli

import (
	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/intake/paper/pdf"
)

// readPDFName is the command that the program starts itself with for each PDF: a
// process of its own, with limits of its own, that reads one and ends.
const readPDFName = "read-pdf"

func (s *session) readPDFCommand() *cobra.Command {
	return &cobra.Command{
		Use:    readPDFName,
		Short:  "Read one PDF from standard input, for the program itself",
		Hidden: true,
		Args:   none,
		RunE:   func(*cobra.Command, []string) error { return pdf.Serve(s.In, s.Out) },
	}
}

// servingOptions are how a command opens the folder that serves it until somebody stops
// it.
func (s *session) servingOptions() app.Options {
	o := s.officeOptions()
	o.Confine = s.Confine
	return o
}

// officeOptions are how every command opens the folder.
func (s *session) officeOptions() app.Options {
	o := app.Options{Log: s.log(), Random: s.Random}
	if s.Program != "" {
		o.PDF = pdf.Child(s.Program, readPDFName)
	}
	return o
}
