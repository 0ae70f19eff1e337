// Package schema defines the content model: fields, edges and indexes, and for each
// GraphQL field the columns that it reads. It has no hooks, no policy and no defaults that
// need a clock: those are in internal/store/policy and in the services. Some tables keep
// the names that they had before their entities were renamed (docs/decisions/0017).
//
// MaxLen counts bytes and is a safety limit; the limits of the API count characters and are
// checked by the services.
package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"

	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// Reads lists the columns that a GraphQL field needs if it is not simply named after one:
// {"lead": {"lead"}, "disclaimer": {"publisher_id"}}. A field that has no column and is not
// listed makes the query read every column, which is correct but slow; the test in
// graph/collection_test.go lists them.
type Reads map[string][]string

// Name implements schema.Annotation.
func (Reads) Name() string { return "Reads" }

var _ schema.Annotation = Reads{}

func id() ent.Field { return field.String("id").MaxLen(40).NotEmpty().Immutable() }

func at(name string) *instantField { return &instantField{name} }

// instantField builds the integer columns that hold instants.
type instantField struct{ name string }

func (f *instantField) fixed() ent.Field {
	return field.Int64(f.name).GoType(instant.Instant(0)).Immutable()
}

func (f *instantField) changing() ent.Field {
	return field.Int64(f.name).GoType(instant.Instant(0))
}

func (f *instantField) optional() ent.Field {
	return field.Int64(f.name).GoType(instant.Instant(0)).Optional().Nillable()
}

// deleted marks an edge whose rows are deleted with their owner. Without it, a row that is
// referred to cannot be deleted.
var deleted = entsql.OnDelete(entsql.Cascade)
