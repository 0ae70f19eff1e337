package invalidation

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/body"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/setting"
	"github.com/tonggao/tonggao/ent/viewday"
)

// Reads collects what the answer of one request depends on. It may be used concurrently.
type Reads struct {
	mu      sync.Mutex
	keys    map[string]struct{}
	open    int  // statements of lists that have not said what they show
	private bool // it read what the public does not see
	views   bool // it read how often something was viewed
}

type readsKey struct{}

// WithReads returns a context whose statements are recorded.
func WithReads(ctx context.Context) (context.Context, *Reads) {
	r := &Reads{keys: map[string]struct{}{}}
	return context.WithValue(ctx, readsKey{}, r), r
}

func readsOf(ctx context.Context) *Reads {
	r, _ := ctx.Value(readsKey{}).(*Reads)
	return r
}

// Statement records a statement that reads under ctx.
func Statement(ctx context.Context, query string) {
	if r := readsOf(ctx); r != nil {
		r.record(scopeOf(ctx), parse(query))
	}
}

// ReadSetting records that the answer depends on a setting that is kept in memory.
func ReadSetting(ctx context.Context, name string) {
	if r := readsOf(ctx); r != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.add(setting.Table)
		r.add(keyOf(setting.Table, name))
	}
}

// Read records that the answer depends on all rows of a table that it did not read itself,
// because they are kept in memory.
func Read(ctx context.Context, tables ...string) {
	if r := readsOf(ctx); r != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, table := range tables {
			r.add(anyOf(table))
			r.views = r.views || table == viewday.Table
		}
	}
}

func (r *Reads) add(key string) { r.keys[key] = struct{}{} }

func (r *Reads) record(in scope, s *statement) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.private = r.private || s.private
	r.views = r.views || s.views
	for _, table := range s.tables {
		switch {
		case table == article.Table && in.listing != nil:
			in.listing.statements = append(in.listing.statements, s)
			r.open++
			r.add(article.Table)
		case table == article.Table && in.articles != nil:
			r.add(article.Table)
			r.addArticles(s, in.articles)
		case (table == body.Table || table == comment.Table) && in.articles != nil:
			r.add(table)
			for _, id := range in.articles {
				r.add(keyOf(table, id))
			}
		case table == setting.Table && in.setting != "":
			r.add(table)
			r.add(keyOf(table, in.setting))
		default:
			r.add(anyOf(table))
			r.views = r.views || table == viewday.Table
		}
	}
}

// addArticles records the rows of articles, with what s reads of them.
func (r *Reads) addArticles(s *statement, ids []string) {
	if s.views {
		r.add(viewsKey)
	}
	for _, id := range ids {
		r.add(keyOf(article.Table, id))
		if s.counts {
			r.add(countKey(id))
		}
	}
}

// Private reports whether something was read that the public does not see. Such an answer must
// not be kept.
func (r *Reads) Private() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.private
}

// Views reports whether the answer depends on view counts, which other processes change
// without a trace.
func (r *Reads) Views() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.views
}

// Dependencies returns what was read so far.
func (r *Reads) Dependencies() Dependencies {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.close()
	d := make(Dependencies, 0, len(r.keys))
	for key := range r.keys {
		d = append(d, slotOf(key))
	}
	slices.Sort(d)
	return slices.Compact(d)
}

// close makes the answer depend on all articles where a list did not say what it shows.
func (r *Reads) close() {
	if r.open > 0 {
		r.add(anyOf(article.Table))
	}
}

// maxTags bounds the names in a header; an answer that depends on more is under the names of
// the tables alone.
const maxTags = 120

// Tags returns what was read as names for a cache in front of the program, sorted: tables, and
// articles by their id.
func (r *Reads) Tags() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.close()
	tags := map[string]bool{}
	for key := range r.keys {
		table, id, narrow := strings.Cut(strings.TrimSuffix(key, anySuffix), "/")
		switch {
		case !narrow:
			tags[table] = true
		case key == listKey || key == viewsKey:
			tags[strings.ReplaceAll(key, "/", "-")] = true
		default:
			tags[strings.TrimPrefix(id, countPrefix)] = true
		}
	}
	list := make([]string, 0, len(tags))
	for tag := range tags {
		list = append(list, tag)
	}
	slices.Sort(list)
	if len(list) > maxTags {
		list = slices.DeleteFunc(list, func(tag string) bool { return strings.Contains(tag, "_") && strings.HasPrefix(tag, "art_") })
	}
	return list
}
