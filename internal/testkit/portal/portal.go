// Package portal fills test databases with the content of a small portal about elderly
// care in invented places: categories, publishers, regions, articles, comments,
// reports, tokens. Every builder chooses sensible values for what a test does not name.
//
// Builders that are named after an item, such as Article, write through the services, so
// that policy, change feed and search index apply. NewArticle writes the row alone, for
// tests that need a state which no service would produce directly. A Writer makes random
// writes from a seed, for property tests. Nothing here asserts anything about the program.
package portal

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/tonggao/tonggao/internal/api/token"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/content/region"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// Portal is a store with the services that write content into it.
type Portal struct {
	*storetest.Store
	Log        *changefeed.Log
	Audit      *audit.Log
	Articles   *article.Service
	Categories *category.Service
	Publishers *publisher.Service
	Regions    *region.Service
	Comments   *comment.Service
	Tokens     *token.Service

	t      testing.TB
	tokens map[viewer.Role]string

	mu                  *sync.Mutex
	category, publisher string // the default ones, once they are needed
}

// New returns an empty portal over s, with services of its own.
func New(t testing.TB, s *storetest.Store) *Portal {
	t.Helper()
	return newPortal(t, s, func(string) string { return "" })
}

// newPortal makes the services; regionOf finds the region of an address.
func newPortal(t testing.TB, s *storetest.Store, regionOf func(address string) string) *Portal {
	log, records := changefeed.New(s.Store), audit.New(s.Store)
	categories := category.New(s.Store, log)
	return Over(t, Portal{
		Store: s, Log: log, Audit: records, Categories: categories, Publishers: publisher.New(s.Store, log), Regions: region.New(s.Store, log),
		Articles: article.New(article.Options{Store: s.Store, Log: log, Categories: categories, Region: regionOf}), Tokens: token.New(s.Store),
		Comments: comment.New(comment.Options{Store: s.Store, Log: log, Audit: records, Region: regionOf}),
	})
}

// Over returns a portal with the store and the services that p names.
func Over(t testing.TB, p Portal) *Portal {
	p.t, p.tokens, p.mu = t, map[viewer.Role]string{}, &sync.Mutex{}
	return &p
}

// System returns a context in which the program itself acts, without restrictions.
func System() context.Context { return viewer.AsSystem(context.Background()) }

// Anonymous returns a context of a reader without a token at an address.
func Anonymous(address string) context.Context {
	return viewer.With(context.Background(), viewer.Viewer{Role: viewer.Anonymous, Address: address})
}

// As returns a context of a viewer with a role, whose token is named after the role, such
// as tok_editor. It is a viewer that no database knows; Token makes one that it does.
func As(role viewer.Role) context.Context {
	return viewer.With(context.Background(), viewer.Viewer{Role: role, TokenID: "tok_" + strings.ToLower(string(role)), Address: "198.51.100.9"})
}

// Token returns the secret of a token with the role, the same one each time; publisher is
// for the role PUBLISHER. The anonymous reader has none.
func (p *Portal) Token(role viewer.Role, publisher string) string {
	p.t.Helper()
	if role == viewer.Anonymous {
		return ""
	}
	if secret, ok := p.tokens[role]; ok {
		return secret
	}
	in := token.CreateInput{Role: role, Name: "test"}
	if role == viewer.Publisher {
		in.Publisher = publisher
	}
	secret, _, err := p.Tokens.Create(System(), in)
	p.Must(err)
	p.tokens[role] = secret
	return secret
}

// Must ends the test where err is not nil.
func (p *Portal) Must(err error) {
	p.t.Helper()
	check.NoError(p.t, err)
}
