package execution

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tonggao/tonggao/internal/foundation/instant"
)

// Answer holds the data of an operation as far as it is written. It belongs to one
// goroutine.
type Answer struct {
	bytes     []byte
	most      int // after how many bytes lists end; 0: never
	collected map[selection][]graphql.CollectedField
}

// written marshals a value that is in the Answer already: it writes nothing.
type written struct{ _ byte }

// MarshalGQL implements graphql.Marshaler.
func (*written) MarshalGQL(io.Writer) {}

var inAnswer graphql.Marshaler = &written{}

type limitKey struct{}

// WithLimit returns a context in which lists of an answer end after some bytes. Such an
// answer is incomplete: the caller must refuse one that has more bytes.
func WithLimit(ctx context.Context, most int) context.Context {
	return context.WithValue(ctx, limitKey{}, most)
}

// New returns the empty answer of an operation.
func New(ctx context.Context) *Answer {
	most, _ := ctx.Value(limitKey{}).(int)
	return &Answer{most: most}
}

// buffers keeps the memory of finished answers.
var buffers = sync.Pool{New: func() any { return new(make([]byte, 0, 16<<10)) }}

const mostKept = 1 << 20

// Finish returns the data of an operation that was executed with data as its result.
func (a *Answer) Finish(data graphql.Marshaler) []byte {
	if data != inAnswer {
		a.bytes = a.bytes[:0]
		data.MarshalGQL(a)
	}
	finished := bytes.Clone(a.bytes)
	if cap(a.bytes) > 0 && cap(a.bytes) <= mostKept {
		buffers.Put(new(a.bytes[:0]))
	}
	a.bytes = nil
	return finished
}

func (a *Answer) full() bool { return a.most > 0 && len(a.bytes) > a.most }

// Write implements io.Writer.
func (a *Answer) Write(p []byte) (int, error) {
	a.bytes = append(a.bytes, p...)
	return len(p), nil
}

// WriteString implements io.StringWriter.
func (a *Answer) WriteString(s string) (int, error) {
	a.bytes = append(a.bytes, s...)
	return len(s), nil
}

// Object is an object while its fields are written. An object whose field is null and must
// not be is null itself.
type Object struct {
	answer  *Answer
	start   int // where the object begins
	value   int // where the value of the last key begins
	invalid bool
}

// Object begins an object.
func (a *Answer) Object() Object {
	if a.bytes == nil {
		a.bytes = *buffers.Get().(*[]byte)
	}
	start := len(a.bytes)
	a.bytes = append(a.bytes, '{')
	return Object{answer: a, start: start}
}

// Key begins a field.
func (o *Object) Key(name string) {
	a := o.answer
	if len(a.bytes) > o.start+1 {
		a.bytes = append(a.bytes, ',')
	}
	a.bytes = append(a.bytes, '"')
	a.bytes = append(a.bytes, name...) // a name of GraphQL needs no escapes
	a.bytes = append(a.bytes, '"', ':')
	o.value = len(a.bytes)
}

// Value writes the value of the field, unless it is written already.
func (o *Object) Value(m graphql.Marshaler, nonNull bool) {
	if m == inAnswer {
		return
	}
	o.answer.bytes = o.answer.bytes[:o.value] // what a field wrote that failed after that
	if nonNull && m == graphql.Null || !nonNull && m == graphql.RequiredNull {
		o.invalid = true
	}
	m.MarshalGQL(o.answer)
}

// End ends the object and returns it.
func (o *Object) End() graphql.Marshaler {
	a := o.answer
	if o.invalid {
		a.bytes = a.bytes[:o.start]
		return graphql.Null
	}
	a.bytes = append(a.bytes, '}')
	return inAnswer
}

// Rows writes a list of n rows and returns it. A panic makes its row null. With nonNull, a
// list with a row that is null is null itself.
func (a *Answer) Rows(ctx context.Context, n int, nonNull bool, marshal func(ctx context.Context, i int) graphql.Marshaler) graphql.Marshaler {
	start, invalid := len(a.bytes), false
	a.bytes = append(a.bytes, '[')
	contexts, parent := make([]fieldContext, n), graphql.GetFieldContext(ctx)
	for i := range contexts {
		if a.full() {
			break
		}
		if i > 0 {
			a.bytes = append(a.bytes, ',')
		}
		c, at := &contexts[i], len(a.bytes)
		c.Context, c.index, c.field.Parent, c.field.Index = ctx, i, parent, &c.index
		if m := row(c, i, marshal); m != inAnswer {
			a.bytes = a.bytes[:at]
			invalid = invalid || nonNull && m == graphql.Null
			m.MarshalGQL(a)
		}
	}
	if invalid {
		a.bytes = a.bytes[:start]
		return graphql.Null
	}
	a.bytes = append(a.bytes, ']')
	return inAnswer
}

func row(ctx context.Context, i int, marshal func(ctx context.Context, i int) graphql.Marshaler) (m graphql.Marshaler) {
	defer func() {
		if p := recover(); p != nil {
			graphql.AddError(ctx, graphql.Recover(ctx, p))
			m = graphql.Null
		}
	}()
	return marshal(ctx, i)
}

// selection is a selection set of a document, for a type.
type selection struct {
	first *ast.Selection
	size  int
	kind  *string
}

// Fields returns the fields that a selection set has for a type that satisfies all of
// kinds. Of two with one alias it has the first.
func (a *Answer) Fields(oc *graphql.OperationContext, set ast.SelectionSet, kinds []string) []graphql.CollectedField {
	if len(set) == 0 {
		return nil
	}
	key := selection{&set[0], len(set), &kinds[0]}
	fields, ok := a.collected[key]
	if !ok {
		seen := map[string]bool{}
		for _, f := range graphql.CollectFields(oc, set, kinds) {
			if !seen[f.Alias] {
				seen[f.Alias] = true
				fields = append(fields, f)
			}
		}
		if a.collected == nil {
			a.collected = map[selection][]graphql.CollectedField{}
		}
		a.collected[key] = fields
	}
	return fields
}

const hex = "0123456789ABCDEF"

// Text writes a string.
func (a *Answer) Text(s string) {
	b, start := append(a.bytes, '"'), 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '\\' && c != '"' {
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '\t':
			b = append(b, '\\', 't')
		case '\r':
			b = append(b, '\\', 'r')
		case '\n':
			b = append(b, '\\', 'n')
		case '\\', '"':
			b = append(b, '\\', c)
		default:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
		}
		start = i + 1
	}
	a.bytes = append(append(b, s[start:]...), '"')
}

// TextOrNull writes a string, or null where it is empty.
func (a *Answer) TextOrNull(s string) {
	if s == "" {
		a.null()
		return
	}
	a.Text(s)
}

// TextAt writes the string that s points to, or null.
func (a *Answer) TextAt(s *string) {
	if s == nil {
		a.null()
		return
	}
	a.Text(*s)
}

// Int writes an integer.
func (a *Answer) Int(n int64) { a.bytes = strconv.AppendInt(a.bytes, n, 10) }

// Bool writes a boolean.
func (a *Answer) Bool(b bool) { a.bytes = strconv.AppendBool(a.bytes, b) }

// Time writes a time.
func (a *Answer) Time(i instant.Instant) {
	a.bytes = append(i.AppendTo(append(a.bytes, '"')), '"')
}

// TimeAt writes the time that i points to, or null.
func (a *Answer) TimeAt(i *instant.Instant) {
	if i == nil {
		a.null()
		return
	}
	a.Time(*i)
}

func (a *Answer) null() { a.bytes = append(a.bytes, "null"...) }
