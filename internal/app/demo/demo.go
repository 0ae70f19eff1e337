// Package demo fills an empty database with a portal to look at: 青禾养老网, an
// industry-news portal for elderly care in the invented province 澜江省, with 200
// articles, comments in every state and reports. All of it is written by us;
// places, people and companies do not exist. The same moment gives the same
// portal.
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

// Empty reports whether there is nothing yet in the database.
func Empty(ctx context.Context, s *store.Store) (bool, error) {
	ctx = viewer.AsSystem(ctx)
	for _, exist := range []func(context.Context) (bool, error){
		s.Client(ctx).Article.Query().Exist, s.Client(ctx).Category.Query().Exist, s.Client(ctx).Publisher.Query().Exist,
	} {
		if there, err := exist(ctx); there || err != nil {
			return false, err
		}
	}
	return true, nil
}

// filling is a portal on its way into the database.
type filling struct {
	now        instant.Instant
	client     *ent.Client
	random     *rand.Rand
	ids        *typeid.Source
	articles   *article.Service
	categories map[string]string // ids by slug
	regions    map[string]string // ids by slug
	publishers map[string]string // ids by key
	said       []said
	log        *changefeed.Log
	entries    []changefeed.Entry // not yet in the log
}

// Fill writes the portal as it looks at now, in one transaction.
func Fill(ctx context.Context, s *store.Store, articles *article.Service, portal *site.Service, now instant.Instant) error {
	ctx = viewer.AsSystem(ctx)
	list, err := manuscripts()
	if err != nil {
		return fmt.Errorf("read the demo articles: %w", err)
	}
	defaults, err := portal.Get(ctx)
	if err != nil {
		return err
	}
	return s.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		seed := rand.NewChaCha8([32]byte([]byte("tonggao: the demo portal's seed.")))
		f := &filling{now: now, client: c, random: rand.New(seed), ids: typeid.NewSource(seed), articles: articles,
			categories: map[string]string{}, regions: map[string]string{}, publishers: map[string]string{}, log: changefeed.New(s)}
		if err := portal.Put(ctx, facts(defaults)); err != nil {
			return err
		}
		if err := f.places(ctx); err != nil {
			return err
		}
		if err := f.tell(ctx); err != nil {
			return err
		}
		var shown []*shownArticle
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
		return f.tell(ctx)
	})
}

// notice keeps the entry of something new for the change log.
func (f *filling) notice(e changefeed.Entry) { f.entries = append(f.entries, e) }

// tell appends what was noticed to the change log; articles tell of themselves.
func (f *filling) tell(ctx context.Context) error {
	entries := f.entries
	f.entries = nil
	return f.log.Append(ctx, f.client, entries...)
}

// oldest is how old an article may be.
const oldest = 490 * day

// opened is when the portal began, as far as its rows tell.
func (f *filling) opened() instant.Instant { return f.now.Add(-oldest - 10*day) }

func (f *filling) places(ctx context.Context) error {
	at := f.opened()
	for i, r := range regions {
		id := f.ids.New(typeid.Region, at)
		f.regions[r.slug] = id
		row, err := f.client.Region.Create().SetID(id).SetSlug(r.slug).SetName(r.name).SetPosition(i).SetCreatedAt(at).SetUpdatedAt(at).Save(ctx)
		if err != nil {
			return err
		}
		f.notice(changefeed.RegionEntry(changefeed.Created, row))
	}
	for _, p := range publishers {
		id := f.ids.New(typeid.Publisher, at)
		f.publishers[p.key] = id
		row, err := f.client.Publisher.Create().SetID(id).SetName(p.name).SetPublic(p.public).SetCreatedAt(at).SetUpdatedAt(at).Save(ctx)
		if err != nil {
			return err
		}
		f.notice(changefeed.PublisherEntry(changefeed.Created, row))
	}
	return f.shelves(ctx, shelves, nil)
}

func (f *filling) shelves(ctx context.Context, list []shelf, parent *string) error {
	for i, s := range list {
		id := f.ids.New(typeid.Category, f.opened())
		f.categories[s.slug] = id
		row, err := f.client.Category.Create().SetID(id).SetSlug(s.slug).SetName(s.name).SetPosition(i).
			SetNillableParentID(parent).SetCreatedAt(f.opened()).SetUpdatedAt(f.opened()).Save(ctx)
		if err != nil {
			return err
		}
		f.notice(changefeed.CategoryEntry(changefeed.Created, row, nil))
		if err := f.shelves(ctx, s.below, &id); err != nil {
			return err
		}
	}
	return nil
}

// cover is the address of a drawn picture.
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
