package policy

import (
	"context"
	"errors"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/seal"
)

// vault encrypts the sealed columns when a row is written and decrypts them when one is
// read: no service sees them encrypted, and the database, its log and its backups hold
// nothing that can be read without the key.
//
// Without a key, new values are written in plain text and encrypted ones stay encrypted.
type vault struct {
	keys    seal.Ring
	columns map[string][]*SealedColumn // by entity
}

// registerSeals adds the encryption of sealed columns. It is registered after the masks,
// so that a value is decrypted before it is masked.
func registerSeals(c *ent.Client, keys seal.Ring) {
	v := vault{keys, map[string][]*SealedColumn{}}
	for _, column := range SealedColumns() {
		if column.Automatic() {
			v.columns[column.Entity] = append(v.columns[column.Entity], column)
		}
	}
	c.Use(v.encrypt)
	for _, entity := range []interface{ Intercept(...ent.Interceptor) }{c.Article, c.Comment, c.Report, c.ReportEvent} {
		entity.Intercept(v.decrypt())
	}
}

// errManyRows reports a change of many rows at once: each value is bound to one row.
var errManyRows = errors.New("sealed columns are written row by row")

// encrypt returns a mutator that encrypts the sealed columns that a mutation sets, and
// decrypts them in the row that comes back.
func (v vault) encrypt(next ent.Mutator) ent.Mutator {
	return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
		columns := v.columns[m.Type()]
		for _, column := range columns {
			if err := v.seal(m, column); err != nil {
				return nil, err
			}
		}
		value, err := next.Mutate(ctx, m)
		if err != nil {
			return value, err
		}
		v.open(value, columns)
		return value, nil
	})
}

func (v vault) seal(m ent.Mutation, column *SealedColumn) error {
	field, set := m.Field(column.Column)
	if !set || v.keys.Empty() {
		return nil
	}
	text := column.text(field)
	if text == "" || seal.Is(text) {
		return nil
	}
	row, ok := m.(interface{ ID() (string, bool) })
	if !ok {
		return errManyRows
	}
	id, ok := row.ID()
	if !ok {
		return errManyRows
	}
	sealed, err := v.keys.Seal(column.Purpose(id), text)
	if err != nil {
		return fmt.Errorf("encrypt the %s of %s: %w", column.Column, id, err)
	}
	return m.SetField(column.Column, column.field(sealed))
}

// decrypt returns an interceptor that decrypts the sealed columns of the rows found.
func (v vault) decrypt() ent.Interceptor {
	return ent.InterceptFunc(func(next ent.Querier) ent.Querier {
		return ent.QuerierFunc(func(ctx context.Context, q ent.Query) (ent.Value, error) {
			value, err := next.Query(ctx, q)
			if err != nil {
				return value, err
			}
			for _, columns := range v.columns {
				v.open(value, columns)
			}
			return value, nil
		})
	})
}

// open decrypts columns in rows. A value that cannot be decrypted stays as it is: it
// reveals nothing and is not lost.
func (v vault) open(rows ent.Value, columns []*SealedColumn) {
	for _, column := range columns {
		column.open(rows, func(id, text string) string {
			if !seal.Is(text) {
				return text // empty, or from before there was a key
			}
			if plain, err := v.keys.Open(column.Purpose(id), text); err == nil {
				return plain
			}
			return text
		})
	}
}
