// Package once makes a write that is sent twice happen once. A client gives each write a
// key of its own, such as a random UUID, and the same key when it sends the write again
// because no answer came. The first to come writes; whoever comes later, or at the same
// moment, is given what the first one wrote.
//
// The key is claimed in the transaction of the write, so there is no claim without its
// write. A key belongs to one client and one operation, and is good for a day.
package idempotency

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/idempotencykey"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// Kept is how long a key is remembered.
const Retention = 24 * time.Hour

// Bounds of a key, in characters.
const (
	shortest = 16
	longest  = 128
)

// Check says what is wrong with a key; nil is a write without one.
func Check(bad *fault.Invalid, key *string) {
	if key == nil {
		return
	}
	if n := utf8.RuneCountInString(*key); n < shortest || n > longest {
		bad.Add("INVALID", "idempotencyKey", "has %d characters; give %d to %d, such as a random UUID", n, shortest, longest)
	}
}

// Claim claims key for the write of id, in the transaction of ctx. Where it was claimed
// before, it returns the id that was written then. Input is what is written: another
// input under the same key is a mistake of the client.
func Claim(ctx context.Context, c *ent.Client, now instant.Instant, operation string, key *string, input any, id string) (string, error) {
	if key == nil {
		return id, nil
	}
	text, err := json.Marshal(input)
	if err != nil {
		return "", fmt.Errorf("read the input of %s: %w", operation, err)
	}
	name := name(ctx, operation, *key)
	system := viewer.AsSystem(ctx)
	_, err = c.ExecContext(ctx, "INSERT INTO claims (id, input, wrote, at) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING",
		name, sum(string(text)), id, int64(now))
	if err != nil {
		return "", fmt.Errorf("claim a key: %w", err)
	}
	row, err := c.IdempotencyKey.Get(system, name)
	if err != nil {
		return "", fmt.Errorf("read a claim: %w", err)
	}
	if row.Input != sum(string(text)) {
		return "", fault.New(fault.Conflict, "this idempotencyKey was used for something else; make a new key for each write")
	}
	return row.Wrote, nil
}

// Known reports whether key was claimed for operation, so that the write is done.
func Known(ctx context.Context, c *ent.Client, operation string, key *string) (bool, error) {
	if key == nil {
		return false, nil
	}
	known, err := c.IdempotencyKey.Query().Where(idempotencykey.ID(name(ctx, operation, *key))).Exist(viewer.AsSystem(ctx))
	if err != nil {
		return false, fmt.Errorf("look for a claim: %w", err)
	}
	return known, nil
}

// Forget forgets the keys that are no longer good.
func DeleteExpired(ctx context.Context, c *ent.Client, now instant.Instant) error {
	_, err := c.IdempotencyKey.Delete().Where(idempotencykey.AtLT(now.Add(-Retention))).Exec(viewer.AsSystem(ctx))
	return err
}

// name is the id of the claim: a key belongs to one client and one operation.
func name(ctx context.Context, operation, key string) string {
	return sum(viewer.From(ctx).TokenID + "\x00" + operation + "\x00" + key)
}

func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}
