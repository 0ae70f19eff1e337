// Package idempotency makes a write that is sent twice happen once. A client gives each
// write an idempotency key of its own, such as a random UUID, and sends the same key when
// it retries because no answer came. The first request writes; later ones, or those at the
// same moment, receive what the first one wrote.
//
// The key is claimed in the transaction of the write, so there is no claim without its
// write. A key belongs to one client and one operation, and is valid for a day.
package idempotency

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"time"
	"unicode/utf8"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/idempotencykey"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/ratelimit"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// Retention is how long a key is valid.
const Retention = 24 * time.Hour

// The length of a key in characters.
const (
	minLength = 16
	maxLength = 128
)

// Check adds to bad what is wrong with a key; nil is a write without one.
func Check(bad *fault.Invalid, key *string) {
	if key == nil {
		return
	}
	if n := utf8.RuneCountInString(*key); n < minLength || n > maxLength {
		bad.Add("INVALID", "idempotencyKey", "has %d characters; give %d to %d, such as a random UUID", n, minLength, maxLength)
	}
}

// Write is a write that a client may send twice.
type Write struct {
	Operation string          // the name of the mutation
	Key       *string         // nil: it was sent without a key
	Input     any             // what is written; another input under the same key is a CONFLICT
	ID        string          // of what is written
	At        instant.Instant // when
}

// Once runs create in the transaction of ctx. If the key of w was used before, it returns
// instead what find finds under the id that was written then.
func Once[T any](ctx context.Context, c *ent.Client, w Write, create func() (T, error), find func(ctx context.Context, id string) (T, error)) (row T, err error) {
	wrote, err := Claim(ctx, c, w.At, w.Operation, w.Key, w.Input, w.ID)
	if err != nil {
		return row, err
	}
	if wrote == w.ID {
		return create()
	}
	row, err = find(viewer.AsSystem(ctx), wrote)
	if ent.IsNotFound(err) {
		return row, fault.New(fault.NotFound, "what was written with this idempotencyKey was deleted since; make a new key to write it again")
	}
	if err != nil {
		return row, fmt.Errorf("read what %s wrote under its key: %w", w.Operation, err)
	}
	return row, nil
}

// Claim claims key for the write of id, in the transaction of ctx. If it was claimed before,
// Claim returns the id that was written then. Input is what is written: another input
// under the same key is a CONFLICT.
func Claim(ctx context.Context, c *ent.Client, now instant.Instant, operation string, key *string, input any, id string) (string, error) {
	if key == nil {
		return id, nil
	}
	text, err := json.Marshal(input)
	if err != nil {
		return "", fmt.Errorf("encode the input of %s: %w", operation, err)
	}
	name := name(ctx, operation, *key)
	system := viewer.AsSystem(ctx)
	// The claim may be of a write that is committed on the primary and not on its standby. This
	// transaction must not be acknowledged before that one is replicated, so it writes too.
	_, err = c.ExecContext(ctx, "INSERT INTO claims (id, input, wrote, at) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET at = claims.at",
		name, sum(string(text)), id, int64(now))
	if err != nil {
		return "", fmt.Errorf("claim an idempotency key: %w", err)
	}
	row, err := c.IdempotencyKey.Get(system, name)
	if err != nil {
		return "", fmt.Errorf("read the claim of an idempotency key: %w", err)
	}
	if row.Input != sum(string(text)) {
		return "", fault.New(fault.Conflict, "this idempotencyKey was used for something else; make a new key for each write")
	}
	return row.Wrote, nil
}

// Known reports whether key was claimed for operation: the write happened.
func Known(ctx context.Context, c *ent.Client, operation string, key *string) (bool, error) {
	if key == nil {
		return false, nil
	}
	known, err := c.IdempotencyKey.Query().Where(idempotencykey.ID(name(ctx, operation, *key))).Exist(viewer.AsSystem(ctx))
	if err != nil {
		return false, fmt.Errorf("find an idempotency key: %w", err)
	}
	return known, nil
}

// DeleteExpired deletes the keys that are no longer valid.
func DeleteExpired(ctx context.Context, c *ent.Client, now instant.Instant) error {
	_, err := c.IdempotencyKey.Delete().Where(idempotencykey.AtLT(now.Add(-Retention))).Exec(viewer.AsSystem(ctx))
	if err != nil {
		return fmt.Errorf("delete expired idempotency keys: %w", err)
	}
	return nil
}

// name returns the id of a claim: a key belongs to one client, which is a token or, without
// one, a network, and to one operation.
func name(ctx context.Context, operation, key string) string {
	v := viewer.From(ctx)
	client := v.TokenID
	if client == "" {
		addr, _ := netip.ParseAddr(v.Address) // clients without an address share their keys
		client = ratelimit.Network(addr).String()
	}
	return sum(client + "\x00" + operation + "\x00" + key)
}

func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}
