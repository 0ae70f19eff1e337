// Package cli is the command line: it reads flags, calls one thing in the house,
// and says in plain words what happened. Each command is one file.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
)

// Exit codes.
const (
	ok       = 0
	failed   = 1
	misused  = 2
	rejected = 3 // an import went through, but not all of it
)

// Run runs the command line and returns the code to exit with.
func Run(args []string, in io.Reader, out, errs io.Writer, version string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // so that a second Ctrl-C ends the program at once
	if err := config.CheckFiles(); err != nil {
		return report(errs, err)
	}
	root := &cli.Command{
		Name:  "tonggao",
		Usage: "通稿: a headless content API. One article, every terminal.",
		Commands: []*cli.Command{
			serve(version), importing(), exporting(), following(), tokens(), persons(), auditing(), migrating(), backup(), restore(),
			generating(), doctor(), schema(), versionCommand(version),
		},
		Reader: in, Writer: out, ErrWriter: errs,
		Suggest:        true,
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
	}
	strict(root)
	return report(errs, root.Run(ctx, args))
}

// strict makes every command refuse flags, arguments and commands that it does not
// know, on standard error, instead of passing over them.
func strict(c *cli.Command) {
	c.OnUsageError = func(_ context.Context, _ *cli.Command, err error, _ bool) error { return usage{err} }
	for _, sub := range c.Commands {
		strict(sub)
	}
	action := c.Action
	c.Action = func(ctx context.Context, c *cli.Command) error {
		first := c.Args().First()
		switch {
		case action == nil && first != "":
			return usage{fmt.Errorf("there is no command %q; `%s help` lists them", first, c.FullName())}
		case action == nil:
			return cli.ShowSubcommandHelp(c)
		case c.ArgsUsage == "" && first != "":
			return usage{fmt.Errorf("%s takes no arguments, and %q is one; flags begin with --", c.FullName(), first)}
		}
		return action(ctx, c)
	}
}

// usage is an error in how the program was called.
type usage struct{ error }

// exit ends the program with a code of its own, after it has said why.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// report says what went wrong, and chooses the exit code.
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
		_, _ = fmt.Fprintln(errs, "tonggao: interrupted; what was done so far is kept")
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

// withHouse opens the database, makes one where there is none, lets do work as the
// program itself, and closes the database.
func withHouse(ctx context.Context, c config.Config, do func(context.Context, *app.Services) error) error {
	return inHouse(ctx, c, false, do)
}

// withExisting is withHouse for work that makes no sense on a new database, whose
// name must then be mistyped.
func withExisting(ctx context.Context, c config.Config, do func(context.Context, *app.Services) error) error {
	return inHouse(ctx, c, true, do)
}

func inHouse(ctx context.Context, c config.Config, mustExist bool, do func(context.Context, *app.Services) error) (err error) {
	o := store.Options{URL: c.Database, Keys: app.Keys(c, slog.New(slog.DiscardHandler)), LowMemory: true, MustExist: mustExist}
	house, err := app.Open(ctx, o, slog.Default(), app.Integrations{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, house.Close()) }()
	return do(viewer.AsSystem(ctx), house)
}
