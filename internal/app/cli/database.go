package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/urfave/cli/v3"

	"github.com/tonggao/tonggao/internal/app"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
)

// creating runs do as the program itself, on a database that it creates if there is none.
// Only commands that make sense on an empty database use it.
func creating(ctx context.Context, cmd *cli.Command, c config.Config, do func(context.Context, *app.Services) error) error {
	return open(ctx, cmd, c, false, do)
}

// using runs do as the program itself, on a database that must exist: a new one would only
// hide that its name is mistyped.
func using(ctx context.Context, cmd *cli.Command, c config.Config, do func(context.Context, *app.Services) error) error {
	return open(ctx, cmd, c, true, do)
}

// open opens the database, names it, runs do as the program itself and closes the database.
// What a command does is long work: no request waits for it.
func open(ctx context.Context, cmd *cli.Command, c config.Config, mustExist bool, do func(context.Context, *app.Services) error) (err error) {
	o := store.Options{URL: c.Database, Keys: app.Keys(c, slog.New(slog.DiscardHandler)), LowMemory: true, MustExist: mustExist}
	services, err := app.Open(ctx, o, slog.Default(), app.Integrations{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, services.Close()) }()
	nameDatabase(cmd.Root().ErrWriter, c, services.Store.Created)
	return do(store.LongWork(viewer.AsSystem(ctx)), services)
}

// nameDatabase prints which database a command uses.
func nameDatabase(w io.Writer, c config.Config, created bool) {
	state := ""
	if created {
		state = " (new, empty)"
	}
	_, _ = fmt.Fprintf(w, "database %s%s\n", config.Location(c.Database), state)
}
