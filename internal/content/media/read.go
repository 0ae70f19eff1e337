package media

import (
	"context"
	"fmt"
	"strings"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/picture"
	"github.com/tonggao/tonggao/ent/pictureuse"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/mediaurl"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Connection is a page of pictures.
type Connection = pagination.Connection[*ent.Picture]

// Edge is a picture in a list.
type Edge = pagination.Edge[*ent.Picture]

var newestFirst = pagination.Order{Name: "CREATED_DESC", Column: picture.FieldCreatedAt, Desc: true}

// rowsPath is how a selection reaches the rows of a connection.
var rowsPath = []string{"edges", "node"}

// List returns a page of the pictures that the viewer may see, newest first.
func (s *Service) List(ctx context.Context, r pagination.Request) (*Connection, error) {
	if err := policy.Require(ctx, policy.ListPictures); err != nil {
		return nil, err
	}
	w, err := s.store.Cursors.Window(r, "pictures", newestFirst)
	if err != nil {
		return nil, err
	}
	query := s.store.Client(ctx).Picture.Query
	rows, err := pagination.Rows(w, func() ([]*ent.Picture, error) {
		return query().CollectFields(ctx, rowsPath, w.Order.Column).Modify(w.Apply).All(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("list pictures: %w", err)
	}
	position := func(p *ent.Picture) pagination.Position {
		return pagination.Position{Value: int64(p.CreatedAt), ID: p.ID}
	}
	return pagination.Connect(w, rows, position, query().Count), nil
}

// ByIDs returns the pictures with these ids that the viewer may see.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]*ent.Picture, error) {
	rows, err := s.store.Client(ctx).Picture.Query().Where(picture.IDIn(ids...)).CollectFields(ctx, nil).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read pictures by id: %w", err)
	}
	return store.ByKey(rows, func(p *ent.Picture) string { return p.ID }), nil
}

// Details is what a client that has the address of a picture may know of it.
type Details struct {
	Width, Height int
	Alt           string
	Variants      []*Variant
}

// Variant is a smaller copy of a picture.
type Variant struct {
	URL           string
	Width, Height int
}

// DetailsOf returns the details of each address that is one of an uploaded picture, in one
// statement.
func (s *Service) DetailsOf(ctx context.Context, addresses []string) (map[string]Details, error) {
	hashes := make(map[string][]string)
	for _, src := range addresses {
		if hash := mediaurl.HashOf(src); hash != "" {
			hashes[hash] = append(hashes[hash], src)
		}
	}
	if len(hashes) == 0 {
		return nil, nil
	}
	names := make([]string, 0, len(hashes))
	for hash := range hashes {
		names = append(names, hash)
	}
	q := s.store.Client(ctx).Picture.Query().Where(picture.HashIn(names...))
	rows, err := q.All(viewer.AsSystem(ctx)) // a client that has the address sees the picture
	if err != nil {
		return nil, fmt.Errorf("read the details of pictures: %w", err)
	}
	found := make(map[string]Details, len(rows))
	for _, p := range rows {
		for _, src := range hashes[p.Hash] {
			found[src] = detailsAt(p, src)
		}
	}
	return found, nil
}

// detailsAt returns the details of the file of p at src; the addresses of its copies have
// the same host.
func detailsAt(p *ent.Picture, src string) Details {
	at := mediaurl.FileOf(src)
	src, _ = mediaurl.Canonical(src)
	before := strings.TrimSuffix(src, mediaurl.Path(at))
	s := Details{Alt: string(p.Alt)}
	for i, f := range p.Files {
		if name(p, f) == at {
			s.Width, s.Height = f.Width, f.Height
		}
		if i > 0 {
			s.Variants = append(s.Variants, &Variant{before + Path(p, f), f.Width, f.Height})
		}
	}
	return s
}

// Variants returns the smaller copies of p, the smallest first.
func Variants(p *ent.Picture, base string) []*Variant {
	return detailsAt(p, base+Path(p, p.Files[0])).Variants
}

// maxUses bounds the articles that UsedBy returns for a picture.
const maxUses = 100

// UsedBy returns the IDs of the articles that show the pictures with these hashes, the newest
// first, whether or not the viewer may see them.
func (s *Service) UsedBy(ctx context.Context, hashes []string) (map[string][]string, error) {
	rows, err := s.store.Client(ctx).PictureUse.Query().Where(pictureuse.HashIn(hashes...)).
		Order(ent.Desc(pictureuse.FieldArticleID)).All(viewer.AsSystem(ctx))
	if err != nil {
		return nil, fmt.Errorf("read which articles show pictures: %w", err)
	}
	used := make(map[string][]string)
	for _, row := range rows {
		if len(used[row.Hash]) < maxUses {
			used[row.Hash] = append(used[row.Hash], row.ArticleID)
		}
	}
	return used, nil
}

// Delete removes a picture for good. A picture that articles show is kept unless evenIfUsed:
// one that must disappear cannot wait until they are changed. The files are removed before
// the row, so that an interrupted delete can be repeated, and while the row is locked, so
// that no article that shows it is taken down in between.
func (s *Service) Delete(ctx context.Context, id string, evenIfUsed bool) error {
	if err := s.Allow(ctx); err != nil {
		return err
	}
	if !typeid.Is(typeid.Picture, id) {
		return errNotFound
	}
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		if err := s.store.LockRows(ctx, c, store.ForDelete, picture.Table, id); err != nil {
			return fmt.Errorf("read the picture to delete: %w", err)
		}
		p, err := c.Picture.Get(ctx, id)
		if ent.IsNotFound(err) {
			return errNotFound
		}
		if err != nil {
			return fmt.Errorf("read the picture to delete: %w", err)
		}
		if err := s.mayDelete(ctx, p, evenIfUsed); err != nil {
			return err
		}
		if err := s.files.Remove(ctx, names(p)); err != nil {
			return err
		}
		if err := c.Picture.DeleteOneID(id).Exec(ctx); err != nil {
			return fmt.Errorf("delete a picture: %w", err)
		}
		return s.audit.Append(ctx, c, audit.Entry{Action: "PICTURE_DELETE", Item: id, Detail: map[string]string{"hash": p.Hash}})
	})
}

// mayDelete returns an error if articles keep a picture.
func (s *Service) mayDelete(ctx context.Context, p *ent.Picture, evenIfUsed bool) error {
	takenDown, err := s.isUsed(ctx, p.Hash, down)
	if err != nil {
		return err
	}
	if takenDown {
		return errTakenDown
	}
	used, err := s.isUsed(ctx, p.Hash, func(*sql.Selector) {})
	if err == nil && used && !evenIfUsed {
		return errUsed
	}
	return err
}

// Withheld reports whether a file belongs to an article that is taken down, and to none
// that is public now.
func (s *Service) Withheld(ctx context.Context, name string) (bool, error) {
	hash, _, _ := strings.Cut(name, "/")
	takenDown, err := s.isUsed(ctx, hash, down)
	if err != nil || !takenDown {
		return false, err
	}
	public, err := s.isUsed(ctx, hash, policy.OfPublicArticle(pictureuse.FieldArticleID, s.store.Clock()))
	return !public, err
}

// down selects the uses by articles that are taken down. SQLite uses the partial index only
// for this comparison.
func down(q *sql.Selector) { q.Where(sql.ExprP(q.C(pictureuse.FieldDown) + " = TRUE")) }

// isUsed reports whether an article that meets the condition shows the picture with this hash.
func (s *Service) isUsed(ctx context.Context, hash string, condition predicate.PictureUse) (bool, error) {
	found, err := s.store.Client(ctx).PictureUse.Query().Where(pictureuse.Hash(hash), condition).Exist(viewer.AsSystem(ctx))
	if err != nil {
		return false, fmt.Errorf("read which articles show a picture: %w", err)
	}
	return found, nil
}

var errTakenDown = fault.New(fault.Conflict,
	"an article that is taken down shows this picture, so it is kept as it was; a moderator has to restore the article before anybody can delete it")

var errUsed = fault.New(fault.Conflict,
	"articles show this picture (usedBy lists them); take it out of them first, or delete it with evenIfUsed: true, which leaves a gap in them")

var errNotFound = fault.New(fault.NotFound, "there is no such picture, or it is not for you to see")
