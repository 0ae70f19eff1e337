package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/setting"
)

// sealedWith is the setting that names the key with which everything is encrypted.
const sealedWith = "all_sealed_with"

// Values that are encrypted in one transaction. Files are large, so they take one each. A
// statement looks at no more than scanBatch rows.
const (
	textBatch = 200
	fileBatch = 1
	scanBatch = 2000
)

// SealOld encrypts the values that were written before there was a key, or with a key
// that is not the current one. It returns how many it encrypted, and how many no key
// decrypts; those it leaves. It reads every sealed column once for each key, in batches,
// and may be interrupted.
func (s *Store) SealOld(ctx context.Context) (sealed, locked int, err error) {
	ctx = viewer.AsSystem(ctx)
	key := s.Keys.Current()
	if key == "" {
		return 0, 0, nil
	}
	if done, _, err := setting.Get(ctx, s.client, sealedWith); err != nil || done == key {
		return 0, 0, err
	}
	for _, column := range policy.SealedColumns() {
		for after, more := "", true; more; {
			var b sealedBatch
			err := s.Tx(ctx, func(ctx context.Context, c *ent.Client) (err error) {
				b, err = s.sealBatch(ctx, c, column, after)
				return err
			})
			if err != nil {
				return sealed, 0, fmt.Errorf("encrypt old values of %s.%s: %w", column.Table, column.Column, err)
			}
			sealed, locked, after, more = sealed+b.sealed, locked+b.locked, b.last, b.last != ""
		}
	}
	return sealed, locked, setting.Put(ctx, s.client, sealedWith, key)
}

// sealedBatch is what sealBatch did.
type sealedBatch struct {
	sealed, locked int
	last           string // the id of the last row that it looked at; empty if there are no more
}

// sealBatch encrypts the next values of a column, those after a row.
func (s *Store) sealBatch(ctx context.Context, c *ent.Client, column *policy.SealedColumn, after string) (b sealedBatch, err error) {
	if b.last, err = s.endOfBatch(ctx, c, column, after); err != nil || b.last == "" {
		return b, err
	}
	rows, full, err := s.notSealedWith(ctx, c, column, s.Keys.Current(), after, b.last)
	if err != nil {
		return b, err
	}
	for _, row := range rows {
		done, locked, err := s.sealAgain(ctx, c, column, row)
		if err != nil {
			return b, err
		}
		if done {
			b.sealed++
		}
		if locked {
			b.locked++
		}
	}
	if full {
		b.last = rows[len(rows)-1].id
	}
	return b, nil
}

// endOfBatch returns the id of the last row that the next statement looks at; empty if there
// are no more.
func (s *Store) endOfBatch(ctx context.Context, c *ent.Client, column *policy.SealedColumn, after string) (end string, err error) {
	rows, err := c.QueryContext(ctx, fmt.Sprintf("SELECT coalesce(max(id), '') FROM (SELECT id FROM %s WHERE id > $1 ORDER BY id LIMIT %d) AS next",
		column.Table, scanBatch), after)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&end)
	}
	return end, errors.Join(err, rows.Err())
}

// stored is a value as the database holds it.
type stored struct {
	id    string
	value []byte
}

// notSealedWith reads values of a column that key did not encrypt, of the rows after one and
// up to another. It reports whether there may be more among them.
func (s *Store) notSealedWith(ctx context.Context, c *ent.Client, column *policy.SealedColumn, key, after, end string) (list []stored, full bool, err error) {
	batch, filled := textBatch, " AND "+column.Column+" <> ''"
	if column.Marker != "" {
		batch, filled = fileBatch, ""
	}
	rows, err := c.QueryContext(ctx, fmt.Sprintf("SELECT id, %s FROM %s WHERE id > $1 AND id <= $2%s AND substr(%s, 1, %d) <> $3 ORDER BY id LIMIT %d",
		column.Column, column.Table, filled, cmp.Or(column.Marker, column.Column), len(key), batch), after, end, key)
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	for rows.Next() {
		var row stored
		if err := rows.Scan(&row.id, &row.value); err != nil {
			return nil, false, err
		}
		list = append(list, row)
	}
	return list, len(list) == batch, rows.Err()
}

// sealAgain encrypts a value with the current key, unless it was changed since it was read.
// A value that no key decrypts is locked, and stays.
func (s *Store) sealAgain(ctx context.Context, c *ent.Client, column *policy.SealedColumn, row stored) (done, locked bool, err error) {
	purpose := column.Purpose(row.id)
	if column.Marker != "" {
		plain, err := s.Keys.OpenBytes(purpose, row.value)
		if err != nil {
			return false, true, nil
		}
		sealed, err := s.Keys.SealBytes(purpose, plain)
		if err != nil {
			return false, false, err
		}
		return true, false, c.Attachment.UpdateOneID(row.id).SetContent(sealed).SetSealedWith(s.Keys.Current()).Exec(ctx)
	}
	plain := string(row.value)
	if seal.Is(plain) {
		if plain, err = s.Keys.Open(purpose, plain); err != nil {
			return false, true, nil
		}
	}
	sealed, err := s.Keys.Seal(purpose, plain)
	if err != nil {
		return false, false, err
	}
	result, err := c.ExecContext(ctx, fmt.Sprintf("UPDATE %s SET %s = $1 WHERE id = $2 AND %s = $3", column.Table, column.Column, column.Column),
		sealed, row.id, string(row.value))
	if err != nil {
		return false, false, err
	}
	n, err := result.RowsAffected()
	return n > 0, false, err
}
