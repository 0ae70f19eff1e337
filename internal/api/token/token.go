// Package token creates, authenticates and revokes access tokens.
//
// A secret has 160 random bits and is shown once; the database has only its SHA-256. Every
// request looks its token up again, so a revocation takes effect at once. The error for an
// unknown, expired or revoked token is the same, so that a client that tries tokens learns
// nothing.
package token

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/publisher"
	"github.com/tonggao/tonggao/ent/token"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
)

// A secret is "tg_", 32 characters of random bits and 7 of their CRC-32, so that secret
// scanners recognize it and a typing error costs no query.
const (
	prefix     = "tg_"
	randomSize = 20 // bytes
)

var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Service creates, authenticates and revokes tokens. The audit log records what it changes.
type Service struct {
	store *store.Store
	audit *audit.Log
}

// New returns the service on s.
func New(s *store.Store) *Service { return &Service{s, audit.New(s)} }

// CreateInput describes a new token.
type CreateInput struct {
	Role      viewer.Role
	Name      string        // one line of at most 100 characters
	Publisher string        // the publisher it writes for; only with the role PUBLISHER
	TTL       time.Duration // lifetime; 0: until it is revoked
}

// Create creates a token and returns its secret, which cannot be read again.
func (s *Service) Create(ctx context.Context, in CreateInput) (secret string, _ *ent.Token, err error) {
	if err := s.check(ctx, &in); err != nil {
		return "", nil, err
	}
	random := make([]byte, randomSize)
	_, _ = rand.Read(random) // never fails
	secret = withChecksum(encoding.EncodeToString(random))
	now := s.store.Clock()
	row, err := store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Token, error) {
		create := c.Token.Create().SetID(typeid.New(typeid.Token, now)).SetName(in.Name).SetRole(string(in.Role)).
			SetPublisherID(in.Publisher).SetHash(hash(secret)).SetCreatedAt(now)
		if in.TTL > 0 {
			create.SetExpiresAt(now.Add(in.TTL))
		}
		row, err := create.Save(ctx)
		if err != nil {
			return nil, err
		}
		detail := map[string]any{"role": row.Role} // not the name: it may be a person's, and entries never change
		if in.Publisher != "" {
			detail["publisher"] = in.Publisher
		}
		if row.ExpiresAt != nil {
			detail["expiresAt"] = row.ExpiresAt.Time()
		}
		return row, s.audit.Append(ctx, c, audit.Entry{Action: "TOKEN_CREATE", Item: row.ID, Detail: detail})
	})
	if err != nil {
		return "", nil, fmt.Errorf("create a token: %w", err)
	}
	return secret, row, nil
}

// check checks and trims in.
func (s *Service) check(ctx context.Context, in *CreateInput) error {
	if _, err := viewer.ParseRole(string(in.Role)); err != nil {
		return fault.Wrap(err, fault.BadUserInput, "%v", err)
	}
	var bad fault.Invalid
	in.Name = input.Line(&bad, "name", in.Name, 0, 100)
	if err := bad.Err(); err != nil {
		return err
	}
	if in.TTL < 0 {
		return fault.New(fault.BadUserInput, "a token cannot expire before it is created: give a positive --ttl, such as 720h")
	}
	if !in.Role.NeedsPublisher() {
		if in.Publisher != "" {
			return fault.New(fault.BadUserInput, "only a token with the role PUBLISHER belongs to a publisher")
		}
		return nil
	}
	exists, err := s.store.Client(ctx).Publisher.Query().Where(publisher.ID(in.Publisher)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("find the publisher of a token: %w", err)
	}
	if !exists {
		return fault.New(fault.BadUserInput, "a token with the role PUBLISHER needs the id of an existing publisher: --publisher pub_…")
	}
	return nil
}

// List returns all tokens, newest first. Their secrets are not stored.
func (s *Service) List(ctx context.Context) ([]*ent.Token, error) {
	list, err := s.store.Client(ctx).Token.Query().Order(ent.Desc(token.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the tokens: %w", err)
	}
	return list, nil
}

// Revoke ends a token at once. Revoking it again changes nothing.
func (s *Service) Revoke(ctx context.Context, id string) error {
	now := s.store.Clock()
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		if err := s.store.LockRows(ctx, c, store.ForChange, token.Table, id); err != nil {
			return err
		}
		row, err := c.Token.Get(ctx, id)
		if ent.IsNotFound(err) {
			return fault.New(fault.NotFound, "there is no token %.60q; `tonggao token list` shows them", id)
		}
		if err != nil {
			return fmt.Errorf("read a token: %w", err)
		}
		if row.RevokedAt != nil {
			return nil
		}
		if err := c.Token.UpdateOneID(id).SetRevokedAt(now).Exec(ctx); err != nil {
			return fmt.Errorf("revoke a token: %w", err)
		}
		return s.audit.Append(ctx, c, audit.Entry{Action: "TOKEN_REVOKE", Item: id})
	})
}

var errInvalid = fault.New(fault.Unauthenticated,
	"this token is unknown, has expired or was revoked; ask the operator for a new one, or send no Authorization header to read what is published")

// Authenticate returns the viewer for an Authorization header; for an empty one the anonymous
// reader.
func (s *Service) Authenticate(ctx context.Context, header string) (viewer.Viewer, error) {
	if header == "" {
		return viewer.From(viewer.AsAnonymous(ctx)), nil
	}
	scheme, secret, _ := strings.Cut(header, " ")
	secret = strings.TrimSpace(secret)
	if !strings.EqualFold(scheme, "Bearer") || !wellFormed(secret) {
		return viewer.Viewer{}, errInvalid
	}
	// The query is by the hash of the secret: what its timing reveals about other hashes
	// does not lead to a secret.
	row, err := s.store.Client(ctx).Token.Query().Where(token.Hash(hash(secret))).Only(viewer.AsSystem(ctx))
	if ent.IsNotFound(err) {
		return viewer.Viewer{}, errInvalid
	}
	if err != nil {
		return viewer.Viewer{}, fault.Wrap(err, fault.Unavailable, "the token cannot be checked right now; try again in a moment")
	}
	if row.RevokedAt != nil || row.ExpiresAt != nil && *row.ExpiresAt <= s.store.Clock() {
		return viewer.Viewer{}, errInvalid
	}
	role, err := viewer.ParseRole(row.Role)
	if err != nil {
		return viewer.Viewer{}, errInvalid
	}
	return viewer.Viewer{Role: role, TokenID: row.ID, Name: row.Name, Publisher: row.PublisherID}, nil
}

// Ended returns those of the token IDs that are unknown, have expired or were revoked.
func (s *Service) Ended(ctx context.Context, ids []string) (ended []string, err error) {
	for chunk := range slices.Chunk(ids, 500) {
		valid, err := s.store.Client(ctx).Token.Query().Where(token.IDIn(chunk...), token.RevokedAtIsNil(),
			token.Or(token.ExpiresAtIsNil(), token.ExpiresAtGT(s.store.Clock()))).IDs(viewer.AsSystem(ctx))
		if err != nil {
			return nil, fmt.Errorf("check %d tokens: %w", len(chunk), err)
		}
		for _, id := range chunk {
			if !slices.Contains(valid, id) {
				ended = append(ended, id)
			}
		}
	}
	return ended, nil
}

func hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// withChecksum returns the secret made of random characters.
func withChecksum(random string) string {
	sum := crc32.ChecksumIEEE([]byte(random))
	return prefix + random + encoding.EncodeToString([]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
}

// wellFormed reports whether secret has the right length and checksum.
func wellFormed(secret string) bool {
	size := encoding.EncodedLen(randomSize)
	return strings.HasPrefix(secret, prefix) && len(secret) == len(prefix)+size+encoding.EncodedLen(4) &&
		withChecksum(secret[len(prefix):len(prefix)+size]) == secret
}
