// Package cli is the command line. A command reads its flags, calls one service and
// prints the result; each is in one file. Content goes to standard output, everything
// else to standard error.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// Exit codes.
const (
	ok       = 0
	failed   = 1
	misused  = 2
	rejected = 3 // an import was completed, but some records were rejected
)

// Run runs the command line and returns the exit code.
func Run(args []string, in io.Reader, out, errs io.Writer, version string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	if err := config.CheckFiles(); err != nil {
		return report(errs, err)
	}
	root := newRoot(version)
	root.Reader, root.Writer, root.ErrWriter = in, out, errs
	return report(errs, root.Run(ctx, args))
}

// newRoot returns the command line of the program.
func newRoot(version string) *cli.Command {
	root := &cli.Command{
		Name:  "tonggao",
		Usage: "通稿: a headless content API. One article, every terminal.",
		Commands: []*cli.Command{
			serveCommand(version), importCommand(), exportCommand(), followCommand(), tokenCommand(), personCommand(), auditCommand(), changesCommand(),
			migrateCommand(), backupCommand(), restoreCommand(), generateCommand(), doctorCommand(), schemaCommand(), versionCommand(version),
		},
		Version: version, EnableShellCompletion: true,
		ConfigureShellCompletionCommand: func(c *cli.Command) { c.Hidden = false },
		ExitErrHandler:                  func(context.Context, *cli.Command, error) {},
	}
	strict(root)
	return root
}

// strict makes every command reject unknown flags, arguments and subcommands.
func strict(c *cli.Command) {
	c.OnUsageError = func(_ context.Context, c *cli.Command, err error, _ bool) error { return usage{withSuggestion(c, err)} }
	for _, sub := range c.Commands {
		strict(sub)
	}
	action := c.Action
	c.Action = func(ctx context.Context, c *cli.Command) error {
		first := c.Args().First()
		switch {
		case action == nil && first != "":
			return usage{fmt.Errorf("unknown command %q%s; `%s help` lists the commands", first, didYouMean(first, commandNames(c)), c.FullName())}
		case action == nil:
			return cli.ShowSubcommandHelp(c)
		case c.ArgsUsage == "" && first != "":
			return usage{fmt.Errorf("%s takes no arguments, but got %q; flags begin with --", c.FullName(), first)}
		}
		return action(ctx, c)
	}
}

// A usage error is a mistake in the command line.
type usage struct{ error }

// exit is an exit code for an error that was already reported.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// report prints err and returns the exit code.
func report(errs io.Writer, err error) int {
	var code exit
	var misuse usage
	var f *fault.Error
	switch {
	case err == nil:
		return ok
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &misuse):
		_, _ = fmt.Fprintf(errs, "tonggao: %v\nTry `tonggao help`.\n", misuse.error)
		return misused
	case errors.Is(err, context.Canceled):
		_, _ = fmt.Fprintln(errs, "tonggao: interrupted; the work done so far is kept")
		return failed
	case errors.As(err, &f):
		_, _ = fmt.Fprintf(errs, "tonggao: %s\n", f.Message)
		if f.Cause != nil && f.Code != fault.BadUserInput {
			_, _ = fmt.Fprintf(errs, "  cause: %v\n", f.Cause)
		}
		if f.Code == fault.BadUserInput {
			return misused
		}
		return failed
	default:
		_, _ = fmt.Fprintf(errs, "tonggao: %v\n", err)
		return failed
	}
}
