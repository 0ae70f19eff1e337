package importer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/sync/importer/record"
)

// Limits of what is in memory at once.
const (
	batchRecords = 100
	batchText    = 4 << 20 // bytes
)

// MoveIn imports the records of another system. The format and the host of the site
// distinguish several imported sites. A record that was imported before is written again only if
// it changed there, and not if its item was edited here; so a repeated import brings what
// is new, and one that was interrupted continues. Progress is called with the number of
// records after each batch.
func (i *Importer) MoveIn(ctx context.Context, name, format string, from record.Site, sum *Summary, progress func(records int)) error {
	ctx = store.LongWork(viewer.AsSystem(ctx))
	m := &mover{Importer: i, name: name, site: from, sum: sum, prefix: format + ":", tree: map[string]branch{}, seen: map[string]bool{}}
	if u, err := url.Parse(from.Address()); err == nil {
		m.prefix += strings.TrimPrefix(u.Host, "www.") + "/"
	}
	var batch []record.Record
	size, done := 0, 0
	flush := func() error {
		if err := m.write(ctx, batch); err != nil {
			return err
		}
		done += len(batch)
		batch, size = nil, 0
		progress(done)
		return ctx.Err()
	}
	err := from.Records(ctx, func(r record.Record) error {
		batch = append(batch, r)
		if a, ok := r.(*record.Article); ok {
			size += len(a.Text)
		}
		if len(batch) < batchRecords && size < batchText {
			return nil
		}
		return flush()
	})
	if err != nil {
		return fmt.Errorf("import %s: %w", name, err)
	}
	return flush()
}

// mover imports one site.
type mover struct {
	*Importer
	name   string // of the file
	prefix string // of keys
	site   record.Site
	sum    *Summary
	tree   map[string]branch // categories, by key
	seen   map[string]bool   // keys that came in a rehearsal, which are not in the database
}

// task is the import of one record.
type task struct {
	record record.Record
	key    string
	read   string    // hash of the record
	old    *imported // by an earlier import; nil: new
	text   text      // of an article

	// What the open transaction did:
	row        imported
	outcome    article.Outcome
	edited     bool
	skipped    string
	lost       []string
	collisions []string
}

func (t *task) lose(format string, args ...any) {
	t.lost = append(t.lost, fmt.Sprintf(format, args...))
}

func (t *task) collide(format string, args ...any) {
	t.collisions = append(t.collisions, fmt.Sprintf(format, args...))
}

// write imports a batch in one transaction or, if a record fails, each in its own.
func (m *mover) write(ctx context.Context, batch []record.Record) error {
	tasks, err := m.changed(ctx, batch)
	if err != nil || len(tasks) == 0 {
		return err
	}
	if err := m.prepare(ctx, tasks); err != nil {
		return err
	}
	if !m.DryRun {
		err := m.put(ctx, tasks...)
		if err == nil || fatal(ctx, err) {
			return err
		}
	}
	for _, t := range tasks {
		if err := m.put(ctx, t); err != nil {
			if fatal(ctx, err) {
				return err
			}
			if err := m.sum.reject(m.where(t.record), 0, err); err != nil {
				return err
			}
		}
	}
	return nil
}

// where names a record for people.
func (m *mover) where(r record.Record) string { return m.name + ", " + r.Head().Where }

// changed returns the records of a batch that are new or changed at the source, and counts
// the others.
func (m *mover) changed(ctx context.Context, batch []record.Record) (tasks []*task, err error) {
	keys := make([]string, len(batch))
	for i, r := range batch {
		keys[i] = m.prefix + r.Head().Key
	}
	known, err := lookUp(ctx, m.Store.Client(ctx), keys)
	if err != nil {
		return nil, err
	}
	for i, r := range batch {
		switch v := r.(type) {
		case *record.Broken:
			if err := m.sum.reject(m.where(r), 0, errors.New(v.Reason)); err != nil {
				return nil, err
			}
			continue
		case *record.Note:
			for _, reason := range v.Lost {
				m.sum.Losses.add(Rejection{Name: m.where(r), Reason: reason})
			}
			continue
		case *record.Category:
			m.grow(v)
		}
		t := &task{record: r, key: keys[i], old: known[keys[i]]}
		if t.read, err = readHash(r); err != nil {
			return nil, err
		}
		if m.DryRun {
			m.seen[t.key] = true
		}
		if m.unchanged(t) {
			m.sum.count(kindOf(r), article.Unchanged, false)
			continue
		}
		tasks = append(tasks, t)
	}
	return tasks, nil
}

// withPictures is the end of the hash of an article whose pictures are all stored here.
const withPictures = "+pictures"

// unchanged reports whether an earlier import brought the record as it is.
func (m *mover) unchanged(t *task) bool {
	if t.old == nil || m.Force {
		return false
	}
	hash, complete := strings.CutSuffix(t.old.read, withPictures)
	_, isArticle := t.record.(*record.Article)
	return hash == t.read && (complete || !isArticle || !m.Fetch)
}

// readHash returns the hash of a record.
func readHash(r record.Record) (string, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("encode a record: %w", err)
	}
	return hashOf(text)[:32], nil
}

// kindOf names the type of a record, as archives do.
func kindOf(r record.Record) string {
	return strings.TrimPrefix(fmt.Sprintf("%T", r), "*record.")
}

// errRehearsed rolls the transaction of a rehearsal back.
var errRehearsed = errors.New("this is a rehearsal")

// put imports records in one transaction, and adds what it did to the summary.
func (m *mover) put(ctx context.Context, tasks ...*task) error {
	err := m.Store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		r := &run{Importer: m.Importer, commented: map[string]bool{}}
		known, err := m.references(ctx, c, tasks)
		if err != nil {
			return err
		}
		for _, t := range tasks {
			if err := m.putOne(ctx, c, r, known, t); err != nil {
				return err
			}
		}
		if m.DryRun {
			return errRehearsed
		}
		return r.finish(ctx, c)
	})
	if err != nil && !errors.Is(err, errRehearsed) {
		return err
	}
	for _, t := range tasks {
		m.report(t)
	}
	return nil
}

// report adds to the summary what became of a record.
func (m *mover) report(t *task) {
	where := m.where(t.record)
	list := func(reasons []string) (found []Rejection) {
		for _, reason := range reasons {
			found = append(found, Rejection{Name: where, Reason: reason})
		}
		return found
	}
	m.sum.Collisions.add(list(t.collisions)...)
	if t.skipped != "" {
		m.sum.skip(Rejection{Name: where, Reason: t.skipped})
		return
	}
	m.sum.count(kindOf(t.record), t.outcome, t.edited)
	if !t.edited {
		m.sum.Losses.add(list(append(append(t.record.Head().Lost, t.text.lost...), t.lost...))...)
	}
}

// references returns the rows of everything that the records refer to, and of themselves.
func (m *mover) references(ctx context.Context, c *ent.Client, tasks []*task) (map[string]*imported, error) {
	var keys []string
	for _, t := range tasks {
		for _, key := range referencesOf(t.record) {
			keys = append(keys, m.prefix+key)
		}
	}
	return lookUp(ctx, c, keys)
}

// referencesOf returns the keys that a record refers to.
func referencesOf(r record.Record) (keys []string) {
	add := func(list ...string) {
		for _, key := range list {
			if key != "" {
				keys = append(keys, key)
			}
		}
	}
	switch v := r.(type) {
	case *record.Category:
		add(v.Parent)
	case *record.Article:
		add(v.Category, v.Region, v.Publisher)
	case *record.Comment:
		add(v.Article, v.Parent, v.Quote)
	}
	return keys
}

// putOne imports one record and notes that it did.
func (m *mover) putOne(ctx context.Context, c *ent.Client, r *run, known map[string]*imported, t *task) (err error) {
	t.row, t.outcome, t.edited, t.skipped, t.lost, t.collisions = imported{source: t.key, read: t.read}, "", false, "", nil, nil
	w := &writer{mover: m, run: r, c: c, known: known, task: t}
	switch v := t.record.(type) {
	case *record.Category:
		err = w.category(ctx, v)
	case *record.Region:
		err = w.region(ctx, v)
	case *record.Publisher:
		err = w.publisher(ctx, v)
	case *record.Article:
		err = w.article(ctx, v)
	case *record.Comment:
		err = w.comment(ctx, v)
	default:
		err = fmt.Errorf("no importer writes a %T", v)
	}
	if err != nil || t.skipped != "" {
		return err
	}
	if t.row.facts == "" && t.old != nil {
		t.row.facts = t.old.facts
	}
	known[t.key] = &t.row
	return t.row.save(ctx, c)
}
