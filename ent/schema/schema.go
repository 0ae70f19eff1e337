// Package schema is the content model: fields, edges and indexes, and for each
// GraphQL field the columns that it reads. No hooks, no policy, no defaults that
// need a clock: those live in internal/store/policy and in the services.
//
// MaxLen counts bytes and only keeps the database sane; the limits that people
// meet count characters and are the services'.
package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"

	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// Reads says which columns a GraphQL field needs when it is not simply named
// after one: {"lead": {"lead"}, "disclaimer": {"publisher_id"}}. A field that
// neither has a column nor stands here makes the query read every column, which
// is right but slow; the test in graph/collection_test.go lists them.
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

// deleted is what rows that belong to another carry on the owner's edge: they go
// when it goes. Without it, a row that is referred to cannot be deleted.
var deleted = entsql.OnDelete(entsql.Cascade)
