package token_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent/audit"
	"github.com/tonggao/tonggao/internal/api/token"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		ctx := viewer.AsSystem(context.Background())
		tokens := token.New(s.Store)
		secret, row, err := tokens.Create(ctx, token.CreateInput{Role: viewer.Editor, Name: "编辑部", TTL: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		anyone := context.Background()
		v, err := tokens.Authenticate(anyone, "bearer "+secret)
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
			t.Errorf("revoking an unknown token: %v", err)
		}
	})
}

func TestAuthenticateRefusesOtherText(t *testing.T) {
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
		"cut off": "Bearer " + secret[:20], "with more after it": "Bearer " + secret + "a",
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

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	tokens := token.New(s.Store)
	system := viewer.AsSystem(context.Background())
	for name, in := range map[string]token.CreateInput{
		"no such role":                  {Role: "ROOT"},
		"the program's own role":        {Role: viewer.System},
		"a publisher without an id":     {Role: viewer.Publisher},
		"an unknown publisher":          {Role: viewer.Publisher, Publisher: "pub_00000000000000000000000000"},
		"an editor with a publisher":    {Role: viewer.Editor, Publisher: "pub_00000000000000000000000000"},
		"expired before it was created": {Role: viewer.Editor, TTL: -time.Second},
		"a name with a line break":      {Role: viewer.Editor, Name: "a\nb"},
		"a name that is much too long":  {Role: viewer.Editor, Name: strings.Repeat("长", 101)},
		"a name with NUL":               {Role: viewer.Editor, Name: "a\x00b"},
		"a name in another direction":   {Role: viewer.Editor, Name: "a\u202eb"},
		"a name in GBK":                 {Role: viewer.Editor, Name: "\xc4\xe3"},
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
		t.Errorf("%s: accepted as %+v, %v", why, v, err)
	}
}

// TestEnded returns the tokens that have expired or were revoked, also among many.
func TestEnded(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		ctx := viewer.AsSystem(context.Background())
		tokens := token.New(s.Store)
		create := func(in token.CreateInput) string {
			_, row, err := tokens.Create(ctx, in)
			if err != nil {
				t.Fatal(err)
			}
			return row.ID
		}
		valid, brief, revoked := create(token.CreateInput{Role: viewer.Reader}), create(token.CreateInput{Role: viewer.Reader, TTL: time.Minute}), create(token.CreateInput{Role: viewer.Reader})
		for range 2 { // the second time changes nothing
			if err := tokens.Revoke(ctx, revoked); err != nil {
				t.Fatal(err)
			}
		}
		ids := []string{valid, brief, revoked}
		for i := range 600 {
			ids = append(ids, fmt.Sprintf("tok_unknown%d", i))
		}
		check := func(want int, except ...string) {
			t.Helper()
			ended, err := tokens.Ended(context.Background(), ids)
			if err != nil || len(ended) != want {
				t.Errorf("%d ended, %v; want %d", len(ended), err, want)
			}
			for _, id := range except {
				if slices.Contains(ended, id) {
					t.Errorf("%s has ended", id)
				}
			}
		}
		check(601, valid, brief)
		s.Advance(time.Hour)
		check(602, valid)
		if list, err := tokens.List(ctx); err != nil || len(list) != 3 || list[0].ID != revoked {
			t.Errorf("%v, %v", list, err)
		}
	})
}

// TestPublisherToken belongs to a publisher that exists.
func TestPublisherToken(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	ctx := viewer.AsSystem(context.Background())
	p := s.Client(ctx).Publisher.Create().SetID("pub_1").SetName("云渡颐园").SetCreatedAt(s.Clock()).SetUpdatedAt(s.Clock()).SaveX(ctx)
	secret, _, err := token.New(s.Store).Create(ctx, token.CreateInput{Role: viewer.Publisher, Publisher: p.ID, Name: " 编辑部 "})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := token.New(s.Store).Authenticate(context.Background(), "Bearer "+secret); err != nil || v.Publisher != p.ID || v.Name != "编辑部" {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestAudit creates and revokes a token: the audit log has one line of each, without the name
// and the secret.
func TestAudit(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		system := viewer.AsSystem(t.Context())
		tokens := token.New(s.Store)
		secret, row, err := tokens.Create(system, token.CreateInput{Role: viewer.Reader, Name: "葛阿姨", TTL: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // revoking it again changes nothing
			if err := tokens.Revoke(system, row.ID); err != nil {
				t.Fatal(err)
			}
		}
		lines, err := s.Client(system).Audit.Query().Order(audit.ByID()).All(system)
		if err != nil || len(lines) != 2 {
			t.Fatalf("%d lines, %v", len(lines), err)
		}
		for i, action := range []string{"TOKEN_CREATE", "TOKEN_REVOKE"} {
			if lines[i].Action != action || lines[i].Item != row.ID || strings.Contains(lines[i].Detail, "葛阿姨") || strings.Contains(lines[i].Detail, secret) {
				t.Errorf("line %d: %v", i, lines[i])
			}
		}
		if !strings.Contains(lines[0].Detail, `"role":"READER"`) || !strings.Contains(lines[0].Detail, "expiresAt") {
			t.Errorf("the detail is %s", lines[0].Detail)
		}
	})
}
