package importer

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	entcategory "github.com/tonggao/tonggao/ent/category"
	entpublisher "github.com/tonggao/tonggao/ent/publisher"
	entregion "github.com/tonggao/tonggao/ent/region"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/slug"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/sync/archive"
	"github.com/tonggao/tonggao/internal/sync/importer/record"
)

// writer writes the record of one task in a transaction.
type writer struct {
	*mover
	*task
	run   *run
	c     *ent.Client
	known map[string]*imported // everything that the record refers to
}

// id returns the ID of what the record becomes: as before, or derived from its key.
func (w *writer) id(kind typeid.Kind, at instant.Instant) string {
	if w.old != nil {
		return w.old.item
	}
	return typeid.Derive(kind, at, w.key)
}

// refer returns the ID of the item that the record with the key became; "" for no key, and
// in a rehearsal for what would have come.
func (w *writer) refer(key string) (string, error) {
	if key == "" {
		return "", nil
	}
	if row := w.known[w.prefix+key]; row != nil {
		return row.item, nil
	}
	if w.DryRun && w.seen[w.prefix+key] {
		return "", nil
	}
	return "", fmt.Errorf("%w: %s", errReference, key)
}

// joined takes the place of the hash of what was written where an item was here before: it
// counts as edited here from then on.
const joined = "joined"

// keep decides about a record whose item is here: an item that was here before is joined,
// and one that was edited here stays.
func keep[T any](w *writer, here *T, name string) bool {
	switch {
	case here == nil && w.old != nil && !w.Revive:
		w.skipped = "it was deleted here; import --revive brings it back"
		return true
	case here == nil:
		return false
	case w.old == nil:
		w.collide("%q is here already; the two are joined and it stays as it is", name)
		w.settle(article.Unchanged, here)
		w.row.written = joined
		return true
	case w.old.written != "" && w.old.written != hashLine(here) && !w.Force:
		w.collide("it changed at the source and was edited here; it stays as it is here")
		w.settle(article.Unchanged, here)
		w.row.written = w.old.written
		w.edited = true
		return true
	}
	return false
}

// settle notes what the record became.
func (w *writer) settle(o article.Outcome, line any) {
	w.outcome, w.row.written = o, hashLine(line)
}

func hashLine(line any) string {
	text, _ := archive.Line("", line) // it was written
	return hashOf(text)[:32]
}

// clip returns text without stray characters and with at most max characters.
func (w *writer) clip(field, text string, max int) string {
	clean := strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, input.Clean(text)))
	if utf8.RuneCountInString(clean) <= max {
		return clean
	}
	w.lose("%s has more than %d characters and was cut: %s", field, max, clean)
	return strings.TrimSpace(string([]rune(clean)[:max-1])) + "…"
}

// unnamed is the name of what has none.
const unnamed = "未命名"

func (w *writer) name(given string) string {
	if name := w.clip("the name", given, input.MaxName); name != "" {
		return name
	}
	return unnamed
}

// freeSlug returns a slug like the wanted one that is not taken; by the ID where there is none.
func (w *writer) freeSlug(ctx context.Context, wanted, id string, taken func(context.Context, string) (bool, error)) (string, error) {
	wanted = slugLike(wanted)
	if wanted == "" {
		return slug.FromID(id), nil
	}
	used, err := taken(ctx, wanted)
	if err != nil || !used {
		return wanted, err
	}
	longer := slug.Extend(wanted, slug.FromID(id))
	w.collide("the slug %q is taken here; it has %q", wanted, longer)
	return longer, nil
}

// slugLike returns a text in the form of a slug; "" where too little of it is left.
func slugLike(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= utf8.RuneSelf || r == '%': // of another script, as it is or encoded
			return ""
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	s := strings.Trim(b.String(), "-")
	if slug.Check(s) != nil {
		return ""
	}
	return s
}

// put writes a line and settles the task.
func (w *writer) put(ctx context.Context, value any) (err error) {
	outcome, err := w.run.put(ctx, w.c, line{value: value})
	if err == nil {
		w.settle(outcome, value)
	}
	return err
}

func (w *writer) category(ctx context.Context, r *record.Category) error {
	parent, err := w.refer(w.parentOf(r))
	if err != nil {
		return err
	}
	now := w.Store.Clock()
	id := w.id(typeid.Category, 0)
	line := archive.Category{ID: id, Parent: optional.String(parent), Name: w.name(r.Name), Position: r.Position,
		Terminals: terminal.All(), CreatedAt: now, UpdatedAt: now}
	below := entcategory.ParentIDIsNil()
	if parent != "" {
		below = entcategory.ParentID(parent)
	}
	row, err := first(w.c.Category.Query().Where(entcategory.ID(id)).Only(ctx))
	if err == nil && row == nil && w.old == nil && (parent != "" || r.Parent == "" || !w.DryRun) {
		row, err = first(w.c.Category.Query().Where(below, entcategory.Name(line.Name)).Order(entcategory.ByID()).First(ctx))
	}
	if err != nil {
		return fmt.Errorf("look up a category: %w", err)
	}
	var here *archive.Category
	if row != nil {
		here = new(archive.FromCategory(row))
		line.ID, line.CreatedAt, line.Slug, line.Terminals = here.ID, here.CreatedAt, here.Slug, here.Terminals
	}
	w.row.item = line.ID
	if !keep(w, here, line.Name) {
		if here == nil {
			line.Slug, err = w.freeSlug(ctx, r.Slug, id, func(ctx context.Context, s string) (bool, error) {
				return w.c.Category.Query().Where(entcategory.Slug(s)).Exist(ctx)
			})
		} else if line.UpdatedAt = here.UpdatedAt; !equal(line, *here) {
			line.UpdatedAt = now
		}
		if err == nil {
			err = w.put(ctx, &line)
		}
	}
	if err != nil || w.skipped != "" {
		return err
	}
	return w.addresses(ctx, r.Paths)
}

func (w *writer) region(ctx context.Context, r *record.Region) error {
	now := w.Store.Clock()
	id := w.id(typeid.Region, 0)
	line := archive.Region{ID: id, Name: w.name(r.Name), Position: r.Position, CreatedAt: now, UpdatedAt: now}
	row, err := first(w.c.Region.Query().Where(entregion.ID(id)).Only(ctx))
	if err == nil && row == nil && w.old == nil {
		row, err = first(w.c.Region.Query().Where(entregion.Name(line.Name)).Order(entregion.ByID()).First(ctx))
	}
	if err != nil {
		return fmt.Errorf("look up a region: %w", err)
	}
	var here *archive.Region
	if row != nil {
		here = new(archive.FromRegion(row))
		line.ID, line.CreatedAt, line.Slug = here.ID, here.CreatedAt, here.Slug
	}
	w.row.item = line.ID
	if keep(w, here, line.Name) {
		return nil
	}
	if here == nil {
		line.Slug, err = w.freeSlug(ctx, r.Slug, id, func(ctx context.Context, s string) (bool, error) {
			return w.c.Region.Query().Where(entregion.Slug(s)).Exist(ctx)
		})
		if err != nil {
			return err
		}
	} else if line.UpdatedAt = here.UpdatedAt; !equal(line, *here) {
		line.UpdatedAt = now
	}
	return w.put(ctx, &line)
}

func (w *writer) publisher(ctx context.Context, r *record.Publisher) error {
	now := w.Store.Clock()
	at := r.CreatedAt
	if !instant.InRange(at) || at == 0 {
		at = now
	}
	id := w.id(typeid.Publisher, r.CreatedAt)
	line := archive.Publisher{ID: id, Name: w.name(r.Name), Public: r.Public, CreatedAt: at, UpdatedAt: now}
	row, err := first(w.c.Publisher.Query().Where(entpublisher.ID(id)).Only(ctx))
	if err == nil && row == nil && w.old == nil {
		row, err = w.namesake(ctx, line.Name)
	}
	if err != nil {
		return fmt.Errorf("look up a publisher: %w", err)
	}
	var here *archive.Publisher
	if row != nil {
		here = new(archive.FromPublisher(row))
		line.ID, line.CreatedAt = here.ID, here.CreatedAt
		if line.UpdatedAt = here.UpdatedAt; !equal(line, *here) {
			line.UpdatedAt = now
		}
	}
	w.row.item = line.ID
	if keep(w, here, line.Name) {
		return nil
	}
	return w.put(ctx, &line)
}

// namesake returns a publisher with the name that is not a member of an imported site.
func (w *writer) namesake(ctx context.Context, name string) (*ent.Publisher, error) {
	row, err := first(w.c.Publisher.Query().Where(entpublisher.Name(name), func(q *sql.Selector) {
		known := sql.Dialect(q.Dialect()).Select("item").From(sql.Table("imported"))
		q.Where(sql.NotIn(q.C(entpublisher.FieldID), known))
	}).Order(entpublisher.ByID()).First(ctx))
	return row, err
}

// first returns a row; nil where it does not exist.
func first[R any](row *R, err error) (*R, error) {
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return row, err
}

// addresses notes the addresses that the item had.
func (w *writer) addresses(ctx context.Context, list []string) error {
	for _, address := range list {
		path, ok := pathOf(address)
		if !ok {
			continue
		}
		free, err := saveAddress(ctx, w.c, path, w.row.item)
		if err != nil {
			return err
		}
		if !free {
			w.collide("its old address %s leads to something else here", path)
		}
	}
	return nil
}
