package invalidation

import "context"

// scope is what the statements of a context concern.
type scope struct {
	articles []string // nil: all
	content  bool     // writes change nothing by which lists select or sort the articles
	tags     bool     // with content: writes change the tags
	unseen   bool     // writes change nothing that an anonymous reader sees
	listing  *Listing
	setting  string // the name of the only setting; empty: all
}

type scopeKey struct{}

func scopeOf(ctx context.Context) scope {
	s, _ := ctx.Value(scopeKey{}).(scope)
	return s
}

func with(ctx context.Context, s scope) context.Context { return context.WithValue(ctx, scopeKey{}, s) }

// OfArticles returns a context whose statements read or write only what belongs to these
// articles: their rows, documents and comments.
func OfArticles(ctx context.Context, ids ...string) context.Context {
	return with(ctx, scope{articles: append([]string{}, ids...)})
}

// ContentOf returns a context whose statements write what an article shows, and nothing by
// which lists of articles select or sort; newTags says that its tags change.
func ContentOf(ctx context.Context, id string, newTags bool) context.Context {
	return with(ctx, scope{articles: []string{id}, content: true, tags: newTags})
}

// Unseen returns a context whose statements write nothing that an anonymous reader can see,
// now or when a time comes.
func Unseen(ctx context.Context) context.Context { return with(ctx, scope{unseen: true}) }

// OfSetting returns a context whose statements read or write one setting.
func OfSetting(ctx context.Context, name string) context.Context {
	return with(ctx, scope{setting: name})
}

// Listing is a list of articles that is read in an order by time or views, and by conditions
// that edits of the content do not change. Its answer depends on which articles are in lists,
// and on those that it shows.
type Listing struct {
	reads      *Reads
	statements []*statement
	lookup     bool
}

// List returns a context for the statements of a list. The answer depends on all articles
// unless Shows is called.
func List(ctx context.Context) (context.Context, *Listing) {
	reads := readsOf(ctx)
	if reads == nil {
		return ctx, nil
	}
	l := &Listing{reads: reads}
	return with(ctx, scope{listing: l}), l
}

// LookUp returns a context for the statement that finds one article by a unique name. The answer
// depends on the article that Shows names, or where there is none, on which articles there are.
func LookUp(ctx context.Context) (context.Context, *Listing) {
	ctx, l := List(ctx)
	if l != nil {
		l.lookup = true
	}
	return ctx, l
}

// Shows records the articles that the list shows; none where it counts them.
func (l *Listing) Shows(ids ...string) {
	if l == nil {
		return
	}
	l.reads.mu.Lock()
	defer l.reads.mu.Unlock()
	for _, s := range l.statements {
		if !l.lookup || len(ids) == 0 {
			l.reads.add(listKey)
		}
		l.reads.addArticles(s, ids)
		l.reads.open--
	}
	l.statements = nil
}

// Unrecorded returns a context whose statements are not part of what an answer depends on.
func Unrecorded(ctx context.Context) context.Context {
	return context.WithValue(ctx, readsKey{}, (*Reads)(nil))
}
