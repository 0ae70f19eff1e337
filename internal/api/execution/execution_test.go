package execution_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tonggao/tonggao/internal/api/execution"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/testkit/check"
)

// operation returns what an executor has: a context and an operation without interceptors.
func operation(t *testing.T) (context.Context, *graphql.OperationContext) {
	t.Helper()
	oc := &graphql.OperationContext{
		RecoverFunc:        func(_ context.Context, p any) error { return fmt.Errorf("panic: %v", p) },
		ResolverMiddleware: func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) },
		RootResolverMiddleware: func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
			return next(ctx)
		},
	}
	ctx := graphql.WithOperationContext(t.Context(), oc)
	return graphql.WithResponseContext(ctx, graphql.DefaultErrorPresenter, oc.RecoverFunc), oc
}

func field(name string) graphql.CollectedField {
	return graphql.CollectedField{Field: &ast.Field{Name: name, Alias: name}}
}

func errorsIn(ctx context.Context) string {
	var all []string
	for _, err := range graphql.GetErrors(ctx) {
		all = append(all, err.Path.String()+": "+err.Message)
	}
	return strings.Join(all, "; ")
}

// title resolves a field that fails for some rows.
func title(ctx context.Context, oc *graphql.OperationContext, i int) graphql.Marshaler {
	return execution.Resolve(ctx, oc, "Article", field("title"), true, true, func(context.Context) (any, error) {
		switch i {
		case 1:
			return nil, errors.New("connection lost")
		case 2:
			panic("index out of range")
		case 3:
			return nil, nil
		}
		return fmt.Sprintf("第%d篇", i), nil
	}, func(_ context.Context, s string) graphql.Marshaler { return graphql.MarshalString(s) })
}

// TestRows writes lists with rows that fail, panic and are null: in their place where rows
// may be null, instead of the list where they must not.
func TestRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n            int
		nonNull      bool
		want, errors string
	}{
		{0, true, `{"list":[],"end":1}`, ""},
		{1, true, `{"list":[{"id":"0","title":"第0篇"}],"end":1}`, ""},
		{5, false, `{"list":[{"id":"0","title":"第0篇"},null,null,null,null],"end":1}`,
			"list[1].title: connection lost; list[2].title: panic: index out of range; list[3].title: cannot return null for non-null field Article.title: the resolver returned nil; list[4]: panic: row"},
		{5, true, `{"list":null,"end":1}`,
			"list[1].title: connection lost; list[2].title: panic: index out of range; list[3].title: cannot return null for non-null field Article.title: the resolver returned nil; list[4]: panic: row"},
	} {
		ctx, oc := operation(t)
		a := execution.New(ctx)
		o := a.Object()
		o.Key("list")
		o.Value(a.Rows(execution.Enter(ctx, "Query", field("list"), false, false), c.n, c.nonNull, func(ctx context.Context, i int) graphql.Marshaler {
			row := a.Object()
			row.Key("id")
			a.Text(fmt.Sprint(i))
			if i == 4 {
				panic("row")
			}
			row.Key("title")
			row.Value(title(ctx, oc, i), true)
			return row.End()
		}), false)
		o.Key("end")
		a.Int(1)
		check.Equal(t, "the answer", string(a.Finish(o.End())), c.want)
		check.Equal(t, "the errors", errorsIn(ctx), c.errors)
	}
}

// TestRoot recovers a panic below a field of Query, after a part of its value was written.
func TestRoot(t *testing.T) {
	t.Parallel()
	for nonNull, want := range map[bool]string{false: `{"site":null}`, true: `null`} {
		ctx, oc := operation(t)
		a := execution.New(ctx)
		o := a.Object()
		o.Key("site")
		o.Value(execution.Root(ctx, oc, func(ctx context.Context) graphql.Marshaler {
			site := a.Object()
			site.Key("name")
			panic("nil pointer")
		}), nonNull)
		check.Equal(t, "the answer", string(a.Finish(o.End())), want)
		check.Equal(t, "the errors", errorsIn(ctx), ": panic: nil pointer")
	}
}

// TestScalars compares what is written with what gqlgen and the scalars themselves write.
func TestScalars(t *testing.T) {
	t.Parallel()
	var every strings.Builder
	for c := range rune(0x100) {
		every.WriteRune(c)
	}
	at, long := instant.Instant(1_570_700_707_000_000), "养老之家"
	a, want := execution.New(t.Context()), &bytes.Buffer{}
	o := a.Object()
	a.Text("")
	for _, s := range []string{long, every.String(), "\xff broken \xe5", "a\x7f\u2028"} {
		a.Text(s)
		graphql.MarshalString(s).MarshalGQL(want)
	}
	a.TextOrNull(long)
	a.TextOrNull("")
	a.TextAt(&long)
	a.TextAt(nil)
	a.Int(-9_007_199_254_740_991)
	a.Bool(true)
	at.MarshalGQL(want)
	a.Time(at)
	a.TimeAt(&at)
	a.TimeAt(nil)
	text := want.String()
	strings := text[:strings.LastIndex(text, `"2019`)]
	check.Equal(t, "values", string(a.Finish(o.End())),
		`{""`+strings+`"养老之家"null"养老之家"null-9007199254740991true"2019-10-10T17:45:07+08:00""2019-10-10T17:45:07+08:00"null}`)
}

// TestFields collects the fields of a selection once, and of one alias the first.
func TestFields(t *testing.T) {
	ctx, oc := operation(t)
	a, kinds := execution.New(ctx), []string{"Article"}
	title, name := field("title"), field("title")
	name.Field.Name, name.Field.ObjectDefinition, title.Field.ObjectDefinition = "name", &ast.Definition{Name: "Node"}, &ast.Definition{Name: "Article"}
	set := ast.SelectionSet{title.Field, name.Field, field("id").Field}
	for range 2 {
		fields := a.Fields(oc, set, kinds)
		if len(fields) != 2 || fields[0].Name != "title" || fields[1].Name != "id" {
			t.Errorf("%v", fields)
		}
	}
	check.Equal(t, "without fields", len(a.Fields(oc, nil, kinds)), 0)
	check.Equal(t, "allocations", testing.AllocsPerRun(10, func() { a.Fields(oc, set, kinds) }), 0)
}

// TestLimit ends a list after the bytes of the limit, so that the answer has more than that.
func TestLimit(t *testing.T) {
	t.Parallel()
	ctx, _ := operation(t)
	a, rows := execution.New(execution.WithLimit(ctx, 1000)), 0
	got := a.Finish(a.Rows(ctx, 1_000_000, true, func(context.Context, int) graphql.Marshaler {
		rows++
		return graphql.MarshalString(strings.Repeat("长", 100))
	}))
	check.Equal(t, "rows", rows, 4)
	check.Equal(t, "more than the limit", len(got) > 1000, true)
}
