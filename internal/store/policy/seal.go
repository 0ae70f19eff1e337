package policy

import (
	"context"
	"errors"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/seal"
)

// vault seals what tells of persons before it is written and opens it when it is
// read, so that nobody above this layer meets it sealed and nobody below it meets
// it open: the database, its log and its backups hold nothing that can be read
// without the key. Each value is bound to its row and column.
//
// Without a key, new values are written as they are, and sealed ones stay closed.
type vault struct{ keys seal.Ring }

// registerSeals comes after the masks: what is to be masked is opened first.
func registerSeals(c *ent.Client, keys seal.Ring) {
	v := vault{keys}
	c.Article.Use(v.write)
	c.Comment.Use(v.write)
	c.Report.Use(v.write)
	c.ReportEvent.Use(v.write)
	c.Article.Intercept(v.read())
	c.Comment.Intercept(v.read())
	c.Report.Intercept(v.read())
	c.ReportEvent.Intercept(v.read())
}

// errNoRow is a change of many rows at once, which cannot be bound to one.
var errNoRow = errors.New("what is sealed is written row by row")

// field is one sealed column of one row.
type field struct {
	column, value string
	put           func(string)
}

// fields are the sealed columns that a change sets.
func fields(m ent.Mutation) (id string, list []field) {
	if row, ok := m.(interface{ ID() (string, bool) }); ok {
		id, _ = row.ID()
	}
	if m, ok := m.(interface {
		OriginAddress() (string, bool)
		SetOriginAddress(string)
	}); ok {
		if value, set := m.OriginAddress(); set {
			list = append(list, field{Address, value, m.SetOriginAddress})
		}
	}
	if m, ok := m.(interface {
		Evidence() (string, bool)
		SetEvidence(string)
	}); ok {
		if value, set := m.Evidence(); set {
			list = append(list, field{Evidence, value, m.SetEvidence})
		}
	}
	if m, ok := m.(*ent.ReportEventMutation); ok {
		if value, set := m.Material(); set {
			list = append(list, field{Material, string(value), func(sealed string) { m.SetMaterial(optional.String(sealed)) }})
		}
	}
	return id, list
}

// The sealed columns.
const (
	Address  = "origin_address"
	Evidence = "evidence"
	Material = "material"
)

// Purpose binds what is sealed to its row and column.
func Purpose(column, id string) string { return column + " of " + id }

// write seals what a change sets, and opens it in the row that comes back.
func (v vault) write(next ent.Mutator) ent.Mutator {
	return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
		id, list := fields(m)
		for _, f := range list {
			if f.value == "" || v.keys.Empty() || seal.Is(f.value) {
				continue
			}
			if id == "" {
				return nil, errNoRow
			}
			sealed, err := v.keys.Seal(Purpose(f.column, id), f.value)
			if err != nil {
				return nil, fmt.Errorf("seal the %s of %s: %w", f.column, id, err)
			}
			f.put(sealed)
		}
		value, err := next.Mutate(ctx, m)
		if err != nil {
			return value, err
		}
		return v.open(value), nil
	})
}

func (v vault) read() ent.Interceptor {
	return ent.InterceptFunc(func(next ent.Querier) ent.Querier {
		return ent.QuerierFunc(func(ctx context.Context, q ent.Query) (ent.Value, error) {
			value, err := next.Query(ctx, q)
			if err != nil {
				return value, err
			}
			return v.open(value), nil
		})
	})
}

// open opens what is sealed in rows. What cannot be opened stays as it is: it means
// nothing to anybody, and is not lost.
func (v vault) open(value ent.Value) ent.Value {
	switch rows := value.(type) {
	case *ent.Article:
		rows.OriginAddress = v.text(Address, rows.ID, rows.OriginAddress)
	case *ent.Comment:
		rows.OriginAddress = v.text(Address, rows.ID, rows.OriginAddress)
	case *ent.Report:
		rows.OriginAddress = v.text(Address, rows.ID, rows.OriginAddress)
		rows.Evidence = v.text(Evidence, rows.ID, rows.Evidence)
	case *ent.ReportEvent:
		rows.Material = optional.String(v.text(Material, rows.ID, string(rows.Material)))
	case []*ent.ReportEvent:
		for _, row := range rows {
			v.open(row)
		}
	case []*ent.Article:
		for _, row := range rows {
			v.open(row)
		}
	case []*ent.Comment:
		for _, row := range rows {
			v.open(row)
		}
	case []*ent.Report:
		for _, row := range rows {
			v.open(row)
		}
	}
	return value
}

func (v vault) text(column, id, value string) string {
	if !seal.Is(value) {
		return value // empty, or from before there was a key
	}
	if text, err := v.keys.Open(Purpose(column, id), value); err == nil {
		return text
	}
	return value
}
