package app

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/tonggao/tonggao/internal/api/token"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// FirstQuery is the example query of the README, the explorer and the start-up message.
const FirstQuery = `{
  articles(first: 3) {
    edges {
      node { title lead publishedAt publisher { name } breadcrumb { name } }
    }
  }
}
`

// demoTokenLife is how long the tokens of the start-up message are valid.
const demoTokenLife = 24 * time.Hour

// demoToken is the name of those tokens.
const demoToken = "demo"

// revokeDemoTokens revokes the demo tokens of earlier starts.
func (a *App) revokeDemoTokens(ctx context.Context) error {
	ctx = viewer.AsSystem(ctx)
	list, err := a.Tokens.List(ctx)
	if err != nil {
		return err
	}
	for _, t := range list {
		if t.Name != demoToken || t.RevokedAt != nil {
			continue
		}
		if err := a.Tokens.Revoke(ctx, t.ID); err != nil {
			return err
		}
	}
	return nil
}

// Welcome writes what a user who just started the program can do next.
func (a *App) Welcome(ctx context.Context, w io.Writer) error {
	address := "http://" + a.Addr()
	state := ""
	if a.Store.Created {
		state = " (new, empty)"
		if a.config.Demo {
			state = " (new, with demo content)"
		}
	}
	_, _ = fmt.Fprintf(w, "Tonggao 通稿 is ready on %s\n  database     %s%s\n", address, config.Location(a.config.Database), state)
	if err := a.missingAddresses(ctx, a.config); err != nil {
		_, _ = fmt.Fprintf(w, "  note         %v\n", err)
	}
	if a.AdminAddr() != "" {
		_, _ = fmt.Fprintf(w, "  metrics      http://%s/metrics\n", a.AdminAddr())
	}
	if a.config.Explorer || a.config.Demo {
		_, _ = fmt.Fprintf(w, "  explorer     %s/\n", address)
	}
	if !a.config.Demo {
		return nil
	}
	_, _ = fmt.Fprintf(w, `  try          curl -s %s/graphql -H 'Content-Type: application/json' \
                 -d '{"query":"{ articles(first: 3) { edges { node { title publisher { name } } } } }"}'

  your page    any page on http://localhost or http://127.0.0.1, on any port, may call it; others need --cors-origin
  a site       go run ./examples/wap

Tokens for this demo, valid for %s (send one as Authorization: Bearer TOKEN):
`, address, "24 hours")
	if err := a.revokeDemoTokens(ctx); err != nil {
		return err
	}
	for _, role := range []viewer.Role{viewer.Editor, viewer.Moderator, viewer.Integrator} {
		secret, _, err := a.Tokens.Create(viewer.AsSystem(ctx), token.CreateInput{Role: role, Name: demoToken, TTL: demoTokenLife})
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(w, "  %-12s %s\n", role, secret)
	}
	_, _ = fmt.Fprintln(w, "\nCtrl-C stops.")
	return nil
}
