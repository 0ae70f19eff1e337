package importer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

var (
	errOrphan = errors.New("it refers to something that is neither in the database nor in the archive")
	errFixed  = errors.New("something else has this id here: it differs in what never changes")
	errTaken  = errors.New("something else here has its slug, receipt, version, import key or hash")
)

// put writes one line.
func (r *reading) put(ctx context.Context, c *ent.Client, l line) (article.Outcome, error) {
	if l.wrong != nil {
		return "", l.wrong
	}
	outcome, err := r.putThing(ctx, c, l.thing)
	if store.IsReferenced(err) {
		return "", errOrphan
	}
	if store.IsUnique(err) {
		return "", errTaken
	}
	return outcome, err
}

func (r *reading) putThing(ctx context.Context, c *ent.Client, thing any) (article.Outcome, error) {
	switch t := thing.(type) {
	case *site.Facts:
		return r.putSite(ctx, *t)
	case *archive.Region:
		return r.putRegion(ctx, c, *t)
	case *archive.Category:
		return r.putCategory(ctx, c, *t)
	case *archive.Publisher:
		return r.putPublisher(ctx, c, *t)
	case *archive.Picture:
		return r.putPicture(ctx, c, *t)
	case *article.Record:
		return r.putArticle(ctx, c, *t)
	case *archive.Revision:
		return r.putRevision(ctx, c, *t)
	case *archive.Comment:
		return r.putComment(ctx, c, *t)
	case *archive.Report:
		return r.putReport(ctx, c, *t)
	case *archive.ReportEvent:
		return r.putCaseEvent(ctx, c, *t)
	case *archive.Attachment:
		return r.putAttachment(ctx, c, *t)
	case *archive.Takedown:
		return r.putMeasure(ctx, c, *t)
	case *archive.Views:
		return r.putViews(ctx, c, *t)
	}
	return "", fmt.Errorf("%T is nothing that an archive has", thing)
}

// upsert is how most kinds of lines are written: look whether it is there,
// compare, check, then create or update. T is the line, R the row. Of
// check, create, update and notice, was is the line as it is there, nil where it
// is new.
type upsert[T, R any] struct {
	kind   typeid.Kind
	id     func(T) string
	find   func(context.Context, string) (R, error)
	line   func(R) T
	check  func(was *T, is T) error // what the database does not notice
	create func(T) error
	update func(T) error
	notice func(was *T, is T) error // nil where readers notice nothing of it
}

func (u upsert[T, R]) put(ctx context.Context, is T) (article.Outcome, error) {
	if id := u.id(is); !typeid.Is(u.kind, id) {
		return "", fmt.Errorf("%.40q is not an id of its type", id)
	}
	var was *T
	row, err := u.find(ctx, u.id(is))
	switch {
	case err == nil:
		there := u.line(row)
		was = &there
	case !ent.IsNotFound(err):
		return "", err
	}
	if was != nil && equal(*was, is) {
		return article.Unchanged, nil
	}
	if err := u.check(was, is); err != nil {
		return "", err
	}
	outcome, write := article.Created, u.create
	if was != nil {
		outcome, write = article.Updated, u.update
	}
	if err := write(is); err != nil || u.notice == nil {
		return outcome, err
	}
	return outcome, u.notice(was, is)
}

// equal compares lines by what they are written as.
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
