package importer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

var (
	errReference = errors.New("it refers to something that is neither in the database nor in the archive")
	errFixed     = errors.New("something else has this id here: it differs in what never changes")
	errUnique    = errors.New("something else here has its slug, receipt, version, import key or hash")
)

// entity decodes and writes one type of line.
type entity struct {
	value func() any // a pointer to a new, empty line
	put   func(ctx context.Context, r *run, c *ent.Client, value any) (outcome article.Outcome, ok bool, err error)
}

// entities holds what an archive has, by the names of the types. It is filled when the
// program starts, as its functions refer to it.
var entities map[string]entity

func init() {
	entities = map[string]entity{
		archive.TypeSite:        entityOf((*run).putSite),
		archive.TypeRegion:      entityOf((*run).putRegion),
		archive.TypeCategory:    entityOf((*run).putCategory),
		archive.TypePublisher:   entityOf((*run).putPublisher),
		archive.TypePicture:     entityOf((*run).putPicture),
		archive.TypeArticle:     entityOf((*run).putArticle),
		archive.TypeRevision:    entityOf((*run).putRevision),
		archive.TypeComment:     entityOf((*run).putComment),
		archive.TypeReport:      entityOf((*run).putReport),
		archive.TypeReportEvent: entityOf((*run).putReportEvent),
		archive.TypeAttachment:  entityOf((*run).putAttachment),
		archive.TypeTakedown:    entityOf((*run).putTakedown),
		archive.TypeViews:       entityOf((*run).putViews),
	}
}

func entityOf[T any](put func(*run, context.Context, *ent.Client, T) (article.Outcome, error)) entity {
	return entity{
		value: func() any { return new(T) },
		put: func(ctx context.Context, r *run, c *ent.Client, value any) (article.Outcome, bool, error) {
			v, ok := value.(*T)
			if !ok {
				return "", false, nil
			}
			outcome, err := put(r, ctx, c, *v)
			return outcome, true, err
		},
	}
}

// put writes one line.
func (r *run) put(ctx context.Context, c *ent.Client, l line) (article.Outcome, error) {
	if l.err != nil {
		return "", l.err
	}
	for _, e := range entities {
		outcome, ok, err := e.put(ctx, r, c, l.value)
		switch {
		case !ok:
		case store.IsReferenced(err):
			return "", errReference
		case store.IsUnique(err):
			return "", errUnique
		default:
			return outcome, err
		}
	}
	return "", fmt.Errorf("an archive has no %T", l.value)
}

// upsert writes lines of one type. T is the line, R the row; old is the row as a line,
// nil if there is none.
type upsert[T, R any] struct {
	kind   typeid.Kind
	find   func(context.Context, string) (R, error)
	line   func(R) T
	clean  func(bad *fault.Invalid, t *T) // normalises the text, and adds to bad what the API would refuse
	fixed  func(T) any                    // the part that never changes; nil: all of it
	check  func(old *T, t T) error        // what depends on other rows; may be nil
	create func(T) error
	update func(T) error
	log    func(old *T, t T) error // appends to the change feed; nil if readers cannot see the change
}

func (u upsert[T, R]) put(ctx context.Context, id string, t T) (article.Outcome, error) {
	old, err := u.old(ctx, id)
	if err != nil {
		return "", err
	}
	if old != nil && equal(*old, t) {
		return article.Unchanged, nil
	}
	if err := u.checkLine(&t); err != nil {
		return "", err
	}
	outcome, write := article.Created, u.create
	if old != nil {
		if equal(*old, t) {
			return article.Unchanged, nil
		}
		if u.fixed == nil || !equal(u.fixed(*old), u.fixed(t)) {
			return "", errFixed
		}
		outcome, write = article.Updated, u.update
	}
	if u.check != nil {
		if err := u.check(old, t); err != nil {
			return "", err
		}
	}
	if err := write(t); err != nil {
		return "", fmt.Errorf("write %s: %w", id, err)
	}
	if u.log == nil {
		return outcome, nil
	}
	return outcome, u.log(old, t)
}

// old returns the row with that id as a line; nil if there is none.
func (u upsert[T, R]) old(ctx context.Context, id string) (*T, error) {
	if !typeid.Is(u.kind, id) {
		return nil, fmt.Errorf("%.40q is not an id of its type", id)
	}
	row, err := u.find(ctx, id)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", id, err)
	}
	t := u.line(row)
	return &t, nil
}

func (u upsert[T, R]) checkLine(t *T) error {
	var bad fault.Invalid
	if u.clean(&bad, t); bad == nil {
		checkValues(&bad, *t)
	}
	return bad.Err()
}

// equal compares lines by their encoding.
func equal(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

func orNil[S ~string](s S) *string {
	if s == "" {
		return nil
	}
	text := string(s)
	return &text
}
