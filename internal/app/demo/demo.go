// Package demo fills an empty database with a demo portal: 青禾养老网, an industry-news
// portal for elderly care in the invented province 澜江省, with 200 articles, comments in
// every state and reports. All of it is written by us; places, people and companies do
// not exist. The result depends only on the time that it is built for.
package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/app/demo/picture"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// Empty reports whether the database has no content yet.
func Empty(ctx context.Context, s *store.Store) (bool, error) {
	ctx = viewer.AsSystem(ctx)
	for _, exist := range []func(context.Context) (bool, error){
		s.Client(ctx).Article.Query().Exist, s.Client(ctx).Category.Query().Exist, s.Client(ctx).Publisher.Query().Exist,
	} {
		if found, err := exist(ctx); found || err != nil {
			return false, err
		}
	}
	return true, nil
}

// A builder writes the portal inside one transaction.
type builder struct {
	now        instant.Instant
	client     *ent.Client
	random     *rand.Rand
	ids        *typeid.Source
	articles   *article.Service
	categories map[string]string // ids by slug
	regions    map[string]string // ids by slug
	publishers map[string]string // ids by key
	written    []writtenComment
	log        *changefeed.Log
	entries    []changefeed.Entry // to append to the log
}

// Fill writes the portal as of now, in one transaction, which is long work.
func Fill(ctx context.Context, s *store.Store, articles *article.Service, portal *site.Service, now instant.Instant) error {
	ctx = store.LongWork(viewer.AsSystem(ctx))
	list, err := readArticles()
	if err != nil {
		return fmt.Errorf("read the demo articles: %w", err)
	}
	defaults, err := portal.Get(ctx)
	if err != nil {
		return err
	}
	return s.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		seed := rand.NewChaCha8([32]byte([]byte("tonggao: the demo portal's seed.")))
		f := &builder{now: now, client: c, random: rand.New(seed), ids: typeid.NewSource(seed), articles: articles,
			categories: map[string]string{}, regions: map[string]string{}, publishers: map[string]string{}, log: changefeed.New(s)}
		if err := portal.Put(ctx, facts(defaults)); err != nil {
			return err
		}
		if err := f.structure(ctx); err != nil {
			return err
		}
		if err := f.appendChanges(ctx); err != nil {
			return err
		}
		var shown []*publishedArticle
		for _, m := range list {
			a, err := f.article(ctx, m)
			if err != nil {
				return fmt.Errorf("%s: %w", m.file, err)
			}
			if a != nil {
				shown = append(shown, a)
			}
		}
		if err := f.comments(ctx, shown); err != nil {
			return err
		}
		if err := f.reports(ctx, shown); err != nil {
			return err
		}
		return f.appendChanges(ctx)
	})
}

// record collects the change-log entry of a new row.
func (f *builder) record(e changefeed.Entry) { f.entries = append(f.entries, e) }

// appendChanges appends the collected entries to the change log. Articles append their
// own when they are written.
func (f *builder) appendChanges(ctx context.Context) error {
	entries := f.entries
	f.entries = nil
	return f.log.Append(ctx, f.client, entries...)
}

// oldest is the greatest age of an article.
const oldest = 490 * day

// opened returns the time at which regions, publishers and categories were created.
func (f *builder) opened() instant.Instant { return f.now.Add(-oldest - 10*day) }

// structure writes regions, publishers and categories.
func (f *builder) structure(ctx context.Context) error {
	at := f.opened()
	for i, r := range regions {
		id := f.ids.New(typeid.Region, at)
		f.regions[r.slug] = id
		row, err := f.client.Region.Create().SetID(id).SetSlug(r.slug).SetName(r.name).SetPosition(i).SetCreatedAt(at).SetUpdatedAt(at).Save(ctx)
		if err != nil {
			return err
		}
		f.record(changefeed.RegionEntry(changefeed.Created, row))
	}
	for _, p := range publishers {
		id := f.ids.New(typeid.Publisher, at)
		f.publishers[p.key] = id
		row, err := f.client.Publisher.Create().SetID(id).SetName(p.name).SetPublic(p.public).SetCreatedAt(at).SetUpdatedAt(at).Save(ctx)
		if err != nil {
			return err
		}
		f.record(changefeed.PublisherEntry(changefeed.Created, row))
	}
	return f.writeCategories(ctx, categoryTree, nil)
}

func (f *builder) writeCategories(ctx context.Context, list []categoryNode, parent *string) error {
	for i, s := range list {
		id := f.ids.New(typeid.Category, f.opened())
		f.categories[s.slug] = id
		row, err := f.client.Category.Create().SetID(id).SetSlug(s.slug).SetName(s.name).SetPosition(i).
			SetNillableParentID(parent).SetCreatedAt(f.opened()).SetUpdatedAt(f.opened()).Save(ctx)
		if err != nil {
			return err
		}
		f.record(changefeed.CategoryEntry(changefeed.Created, row, nil))
		if err := f.writeCategories(ctx, s.children, &id); err != nil {
			return err
		}
	}
	return nil
}

// cover returns the address of the picture of that name.
func cover(name string) string {
	if name == "" {
		return ""
	}
	return picture.Path(name)
}

func lines(file string) []string {
	text, _ := files.ReadFile(file) // embedded
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}
