package store

import (
	"cmp"
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/setting"
)

// sealedWith is the setting that names the key with which everything is encrypted.
const sealedWith = "all_sealed_with"

// Values that are encrypted in one transaction. Files are large, so they take one each.
const (
	textBatch = 200
	fileBatch = 1
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
			var n int
			err := s.Tx(ctx, func(ctx context.Context, c *ent.Client) (err error) {
				n, after, more, err = s.sealBatch(ctx, c, column, after)
				return err
			})
			if err != nil {
				return sealed, 0, fmt.Errorf("encrypt old values of %s.%s: %w", column.Table, column.Column, err)
			}
			sealed += n
		}
	}
	if locked, err = s.Locked(ctx); err != nil {
		return sealed, 0, err
	}
	return sealed, locked, setting.Put(ctx, s.client, sealedWith, key)
}

// sealBatch encrypts the next values of a column, those after a row. It returns how many
// it encrypted, the last row, and whether there may be more.
func (s *Store) sealBatch(ctx context.Context, c *ent.Client, column *policy.SealedColumn, after string) (n int, last string, more bool, err error) {
	rows, err := s.notSealedWith(ctx, c, column, s.Keys.Current(), after)
	if err != nil || len(rows) == 0 {
		return 0, after, false, err
	}
	for _, row := range rows {
		done, err := s.sealAgain(ctx, c, column, row)
		if err != nil {
			return 0, after, false, err
		}
		if done {
			n++
		}
	}
	return n, rows[len(rows)-1].id, true, nil
}

// stored is a value as the database holds it.
type stored struct {
	id    string
	value []byte
}

// notSealedWith reads the next values of a column that key did not encrypt.
func (s *Store) notSealedWith(ctx context.Context, c *ent.Client, column *policy.SealedColumn, key, after string) (list []stored, err error) {
	batch, filled := textBatch, " AND "+column.Column+" <> ''"
	if column.Marker != "" {
		batch, filled = fileBatch, ""
	}
	rows, err := c.QueryContext(ctx, fmt.Sprintf("SELECT id, %s FROM %s WHERE id > $1%s AND substr(%s, 1, %d) <> $2 ORDER BY id LIMIT %d",
		column.Column, column.Table, filled, cmp.Or(column.Marker, column.Column), len(key), batch), after, key)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var row stored
		if err := rows.Scan(&row.id, &row.value); err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, rows.Err()
}

// sealAgain encrypts a value with the current key, unless no key decrypts it or it was
// changed since it was read.
func (s *Store) sealAgain(ctx context.Context, c *ent.Client, column *policy.SealedColumn, row stored) (done bool, err error) {
	purpose := column.Purpose(row.id)
	if column.Marker != "" {
		plain, err := s.Keys.OpenBytes(purpose, row.value)
		if err != nil {
			return false, nil // it stays; Locked counts it
		}
		sealed, err := s.Keys.SealBytes(purpose, plain)
		if err != nil {
			return false, err
		}
		return true, c.Attachment.UpdateOneID(row.id).SetContent(sealed).SetSealedWith(s.Keys.Current()).Exec(ctx)
	}
	plain := string(row.value)
	if seal.Is(plain) {
		if plain, err = s.Keys.Open(purpose, plain); err != nil {
			return false, nil
		}
	}
	sealed, err := s.Keys.Seal(purpose, plain)
	if err != nil {
		return false, err
	}
	result, err := c.ExecContext(ctx, fmt.Sprintf("UPDATE %s SET %s = $1 WHERE id = $2 AND %s = $3", column.Table, column.Column, column.Column),
		sealed, row.id, string(row.value))
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}
