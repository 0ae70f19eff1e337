package token_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/api/token"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

func TestAToken(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		ctx := viewer.AsSystem(context.Background())
		tokens := token.New(s.Store)
		secret, row, err := tokens.Create(ctx, token.CreateInput{Role: viewer.Editor, Name: "编辑部", TTL: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		anybody := context.Background()
		v, err := tokens.Authenticate(anybody, "bearer "+secret)
		if err != nil || v.Role != viewer.Editor || v.Name != "编辑部" || v.TokenID != row.ID {
			t.Fatalf("got %+v, %v", v, err)
		}
		if strings.Contains(row.String(), secret) || strings.Contains(row.String(), row.Hash) {
			t.Error("the row prints its secret or its hash")
		}

		s.Advance(time.Hour)
		refused(t, tokens, "Bearer "+secret, "expired")
		secret, row, err = tokens.Create(ctx, token.CreateInput{Role: viewer.Moderator})
		if err != nil {
			t.Fatal(err)
		}
		if err := tokens.Revoke(ctx, row.ID); err != nil {
			t.Fatal(err)
		}
		refused(t, tokens, "Bearer "+secret, "revoked")
		if err := tokens.Revoke(ctx, "tok_00000000000000000000000000"); !fault.Is(err, fault.NotFound) {
			t.Errorf("revoking a token that is none: %v", err)
		}
	})
}

func TestWhatIsNoToken(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	tokens := token.New(s.Store)
	secret, _, err := tokens.Create(viewer.AsSystem(context.Background()), token.CreateInput{Role: viewer.Admin})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := tokens.Authenticate(context.Background(), ""); err != nil || v.Role != viewer.Anonymous {
		t.Errorf("no header: %+v, %v", v, err)
	}
	for name, header := range map[string]string{
		"another scheme": "Basic " + secret, "no scheme": secret, "no secret": "Bearer ",
		"cut off": "Bearer " + secret[:20], "with more behind": "Bearer " + secret + "a",
	} {
		refused(t, tokens, header, name)
	}
	typo := []byte(secret)
	typo[10] = 'a' + (typo[10]-'a'+1)%26
	queries := s.Count(func() { refused(t, tokens, "Bearer "+string(typo), "a typing error") })
	if queries != 0 {
		t.Errorf("a typing error cost %d statements", queries)
	}
}

func TestWhoMayMakeTokens(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	tokens := token.New(s.Store)
	system := viewer.AsSystem(context.Background())
	for name, in := range map[string]token.CreateInput{
		"no such role":                 {Role: "ROOT"},
		"the program's own role":       {Role: viewer.System},
		"a publisher without an id":    {Role: viewer.Publisher},
		"a publisher that is none":     {Role: viewer.Publisher, Publisher: "pub_00000000000000000000000000"},
		"an editor with a publisher":   {Role: viewer.Editor, Publisher: "pub_00000000000000000000000000"},
		"expired before it was made":   {Role: viewer.Editor, TTL: -time.Second},
		"a name with a line break":     {Role: viewer.Editor, Name: "a\nb"},
		"a name that is much too long": {Role: viewer.Editor, Name: strings.Repeat("长", 101)},
	} {
		if _, _, err := tokens.Create(system, in); !fault.Is(err, fault.BadUserInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	admin := viewer.With(context.Background(), viewer.Viewer{Role: viewer.Admin})
	if _, _, err := tokens.Create(admin, token.CreateInput{Role: viewer.Admin}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a request made a token: %v", err)
	}
	if list, err := tokens.List(admin); err != nil || len(list) != 0 {
		t.Errorf("a request listed tokens: %v, %v", list, err)
	}
}

func refused(t *testing.T, tokens *token.Service, header, why string) {
	t.Helper()
	if v, err := tokens.Authenticate(context.Background(), header); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("%s: let in as %+v, %v", why, v, err)
	}
}
