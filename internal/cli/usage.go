package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"counterseal/internal/problem"
)

// ExitUsage is the exit code for a command line that cannot be understood.
const ExitUsage = 2

// usage marks an error of the command line itself.
type usage struct{ error }

func (u usage) Unwrap() error { return u.error }

func usagef(format string, args ...any) error { return usage{fmt.Errorf(format, args...)} }

// missingFlag says which flags the command cannot do without.
func missingFlag(which string) error { return usagef("add %s", which) }

// exactly asks for n words after a command's name.
func exactly(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == n {
			return nil
		}
		return usagef("%s follow this command's name, not %d: %s", count(n), len(args), c.UseLine())
	}
}

func none(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usagef("no word follows this command's name, but %q does", args[0])
}

func count(n int) string {
	if n == 1 {
		return "one word must"
	}
	return fmt.Sprintf("%d words must", n)
}

// group makes a command that only holds others: alone it prints its help, and a
// word that is no command of it is an error.
func group(c *cobra.Command) *cobra.Command {
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return usagef("%q has no command %q%s", c.CommandPath(), args[0], nearest(c, args[0]))
	}
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	return c
}

func nearest(c *cobra.Command, word string) string {
	if c.SuggestionsMinimumDistance <= 0 {
		c.SuggestionsMinimumDistance = 2
	}
	near := c.SuggestionsFor(word)
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}

// flagError says in our words what the flag library found.
func flagError(_ *cobra.Command, err error) error {
	var value *pflag.InvalidValueError
	var absent *pflag.NotExistError
	var empty *pflag.ValueRequiredError
	switch {
	case errors.As(err, &value):
		return usagef("--%s takes %s, not %q", value.GetFlag().Name, taken[value.GetFlag().Value.Type()], value.GetValue())
	case errors.As(err, &absent):
		return usagef("there is no flag %s", strings.Repeat("-", 1+min(1, len(absent.GetSpecifiedName())-1))+absent.GetSpecifiedName())
	case errors.As(err, &empty):
		return usagef("a value must follow --%s", empty.GetFlag().Name)
	}
	return usage{err}
}

// taken says what flags of a type take.
var taken = map[string]string{"bool": "true or false", "int": "a whole number", "string": "a word", "stringArray": "a word"}

// usageTemplate is what --help prints after a command's own words.
const usageTemplate = `Usage:
  {{if .HasAvailableSubCommands}}{{.CommandPath}} COMMAND{{else}}{{.UseLine}}{{end}}
{{- if .HasExample}}

For example:
{{.Example}}{{end}}
{{- if .HasAvailableSubCommands}}{{$all := .Commands}}{{range .Groups}}{{$id := .ID}}

{{.Title}}:{{range $all}}{{if and (eq .GroupID $id) .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{else}}

Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{end}}
{{- if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}
{{- if .HasAvailableInheritedFlags}}

Flags of every command:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}
{{- if .HasAvailableSubCommands}}

More about one: {{.CommandPath}} COMMAND --help{{end}}
`

// usageProblem is err as a problem, if the command line itself is at fault.
func usageProblem(err error) (*problem.Error, bool) {
	var u usage
	if !errors.As(err, &u) && !fromCobra(err) {
		return nil, false
	}
	return problem.New(problem.Invalid, "cli.usage", "%s", together(err)), true
}

// fromCobra recognises the errors that cobra makes itself, which have no type.
func fromCobra(err error) bool {
	var p *problem.Error
	return !errors.As(err, &p) && strings.HasPrefix(err.Error(), "if any flags in the group")
}

// together says in our words that flags exclude each other. Cobra's own message
// is a list in brackets.
func together(err error) string {
	_, rest, ok := strings.Cut(err.Error(), "; [")
	set, _, ok2 := strings.Cut(rest, "] were all set")
	if !ok || !ok2 {
		return err.Error()
	}
	return "give only one of --" + strings.Join(strings.Fields(set), ", --")
}
